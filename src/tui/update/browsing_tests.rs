//! Keys and the mouse on the browser screens.

use std::sync::Arc;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use rstest::rstest;

use super::{Effect, Msg, update};
use crate::domain::queries::{Answered, BrowseList, Cell, Column, RecordQuery};
use crate::domain::{PlaylistId, Snapshot};
use crate::tui::fixtures::{self, now, record};
use crate::tui::input::keys::{KeyScope, place};
use crate::tui::state::model::Model;
use crate::tui::state::panes::Pane;
use crate::tui::state::screens::Screen;
use crate::tui::style::settings::UiSettings;

/// A model at 80×24, with every question answered.
fn model() -> Model {
    fixtures::model(fixtures::idle(), UiSettings::default())
}

fn key(model: &mut Model, code: KeyCode, modifiers: KeyModifiers) -> Option<Effect> {
    let effect = update(model, Msg::Key { key: KeyEvent::new(code, modifiers), at: now() });
    record::serve(model);
    effect
}

/// Types keys; `^` is Esc, `\n` Enter, `<` Backspace, `\t` Tab, and capitals after `!` are with
/// Ctrl.
fn press(model: &mut Model, keys: &str) -> Option<Effect> {
    let mut effect = None;
    let mut letters = keys.chars();
    while let Some(letter) = letters.next() {
        let (code, modifiers) = match letter {
            '^' => (KeyCode::Esc, KeyModifiers::NONE),
            '\n' => (KeyCode::Enter, KeyModifiers::NONE),
            '\t' => (KeyCode::Tab, KeyModifiers::NONE),
            '⌫' => (KeyCode::Backspace, KeyModifiers::NONE),
            '!' => (KeyCode::Char(letters.next().unwrap()), KeyModifiers::CONTROL),
            letter => (KeyCode::Char(letter), KeyModifiers::NONE),
        };
        effect = key(model, code, modifiers);
    }
    effect
}

fn list(model: &Model) -> &crate::tui::state::panes::ListPane {
    model.pane().unwrap().list().unwrap()
}

fn said(model: &Model) -> &str {
    model.note_at(now()).map_or("", |note| &note.text)
}

fn titles(model: &Model) -> Vec<&str> {
    model.browse.stack(model.screen).path().map(Pane::title).collect()
}

fn filter_of(model: &Model) -> String {
    match model.question().unwrap().query {
        RecordQuery::Page { filter, .. } => filter,
        _ => panic!("no list is shown"),
    }
}

#[rstest]
#[case("2", Screen::Library)]
#[case("7", Screen::Runs)]
#[case("71", Screen::Dashboard)]
#[case("\t", Screen::Library)]
#[case("\t\t\t\t\t\t\t", Screen::Dashboard)]
fn digits_and_tab_show_the_screens(#[case] keys: &str, #[case] screen: Screen) {
    let mut model = model();
    press(&mut model, keys);
    assert_eq!(model.screen, screen);
    key(&mut model, KeyCode::BackTab, KeyModifiers::SHIFT);
    assert_eq!(model.screen, screen.further(-1));
}

#[test]
fn nothing_is_asked_for_on_the_dashboard_and_where_the_record_lies_elsewhere() {
    let mut model = model();
    assert_eq!(model.question(), None);
    press(&mut model, "2");
    assert!(model.question().is_some());
    model.reads = false;
    assert_eq!(model.question(), None);
    press(&mut model, "j/x\n");
    assert_eq!(place(&model), KeyScope::Empty);
}

#[rstest]
#[case("jjj", 3)]
#[case("jjk", 1)]
#[case("k", 0)]
#[case("G", 9_999)]
#[case("Gg", 0)]
#[case("!d", 8)]
#[case("!d!u", 0)]
#[case("!f!fj", 33)]
#[case("G!b", 9_983)]
fn keys_move_the_selection(#[case] keys: &str, #[case] selected: usize) {
    let mut model = model();
    press(&mut model, "2");
    assert_eq!(model.rows(), 16);
    press(&mut model, keys);
    let list = list(&model);
    assert_eq!(list.selected(), selected);
    assert!((list.top()..list.top() + 16).contains(&selected), "it is seen");
    assert!(list.top() <= 10_000 - 16, "no empty rows at the end");
    let row = list.selected_row().expect("its row is at hand");
    assert_eq!(row.uri.as_deref(), Some(format!("spotify:track:t{selected}").as_str()));
}

