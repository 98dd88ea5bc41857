//! Within `sync.full_interval` everything is read again in full, spread over the days.

use serde_json::{Value, json};

use super::support::{Home, Simulator};
use super::truth::assert_equal;

const LIBRARY: [&str; 10] =
    ["--tracks", "260", "--albums", "20", "--artists", "20", "--playlists", "30", "--seed", "3"];
const ENTITIES: [&str; 6] = ["sync", "tracks", "albums", "artists", "playlists", "playlist_items"];
/// `/me`, and a page of each list.
const QUIET: u64 = 1 + 4;

async fn priced(home: &Home, simulator: &Simulator) -> u64 {
    simulator.delete("/sim/requests").await;
    let ended = home.run(&ENTITIES).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    simulator.requests().await
}

async fn mirrored() -> (Simulator, Home) {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    assert_eq!(home.run(&ENTITIES).await.status, 0);
    (simulator, home)
}

const AGED_TRACKS: &str =
    "update sync_state set read_whole_at = '2020-01-01T00:00:00.000Z' where entity_type = 'tracks'";
const AGED_LISTS: &str =
    "update playlists set contents_synced_at = '2020-01-01T00:00:00.000Z' where contents_state = 'complete'";

#[tokio::test]
async fn aged_tracks_are_walked_once_and_what_nobody_had_seen_is_mended() {
    let (simulator, home) = mirrored().await;
    assert_eq!(priced(&home, &simulator).await, QUIET, "nothing is due right after a first sync");
    home.execute(AGED_TRACKS).await;
    assert_eq!(priced(&home, &simulator).await, QUIET - 1 + 6, "260 tracks are 6 pages");
    assert_eq!(home.query("select * from v_library_changes").await, Vec::<Value>::new());
    assert_eq!(priced(&home, &simulator).await, QUIET);

    // Two tracks that stand in each other's place: no arithmetic shows it.
    home.execute(
        "update saved_tracks set (track_id, added_at) =
             (select o.track_id, o.added_at from saved_tracks o
              where o.ord = (select min(ord) from saved_tracks) + 350 - (saved_tracks.ord - (select min(ord) from saved_tracks)))
         where ord - (select min(ord) from saved_tracks) in (150, 200)",
    )
    .await;
    priced(&home, &simulator).await;
    home.execute(AGED_TRACKS).await;
    priced(&home, &simulator).await;
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn aged_contents_are_read_a_few_lists_at_a_time_the_longest_ago_first() {
    let (simulator, home) = mirrored().await;
    home.execute(AGED_LISTS).await;
    let fresh = "select playlist_id from playlists
                 where contents_state = 'complete' and item_count > 0 and contents_synced_at > '2021'";
    let complete = home.query("select * from playlists where contents_state = 'complete'").await.len();
    let mut before = home.query(fresh).await.len();
    assert_eq!(before, 0);
    for _ in 0..complete {
        priced(&home, &simulator).await;
        let now = home.query(fresh).await.len();
        assert!(now <= before + 1, "{now} after {before}");
        before = now;
    }
    let old = "select * from playlists where contents_state = 'complete' and contents_synced_at < '2021'";
    assert_eq!(home.query(old).await, Vec::<Value>::new());
    assert_eq!(home.query("select * from v_library_changes").await, Vec::<Value>::new());
    assert_eq!(priced(&home, &simulator).await, QUIET, "all are read, and nothing is due");
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn aged_contents_wait_for_the_budget_of_another_day() {
    let (simulator, home) = mirrored().await;
    home.execute(AGED_LISTS).await;
    home.configure("[gate]\nrequests_per_second = 0\ndaily_budget = 1\n");
    assert_eq!(priced(&home, &simulator).await, QUIET);
}

#[tokio::test]
async fn a_full_resync_resets_the_ages() {
    let (simulator, home) = mirrored().await;
    home.execute(AGED_TRACKS).await;
    home.execute(AGED_LISTS).await;
    assert_eq!(home.run(&["sync", "--full"]).await.status, 0);
    assert_eq!(priced(&home, &simulator).await, QUIET);
}

/// An aged walk that is cut off goes on, and the brake stops it as any other.
#[tokio::test]
async fn an_aged_walk_is_taken_up_again_and_braked_like_any_other() {
    let (simulator, home) = mirrored().await;
    home.execute(AGED_TRACKS).await;
    simulator.delete("/sim/requests").await;
    let fault = json!({ "match": "/v1/me/tracks?offset=150", "kind": "status", "status": 429,
                        "retry_after": 600, "count": 1 });
    simulator.fault(fault).await;
    assert_eq!(home.run(&["sync", "tracks"]).await.status, 4);
    let mut asked = simulator.requests().await;
    assert_eq!(asked, 1 + 4);
    home.execute("delete from holds").await;
    assert_eq!(home.run(&["sync", "tracks"]).await.status, 0);
    asked = simulator.requests().await - asked;
    assert_eq!(asked, 1 + 1 + 3, "/me, the head of the list, and the three pages that were left");

    simulator.mutate(json!({ "op": "remove_tracks", "count": 60 })).await;
    home.execute(AGED_TRACKS).await;
    assert_eq!(home.run(&["sync", "tracks"]).await.status, 5);
    assert_eq!(home.query("select * from v_saved_tracks").await.len(), 260, "everything is kept and shown");
    let allowed = home.run(&["sync", "tracks", "--allow-removals"]).await;
    assert_eq!(allowed.status, 0, "{allowed:?}");
    assert_equal(&home, &simulator).await;
}
