//! Keys on the screens of plays, figures, changes and runs.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use rstest::rstest;

use super::{Effect, Msg, update};
use crate::domain::RunId;
use crate::domain::queries::{
    Anchor, Answered, BrowseList, Figure, ItemKind, PastOf, PeriodKind, PeriodOf, PlaysLine, RecordQuery,
};
use crate::tui::fixtures::{self, now, record};
use crate::tui::input::keys::{KeyScope, place};
use crate::tui::state::model::Model;
use crate::tui::state::panes::{Pane, PlaysPane};
use crate::tui::style::settings::UiSettings;

fn model() -> Model {
    fixtures::model(fixtures::idle(), UiSettings::default())
}

/// Types keys without answering any question; `^` is Esc, `⌫` Backspace.
fn type_in(model: &mut Model, keys: &str) -> Option<Effect> {
    let mut effect = None;
    for letter in keys.chars() {
        let code = match letter {
            '^' => KeyCode::Esc,
            '\n' => KeyCode::Enter,
            '⌫' => KeyCode::Backspace,
            letter => KeyCode::Char(letter),
        };
        effect = update(model, Msg::Key { key: KeyEvent::from(code), at: now() });
    }
    effect
}

/// Types keys, and answers every question after each key.
fn press(model: &mut Model, keys: &str) -> Option<Effect> {
    let mut effect = None;
    for letter in keys.chars() {
        let asked = model.question();
        effect = type_in(model, letter.encode_utf8(&mut [0; 4]));
        if model.question() != asked {
            record::serve(model);
        }
    }
    effect
}

fn plays(model: &Model) -> &PlaysPane {
    match model.pane() {
        Some(Pane::Plays(plays)) => plays,
        other => panic!("{other:?}"),
    }
}

fn played_at(model: &Model) -> DateTime<Utc> {
    plays(model).selected_play().expect("a play is selected").played_at
}

fn said(model: &Model) -> &str {
    model.note_at(now()).map_or("", |note| &note.text)
}

fn query(model: &Model) -> RecordQuery {
    model.question().unwrap().query
}

/// The history around a place, unfiltered.
fn at(anchor: Anchor) -> RecordQuery {
    RecordQuery::Plays { anchor, filter: String::new() }
}

fn list(model: &Model) -> &BrowseList {
    model.pane().unwrap().list().unwrap().list()
}

#[test]
fn one_walks_from_the_newest_play_to_the_oldest_and_back_without_a_step_left_out() {
    let mut model = model();
    press(&mut model, "4");
    let mut seen = vec![plays(&model).page().unwrap().lines[plays(&model).selected()].clone()];
    let mut questions = 0;
    let mut last = query(&model);
    for _ in 0..3_000 {
        press(&mut model, "j");
        questions += usize::from(query(&model) != last);
        last = query(&model);
        let plays = plays(&model);
        let line = plays.page().unwrap().lines[plays.selected()].clone();
        assert!(!matches!(line, PlaysLine::Day(_)), "a day cannot be selected");
        assert!((plays.top()..plays.top() + model.rows()).contains(&plays.selected()), "it is seen");
        if seen.last() != Some(&line) {
            seen.push(line);
        }
    }
    let times: Vec<_> = seen
        .iter()
        .filter_map(|line| if let PlaysLine::Play(play) = line { Some(play.played_at) } else { None })
        .collect();
    assert_eq!(times.len(), 2_000, "every play was met");
    assert!(times.is_sorted_by(|newer, older| newer > older));
    assert_eq!(seen.len(), 2_000 + 3, "and every mark, each once");
    assert!(questions < 30, "{questions} questions on the way");
    for _ in 0..3_000 {
        press(&mut model, "k");
    }
    assert_eq!(played_at(&model), times[0]);
    assert_eq!(plays(&model).top(), 0, "its day is seen, too");
}

#[test]
fn the_ends_are_a_key_away() {
    let mut model = model();
    press(&mut model, "4G");
    assert_eq!(query(&model), at(Anchor::Oldest));
    assert!(!plays(&model).page().unwrap().older);
    press(&mut model, "g");
    assert_eq!(query(&model), at(Anchor::Newest));
    assert_eq!(plays(&model).selected(), 1, "under its day");
}