#[test]
fn walking_down_asks_now_and_then_and_scrolling_shows_only_rows_at_hand() {
    let mut model = model();
    press(&mut model, "2");
    let mut questions = 0;
    let mut last = model.question();
    for _ in 0..1_000 {
        update(&mut model, Msg::Key { key: KeyEvent::from(KeyCode::Char('j')), at: now() });
        let page = list(&model).page().unwrap();
        let seen = list(&model).top()..list(&model).top() + 16;
        assert!(seen.clone().all(|place| page.row(place).is_some()), "{seen:?}");
        if model.question() != last {
            record::serve(&mut model);
            last = model.question();
            questions += 1;
        }
    }
    assert!((10..=20).contains(&questions), "{questions} questions for a thousand rows");
}

#[test]
fn a_filter_is_typed_letter_by_letter_and_dropped_by_esc() {
    let mut model = model();
    press(&mut model, "2jj/");
    assert_eq!(place(&model), KeyScope::Typing);
    // Letters that are keys in other scopes are text here.
    press(&mut model, "qHyp");
    assert_eq!((model.screen, filter_of(&model).as_str()), (Screen::Library, "qHyp"));
    assert_eq!(list(&model).total(), 0);
    press(&mut model, "!uhyper ball");
    assert_eq!(filter_of(&model), "hyper ball");
    press(&mut model, "!w⌫");
    assert_eq!(filter_of(&model), "hyper");
    assert_eq!((list(&model).total(), list(&model).selected()), (1_112, 0));
    press(&mut model, "\n");
    assert_eq!(place(&model), KeyScope::Library);
    press(&mut model, "j");
    assert_eq!((filter_of(&model).as_str(), list(&model).selected()), ("hyper", 1));
    press(&mut model, "^");
    assert_eq!((filter_of(&model).as_str(), model.screen), ("", Screen::Library));
    press(&mut model, "^");
    assert_eq!(model.screen, Screen::Library, "there is nothing left to go back from");
    press(&mut model, "/x^");
    assert_eq!((filter_of(&model).as_str(), place(&model)), ("", KeyScope::Library));
}

#[test]
fn a_paste_goes_into_a_filter_and_nowhere_else() {
    let mut model = model();
    let before = model.clone();
    assert_eq!(update(&mut model, Msg::Pasted("Rys\n".to_owned())), None);
    assert_eq!(model, before);
    press(&mut model, "2");
    update(&mut model, Msg::Pasted("q".to_owned()));
    assert_eq!(filter_of(&model), "");
    press(&mut model, "/");
    update(&mut model, Msg::Pasted("two\nlines\u{1b}[31m".to_owned()));
    assert_eq!(filter_of(&model), "two lines[31m");
}

#[test]
fn the_order_goes_through_every_column_and_round() {
    let mut model = model();
    press(&mut model, "2jj");
    let mut seen = Vec::new();
    for _ in 0..6 {
        press(&mut model, "S");
        assert_eq!(list(&model).selected(), 0, "another order is seen from its beginning");
        seen.push(list(&model).sort().column);
    }
    let columns = BrowseList::Tracks.columns().iter().copied().map(Some);
    assert_eq!(seen, columns.chain([None]).collect::<Vec<_>>());
    press(&mut model, "<I");
    let sort = list(&model).sort();
    assert_eq!((sort.column, sort.descending), (Some(Column::Added), true));
}

#[test]
fn tabs_within_the_library_keep_their_own_filter() {
    let mut model = model();
    press(&mut model, "2/hyper\n]");
    assert_eq!((list(&model).list(), list(&model).filter().text()), (&BrowseList::Albums, ""));
    press(&mut model, "l");
    assert_eq!(list(&model).list(), &BrowseList::Artists);
    press(&mut model, "]");
    assert_eq!((list(&model).list(), list(&model).filter().text()), (&BrowseList::Tracks, "hyper"));
    press(&mut model, "h");
    assert_eq!(list(&model).list(), &BrowseList::Artists);
}

