//! Whether an action is available now, and why not.

use super::Action;
use crate::domain::queries::{BrowseList, ItemKind, PastOf};
use crate::domain::{LoginState, web_address};
use crate::handle::CommandRefused;
use crate::tui::state::model::{Model, Overlay};
use crate::tui::state::panes::{ListPane, Pane};
use crate::tui::state::screens::Screen;

/// Whether an action is available now; otherwise the reason, in words for the footer.
pub fn possible(action: Action, model: &Model) -> Result<(), String> {
    match action {
        Action::Confirm if model.overlay == Some(Overlay::Removals) => can_allow(model),
        Action::SyncNow | Action::AskResync | Action::Confirm => can_sync(model),
        Action::AskRemovals => can_allow(model),
        Action::Cancel => {
            listens(model)?;
            model.running().map(drop).ok_or_else(|| CommandRefused::Idle.to_string())
        }
        Action::Pause => listens(model),
        Action::Open => opens(model),
        Action::Details => selected(model).map(drop),
        Action::TabFurther(_) => turns(model),
        Action::Versions => versions(model),
        Action::PeriodFurther(steps) => {
            let figures = model.pane().and_then(Pane::figures).ok_or("there are no periods here")?;
            figures.step(steps).map(drop).map_err(ToOwned::to_owned)
        }
        Action::Copy => uri(model).map(drop),
        Action::Browse => {
            let has_page = "Spotify has no page for this";
            web_address(uri(model)?).map(drop).ok_or_else(|| has_page.to_owned())
        }
        _ => Ok(()),
    }
}

fn can_sync(model: &Model) -> Result<(), String> {
    listens(model)?;
    if model.running().is_some() && !model.snapshot.run_gives_way() {
        return Err(CommandRefused::Busy.to_string());
    }
    match model.snapshot.login {
        LoginState::Needed { .. } => Err("log in first: `phonolog login`".to_owned()),
        LoginState::Ok { .. } | LoginState::Unknown => Ok(()),
    }
}

fn can_allow(model: &Model) -> Result<(), String> {
    if model.braked().next().is_none() {
        return Err("no removals need your approval".to_owned());
    }
    can_sync(model)
}

fn listens(model: &Model) -> Result<(), String> {
    if model.engine_listens() { Ok(()) } else { Err(CommandRefused::Gone.to_string()) }
}

/// The selected item of a list.
fn selected(model: &Model) -> Result<ItemKind, String> {
    let pane = model.pane().ok_or("nothing is selected")?;
    pane.thing().map_err(ToOwned::to_owned)
}

fn opens(model: &Model) -> Result<(), String> {
    let is_versions =
        |pane: &Pane| pane.list().is_some_and(|list| matches!(list.list(), BrowseList::Versions(_)));
    match selected(model) {
        Err(_) if model.pane().is_some_and(is_versions) => {
            Err("this is the first version; there is no earlier one".to_owned())
        }
        other => other.map(drop),
    }
}

/// Over the past contents of a playlist there is no other tab to switch to.
fn turns(model: &Model) -> Result<(), String> {
    match model.pane().and_then(Pane::list).map(ListPane::list) {
        Some(BrowseList::Past(PastOf::Contents(_), _)) => {
            Err(format!("press {} to go back to the lists", model.keymap.key_for(Action::Back)))
        }
        _ => Ok(()),
    }
}

fn versions(model: &Model) -> Result<(), String> {
    match model.pane().and_then(Pane::list).map(ListPane::list) {
        Some(BrowseList::Contents(_)) => Ok(()),
        _ => match selected(model)? {
            ItemKind::Playlist(_) => Ok(()),
            _ => Err("only playlists have versions".to_owned()),
        },
    }
}

fn uri(model: &Model) -> Result<&str, String> {
    let of_nothing =
        if model.screen == Screen::Dashboard { "nothing is selected" } else { "this has no uri" };
    model.pane().and_then(Pane::uri).ok_or_else(|| of_nothing.to_owned())
}
