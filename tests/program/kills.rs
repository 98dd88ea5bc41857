//! `kill -9` at any moment: the next sync goes on from the checkpoint, and the views equal the account.

use rstest::rstest;

use super::support::{Home, Simulator};
use super::truth::assert_equal;

const LIBRARY: [&str; 12] = [
    "--tracks",
    "520",
    "--albums",
    "110",
    "--artists",
    "105",
    "--playlists",
    "20",
    "--plays",
    "5",
    "--latency-ms",
    "15",
];

async fn pages_of_an_undisturbed_sync() -> u64 {
    let simulator = Simulator::start(&LIBRARY);
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
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut child = home.command(&["sync"]).spawn().unwrap();
    simulator.wait_for_requests(requests).await;
    child.kill().unwrap();
    child.wait().unwrap();
    home.sync().await;
    assert_equal(&home, &simulator).await;
    // Again: who is it, the page in flight and the head of the list it belongs to; what had been read
    // to its end is looked at as any incremental run would (1 page of tracks, 3 of albums and artists,
    // 1 of playlists, the plays).
    let asked = simulator.requests().await;
    assert!(
        asked <= least + 3 + 1 + 3 + 3 + 1 + 1,
        "{asked} requests, {least} without the kill"
    );
    let runs = home.query("select status from sync_runs order by id").await;
    assert_eq!(runs[0]["status"], "interrupted");
    assert_eq!(runs[1]["status"], "done");
}
