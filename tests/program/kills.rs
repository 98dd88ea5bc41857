//! `kill -9` at any moment: the next sync goes on from the checkpoint, and the views equal the account.

use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Home, SLOW_LIBRARY, Simulator};
use super::truth::assert_equal;

async fn pages_of_an_undisturbed_sync() -> u64 {
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    simulator.requests().await
}

#[rstest]
#[case(1)]
#[case(4)]
#[case(9)]
#[case(14)]
#[case(17)]
#[case(25)]
#[tokio::test]
async fn a_killed_sync_goes_on_where_it_was(#[case] requests: u64) {
    let least = pages_of_an_undisturbed_sync().await;
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    kill_after(&home, &simulator, requests).await;
    let status: Value = serde_json::from_str(&home.run(&["status", "--json"]).await.stdout).unwrap();
    assert_eq!(status["engine"], "none");
    assert_eq!(status["run"]["status"], "interrupted");
    home.sync().await;
    assert_equal(&home, &simulator).await;
    // Again: who is it, the page in flight and the head of the list it belongs to; what had been read
    // to its end is looked at as any incremental run would (1 page of tracks, 3 of albums and artists,
    // 1 of playlists, the plays).
    let asked = simulator.requests().await;
    assert!(asked <= least + 3 + 1 + 3 + 3 + 1 + 1, "{asked} requests, {least} without the kill");
    let runs = home.query("select status from sync_runs order by id").await;
    assert_eq!(runs[0]["status"], "interrupted");
    assert_eq!(runs[1]["status"], "done");
}

async fn kill_after(home: &Home, simulator: &Simulator, requests: u64) {
    let mut child = home.command(&["sync"]).spawn().unwrap();
    simulator.wait_for_requests(requests).await;
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The list moves while nobody reads it: what came meanwhile is found on top, and the reading goes on at
/// the shifted place instead of from the start.
#[tokio::test]
async fn a_first_reading_that_was_cut_off_goes_on_although_tracks_were_saved_meanwhile() {
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    kill_after(&home, &simulator, 8).await;
    simulator.mutate(json!([{ "op": "save_tracks", "count": 33 }])).await;
    simulator.delete("/sim/requests").await;
    let ended = home.run(&["sync", "tracks"]).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    let tracks = simulator.get("/sim/truth").await["tracks"].clone();
    let stored = home.query("select uri, added_at from v_saved_tracks order by position").await;
    assert_eq!(Value::Array(stored), tracks);
    // Who is it, two pages of 20 from the top, and at most the five pages that were left of eleven.
    let asked = simulator.requests().await;
    assert!(asked <= 1 + 2 + 6, "{asked} requests");
}

#[rstest]
#[case(3)]
#[case(8)]
#[case(13)]
#[case(16)]
#[tokio::test]
async fn edits_between_a_kill_and_the_next_sync_end_in_equality(#[case] requests: u64) {
    let simulator = Simulator::start(&SLOW_LIBRARY);
    let home = Home::new(&simulator);
    kill_after(&home, &simulator, requests).await;
    simulator
        .mutate(json!([
            { "op": "remove_tracks", "count": 4 }, { "op": "save_tracks", "count": 2 },
            { "op": "remove_albums", "count": 2 }, { "op": "save_albums", "count": 1 },
            { "op": "unfollow_artists", "count": 1 }, { "op": "random", "ops": 10, "seed": requests },
        ]))
        .await;
    home.sync().await;
    home.sync().await;
    assert_equal(&home, &simulator).await;
}
