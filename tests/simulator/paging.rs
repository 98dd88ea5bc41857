//! Pages, cursors and what is refused: 400, 401, 403, 404.

use phonolog::simulator::Shape;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Sim, config, texts};

#[rstest]
#[case("/v1/me/tracks?limit=0", 400)]
#[case("/v1/me/tracks?limit=51", 400)]
#[case("/v1/me/tracks?limit=many", 400)]
#[case("/v1/me/tracks?offset=-1", 400)]
#[case("/v1/me/albums?limit=51", 400)]
#[case("/v1/me/playlists?offset=100001", 400)]
#[case("/v1/me/following", 400)]
#[case("/v1/me/following?type=user", 400)]
#[case("/v1/me/following?type=artist&after=nobody", 400)]
#[case("/v1/me/player/recently-played?limit=51", 400)]
#[case("/v1/me/player/recently-played?after=1&before=2", 400)]
#[case("/v1/me/player/recently-played?after=then", 400)]
#[case("/v1/me/library/contains", 400)]
#[case("/v1/me/library/contains?uris=track", 400)]
#[case("/v1/tracks/nobody", 404)]
#[case("/v1/albums/7ouMYWpwJ422jRcDASZB7P", 404)]
#[case("/v1/playlists/7ouMYWpwJ422jRcDASZB7P/items", 404)]
#[case("/v1/nowhere", 404)]
#[case("/v1/", 404)]
#[case("/nowhere", 404)]
#[case("/v1/me/tracks?limit=50&offset=0", 200)]
#[case("/v1/me/tracks?offset=5000", 200)]
#[case("/v1/me/", 200)]
#[tokio::test]
async fn what_is_refused_is_refused_in_spotifys_form(#[case] path: &str, #[case] status: u16) {
    let sim = Sim::start(config(Shape::Dual)).await;
    let answer = sim.answer(path).await;
    assert_eq!(answer.status, status, "{}", answer.body);
    if status != 200 {
        assert_eq!(answer.body["error"]["status"], json!(status));
        assert!(answer.body["error"]["message"].is_string());
    }
}

#[tokio::test]
async fn a_playlist_takes_100_by_its_old_name_and_50_by_its_new_one() {
    let sim = Sim::start(config(Shape::Legacy)).await;
    let id = sim.truth().await["playlists"][0]["id"].as_str().unwrap().to_owned();
    let expected = [
        ("items?limit=50", 200),
        ("items?limit=51", 400),
        ("tracks?limit=100", 200),
        ("tracks?limit=101", 400),
    ];
    for (rest, status) in expected {
        assert_eq!(sim.status(&format!("/v1/playlists/{id}/{rest}")).await, status, "{rest}");
    }
}

#[tokio::test]
async fn nobody_comes_in_without_a_bearer() {
    let sim = Sim::start(config(Shape::New2026)).await;
    for path in ["/v1/me", "/v1/me/tracks", "/v1/nowhere"] {
        assert_eq!(sim.bare(path, None).await.status(), 401);
    }
    assert_eq!(sim.with_token("/v1/me", "").await.status, 401);
    assert_eq!(sim.with_token("/v1/me", "any-token-at-all").await.status, 200);
}

#[rstest]
#[case("/v1/tracks?ids=a")]
#[case("/v1/albums?ids=a")]
#[case("/v1/artists?ids=a")]
#[case("/v1/me/tracks/contains?ids=a")]
#[case("/v1/me/following/contains?type=artist&ids=a")]
#[case("/v1/users/somebody")]
#[case("/v1/markets")]
#[case("/v1/browse/new-releases")]
#[tokio::test]
async fn what_2026_removed_is_forbidden_there_and_answers_elsewhere(#[case] path: &str) {
    let new = Sim::start(config(Shape::New2026)).await;
    let answer = new.answer(path).await;
    assert_eq!(
        (answer.status, answer.body),
        (403, json!({ "error": { "status": 403, "message": "Forbidden" } }))
    );
    for shape in [Shape::Legacy, Shape::Dual] {
        assert_ne!(Sim::start(config(shape)).await.status(path).await, 403);
    }
}