#[test]
fn enter_opens_what_is_selected_and_esc_goes_back_to_it() {
    let mut model = model();
    press(&mut model, "2jj\n");
    assert_eq!(place(&model), KeyScope::Details);
    assert_eq!(titles(&model)[0], "Tracks");
    press(&mut model, "^");
    assert_eq!(list(&model).selected(), 2);

    press(&mut model, "3\n");
    let playlist = PlaylistId::new("p0");
    assert_eq!(list(&model).list(), &BrowseList::Contents(playlist.clone()));
    assert_eq!(titles(&model), ["Playlists", "Hyperballad"]);
    press(&mut model, "v");
    assert_eq!(list(&model).list(), &BrowseList::Versions(playlist));
    assert_eq!(titles(&model), ["Playlists", "Hyperballad", "versions"]);
    press(&mut model, "\n");
    assert_eq!(place(&model), KeyScope::Version);
    assert_eq!(titles(&model)[3], "2026-11-22 13:32", "as the wall clock showed");
    press(&mut model, "\n");
    assert_eq!(place(&model), KeyScope::Details);
    press(&mut model, "^^^^");
    assert_eq!(titles(&model), ["Playlists"]);
    press(&mut model, "jv");
    assert_eq!(titles(&model).len(), 2, "versions without the contents between");
    press(&mut model, "^i");
    assert_eq!(place(&model), KeyScope::Details);
    // Each screen keeps its open panes.
    press(&mut model, "23");
    assert_eq!(place(&model), KeyScope::Details);
}

#[test]
fn what_cannot_be_done_is_refused_with_the_reason() {
    let mut model = model();
    press(&mut model, "3\nj\n");
    assert_eq!(said(&model), "there are no details for this row");
    press(&mut model, "y");
    assert_eq!(said(&model), "this has no uri");
    press(&mut model, "jo");
    assert_eq!(said(&model), "Spotify has no page for this");
    press(&mut model, "vG\n");
    assert_eq!(said(&model), "this is the first version; there is no earlier one");
    press(&mut model, "2/nothing like it\n\n");
    assert_eq!(said(&model), "nothing is selected");
    assert_eq!(place(&model), KeyScope::Library);
}

#[test]
fn the_uri_is_copied_and_its_page_opened() {
    let mut model = model();
    assert_eq!(press(&mut model, "2jy"), Some(Effect::Copy("spotify:track:t1".to_owned())));
    let page = "https://open.spotify.com/track/t1";
    assert_eq!(press(&mut model, "o"), Some(Effect::Open(page.to_owned())));
    let why = "there is no browser here".to_owned();
    update(&mut model, Msg::Opened { outcome: Err(why.clone()), at: now() });
    assert_eq!(said(&model), why);
    let uri = "spotify:track:4uLU6hMCjMI75M1A2tKUQC".to_owned();
    assert_eq!(press(&mut model, "\ny"), Some(Effect::Copy(uri)));
}

#[test]
fn rows_are_asked_for_again_when_the_record_changed_and_on_request() {
    let mut model = model();
    press(&mut model, "2jj");
    let before = model.question().unwrap();
    let news = |model: &mut Model, snapshot: Snapshot| update(model, Msg::Snapshot(Arc::new(snapshot)));
    news(&mut model, Snapshot { at: now() + chrono::TimeDelta::hours(1), ..fixtures::idle() });
    assert_eq!(model.question().unwrap(), before, "nothing has changed");
    let mut snapshot = fixtures::idle();
    snapshot.plays.stored += 1;
    news(&mut model, snapshot);
    let after = model.question().unwrap();
    assert!(after.revision > before.revision && after.query == before.query);
    assert_eq!(list(&model).selected(), 2, "what is selected stays so");
    assert!(list(&model).page().is_some(), "the rows are seen until newer ones come");
    press(&mut model, "r");
    assert!(model.question().unwrap().revision > after.revision);
}

#[test]
fn an_answer_that_came_too_late_is_dropped() {
    let mut model = model();
    press(&mut model, "2");
    let late = Answered { question: model.question().unwrap(), answer: Err("late".to_owned()) };
    let late = Arc::new(late);
    press(&mut model, "/h");
    let before = model.clone();
    update(&mut model, Msg::Read(Arc::clone(&late)));
    assert_eq!(model, before);
    press(&mut model, "^1");
    update(&mut model, Msg::Read(late));
    assert_eq!(list_of(&mut model).trouble(), None);
}

