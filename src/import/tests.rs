//! Exports as they come, and as they should not.

use std::fs;
use std::io::Write;
use std::path::Path;

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
    lacks: Vec<usize>,
    endings: Vec<Ending>,
    skipped: Vec<String>,
}

fn seen(path: &Path) -> Result<Seen, ImportError> {
    let mut seen = Seen::default();
    read(path, &ReadControl::default(), &mut |event| {
        match event {
            Event::File { .. } => {}
            Event::Rows(batch) => {
                seen.lacks.extend(batch.lacks.iter().map(|place| seen.rows.len() + place));
                seen.rows.extend(batch.rows);
            }
            Event::End(ending) => seen.endings.push(ending),
            Event::Skipped { why, .. } => seen.skipped.push(why),
        }
        true
    })?;
    Ok(seen)
}

fn of_text(text: &str) -> Seen {
    of_bytes(text.as_bytes())
}

fn of_bytes(text: &[u8]) -> Seen {
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
        r#"{"ts":"2024-05-01T10:00:00Z","audiobook_chapter_uri":{}}"#,
        r#"{"ts":"2024-05-01T10:00:00Z","ms_played":true}"#,
        "null",
        "7",
        "[1,{}]",
        "{}",
    ];
    let seen = of_text(&format!("[{},{ROW},{}]", odd.join(","), odd[0]));
    assert_eq!(seen.rows.len(), 1);
    let ending = &seen.endings[0];
    assert_eq!((ending.rows, &ending.broken), (13, &None));
    assert_eq!(ending.rejected["has a time that cannot be read"], Rejected { rows: 3, first: 1 });
    assert_eq!(ending.rejected.values().map(|rejected| rejected.rows).sum::<u64>(), 12);
}

#[test]
fn what_cannot_have_been_costs_its_row_and_no_length_is_one() {
    let row = |ts: &str, ms: i64| {
        format!(r#"{{"ts":"{ts}","ms_played":{ms},"spotify_track_uri":"spotify:track:a"}}"#)
    };
    let then = "2024-05-01T10:00:00Z";
    let rows = [
        row(then, 0),
        row(then, 86_400_000),
        row("2006-01-01T00:00:00Z", 1),
        row("2005-12-31T23:59:59Z", 1),
        row("2099-01-01T00:00:00Z", 1),
        row(then, 86_400_001),
        row(then, -1),
    ];
    let seen = of_text(&format!("[{}]", rows.join(",")));
    let lengths: Vec<_> = seen.rows.iter().map(|row| row.ms_played).collect();
    assert_eq!(lengths, [Some(0), Some(86_400_000), Some(1)]);
    let mut rejected: Vec<_> =
        seen.endings[0].rejected.iter().map(|(why, rejected)| (rejected.first, *why)).collect();
    rejected.sort_unstable();
    let [old, future, long, negative] = &rejected[..] else { panic!("{rejected:?}") };
    assert!(old.1.contains("before there was Spotify") && future.1.contains("in the future"), "{rejected:?}");
    assert!(long.1.contains("more than a day") && negative.1.contains("below zero"), "{rejected:?}");
}

#[test]
fn it_is_told_between_which_rows_others_were_rejected() {
    let odd = r#"{"ts":"yesterday"}"#;
    let seen = of_text(&format!("[{ROW},{odd},null,{ROW},{ROW},{odd}]"));
    assert_eq!((seen.rows.len(), seen.lacks), (3, vec![1, 3]));
    let many = format!("[{odd},{}{odd}]", format!("{ROW},").repeat(6_000));
    assert_eq!(of_text(&many).lacks, [0, 6_000], "also over several batches");
}

#[test]
fn what_is_odd_beside_the_play_itself_is_unknown() {
    let odd = r#"{"ts":"2024-05-01T10:00:00Z","ms_played":180000.4,"spotify_track_uri":"spotify:track:a",
        "master_metadata_track_name":1979,"master_metadata_album_artist_name":[],
        "platform":{},"shuffle":"perhaps","skipped":1,"offline":"yes","offline_timestamp":"soon"}"#;
    let seen = of_text(&format!("[{odd}]"));
    assert_eq!(seen.endings, [Ending { rows: 1, ..Ending::default() }]);
    let row = &seen.rows[0];
    assert_eq!((row.ms_played, row.offline_timestamp), (Some(180_000), None));
    assert_eq!(row.item.title_and_maker(), ("1979", ""));
    let how = &row.circumstances;
    assert_eq!((&how.platform, how.shuffle, how.skipped, how.offline), (&None, None, Some(true), Some(true)));
}

