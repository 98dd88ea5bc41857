//! Properties of every drawing.

mod browsing;
mod pictures;

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::view;
use crate::domain::{Entity, EntityState, Snapshot};
use crate::handle::Link;
use crate::tui::fixtures::pictures::{draw, palette};
use crate::tui::fixtures::{self, now};
use crate::tui::runtime::next_redraw::next_change;
use crate::tui::state::model::{Model, Overlay};
use crate::tui::state::screens::Screen;
use crate::tui::style::settings::{ColorChoice, UiSettings};
use crate::tui::style::text::width;
use crate::tui::update::{Msg, update};

const COLOR: UiSettings = UiSettings { color: ColorChoice::Auto, ascii: false, mouse: true, truecolor: true };
const MONO: UiSettings = UiSettings { color: ColorChoice::None, ascii: false, mouse: true, truecolor: false };
const ASCII: UiSettings = UiSettings { color: ColorChoice::None, ascii: true, mouse: true, truecolor: false };

fn picture(model: &Model, now: DateTime<Utc>, columns: u16, rows: u16) -> Buffer {
    draw((columns, rows), |frame| view(frame, model, now))
}

fn text(buffer: &Buffer) -> Vec<String> {
    let row = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
    (0..buffer.area.height).map(row).collect()
}

fn joined(buffer: &Buffer) -> String {
    text(buffer).join("\n")
}

fn theme(name: &str) -> UiSettings {
    UiSettings { color: ColorChoice::TrueColor(palette(name)), ascii: false, mouse: true, truecolor: true }
}

#[test]
fn a_theme_paints_every_cell_also_under_a_box_and_says_the_same_words() {
    for name in ["dark", "light", "high-contrast"] {
        for overlay in [None, Some(Overlay::Help { scroll: 0 }), Some(Overlay::Resync)] {
            for (columns, rows) in [(30, 5), (80, 24), (120, 36)] {
                let mut themed = fixtures::model(fixtures::failed(), theme(name));
                themed.overlay = overlay;
                let drawn = picture(&themed, now(), columns, rows);
                let reset = ratatui::style::Color::Reset;
                for (cell, before) in drawn.content.iter().skip(1).zip(&drawn.content) {
                    // The second half of a wide symbol is never drawn itself.
                    let is_drawn = width(before.symbol()) < 2;
                    assert!(!is_drawn || cell.bg != reset && cell.fg != reset, "{name}: {cell:?}");
                }
                let mut plain = fixtures::model(fixtures::failed(), MONO);
                plain.overlay = overlay;
                assert_eq!(text(&drawn), text(&picture(&plain, now(), columns, rows)));
            }
        }
    }
}

#[test]
fn every_size_draws() {
    let overlays = [None, Some(Overlay::Help { scroll: 60 }), Some(Overlay::Resync), Some(Overlay::Removals)];
    let mut models: Vec<_> = fixtures::all().into_iter().map(|(_, it)| fixtures::model(it, COLOR)).collect();
    let widths = (0..=200).step_by(7).chain([39, 40, 41, 50, 71, 72, 80, 103, 104]);
    for (i, columns) in widths.enumerate() {
        let heights = (0..=60).step_by(3).chain([10, 11, 19, 20, 22, 26, 34]);
        for (j, rows) in heights.enumerate() {
            // Each size draws another situation, so that each situation is drawn at many sizes.
            let which = (i * 5 + j) % models.len();
            models[which].overlay = overlays[(i + j) % overlays.len()];
            let drawn = picture(&models[which], now(), columns, rows);
            assert_drawn(&models[which], &drawn);
        }
    }
}

