//! Turns a message into an effect: every decision of the screen, without IO.

mod browsing;
mod themes;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::crossterm::event::{KeyEvent, MouseEvent};

use super::input::command_line;
use super::input::keys::{self, Action};
use super::state::model::{Model, Note, Overlay};
use super::state::panes::Motion;
use super::style::theme::Role;
use super::view::frame::help;
use super::view::hit_test::{self, Pointed};
use crate::domain::queries::Answered;
use crate::domain::{Entity, Snapshot, Trigger};
use crate::handle::{Accepted, CommandRefused, EngineCommand, Link, SyncRequest};

/// How long the result of a key stays in the footer.
pub const NOTE_SECONDS: i64 = 8;
/// How long to wait for an answer of the engine; it takes long while the database is locked.
const ANSWER_SECONDS: i64 = 60;

/// An event.
#[derive(Debug, Clone)]
pub enum Msg {
    /// A key was pressed.
    Key {
        /// The key.
        key: KeyEvent,
        /// The time.
        at: DateTime<Utc>,
    },
    /// The mouse was used.
    Mouse {
        /// The event.
        event: MouseEvent,
        /// The time.
        at: DateTime<Utc>,
    },
    /// Text was pasted.
    Pasted(String),
    /// The size of the terminal changed.
    Resized {
        /// Its columns.
        columns: u16,
        /// Its rows.
        rows: u16,
    },
    /// The reader answered.
    Read(Arc<Answered>),
    /// A browser was asked to open an address.
    Opened {
        /// Why that failed, if it did.
        outcome: Result<(), String>,
        /// The time.
        at: DateTime<Utc>,
    },
    /// The chosen theme could not be kept.
    ThemeNotKept {
        /// Why.
        why: String,
        /// The time.
        at: DateTime<Utc>,
    },
    /// The engine published a snapshot.
    Snapshot(Arc<Snapshot>),
    /// The connection to the engine changed.
    Link(Link),
    /// The engine will send no more snapshots.
    EngineGone,
    /// The engine answered a command.
    Answered {
        /// The command.
        command: EngineCommand,
        /// The answer.
        answer: Result<Accepted, CommandRefused>,
        /// The time.
        at: DateTime<Utc>,
    },
}

/// An action outside the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send it to the engine; the answer is another message.
    Send(EngineCommand),
    /// Copy it to the clipboard of the terminal's user.
    Copy(String),
    /// Open the address in a browser; the result is another message.
    Open(String),
    /// Keep the theme of this name.
    KeepTheme(&'static str),
    /// Close the screen.
    Leave,
    /// Suspend to the shell until the process continues.
    Suspend,
}

