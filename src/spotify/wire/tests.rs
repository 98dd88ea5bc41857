//! Answers in every known format, written by hand from the `OpenAPI` file and captures.

use chrono::{DateTime, Utc};
use rstest::rstest;

use super::*;
use crate::domain::{ArtistId, EpisodeId, PlaylistContent, TrackId};

const TRACK: &str = r#"{
    "type":"track","id":"4uLU6hMCjMI75M1A2tKUQC","uri":"spotify:track:4uLU6hMCjMI75M1A2tKUQC",
    "name":"Jóga","duration_ms":305067,"explicit":false,"disc_number":1,"track_number":2,"is_local":false,
    "artists":[{"id":"7w29UYBi0qsHi5RTcv3lmA","name":"Björk","type":"artist"}],
    "album":{"id":"2wR","uri":"spotify:album:2wR","name":"Homogenic","album_type":"album","total_tracks":10,
             "release_date":"1997-09-22","release_date_precision":"day","artists":[{"id":"7w","name":"Björk"}]},
    "external_ids":{"isrc":"GBAYE9700001"},"external_urls":{},"popularity":61,"available_markets":["SE"]}"#;

const LOCAL: &str = r#"{
    "type":"track","id":null,"href":null,"uri":"spotify:local:Some+One:Demo:Tape:61","name":"Tape",
    "duration_ms":61000,"explicit":false,"disc_number":0,"track_number":0,"is_local":true,
    "artists":[{"id":null,"uri":null,"name":"Some One"}],
    "album":{"id":null,"uri":null,"name":"","album_type":null,"release_date":null},"external_ids":{}}"#;

const EPISODE: &str = r#"{
    "type":"episode","id":"5Xt","uri":"spotify:episode:5Xt","name":"On pressing records","duration_ms":1800000,
    "show":{"id":"s","name":"Wax"},"resume_point":{"resume_position_ms":-1},"release_date":"2025-02-01"}"#;

const WITHDRAWN: &str = r#"{"type":"episode","id":null,"uri":null,"name":null,"duration_ms":null,
    "languages":[null],"release_date":"0000","show":{"name":null}}"#;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn page(rows: &[&str]) -> String {
    format!(
        r#"{{"href":"h","limit":50,"offset":100,"total":{},"next":null,"previous":null,"items":[{}]}}"#,
        100 + rows.len(),
        rows.join(",")
    )
}

fn slots(rows: &[&str]) -> Vec<Row<PlaylistItem>> {
    playlist_items(&page(rows), 100).unwrap().rows
}

/// The content of the only slot.
fn content(row: &str) -> PlaylistContent {
    match slots(&[row]).remove(0) {
        Row::Readable(item) => item.content,
        other => panic!("{other:?}"),
    }
}

