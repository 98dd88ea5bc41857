//! Whatever is wrong outside gets one sentence with the next step and the right status; nothing is lost.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::support::{Ended, Home, Simulator, ended};

const LIBRARY: [&str; 8] = ["--tracks", "60", "--albums", "5", "--artists", "5", "--playlists", "3"];

/// One sentence on standard error, with these words in it and no secret.
pub fn assert_sentence(ended: &Ended, status: i32, words: &[&str]) {
    assert_eq!(ended.status, status, "{ended:?}");
    assert_eq!(ended.stderr.trim().lines().count(), 1, "{ended:?}");
    for word in words {
        assert!(ended.stderr.contains(word), "no `{word}` in {ended:?}");
    }
    assert!(!ended.stderr.contains("secret-of-the-tests"), "{ended:?}");
}

#[tokio::test]
async fn nobody_is_logged_in() {
    let home = Home::at("http://127.0.0.1:9");
    assert_sentence(&ended(home.anonymous(&["sync"])).await, 3, &["phonolog login"]);
}

#[tokio::test]
async fn no_client_id_for_a_login() {
    let home = Home::at("http://127.0.0.1:9");
    assert_sentence(&ended(home.anonymous(&["login", "--no-browser"])).await, 2, &["client id"]);
}

#[tokio::test]
async fn a_token_that_spotify_refuses() {
    let simulator = Simulator::start(&LIBRARY);
    simulator.fault(json!({ "match": "/v1/", "kind": "status", "status": 401 })).await;
    assert_sentence(&Home::new(&simulator).run(&["sync"]).await, 3, &["PHONOLOG_ACCESS_TOKEN"]);
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let home = Home::at("http://127.0.0.1:9");
    assert_sentence(&home.run(&["sync", "tracks"]).await, 1, &["tracks", "127.0.0.1"]);
}

#[tokio::test]
async fn a_malformed_config_and_an_unknown_key() {
    let home = Home::at("http://127.0.0.1:9");
    home.configure("[sync\n");
    assert_sentence(&home.run(&["sync"]).await, 1, &["line 1"]);
    home.configure("[sync]\nlibary_interval = \"1h\"\n");
    assert_sentence(&home.run(&["status"]).await, 1, &["libary_interval", "sync.library_interval"]);
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_written() {
    let home = Home::at("http://127.0.0.1:9");
    let file = home.dir.path().join("a-file");
    std::fs::write(&file, "in the way").unwrap();
    let mut command = home.command(&["sync"]);
    command.env("PHONOLOG_DATA_DIR", file.join("data"));
    assert_sentence(&ended(command).await, 1, &["a-file", "--data-dir"]);
}

#[tokio::test]
async fn a_database_of_a_newer_version() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    home.execute("insert into _sqlx_migrations values (99991231235959, 'of the future', current_timestamp, 1, x'00', 0)").await;
    assert_sentence(&home.run(&["sync"]).await, 1, &["newer"]);
}

#[tokio::test]
async fn a_file_that_is_no_database() {
    let home = Home::at("http://127.0.0.1:9");
    std::fs::create_dir_all(home.data_dir()).unwrap();
    std::fs::write(home.database(), "this is a letter to my aunt, and no database at all\n".repeat(40))
        .unwrap();
    assert_sentence(&home.run(&["sync"]).await, 1, &["phonolog.db"]);
    assert!(std::fs::read_to_string(home.database()).unwrap().starts_with("this is a letter"));
}

#[tokio::test]
async fn a_token_file_that_others_can_read() {
    let home = Home::at("http://127.0.0.1:9");
    std::fs::create_dir_all(home.data_dir()).unwrap();
    let file = home.data_dir().join("token.json");
    std::fs::write(&file, "{}").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut command = home.anonymous(&["sync"]);
    command.env("PHONOLOG_CLIENT_ID", "0123456789abcdef0123456789abcdef");
    assert_sentence(&ended(command).await, 3, &["chmod 600"]);
}

#[tokio::test]
async fn an_entity_that_does_not_exist_is_a_usage_error() {
    let home = Home::at("http://127.0.0.1:9");
    let ended = home.run(&["sync", "trakcs"]).await;
    assert_eq!(ended.status, 2);
    assert!(ended.stderr.contains("playlist_items"), "{ended:?}");
}

#[tokio::test]
async fn a_second_engine_on_the_same_database() {
    let simulator = Simulator::start(&["--tracks", "300", "--latency-ms", "300"]);
    let home = Home::new(&simulator);
    let mut first = home.command(&["sync"]).spawn().unwrap();
    simulator.wait_for_requests(2).await;
    // A second sync is handed to the engine that is at work; a second daemon is none.
    assert_sentence(&home.run(&["sync"]).await, 1, &["already running", "`phonolog cancel`"]);
    assert_sentence(&home.run(&["daemon"]).await, 1, &["another phonolog", &first.id().to_string()]);
    first.kill().unwrap();
    first.wait().unwrap();
}

#[tokio::test]
async fn passing_failures_of_every_kind_cost_nothing() {
    let simulator = Simulator::start(&LIBRARY);
    for (path, kind) in
        [("/v1/me/tracks", "truncate"), ("/v1/me/albums", "reset"), ("/v1/me/following", "plain_text")]
    {
        simulator.fault(json!({ "match": path, "kind": kind, "status": 502, "count": 1 })).await;
    }
    let home = Home::new(&simulator);
    home.sync().await;
    super::truth::assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn a_new_track_that_is_left_out_is_not_made_up_for_by_one_that_is_gone() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    simulator
        .mutate(json!([{ "op": "remove_tracks", "count": 1 }, { "op": "save_tracks", "count": 19 }]))
        .await;
    simulator.fault(json!({ "match": "/v1/me/tracks", "kind": "missing_row", "count": 2 })).await;
    home.sync().await;
    super::truth::assert_equal(&home, &simulator).await;
}
