//! A message in, an effect out: every decision of the screen, without IO.

mod browsing;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::crossterm::event::{KeyEvent, MouseEvent};

use super::browse::Motion;
use super::commands;
use super::keys::{self, Action, Place};
use super::model::{Model, Note, Overlay};
use super::mouse::{self, Pointed};
use super::theme::Role;
use super::view::help;
use crate::domain::browse::Answered;
use crate::domain::{Entity, Snapshot, Trigger};
use crate::handle::{Accepted, Command, Link, Refused, SyncRequest};

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
    /// The mouse was used.
    Mouse {
        /// How.
        event: MouseEvent,
        /// When.
        at: DateTime<Utc>,
    },
    /// Text was pasted.
    Pasted(String),
    /// The terminal has another size.
    Resized {
        /// Its columns.
        columns: u16,
        /// Its rows.
        rows: u16,
    },
    /// Whoever reads the record found something.
    Read(Arc<Answered>),
    /// A browser was asked to open something.
    Opened {
        /// Why it does not, where it does not.
        outcome: Result<(), String>,
        /// When.
        at: DateTime<Utc>,
    },
    /// The engine has news.
    Snapshot(Arc<Snapshot>),
    /// The way to the engine changed.
    Link(Link),
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
    /// Put it on the clipboard of whoever looks at the terminal.
    Copy(String),
    /// Open the address in a browser; what comes of it is one more message.
    Open(String),
    /// Close the screen.
    Leave,
    /// Give the terminal to the shell until it lets us go on.
    Suspend,
}

/// Folds a message into the model.
pub fn update(model: &mut Model, msg: Msg) -> Option<Effect> {
    match msg {
        Msg::Key { key, at } => press(model, key, at),
        Msg::Mouse { event, at } => point(model, event, at),
        Msg::Pasted(text) => {
            if matches!(keys::place(model), Place::Typing | Place::Date | Place::Command) {
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
                Ok(()) => (Role::Good, "your browser opens it".to_owned()),
                Err(why) => (Role::Waiting, why),
            };
            note(model, role, text, at);
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
            model.link = Link::Lost { why: "leave and start phonolog again".to_owned() };
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
    let Some(action) = keys::action(place, key) else {
        if matches!(place, Place::Typing | Place::Date | Place::Command)
            && let Some(letter) = keys::letter(key)
        {
            browsing::type_in(model, letter.encode_utf8(&mut [0; 4]));
        }
        return None;
    };
    perform(model, action, at)
}

/// Does what a key or the mouse asks for, or says why not.
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
        Action::Pause if model.snapshot.paused => return Some(send(model, Command::Resume, at)),
        Action::Pause => return Some(send(model, Command::Pause, at)),
        Action::Cancel => return Some(send(model, Command::Cancel, at)),
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
        Action::CompleteCommand => model.command.iter_mut().for_each(commands::complete),
        Action::DropCommand => model.command = None,
        Action::TakeCommand => return obey(model, at),
        Action::TakeDate => take_date(model, at),
        Action::Copy => return copy(model, at),
        Action::Browse => return browsing::address(model).map(Effect::Open),
        action => browsing::act(model, action),
    }
    None
}

