//! The browser screens.

use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use rstest::rstest;

use super::*;
use crate::domain::queries::Answered;
use crate::tui::fixtures::record;

/// A screen after these keys, with every question answered.
pub fn screen(keys: &str, settings: UiSettings, (columns, rows): (u16, u16)) -> Model {
    let mut model = fixtures::model(fixtures::idle(), settings);
    update(&mut model, Msg::Resized { columns, rows });
    for letter in keys.chars() {
        let code = match letter {
            '\n' => KeyCode::Enter,
            letter => KeyCode::Char(letter),
        };
        update(&mut model, Msg::Key { key: KeyEvent::from(code), at: now() });
        record::serve(&mut model);
    }
    model
}

/// Every screen and its panes, by the keys that lead there.
pub const SCREENS: [(&str, &str); 33] = [
    ("tracks", "2jj"),
    ("tracks_end", "2G"),
    ("filtered", "2/hyper"),
    ("filtered_away", "2/there is no such thing\n"),
    ("sorted", "2SSI"),
    ("albums", "2]j"),
    ("artists", "2]]"),
    ("track", "2j\n"),
    ("playlists", "3jj"),
    ("contents", "3\nj"),
    ("versions", "3v"),
    ("version", "3v\n"),
    ("help", "3?"),
    ("plays", "4"),
    ("plays_before", "4d2026-11-02\nj"),
    ("plays_end", "4G"),
    ("plays_filtered", "4/hyper"),
    ("plays_filtered_away", "4/there is no such thing\n"),
    ("date", "4d2026-11"),
    ("play", "4\n"),
    ("top_tracks", "5jj"),
    ("top_artists", "5t+"),
    ("top_albums", "5tt+++h"),
    ("genres", "5ttt"),
    ("calendar", "5tttt"),
    ("calendar_before", "5tttth"),
    ("hours", "5ttttt++"),
    ("growth", "5[jj"),
    ("changes", "6j"),
    ("past", "6d2026-11-01\n"),
    ("past_playlists", "6d2026-11-01\n[j\n"),
    ("runs", "7j"),
    ("log", "7]j"),
];

/// All models that draw lists, including one that waits for its first rows, and one that will have
/// none.
fn everything_that_lists() -> Vec<Model> {
    let mut models: Vec<_> = SCREENS.iter().map(|(_, keys)| screen(keys, COLOR, (80, 24))).collect();
    let mut waiting = fixtures::model(fixtures::idle(), COLOR);
    waiting.screen = Screen::Library;
    let mut afar = waiting.clone();
    afar.reads = false;
    models.extend([waiting, afar]);
    models
}

fn draw_at(model: &mut Model, columns: u16, rows: u16) {
    update(model, Msg::Resized { columns, rows });
    serve_if_shown(model);
    let drawn = picture(model, now(), columns, rows);
    assert_drawn(model, &drawn);
    let list = model.pane().and_then(|pane| pane.list()).and_then(|list| list.page());
    if columns >= 40 && rows >= 10 && model.overlay.is_none() && list.is_some_and(|page| page.total > 0) {
        let is_marked = |line: &String| line.trim_start().starts_with("> ");
        assert_eq!(text(&drawn).iter().filter(|line| is_marked(line)).count(), 1, "{}", joined(&drawn));
    }
}

#[test]
fn every_screen_draws_at_every_size() {
    let mut models = everything_that_lists();
    for columns in 0..=200_u16 {
        // Only one row number in nine: all of them take minutes.
        for rows in (columns % 9..=60).step_by(9) {
            // Each size draws another screen, so that each screen is drawn at many sizes.
            let index = usize::from(columns * 7 + rows / 9) % models.len();
            draw_at(&mut models[index], columns, rows);
        }
    }
}

/// `cargo test --release --locked --lib every_screen_draws_at_each -- --ignored`
#[test]
#[ignore = "takes minutes, also in a release build"]
fn every_screen_draws_at_each_of_all_sizes() {
    for mut model in everything_that_lists() {
        for columns in 0..=200 {
            for rows in 0..=60 {
                draw_at(&mut model, columns, rows);
            }
        }
    }
}

