//! Edits of the account and what the API shows of them.

use std::collections::HashSet;

use phonolog::simulator::Shape;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Sim, config, each, texts};

async fn sim() -> Sim {
    Sim::start(config(Shape::New2026)).await
}

#[tokio::test]
async fn saved_tracks_come_on_top_at_the_accounts_time() {
    let sim = sim().await;
    let before = sim.truth().await;
    let now =
        sim.control("/sim/clock", json!({ "advance": "48h" })).await["now"].as_str().unwrap().to_owned();
    let done = sim.control("/sim/mutate", json!({ "op": "save_tracks", "count": 5 })).await;
    let after = sim.truth().await;
    let uris = texts(&after["tracks"], "uri");
    assert_eq!(uris.len(), 135);
    assert_eq!(done["done"], json!([{ "op": "save_tracks", "uris": uris[..5] }]));
    assert_eq!(uris[5..], texts(&before["tracks"], "uri"));
    assert!(texts(&after["tracks"], "added_at")[..5].iter().all(|at| at[..19] == now[..19]));
    assert_eq!(sim.get("/v1/me/tracks").await["items"][0]["track"]["uri"], json!(uris[0]));

    // Saving what is saved changes nothing; saving what was removed puts it back on top.
    sim.control("/sim/mutate", json!({ "op": "save_tracks", "uris": [uris[9]] })).await;
    assert_eq!(texts(&sim.truth().await["tracks"], "uri"), uris);
    sim.control(
        "/sim/mutate",
        json!([
            { "op": "remove_tracks", "uris": [uris[9]] },
            { "op": "save_tracks", "uris": [uris[9]] },
        ]),
    )
    .await;
    assert_eq!(texts(&sim.truth().await["tracks"], "uri")[0], uris[9]);
}

#[rstest]
#[case("save_tracks", "remove_tracks", "tracks", 130)]
#[case("save_albums", "remove_albums", "albums", 60)]
#[case("follow_artists", "unfollow_artists", "artists", 55)]
#[tokio::test]
async fn what_is_added_and_removed_is_in_the_library_or_not(
    #[case] add: &str,
    #[case] remove: &str,
    #[case] list: &str,
    #[case] count: usize,
) {
    let sim = sim().await;
    let added = sim.control("/sim/mutate", json!({ "op": add, "count": 7 })).await["done"][0]["uris"].clone();
    let joined: Vec<&str> = added.as_array().unwrap().iter().map(|uri| uri.as_str().unwrap()).collect();
    let contains = format!("/v1/me/library/contains?uris={}", joined.join(","));
    assert_eq!(sim.get(&contains).await, json!(vec![true; 7]));
    assert_eq!(sim.truth().await[list].as_array().unwrap().len(), count + 7);
    sim.control("/sim/mutate", json!({ "op": remove, "uris": added })).await;
    assert_eq!(sim.get(&contains).await, json!(vec![false; 7]));
    sim.control("/sim/mutate", json!({ "op": remove, "count": 9 })).await;
    let left = texts(&sim.truth().await[list], "uri");
    assert_eq!(left.iter().collect::<HashSet<_>>().len(), count - 9);
    sim.control("/sim/mutate", json!({ "op": remove, "count": 9999 })).await;
    assert_eq!(sim.truth().await[list], json!([]));
}

#[tokio::test]
async fn playlists_are_made_deleted_and_still_there_by_their_id() {
    let sim = sim().await;
    sim.control("/sim/mutate", json!({ "op": "create_playlists", "count": 2 })).await;
    let lists = sim.truth().await["playlists"].clone();
    assert_eq!(lists.as_array().unwrap().len(), 26);
    assert!(lists[0]["readable"].as_bool().unwrap());
    let id = lists[0]["id"].as_str().unwrap();
    sim.control(
        "/sim/mutate",
        json!({ "op": "delete_playlists", "uris": [format!("spotify:playlist:{id}")] }),
    )
    .await;
    assert!(!texts(&sim.truth().await["playlists"], "id").contains(&id.to_owned()));
    assert_eq!(sim.get(&format!("/v1/playlists/{id}")).await["id"], json!(id));
    sim.control("/sim/mutate", json!({ "op": "delete_playlists", "count": 25 })).await;
    assert_eq!(sim.get("/v1/me/playlists").await["total"], json!(0));
}