/// Does what the command that was typed stands for.
fn obey(model: &mut Model, at: DateTime<Utc>) -> Option<Effect> {
    let typed = model.command.take().unwrap_or_default();
    match commands::read(&typed, model.snapshot.paused) {
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

/// Goes where the date leads; one that cannot be read stays to be mended.
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
    // Whether the terminal takes it is not told by any.
    note(model, Role::Good, format!("handed to the clipboard: {uri}"), at);
    Some(Effect::Copy(uri))
}

fn point(model: &mut Model, event: MouseEvent, at: DateTime<Utc>) -> Option<Effect> {
    let pointed = mouse::pointed(model, event)?;
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

fn send(model: &mut Model, command: Command, at: DateTime<Utc>) -> Effect {
    // Stays until the answer takes its place, which says that an engine is slow to answer.
    note(model, Role::Secondary, asked(&command).to_owned(), at);
    Effect::Send(command)
}

fn note(model: &mut Model, role: Role, text: String, at: DateTime<Utc>) {
    model.note = Some(Note { text, role, until: at + TimeDelta::seconds(NOTE_SECONDS) });
}

/// What the question that stands is about.
fn confirmed(model: &Model) -> Command {
    if model.overlay != Some(Overlay::Removals) {
        return sync(true);
    }
    let entities: Vec<Entity> = model.braked().map(|(entity, _)| entity).collect();
    Command::Sync(SyncRequest { entities, full: false, allow_removals: true, trigger: Trigger::Key })
}

fn sync(full: bool) -> Command {
    Command::Sync(SyncRequest { entities: Vec::new(), full, allow_removals: false, trigger: Trigger::Key })
}

const fn asked(command: &Command) -> &'static str {
    match command {
        Command::Sync(_) => "asking for a sync",
        Command::Pause => "asking to pause",
        Command::Resume => "asking to go on",
        Command::Cancel => "asking to stop the run",
        Command::Ping => "asking for a sign of life",
    }
}

const fn done(command: &Command) -> &'static str {
    match command {
        Command::Sync(request) if request.full => "full resync started",
        Command::Sync(request) if request.allow_removals => "a sync started that lets them go",
        Command::Sync(_) => "sync started",
        Command::Pause => "library sync paused",
        Command::Resume => "library sync goes on",
        Command::Cancel => "the run stops after this page",
        Command::Ping => "the engine answers",
    }
}

