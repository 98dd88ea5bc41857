//! The clock, the tokens, and controls that are spelled wrong.

use phonolog::simulator::{Fault, FaultKind, Mutation, Pick, Shape, Simulator};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Sim, config};

#[rstest]
#[case("/sim/clock", json!({ "advance": "soon" }))]
#[case("/sim/clock", json!({ "advance": "500y" }))]
#[case("/sim/clock", json!({ "back": "1h" }))]
#[case("/sim/token", json!({ "expires": true }))]
#[case("/sim/faults", json!({ "match": "/v1", "kind": "explode" }))]
#[case("/sim/faults", json!({ "match": "v1/me", "kind": "reset" }))]
#[case("/sim/faults", json!({ "match": "/v1", "kind": "reset", "probability": 1.5 }))]
#[case("/sim/faults", json!({ "match": "/v1", "kind": "status", "status": 42 }))]
#[case("/sim/faults", json!({ "match": "/v1", "kind": "reset", "times": 3 }))]
#[case("/sim/faults", json!({ "kind": "reset" }))]
#[case("/sim/faults", json!({ "match": "/v1", "kind": "reset", "every": "1h" }))]
#[case("/sim/faults", json!({ "match": "/v1", "kind": "reset", "every": "1h", "lasts": "2h" }))]
#[case("/sim/faults", json!({ "match": "/v1", "kind": "reset", "lasts": "a while" }))]
#[case("/sim/faults", json!({ "match": "/v1", "kind": "changed_fields" }))]
#[case("/sim/mood", json!({ "mood": "gentle" }))]
#[tokio::test]
async fn a_control_that_makes_no_sense_is_refused_and_changes_nothing(
    #[case] path: &str,
    #[case] body: Value,
) {
    let sim = Sim::start(config(Shape::New2026)).await;
    let answer = sim.post(path, body).await;
    assert_eq!(answer.status, 400);
    assert!(!answer.body["error"]["message"].as_str().unwrap().is_empty());
    assert_eq!(sim.status("/v1/me").await, 200);
}

#[tokio::test]
async fn of_a_list_of_faults_one_bad_one_refuses_all() {
    let sim = Sim::start(config(Shape::New2026)).await;
    let list = json!([{ "match": "/v1", "kind": "reset" }, { "match": "/v1", "kind": "nothing" }]);
    assert_eq!(sim.post("/sim/faults", list).await.status, 400);
    assert_eq!(sim.status("/v1/me").await, 200);
}

#[tokio::test]
async fn a_token_that_was_used_can_be_ended_and_others_go_on() {
    let sim = Sim::start(config(Shape::New2026)).await;
    assert_eq!(sim.with_token("/v1/me", "mine").await.status, 200);
    sim.control("/sim/token", json!({ "expire": true })).await;
    let expired = sim.with_token("/v1/me", "mine").await;
    assert_eq!(
        (expired.status, &expired.body["error"]["message"]),
        (401, &json!("The access token expired"))
    );
    assert_eq!(sim.with_token("/v1/me", "fresh").await.status, 200);
    sim.control("/sim/token", json!({ "revoke": "fresh" })).await;
    let revoked = sim.with_token("/v1/me", "fresh").await;
    assert_eq!((revoked.status, &revoked.body["error"]["message"]), (401, &json!("Invalid access token")));
    assert_eq!(sim.with_token("/v1/me", "another").await.status, 200);
}

#[tokio::test]
async fn what_is_counted_came_under_v1_or_to_the_token_endpoint() {
    let sim = Sim::start(config(Shape::New2026)).await;
    sim.truth().await;
    sim.get("/v1/me/").await;
    let id = sim.truth().await["playlists"][0]["id"].as_str().unwrap().to_owned();
    sim.get(&format!("/v1/playlists/{id}/items")).await;
    sim.status("/v1/nowhere").await;
    sim.bare("/api/token", Some(&[("grant_type", "none")])).await;
    sim.bare("/v1/me", None).await;
    let expected = json!({ "/v1/me": 2, "/v1/playlists/{id}/items": 1, "unknown": 1, "/api/token": 1 });
    assert_eq!(sim.requests().await["by_endpoint"], expected);
    assert_eq!(sim.requests().await["total"], json!(5));
}

#[test]
fn in_one_process_the_controls_are_methods() {
    let simulator = Simulator::new(config(Shape::New2026));
    let done = simulator.mutate(&[Mutation::SaveTracks(Pick::Count(2))]).unwrap();
    assert_eq!((done[0].op, done[0].uris.len()), ("save_tracks", 2));
    assert_eq!(simulator.truth()["tracks"][1]["uri"], json!(done[0].uris[1]));
    simulator.set_faults(vec![Fault::new("/v1", FaultKind::Reset)]);
    assert_eq!(simulator.requests().total, 0);
    assert_eq!(simulator.clone().truth(), simulator.truth());
}