fn why<T: std::fmt::Debug>(row: Row<T>) -> String {
    match row {
        Row::SetAside { raw, why } => {
            assert!(!raw.is_empty());
            why
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_saved_track_is_read_whole() {
    let row = format!(r#"{{"added_at":"2026-02-03T04:05:06Z","track":{TRACK}}}"#);
    let page = saved_tracks(&page(&[&row]), 7).unwrap();
    assert_eq!((page.offset, page.total, page.has_next), (100, 101, false));
    let saved = page.rows[0].readable().unwrap();
    assert_eq!(saved.added_at, Some(at("2026-02-03T04:05:06Z")));
    let track = &saved.item;
    assert_eq!(track.id, TrackId::new("4uLU6hMCjMI75M1A2tKUQC"));
    assert_eq!(track.uri, "spotify:track:4uLU6hMCjMI75M1A2tKUQC");
    assert_eq!((track.name.as_str(), track.artists[0].name.as_str()), ("Jóga", "Björk"));
    assert_eq!(track.isrc.as_deref(), Some("GBAYE9700001"));
    assert_eq!((track.duration_ms, track.explicit), (Some(305_067), Some(false)));
    assert_eq!((track.disc_number, track.track_number), (Some(1), Some(2)));
    assert!(!track.is_local);
    let album = track.album.as_ref().unwrap();
    assert_eq!((album.name.as_str(), album.total_tracks), ("Homogenic", Some(10)));
    assert_eq!(album.release_date.as_deref(), Some("1997-09-22"));
    assert_eq!(album.artists.len(), 1);
}

/// The tested row is between two good ones.
#[rstest]
#[case::null("null", Ok(None))]
#[case::nothing_known(
    r#"{"added_at":"2026-01-01T00:00:00Z","track":{"id":"x"}}"#,
    Ok(Some("spotify:track:x"))
)]
#[case::odd_everywhere(
    r#"{"added_at":17,"track":{"id":"x","uri":"spotify:track:x","name":null,"duration_ms":-5,"explicit":"no",
        "disc_number":1.0,"track_number":{},"is_local":null,"artists":{"a":1},"album":[],"external_ids":"none",
        "type":"hologram","popularity":[[[]]],"brand_new":{"a":[1]}}}"#,
    Ok(Some("spotify:track:x"))
)]
#[case::out_of_range(
    r#"{"track":{"uri":"spotify:track:x","duration_ms":9223372036854775808,"disc_number":4294967296}}"#,
    Ok(Some("spotify:track:x"))
)]
#[case::no_number(r#"{"track":{"id":"x","duration_ms":1e999}}"#, Err("number out of range"))]
#[case::local(r#"{"track":{"uri":"spotify:local:::a:1","id":null}}"#, Ok(Some("spotify:local:::a:1")))]
#[case::no_track(r#"{"added_at":"2026-01-01T00:00:00Z","track":null}"#, Err("a saved row without a track"))]
#[case::no_identity(r#"{"track":{"name":"who?"}}"#, Err("a track with neither id nor uri"))]
#[case::no_object("7", Err("invalid type: integer `7`"))]
#[case::half_a_surrogate(r#"{"track":{"id":"x","name":"\ud800"}}"#, Err("hex escape"))]
fn one_row_costs_no_neighbour(#[case] row: &str, #[case] expected: Result<Option<&str>, &str>) {
    let good = format!(r#"{{"added_at":"2026-02-03T04:05:06Z","track":{TRACK}}}"#);
    let mut rows = saved_tracks(&page(&[&good, row, &good]), 100).unwrap().rows;
    assert!(rows[0].readable().is_some() && rows[2].readable().is_some());
    match (rows.remove(1), expected) {
        (Row::Null, Ok(None)) => {}
        (Row::Readable(saved), Ok(Some(uri))) => assert_eq!(saved.item.uri, uri),
        (Row::SetAside { raw, why }, Err(words)) => {
            assert_eq!(raw, row);
            assert!(why.contains(words), "{why}");
        }
        (other, _) => panic!("{other:?}"),
    }
}

#[test]
fn a_total_that_no_number_holds_is_none() {
    let body = page(&["null"]).replace("101", "1e999");
    let page = saved_tracks(&body, 100).unwrap();
    assert_eq!((page.rows.len(), page.total), (1, 101), "the last page says it by its rows");
}

#[test]
fn odd_fields_are_none_and_the_rest_stays() {
    let row = r#"{"added_at":"yesterday","track":{"id":"x","uri":"spotify:track:x","duration_ms":1234.0,
        "artists":[null,{"name":"kept"},5],"album":{"name":null,"artists":null}}}"#;
    let rows = saved_tracks(&page(&[row]), 0).unwrap().rows;
    let saved = rows[0].readable().unwrap();
    assert_eq!(saved.added_at, None);
    assert_eq!(saved.item.duration_ms, Some(1_234));
    assert_eq!(saved.item.artists.len(), 1);
    assert_eq!(saved.item.album.as_ref().unwrap().name, "");
}

