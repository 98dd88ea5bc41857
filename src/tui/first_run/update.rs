//! Turns a message into an effect: every decision of the screen, without IO.

use std::sync::Arc;

use ratatui::crossterm::event::KeyEvent;

use super::keys::{self, FirstRunAction};
use super::model::{FirstRunModel, FirstRunStage, TextField};
use super::port::{News, Wish};
use super::qr::Picture;
use super::run::FirstRunExit;
use crate::domain::{ClientId, display_safe};
use crate::tui::input::keys::letter;
use crate::tui::style::theme::Role;

/// The most letters in the field. An address with a code has a few hundred.
const LONGEST: usize = 4096;

/// An event.
#[derive(Debug, Clone)]
pub enum FirstRunMsg {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Pasted(String),
    /// The size of the terminal changed.
    Resized(u16, u16),
    /// The login reports something.
    News(News),
    /// A browser was asked to open the address; an error says why it failed.
    Opened(Result<(), String>),
}

/// An action outside the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstRunEffect {
    /// Send a wish to the login.
    Wish(Wish),
    /// Copy it to the clipboard of the terminal's user.
    Copy(String),
    /// Open the address in a browser; the result is another message.
    Open(String),
    /// Close the screen.
    Leave(FirstRunExit),
    /// Suspend to the shell until the process continues.
    Suspend,
}

/// Applies a message to the model.
pub fn update(model: &mut FirstRunModel, msg: FirstRunMsg) -> Option<FirstRunEffect> {
    match msg {
        FirstRunMsg::Key(key) => return press(model, key),
        FirstRunMsg::Pasted(text) => paste(model, &text),
        FirstRunMsg::Resized(columns, rows) => model.size = (columns, rows),
        FirstRunMsg::News(news) => return learn(model, news),
        FirstRunMsg::Opened(Ok(())) => note(model, Role::Good, "opened in your browser"),
        FirstRunMsg::Opened(Err(why)) => note(model, Role::Waiting, why),
    }
    None
}

fn press(model: &mut FirstRunModel, key: KeyEvent) -> Option<FirstRunEffect> {
    let Some(action) = keys::action(model, key) else {
        if let Some(letter) = letter(key).filter(|_| model.field.is_open) {
            type_in(&mut model.field, letter.encode_utf8(&mut [0; 4]));
        }
        return None;
    };
    if !is_waiting(model) {
        model.note = None;
    }
    match action {
        FirstRunAction::Type => model.field.is_open = true,
        FirstRunAction::Send => return send(model),
        FirstRunAction::StopTyping => model.field.is_open = false,
        FirstRunAction::EraseLetter => drop(model.field.text.pop()),
        FirstRunAction::EraseAll => model.field.text.clear(),
        FirstRunAction::Copy => {
            // No terminal reports whether it accepts the text.
            note(model, Role::Good, "address copied");
            return model.invitation().map(|invitation| FirstRunEffect::Copy(invitation.url.clone()));
        }
        FirstRunAction::Browse => {
            return model.invitation().map(|invitation| FirstRunEffect::Open(invitation.url.clone()));
        }
        FirstRunAction::OtherApp => {
            model.stage = FirstRunStage::App;
            model.code = None;
            model.field = TextField { text: String::new(), is_open: true };
        }
        FirstRunAction::Demo => return Some(FirstRunEffect::Leave(FirstRunExit::Demo)),
        FirstRunAction::Record => return Some(FirstRunEffect::Leave(FirstRunExit::Dashboard)),
        FirstRunAction::Quit => return Some(FirstRunEffect::Leave(FirstRunExit::QUIT)),
        FirstRunAction::Suspend => return Some(FirstRunEffect::Suspend),
    }
    None
}

/// Whether the screen waits for another part, as the note says.
const fn is_waiting(model: &FirstRunModel) -> bool {
    matches!(model.stage, FirstRunStage::Preparing | FirstRunStage::Checking(_))
}

/// A paste replaces the text: it is one complete answer, and a wrong one need not be deleted first.
fn paste(model: &mut FirstRunModel, text: &str) {
    if model.wants_text() {
        model.note = None;
        model.field = TextField { text: String::new(), is_open: true };
        type_in(&mut model.field, text.trim());
    }
}

fn type_in(field: &mut TextField, text: &str) {
    let room = LONGEST.saturating_sub(field.text.chars().count());
    field.text.extend(display_safe(text).chars().take(room));
}

fn send(model: &mut FirstRunModel) -> Option<FirstRunEffect> {
    let FirstRunStage::Agree(invitation) = &model.stage else {
        return send_client_id(model);
    };
    if model.field.text.trim().is_empty() {
        note(model, Role::Waiting, "paste the address that your browser shows");
        return None;
    }
    model.stage = FirstRunStage::Checking(invitation.clone());
    let address = std::mem::take(&mut model.field).text;
    note(model, Role::Secondary, CHECKING);
    Some(FirstRunEffect::Wish(Wish::Redirected(address)))
}

fn send_client_id(model: &mut FirstRunModel) -> Option<FirstRunEffect> {
    match model.field.text.parse::<ClientId>() {
        Ok(id) => {
            model.stage = FirstRunStage::Preparing;
            model.field.is_open = false;
            Some(FirstRunEffect::Wish(Wish::UseApp(id)))
        }
        Err(why) => {
            note(model, Role::Waiting, why.to_string());
            None
        }
    }
}

const CHECKING: &str = "requesting the login from Spotify";

fn learn(model: &mut FirstRunModel, news: News) -> Option<FirstRunEffect> {
    match news {
        News::Invited(invitation) => {
            model.code = Picture::of(&invitation.url).map(Arc::new);
            model.stage = FirstRunStage::Agree(invitation);
            model.field = TextField::default();
            model.note = None;
        }
        News::Checking => {
            if let FirstRunStage::Agree(invitation) = &model.stage {
                model.stage = FirstRunStage::Checking(invitation.clone());
                model.field = TextField::default();
                note(model, Role::Secondary, CHECKING);
            }
        }
        News::Refused(why) => {
            match &model.stage {
                FirstRunStage::Preparing => {
                    model.stage = FirstRunStage::App;
                    model.field.is_open = true;
                }
                FirstRunStage::Checking(invitation) => model.stage = FirstRunStage::Agree(invitation.clone()),
                FirstRunStage::App | FirstRunStage::Agree(_) => {}
            }
            note(model, Role::Bad, why);
        }
        News::Connected => return Some(FirstRunEffect::Leave(FirstRunExit::Dashboard)),
    }
    None
}

fn note(model: &mut FirstRunModel, role: Role, text: impl Into<String>) {
    model.note = Some((role, text.into()));
}