/// The cost of a frame, including cells and differences, on the slowest of the screens:
/// `cargo test --release --locked --lib a_frame_at_200_by_60 -- --ignored --nocapture`.
#[test]
#[ignore = "a measure, and of a release build"]
fn a_frame_at_200_by_60() {
    const ROUNDS: usize = 200;
    let mut models: Vec<_> =
        SCREENS.iter().map(|(name, keys)| (*name, screen(keys, COLOR, (200, 60)))).collect();
    let mut busy = fixtures::model(fixtures::playing(), COLOR);
    update(&mut busy, Msg::Resized { columns: 200, rows: 60 });
    models.push(("dashboard", busy));
    let mut told = Vec::new();
    for (name, model) in &models {
        let mut terminal = Terminal::new(TestBackend::new(200, 60)).unwrap();
        let mut took: Vec<_> = (0..ROUNDS)
            .map(|round| {
                let at = now() + TimeDelta::seconds(i64::try_from(round).unwrap());
                let begun = std::time::Instant::now();
                terminal.draw(|frame| view(frame, model, at)).unwrap();
                begun.elapsed()
            })
            .collect();
        took.sort_unstable();
        told.push((took[ROUNDS / 2], took[ROUNDS * 95 / 100], *name));
    }
    told.sort_unstable();
    let (median, percentile, name) = told.pop().unwrap();
    let mut out = std::io::stderr();
    let words = format!("the busiest screen, {name}: median {median:?}, 95th percentile {percentile:?}\n");
    std::io::Write::write_all(&mut out, words.as_bytes()).unwrap();
}

/// Answers as long as the screen requests rows; a screen that waits for its first rows continues to
/// wait.
fn serve_if_shown(model: &mut Model) {
    if model.pane().and_then(|pane| pane.list()).is_some_and(|list| list.page().is_some()) {
        record::serve(model);
    }
}

#[test]
fn wide_and_steering_titles_leave_every_column_where_it_is() {
    for (_, keys) in SCREENS {
        for (columns, rows) in [(40, 12), (80, 24), (120, 40)] {
            let drawn = picture(&screen(keys, COLOR, (columns, rows)), now(), columns, rows);
            for (y, row) in (0..).zip(text(&drawn)) {
                assert!(!row.contains('\u{1b}') && !row.contains('\u{202e}') && !row.contains('\u{9b}'));
                let wide: usize = (0..columns).map(|x| width(drawn[(x, y)].symbol()).saturating_sub(1)).sum();
                assert_eq!(width(&row), usize::from(columns) + wide, "{keys} row {y}: {row}");
            }
        }
    }
}

/// The cells of the screen as columns, wide ones counted twice, as a terminal shows them.
fn at_column(drawn: &Buffer, y: u16, column: u16) -> String {
    (column..column + 10).map(|x| drawn[(x, y)].symbol()).collect()
}

#[test]
fn the_days_stand_below_each_other_whatever_the_titles() {
    let drawn = picture(&screen("2", COLOR, (80, 24)), now(), 80, 24);
    let heads = (0..24).find(|y| at_column(&drawn, *y, 69).starts_with("added")).unwrap();
    for y in heads + 1..heads + 16 {
        let day = at_column(&drawn, y, 69);
        assert!(day.starts_with("2026-11-"), "row {y}: {day}");
    }
}

#[test]
fn what_is_selected_is_known_without_colour() {
    for settings in [MONO, ASCII] {
        for (columns, rows) in [(40, 12), (80, 24)] {
            let drawn = text(&picture(&screen("2jj", settings, (columns, rows)), now(), columns, rows));
            let marked: Vec<_> = drawn.iter().filter(|row| row.trim_start().starts_with('>')).collect();
            assert_eq!(marked.len(), 1, "{drawn:#?}");
        }
    }
}

#[test]
fn ascii_is_ascii_and_no_colour_is_none() {
    for (name, keys) in SCREENS {
        for size @ (columns, rows) in [(40, 10), (80, 24), (120, 40)] {
            let drawn = joined(&picture(&screen(keys, ASCII, size), now(), columns, rows));
            assert!(drawn.is_ascii(), "{name} at {columns}x{rows}: {drawn}");
            let drawn = picture(&screen(keys, MONO, size), now(), columns, rows);
            let reset = ratatui::style::Color::Reset;
            assert!(drawn.content.iter().all(|cell| cell.fg == reset && cell.bg == reset));
        }
    }
}

