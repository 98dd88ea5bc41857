//! Contents of playlists whose answers contradict each other, are refused, or cannot be read at one place: nothing
//! is taken away on one answer's word, nothing stays hidden, and few requests are spent.

use serde_json::{Value, json};

use super::support::{Ended, Home, Simulator};
use super::truth::assert_equal;

const LIBRARY: [&str; 12] =
    ["--tracks", "60", "--albums", "5", "--artists", "5", "--playlists", "12", "--plays", "5", "--seed", "3"];

fn start() -> (Simulator, Home) {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    (simulator, home)
}

async fn lists(home: &Home) -> Ended {
    home.run(&["sync", "playlists", "playlist_items"]).await
}

/// Runs a sync of the lists that is to end with this status.
async fn sync_lists(home: &Home, status: i32) -> String {
    let ended = lists(home).await;
    assert_eq!(ended.status, status, "{ended:?}");
    ended.stdout
}

/// The longest list of the account's own, and its slots.
async fn longest_own(home: &Home) -> (String, u64) {
    let sql = "select p.playlist_id as id, count(*) as slots from playlists p
               join playlist_items i on i.playlist_id = p.playlist_id
               where owner_id = (select user_id from accounts) group by 1 order by 2 desc limit 1";
    let row = home.query(sql).await.remove(0);
    (row["id"].as_str().unwrap().to_owned(), row["slots"].as_u64().unwrap())
}

async fn slots(home: &Home) -> Value {
    home.query("select count(*) as n from playlist_items").await.remove(0)["n"].clone()
}

/// How many lists stand how.
async fn states(home: &Home) -> Vec<String> {
    let sql =
        "select contents_state || ' ' || count(*) as s from v_playlists group by contents_state order by 1";
    home.query(sql).await.iter().map(|row| row["s"].as_str().unwrap().to_owned()).collect()
}

async fn complete(home: &Home) -> bool {
    states(home).await.iter().all(|state| state.starts_with("complete") || state.starts_with("hidden"))
}

/// Lets what waits for another day be due.
async fn a_day_later(home: &Home) {
    home.execute("update playlists set contents_retry_at = '2020-01-01T00:00:00.000Z' where contents_retry_at is not null")
        .await;
}

#[tokio::test]
async fn a_listing_that_says_nothing_is_there_empties_no_list() {
    let (simulator, home) = start();
    sync_lists(&home, 0).await;
    let before = slots(&home).await;
    simulator.fault(json!({ "match": "/v1/me/playlists", "kind": "lagging_count", "total": 0 })).await;
    simulator.mutate(json!({ "op": "edit_playlist", "count": 3, "name": "renamed" })).await;
    let told = sync_lists(&home, 0).await;
    assert!(told.contains("Spotify lists it with 0 items and shows"), "{told}");
    assert_eq!(slots(&home).await, before);
    assert!(states(&home).await.iter().any(|state| state.starts_with("failed")), "{:?}", states(&home).await);
    // What a later run finds as well is learnt, and costs nothing from then on.
    sync_lists(&home, 0).await;
    assert_eq!((slots(&home).await, complete(&home).await), (before.clone(), true));
    simulator.delete("/sim/requests").await;
    sync_lists(&home, 0).await;
    assert_eq!(simulator.requests().await, 2, "/me and the listing");
    simulator.delete("/sim/faults").await;
    sync_lists(&home, 0).await;
    assert_eq!((slots(&home).await, complete(&home).await), (before, true));
    assert_eq!(
        home.query("select * from v_library_changes where entity_type = 'playlist_items'").await.len(),
        0
    );
    assert_equal_lists(&home, &simulator).await;
}

async fn assert_equal_lists(home: &Home, simulator: &Simulator) {
    home.sync().await;
    assert_equal(home, simulator).await;
}

#[tokio::test]
async fn contents_that_contradict_the_listing_are_kept_until_both_agree() {
    let (simulator, home) = start();
    sync_lists(&home, 0).await;
    let ((id, _), before) = (longest_own(&home).await, slots(&home).await);
    let items = format!("/v1/playlists/{id}/items");
    let nothing = json!({ "items": [], "offset": 0, "limit": 50, "total": 0, "next": null });
    simulator.fault(json!({ "match": items, "kind": "body", "body": nothing })).await;
    simulator.mutate(json!({ "op": "edit_playlist", "id": id, "add": 1 })).await;
    for _ in 0..3 {
        sync_lists(&home, 0).await;
        assert_eq!(slots(&home).await, before, "no number of empty answers empties what is listed");
    }
    simulator.delete("/sim/faults").await;
    sync_lists(&home, 0).await;
    assert_equal_lists(&home, &simulator).await;
}