/// Checks what every screen of every size shows: if there is room, the account, the chosen tab, the
/// parts that are never left out and the keys; otherwise how much room is needed, and nothing else.
fn assert_drawn(model: &Model, drawn: &Buffer) {
    let (columns, rows) = (drawn.area.width, drawn.area.height);
    let lines = text(drawn);
    let (all, told) = (lines.join("\n"), format!("{:?} at {columns}x{rows}", model.screen));
    if columns < 40 || rows < 10 {
        let needs = if columns < 20 { "needs 40×10" } else { "phonolog needs 40×10" };
        let words: Vec<&str> = all.split_whitespace().collect();
        let is_told = usize::from(columns) >= width(needs) && rows > 0;
        assert!(!is_told || words.join(" ") == needs, "{told}:\n{all}");
        return;
    }
    match model.overlay {
        None => {
            assert!(lines[0].trim_start().starts_with("phonolog "), "{told}:\n{all}");
            let tab = format!("[{} {}]", model.screen.index() + 1, model.screen.name());
            let has_tabs = model.screen != Screen::Dashboard || rows >= 18;
            assert!(!has_tabs || lines[1].contains(&tab), "{told}:\n{all}");
        }
        Some(Overlay::Help { .. }) => assert!(all.contains("╭ phonolog: help"), "{told}:\n{all}"),
        Some(Overlay::Resync) => assert!(all.contains("requests in total"), "{told}:\n{all}"),
        Some(Overlay::Removals) => assert!(all.contains("╭ Allow these removals? "), "{told}:\n{all}"),
    }
    if model.screen == Screen::Dashboard && model.overlay.is_none() {
        for entity in Entity::MIRRORED {
            assert!(all.contains(entity.as_str()), "{told}, {entity}:\n{all}");
        }
    }
    assert!(!lines[lines.len() - 1].trim().is_empty(), "{told} has no keys:\n{all}");
}

#[test]
fn too_small_says_what_is_needed() {
    let model = fixtures::model(fixtures::idle(), COLOR);
    assert!(joined(&picture(&model, now(), 39, 24)).contains("phonolog needs 40×10"));
    assert!(joined(&picture(&model, now(), 80, 9)).contains("phonolog needs 40×10"));
    assert!(joined(&picture(&model, now(), 14, 3)).contains("needs 40×10"));
}

#[test]
fn ascii_is_ascii_everywhere() {
    for (name, snapshot) in fixtures::all() {
        let mut model = fixtures::model(snapshot, ASCII);
        for overlay in
            [None, Some(Overlay::Help { scroll: 0 }), Some(Overlay::Resync), Some(Overlay::Removals)]
        {
            model.overlay = overlay;
            for (columns, rows) in [(40, 10), (80, 24), (120, 36), (30, 5)] {
                let drawn = joined(&picture(&model, now(), columns, rows));
                assert!(drawn.is_ascii(), "{name} at {columns}x{rows}: {drawn}");
            }
        }
    }
}

#[test]
fn without_colour_there_is_none() {
    for (_, snapshot) in fixtures::all() {
        let drawn = picture(&fixtures::model(snapshot, MONO), now(), 80, 24);
        let reset = ratatui::style::Color::Reset;
        assert!(drawn.content.iter().all(|cell| cell.fg == reset && cell.bg == reset));
    }
}

#[test]
fn nasty_titles_leave_every_column_where_it_is() {
    let plain = picture(&fixtures::model(fixtures::idle(), COLOR), now(), 80, 24);
    let nasty = picture(&fixtures::model(fixtures::nasty(), COLOR), now(), 80, 24);
    for (y, row) in (0..).zip(text(&nasty)) {
        assert!(!row.contains('\u{1b}') && !row.contains('\u{202e}') && !row.contains('\u{9b}'));
        // The second halves of wide symbols are cells of their own, which contain a space.
        let wide = (0..80).filter(|x| width(nasty[(*x, y)].symbol()) > 1).count();
        assert_eq!(width(&row), 80 + wide, "row {y}: {row}");
    }
    let left_half = |buffer: &Buffer| {
        let rows = text(buffer).into_iter().skip(5);
        rows.map(|row| row.chars().take(38).collect::<String>()).collect::<Vec<_>>()
    };
    assert_eq!(left_half(&plain), left_half(&nasty));
}

#[test]
fn a_short_hold_moves_nothing() {
    for (columns, rows) in [(80, 24), (120, 36)] {
        let row_of = |snapshot, word| {
            let drawn = text(&picture(&fixtures::model(snapshot, COLOR), now(), columns, rows));
            drawn.iter().position(|row| row.contains(word)).unwrap()
        };
        for word in ["initial sync", "playlist_items", "requests  "] {
            assert_eq!(row_of(fixtures::initial(), word), row_of(fixtures::short_hold(), word), "{word}");
        }
    }
}

#[test]
fn every_failure_is_told_with_its_next_try_at_every_size() {
    let model = fixtures::model(fixtures::failed(), COLOR);
    for (columns, rows) in [(40, 10), (60, 18), (80, 24), (120, 36)] {
        let drawn = joined(&picture(&model, now(), columns, rows));
        assert!(drawn.contains("Spotify answered 502"), "{columns}x{rows}: {drawn}");
        assert!(drawn.contains("next try"), "{columns}x{rows}: {drawn}");
    }
}

