//! An account in which everything that Spotify is known to get wrong is wrong at once, and stays so.
//!
//! Whoever learns of another oddity adds it to [`make_odd`].

use serde_json::json;

use super::support::{Home, Simulator};
use super::truth::assert_library_equal;

const LIBRARY: [&str; 10] =
    ["--tracks", "430", "--albums", "120", "--artists", "105", "--playlists", "12", "--seed", "11"];

/// The most that a quiet hour may cost: a sync and two looks at the plays.
const REQUESTS: u64 = 60;

/// Everything at once, in an account that was read before.
async fn make_odd(simulator: &Simulator) {
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
}

#[tokio::test]
async fn an_account_with_every_oddity_costs_little_and_loses_nothing() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    make_odd(&simulator).await;
    // The first sync finds out how the account is odd.
    home.sync().await;
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
        assert_library_equal(&home, &simulator.get("/sim/truth").await).await;
    }
    let removed = home.query("select * from v_library_changes where change = 'removed'").await;
    assert!(removed.is_empty(), "{removed:?}");

    // What a person does meanwhile is found as ever. (Of a new artist nobody could say whether it stands above or
    // below the hidden one.)
    simulator
        .mutate(json!([
            { "op": "save_tracks", "count": 5 }, { "op": "remove_tracks", "count": 2 },
            { "op": "save_albums", "count": 2 }, { "op": "remove_albums", "count": 1 },
            { "op": "unfollow_artists", "count": 1 },
        ]))
        .await;
    home.sync().await;
    assert_library_equal(&home, &simulator.get("/sim/truth").await).await;
}
