//! After a quiet sync the views equal the account: ids, order, positions, times.

use rstest::rstest;
use serde_json::{Value, json};

use super::database::Reader;
use super::shared_truth::{self, assert_same};
use super::support::{Home, Simulator};

/// Compares the views of the library with the account.
pub async fn assert_library_equal(home: &Home, truth: &Value) {
    let mut database = Reader::open(&home.database()).await;
    shared_truth::assert_library_equal(&mut database, truth).await;
    database.close().await;
}

/// Compares the saved tracks, the saved albums and the followed artists with the account.
pub async fn assert_saved_equal(home: &Home, truth: &Value) {
    let mut database = Reader::open(&home.database()).await;
    shared_truth::assert_saved_equal(&mut database, truth).await;
    database.close().await;
}

/// Compares every view with the account.
pub async fn assert_equal(home: &Home, simulator: &Simulator) {
    let truth = simulator.get("/sim/truth").await;
    assert_library_equal(home, &truth).await;
    let plays = home.query("select uri, played_at from v_plays order by played_at desc limit 50").await;
    let listed: Vec<Value> = truth["plays"].as_array().unwrap().iter().take(50).cloned().collect();
    assert_same("plays", &Value::Array(listed), &plays);
}

const LIBRARY: [&str; 12] = [
    "--tracks",
    "430",
    "--albums",
    "120",
    "--artists",
    "105",
    "--playlists",
    "30",
    "--plays",
    "60",
    "--seed",
    "11",
];

#[rstest]
#[case("legacy")]
#[case("dual")]
#[case("2026")]
#[tokio::test]
async fn a_sync_mirrors_the_account(#[case] shape: &str) {
    let simulator = Simulator::start(&[&LIBRARY[..], &["--shape", shape]].concat());
    let home = Home::new(&simulator);
    home.sync().await;
    assert_equal(&home, &simulator).await;
    assert_eq!(simulator.early().await, 0);
}

#[rstest]
#[case("legacy")]
#[case("2026")]
#[tokio::test]
async fn edits_are_found_and_written_into_the_journal(#[case] shape: &str) {
    let simulator = Simulator::start(&[&LIBRARY[..], &["--shape", shape]].concat());
    let home = Home::new(&simulator);
    home.sync().await;
    assert_eq!(
        home.query("select * from v_library_changes").await,
        Vec::<Value>::new(),
        "the first reading is the baseline"
    );
    simulator
        .mutate(json!([
            { "op": "save_tracks", "count": 27 }, { "op": "remove_tracks", "count": 3 },
            { "op": "save_albums", "count": 2 }, { "op": "remove_albums", "count": 1 },
            { "op": "follow_artists", "count": 2 }, { "op": "unfollow_artists", "count": 1 },
            { "op": "create_playlists", "count": 1 }, { "op": "delete_playlists", "count": 1 },
            { "op": "play", "count": 3 },
        ]))
        .await;
    home.sync().await;
    assert_equal(&home, &simulator).await;
    let counts = home
        .query("select entity_type, change, count(*) as n from v_library_changes where entity_type in ('tracks', 'albums', 'artists') group by 1, 2 order by 1, 2")
        .await;
    let expected = [
        ("albums", "added", 2),
        ("albums", "removed", 1),
        ("artists", "added", 2),
        ("artists", "removed", 1),
        ("tracks", "added", 27),
        ("tracks", "removed", 3),
    ];
    let expected: Vec<Value> = expected
        .iter()
        .map(|(entity, change, n)| json!({ "entity_type": entity, "change": change, "n": n }))
        .collect();
    assert_eq!(counts, expected);
}

#[tokio::test]
async fn many_random_edits_end_in_equality() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    for seed in 1..=4 {
        simulator.mutate(json!([{ "op": "random", "ops": 25, "seed": seed }])).await;
        home.sync().await;
        assert_equal(&home, &simulator).await;
    }
}

#[tokio::test]
async fn a_full_resync_of_an_unchanged_library_leaves_the_journal_untouched() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let ended = home.run(&["sync", "--full"]).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    assert_equal(&home, &simulator).await;
    assert_eq!(home.query("select * from v_library_changes").await, Vec::<Value>::new());
}

#[tokio::test]
async fn an_unchanged_library_costs_one_page_per_short_list_and_one_of_tracks() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    simulator.delete("/sim/requests").await;
    home.sync().await;
    // /me, one page of tracks, 3 of albums, 3 of artists, 1 of playlists, the plays.
    assert_eq!(simulator.requests().await, 1 + 1 + 3 + 3 + 1 + 1);
}