#[test]
fn details_say_why_they_do_not_come_and_a_failure_of_theirs_is_told_at_every_size() {
    let mut snapshot = fixtures::idle();
    let details = fixtures::entity(&mut snapshot, Entity::Details);
    details.error = Some("no artists today".to_owned());
    let drawn = |snapshot: &Snapshot, (columns, rows)| {
        joined(&picture(&fixtures::model(snapshot.clone(), COLOR), now(), columns, rows))
    };
    let sizes = [(60, 18), (80, 24), (120, 36)];
    let told = sizes.map(|size| drawn(&snapshot, size).matches("no artists today").count());
    assert_eq!(told, [0, 0, 1], "beside their gauge, where there is one");
    fixtures::entity(&mut snapshot, Entity::Details).state = EntityState::Failed;
    for size in sizes {
        assert_eq!(drawn(&snapshot, size).matches("no artists today").count(), 1, "{size:?}");
    }
}

#[test]
fn what_several_failed_with_is_told_once() {
    let model = fixtures::model(fixtures::unreachable(), COLOR);
    for (columns, rows) in [(40, 12), (80, 24), (120, 36)] {
        let drawn = joined(&picture(&model, now(), columns, rows));
        assert_eq!(drawn.matches("api.spotify.com").count(), 1, "{columns}x{rows}: {drawn}");
        assert!(drawn.contains("5 entities failed, next try in 15 min"), "{columns}x{rows}: {drawn}");
    }
    let drawn = joined(&picture(&model, now(), 80, 24));
    assert!(drawn.contains("✗ failed  next try in 29 min"), "the plays, too: {drawn}");
}

#[test]
fn a_runs_own_error_is_told_once() {
    let mut snapshot = fixtures::failed();
    let told = |snapshot: &Snapshot, error: &str| {
        let drawn = picture(&fixtures::model(snapshot.clone(), COLOR), now(), 120, 36);
        joined(&drawn).matches(error).count()
    };
    snapshot.run.as_mut().unwrap().error = snapshot.entities[1].error.clone();
    assert_eq!(told(&snapshot, "Spotify answered 502"), 1);
    snapshot.run.as_mut().unwrap().error = Some("the disk is full; free some space".to_owned());
    assert_eq!(told(&snapshot, "the disk is full"), 1);
}

#[test]
fn a_running_entity_never_shows_a_hundred_percent() {
    let mut snapshot = fixtures::initial();
    let tracks = &mut snapshot.entities[0];
    tracks.done = tracks.total.unwrap();
    let drawn = joined(&picture(&fixtures::model(snapshot.clone(), COLOR), now(), 80, 24));
    assert!(drawn.contains("99 %") && !drawn.contains("100 %"), "{drawn}");
    snapshot.entities[0].state = EntityState::Idle;
    snapshot.entities[0].last_synced_at = Some(now());
    let drawn = joined(&picture(&fixtures::model(snapshot, COLOR), now(), 80, 24));
    assert!(drawn.contains("100 %"), "{drawn}");
}

#[test]
fn empty_and_half_full_differ_without_colour() {
    for settings in [MONO, ASCII] {
        let gauge_at = |done| {
            let mut snapshot = fixtures::initial();
            snapshot.entities[0].done = done;
            text(&picture(&fixtures::model(snapshot, settings), now(), 80, 24)).remove(5)[18..]
                .chars()
                .take(20)
                .collect::<String>()
        };
        assert_ne!(gauge_at(0), gauge_at(5_206));
    }
}

#[test]
fn a_hold_counts_down_to_the_second_and_goes() {
    let model = fixtures::model(fixtures::short_hold(), COLOR);
    let drawn_after = |millis| joined(&picture(&model, now() + TimeDelta::milliseconds(millis), 80, 24));
    assert!(drawn_after(0).contains("held 0:05 until 13:32:06"));
    assert!(drawn_after(700).contains("held 0:04"));
    assert!(drawn_after(4_699).contains("held 0:01"));
    assert!(!drawn_after(4_700).contains("held 0:0"));
}

