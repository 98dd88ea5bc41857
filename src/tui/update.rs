//! A message in, an effect out: every decision of the screen, without IO.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::crossterm::event::KeyEvent;

use super::keys::{self, Action};
use super::model::{Link, Model, Note, Overlay};
use super::theme::Role;
use crate::domain::{Snapshot, Trigger};
use crate::handle::{Accepted, Command, Refused, SyncRequest};

/// How long an answer to a key stays in the footer.
pub const NOTE_SECONDS: i64 = 8;

/// Something happened.
#[derive(Debug, Clone)]
pub enum Msg {
    /// A key was pressed.
    Key {
        /// Which.
        key: KeyEvent,
        /// When.
        at: DateTime<Utc>,
    },
    /// The engine has news.
    Snapshot(Arc<Snapshot>),
    /// The engine will have no more news.
    EngineGone,
    /// The engine answered a command.
    Answered {
        /// What was wanted.
        command: Command,
        /// What became of it.
        answer: Result<Accepted, Refused>,
        /// When.
        at: DateTime<Utc>,
    },
}

/// Something is to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send it to the engine; the answer is one more message.
    Send(Command),
    /// Close the screen.
    Leave,
    /// Give the terminal to the shell until it lets us go on.
    Suspend,
}

/// Folds a message into the model.
pub fn update(model: &mut Model, msg: Msg) -> Option<Effect> {
    match msg {
        Msg::Key { key, at } => press(model, key, at),
        Msg::Snapshot(snapshot) => {
            model.snapshot = snapshot;
            None
        }
        Msg::EngineGone => {
            model.link = Link::Lost;
            None
        }
        Msg::Answered { command, answer, at } => {
            let (role, text) = match answer {
                Ok(_) => (Role::Good, done(&command).to_owned()),
                Err(refused) => (Role::Waiting, refused.to_string()),
            };
            note(model, role, text, at);
            None
        }
    }
}

fn press(model: &mut Model, key: KeyEvent, at: DateTime<Utc>) -> Option<Effect> {
    let action = keys::action(keys::place(model), key)?;
    model.note = None;
    if let Err(why) = keys::possible(action, model) {
        note(model, Role::Waiting, why, at);
        return None;
    }
    act(model, action, at)
}

fn act(model: &mut Model, action: Action, at: DateTime<Utc>) -> Option<Effect> {
    match action {
        Action::SyncNow => send(model, sync(false), at),
        Action::Pause if model.snapshot.paused => send(model, Command::Resume, at),
        Action::Pause => send(model, Command::Pause, at),
        Action::Cancel => send(model, Command::Cancel, at),
        Action::Confirm => {
            model.overlay = None;
            send(model, sync(true), at)
        }
        Action::AskResync => show(model, Some(Overlay::Resync)),
        Action::Help => show(model, Some(Overlay::Help { scroll: 0 })),
        Action::Close => show(model, None),
        Action::ScrollDown => scroll(model, 1),
        Action::ScrollUp => scroll(model, -1),
        Action::Quit => Some(Effect::Leave),
        Action::Suspend => Some(Effect::Suspend),
    }
}

fn show(model: &mut Model, overlay: Option<Overlay>) -> Option<Effect> {
    model.overlay = overlay;
    None
}

fn scroll(model: &mut Model, lines: i16) -> Option<Effect> {
    if let Some(Overlay::Help { scroll }) = &mut model.overlay {
        *scroll = scroll
            .saturating_add_signed(lines)
            .min(super::view::help::longest_scroll());
    }
    None
}

fn send(model: &mut Model, command: Command, at: DateTime<Utc>) -> Option<Effect> {
    // Stays until the answer takes its place, which says that an engine is slow to answer.
    note(model, Role::Secondary, asked(&command).to_owned(), at);
    Some(Effect::Send(command))
}

fn note(model: &mut Model, role: Role, text: String, at: DateTime<Utc>) {
    model.note = Some(Note {
        text,
        role,
        until: at + TimeDelta::seconds(NOTE_SECONDS),
    });
}

fn sync(full: bool) -> Command {
    Command::Sync(SyncRequest {
        entities: Vec::new(),
        full,
        allow_removals: false,
        trigger: Trigger::Key,
    })
}

const fn asked(command: &Command) -> &'static str {
    match command {
        Command::Sync(_) => "asking for a sync",
        Command::Pause => "asking to pause",
        Command::Resume => "asking to go on",
        Command::Cancel => "asking to stop the run",
    }
}

const fn done(command: &Command) -> &'static str {
    match command {
        Command::Sync(request) if request.full => "full resync started",
        Command::Sync(_) => "sync started",
        Command::Pause => "library sync paused",
        Command::Resume => "library sync goes on",
        Command::Cancel => "the run stops after this page",
    }
}