#[rstest]
#[case::legacy("track")]
#[case::of_2026("item")]
fn a_slot_is_read_under_either_name(#[case] name: &str) {
    let row = |content: &str| {
        format!(
            r#"{{"added_at":"2020-01-01T00:00:00Z","added_by":{{"id":"smith"}},"is_local":false,"{name}":{content}}}"#
        )
    };
    match content(&row(TRACK)) {
        PlaylistContent::Track(track) => assert_eq!(track.name, "Jóga"),
        other => panic!("{other:?}"),
    }
    match content(&row(EPISODE)) {
        PlaylistContent::Episode(episode) => {
            assert_eq!(episode.id, EpisodeId::new("5Xt"));
            assert_eq!(episode.show_name.as_deref(), Some("Wax"));
            assert_eq!(episode.duration_ms, Some(1_800_000));
        }
        other => panic!("{other:?}"),
    }
    match content(&row(LOCAL)) {
        PlaylistContent::Local(track) => {
            assert_eq!(track.id.as_str(), "spotify:local:Some+One:Demo:Tape:61");
            assert_eq!(track.uri, track.id.as_str());
            assert!(track.is_local && track.album.unwrap().id.is_none());
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(content(&row("null")), PlaylistContent::Unavailable);
    assert_eq!(content(&row(WITHDRAWN)), PlaylistContent::Unavailable);
}

#[test]
fn an_unavailable_slot_keeps_when_it_was_added_and_by_whom() {
    let rows = slots(&[
        r#"{"added_at":"2020-01-01T00:00:00Z","added_by":{"id":"smith"},"track":null}"#,
        r#"{"added_at":null,"added_by":{"id":""},"item":null,"track":null}"#,
        "null",
    ]);
    let first = rows[0].readable().unwrap();
    assert_eq!(first.added_at, Some(at("2020-01-01T00:00:00Z")));
    assert_eq!(first.added_by.as_deref(), Some("smith"));
    let second = rows[1].readable().unwrap();
    assert_eq!((second.added_at, &second.added_by), (None, &None));
    assert_eq!(rows[2], Row::Null);
}

#[test]
fn both_names_at_once_are_one_slot() {
    let both = format!(r#"{{"item":{TRACK},"track":{TRACK}}}"#);
    assert!(matches!(content(&both), PlaylistContent::Track(_)));
    let old_only = format!(r#"{{"item":null,"track":{EPISODE}}}"#);
    assert!(matches!(content(&old_only), PlaylistContent::Episode(_)));
}

#[test]
fn what_a_slot_holds_is_told_by_type_then_by_uri() {
    let untyped = |uri: &str| format!(r#"{{"item":{{"id":"x","uri":"{uri}"}}}}"#);
    assert!(matches!(content(&untyped("spotify:track:x")), PlaylistContent::Track(_)));
    assert!(matches!(content(&untyped("spotify:episode:x")), PlaylistContent::Episode(_)));
    assert!(matches!(content(&untyped("spotify:local:a:b:c:1")), PlaylistContent::Local(_)));
    let by_row = r#"{"is_local":true,"item":{"type":"track","uri":"spotify:local:a:b:c:1"}}"#;
    assert!(matches!(content(by_row), PlaylistContent::Local(_)));
}

#[test]
fn a_slot_nobody_knows_is_set_aside_and_not_taken_for_withdrawn() {
    let mut rows = slots(&[
        r#"{"item":{"type":"hologram","id":"x","uri":"spotify:hologram:x"}}"#,
        r#"{"added_at":"2020-01-01T00:00:00Z","thing":{"id":"x"}}"#,
        r#"{"item":"spotify:track:x"}"#,
        r#"{"item":{"type":"track","entity":"spotify:track:x"}}"#,
    ]);
    assert_eq!(why(rows.remove(0)), "a playlist item of an unknown type");
    assert_eq!(why(rows.remove(0)), "a playlist row with neither `item` nor `track`");
    assert_eq!(why(rows.remove(0)), "a playlist row whose content is not an object");
    assert_eq!(why(rows.remove(0)), "a track with neither id nor uri");
}

#[rstest]
#[case::legacy(r#""tracks":{"href":"h","total":3}"#, Some(3))]
#[case::dual(r#""tracks":{"href":"h","total":3},"items":{"href":"h","total":3}"#, Some(3))]
#[case::of_2026(r#""items":{"href":"h","total":3}"#, Some(3))]
#[case::half_null(r#""items":null,"tracks":{"total":3}"#, Some(3))]
#[case::null_total(r#""tracks":{"href":"h","total":null}"#, None)]
#[case::none(r#""primary_color":null"#, None)]
fn a_playlist_tells_its_length_in_any_shape(#[case] contents: &str, #[case] total: Option<u32>) {
    let row = format!(
        r#"{{"id":"p","uri":"spotify:playlist:p","name":"Mix","description":"","collaborative":true,"public":null,
            "owner":{{"id":"smith","display_name":null}},"snapshot_id":"AAA","images":null,{contents}}}"#
    );
    let rows = playlists(&page(&[&row]), 0).unwrap().rows;
    let playlist = rows[0].readable().unwrap();
    assert_eq!(playlist.item_count, total);
    assert_eq!((playlist.owner_id.as_str(), &playlist.owner_name), ("smith", &None));
    assert_eq!((playlist.collaborative, playlist.public, &playlist.description), (Some(true), None, &None));
    assert_eq!(playlist.snapshot_id.as_ref().unwrap().as_str(), "AAA");
}

#[test]
fn a_playlist_without_a_snapshot_or_an_owner_is_still_one() {
    let rows = playlists(&page(&[r#"{"id":"p","snapshot_id":null,"owner":null}"#, "null"]), 0).unwrap().rows;
    let playlist = rows[0].readable().unwrap();
    assert_eq!((&playlist.snapshot_id, playlist.owner_id.as_str()), (&None, ""));
    assert_eq!(playlist.uri, "spotify:playlist:p");
    assert_eq!(rows[1], Row::Null);
}

#[test]
fn an_id_that_is_left_out_is_that_of_the_uri() {
    let row = r#"{"album":{"id":null,"uri":"spotify:album:a","name":"Debut"}}"#;
    assert_eq!(saved_albums(&page(&[row]), 0).unwrap().rows[0].readable().unwrap().item.id.as_str(), "a");
    let told = artist(r#"{"uri":"spotify:artist:a","name":"A"}"#).unwrap();
    assert_eq!(told.readable().unwrap().id.as_str(), "a");
    let row = r#"{"item":{"type":"episode","id":"","uri":"spotify:episode:e"}}"#;
    let rows = playlist_items(&page(&[row]), 0).unwrap().rows;
    assert!(
        matches!(&rows[0].readable().unwrap().content, PlaylistContent::Episode(told) if told.id == EpisodeId::new("e"))
    );
    for uri in ["spotify:track:", "spotify:album:a", "spotify:local:::a:1", "spotify:track:a:b"] {
        let row = format!(r#"{{"track":{{"uri":"{uri}","name":"odd"}}}}"#);
        let rows = saved_tracks(&page(&[&row]), 0).unwrap().rows;
        assert_eq!(rows[0].readable().unwrap().item.id.as_str(), uri);
    }
}

#[test]
fn a_saved_album_is_read_with_and_without_the_removed_fields() {
    let full = r#"{"added_at":"1998-01-01T22:00:00Z","album":{"id":"a","uri":"spotify:album:a","name":"Debut",
        "album_type":"ep","total_tracks":11,"release_date":"1993","artists":[{"id":"7w","name":"Björk"}],
        "external_ids":{"upc":"602"},"genres":[],"label":"x","popularity":0,"tracks":{"items":[null]}}}"#;
    let rows = saved_albums(&page(&[full, "null", r#"{"album":{"id":"b"}}"#]), 0).unwrap().rows;
    let album = &rows[0].readable().unwrap().item;
    assert_eq!((album.name.as_str(), album.album_type.as_deref()), ("Debut", Some("ep")));
    assert_eq!((album.upc.as_deref(), album.total_tracks), (Some("602"), Some(11)));
    assert_eq!(rows[1], Row::Null);
    assert_eq!(rows[2].readable().unwrap().item.uri, "spotify:album:b");
}

#[test]
fn followed_artists_come_in_a_wrapper_and_go_on_by_cursor() {
    let body = |next: &str, cursors: &str| {
        format!(
            r#"{{"artists":{{"items":[{{"id":"a","name":"A","images":[{{"url":"s","width":64}},{{"url":"l","width":640}}]}},
                {{"id":"b","uri":"spotify:artist:b","name":"B","genres":["jazz"],"images":[{{"url":"only"}}]}},null],
                "next":{next},"cursors":{cursors},"limit":50,"total":83}}}}"#
        )
    };
    let page = followed_artists(&body("\"url\"", r#"{"after":"b"}"#)).unwrap();
    assert_eq!((page.total, page.next), (Some(83), Some(ArtistId::new("b"))));
    let first = page.rows[0].readable().unwrap();
    assert_eq!(
        (&first.genres, first.pictures.as_deref()),
        (&None, Some(&["l".to_owned(), "s".to_owned()][..]))
    );
    assert_eq!(first.uri, "spotify:artist:a");
    let second = page.rows[1].readable().unwrap();
    assert_eq!(second.genres.as_deref(), Some(&["jazz".to_owned()][..]));
    assert_eq!(second.pictures.as_deref(), Some(&["only".to_owned()][..]));

    assert_eq!(followed_artists(&body("null", r#"{"after":"b"}"#)).unwrap().next, None);
    assert_eq!(followed_artists(&body("null", "null")).unwrap().next, None);
    let without_cursor = followed_artists(&body("\"url\"", "null")).unwrap();
    assert_eq!(without_cursor.next, Some(ArtistId::new("b")));
    let lost = r#"{"artists":{"items":[null],"next":"url","cursors":null}}"#;
    assert!(matches!(followed_artists(lost), Err(BadBody::Unknown(_))));
    assert_eq!(followed_artists(r#"{"artists":{}}"#), Err(BadBody::NoRows));
    assert!(matches!(followed_artists("{}"), Err(BadBody::Unknown(_))));
}

#[test]
fn an_artist_tells_what_it_tells_and_nothing_more() {
    let body = r#"{"id":"a","uri":"spotify:artist:a","name":"A","genres":[],"images":[],"followers":null}"#;
    let told = artist(body).unwrap();
    let told = told.readable().unwrap();
    assert_eq!((told.genres.as_deref(), told.pictures.as_deref()), (Some(&[][..]), Some(&[][..])));
    let body = r#"{"id":"a","name":"A","genres":null,"type":"artist"}"#;
    let silent = artist(body).unwrap();
    let silent = silent.readable().unwrap();
    assert_eq!((&silent.genres, &silent.pictures, silent.uri.as_str()), (&None, &None, "spotify:artist:a"));

    assert_eq!(artist("null").unwrap(), Row::Null);
    assert_eq!(why(artist(r#"{"name":"who?"}"#).unwrap()), "an artist with neither id nor uri");
    assert!(why(artist("7").unwrap()).contains("invalid type"));
    assert_eq!(artist(r#"{"id":"a","na"#), Err(BadBody::Mangled));
    assert_eq!(artist("<html>"), Err(BadBody::Mangled));
}

#[test]
fn several_artists_come_in_the_order_asked_and_unknown_ones_are_null() {
    let body = r#"{"artists":[{"id":"a","genres":["jazz"]},null,{"id":"c","genres":"odd"},{"name":"who?"}]}"#;
    let mut rows = artists(body).unwrap();
    assert_eq!(rows[0].readable().unwrap().genres.as_deref(), Some(&["jazz".to_owned()][..]));
    assert_eq!(rows[1], Row::Null);
    assert_eq!(rows[2].readable().unwrap().genres, None);
    assert_eq!(why(rows.remove(3)), "an artist with neither id nor uri");
    assert!(matches!(artists(r#"{"artists":{}}"#), Err(BadBody::Unknown(_))));
    assert!(matches!(artists("{}"), Err(BadBody::Unknown(_))));
    assert_eq!(artists(r#"{"artists":["#), Err(BadBody::Mangled));
}

#[test]
fn plays_are_read_one_by_one() {
    let body = format!(
        r#"{{"items":[
            {{"played_at":"2026-02-25T10:11:12.345Z","context":{{"type":"collectionyourepisodes","uri":"spotify:x"}},"track":{TRACK}}},
            {{"played_at":"2026-02-25T10:00:00Z","context":null,"track":{LOCAL}}},
            {{"played_at":"2026-02-25T09:00:00Z","track":null}},
            {{"played_at":"soon","track":{TRACK}}},
            {{"played_at":"2026-02-25T08:00:00Z","track":{EPISODE}}},
            null],"next":null,"cursors":null,"limit":50}}"#
    );
    let mut rows = plays(&body).unwrap();
    let first = rows[0].readable().unwrap();
    assert_eq!(first.played_at, at("2026-02-25T10:11:12.345Z"));
    assert_eq!(first.context_uri.as_deref(), Some("spotify:x"));
    assert!(
        matches!(&rows[1].readable().unwrap().what, crate::domain::Played::Track(track) if track.is_local)
    );
    assert_eq!(rows.pop(), Some(Row::Null));
    let episode = rows.remove(4);
    assert!(matches!(&episode.readable().unwrap().what, crate::domain::Played::Episode(_)), "{episode:?}");
    assert_eq!(why(rows.remove(3)), "a play without a usable time");
    assert_eq!(why(rows.remove(2)), "a play without a track");
}

#[test]
fn a_user_needs_an_id_and_nothing_else() {
    let smith = user(r#"{"id":"smith","email":null,"followers":{"total":1.5}}"#).unwrap();
    assert_eq!((smith.id.as_str(), smith.account_id, smith.display_name), ("smith", None, None));
    assert!(matches!(user(r#"{"id":""}"#), Err(BadBody::Unknown(_))));
    assert_eq!(user(""), Err(BadBody::Mangled));
}

#[rstest]
#[case::told(r#"{"items":[null],"total":9,"next":"u"}"#, Ok((9, true)))]
#[case::as_float(r#"{"items":[null],"total":9.0,"next":null}"#, Ok((9, false)))]
#[case::last_page(r#"{"items":[null],"total":null,"next":null}"#, Ok((6, false)))]
#[case::no_next(r#"{"items":[null],"total":9}"#, Ok((9, true)))]
#[case::no_next_at_the_end(r#"{"items":[null],"total":6}"#, Ok((6, false)))]
#[case::empty(r#"{"items":[],"total":0,"next":null,"offset":0}"#, Ok((0, false)))]
#[case::no_total(r#"{"items":[null],"next":"u"}"#, Err(()))]
#[case::neither(r#"{"items":[null]}"#, Err(()))]
#[case::no_items(r#"{"total":9,"next":null}"#, Err(()))]
#[case::null_items(r#"{"items":null,"total":9}"#, Err(()))]
#[case::odd_items(r#"{"items":{"a":1},"total":9}"#, Err(()))]
fn length_and_end_of_a_list_are_never_made_up(#[case] body: &str, #[case] expected: Result<(u32, bool), ()>) {
    let page = saved_tracks(body, 5).map(|page| (page.total, page.has_next));
    assert_eq!(page.map_err(drop), expected);
}
