//! No play is lost or doubled, and holes in the history are known.

use serde_json::{Value, json};

use super::support::{Home, Simulator};

pub async fn poll(home: &Home) {
    let ended = home.run(&["sync", "plays"]).await;
    assert_eq!(ended.status, 0, "{ended:?}");
}

pub async fn plays(home: &Home) -> Vec<Value> {
    home.query(
        "select uri, played_at, name, ms_played, source, context_uri from v_plays order by played_at, uri",
    )
    .await
}

pub async fn coverage(home: &Home) -> Vec<Value> {
    home.query("select state, from_at, to_at from v_play_coverage where state <> 'unknown' order by from_at")
        .await
}

/// Every play of the account, oldest first.
pub async fn truth(simulator: &Simulator) -> Vec<Value> {
    let mut all = simulator.get("/sim/truth").await["plays"].as_array().unwrap().clone();
    all.sort_by_key(|play| play["played_at"].as_str().unwrap().to_owned());
    all
}

/// A simulator and a home that knows its first plays.
pub async fn known(plays: &str) -> (Simulator, Home) {
    let args = ["--tracks", "60", "--albums", "0", "--artists", "0", "--playlists", "0", "--plays", plays];
    let simulator = Simulator::start(&args);
    let home = Home::new(&simulator);
    poll(&home).await;
    (simulator, home)
}

pub async fn later(simulator: &Simulator, hours: u32) {
    simulator.post("/sim/clock", json!({ "advance": format!("{hours}h") })).await;
}

#[tokio::test]
async fn what_was_played_while_nobody_listened_is_one_gap_of_known_bounds() {
    let (simulator, home) = known("20").await;
    let newest_known = truth(&simulator).await.last().unwrap()["played_at"].clone();
    later(&simulator, 24).await;
    simulator.mutate(json!({ "op": "play", "count": 120 })).await;
    poll(&home).await;
    let all = truth(&simulator).await;
    let gaps: Vec<Value> =
        coverage(&home).await.into_iter().filter(|known| known["state"] == "gap").collect();
    let oldest_listed = &all[all.len() - 50]["played_at"];
    assert_eq!(gaps, [json!({ "state": "gap", "from_at": newest_known, "to_at": oldest_listed })]);
    assert_eq!(plays(&home).await.len(), 20 + 50);
    let status: Value = serde_json::from_str(&home.run(&["status", "--json"]).await.stdout).unwrap();
    assert_eq!(status["plays"]["gaps"], 1);
}

#[tokio::test]
async fn plays_that_arrive_six_hours_late_are_stored() {
    let (simulator, home) = known("10").await;
    later(&simulator, 24).await;
    simulator.mutate(json!({ "op": "play", "count": 5 })).await;
    poll(&home).await;
    simulator.mutate(json!({ "op": "play", "count": 3, "ended_ago": "6h" })).await;
    poll(&home).await;
    let stored: Vec<Value> = plays(&home)
        .await
        .iter()
        .map(|play| json!({ "uri": play["uri"], "played_at": play["played_at"] }))
        .collect();
    assert_eq!(stored, truth(&simulator).await);
    assert!(coverage(&home).await.iter().all(|known| known["state"] == "complete"));
}

#[tokio::test]
async fn plays_that_one_answer_stamps_at_their_start_and_another_at_their_end_are_not_doubled() {
    let (simulator, home) = known("0").await;
    later(&simulator, 24).await;
    simulator.mutate(json!([{ "op": "play", "count": 30 }, { "op": "stamp_plays", "at": "start" }])).await;
    poll(&home).await;
    assert_eq!(plays(&home).await.len(), 30);
    for (at, more) in [("end", 0), ("start", 4), ("end", 2)] {
        simulator.mutate(json!({ "op": "stamp_plays", "at": at })).await;
        later(&simulator, 1).await;
        simulator.mutate(json!({ "op": "play", "count": more })).await;
        poll(&home).await;
        assert_eq!(plays(&home).await.len(), truth(&simulator).await.len(), "stamped at the {at}");
    }
    assert!(coverage(&home).await.iter().all(|known| known["state"] == "complete"), "no false gap");
}

#[tokio::test]
async fn a_null_row_among_the_fifty_harms_nobody() {
    let (simulator, home) = known("0").await;
    later(&simulator, 24).await;
    simulator.mutate(json!({ "op": "play", "count": 50 })).await;
    simulator
        .fault(json!({ "match": "/v1/me/player/recently-played", "kind": "null_row", "count": 1 }))
        .await;
    poll(&home).await;
    assert_eq!(plays(&home).await.len(), 49);
    poll(&home).await;
    assert_eq!(plays(&home).await.len(), 50, "the next answer tells it");
}
