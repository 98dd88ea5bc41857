//! Keys, answers and snapshots on the dashboard: a message goes in, the model and an effect come
//! out.

use std::sync::Arc;

use chrono::TimeDelta;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rstest::rstest;

use super::{Effect, Msg, NOTE_SECONDS, sync, update};
use crate::domain::{EngineState, Entity, EntityState, RunId, Snapshot, Trigger};
use crate::handle::{Accepted, CommandRefused, EngineCommand, Link};
use crate::tui::fixtures::{self, now};
use crate::tui::state::model::{Model, Overlay};
use crate::tui::style::settings::{ColorChoice, UiSettings};

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
#[case::pause(fixtures::idle(), 'p', Effect::Send(EngineCommand::Pause))]
#[case::resume(fixtures::paused(), 'p', Effect::Send(EngineCommand::Resume))]
#[case::cancel(fixtures::initial(), 'c', Effect::Send(EngineCommand::Cancel))]
#[case::quit(fixtures::empty(), 'q', Effect::Leave)]
fn a_key_has_its_effect(#[case] snapshot: Snapshot, #[case] key: char, #[case] effect: Effect) {
    assert_eq!(press(&mut model(snapshot), key), Some(effect));
}

#[test]
fn another_theme_is_shown_at_once_and_kept_where_the_terminal_can_show_it() {
    let mut plain = model(fixtures::idle());
    assert_eq!(press(&mut plain, 'T'), None);
    assert!(said(&plain).unwrap().contains("24-bit"), "{:?}", said(&plain));
    let able = UiSettings { truecolor: true, ..UiSettings::default() };
    let mut model = fixtures::model(fixtures::idle(), able);
    assert_eq!(press(&mut model, 'T'), Some(Effect::KeepTheme("dark")));
    assert!(matches!(model.look.theme.color(), ColorChoice::TrueColor(_)));
    let why = "the theme cannot be saved".to_owned();
    assert_eq!(update(&mut model, Msg::ThemeNotKept { why, at: now() }), None);
    assert_eq!(said(&model), Some("the theme cannot be saved"));
    ":theme ansi".chars().for_each(|key| drop(press(&mut model, key)));
    let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
    assert_eq!(update(&mut model, Msg::Key { key: enter, at: now() }), Some(Effect::KeepTheme("ansi")));
    assert_eq!(model.look.theme.color(), ColorChoice::Auto);
}

#[test]
fn a_run_that_has_come_to_its_details_gives_way() {
    let mut snapshot = fixtures::initial();
    snapshot.run.as_mut().unwrap().trigger = Trigger::Schedule;
    fixtures::entity(&mut snapshot, Entity::Tracks).state = EntityState::Idle;
    assert_eq!(press(&mut model(snapshot.clone()), 's'), None);
    fixtures::entity(&mut snapshot, Entity::Details).state = EntityState::Running;
    assert_eq!(press(&mut model(snapshot.clone()), 's'), Some(Effect::Send(sync(false))));
    // A run that a person started is not postponed.
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
    // Keys of the dashboard do nothing while a question is open.
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
    assert_eq!(said(&calm), Some("no removals need your approval"));
    assert_eq!(calm.overlay, None);

    let mut model = model(fixtures::braked());
    assert_eq!(press(&mut model, 'A'), None);
    assert_eq!(model.overlay, Some(Overlay::Removals));
    let Some(Effect::Send(EngineCommand::Sync(request))) = press(&mut model, 'y') else {
        panic!("nothing was sent");
    };
    assert_eq!(request.entities, [Entity::Tracks], "what was shown, and nothing else");
    assert!(request.allow_removals && !request.full);
    assert_eq!(model.overlay, None);

    // A question that was resolved elsewhere meanwhile is not asked any more.
    press(&mut model, 'A');
    update(&mut model, Msg::Snapshot(Arc::new(fixtures::idle())));
    assert_eq!(press(&mut model, 'y'), None);
    assert_eq!(said(&model), Some("no removals need your approval"));
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
#[case(EngineCommand::Pause, Ok(Accepted::Done), "library sync paused")]
#[case(EngineCommand::Resume, Ok(Accepted::Done), "library sync resumed")]
#[case(EngineCommand::Cancel, Ok(Accepted::Done), "the run stops after this page")]
#[case(sync(false), Err(CommandRefused::Busy), "a sync is already running")]
#[case(EngineCommand::Pause, Err(CommandRefused::Gone), "the engine does not answer")]
fn an_answer_is_told_for_a_while(
    #[case] command: EngineCommand,
    #[case] answer: Result<Accepted, CommandRefused>,
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
    let (bottom, _) = crate::tui::view::frame::help::extent(&model);
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
    assert_eq!(press(&mut model, 'p'), Some(Effect::Send(EngineCommand::Pause)));
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
    assert!(matches!(command(&mut model, "sync"), Some(Effect::Send(EngineCommand::Sync(_)))));
    assert_eq!(command(&mut model, "cancel"), None, "nothing runs");
    assert!(model.note.take().is_some());
    assert_eq!(command(&mut model, "snyc"), None);
    assert!(model.note.take().unwrap().text.contains("did you mean `sync`?"));
    assert_eq!(command(&mut model, "plays"), None);
    assert_eq!(model.screen, crate::tui::state::screens::Screen::Plays);
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