#[tokio::test]
async fn links_go_to_the_host_that_was_asked() {
    let sim = Sim::start(config(Shape::New2026)).await;
    let page = sim.get("/v1/me/tracks?limit=50&offset=50").await;
    let link = |offset: u32| json!(format!("http://{}/v1/me/tracks?offset={offset}&limit=50", sim.host));
    assert_eq!((&page["href"], &page["next"], &page["previous"]), (&link(50), &link(100), &link(0)));
    let last = sim.get("/v1/me/tracks?limit=50&offset=100").await;
    assert_eq!((&last["next"], last["items"].as_array().unwrap().len()), (&Value::Null, 30));
}

#[tokio::test]
async fn a_batch_call_keeps_the_order_and_says_null_for_the_unknown() {
    let sim = Sim::start(config(Shape::Dual)).await;
    let uris = texts(&sim.truth().await["tracks"], "uri");
    let ids: Vec<&str> = uris.iter().map(|uri| uri.rsplit(':').next().unwrap()).collect();
    let body = sim.get(&format!("/v1/tracks?ids={},unknown,{}", ids[3], ids[1])).await;
    let read: Vec<&Value> = body["tracks"].as_array().unwrap().iter().map(|track| &track["id"]).collect();
    assert_eq!(read, [&json!(ids[3]), &Value::Null, &json!(ids[1])]);
    assert_eq!(sim.status(&format!("/v1/tracks?ids={}", vec![ids[0]; 51].join(","))).await, 400);
    assert_eq!(sim.status(&format!("/v1/albums?ids={}", vec![ids[0]; 21].join(","))).await, 400);
}

#[tokio::test]
async fn the_history_is_cut_by_exclusive_cursors() {
    let sim = Sim::start(config(Shape::New2026)).await;
    let page = sim.get("/v1/me/player/recently-played?limit=50").await;
    let stamps = texts(&page["items"], "played_at");
    assert!(stamps.is_sorted_by(|newer, older| newer > older));
    assert!(page.get("total").is_none());
    let millis = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis();
    assert_eq!(
        page["cursors"],
        json!({
            "after": millis(&stamps[0]).to_string(),
            "before": millis(&stamps[49]).to_string(),
        })
    );

    let tenth = millis(&stamps[9]);
    let newer = sim.get(&format!("/v1/me/player/recently-played?after={tenth}")).await;
    assert_eq!(texts(&newer["items"], "played_at"), stamps[..9]);
    let older = sim.get(&format!("/v1/me/player/recently-played?before={tenth}&limit=5")).await;
    assert_eq!(texts(&older["items"], "played_at"), stamps[10..15]);

    // Beyond the last fifty there is nothing, though the account has sixty.
    let beyond = sim.get(page["next"].as_str().unwrap()).await;
    assert_eq!(
        (&beyond["items"], &beyond["next"], &beyond["cursors"]),
        (&json!([]), &Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn the_cursor_of_followed_artists_survives_an_unfollowing() {
    let sim = Sim::start(config(Shape::New2026)).await;
    let all = texts(&sim.truth().await["artists"], "uri");
    let first = sim.get("/v1/me/following?type=artist&limit=20").await["artists"].clone();
    assert_eq!(first["total"], json!(55));
    let after = first["cursors"]["after"].as_str().unwrap().to_owned();
    assert_eq!(all[19], format!("spotify:artist:{after}"));
    sim.control("/sim/mutate", json!({ "op": "unfollow_artists", "uris": [all[19]] })).await;
    let second = sim.get(first["next"].as_str().unwrap()).await["artists"].clone();
    assert_eq!(texts(&second["items"], "uri"), all[20..40]);
    assert_eq!(second["total"], json!(54));
    let last = sim.get(second["next"].as_str().unwrap()).await["artists"].clone();
    assert_eq!((&last["next"], &last["cursors"]["after"]), (&Value::Null, &Value::Null));
}