#[cfg(test)]
mod browsing_tests;
#[cfg(test)]
mod listening_tests;
#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;
    use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    use rstest::rstest;

    use super::super::fixtures::{self, now};
    use super::super::model::{Model, Overlay};
    use super::super::settings::UiSettings;
    use super::{Effect, Msg, NOTE_SECONDS, sync, update};
    use crate::domain::{EngineState, Entity, EntityState, RunId, Snapshot, Trigger};
    use crate::handle::{Accepted, Command, Link, Refused};

    fn model(snapshot: Snapshot) -> Model {
        fixtures::model(snapshot, UiSettings::default())
    }

    fn press(model: &mut Model, key: char) -> Option<Effect> {
        let key = KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE);
        update(model, Msg::Key { key, at: now() })
    }

    fn said(model: &Model) -> Option<&str> {
        model.note_at(now()).map(|note| note.text.as_str())
    }

    #[rstest]
    #[case::sync(fixtures::idle(), 's', Effect::Send(sync(false)))]
    #[case::pause(fixtures::idle(), 'p', Effect::Send(Command::Pause))]
    #[case::resume(fixtures::paused(), 'p', Effect::Send(Command::Resume))]
    #[case::cancel(fixtures::initial(), 'c', Effect::Send(Command::Cancel))]
    #[case::quit(fixtures::empty(), 'q', Effect::Leave)]
    fn a_key_has_its_effect(#[case] snapshot: Snapshot, #[case] key: char, #[case] effect: Effect) {
        assert_eq!(press(&mut model(snapshot), key), Some(effect));
    }

    #[test]
    fn a_run_that_has_come_to_its_details_gives_way() {
        let mut snapshot = fixtures::initial();
        snapshot.run.as_mut().unwrap().trigger = Trigger::Schedule;
        fixtures::entity(&mut snapshot, Entity::Tracks).state = EntityState::Idle;
        assert_eq!(press(&mut model(snapshot.clone()), 's'), None);
        fixtures::entity(&mut snapshot, Entity::Details).state = EntityState::Running;
        assert_eq!(press(&mut model(snapshot.clone()), 's'), Some(Effect::Send(sync(false))));
        // One that a person began does not.
        snapshot.run.as_mut().unwrap().trigger = Trigger::Cli;
        assert_eq!(press(&mut model(snapshot), 's'), None);
    }

    #[rstest]
    #[case::busy(fixtures::initial(), 's', "a sync is already running")]
    #[case::busy_too(fixtures::initial(), 'R', "a sync is already running")]
    #[case::nothing_to_stop(fixtures::idle(), 'c', "no sync is running")]
    #[case::nobody_logged_in(fixtures::empty(), 's', "log in first: `phonolog login`")]
    #[case::no_engine(Snapshot { engine: EngineState::None, ..fixtures::idle() }, 'p', "the engine does not answer")]
    fn what_is_not_possible_is_refused_with_the_reason(
        #[case] snapshot: Snapshot,
        #[case] key: char,
        #[case] why: &str,
    ) {
        let mut model = model(snapshot);
        assert_eq!(press(&mut model, key), None);
        assert_eq!(said(&model), Some(why));
        assert_eq!(model.overlay, None);
    }

    #[test]
    fn a_full_resync_is_sent_only_after_yes() {
        let mut model = model(fixtures::idle());
        assert_eq!(press(&mut model, 'R'), None);
        assert_eq!(model.overlay, Some(Overlay::Resync));
        // Keys of the dashboard do nothing under a question.
        for key in ['s', 'p', 'R', 'x'] {
            assert_eq!(press(&mut model, key), None);
            assert_eq!(model.overlay, Some(Overlay::Resync));
        }
        assert_eq!(press(&mut model, 'y'), Some(Effect::Send(sync(true))));
        assert_eq!(model.overlay, None);

        press(&mut model, 'R');
        assert_eq!(press(&mut model, 'n'), None);
        assert_eq!(model.overlay, None);
    }

    #[test]
    fn removals_are_allowed_only_after_yes_and_only_where_some_wait() {
        let mut calm = model(fixtures::idle());
        assert_eq!(press(&mut calm, 'A'), None);
        assert_eq!(said(&calm), Some("no removals wait for your word"));
        assert_eq!(calm.overlay, None);

        let mut model = model(fixtures::braked());
        assert_eq!(press(&mut model, 'A'), None);
        assert_eq!(model.overlay, Some(Overlay::Removals));
        let Some(Effect::Send(Command::Sync(request))) = press(&mut model, 'y') else {
            panic!("nothing was sent");
        };
        assert_eq!(request.entities, [Entity::Tracks], "what was shown, and nothing else");
        assert!(request.allow_removals && !request.full);
        assert_eq!(model.overlay, None);

        // What was answered meanwhile by somebody else is asked no more.
        press(&mut model, 'A');
        update(&mut model, Msg::Snapshot(Arc::new(fixtures::idle())));
        assert_eq!(press(&mut model, 'y'), None);
        assert_eq!(said(&model), Some("no removals wait for your word"));
    }

    #[test]
    fn a_run_that_began_while_the_question_stood_refuses_the_yes() {
        let mut model = model(fixtures::idle());
        press(&mut model, 'R');
        update(&mut model, Msg::Snapshot(Arc::new(fixtures::initial())));
        assert_eq!(press(&mut model, 'y'), None);
        assert_eq!(said(&model), Some("a sync is already running"));
    }

    #[rstest]
    #[case(sync(false), Ok(Accepted::Run(RunId(7))), "sync started")]
    #[case(sync(true), Ok(Accepted::Run(RunId(7))), "full resync started")]
    #[case(Command::Pause, Ok(Accepted::Done), "library sync paused")]
    #[case(Command::Resume, Ok(Accepted::Done), "library sync goes on")]
    #[case(Command::Cancel, Ok(Accepted::Done), "the run stops after this page")]
    #[case(sync(false), Err(Refused::Busy), "a sync is already running")]
    #[case(Command::Pause, Err(Refused::Gone), "the engine does not answer")]
    fn an_answer_is_told_for_a_while(
        #[case] command: Command,
        #[case] answer: Result<Accepted, Refused>,
        #[case] text: &str,
    ) {
        let mut model = model(fixtures::idle());
        assert_eq!(update(&mut model, Msg::Answered { command, answer, at: now() }), None);
        assert_eq!(said(&model), Some(text));
        assert_eq!(model.note_at(now() + TimeDelta::seconds(NOTE_SECONDS)), None);
    }

    #[test]
    fn help_scrolls_within_bounds_and_closes() {
        let mut model = model(fixtures::idle());
        press(&mut model, '?');
        press(&mut model, 'k');
        assert_eq!(model.overlay, Some(Overlay::Help { scroll: 0 }));
        for _ in 0..500 {
            press(&mut model, 'j');
        }
        let (bottom, _) = super::super::view::help::extent(&model);
        assert!(bottom > 0, "there is more than a screen of it");
        assert_eq!(model.overlay, Some(Overlay::Help { scroll: bottom }));
        assert_eq!(press(&mut model, 'q'), None, "q closes the help, not the screen");
        assert_eq!(model.overlay, None);
    }

    #[test]
    fn an_engine_that_went_away_takes_no_commands_and_the_screen_still_closes() {
        let mut model = model(fixtures::idle());
        update(&mut model, Msg::EngineGone);
        assert!(matches!(model.link, Link::Lost { .. }));
        assert_eq!(press(&mut model, 's'), None);
        assert_eq!(said(&model), Some("the engine does not answer"));
        assert_eq!(press(&mut model, 'q'), Some(Effect::Leave));
    }

    #[test]
    fn while_the_engine_is_away_a_command_is_refused_and_afterwards_it_is_not() {
        let mut model = model(fixtures::idle());
        update(&mut model, Msg::Link(Link::Reconnecting { at: now() }));
        assert_eq!(press(&mut model, 'p'), None);
        assert_eq!(said(&model), Some("the engine does not answer"));
        update(&mut model, Msg::Link(Link::Attached));
        assert_eq!(press(&mut model, 'p'), Some(Effect::Send(Command::Pause)));
    }

    #[test]
    fn a_key_without_a_meaning_changes_nothing() {
        let mut model = model(fixtures::idle());
        let before = model.clone();
        assert_eq!(press(&mut model, 'x'), None);
        assert_eq!(model, before);
    }

    fn command(model: &mut Model, typed: &str) -> Option<Effect> {
        let keys = std::iter::once(':').chain(typed.chars()).map(KeyCode::Char);
        keys.chain([KeyCode::Enter])
            .fold(None, |_, code| update(model, Msg::Key { key: KeyEvent::from(code), at: now() }))
    }

    #[test]
    fn a_command_does_what_its_key_does_and_is_refused_as_its_key_is() {
        let mut model = fixtures::model(fixtures::idle(), UiSettings::default());
        assert_eq!(command(&mut model, "quit"), Some(Effect::Leave));
        assert_eq!(command(&mut model, "resync"), None);
        assert_eq!((model.overlay.take(), model.command.clone()), (Some(Overlay::Resync), None));
        assert!(matches!(command(&mut model, "sync"), Some(Effect::Send(Command::Sync(_)))));
        assert_eq!(command(&mut model, "cancel"), None, "nothing runs");
        assert!(model.note.take().is_some());
        assert_eq!(command(&mut model, "snyc"), None);
        assert!(model.note.take().unwrap().text.contains("probably `sync` is meant"));
        assert_eq!(command(&mut model, "plays"), None);
        assert_eq!(model.screen, super::super::screens::Screen::Plays);
    }

    #[test]
    fn a_command_is_completed_erased_and_dropped() {
        let mut model = fixtures::model(fixtures::idle(), UiSettings::default());
        for code in [':', 'q', 'u'].map(KeyCode::Char).into_iter().chain([KeyCode::Tab]) {
            update(&mut model, Msg::Key { key: KeyEvent::from(code), at: now() });
        }
        assert_eq!(model.command.as_deref(), Some("quit"), "q is a letter here");
        update(&mut model, Msg::Key { key: KeyEvent::from(KeyCode::Backspace), at: now() });
        assert_eq!(model.command.as_deref(), Some("qui"));
        update(&mut model, Msg::Pasted("\u{1b}t\n".to_owned()));
        assert_eq!(model.command.as_deref(), Some("quit "), "a paste is never carried out");
        update(&mut model, Msg::Key { key: KeyEvent::from(KeyCode::Esc), at: now() });
        assert_eq!(model.command, None);
    }
}
