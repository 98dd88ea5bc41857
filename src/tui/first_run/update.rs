//! A message in, an effect out: every decision of the screen, without IO.

use std::sync::Arc;

use ratatui::crossterm::event::KeyEvent;

use super::keys::{self, Action};
use super::model::{Field, Model, Stage};
use super::port::{News, Wish};
use super::qr::Picture;
use super::run::Way;
use crate::domain::{ClientId, display_safe};
use crate::tui::input::keys::letter;
use crate::tui::style::theme::Role;

/// Letters that the field holds. An address with a code in it is a few hundred long.
const LONGEST: usize = 4096;

/// Something happened.
#[derive(Debug, Clone)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Pasted(String),
    /// The terminal has another size.
    Resized(u16, u16),
    /// Whoever logs in has something to say.
    News(News),
    /// A browser was asked to open the address; why it does not, where it does not.
    Opened(Result<(), String>),
}

/// Something is to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Ask whoever logs in.
    Wish(Wish),
    /// Put it on the clipboard of whoever looks at the terminal.
    Copy(String),
    /// Open the address in a browser; what comes of it is one more message.
    Open(String),
    /// Close the screen.
    Leave(Way),
    /// Give the terminal to the shell until it lets us go on.
    Suspend,
}

/// Folds a message into the model.
pub fn update(model: &mut Model, msg: Msg) -> Option<Effect> {
    match msg {
        Msg::Key(key) => return press(model, key),
        Msg::Pasted(text) => paste(model, &text),
        Msg::Resized(columns, rows) => model.size = (columns, rows),
        Msg::News(news) => return learn(model, news),
        Msg::Opened(Ok(())) => note(model, Role::Good, "your browser opens it"),
        Msg::Opened(Err(why)) => note(model, Role::Waiting, why),
    }
    None
}

fn press(model: &mut Model, key: KeyEvent) -> Option<Effect> {
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
        Action::Type => model.field.is_open = true,
        Action::Send => return send(model),
        Action::StopTyping => model.field.is_open = false,
        Action::EraseLetter => drop(model.field.text.pop()),
        Action::EraseAll => model.field.text.clear(),
        Action::Copy => {
            // Whether the terminal takes it is not told by any.
            note(model, Role::Good, "the address is handed to the clipboard");
            return model.invitation().map(|invitation| Effect::Copy(invitation.url.clone()));
        }
        Action::Browse => return model.invitation().map(|invitation| Effect::Open(invitation.url.clone())),
        Action::OtherApp => {
            model.stage = Stage::App;
            model.code = None;
            model.field = Field::default();
        }
        Action::Demo => return Some(Effect::Leave(Way::Demo)),
        Action::Record => return Some(Effect::Leave(Way::Dashboard)),
        Action::Quit => return Some(Effect::Leave(Way::QUIT)),
        Action::Suspend => return Some(Effect::Suspend),
    }
    None
}

/// Whether somebody else is at work, of which the note tells.
const fn is_waiting(model: &Model) -> bool {
    matches!(model.stage, Stage::Preparing | Stage::Checking(_))
}

/// A paste takes the place of what was there: it is one whole answer, and a wrong one need not be erased first.
fn paste(model: &mut Model, text: &str) {
    if model.wants_text() {
        model.note = None;
        model.field = Field { text: String::new(), is_open: true };
        type_in(&mut model.field, text.trim());
    }
}

fn type_in(field: &mut Field, text: &str) {
    let room = LONGEST.saturating_sub(field.text.chars().count());
    field.text.extend(display_safe(text).chars().take(room));
}

fn send(model: &mut Model) -> Option<Effect> {
    let Stage::Agree(invitation) = &model.stage else {
        return send_client_id(model);
    };
    if model.field.text.trim().is_empty() {
        note(model, Role::Waiting, "paste the address at which your browser ended");
        return None;
    }
    model.stage = Stage::Checking(invitation.clone());
    let address = std::mem::take(&mut model.field).text;
    note(model, Role::Secondary, CHECKING);
    Some(Effect::Wish(Wish::Redirected(address)))
}

fn send_client_id(model: &mut Model) -> Option<Effect> {
    match model.field.text.parse::<ClientId>() {
        Ok(id) => {
            model.stage = Stage::Preparing;
            model.field.is_open = false;
            Some(Effect::Wish(Wish::UseApp(id)))
        }
        Err(why) => {
            note(model, Role::Waiting, why.to_string());
            None
        }
    }
}

const CHECKING: &str = "asking Spotify for the login";

fn learn(model: &mut Model, news: News) -> Option<Effect> {
    match news {
        News::Invited(invitation) => {
            model.code = Picture::of(&invitation.url).map(Arc::new);
            model.stage = Stage::Agree(invitation);
            model.field = Field::default();
            model.note = None;
        }
        News::Checking => {
            if let Stage::Agree(invitation) = &model.stage {
                model.stage = Stage::Checking(invitation.clone());
                model.field = Field::default();
                note(model, Role::Secondary, CHECKING);
            }
        }
        News::Refused(why) => {
            match &model.stage {
                Stage::Preparing => model.stage = Stage::App,
                Stage::Checking(invitation) => model.stage = Stage::Agree(invitation.clone()),
                Stage::App | Stage::Agree(_) => {}
            }
            note(model, Role::Bad, why);
        }
        News::Connected => return Some(Effect::Leave(Way::Dashboard)),
    }
    None
}

fn note(model: &mut Model, role: Role, text: impl Into<String>) {
    model.note = Some((role, text.into()));
}
