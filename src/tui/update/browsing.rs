//! What keys and the mouse do on the screens that browse.

use super::super::browse::{DetailsPane, ListPane, Pane, Stack};
use super::super::keys::Action;
use super::super::model::Model;
use super::super::mouse::Pointed;
use super::super::screens::Screen;
use crate::domain::browse::{Cell, Column, List, Row, Thing};
use crate::domain::{PlaylistId, web_address};

/// Rows that one turn of the wheel moves.
const WHEEL: usize = 3;

/// Does what a key asks for.
pub fn act(model: &mut Model, action: Action) {
    let rows = model.rows();
    match action {
        Action::Show(screen) => model.screen = screen,
        Action::ShowFurther(steps) => model.screen = model.screen.further(steps),
        Action::TabFurther(steps) => with_stack(model, |stack| stack.further(steps)),
        Action::Go(motion) => with_pane(model, |pane| pane.go(motion, rows)),
        Action::Open => open(model),
        Action::Details => open_details(model),
        Action::Versions => open_versions(model),
        Action::Back => back(model),
        Action::Filter => with_list(model, |list| list.type_filter(true)),
        Action::KeepFilter => with_list(model, |list| list.type_filter(false)),
        Action::DropFilter => with_list(model, |list| {
            list.type_filter(false);
            list.edit_filter(String::clear);
        }),
        Action::EraseLetter => with_list(model, |list| list.edit_filter(erase_letter)),
        Action::EraseWord => with_list(model, |list| list.edit_filter(erase_word)),
        Action::EraseAll => with_list(model, |list| list.edit_filter(String::clear)),
        Action::SortFurther(steps) => with_list(model, |list| list.sort_further(steps)),
        Action::TurnRound => with_list(model, ListPane::turn_round),
        Action::Refresh => model.browse.ask_again(),
        _ => {}
    }
    fit(model);
}

/// Does what the mouse asks for.
pub fn point(model: &mut Model, pointed: Pointed) {
    let rows = model.rows();
    match pointed {
        Pointed::Inner(tab) => with_stack(model, |stack| stack.choose(tab)),
        Pointed::Heading(column) => with_list(model, |list| list.sort_by(column)),
        Pointed::Row(place) => with_list(model, |list| list.select(place, rows)),
        Pointed::WheelDown => with_pane(model, |pane| pane.wheel(WHEEL, true, rows)),
        Pointed::WheelUp => with_pane(model, |pane| pane.wheel(WHEEL, false, rows)),
        Pointed::Tab(_) => {}
    }
}

/// Adds to the filter; what is not text, as in a paste, is left out.
pub fn type_in(model: &mut Model, text: &str) {
    let plain = text.chars().map(|letter| if letter == '\n' { ' ' } else { letter });
    let plain: String = plain.filter(|letter| !letter.is_control()).collect();
    with_list(model, |list| list.edit_filter(|filter| filter.push_str(&plain)));
}

/// Scrolls so that what is selected is seen, after the room for it changed.
pub fn fit(model: &mut Model) {
    let rows = model.rows();
    with_list(model, |list| list.reveal(rows));
}

/// The place of what is selected; none that there is, where nothing is.
pub fn selected(model: &Model) -> usize {
    model.pane().and_then(Pane::list).map_or(usize::MAX, ListPane::selected)
}

/// Where a browser finds what is selected.
pub fn address(model: &Model) -> Option<String> {
    web_address(model.pane()?.uri()?)
}

fn with_stack(model: &mut Model, change: impl FnOnce(&mut Stack)) {
    if let Some(stack) = model.browse.stack_mut(model.screen) {
        change(stack);
    }
}

fn with_pane(model: &mut Model, change: impl FnOnce(&mut Pane)) {
    with_stack(model, |stack| {
        if let Some(pane) = stack.top_mut() {
            change(pane);
        }
    });
}

fn with_list(model: &mut Model, change: impl FnOnce(&mut ListPane)) {
    with_pane(model, |pane| {
        if let Some(list) = pane.list_mut() {
            change(list);
        }
    });
}

/// What is selected, and what it is called.
fn chosen(model: &Model) -> Option<(Thing, String)> {
    let list = model.pane()?.list()?;
    let row = list.selected_row()?;
    let mut columns = list.list().columns().iter().zip(&row.cells);
    let name = columns.find(|(column, _)| matches!(column, Column::Title | Column::Name));
    let name = match name {
        Some((_, Cell::Text(name))) => name.to_string(),
        _ => seen(row, model),
    };
    Some((row.thing.clone()?, name))
}

/// A version is called by when it was seen.
fn seen(row: &Row, model: &Model) -> String {
    match row.cells.first() {
        Some(Cell::Time(time)) => model.look.zone.on_the_wall(*time).format("%Y-%m-%d %H:%M").to_string(),
        _ => String::new(),
    }
}

fn open(model: &mut Model) {
    let Some((thing, name)) = chosen(model) else {
        return;
    };
    let pane = match thing {
        Thing::Playlist(id) => Pane::List(ListPane::new(List::Contents(id), name)),
        Thing::Version(id) => Pane::List(ListPane::new(List::Version(id), name)),
        thing => Pane::Details(DetailsPane::new(thing, name)),
    };
    with_stack(model, |stack| stack.open(pane));
}

fn open_details(model: &mut Model) {
    if let Some((thing, name)) = chosen(model) {
        with_stack(model, |stack| stack.open(Pane::Details(DetailsPane::new(thing, name))));
    }
}

fn open_versions(model: &mut Model) {
    let Some((playlist, name)) = meant(model) else {
        return;
    };
    with_stack(model, |stack| {
        // Over a list of playlists its contents are not open; the path then names the playlist itself.
        let title = if stack.is_opened() { "versions".to_owned() } else { format!("{name}: versions") };
        stack.open(Pane::List(ListPane::new(List::Versions(playlist), title)));
    });
}

/// The playlist whose contents lie open, or that is selected.
fn meant(model: &Model) -> Option<(PlaylistId, String)> {
    let list = model.pane()?.list()?;
    if let List::Contents(playlist) = list.list() {
        return Some((playlist.clone(), list.title().to_owned()));
    }
    match chosen(model)? {
        (Thing::Playlist(playlist), name) => Some((playlist, name)),
        _ => None,
    }
}

fn back(model: &mut Model) {
    let mut is_done = false;
    with_stack(model, |stack| is_done = stack.close());
    if is_done {
        return;
    }
    with_list(model, |list| {
        is_done = !list.filter().is_empty();
        list.edit_filter(String::clear);
    });
    if !is_done {
        model.screen = Screen::Dashboard;
    }
}

fn erase_letter(filter: &mut String) {
    filter.pop();
}

fn erase_word(filter: &mut String) {
    let kept = filter.trim_end().rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
    filter.truncate(kept);
}
