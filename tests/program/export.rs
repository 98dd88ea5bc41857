//! What is recorded, for other programs.

use serde_json::{Value, json};

use super::support::{Home, Simulator};

const LIBRARY: [&str; 10] =
    ["--tracks", "160", "--albums", "12", "--artists", "9", "--playlists", "8", "--plays", "4"];

#[tokio::test]
async fn every_list_comes_whole_and_in_its_order() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let truth = simulator.get("/sim/truth").await;
    let export = async |what: &str| {
        let told = home.run(&["export", what, "--form", "jsonl"]).await;
        assert_eq!(told.status, 0, "{told:?}");
        let rows = told.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        rows.collect::<Vec<_>>()
    };
    for (what, fields) in [("tracks", &["uri", "added_at"][..]), ("albums", &["uri"]), ("artists", &["uri"])]
    {
        let rows = export(what).await;
        let wanted = truth[what].as_array().unwrap();
        assert_eq!(rows.len(), wanted.len(), "{what}");
        for (row, wanted) in rows.iter().zip(wanted) {
            for field in fields {
                assert_eq!(row[field], wanted[field], "{what}");
            }
        }
    }
    assert_eq!(export("plays").await.len(), 4);
    let slots = export("playlists").await;
    for playlist in truth["playlists"].as_array().unwrap().iter().filter(|list| list["readable"] == true) {
        let own =
            slots.iter().filter(|slot| slot["playlist_id"] == playlist["id"] && !slot["position"].is_null());
        let uris: Vec<_> = own.map(|slot| slot["uri"].clone()).collect();
        let wanted: Vec<_> =
            playlist["items"].as_array().unwrap().iter().map(|item| item["uri"].clone()).collect();
        assert_eq!(uris, wanted, "{}", playlist["name"]);
    }
    simulator.mutate(json!({ "op": "save_tracks", "count": 2 })).await;
    home.sync().await;
    let changes = export("changes").await;
    assert_eq!(changes.iter().filter(|line| line["change"] == "added").count(), 2, "{changes:?}");
}

#[tokio::test]
async fn csv_reads_back_and_runs_nothing() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    home.execute("update tracks set name = '=cmd(\"x\"), \u{1f600}' || char(10) || 'second line' where track_id in (select track_id from saved_tracks limit 1)").await;
    let told = home.run(&["export", "tracks"]).await;
    let mut reader = csv::Reader::from_reader(told.stdout.as_bytes());
    let place = reader.headers().unwrap().iter().position(|name| name == "name").unwrap();
    let names: Vec<String> = reader.records().map(|row| row.unwrap()[place].to_owned()).collect();
    assert_eq!(names.len(), 160);
    assert!(names.iter().any(|name| name.starts_with("'=cmd") && name.ends_with("second line")), "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with('=')));
    assert!(home.run(&["export", "tracks", "--raw"]).await.stdout.contains("\"=cmd"));
}

#[tokio::test]
async fn playlists_become_files_that_stay_in_their_folder() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    home.execute("update playlists set name = '../../' || char(27) || '[31mevil'").await;
    let folder = home.dir.path().join("lists/deep");
    let told = home.run(&["export", "playlists", "--form", "m3u8", "--to", folder.to_str().unwrap()]).await;
    assert_eq!(told.status, 0, "{told:?}");
    let listed = home.query("select count(*) as n from v_playlists").await[0]["n"].as_u64().unwrap();
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path()).collect();
    assert_eq!(files.len() as u64, listed);
    let mut slots = 0;
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.starts_with("#EXTM3U\n#PLAYLIST:"), "{text}");
        assert!(!text.contains('\u{1b}'));
        slots += text.lines().filter(|line| line.starts_with("spotify:")).count();
    }
    let wanted = home.query("select count(uri) as n from v_playlist_items").await[0]["n"].as_u64().unwrap();
    assert_eq!(slots as u64, wanted);
    let refused = home.run(&["export", "tracks", "--form", "m3u8"]).await;
    assert_eq!((refused.status, refused.stderr.lines().count()), (2, 1), "{refused:?}");
}