/// Applies a message to the model.
pub fn update(model: &mut Model, msg: Msg) -> Option<Effect> {
    match msg {
        Msg::Key { key, at } => press(model, key, at),
        Msg::Mouse { event, at } => point(model, event, at),
        Msg::Pasted(text) => {
            if keys::place(model).takes_text() {
                browsing::type_in(model, &text);
            }
            None
        }
        Msg::Resized { columns, rows } => {
            model.size = (columns, rows);
            browsing::fit(model);
            None
        }
        Msg::Read(answered) => {
            model.browse.answered(model.screen, model.rows(), &answered);
            None
        }
        Msg::Opened { outcome, at } => {
            let (role, text) = match outcome {
                Ok(()) => (Role::Good, "opened in your browser".to_owned()),
                Err(why) => (Role::Waiting, why),
            };
            note(model, role, text, at);
            None
        }
        Msg::ThemeNotKept { why, at } => {
            note(model, Role::Waiting, why, at);
            None
        }
        Msg::Snapshot(snapshot) => {
            model.browse.learn(&snapshot);
            model.snapshot = snapshot;
            None
        }
        Msg::Link(link) => {
            model.link = link;
            None
        }
        Msg::EngineGone => {
            model.link = Link::Lost { why: "quit and start phonolog again".to_owned() };
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
    let place = keys::place(model);
    let Some(action) = model.keymap.action(place, key) else {
        if place.takes_text()
            && let Some(letter) = keys::letter(key)
        {
            browsing::type_in(model, letter.encode_utf8(&mut [0; 4]));
        }
        return None;
    };
    perform(model, action, at)
}

/// Performs the action of a key or the mouse, or says why not.
fn perform(model: &mut Model, action: Action, at: DateTime<Utc>) -> Option<Effect> {
    model.note = None;
    if let Err(why) = keys::possible(action, model) {
        note(model, Role::Waiting, why, at);
        return None;
    }
    act(model, action, at)
}

fn act(model: &mut Model, action: Action, at: DateTime<Utc>) -> Option<Effect> {
    match action {
        Action::SyncNow => return Some(send(model, sync(false), at)),
        Action::Pause if model.snapshot.paused => return Some(send(model, EngineCommand::Resume, at)),
        Action::Pause => return Some(send(model, EngineCommand::Pause, at)),
        Action::Cancel => return Some(send(model, EngineCommand::Cancel, at)),
        Action::Confirm => {
            let command = confirmed(model);
            model.overlay = None;
            return Some(send(model, command, at));
        }
        Action::Quit => return Some(Effect::Leave),
        Action::Suspend => return Some(Effect::Suspend),
        Action::AskResync => model.overlay = Some(Overlay::Resync),
        Action::AskRemovals => model.overlay = Some(Overlay::Removals),
        Action::Help => model.overlay = Some(Overlay::Help { scroll: 0 }),
        Action::Close => model.overlay = None,
        Action::Go(motion) if model.overlay.is_some() => scroll(model, motion),
        Action::AskCommand => model.command = Some(String::new()),
        Action::CompleteCommand => model.command.iter_mut().for_each(command_line::complete),
        Action::DropCommand => model.command = None,
        Action::TakeCommand => return obey(model, at),
        Action::TakeDate => take_date(model, at),
        Action::Copy => return copy(model, at),
        Action::Theme(name) => return themes::choose(model, name, at),
        Action::Browse => return browsing::address(model).map(Effect::Open),
        action => browsing::act(model, action),
    }
    None
}

/// Performs the typed command.
fn obey(model: &mut Model, at: DateTime<Utc>) -> Option<Effect> {
    let typed = model.command.take().unwrap_or_default();
    match command_line::read(&typed, model.snapshot.paused) {
        Ok(action) => perform(model, action?, at),
        Err(why) => {
            note(model, Role::Waiting, why, at);
            None
        }
    }
}

fn scroll(model: &mut Model, motion: Motion) {
    let (longest, page) = help::extent(model);
    if let Some(Overlay::Help { scroll }) = &mut model.overlay {
        let to = motion.lead(usize::from(*scroll), usize::from(longest) + 1, usize::from(page));
        *scroll = u16::try_from(to).unwrap_or(longest);
    }
}

/// Goes to the typed date; an invalid one stays for correction.
fn take_date(model: &mut Model, at: DateTime<Utc>) {
    let Some(prompt) = &model.asking else {
        return;
    };
    let (purpose, read) = (prompt.purpose, prompt.read(at, model.look.zone));
    match read {
        Ok(instant) => {
            model.asking = None;
            browsing::go_to(model, purpose, instant);
        }
        Err(why) => note(model, Role::Waiting, why.to_string(), at),
    }
}

fn copy(model: &mut Model, at: DateTime<Utc>) -> Option<Effect> {
    let uri = model.pane()?.uri()?.to_owned();
    // No terminal reports whether it accepts the text.
    note(model, Role::Good, format!("copied: {uri}"), at);
    Some(Effect::Copy(uri))
}

fn point(model: &mut Model, event: MouseEvent, at: DateTime<Utc>) -> Option<Effect> {
    let pointed = hit_test::pointed(model, event)?;
    if pointed == Pointed::Row(browsing::selected(model)) {
        return perform(model, Action::Open, at);
    }
    match pointed {
        Pointed::WheelDown if model.overlay.is_some() => scroll(model, Motion::Down),
        Pointed::WheelUp if model.overlay.is_some() => scroll(model, Motion::Up),
        Pointed::Tab(screen) => browsing::act(model, Action::Show(screen)),
        pointed => browsing::point(model, pointed),
    }
    None
}

fn send(model: &mut Model, command: EngineCommand, at: DateTime<Utc>) -> Effect {
    // Stays until the answer replaces it, which shows that an engine is slow to answer.
    note(model, Role::Secondary, asked(&command).to_owned(), at);
    if let Some(note) = &mut model.note {
        note.until = at + TimeDelta::seconds(ANSWER_SECONDS);
    }
    Effect::Send(command)
}

fn note(model: &mut Model, role: Role, text: String, at: DateTime<Utc>) {
    model.note = Some(Note { text, role, until: at + TimeDelta::seconds(NOTE_SECONDS) });
}

/// The command of the current question.
fn confirmed(model: &Model) -> EngineCommand {
    if model.overlay != Some(Overlay::Removals) {
        return sync(true);
    }
    let entities: Vec<Entity> = model.braked().map(|(entity, _)| entity).collect();
    EngineCommand::Sync(SyncRequest { entities, full: false, allow_removals: true, trigger: Trigger::Key })
}

fn sync(full: bool) -> EngineCommand {
    EngineCommand::Sync(SyncRequest {
        entities: Vec::new(),
        full,
        allow_removals: false,
        trigger: Trigger::Key,
    })
}

const fn asked(command: &EngineCommand) -> &'static str {
    match command {
        EngineCommand::Sync(_) => "requesting a sync",
        EngineCommand::Pause => "requesting a pause",
        EngineCommand::Resume => "requesting to resume",
        EngineCommand::Cancel => "requesting to stop the run",
        EngineCommand::Ping => "checking the engine",
    }
}

const fn done(command: &EngineCommand) -> &'static str {
    match command {
        EngineCommand::Sync(request) if request.full => "full resync started",
        EngineCommand::Sync(request) if request.allow_removals => "started a sync that applies the removals",
        EngineCommand::Sync(_) => "sync started",
        EngineCommand::Pause => "library sync paused",
        EngineCommand::Resume => "library sync resumed",
        EngineCommand::Cancel => "the run stops after this page",
        EngineCommand::Ping => "the engine answers",
    }
}

#[cfg(test)]
mod browsing_tests;
#[cfg(test)]
mod listening_tests;
#[cfg(test)]
mod tests;