fn list_of(model: &mut Model) -> &crate::tui::state::panes::ListPane {
    model.screen = Screen::Library;
    list(model)
}

#[test]
fn trouble_is_kept_until_rows_come_again() {
    let mut model = model();
    press(&mut model, "2");
    update(&mut model, Msg::Key { key: KeyEvent::from(KeyCode::Char('r')), at: now() });
    let question = model.question().unwrap();
    let failed = Answered { question, answer: Err("the database is locked".to_owned()) };
    update(&mut model, Msg::Read(Arc::new(failed)));
    assert_eq!(list(&model).trouble(), Some("the database is locked"));
    assert_eq!(list(&model).total(), 10_000, "what is known stays to be seen");
    press(&mut model, "r");
    assert_eq!(list(&model).trouble(), None);
}

#[test]
fn a_list_that_became_shorter_selects_its_last_row() {
    let mut model = model();
    press(&mut model, "2G/hyper");
    assert_eq!(list(&model).selected(), 0);
    press(&mut model, "\nG");
    assert_eq!(list(&model).selected(), 1_111);
    update(&mut model, Msg::Resized { columns: 80, rows: 60 });
    assert_eq!(list(&model).top() + model.rows(), 1_112, "the room is used");
}

fn mouse(model: &mut Model, kind: MouseEventKind, column: u16, row: u16) -> Option<Effect> {
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    let effect = update(model, Msg::Mouse { event, at: now() });
    record::serve(model);
    effect
}

fn click(model: &mut Model, column: u16, row: u16) -> Option<Effect> {
    mouse(model, MouseEventKind::Down(MouseButton::Left), column, row)
}

/// Where a text is first found.
fn find(model: &Model, text: &str) -> (u16, u16) {
    let drawn = crate::tui::view::drawn_text(model, now());
    let (row, line) = drawn.iter().enumerate().find(|(_, line)| line.contains(text)).expect(text);
    let column = line[..line.find(text).unwrap()].chars().count();
    (u16::try_from(column).unwrap(), u16::try_from(row).unwrap())
}

#[test]
fn the_mouse_chooses_tabs_rows_and_orders() {
    let mut model = model();
    let (column, row) = find(&model, "3 Playlists");
    click(&mut model, column, row);
    assert_eq!(model.screen, Screen::Playlists);
    let (column, row) = find(&model, "2 Library");
    click(&mut model, column + 8, row);
    assert_eq!(model.screen, Screen::Library);
    let (column, row) = find(&model, "Albums");
    click(&mut model, column + 5, row);
    assert_eq!(list(&model).list(), &BrowseList::Albums);
    let (column, row) = find(&model, "[Albums]");
    click(&mut model, column - 5, row);
    assert_eq!(list(&model).list(), &BrowseList::Tracks);

    let (column, row) = find(&model, "artists ");
    click(&mut model, column, row);
    click(&mut model, column, row);
    let sort = list(&model).sort();
    assert_eq!((sort.column, sort.descending), (Some(Column::Artists), true));
    click(&mut model, 20, row + 4);
    assert_eq!(list(&model).selected(), 3);
    assert_eq!(place(&model), KeyScope::Library);
    click(&mut model, 20, row + 4);
    assert_eq!(place(&model), KeyScope::Details, "what is selected already is opened");
    assert_eq!(click(&mut model, 20, 23), None);
}

#[test]
fn the_wheel_moves_and_under_a_question_nothing_is_pointed_at() {
    let mut model = model();
    press(&mut model, "2");
    mouse(&mut model, MouseEventKind::ScrollDown, 5, 10);
    mouse(&mut model, MouseEventKind::ScrollDown, 5, 10);
    assert_eq!(list(&model).selected(), 6);
    mouse(&mut model, MouseEventKind::ScrollUp, 5, 10);
    assert_eq!(list(&model).selected(), 3);
    press(&mut model, "1R");
    let (column, row) = find(&model, "3 Playlists");
    click(&mut model, column, row);
    assert_eq!(model.screen, Screen::Dashboard);
}

#[test]
fn a_version_is_not_shown_as_a_cell_of_another_kind() {
    let mut model = model();
    press(&mut model, "3jv");
    let row = list(&model).selected_row().unwrap();
    assert!(matches!(row.cells[0], Cell::Time(_)));
    assert_eq!(row.cells.len(), list(&model).list().columns().len());
}