#[test]
fn where_one_stands_is_told() {
    let told = |keys| joined(&picture(&screen(keys, COLOR, (80, 24)), now(), 80, 24));
    assert!(told("2jj").contains("3 of 10,000"));
    assert!(told("2G").contains("10,000 of 10,000"));
    assert!(told("2/hyper").contains("1 of 1,112 (all: 10,000)"));
    assert!(told("2/nowhere").contains("0 of 0 (all: 10,000)"));
    assert!(told("3\nv").contains("Playlists › Hyperballad › versions"));
}

#[test]
fn waiting_failing_and_being_afar_are_sentences() {
    let mut model = fixtures::model(fixtures::idle(), COLOR);
    let drawn = |model: &Model| joined(&picture(model, now(), 80, 24));
    let reading = [Screen::Playlists, Screen::Plays, Screen::Statistics, Screen::Changes, Screen::Runs];
    for screen in reading.into_iter().chain([Screen::Library]) {
        model.screen = screen;
        let drawn = drawn(&model);
        assert!(drawn.contains("reading…") && !drawn.contains("reads again"), "{drawn}");
    }
    let question = model.question().unwrap();
    let why = "the database is locked by another program; close it or try again in a moment".to_owned();
    let failed = Answered { question, answer: Err(why.clone()) };
    update(&mut model, Msg::Read(std::sync::Arc::new(failed)));
    assert!(drawn(&model).contains("the database is locked by another program"));
    record::serve(&mut model);
    assert!(!drawn(&model).contains("locked"));
    model.reads = false;
    assert!(drawn(&model).contains("is on another machine"));
}

/// A problem that stops the sync is shown on every screen, with what happens next, and rows are
/// still visible.
#[rstest]
#[case::no_login(fixtures::empty(), "you are not logged in", "run `phonolog login`")]
#[case::unreachable(fixtures::unreachable(), "5 entities failed", "next try at 13:47:02: api.spotify.com")]
#[case::quota(fixtures::day_hold(), "playlist_items held", "until Tue 13:32:00: Spotify's daily quota")]
#[case::locked(fixtures::locked(), "nothing can be recorded", "the database is locked by another program")]
fn what_is_wrong_is_told_on_every_screen(#[case] snapshot: Snapshot, #[case] what: &str, #[case] next: &str) {
    let wrong = fixtures::model(snapshot, COLOR);
    for keys in ["2", "3", "3\n", "4", "5", "6", "7", "7]", "2\n"] {
        for (columns, rows) in [(80, 24), (120, 36), (60, 12)] {
            let mut model = screen(keys, COLOR, (columns, rows));
            let before = joined(&picture(&model, now(), columns, rows));
            model.snapshot = Arc::clone(&wrong.snapshot);
            let drawn = joined(&picture(&model, now(), columns, rows));
            // If there are few rows, the period of a figure uses the only free line.
            if !(rows < 20 && keys == "5") {
                assert!(drawn.contains(what), "{keys} {columns}x{rows}: {drawn}");
                assert!(drawn.contains(next) || columns < 80, "{keys} {columns}x{rows}: {drawn}");
            }
            let body = |drawn: &str| drawn.lines().skip(6).map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(body(&drawn), body(&before), "no row moves by it, and none is lost");
        }
    }
}

#[test]
fn a_hold_is_told_until_it_is_over_without_a_wake_up_in_between() {
    let mut model = screen("2", COLOR, (80, 24));
    model.snapshot = Arc::new(fixtures::short_hold());
    let drawn = |model: &Model, at| joined(&picture(model, at, 80, 24));
    assert!(drawn(&model, now()).contains("held until 13:32:06"), "{}", drawn(&model, now()));
    let change = TimeDelta::from_std(next_change(&model, now()).unwrap()).unwrap();
    assert_eq!(change, TimeDelta::milliseconds(4_700));
    assert!(!drawn(&model, now() + change).contains("held"));
}

/// Rows do not age: without any event, a browser screen is redrawn only for the login.
#[test]
fn a_browsing_screen_rests() {
    let model = screen("2", COLOR, (80, 24));
    let (mut at, mut draws) = (now(), 0);
    while let Some(change) = next_change(&model, at) {
        at += TimeDelta::from_std(change).unwrap();
        if at > now() + TimeDelta::hours(20) {
            break;
        }
        draws += 1;
    }
    assert!(draws <= 1, "{draws} draws in twenty hours");
}
