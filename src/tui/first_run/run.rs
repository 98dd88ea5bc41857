//! The loop: nothing is awaited in it but the next event.

use std::io;
use std::sync::Arc;

use ratatui::crossterm::event::Event;
use tokio::select;
use tokio::sync::mpsc;

use super::model::Model;
use super::port::{LoginPort, News, Wish};
use super::update::{Effect, Msg, update};
use super::view::view;
use crate::clock::SharedClock;
use crate::tui::input::events::Input;
use crate::tui::runtime::run::{HEARTBEAT, Left, OpenInBrowser, TuiError};
use crate::tui::runtime::signals::{Signaled, Signals};
use crate::tui::runtime::terminal::Screen;
use crate::tui::state::model::{Look, Zone};
use crate::tui::style::settings::UiSettings;

/// Answers of browsers that may wait for the loop.
const ANSWERS: usize = 4;

/// What is known before the screen opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Whether an app is set already: then an invitation comes without a wish.
    pub knows_app: bool,
    /// What the app's owner enters as redirect URI.
    pub redirect_uri: String,
    /// Whether there is something stored to look at.
    pub has_record: bool,
}

/// Where it goes from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the dashboard.
    Dashboard,
    /// To the demo.
    Demo,
    /// Out.
    Left(Left),
}

impl Way {
    /// A person has had enough.
    pub const QUIT: Self = Self::Left(Left::Quit);
}

/// Shows the screen until somebody is connected, or wants something else. Owns the terminal for that long and
/// gives it back on every way out. The mouse stays the terminal's, which selects the address with it.
pub async fn welcome(
    port: LoginPort,
    browser: OpenInBrowser,
    start: Start,
    clock: SharedClock,
    settings: UiSettings,
    signals: &mut Signals,
) -> Result<Way, TuiError> {
    let screen = Screen::enter(false).map_err(TuiError::Terminal)?;
    let size = screen.size().map_err(TuiError::Terminal)?;
    let model = Model::new(start, size, Look::new(settings, Zone::local()));
    let (answers, mut answered) = mpsc::channel(ANSWERS);
    let LoginPort { wishes, mut news } = port;
    let mut session = Session { model, drawn: None, screen, wishes, browser, answers };
    let mut input = Input::new();
    loop {
        if session.draw().is_err() {
            return Ok(Way::Left(Left::Hangup));
        }
        let messages = select! {
            biased;
            signaled = signals.next() => match signaled {
                Signaled::Leave(left) => return Ok(Way::Left(left)),
                Signaled::Suspend => {
                    if let Some(way) = session.suspend() {
                        return Ok(way);
                    }
                    Vec::new()
                }
            },
            typed = input.next() => match typed {
                Some(events) => events.into_iter().filter_map(message).collect(),
                None => return Ok(Way::Left(Left::Hangup)),
            },
            Some(news) = news.recv() => vec![Msg::News(news)],
            Some(outcome) = answered.recv() => vec![Msg::Opened(outcome)],
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

fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => Some(Msg::Key(key)),
        Event::Paste(text) => Some(Msg::Pasted(text)),
        Event::Resize(columns, rows) => Some(Msg::Resized(columns, rows)),
        Event::Mouse(_) | Event::FocusGained | Event::FocusLost => None,
    }
}

/// The screen and what it needs to act.
struct Session {
    model: Model,
    /// What the terminal shows; `None`: draw whatever it is.
    drawn: Option<Model>,
    screen: Screen,
    wishes: mpsc::Sender<Wish>,
    browser: OpenInBrowser,
    answers: mpsc::Sender<Result<(), String>>,
}

impl Session {
    /// Draws if what the terminal shows is out of date.
    fn draw(&mut self) -> io::Result<()> {
        if self.drawn.as_ref() != Some(&self.model) {
            self.screen.draw(|frame| view(frame, &self.model))?;
            self.drawn = Some(self.model.clone());
        }
        Ok(())
    }

    fn fold(&mut self, msg: Msg) -> Option<Way> {
        match update(&mut self.model, msg)? {
            Effect::Leave(way) => Some(way),
            Effect::Suspend => self.suspend(),
            Effect::Copy(text) => self.screen.copy(&text).is_err().then_some(Way::Left(Left::Hangup)),
            Effect::Open(address) => {
                self.open(address);
                None
            }
            Effect::Wish(wish) => {
                if self.wishes.try_send(wish).is_err() {
                    let why = "the login does not answer; leave and start phonolog again".to_owned();
                    update(&mut self.model, Msg::News(News::Refused(why)));
                }
                None
            }
        }
    }

    /// Opens an address in a task of its own, which may wait for another program.
    fn open(&self, address: String) {
        let (browser, answers) = (Arc::clone(&self.browser), self.answers.clone());
        tokio::task::spawn_blocking(move || {
            // Fails only where the screen has ended, and then nobody wants to know.
            let _ = answers.blocking_send(browser(&address));
        });
    }

    fn suspend(&mut self) -> Option<Way> {
        self.drawn = None;
        self.screen.suspend().is_err().then_some(Way::Left(Left::Hangup))
    }
}
