//! An account in which everything that Spotify is known to get wrong is wrong at once, and stays so.
//!
//! Whoever learns of another oddity adds it to [`make_odd`].

use serde_json::{Value, json};

use super::support::{Home, Simulator};
use super::truth::{assert_library_equal, assert_saved_equal};

const LIBRARY: [&str; 10] =
    ["--tracks", "430", "--albums", "120", "--artists", "105", "--playlists", "12", "--seed", "11"];

/// The most that a quiet hour may cost: a sync and two looks at the plays.
const REQUESTS: u64 = 60;

/// Everything at once, in an account that was read before.
async fn make_odd(simulator: &Simulator, home: &Home) {
    let truth = simulator.get("/sim/truth").await;
    for (path, list, place, offset) in [
        ("/v1/me/tracks", "tracks", 100, 27),
        ("/v1/me/albums", "albums", 60, 3),
        ("/v1/me/following", "artists", 50, 2),
    ] {
        let hidden = truth[list][place]["uri"].clone();
        simulator.fault(json!({ "match": path, "kind": "hidden_row", "uris": [hidden] })).await;
        simulator.fault(json!({ "match": path, "kind": "total_offset", "offset": offset })).await;
    }
    simulator.fault(json!({ "match": "/v1/me/playlists", "kind": "total_offset", "offset": 1 })).await;
    make_playlists_odd(simulator, home).await;
}

/// Of the own playlists one is not found, one is refused, one is listed with another length than it has, and one
/// has another version in each answer.
async fn make_playlists_odd(simulator: &Simulator, home: &Home) {
    let own = "select playlist_id as id from playlists where item_count > 3 \
               and owner_id = (select user_id from accounts) order by ord limit 4";
    let own: Vec<Value> = home.query(own).await.into_iter().map(|row| row["id"].clone()).collect();
    let path = |id: &Value| format!("/v1/playlists/{}", id.as_str().unwrap());
    simulator
        .fault(json!([
            { "match": path(&own[0]), "kind": "status", "status": 404 },
            { "match": path(&own[1]), "kind": "status", "status": 403 },
            { "match": "/v1/me/playlists", "kind": "lagging_count", "id": own[2], "total": 1 },
            { "match": "/v1/me/playlists", "kind": "restless_snapshot", "id": own[3] },
            { "match": path(&own[3]), "kind": "restless_snapshot", "id": own[3] },
        ]))
        .await;
    // Lists with a new version are asked for.
    simulator
        .mutate(json!([
            { "op": "edit_playlist", "id": own[0], "add": 1 }, { "op": "edit_playlist", "id": own[1], "add": 1 },
        ]))
        .await;
}

async fn slots(home: &Home) -> Vec<Value> {
    home.query(
        "select playlist_id, position, uri, added_at from v_playlist_items order by playlist_id, position",
    )
    .await
}

#[tokio::test]
async fn an_account_with_every_oddity_costs_little_and_loses_nothing() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let slots_before = slots(&home).await;
    make_odd(&simulator, &home).await;
    // The first sync finds out how the account is odd.
    home.run(&["sync"]).await;
    for _ in 0..3 {
        simulator.delete("/sim/requests").await;
        home.sync().await;
        home.run(&["sync", "plays"]).await;
        let requests = simulator.requests().await;
        assert!(
            requests <= REQUESTS,
            "{requests} requests in a quiet hour: {}",
            simulator.get("/sim/requests").await
        );
        assert_saved_equal(&home, &simulator.get("/sim/truth").await).await;
        assert_eq!(slots(&home).await, slots_before);
        println!("a quiet hour: {requests} requests");
    }
    let failed = home.query("select 1 as one from v_playlists where contents_state = 'failed'").await;
    assert_eq!(failed.len(), 2, "the list that is not found and the one that is refused");
    let removed = home.query("select * from v_library_changes where change = 'removed'").await;
    assert!(removed.is_empty(), "{removed:?}");
    what_a_person_does_is_found(&simulator, &home).await;

    simulator.delete("/sim/faults").await;
    home.execute("update playlists set contents_retry_at = '2020-01-01T00:00:00.000Z' where contents_retry_at is not null")
        .await;
    home.sync().await;
    assert_library_equal(&home, &simulator.get("/sim/truth").await).await;
}

/// What changes while everything is odd is found as ever. (Of a new artist nobody could say whether it stands above
/// or below the hidden one.)
async fn what_a_person_does_is_found(simulator: &Simulator, home: &Home) {
    simulator
        .mutate(json!([
            { "op": "save_tracks", "count": 5 }, { "op": "remove_tracks", "count": 2 },
            { "op": "save_albums", "count": 2 }, { "op": "remove_albums", "count": 1 },
            { "op": "unfollow_artists", "count": 1 },
        ]))
        .await;
    home.sync().await;
    assert_saved_equal(home, &simulator.get("/sim/truth").await).await;
}
