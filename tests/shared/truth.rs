//! Compares the views with the account as the simulator reports it.

use serde_json::{Value, json};

use super::database::Reader;

/// Compares every view of the library with `/sim/truth`: ids, order, positions, times.
pub async fn assert_library_equal(database: &mut Reader, truth: &Value) {
    assert_saved_equal(database, truth).await;
    assert_playlists(database, &truth["playlists"]).await;
}

/// Compares the saved tracks, the saved albums and the followed artists.
pub async fn assert_saved_equal(database: &mut Reader, truth: &Value) {
    let tracks = database.query("select uri, added_at from v_saved_tracks order by position").await;
    assert_same("tracks", &truth["tracks"], &tracks);
    let albums = database.query("select uri, added_at from v_saved_albums order by position").await;
    assert_same("albums", &truth["albums"], &albums);
    let artists = database.query("select uri from v_followed_artists order by position").await;
    assert_same("artists", &truth["artists"], &artists);
}

const LISTS: &str =
    "select playlist_id as id, name, snapshot_id, contents_state from v_playlists order by position";
const ITEMS: &str =
    "select playlist_id, position, uri, kind, added_at from v_playlist_items order by playlist_id, position";

async fn assert_playlists(database: &mut Reader, truth: &Value) {
    let lists = database.query(LISTS).await;
    let items = database.query(ITEMS).await;
    let truth = truth.as_array().unwrap();
    assert_eq!(lists.len(), truth.len(), "number of playlists");
    for (list, truth) in lists.iter().zip(truth) {
        for field in ["id", "name", "snapshot_id"] {
            assert_eq!(list[field], truth[field], "playlist {}", truth["id"]);
        }
        let contents: Vec<&Value> = items.iter().filter(|item| item["playlist_id"] == list["id"]).collect();
        if truth["readable"] == json!(false) {
            assert_eq!(list["contents_state"], "hidden", "playlist {}", truth["id"]);
            continue;
        }
        assert_eq!(list["contents_state"], "complete", "playlist {}", truth["id"]);
        let expected = truth["items"].as_array().unwrap();
        assert_eq!(contents.len(), expected.len(), "length of playlist {}", truth["id"]);
        for (place, (item, expected)) in contents.iter().zip(expected).enumerate() {
            assert_eq!(item["position"], json!(place));
            for field in ["uri", "kind", "added_at"] {
                assert_eq!(item[field], expected[field], "slot {place} of playlist {}: {item}", truth["id"]);
            }
        }
    }
}

pub fn assert_same(what: &str, truth: &Value, rows: &[Value]) {
    let truth = truth.as_array().unwrap();
    for (place, (row, expected)) in rows.iter().zip(truth).enumerate() {
        assert_eq!(row, expected, "{what}, row {place}: {}", apart(rows, truth));
    }
    assert_eq!(rows.len(), truth.len(), "number of {what}");
}

/// What one has and the other has not, for whoever looks for the cause.
fn apart(rows: &[Value], truth: &[Value]) -> String {
    let only = |these: &[Value], those: &[Value]| {
        let only: Vec<String> =
            these.iter().filter(|one| !those.contains(one)).map(ToString::to_string).collect();
        only.join(", ")
    };
    format!("too many are {}; missing are {}", only(rows, truth), only(truth, rows))
}