#[tokio::test]
async fn an_empty_answer_removes_nothing() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    simulator.fault(json!({ "match": "/v1/me/", "kind": "empty_page" })).await;
    let ended = home.run(&["sync"]).await;
    assert_eq!(ended.status, 5, "{ended:?}");
    simulator.delete("/sim/faults").await;
    assert_equal(&home, &simulator).await;
    home.sync().await;
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn an_empty_answer_in_the_middle_of_a_first_reading_costs_nothing() {
    let simulator = Simulator::start(&LIBRARY);
    for path in ["/v1/me/tracks", "/v1/me/albums", "/v1/me/playlists", "/v1/me/following"] {
        simulator.fault(json!({ "match": path, "kind": "empty_page", "after": 1, "count": 1 })).await;
    }
    let home = Home::new(&simulator);
    home.sync().await;
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn pages_that_contradict_the_head_end_in_an_error_and_not_in_a_loop() {
    let simulator = Simulator::start(&LIBRARY);
    simulator.fault(json!({ "match": "/v1/me/tracks?offset=100", "kind": "empty_page" })).await;
    let home = Home::new(&simulator);
    let ended = home.run(&["sync", "tracks"]).await;
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.stderr.contains("two different lengths"), "{ended:?}");
    simulator.delete("/sim/faults").await;
    home.sync().await;
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn the_brake_holds_mass_removals_until_a_person_allows_them() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    simulator.mutate(json!([{ "op": "remove_tracks", "count": 60 }])).await;
    assert_eq!(home.run(&["sync", "tracks"]).await.status, 5);
    assert_eq!(home.query("select * from v_saved_tracks").await.len(), 430, "everything is kept and shown");
    assert_eq!(home.run(&["sync", "tracks", "--allow-removals"]).await.status, 0);
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn a_row_that_is_null_in_one_answer_is_asked_for_again() {
    let simulator = Simulator::start(&LIBRARY);
    simulator.fault(json!({ "match": "/v1/me/tracks", "kind": "null_row", "after": 2, "count": 1 })).await;
    let home = Home::new(&simulator);
    home.sync().await;
    assert_equal(&home, &simulator).await;
}

/// The price of a quiet incremental run and of what was removed, in requests, on a large library.
#[tokio::test]
async fn a_removal_is_found_for_a_handful_of_requests() {
    let simulator = Simulator::start(&[
        "--tracks",
        "10000",
        "--albums",
        "500",
        "--artists",
        "400",
        "--playlists",
        "200",
        "--seed",
        "5",
    ]);
    let home = Home::new(&simulator);
    let entities = ["tracks", "albums", "artists", "playlists", "playlist_items"];
    let sync = [&["sync"][..], &entities].concat();
    assert_eq!(home.run(&sync).await.status, 0);

    let priced = async || {
        simulator.delete("/sim/requests").await;
        assert_eq!(home.run(&sync).await.status, 0);
        simulator.requests().await
    };
    let quiet = priced().await;
    assert!(quiet <= 24, "{quiet} requests, and nothing had changed");

    simulator.mutate(json!({ "op": "remove_tracks", "count": 1 })).await;
    let one = priced().await;
    assert!(one <= quiet + 12, "{one} requests for one removal");

    let ten = json!([{ "op": "remove_tracks", "count": 10 }, { "op": "save_tracks", "count": 5 }]);
    simulator.mutate(ten).await;
    let ten = priced().await;
    assert!(ten <= quiet + 60, "{ten} requests for ten removals and five additions");
    println!("quiet: {quiet}, one removal: {one}, ten removals and five additions: {ten}");
    assert_equal(&home, &simulator).await;
}

/// The library moves while it is read, at a place that the test does not choose: whatever the running
/// sync made of it, the quiet one after it ends in equality, and nothing that stayed was called removed.
#[rstest]
#[case(false, 3)]
#[case(false, 7)]
#[case(false, 12)]
#[case(true, 4)]
#[case(true, 9)]
#[case(true, 14)]
#[tokio::test]
async fn edits_under_a_running_sync_end_in_equality(#[case] full: bool, #[case] requests: u64) {
    let simulator = Simulator::start(&[&LIBRARY[..], &["--latency-ms", "20"]].concat());
    let home = Home::new(&simulator);
    if full {
        home.sync().await;
        simulator.delete("/sim/requests").await;
    }
    let mut running = home.command(if full { &["sync", "--full"] } else { &["sync"] }).spawn().unwrap();
    for part in 0..4 {
        simulator.wait_for_requests(requests + part * 6).await;
        simulator
            .mutate(json!([
                { "op": "save_tracks", "count": 2 }, { "op": "remove_tracks", "count": 1 },
                { "op": "save_albums", "count": 1 }, { "op": "remove_albums", "count": 1 },
                { "op": "follow_artists", "count": 1 }, { "op": "unfollow_artists", "count": 1 },
                { "op": "edit_playlist", "add": 1, "remove": 1 },
            ]))
            .await;
    }
    running.wait().unwrap();
    home.sync().await;
    home.sync().await;
    assert_equal(&home, &simulator).await;
    let wrongly = home
        .query(
            "select j.uri from v_library_changes j where j.change = 'removed'
               and j.uri in (select uri from v_saved_tracks union select uri from v_saved_albums
                             union select uri from v_followed_artists)
               and j.entity_type in ('tracks', 'albums', 'artists')",
        )
        .await;
    assert_eq!(wrongly, Vec::<Value>::new(), "what stayed was never marked removed");
}