#[test]
fn words_of_python_cost_no_row() {
    let python = r#"{"ts":"2024-05-01T10:00:00Z","ms_played":5,"spotify_track_uri":"spotify:track:b",
        "episode_name":NaN,"shuffle":True,"offline_timestamp":None}"#;
    let seen = of_text(&format!("[{ROW},{python},{ROW}]"));
    assert_eq!(seen.endings, [Ending { rows: 3, ..Ending::default() }]);
    let row = &seen.rows[1];
    assert_eq!((row.item.uri(), row.circumstances.shuffle), ("spotify:track:b".to_owned(), Some(true)));
}

#[test]
fn names_that_are_empty_are_none() {
    let row = r#"{"ts":"2024-05-01T10:00:00Z","ms_played":180000,"spotify_track_uri":"",
        "master_metadata_track_name":"","spotify_episode_uri":"spotify:episode:e","episode_name":"Talk"}"#;
    let item = &of_text(&format!("[{row}]")).rows[0].item;
    assert_eq!((item.kind(), item.uri()), (ExportKind::Episode, "spotify:episode:e".to_owned()));
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
    assert_eq!((seen.rows.len(), seen.endings[0].rejected["is not valid JSON"].first), (1, 2));
    assert_eq!(seen.endings[0].broken.as_deref(), Some("is cut off"));
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

    let text = "x".repeat(3 << 20);
    let seen = of_text(&format!(r#"[{ROW},{{"ts":"{text}"#));
    assert_eq!((seen.rows.len(), seen.endings[0].broken.as_deref()), (1, Some("is cut off")));
    let seen = of_text(&format!(r#"[{ROW},{{"ts":"{text}"}},{ROW}]"#));
    assert_eq!((seen.rows.len(), &seen.endings[0].broken), (2, &None));
    assert_eq!(seen.endings[0].rejected["has more than 64 kB, which no row has"].first, 2);
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
fn what_is_packed_in_another_way_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(&dir, &[("endsong_0.json", &format!("[{ROW}]"))]);
    let mut bytes = fs::read(&path).unwrap();
    // The method stands 8 bytes into a file's header, 10 into the directory's entry; 12 is bzip2.
    let entry = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    (bytes[8], bytes[entry + 10]) = (12, 12);
    fs::write(&path, &bytes).unwrap();
    let why = seen(&path).unwrap().endings.remove(0).broken.unwrap();
    assert!(why.starts_with("cannot be unpacked here (") && why.contains("import its folder"), "{why}");
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
    let control = ReadControl::default();
    super::read(dir.path(), &control, &mut |_| true).unwrap();
    assert_eq!(weigh(dir.path()), ROW.len() as u64 + 2);
    assert_eq!(control.bytes.into_inner(), weigh(dir.path()), "of what is to be read everything was");
    let seen = seen(dir.path()).unwrap();
    assert_eq!((seen.rows.len(), seen.skipped), (1, vec!["is a link, which is not followed".to_owned()]));
    assert!(super::read(Path::new("/nonexistent"), &ReadControl::default(), &mut |_| true).is_err());
}

fn row_at(minute: u32) -> String {
    ROW.replace("10:00:00Z", &format!("10:{minute:02}:00Z"))
}

/// Six rows with one of their own in each place.
fn rows(from: u32) -> Vec<String> {
    (from..from + 6).map(row_at).collect()
}

fn ends(seen: &Seen) -> Vec<i64> {
    let mut ends: Vec<i64> = seen.rows.iter().map(|row| (row.ended_ms / 60_000) % 60).collect();
    ends.sort_unstable();
    ends
}

#[test]
fn files_that_were_joined_by_hand_lose_no_row() {
    let (a, b) = (format!("[{}]", rows(0).join(",\n")), format!("[{}]", rows(6).join(",\n")));
    let (a_in, b_in) = (&a[1..a.len() - 1], &b[1..b.len() - 1]);
    let lines: String = rows(0).iter().chain(&rows(6)).map(|row| row.replace('\n', " ") + "\n\n").collect();
    let whole = [
        format!("{a}{b}"),
        format!("{a}\n{b}\n"),
        format!("{a} {b}"),
        format!("{a},{b}"),
        format!("[{a},{b}]"),
        format!("[{a_in},{b_in},]"),
        format!("[,{a_in},,{b_in}]"),
        format!("[{a_in} {b_in}]"),
        format!("{a_in},{b}"),
        format!("{a_in},{b_in}"),
        format!("\u{feff}{a}\r\n\u{feff}{b}"),
        format!("{a}{b}").replace('\n', "\r\n"),
        format!("{a}\0\0{b}\u{1a}"),
        lines.clone(),
        lines.replace('\n', "\r\n"),
        format!("\u{1e}{}", lines.trim_end().replace("\n\n", "\n\u{1e}")),
        lines.trim_end().to_owned(),
    ];
    for text in whole {
        let seen = of_text(&text);
        assert_eq!(ends(&seen), (0..12).collect::<Vec<_>>(), "{text}");
        assert_eq!(seen.endings, [Ending { rows: 12, ..Ending::default() }], "{text}");
    }
    for text in [format!("[{a_in},{b_in}"), format!("[{a_in}{b}"), format!("[{a_in},{b}")] {
        let seen = of_text(&text);
        assert_eq!(ends(&seen), (0..12).collect::<Vec<_>>(), "{text}");
        assert_eq!(seen.endings[0].broken.as_deref(), Some("is cut off"), "a list is not closed: {text}");
    }
}

#[test]
fn damage_costs_the_row_it_is_in() {
    let damaged: [(&[u8], &str); 8] = [
        (b"{\"ts\":\"2024-05-01T10:00:00Z\",\"episode_name\":\"Ren\xe9\"}", "has bytes that are not UTF-8"),
        (br#"{"ts":"2024-05-01T10:00:00Z","episode_name":"\ud83d"}"#, "has half of a character"),
        (br#"{"ts":"2024-05-01T10:00:00Z","episode_name":"\udc00x"}"#, "has half of a character"),
        (br#"{"ts":"2024-05-01T10:00:00Z","episode_name":"a "quoted" name"}"#, "is not valid JSON"),
        (br#"{"ts":"2024-05-01T10:00:00Z","shuffle":Falsch}"#, "is not valid JSON"),
        (b"{\"ts\":\"2024-05-01T10:00:00Z\",\"episode_name\":\"a\0b\"}", "is not valid JSON"),
        (b"{\"ts\":\"2024-05-01T10:00:00Z\",\"episode_name\":\"open\n}", "is not valid JSON"),
        (b"// a remark\n", "is not valid JSON"),
    ];
    for (damage, why) in damaged {
        for (before, between, after) in [("[", ",", "]"), ("", "\n", "\n"), ("[\n", ",\n", "\n]\n")] {
            for place in 0..3 {
                let mut parts: Vec<Vec<u8>> = [row_at(1), row_at(2)].map(String::into_bytes).into();
                parts.insert(place, damage.to_vec());
                let text = [before.as_bytes(), &parts.join(between.as_bytes()), after.as_bytes()].concat();
                let seen = of_bytes(&text);
                let shown = String::from_utf8_lossy(&text);
                assert_eq!(ends(&seen), [1, 2], "{shown}");
                let rejected = Rejected { rows: 1, first: place as u64 + 1 };
                assert_eq!(seen.endings[0].rejected, BTreeMap::from([(why, rejected)]), "{shown}");
                assert_eq!(seen.endings[0].broken, None, "{shown}");
            }
        }
    }
}

#[test]
fn a_hundred_damaged_rows_do_not_make_it_another_file() {
    let damaged = vec![b"{\"ts\":\"2024-05-01T10:00:00Z\",\"episode_name\":\"Bj\xf6rk\"}".to_vec(); 150]
        .join(&b","[..]);
    let seen = of_bytes(&[b"[", &damaged[..], b",", ROW.as_bytes(), b"]"].concat());
    assert_eq!((seen.rows.len(), seen.endings[0].rejected["has bytes that are not UTF-8"].rows), (1, 150));
}

#[test]
fn utf_16_is_read_and_half_a_pair_in_it_costs_a_row() {
    for (bytes, mark) in [(u16::to_le_bytes as fn(u16) -> [u8; 2], 0xfeff_u16), (u16::to_be_bytes, 0xfeff)] {
        let mut units: Vec<u16> = format!("[{},{}]", row_at(1), row_at(2)).encode_utf16().collect();
        let plain: Vec<u8> = units.iter().copied().flat_map(bytes).collect();
        assert_eq!(ends(&of_bytes(&plain)), [1, 2], "without a mark");
        units.insert(0, mark);
        let marked: Vec<u8> = units.iter().copied().flat_map(bytes).collect();
        assert_eq!(of_bytes(&marked).rows[1].item.title_and_maker(), ("Jóga", "Björk"));
        let at = units.iter().position(|unit| *unit == u16::from(b'J')).unwrap();
        units[at] = 0xd800;
        let seen = of_bytes(&units.iter().copied().flat_map(bytes).collect::<Vec<_>>());
        assert_eq!((ends(&seen), seen.endings[0].rows), (vec![2], 2));
    }
}

#[test]
fn names_and_fields_beyond_all_measure_cost_their_row() {
    let long = "x".repeat(5_000);
    let odd = [
        format!(r#"{{"ts":"2024-05-01T10:00:00Z","episode_name":"{long}"}}"#),
        format!(r#"{{"ts":"2024-05-01T10:00:00Z","platform":"{long}"}}"#),
        format!(r#"{{"ts":"2024-05-01T10:00:00Z","mood":"{}"}}"#, long.repeat(4)),
        format!(r#"{{"ts":"2024-05-01T10:00:00Z","username":"{}"}}"#, long.repeat(20)),
        format!(r#"{{"ts":"2024-05-01T10:00:00Z","username":"{long}"}}"#),
    ];
    let seen = of_text(&format!("[{}]", odd.join(",")));
    assert_eq!(seen.rows.len(), 1, "what is not kept may be as long as it likes, within a row");
    let why: Vec<_> = seen.endings[0].rejected.keys().copied().collect();
    assert_eq!(
        why,
        [
            "has more than 16 kB of fields that nobody knows",
            "has more than 64 kB, which no row has",
            "has names of more than 4 kB",
        ]
    );
}

#[test]
fn rows_go_on_before_their_names_fill_the_memory() {
    let row = |n: usize| {
        format!(
            r#"{{"ts":"2024-05-01T10:00:00Z","episode_name":"{n}{}","ms_played":{n}}}"#,
            "x".repeat(3_900)
        )
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("endsong_0.json");
    fs::write(&path, format!("[{}]", (0..4_000).map(row).collect::<Vec<_>>().join(","))).unwrap();
    let (mut most, mut rows) = (0, 0);
    super::read(&path, &ReadControl::default(), &mut |event| {
        if let Event::Rows(batch) = event {
            most = most.max(batch.rows.iter().map(|row| row.item.title_and_maker().0.len()).sum());
            rows += batch.rows.len();
        }
        true
    })
    .unwrap();
    assert_eq!(rows, 4_000);
    assert!(most < (1 << 20) + 4_096, "{most} bytes at once");
}

#[test]
fn archives_in_archives_are_read_and_bombs_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let zipped = |files: &[(&str, &[u8])]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let list = |minute: u32| format!("[{}]", row_at(minute)).into_bytes();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&list(4)).unwrap();
    let mut deep = zipped(&[("endsong_9.json", &list(9))]);
    for _ in 0..4 {
        deep = zipped(&[("again.zip", &deep)]);
    }
    let outer = zipped(&[
        ("a.zip", &zipped(&[("MyData\\endsong_1.json", &list(1)), ("endsong_2.JSON", &list(2))])),
        ("b/c.ZIP", &zipped(&[("d.zip", &zipped(&[("endsong_3.jsonl", &list(3))]))])),
        ("deep.zip", &deep),
        ("endsong_4.json.gz", &gz.finish().unwrap()),
        ("old.tar", &{
            let mut tar = vec![b'x'; 512];
            tar[257..262].copy_from_slice(b"ustar");
            tar
        }),
        ("torn.zip", &zipped(&[("endsong_5.json", &list(5))])[..40]),
        ("z.json", &list(6)),
    ]);
    let path = dir.path().join("all.zip");
    fs::write(&path, outer).unwrap();
    let seen = seen(&path).unwrap();
    assert_eq!(ends(&seen), [1, 2, 3, 4, 6]);
    assert!(
        seen.skipped.iter().any(|why| why == "lies in more than 3 archives, one in another"),
        "{:?}",
        seen.skipped
    );
    assert!(seen.skipped.iter().any(|why| why.starts_with("is a tar archive")), "{:?}", seen.skipped);
    let broken: Vec<_> = seen.endings.iter().filter_map(|ending| ending.broken.as_deref()).collect();
    assert!(matches!(broken.as_slice(), [why] if why.starts_with("is not a whole zip file")), "{broken:?}");
}

#[test]
fn an_archive_with_more_files_than_any_export_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("many.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for number in 0..20_002 {
        zip.start_file(format!("{number}.json"), SimpleFileOptions::default()).unwrap();
    }
    zip.finish().unwrap();
    let why = seen(&path).err().unwrap().to_string();
    assert!(why.contains("more than 20000 files"), "{why}");

    // Names alone that would take all memory.
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for number in 0..100 {
        zip.start_file(format!("{number:060000}.json"), SimpleFileOptions::default()).unwrap();
    }
    zip.finish().unwrap();
    let why = seen(&path).err().unwrap().to_string();
    assert!(why.contains("its directory is too long"), "{why}");
}

#[test]
fn reading_ends_when_it_is_told_to_wherever_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("endsong_0.json");
    // A row that never ends: no event would come for as long as it is read.
    fs::write(&path, format!("[{ROW},{{\"ts\":\"{}", "x".repeat(2 << 20))).unwrap();
    let control = ReadControl::default();
    control.stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let mut events = 0;
    let goes_on = super::read(&path, &control, &mut |_| {
        events += 1;
        true
    });
    assert_eq!((goes_on.unwrap(), events), (false, 0));
    assert!(control.bytes.into_inner() < 1 << 20);
}

#[test]
fn folders_are_followed_as_deep_as_people_have_them_and_what_is_left_out_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let deep = |depth: usize| (0..depth).fold(dir.path().to_owned(), |path, n| path.join(n.to_string()));
    fs::create_dir_all(deep(70)).unwrap();
    for (depth, minute) in [(9, 1), (60, 2), (70, 3)] {
        fs::write(deep(depth).join("endsong_0.json"), format!("[{}]", row_at(minute))).unwrap();
    }
    rustix::fs::mkfifoat(rustix::fs::CWD, dir.path().join("pipe.json"), rustix::fs::Mode::RUSR).unwrap();
    let found = seen(dir.path()).unwrap();
    assert_eq!(ends(&found), [1, 2]);
    assert_eq!(found.skipped, ["lies more than 64 folders deep", "is a pipe, not a file"]);
    let error = seen(&dir.path().join("pipe.json")).err().unwrap().to_string();
    assert!(
        error.ends_with("it is a pipe, not a file); name a file, or save to one what comes from there"),
        "{error}"
    );
    assert!(seen(Path::new("/dev/zero")).err().unwrap().to_string().contains("it is a device"));
}

#[test]
fn values_as_other_programs_write_them_are_taken_where_their_meaning_is_plain() {
    let plain = r#"{"ts":"2024-05-01 10:00:00","ms_played":180000.0,"offline_timestamp":"1714557420.0","shuffle":"TRUE",
        "skipped":"","episode_name":"x"}"#;
    let seen = of_text(&format!("[{plain}]"));
    let row = &seen.rows[0];
    assert_eq!(
        (row.ended_ms, row.ms_played, row.offline_timestamp),
        (1_714_557_600_000, Some(180_000), Some(1_714_557_420))
    );
    assert_eq!((row.circumstances.shuffle, row.circumstances.skipped), (Some(true), None));
}