#[tokio::test]
async fn an_edit_changes_rows_and_snapshot_and_only_of_that_playlist() {
    let sim = sim().await;
    let before = sim.truth().await["playlists"].clone();
    let (id, rows) = (&before[0]["id"], before[0]["items"].as_array().unwrap().len());
    let edit = |edit: Value| {
        let mut op = json!({ "op": "edit_playlist", "id": id });
        op.as_object_mut().unwrap().extend(edit.as_object().unwrap().clone());
        op
    };
    sim.control("/sim/mutate", edit(json!({ "add": 3, "remove": 1, "move": 2 }))).await;
    let after = sim.truth().await["playlists"].clone();
    assert_eq!(after[0]["items"].as_array().unwrap().len(), rows + 2);
    let (old, new) = (before[0]["snapshot_id"].as_str().unwrap(), after[0]["snapshot_id"].as_str().unwrap());
    assert_ne!(old, new);
    assert_eq!((old.len(), new.len()), (32, 32));
    assert_eq!(each(&after, "snapshot_id")[1..], each(&before, "snapshot_id")[1..]);

    // A move keeps the rows; doing nothing keeps the snapshot; a new name changes it.
    sim.control("/sim/mutate", edit(json!({ "move": 1 }))).await;
    let moved = sim.truth().await["playlists"][0].clone();
    let sorted = |list: &Value| {
        let mut rows: Vec<String> = list["items"].as_array().unwrap().iter().map(Value::to_string).collect();
        rows.sort();
        rows
    };
    assert_eq!(sorted(&moved), sorted(&after[0]));
    assert_ne!(moved["items"], after[0]["items"]);
    sim.control("/sim/mutate", edit(json!({ "add": 0 }))).await;
    assert_eq!(sim.truth().await["playlists"][0]["snapshot_id"], moved["snapshot_id"]);
    sim.control("/sim/mutate", edit(json!({ "name": "Renamed" }))).await;
    let renamed = sim.truth().await["playlists"][0].clone();
    assert_eq!(renamed["name"], json!("Renamed"));
    assert_ne!(renamed["snapshot_id"], moved["snapshot_id"]);

    let track = sim.truth().await["tracks"][0]["uri"].clone();
    sim.control("/sim/mutate", edit(json!({ "add": [track, track, "spotify:local:Me::Demo+1:61"] }))).await;
    let uris = each(&sim.truth().await["playlists"][0]["items"], "uri");
    assert_eq!(uris[uris.len() - 3..], [track.clone(), track.clone(), json!("spotify:local:Me::Demo+1:61")]);
    sim.control("/sim/mutate", edit(json!({ "remove": [track] }))).await;
    assert!(!each(&sim.truth().await["playlists"][0]["items"], "uri").contains(&track));
}

#[tokio::test]
async fn several_playlists_are_edited_by_number_or_by_uri() {
    let sim = sim().await;
    let snapshots = |truth: &Value| texts(&truth["playlists"], "snapshot_id");
    let before = snapshots(&sim.truth().await);
    sim.control("/sim/mutate", json!({ "op": "edit_playlist", "count": 3 })).await;
    let after = snapshots(&sim.truth().await);
    assert_eq!(before.iter().zip(&after).filter(|(old, new)| old != new).count(), 3);
    let uris: Vec<String> = texts(&sim.truth().await["playlists"], "id")[1..3]
        .iter()
        .map(|id| format!("spotify:playlist:{id}"))
        .collect();
    sim.control("/sim/mutate", json!({ "op": "edit_playlist", "uris": uris, "add": 2 })).await;
    let last = snapshots(&sim.truth().await);
    let changed: Vec<usize> = (0..last.len()).filter(|at| last[*at] != after[*at]).collect();
    assert_eq!(changed, [1, 2]);
}

#[tokio::test]
async fn of_a_list_of_edits_all_are_done_or_none() {
    let sim = sim().await;
    let before = sim.truth().await;
    let edits = json!([{ "op": "save_tracks", "count": 3 }, { "op": "follow_artists", "uris": ["spotify:artist:none"] }]);
    assert_eq!(sim.post("/sim/mutate", edits).await.status, 400);
    assert_eq!(sim.truth().await, before);
}

#[tokio::test]
async fn plays_are_new_history_and_never_overlap_what_was() {
    let sim = sim().await;
    let known = texts(&sim.truth().await["plays"], "played_at");
    sim.control("/sim/mutate", json!({ "op": "play", "count": 3 })).await;
    sim.control("/sim/mutate", json!({ "op": "play", "count": 40 })).await;
    let plays = texts(&sim.truth().await["plays"], "played_at");
    assert_eq!((plays.len(), &plays[43..]), (103, known.as_slice()));
    assert!(plays.is_sorted_by(|newer, older| newer > older), "newest first, all different");
    let page = sim.get("/v1/me/player/recently-played?limit=50").await;
    assert_eq!(texts(&page["items"], "played_at"), plays[..50]);

    let track = sim.truth().await["tracks"][7]["uri"].clone();
    sim.control("/sim/mutate", json!({ "op": "play", "uris": [track, track] })).await;
    assert_eq!(each(&sim.truth().await["plays"], "uri")[..2], [track.clone(), track]);
}

