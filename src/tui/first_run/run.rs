//! The loop: it waits only for the next event.

use std::io;
use std::sync::Arc;

use ratatui::crossterm::event::Event;
use tokio::select;
use tokio::sync::mpsc;

use super::model::FirstRunModel;
use super::port::{LoginPort, News, Wish};
use super::update::{FirstRunEffect, FirstRunMsg, update};
use super::view::view;
use crate::clock::SharedClock;
use crate::tui::input::events::Input;
use crate::tui::runtime::run::{ExitReason, HEARTBEAT, OpenInBrowser, TuiError};
use crate::tui::runtime::signals::{Signaled, TerminalSignals};
use crate::tui::runtime::terminal::TerminalScreen;
use crate::tui::state::model::Appearance;
use crate::tui::style::settings::UiSettings;
use crate::tui::style::zone::DisplayZone;

/// Results of browsers that may wait for the loop.
const ANSWERS: usize = 4;

/// What is known before the screen opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Whether an app is already set: then an invitation comes without a wish.
    pub knows_app: bool,
    /// The redirect URI that the app's owner enters.
    pub redirect_uri: String,
    /// Whether anything is stored that can be shown.
    pub has_record: bool,
}

/// What follows this screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstRunExit {
    /// The dashboard.
    Dashboard,
    /// The demo.
    Demo,
    /// The end of the program.
    Left(ExitReason),
}

impl FirstRunExit {
    /// The person closed the screen.
    pub const QUIT: Self = Self::Left(ExitReason::Quit);
}

/// Shows the screen until the login succeeds or the person chooses something else. It owns the
/// terminal meanwhile and restores it on every exit. The mouse stays with the terminal, which uses
/// it to select the address.
pub async fn welcome(
    port: LoginPort,
    browser: OpenInBrowser,
    start: Start,
    clock: SharedClock,
    settings: UiSettings,
    signals: &mut TerminalSignals,
) -> Result<FirstRunExit, TuiError> {
    let screen = TerminalScreen::enter(false).map_err(TuiError::Terminal)?;
    let size = screen.size().map_err(TuiError::Terminal)?;
    let model = FirstRunModel::new(start, size, Appearance::new(settings, DisplayZone::local()));
    let (answers, mut answered) = mpsc::channel(ANSWERS);
    let LoginPort { wishes, mut news } = port;
    let mut session = FirstRunSession { model, drawn: None, screen, wishes, browser, answers };
    let mut input = Input::new();
    loop {
        if session.draw().is_err() {
            return Ok(FirstRunExit::Left(ExitReason::Hangup));
        }
        let messages = select! {
            biased;
            signaled = signals.next() => match signaled {
                Signaled::Leave(left) => return Ok(FirstRunExit::Left(left)),
                Signaled::Suspend => {
                    if let Some(way) = session.suspend() {
                        return Ok(way);
                    }
                    Vec::new()
                }
            },
            typed = input.next() => match typed {
                Some(events) => events.into_iter().filter_map(message).collect(),
                None => return Ok(FirstRunExit::Left(ExitReason::Hangup)),
            },
            Some(news) = news.recv() => vec![FirstRunMsg::News(news)],
            Some(outcome) = answered.recv() => vec![FirstRunMsg::Opened(outcome)],
            () = clock.sleep(HEARTBEAT) => {
                session.drawn = None;
                Vec::new()
            }
        };
        if let Some(way) = messages.into_iter().find_map(|msg| session.fold(msg)) {
            return Ok(way);
        }
    }
}

fn message(event: Event) -> Option<FirstRunMsg> {
    match event {
        Event::Key(key) => Some(FirstRunMsg::Key(key)),
        Event::Paste(text) => Some(FirstRunMsg::Pasted(text)),
        Event::Resize(columns, rows) => Some(FirstRunMsg::Resized(columns, rows)),
        Event::Mouse(_) | Event::FocusGained | Event::FocusLost => None,
    }
}

/// The screen and its connections.
struct FirstRunSession {
    model: FirstRunModel,
    /// What the terminal shows; `None`: draw in any case.
    drawn: Option<FirstRunModel>,
    screen: TerminalScreen,
    wishes: mpsc::Sender<Wish>,
    browser: OpenInBrowser,
    answers: mpsc::Sender<Result<(), String>>,
}

impl FirstRunSession {
    /// Draws if the terminal is out of date.
    fn draw(&mut self) -> io::Result<()> {
        if self.drawn.as_ref() != Some(&self.model) {
            self.screen.draw(|frame| view(frame, &self.model))?;
            self.drawn = Some(self.model.clone());
        }
        Ok(())
    }

    fn fold(&mut self, msg: FirstRunMsg) -> Option<FirstRunExit> {
        match update(&mut self.model, msg)? {
            FirstRunEffect::Leave(way) => Some(way),
            FirstRunEffect::Suspend => self.suspend(),
            FirstRunEffect::Copy(text) => {
                self.screen.copy(&text).is_err().then_some(FirstRunExit::Left(ExitReason::Hangup))
            }
            FirstRunEffect::Open(address) => {
                self.open(address);
                None
            }
            FirstRunEffect::Wish(wish) => {
                if self.wishes.try_send(wish).is_err() {
                    let why = "the login does not respond; quit and start phonolog again".to_owned();
                    update(&mut self.model, FirstRunMsg::News(News::Refused(why)));
                }
                None
            }
        }
    }

    /// Opens an address in a separate task, because it may wait for another program.
    fn open(&self, address: String) {
        let (browser, answers) = (Arc::clone(&self.browser), self.answers.clone());
        tokio::task::spawn_blocking(move || {
            // It fails only if the screen has ended, and then the result does not matter.
            let _ = answers.blocking_send(browser(&address));
        });
    }

    fn suspend(&mut self) -> Option<FirstRunExit> {
        self.drawn = None;
        self.screen.suspend().is_err().then_some(FirstRunExit::Left(ExitReason::Hangup))
    }
}
