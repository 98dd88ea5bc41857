//! One file: where it ends, damaged, joined or encoded parts, and how much of it is in memory.

use super::*;

#[test]
fn a_file_that_is_cut_off_keeps_what_came_before() {
    for cut in [1, ROW.len() / 2, ROW.len() + 1] {
        let text = format!("[{ROW},{ROW},{ROW}]");
        let seen = of_text(&text[..2 * (ROW.len() + 1) + cut]);
        assert!(seen.rows.len() >= 2);
        assert_eq!(seen.endings[0].broken.as_deref(), Some("is incomplete"));
    }
    let seen = of_text(&format!("[{ROW}, oops"));
    assert_eq!((seen.rows.len(), seen.endings[0].rejected["is not valid JSON"].first), (1, 2));
    assert_eq!(seen.endings[0].broken.as_deref(), Some("is incomplete"));
}

#[test]
fn what_is_no_listening_history_is_left_aside() {
    let library = r#"{"tracks":[{"artist":"A","track":"B"}]}"#;
    let searches = r#"[{"searchTime":"2024","searchQuery":"x"}]"#;
    for text in [library, searches, "[]", "{}", "\"text\"", "", "%PDF-1.4"] {
        let seen = of_text(text);
        assert_eq!((seen.rows.len(), seen.endings.len(), seen.skipped.len()), (0, 0, 1), "{text}");
    }
    assert_eq!(of_text(library).skipped, ["is not a listening history"]);
}

#[test]
fn depth_and_length_are_bounded_and_what_came_before_is_kept() {
    let deep = format!(r#"[{ROW},{{"ts":"2024-05-01T10:00:00Z","mood":{}"#, "[".repeat(100_000));
    let seen = of_text(&deep);
    assert_eq!(seen.rows.len(), 1);
    assert!(seen.endings[0].broken.is_some());

    let text = "x".repeat(3 << 20);
    let seen = of_text(&format!(r#"[{ROW},{{"ts":"{text}"#));
    assert_eq!((seen.rows.len(), seen.endings[0].broken.as_deref()), (1, Some("is incomplete")));
    let seen = of_text(&format!(r#"[{ROW},{{"ts":"{text}"}},{ROW}]"#));
    assert_eq!((seen.rows.len(), &seen.endings[0].broken), (2, &None));
    assert_eq!(seen.endings[0].rejected["has more than 64 kB, too much for a row"].first, 2);
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
        assert_eq!(seen.endings[0].broken.as_deref(), Some("is incomplete"), "a list is not closed: {text}");
    }
}

#[test]
fn damage_costs_the_row_it_is_in() {
    let damaged: [(&[u8], &str); 8] = [
        (b"{\"ts\":\"2024-05-01T10:00:00Z\",\"episode_name\":\"Ren\xe9\"}", "has bytes that are not UTF-8"),
        (br#"{"ts":"2024-05-01T10:00:00Z","episode_name":"\ud83d"}"#, "has an incomplete character"),
        (br#"{"ts":"2024-05-01T10:00:00Z","episode_name":"\udc00x"}"#, "has an incomplete character"),
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
fn reading_ends_when_it_is_told_to_wherever_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("endsong_0.json");
    // A row that never ends: no event would come while it is read.
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