#[tokio::test]
async fn what_plays_becomes_history_when_its_length_is_over() {
    let sim = sim().await;
    let track = sim.truth().await["tracks"][0]["uri"].clone();
    sim.control("/sim/mutate", json!({ "op": "start_playing", "uris": [track] })).await;
    let playing = sim.get("/v1/me/player/currently-playing").await;
    assert_eq!((&playing["item"]["uri"], &playing["is_playing"]), (&track, &json!(true)));
    assert_eq!(sim.truth().await["plays"].as_array().unwrap().len(), 60);
    sim.control("/sim/clock", json!({ "advance": "10m" })).await;
    assert_eq!(sim.status("/v1/me/player/currently-playing").await, 204);
    assert_eq!(sim.truth().await["plays"][0]["uri"], track);
}

#[tokio::test]
async fn random_edits_repeat_by_their_seed_and_never_play() {
    let op = json!({ "op": "random", "ops": 60, "seed": 9 });
    let (one, two) = (sim().await, sim().await);
    // Different numbers of earlier edits do not change what the seed picks.
    one.control("/sim/mutate", json!({ "op": "play", "count": 1 })).await;
    let done = one.control("/sim/mutate", op.clone()).await;
    assert_eq!(done, two.control("/sim/mutate", op).await);
    let words: HashSet<String> = texts(&done["done"], "op").into_iter().collect();
    assert!(words.len() >= 7 && !words.contains("play"), "{words:?}");
    assert_eq!(two.truth().await["plays"].as_array().unwrap().len(), 60);
    let rows = one.rows("/v1/me/tracks?limit=50").await;
    let truth = one.truth().await;
    let uris: Vec<Value> = rows.iter().map(|row| row["track"]["uri"].clone()).collect();
    assert_eq!(uris, each(&truth["tracks"], "uri"));
}

#[rstest]
#[case(json!({ "op": "steal_tracks" }), "steal_tracks")]
#[case(json!({ "op": "save_tracks", "number": 3 }), "number")]
#[case(json!({ "op": "save_tracks", "count": 1, "uris": [] }), "not both")]
#[case(json!({ "op": "save_tracks", "uris": ["spotify:track:none"] }), "spotify:track:none")]
#[case(json!({ "op": "remove_albums", "uris": ["spotify:artist:none"] }), "album")]
#[case(json!({ "op": "edit_playlist", "id": "none", "add": 1 }), "none")]
#[case(json!({ "op": "edit_playlist", "move": -1 }), "-1")]
#[case(json!({ "op": "create_playlists", "uris": ["x"] }), "count")]
#[case(json!({ "op": "random" }), "ops")]
#[case(json!(7), "7")]
#[tokio::test]
async fn an_edit_that_makes_no_sense_is_refused_in_a_sentence(#[case] op: Value, #[case] names: &str) {
    let sim = sim().await;
    let before = sim.truth().await;
    let answer = sim.post("/sim/mutate", op).await;
    assert_eq!(answer.status, 400);
    let message = answer.body["error"]["message"].as_str().unwrap();
    assert!(message.contains(names), "{message}");
    assert_eq!(sim.truth().await, before);
}

#[tokio::test]
async fn plays_may_arrive_late_and_be_stamped_at_their_start() {
    let sim = sim().await;
    sim.control("/sim/clock", json!({ "advance": "24h" })).await;
    sim.control("/sim/mutate", json!({ "op": "play", "count": 2 })).await;
    sim.control("/sim/mutate", json!({ "op": "play", "count": 1, "ended_ago": "6h" })).await;
    let truth = sim.truth().await["plays"].clone();
    assert!(truth[0]["played_at"].as_str() < truth[2]["played_at"].as_str(), "on top, and older: {truth}");
    let path = "/v1/me/player/recently-played?limit=3";
    let stamps = |answer: &Value| texts(&answer["items"], "played_at");
    let ends = stamps(&sim.get(path).await);
    assert_eq!(ends, texts(&truth, "played_at")[..3]);

    sim.control("/sim/mutate", json!({ "op": "stamp_plays", "at": "start" })).await;
    let starts = stamps(&sim.get(path).await);
    assert!(starts.iter().zip(&ends).all(|(start, end)| start < end), "{starts:?} {ends:?}");
    assert_eq!(sim.truth().await["plays"], truth, "the truth is the end");
}
