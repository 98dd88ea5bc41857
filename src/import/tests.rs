//! Exports as they come, and as they should not.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::AtomicU64;

use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use super::*;
use crate::domain::{ExportFormat, ExportKind};

const ROW: &str = r#"{"ts":"2024-05-01T10:00:00Z","platform":"linux","ms_played":180000,"conn_country":"SE",
    "ip_addr":"192.0.2.7","user_agent_decrypted":"unknown","username":"smith",
    "master_metadata_track_name":"Jóga","master_metadata_album_artist_name":"Björk",
    "master_metadata_album_album_name":"Homogenic","spotify_track_uri":"spotify:track:a","episode_name":null,
    "reason_start":"trackdone","reason_end":"trackdone","shuffle":false,"skipped":null,"offline":false,
    "offline_timestamp":1714557420,"incognito_mode":true}"#;

const COARSE: &str =
    r#"{"endTime":"2024-05-01 10:00","artistName":"Björk","trackName":"Jóga","msPlayed":180000}"#;

/// What came of it: rows, endings and what was left aside, in order.
#[derive(Default)]
struct Seen {
    rows: Vec<ExportRow>,
    endings: Vec<Ending>,
    skipped: Vec<String>,
}

fn seen(path: &Path) -> Result<Seen, ImportError> {
    let mut seen = Seen::default();
    let bytes = AtomicU64::new(0);
    read(path, &bytes, &mut |event| {
        match event {
            Event::File { .. } => {}
            Event::Rows(rows) => seen.rows.extend(rows),
            Event::End(ending) => seen.endings.push(ending),
            Event::Skipped { why, .. } => seen.skipped.push(why),
        }
        true
    })?;
    Ok(seen)
}

fn of_text(text: &str) -> Seen {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("Streaming_History_Audio_2024_0.json");
    fs::write(&path, text).unwrap();
    seen(&path).unwrap()
}