#[test]
fn a_filter_is_typed_over_the_plays_and_goes_with_esc() {
    let mut model = model();
    press(&mut model, "4G/hyp");
    let filtered = |text: &str| RecordQuery::Plays { anchor: Anchor::Newest, filter: text.to_owned() };
    assert_eq!((place(&model), query(&model)), (KeyScope::Typing, filtered("hyp")));
    let all_fit = |model: &Model| {
        let lines = &plays(model).page().unwrap().lines;
        lines.iter().all(|line| match line {
            PlaysLine::Play(play) => play.name.as_deref() == Some("Hyperballad"),
            line => matches!(line, PlaysLine::Day(_)),
        })
    };
    assert!(all_fit(&model));
    // Letters that are keys in other scopes are text; the selection can move meanwhile.
    press(&mut model, "dq⌫⌫");
    assert_eq!(query(&model), filtered("hyp"));
    press(&mut model, "\n");
    assert_eq!(place(&model), KeyScope::Plays);
    assert_eq!(plays(&model).selected(), 1, "what is left is seen from the newest on");
    let selected = played_at(&model);
    press(&mut model, "j");
    assert!(played_at(&model) < selected && all_fit(&model));
    press(&mut model, "^");
    assert_eq!((place(&model), query(&model)), (KeyScope::Plays, at(Anchor::Newest)));
    press(&mut model, "/x^");
    assert_eq!((place(&model), query(&model)), (KeyScope::Plays, at(Anchor::Newest)));
}

#[test]
fn a_date_leads_to_its_last_play_and_what_is_no_date_can_be_mended() {
    let mut model = model();
    press(&mut model, "4d2026-11-020⌫");
    assert_eq!(place(&model), KeyScope::Date);
    assert_eq!(query(&model), at(Anchor::Newest), "nothing moves before Enter");
    press(&mut model, "\n");
    // The person's zone is an hour east of Greenwich.
    let end: DateTime<Utc> = "2026-11-02T22:59:59.999Z".parse().unwrap();
    assert_eq!(query(&model), at(Anchor::Before(end)));
    assert!(played_at(&model) <= end && played_at(&model) > end - chrono::TimeDelta::minutes(20));
    let line = &plays(&model).page().unwrap().lines[plays(&model).top()];
    assert_eq!(line, &PlaysLine::Day("2026-11-02".parse().unwrap()), "under the heading of that day");

    press(&mut model, "dsoon\n");
    assert!(said(&model).starts_with("`soon` is not a time; write "), "{}", said(&model));
    assert_eq!(model.asking.as_ref().unwrap().text, "soon");
    press(&mut model, "^");
    assert_eq!((place(&model), query(&model)), (KeyScope::Plays, at(Anchor::Before(end))));
    press(&mut model, "d2027-01-01\n");
    assert!(said(&model).contains("is in the future"), "{}", said(&model));
}

#[test]
fn plays_that_come_in_are_seen_at_the_top_and_move_nothing_further_down() {
    let mut model = model();
    press(&mut model, "4");
    let newest = |model: &mut Model| {
        let mut page = fixtures::listening::plays(Anchor::Newest);
        let PlaysLine::Play(mut play) = page.lines[1].clone() else { panic!() };
        play.id += 1;
        play.played_at = now();
        page.lines.insert(1, PlaysLine::Play(play));
        model.browse.ask_again();
        let question = model.question().unwrap();
        let answer = Ok(crate::domain::queries::QueryAnswer::Plays(page));
        update(model, Msg::Read(Arc::new(Answered { question, answer })));
    };
    newest(&mut model);
    assert_eq!(played_at(&model), now());
    let mut model = self::model();
    press(&mut model, "4j");
    let before = played_at(&model);
    newest(&mut model);
    assert_eq!(played_at(&model), before);
}

#[test]
fn enter_opens_a_play_and_its_uri_is_copied() {
    let mut model = model();
    let copied = press(&mut model, "4y");
    assert_eq!(copied, Some(Effect::Copy("spotify:track:t0".to_owned())));
    press(&mut model, "\n");
    assert_eq!(query(&model), RecordQuery::Details(ItemKind::Play(2_000)));
    press(&mut model, "^");
    assert_eq!(place(&model), KeyScope::Plays);
}

#[rstest]
#[case("5", Figure::Tracks, PeriodKind::All, None)]
#[case("5tt", Figure::Albums, PeriodKind::All, None)]
#[case("5]", Figure::Artists, PeriodKind::All, None)]
#[case("5[", Figure::Growth, PeriodKind::All, None)]
#[case("5+", Figure::Tracks, PeriodKind::Year, Some("2026-11-23"))]
#[case("5+h", Figure::Tracks, PeriodKind::Year, Some("2025-12-31"))]
#[case("5+hl", Figure::Tracks, PeriodKind::Year, Some("2026-01-01"))]
#[case::the_day_stays_in_it("5+h+", Figure::Tracks, PeriodKind::Month, Some("2025-12-31"))]
#[case("5+++h", Figure::Tracks, PeriodKind::Week, Some("2026-11-22"))]
#[case("5-", Figure::Tracks, PeriodKind::Week, Some("2026-11-23"))]
#[case::a_calendar_is_of_a_year("5tttt", Figure::Calendar, PeriodKind::Year, None)]
#[case("5tttth", Figure::Calendar, PeriodKind::Year, Some("2025-12-31"))]
fn keys_step_through_figures_and_periods(
    #[case] keys: &str,
    #[case] figure: Figure,
    #[case] kind: PeriodKind,
    #[case] day: Option<&str>,
) {
    let mut model = model();
    press(&mut model, keys);
    let day = day.map(|day| day.parse().unwrap());
    assert_eq!(query(&model), RecordQuery::Figures(figure, PeriodOf { kind, day }));
}

