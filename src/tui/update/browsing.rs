//! The effects of keys and the mouse on the browser screens.

use chrono::{DateTime, Utc};

use crate::domain::queries::{Anchor, BrowseList, Cell, ItemKind, PastOf, PeriodKind, PeriodOf, TableRow};
use crate::domain::{PlaylistId, web_address};
use crate::tui::input::keys::Action;
use crate::tui::state::model::Model;
use crate::tui::state::panes::{DetailsPane, FiguresPane, ListPane, Pane, Stack};
use crate::tui::state::prompt::{DatePrompt, Purpose};
use crate::tui::state::screens::{Screen, around};
use crate::tui::view::hit_test::Pointed;

/// Rows that one turn of the wheel moves.
const WHEEL: usize = 3;

/// Performs the action of a key.
pub fn act(model: &mut Model, action: Action) {
    let rows = model.rows();
    match action {
        Action::Show(Screen::Dashboard) if model.screen == Screen::Dashboard && model.pane().is_none() => {
            model.browse.shows_engine_room = !model.browse.shows_engine_room;
        }
        Action::Show(screen) => model.screen = screen,
        Action::ShowFurther(steps) => model.screen = model.screen.further(steps),
        Action::TabFurther(steps) => turn(model, steps),
        Action::PeriodKind(steps) => with_figures(model, |figures| figures.change_kind(steps)),
        Action::PeriodFurther(steps) => with_figures(model, |figures| {
            if let Ok(period) = figures.step(steps) {
                figures.show(period);
            }
        }),
        Action::AskDate => {
            let is_history = matches!(model.pane(), Some(Pane::Plays(_)));
            let purpose = if is_history { Purpose::Leap } else { Purpose::Past };
            model.asking = Some(DatePrompt::new(purpose));
        }
        Action::DropDate => model.asking = None,
        Action::Go(motion) => with_pane(model, |pane| pane.go(motion, rows)),
        Action::Open => open(model),
        Action::Details => open_details(model),
        Action::Versions => open_versions(model),
        Action::Back => back(model),
        Action::Search => search(model),
        Action::Report(period) => open_report(model, period),
        Action::Filter => with_pane(model, |pane| pane.type_filter(true)),
        Action::KeepFilter => with_pane(model, |pane| pane.type_filter(false)),
        Action::DropFilter => with_pane(model, |pane| {
            pane.type_filter(false);
            pane.edit_filter(String::clear);
        }),
        Action::EraseLetter => edit(model, erase_letter),
        Action::EraseWord => edit(model, erase_word),
        Action::EraseAll => edit(model, String::clear),
        Action::SortFurther(steps) => with_list(model, |list| list.sort_further(steps)),
        Action::TurnRound => with_list(model, ListPane::turn_round),
        Action::Refresh => model.browse.ask_again(),
        _ => {}
    }
    fit(model);
}

/// Performs the action of the mouse.
pub fn point(model: &mut Model, pointed: Pointed) {
    let rows = model.rows();
    match pointed {
        Pointed::Inner(tab) => with_stack(model, |stack| stack.choose(tab)),
        Pointed::Heading(column) => with_list(model, |list| list.sort_by(column)),
        Pointed::Row(place) => with_pane(model, |pane| pane.select(place, rows)),
        Pointed::WheelDown => with_pane(model, |pane| pane.wheel(WHEEL, true, rows)),
        Pointed::WheelUp => with_pane(model, |pane| pane.wheel(WHEEL, false, rows)),
        Pointed::Tab(_) => {}
    }
}

/// Changes the text that is being typed.
fn edit(model: &mut Model, change: impl FnOnce(&mut String)) {
    match (&mut model.command, &mut model.asking) {
        (Some(command), _) => change(command),
        (None, Some(prompt)) => change(&mut prompt.text),
        (None, None) => with_pane(model, |pane| pane.edit_filter(change)),
    }
}

/// Adds to the text that is being typed; characters that are no text, as in a paste, are left out.
pub fn type_in(model: &mut Model, text: &str) {
    let plain = text.chars().map(|letter| if letter == '\n' { ' ' } else { letter });
    let plain: String = plain.filter(|letter| !letter.is_control()).collect();
    edit(model, |text| text.push_str(&plain));
}

/// Scrolls until the selection is visible, after the room for it changed.
pub fn fit(model: &mut Model) {
    let (columns, rows) = (model.columns(), model.rows());
    with_pane(model, |pane| pane.fit(columns, rows));
}

/// The index of the selected item; an index beyond the end if nothing is selected.
pub fn selected(model: &Model) -> usize {
    model.pane().and_then(Pane::selected).unwrap_or(usize::MAX)
}

/// The web address of the selected item.
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