fn archive(dir: &TempDir, files: &[(&str, &str)]) -> std::path::PathBuf {
    let path = dir.path().join("my_spotify_data.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    path
}

#[test]
fn an_extended_row_keeps_everything_but_who_and_where() {
    let seen = of_text(&format!("[{ROW}]"));
    let row = &seen.rows[0];
    assert_eq!(
        (row.format, row.ended_ms, row.ms_played),
        (ExportFormat::Extended, 1_714_557_600_000, Some(180_000))
    );
    assert_eq!(row.item.uri(), "spotify:track:a");
    assert_eq!(row.item.title_and_maker(), ("Jóga", "Björk"));
    assert_eq!(row.offline_timestamp, Some(1_714_557_420));
    let how = &row.circumstances;
    assert_eq!((how.shuffle, how.skipped, how.incognito_mode), (Some(false), None, Some(true)));
    assert_eq!(how.unknown, None, "nothing of address, agent and name is left");
    assert_eq!(seen.endings, [Ending { rows: 1, ..Ending::default() }]);
}

#[test]
fn a_field_that_nobody_knows_is_kept() {
    let seen = of_text(r#"[{"ts":"2024-05-01T10:00:00Z","mood":{"b":1},"ms_played":1}]"#);
    assert_eq!(seen.rows[0].circumstances.unknown.as_deref(), Some(r#"{"mood":{"b":1}}"#));
}

#[test]
fn account_data_podcasts_and_audiobooks_are_told_by_their_keys() {
    let podcast = r#"{"endTime":"2024-05-01 10:01","podcastName":"Talk","episodeName":"One","msPlayed":5}"#;
    let book = r#"{"ts":"2024-05-01T10:00:00Z","ms_played":9,"audiobook_uri":"spotify:show:b","audiobook_title":"Book",
        "audiobook_chapter_uri":"spotify:episode:c","audiobook_chapter_title":"Chapter"}"#;
    let rows = of_text(&format!("[{COARSE},{podcast},{book}]")).rows;
    assert_eq!(
        (rows[0].format, rows[0].item.uri()),
        (ExportFormat::AccountData, "phonolog:track:Björk:Jóga".to_owned())
    );
    assert_eq!((rows[1].item.kind(), rows[1].item.title_and_maker()), (ExportKind::Episode, ("One", "Talk")));
    assert_eq!(
        (rows[2].item.kind(), rows[2].item.uri()),
        (ExportKind::Episode, "spotify:episode:c".to_owned())
    );
    assert_eq!(rows[2].item.title_and_maker(), ("Chapter", "Book"));
}

#[test]
fn rows_with_wrong_types_cost_themselves_alone_and_say_why() {
    let odd = [
        r#"{"ts":"yesterday","ms_played":1}"#,
        r#"{"ts":17,"ms_played":1}"#,
        r#"{"ts":"2024-05-01T10:00:00Z","ms_played":"long"}"#,
        r#"{"ts":"2024-05-01T10:00:00Z","ms_played":-1}"#,
        r#"{"ts":"2024-05-01T10:00:00Z","spotify_track_uri":[["deep"]]}"#,
        r#"{"ts":"2024-05-01T10:00:00Z","shuffle":"no"}"#,
        r#"{"ts":"2024-05-01T10:00:00Z","offline_timestamp":1.5}"#,
        "null",
        "7",
        "[1,{}]",
        "{}",
    ];
    let seen = of_text(&format!("[{},{ROW},{}]", odd.join(","), odd[0]));
    assert_eq!(seen.rows.len(), 1);
    let ending = &seen.endings[0];
    assert_eq!((ending.rows, &ending.broken), (13, &None));
    assert_eq!(ending.rejected["has a time that cannot be read"], Rejected { rows: 2, first: 1 });
    assert_eq!(ending.rejected.values().map(|rejected| rejected.rows).sum::<u64>(), 12);
}

#[test]
fn a_file_that_is_cut_off_keeps_what_came_before() {
    for cut in [1, ROW.len() / 2, ROW.len() + 1] {
        let text = format!("[{ROW},{ROW},{ROW}]");
        let seen = of_text(&text[..2 * (ROW.len() + 1) + cut]);
        assert!(seen.rows.len() >= 2);
        assert_eq!(seen.endings[0].broken.as_deref(), Some("is cut off"));
    }
    let seen = of_text(&format!("[{ROW}, oops"));
    assert_eq!(seen.rows.len(), 1);
    let why = seen.endings[0].broken.clone().unwrap();
    assert!(why.starts_with("is not valid JSON from line"), "{why}");
}

#[test]
fn what_is_no_listening_history_is_left_aside() {
    let library = r#"{"tracks":[{"artist":"A","track":"B"}]}"#;
    let searches = r#"[{"searchTime":"2024","searchQuery":"x"}]"#;
    for text in [library, searches, "[]", "{}", "\"text\"", "", "%PDF-1.4"] {
        let seen = of_text(text);
        assert_eq!((seen.rows.len(), seen.endings.len(), seen.skipped.len()), (0, 0, 1), "{text}");
    }
    assert_eq!(of_text(library).skipped, ["is no listening history"]);
}

#[test]
fn depth_and_length_are_bounded_and_what_came_before_is_kept() {
    let deep = format!(r#"[{ROW},{{"ts":"2024-05-01T10:00:00Z","mood":{}"#, "[".repeat(100_000));
    let seen = of_text(&deep);
    assert_eq!(seen.rows.len(), 1);
    assert!(seen.endings[0].broken.is_some());

    let long = format!(r#"[{ROW},{{"ts":"{}"#, "x".repeat(3 << 20));
    let seen = of_text(&long);
    assert_eq!(seen.rows.len(), 1);
    assert_eq!(seen.endings[0].broken.as_deref(), Some("has more than a megabyte in one row"));
}

#[test]
fn an_archive_is_read_by_the_names_of_its_files_and_without_leftovers() {
    let dir = tempfile::tempdir().unwrap();
    let rows = format!("[{ROW}]");
    let path = archive(
        &dir,
        &[
            ("Spotify Extended Streaming History/Streaming_History_Audio_2024_1.JSON", &rows),
            ("Spotify Extended Streaming History/ReadMeFirst.pdf", "%PDF"),
            ("__MACOSX/Streaming_History_Audio_2024_1.json", &rows),
            ("MyData/._endsong_0.json", &rows),
            ("MyData/endsong_0.json", &format!("[{ROW},{ROW}]")),
            ("MyData/YourLibrary.json", "{}"),
            ("../../etc/StreamingHistory0.json", &rows),
        ],
    );
    let seen = seen(&path).unwrap();
    assert_eq!(seen.rows.len(), 3);
    assert_eq!(seen.endings.len(), 2);
    assert_eq!(seen.skipped, ["names a place outside of its archive", "is no listening history"]);
}

#[test]
fn a_broken_archive_is_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(&dir, &[("endsong_0.json", &format!("[{}]", [ROW; 50].join(",")))]);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = seen(&path).err().unwrap().to_string();
    assert!(error.contains("is not a whole zip file"), "{error}");

    // The directory at its end is there, the data are not.
    let mut spoiled = whole;
    spoiled[60..120].fill(0xff);
    fs::write(&path, &spoiled).unwrap();
    let seen = seen(&path).unwrap();
    assert!(seen.endings.iter().any(|ending| ending.broken.is_some()) || !seen.skipped.is_empty());
}

#[test]
fn a_claim_of_four_gigabytes_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(&dir, &[("endsong_0.json", &format!("[{ROW}]"))]);
    let mut bytes = fs::read(&path).unwrap();
    // The uncompressed size stands 24 bytes into the directory's entry.
    let entry = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    bytes[entry + 24..entry + 28].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    fs::write(&path, &bytes).unwrap();
    assert_eq!(seen(&path).unwrap().rows.len(), 1);
}

#[test]
fn a_folder_is_read_whole_and_links_are_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.json"), format!("[{ROW}]")).unwrap();
    fs::create_dir(dir.path().join("deeper")).unwrap();
    fs::write(dir.path().join("deeper/endsong_0.json"), format!("[{ROW}]")).unwrap();
    fs::write(dir.path().join("notes.txt"), "x").unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.json"), dir.path().join("link.json")).unwrap();
    std::os::unix::fs::symlink(outside.path(), dir.path().join("out")).unwrap();
    let bytes = AtomicU64::new(0);
    super::read(dir.path(), &bytes, &mut |_| true).unwrap();
    assert_eq!(weigh(dir.path()), ROW.len() as u64 + 2);
    assert!(bytes.into_inner() >= weigh(dir.path()), "of what is to be read everything was");
    let seen = seen(dir.path()).unwrap();
    assert_eq!((seen.rows.len(), seen.skipped), (1, vec!["is a link, which is not followed".to_owned()]));
    assert!(super::read(Path::new("/nonexistent"), &AtomicU64::new(0), &mut |_| true).is_err());
}
