//! The values of a row, and what makes it rejected.

use super::*;

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
    assert!(old.1.contains("before Spotify existed") && future.1.contains("in the future"), "{rejected:?}");
    assert!(long.1.contains("more than a day") && negative.1.contains("negative"), "{rejected:?}");
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
            "has more than 16 kB of unknown fields",
            "has more than 64 kB, too much for a row",
            "has names of more than 4 kB",
        ]
    );
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