#[rstest]
#[case("5h", "this is the whole history")]
#[case("5+l", "this is the latest period")]
#[case("5+hhhhhhhh", "nothing earlier is known")]
fn where_there_is_no_period_is_said(#[case] keys: &str, #[case] why: &str) {
    let mut model = model();
    press(&mut model, keys);
    assert!(said(&model).starts_with(why), "{}", said(&model));
}

#[test]
fn a_track_of_a_ranking_opens_and_an_artist_says_that_there_is_no_more() {
    let mut model = model();
    press(&mut model, "5jj\n");
    assert!(matches!(query(&model), RecordQuery::Details(ItemKind::Track(track)) if track.as_str() == "t2"));
    press(&mut model, "^t\n");
    assert_eq!(said(&model), "there are no details for this row");
}

#[test]
fn the_library_as_of_a_day_is_turned_through_and_gone_further_back_in() {
    let mut model = model();
    press(&mut model, "6d2026-11-01 10:00\n");
    let at: DateTime<Utc> = "2026-11-01T09:00:00.999Z".parse().unwrap();
    assert_eq!(list(&model), &BrowseList::Past(PastOf::Tracks, at));
    press(&mut model, "]]");
    assert_eq!(list(&model), &BrowseList::Past(PastOf::Artists, at));
    press(&mut model, "]j\n");
    let PastOf::Contents(playlist) = (match list(&model) {
        BrowseList::Past(of, then) if *then == at => of.clone(),
        other => panic!("{other:?}"),
    }) else {
        panic!("the contents of then")
    };
    assert_eq!(playlist.as_str(), "p1");
    press(&mut model, "]");
    assert_eq!(said(&model), "press Esc to go back to the lists");
    press(&mut model, "^d7d\n");
    let week_ago = now() - chrono::TimeDelta::days(7) + chrono::TimeDelta::milliseconds(999);
    assert_eq!(list(&model), &BrowseList::Past(PastOf::Playlists, week_ago));
    press(&mut model, "^");
    assert_eq!(list(&model), &BrowseList::Changes);
}

#[test]
fn a_run_opens_with_its_error_and_then_all_its_changes() {
    let mut model = model();
    press(&mut model, "7\n");
    assert_eq!(query(&model), RecordQuery::Details(ItemKind::Run(RunId(20))));
    press(&mut model, "\n");
    assert_eq!(list(&model), &BrowseList::ChangesOf(RunId(20)));
    press(&mut model, "\n");
    assert_eq!(query(&model), RecordQuery::Details(ItemKind::Change(0)));
    press(&mut model, "^^^");
    assert_eq!(list(&model), &BrowseList::Runs);
    press(&mut model, "]");
    assert_eq!(list(&model), &BrowseList::Log);
    press(&mut model, "\n");
    assert!(matches!(query(&model), RecordQuery::Details(ItemKind::LogLine(_))));
}

#[test]
fn a_report_is_of_the_period_that_is_chosen_or_written() {
    let report = |model: &Model| match query(model) {
        RecordQuery::Details(ItemKind::Report(period)) => period,
        other => panic!("{other:?}"),
    };
    let mut model = model();
    press(&mut model, "5R");
    assert_eq!(report(&model), PeriodOf { kind: PeriodKind::All, day: None });
    press(&mut model, "^+R");
    assert_eq!(report(&model).kind, PeriodKind::Year);
    press(&mut model, "2:report 2019\n");
    assert_eq!(report(&model), PeriodOf { kind: PeriodKind::Year, day: "2019-01-01".parse().ok() });
    press(&mut model, "^:report\n");
    assert_eq!(report(&model), PeriodOf { kind: PeriodKind::Year, day: None });
    press(&mut model, "^");
    assert_eq!(list(&model), &BrowseList::Tracks);
}

#[test]
fn details_of_other_things_open_nothing() {
    let mut model = model();
    press(&mut model, "2\n\n");
    assert_eq!(said(&model), "nothing is selected");
}