#[tokio::test]
async fn many_slots_that_go_at_once_wait_for_a_person() {
    let (simulator, home) = start();
    home.sync().await;
    let ((id, slots_of_it), before) = (longest_own(&home).await, slots(&home).await);
    assert!(slots_of_it > 60, "{slots_of_it}");
    // Each alone would pass.
    simulator.mutate(json!({ "op": "edit_playlist", "id": id, "remove": 24 })).await;
    sync_lists(&home, 0).await;
    simulator.mutate(json!({ "op": "edit_playlist", "count": 30, "remove": 12 })).await;
    let after_some = slots(&home).await;
    assert_ne!(after_some, before);
    let told = sync_lists(&home, 5).await;
    assert!(told.contains("they are kept until you run"), "{told}");
    assert_eq!(slots(&home).await, after_some, "everything is kept, what came first in the run, too");
    let state = home
        .query(
            "select state, braked_removals > 25 as many from sync_state where entity_type = 'playlist_items'",
        )
        .await;
    assert_eq!(state, [json!({ "state": "braked", "many": 1 })]);
    sync_lists(&home, 5).await;
    let allowed = home.run(&["sync", "playlists", "playlist_items", "--allow-removals"]).await;
    assert_eq!(allowed.status, 0, "{allowed:?}");
    assert_equal_lists(&home, &simulator).await;
}