/// The screen stays the same until `next_change`, whatever it shows; so nothing needs a tick.
#[test]
fn nothing_moves_before_it_is_said_to() {
    for (name, snapshot) in fixtures::all() {
        let mut model = fixtures::model(snapshot, COLOR);
        let mut at = now() + TimeDelta::milliseconds(137);
        for step in 0..20 {
            if step == 3 {
                update(&mut model, Msg::Key { key: KeyEvent::from(KeyCode::Char('c')), at });
            }
            let Some(change) = next_change(&model, at) else {
                break;
            };
            assert!(change > std::time::Duration::ZERO, "{name} would spin");
            let next = at + TimeDelta::from_std(change).unwrap();
            let just_before = next - TimeDelta::nanoseconds(1);
            assert_eq!(
                picture(&model, at, 120, 36),
                picture(&model, just_before, 120, 36),
                "{name} moved before {next}"
            );
            at = next;
        }
    }
}

#[test]
fn the_way_to_the_engine_is_told_and_a_next_try_counted_down() {
    let mut model = fixtures::model(fixtures::idle(), COLOR);
    let drawn = |model: &Model, at| joined(&picture(model, at, 80, 24));
    model.link = Link::Attached;
    assert!(drawn(&model, now()).contains("attached"));
    model.link = Link::Reconnecting { at: now() + TimeDelta::milliseconds(2_500) };
    assert!(drawn(&model, now()).contains("reconnecting in 3 s"));
    let change = TimeDelta::from_std(next_change(&model, now()).unwrap()).unwrap();
    assert_eq!(change, TimeDelta::milliseconds(500));
    assert!(drawn(&model, now() + change).contains("reconnecting in 2 s"));
    assert!(drawn(&model, now()).contains("engine not reachable"));
    model.link = Link::Lost { why: "restart \u{1b}[31mit".to_owned() };
    let lost = drawn(&model, now());
    assert!(lost.contains("engine gone") && lost.contains("the engine has stopped"), "{lost}");
}

#[test]
fn what_plays_moves_each_second_to_its_end_and_stands_still_while_paused() {
    let model = fixtures::model(fixtures::playing(), COLOR);
    let drawn_after = |millis| joined(&picture(&model, now() + TimeDelta::milliseconds(millis), 80, 26));
    assert!(drawn_after(0).contains("► Hyperballad – Björk"));
    assert!(drawn_after(0).contains(" 1:22 "));
    assert_eq!(next_change(&model, now()), Some(std::time::Duration::from_millis(600)));
    assert!(drawn_after(600).contains(" 1:23 ") && drawn_after(600).contains(" 5:21"));
    let end = drawn_after(321_000 - 82_400);
    assert!(end.contains("  5:21 █") && end.contains("█ 5:21"), "{end}");
    assert_eq!(drawn_after(238_600).matches('►').count(), 1);
    let paused = fixtures::model(fixtures::playing_paused(), COLOR);
    let drawn = joined(&picture(&paused, now() + TimeDelta::minutes(3), 80, 26));
    assert!(drawn.contains("‖ Hyperballad") && drawn.contains(" 1:22 "), "{drawn}");
    assert!(next_change(&paused, now()).unwrap() > std::time::Duration::from_secs(1));
}

/// At every size the loop wakes each second only if a passing second is visible.
#[test]
fn what_plays_wakes_the_screen_only_where_it_is_seen() {
    let mut model = fixtures::model(fixtures::playing(), COLOR);
    for (columns, rows) in [40, 60, 72, 104, 120].into_iter().flat_map(|c| (8..40).map(move |r| (c, r))) {
        update(&mut model, Msg::Resized { columns, rows });
        let at = |millis| picture(&model, now() + TimeDelta::milliseconds(millis), columns, rows);
        let is_seen = at(0) != at(700);
        let wakes =
            next_change(&model, now()).is_some_and(|change| change < std::time::Duration::from_secs(1));
        assert_eq!(wakes, is_seen, "{columns}x{rows}");
    }
}

#[test]
fn a_quiet_screen_is_drawn_once_a_minute_at_most_and_a_hold_each_second() {
    let draws_in_an_hour = |snapshot| {
        let model = fixtures::model(snapshot, COLOR);
        let (mut at, mut draws) = (now(), 0);
        while let Some(change) = next_change(&model, at) {
            at += TimeDelta::from_std(change).unwrap();
            if at > now() + TimeDelta::hours(1) {
                break;
            }
            draws += 1;
        }
        draws
    };
    assert_eq!(draws_in_an_hour(fixtures::empty()), 0);
    assert!((1..=60).contains(&draws_in_an_hour(fixtures::idle())));
    assert!((3_600..=3_661).contains(&draws_in_an_hour(fixtures::day_hold())));
    assert!((239..=300).contains(&draws_in_an_hour(fixtures::playing())), "to the end of the track");
}