fn with_figures(model: &mut Model, change: impl FnOnce(&mut FiguresPane)) {
    with_pane(model, |pane| {
        if let Some(figures) = pane.figures_mut() {
            change(figures);
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

/// The selected item and its name.
fn chosen(model: &Model) -> Option<(ItemKind, String)> {
    let pane = model.pane()?;
    let name = match (pane.name(), pane) {
        (Some(name), _) => name.to_owned(),
        (None, Pane::List(list)) => seen(list.selected_row()?, model),
        (None, _) => String::new(),
    };
    Some((pane.thing().ok()?, name))
}

/// Switches to the list or figure this many further.
fn turn(model: &mut Model, steps: isize) {
    match model.pane().and_then(Pane::list).map(ListPane::list) {
        Some(BrowseList::Past(of, at)) => {
            let now = PastOf::LISTS.iter().position(|list| list == of).unwrap_or_default();
            let next = PastOf::LISTS.get(around(now, steps, PastOf::LISTS.len())).cloned();
            let pane = past(model, next.unwrap_or(PastOf::Tracks), *at);
            with_stack(model, |stack| stack.replace(pane));
        }
        _ => with_stack(model, |stack| stack.further(steps)),
    }
}

/// A past list, with the time in its title.
fn past(model: &Model, of: PastOf, at: DateTime<Utc>) -> Pane {
    let then = model.look.zone.on_the_wall(at).format("%Y-%m-%d %H:%M");
    let title = format!("{} as of {then}", of.name());
    Pane::List(ListPane::new(BrowseList::Past(of, at), title))
}

/// Goes to a date.
pub fn go_to(model: &mut Model, purpose: Purpose, instant: DateTime<Utc>) {
    match purpose {
        Purpose::Leap => with_pane(model, |pane| {
            if let Some(plays) = pane.plays_mut() {
                plays.leap(Anchor::Before(instant));
            }
        }),
        Purpose::Past => {
            let of = match model.pane().and_then(Pane::list).map(ListPane::list) {
                Some(BrowseList::Past(of, _)) => Some(of.clone()),
                _ => None,
            };
            let is_past = of.is_some();
            let pane = past(model, of.unwrap_or(PastOf::Tracks), instant);
            with_stack(model, |stack| if is_past { stack.replace(pane) } else { stack.open(pane) });
        }
    }
    fit(model);
}

/// The name of a version is the time when it was seen.
fn seen(row: &TableRow, model: &Model) -> String {
    match row.cells.first() {
        Some(Cell::Time(time)) => model.look.zone.on_the_wall(*time).format("%Y-%m-%d %H:%M").to_string(),
        _ => String::new(),
    }
}

/// Opens the search over whatever is shown, ready to be typed into.
fn search(model: &mut Model) {
    let is_open =
        model.pane().and_then(Pane::list).is_some_and(|list| *list.list() == BrowseList::Everything);
    if !is_open {
        let pane = Pane::List(ListPane::new(BrowseList::Everything, "search"));
        with_stack(model, |stack| stack.open(pane));
    }
    with_pane(model, |pane| pane.type_filter(true));
}

/// Opens the report of a period over whatever is shown.
fn open_report(model: &mut Model, period: Option<PeriodOf>) {
    let chosen = || model.pane().and_then(Pane::figures).map(FiguresPane::period);
    let this_year = PeriodOf { kind: PeriodKind::Year, day: None };
    let period = period.or_else(chosen).unwrap_or(this_year);
    with_stack(model, |stack| {
        stack.open(Pane::Details(DetailsPane::new(ItemKind::Report(period), "report")));
    });
}

fn open(model: &mut Model) {
    let Some((thing, name)) = chosen(model) else {
        return;
    };
    let then = match model.pane().and_then(Pane::list).map(ListPane::list) {
        Some(BrowseList::Past(_, at)) => Some(*at),
        _ => None,
    };
    let is_run = matches!(model.pane(), Some(Pane::Details(_)));
    let pane = match (thing, then) {
        (ItemKind::Playlist(id), Some(at)) => {
            Pane::List(ListPane::new(BrowseList::Past(PastOf::Contents(id), at), name))
        }
        (ItemKind::Run(id), _) if is_run => Pane::List(ListPane::new(BrowseList::ChangesOf(id), "changes")),
        (ItemKind::Run(id), _) => Pane::Details(DetailsPane::new(ItemKind::Run(id), format!("run {}", id.0))),
        (ItemKind::LogLine(line), _) => Pane::Details(DetailsPane::new(ItemKind::LogLine(line), "line")),
        (ItemKind::Playlist(id), None) => Pane::List(ListPane::new(BrowseList::Contents(id), name)),
        (ItemKind::Version(id), _) => Pane::List(ListPane::new(BrowseList::Version(id), name)),
        (thing, _) => Pane::Details(DetailsPane::new(thing, name)),
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
        // Over a list of playlists the contents are not open, so the path names the playlist
        // itself.
        let title = if stack.is_opened() { "versions".to_owned() } else { format!("{name}: versions") };
        stack.open(Pane::List(ListPane::new(BrowseList::Versions(playlist), title)));
    });
}

/// The playlist whose contents are open, or that is selected.
fn meant(model: &Model) -> Option<(PlaylistId, String)> {
    let list = model.pane()?.list()?;
    if let BrowseList::Contents(playlist) = list.list() {
        return Some((playlist.clone(), list.title().to_owned()));
    }
    match chosen(model)? {
        (ItemKind::Playlist(playlist), name) => Some((playlist, name)),
        _ => None,
    }
}

fn back(model: &mut Model) {
    let mut is_done = false;
    with_stack(model, |stack| is_done = stack.close());
    if !is_done {
        with_pane(model, |pane| pane.edit_filter(String::clear));
    }
}

fn erase_letter(filter: &mut String) {
    filter.pop();
}

fn erase_word(filter: &mut String) {
    let kept = filter.trim_end().rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
    filter.truncate(kept);
}