#[tokio::test]
async fn a_lapse_of_the_app_hides_nothing_and_is_one_alert() {
    let (simulator, home) = start();
    home.sync().await;
    let stood = states(&home).await;
    let lapse = json!({ "match": "/v1/playlists/", "kind": "plain_text", "status": 403 });
    simulator.fault(lapse).await;
    simulator.mutate(json!({ "op": "edit_playlist", "count": 4, "add": 2 })).await;
    simulator.delete("/sim/requests").await;
    for _ in 0..2 {
        let told = sync_lists(&home, 1).await;
        assert!(told.contains("Spotify refuses this app (Active premium subscription required"), "{told}");
    }
    assert_eq!(simulator.requests().await, 2 * 3, "/me, the listing, and one list");
    let hidden = |states: &[String]| {
        states
            .iter()
            .filter(|state| !state.starts_with("complete") && !state.starts_with("pending"))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(hidden(&states(&home).await), hidden(&stood));
    let alerts = "select kind, count(*) as n from alerts group by kind";
    assert_eq!(home.query(alerts).await, [json!({ "kind": "app_refused", "n": 1 })]);
    simulator.delete("/sim/faults").await;
    home.sync().await;
    assert_equal(&home, &simulator).await;
    let standing = "select * from alerts where cleared_at is null";
    assert_eq!(home.query(standing).await.len(), 0);
}

#[tokio::test]
async fn several_refusals_in_a_row_are_the_apps_and_a_single_one_is_its_lists() {
    let (simulator, home) = start();
    home.sync().await;
    simulator.fault(json!({ "match": "/v1/playlists/", "kind": "status", "status": 403 })).await;
    simulator.mutate(json!({ "op": "edit_playlist", "count": 6, "add": 2 })).await;
    simulator.delete("/sim/requests").await;
    sync_lists(&home, 1).await;
    assert_eq!(simulator.requests().await, 2 + 3);
    assert!(
        !states(&home).await.iter().any(|state| state.starts_with("failed")),
        "{:?}",
        states(&home).await
    );
    simulator.delete("/sim/faults").await;
    home.sync().await;
    assert_equal(&home, &simulator).await;

    let (id, _) = longest_own(&home).await;
    let items = format!("/v1/playlists/{id}/");
    simulator.fault(json!({ "match": items, "kind": "status", "status": 403 })).await;
    let asked = async || {
        simulator.delete("/sim/requests").await;
        sync_lists(&home, 0).await;
        simulator.requests().await - 2
    };
    simulator.mutate(json!({ "op": "edit_playlist", "id": id, "add": 1 })).await;
    assert_eq!(asked().await, 1);
    assert_eq!(states(&home).await.iter().filter(|state| *state == "failed 1").count(), 1);
    assert_eq!(asked().await, 0, "not before tomorrow");
    simulator.mutate(json!({ "op": "edit_playlist", "id": id, "add": 1 })).await;
    assert_eq!(asked().await, 1, "a new version is asked for at once");
    a_day_later(&home).await;
    assert_eq!(asked().await, 1);
    simulator.delete("/sim/faults").await;
    assert_eq!(asked().await, 0);
    assert_eq!(home.run(&["sync", "--full"]).await.status, 0);
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn a_list_that_is_listed_and_not_found_is_a_matter_of_that_list() {
    let (simulator, home) = start();
    let own = "select playlist_id as id from playlists where owner_id = (select user_id from accounts) and item_count > 0 limit 1";
    assert_eq!(home.run(&["sync", "playlists"]).await.status, 0);
    let id = home.query(own).await[0]["id"].as_str().unwrap().to_owned();
    simulator.fault(json!({ "match": format!("/v1/playlists/{id}"), "kind": "status", "status": 404 })).await;
    let told = sync_lists(&home, 0).await;
    assert!(told.contains("Spotify lists it but does not find it"), "{told}");
    let state = "select mode, is_initial_complete, last_synced_at is not null as synced from sync_state where entity_type = 'playlist_items'";
    assert_eq!(
        home.query(state).await,
        [json!({ "mode": "incremental", "is_initial_complete": 1, "synced": 1 })]
    );
    simulator.delete("/sim/requests").await;
    sync_lists(&home, 0).await;
    assert_eq!(simulator.requests().await, 2, "not before tomorrow");
    simulator.delete("/sim/faults").await;
    a_day_later(&home).await;
    sync_lists(&home, 0).await;
    assert_equal_lists(&home, &simulator).await;
}

#[tokio::test]
async fn an_answer_without_rows_is_no_refusal() {
    let (simulator, home) = start();
    home.sync().await;
    let (id, _) = longest_own(&home).await;
    for body in [json!({}), json!([])] {
        simulator.fault(json!({ "match": format!("/v1/playlists/{id}/items"), "kind": "body", "body": body, "count": 1 })).await;
        simulator.mutate(json!({ "op": "edit_playlist", "id": id, "add": 1 })).await;
        sync_lists(&home, 1).await;
        sync_lists(&home, 0).await;
        assert_equal_lists(&home, &simulator).await;
    }
}

#[tokio::test]
async fn a_database_whose_own_lists_were_hidden_is_healed() {
    let (simulator, home) = start();
    home.sync().await;
    home.execute("update playlists set contents_state = 'hidden' where owner_id = (select user_id from accounts) or collaborative").await;
    simulator.mutate(json!({ "op": "edit_playlist", "count": 3, "add": 2 })).await;
    home.sync().await;
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn a_version_that_is_another_in_every_answer_costs_the_pages_of_its_list() {
    let (simulator, home) = start();
    sync_lists(&home, 0).await;
    let (id, _) = longest_own(&home).await;
    // One slot twice, in a list of several pages.
    let twice = home.query("select i.uri as uri from playlist_items i join playlists p using (playlist_id) where kind = 'track' and owner_id = (select user_id from accounts) order by contents_count desc, i.ord limit 1").await[0]["uri"].clone();
    simulator.mutate(json!({ "op": "edit_playlist", "id": id, "add": [twice, twice] })).await;
    let restless = json!({ "kind": "restless_snapshot", "id": id });
    for path in ["/v1/me/playlists", "/v1/playlists/"] {
        let mut fault = restless.clone();
        fault["match"] = json!(path);
        simulator.fault(fault).await;
    }
    sync_lists(&home, 0).await;
    assert!(complete(&home).await, "{:?}", states(&home).await);
    let (_, slots) = longest_own(&home).await;
    simulator.delete("/sim/requests").await;
    sync_lists(&home, 0).await;
    assert_eq!(simulator.requests().await, 2 + slots.div_ceil(50));
    simulator.delete("/sim/faults").await;
    assert_equal_lists(&home, &simulator).await;
}

#[tokio::test]
async fn a_version_that_lags_behind_its_contents_ends_in_equality() {
    let (simulator, home) = start();
    home.sync().await;
    let (id, _) = longest_own(&home).await;
    simulator.fault(json!({ "match": "/v1/me/playlists", "kind": "lagging_snapshot" })).await;
    sync_lists(&home, 0).await;
    simulator.mutate(json!({ "op": "edit_playlist", "id": id, "add": 3, "remove": 1, "move": 2 })).await;
    sync_lists(&home, 0).await;
    simulator.delete("/sim/faults").await;
    assert_equal_lists(&home, &simulator).await;
}

#[tokio::test]
async fn owners_that_are_null_for_an_hour_change_nothing() {
    let (simulator, home) = start();
    home.sync().await;
    let owners = "select playlist_id, owner_id, owner_name from playlists order by playlist_id";
    let before = (states(&home).await, home.query(owners).await);
    assert!(before.1.iter().all(|list| list["owner_id"] != ""), "{before:?}");
    simulator.fault(json!({ "match": "/v1/me/playlists", "kind": "null_owner" })).await;
    simulator.mutate(json!({ "op": "edit_playlist", "count": 2, "add": 3 })).await;
    home.sync().await;
    assert_eq!((states(&home).await, home.query(owners).await), before);
    assert_equal(&home, &simulator).await;
    simulator.delete("/sim/faults").await;
    home.sync().await;
    assert_equal(&home, &simulator).await;
    let told = "select * from v_library_changes where entity_type = 'playlists' and change = 'changed'";
    assert_eq!(home.query(told).await.len(), 0);
}

#[tokio::test]
async fn a_place_that_cannot_be_read_hides_no_other_and_is_asked_for_again() {
    let (simulator, home) = start();
    home.sync().await;
    let ((id, _), before) = (longest_own(&home).await, slots(&home).await.as_u64().unwrap());
    let bad = json!({ "match": format!("/v1/playlists/{id}/items"), "kind": "bad_place", "place": 33 });
    simulator.fault(bad).await;
    simulator.mutate(json!({ "op": "edit_playlist", "id": id, "add": 2 })).await;
    sync_lists(&home, 0).await;
    assert_eq!(slots(&home).await, before + 2, "what stood there is kept");
    let changes = "select change from v_library_changes where entity_type = 'playlist_items'";
    assert_eq!(home.query(changes).await, [json!({ "change": "added" }), json!({ "change": "added" })]);
    simulator.delete("/sim/requests").await;
    simulator.mutate(json!({ "op": "edit_playlist", "id": id, "add": 1 })).await;
    sync_lists(&home, 0).await;
    let asked = simulator.requests().await;
    assert!(asked <= 12, "{asked} requests where the place is known");
    simulator.delete("/sim/faults").await;
    a_day_later(&home).await;
    sync_lists(&home, 0).await;
    assert_eq!(home.query("select * from unreadable_places").await.len(), 0);
    assert_equal_lists(&home, &simulator).await;
}

#[tokio::test]
async fn contents_without_an_end_are_given_up() {
    let (simulator, home) = start();
    home.sync().await;
    let (id, _) = longest_own(&home).await;
    let row = json!({ "added_at": null, "added_by": null, "is_local": false, "item": null, "track": null });
    let page = json!({ "items": [row], "limit": 50, "total": 1_000_000, "next": "more" });
    simulator
        .fault(json!({ "match": format!("/v1/playlists/{id}/items"), "kind": "body", "body": page }))
        .await;
    simulator.mutate(json!({ "op": "edit_playlist", "id": id, "add": 1 })).await;
    let before = slots(&home).await;
    sync_lists(&home, 1).await;
    assert_eq!(slots(&home).await, before);
    let asked = simulator.requests().await;
    assert!(asked < 600, "{asked} requests");
    let mut elsewhere = page;
    elsewhere["offset"] = json!(0);
    simulator.delete("/sim/faults").await;
    simulator.fault(json!({ "match": format!("/v1/playlists/{id}/items?offset=50"), "kind": "body", "body": elsewhere })).await;
    sync_lists(&home, 1).await;
    assert_eq!(slots(&home).await, before);
    simulator.delete("/sim/faults").await;
    assert_equal_lists(&home, &simulator).await;
}
