//! The loop: what happens next, and when the screen is drawn. It waits only for the next event.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ratatui::crossterm::event::Event;
use tokio::select;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::next_redraw::next_change;
use super::signals::{Signaled, TerminalSignals};
use super::terminal::TerminalScreen;
use crate::clock::SharedClock;
use crate::domain::Snapshot;
use crate::domain::queries::{Answered, RecordQuestion};
use crate::handle::{EngineCommand, Handle, Link, Reader};
use crate::tui::input::events::Input;
use crate::tui::input::keys::Keymap;
use crate::tui::state::model::{Appearance, Model};
use crate::tui::style::settings::UiSettings;
use crate::tui::style::zone::DisplayZone;
use crate::tui::update::{Effect, Msg, update};
use crate::tui::view::view;

/// Drawing at least this often detects a terminal that has vanished without a hang-up signal:
/// reading from it then returns nothing for ever, and only a write fails.
pub const HEARTBEAT: Duration = Duration::from_secs(30);

/// Answers that may wait for the loop. It takes each at once; a task whose answer finds no room
/// waits.
const ANSWERS: usize = 8;

/// What a screen needs from outside.
pub struct Outside {
    /// Reads the database; `None` if the database is on another machine.
    pub reader: Option<Reader>,
    /// Opens an address in a browser, or returns the reason in a sentence. It may take a while.
    pub browser: OpenInBrowser,
    /// Writes the name of the chosen theme to the config; `None`: it is not kept.
    pub keep_theme: Option<KeepTheme>,
}

/// The parameters of a screen.
pub struct Opening {
    /// Its appearance.
    pub settings: UiSettings,
    /// The keymap.
    pub keymap: Keymap,
    /// The signals.
    pub signals: TerminalSignals,
    /// Whether it shows a made-up library.
    pub is_demo: bool,
}

/// Opens an address in a browser, or returns the reason why not.
pub type OpenInBrowser = Arc<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// Keeps the name of a theme, or returns the reason why not.
pub type KeepTheme = Arc<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// Why a screen ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitReason {
    /// A person closed it.
    Quit,
    /// The terminal is gone; nothing can be printed any more.
    Hangup,
    /// A signal or the program asked it to end.
    Terminated,
}

/// The screen could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// No raw mode or no alternate screen.
    #[error("cannot set up the terminal ({0}); `phonolog status` works without one")]
    Terminal(#[source] io::Error),
    /// No signal handler.
    #[error("cannot listen for signals ({0}); check the limits of this process and start again")]
    Signals(#[source] io::Error),
}

/// Shows the screens, the dashboard first, until a person, a signal or `stop` ends it. It owns the
/// terminal meanwhile and restores it on every exit.
pub async fn run(
    handle: Handle,
    outside: Outside,
    opening: Opening,
    clock: SharedClock,
    stop: CancellationToken,
) -> Result<ExitReason, TuiError> {
    let Opening { settings, keymap, signals, is_demo } = opening;
    let _open = handle.open_screen();
    let mut snapshots = handle.snapshots();
    let first = snapshots.borrow_and_update().clone();
    let mut links = handle.links();
    let link = links.borrow_and_update().clone();
    let (answer_in, answers) = mpsc::channel(ANSWERS);
    let screen = TerminalScreen::enter(settings.mouse).map_err(TuiError::Terminal)?;
    let reads = outside.reader.is_some();
    // The substitute has no other end, and no question is sent to it.
    let reader = outside.reader.unwrap_or_else(|| Reader::pair().0);
    let size = screen.size().map_err(TuiError::Terminal)?;
    let look = Appearance::new(settings, DisplayZone::local());
    let mut events = TuiEvents {
        stop,
        signals,
        input: Input::new(),
        answers,
        rows: reader.answers(),
        snapshots,
        links,
        clock: clock.clone(),
    };
    let mut session = TuiSession {
        model: Model { link, reads, size, keymap: Arc::new(keymap), is_demo, ..Model::new(first, look) },
        drawn: None,
        asked: None,
        screen,
        clock,
        handle,
        reader,
        browser: outside.browser,
        keeps_theme: outside.keep_theme,
        answers: answer_in,
    };
    Ok(session.until_left(&mut events).await)
}

/// The sources of the next event.
struct TuiEvents {
    stop: CancellationToken,
    signals: TerminalSignals,
    input: Input,
    answers: mpsc::Receiver<Msg>,
    rows: watch::Receiver<Option<Arc<Answered>>>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    links: watch::Receiver<Link>,
    clock: SharedClock,
}

/// The next event.
enum NextEvent {
    /// The screen ends.
    Leave(ExitReason),
    /// The screen must be suspended.
    Suspend,
    /// The screen changed by itself, or the terminal did.
    Redraw,
    /// Messages for the model.
    Messages(Vec<Msg>),
}

impl TuiEvents {
    /// The next event, at most `wait` from now.
    async fn next(&mut self, link: &Link, wait: Duration) -> NextEvent {
        select! {
            biased;
            () = self.stop.cancelled() => NextEvent::Leave(ExitReason::Terminated),
            signaled = self.signals.next() => match signaled {
                Signaled::Leave(left) => NextEvent::Leave(left),
                Signaled::Suspend => NextEvent::Suspend,
            },
            typed = self.input.next() => match typed {
                Some(events) => {
                    NextEvent::Messages(events.into_iter().filter_map(|event| self.message(event)).collect())
                }
                None => NextEvent::Leave(ExitReason::Hangup),
            },
            Some(answer) = self.answers.recv() => NextEvent::Messages(vec![answer]),
            Ok(()) = self.rows.changed() => {
                NextEvent::Messages(self.rows.borrow_and_update().clone().map(Msg::Read).into_iter().collect())
            }
            Ok(()) = self.links.changed() => {
                NextEvent::Messages(vec![Msg::Link(self.links.borrow_and_update().clone())])
            }
            news = self.snapshots.changed(), if !matches!(link, Link::Lost { .. }) => {
                NextEvent::Messages(vec![match news {
                    Ok(()) => Msg::Snapshot(self.snapshots.borrow_and_update().clone()),
                    Err(_) => Msg::EngineGone,
                }])
            }
            () = self.clock.sleep(wait) => NextEvent::Redraw,
        }
    }

    fn message(&self, event: Event) -> Option<Msg> {
        let at = self.clock.now();
        match event {
            Event::Key(key) => Some(Msg::Key { key, at }),
            Event::Mouse(event) => Some(Msg::Mouse { event, at }),
            Event::Paste(text) => Some(Msg::Pasted(text)),
            Event::Resize(columns, rows) => Some(Msg::Resized { columns, rows }),
            Event::FocusGained | Event::FocusLost => None,
        }
    }
}

/// The screen and its connections.
struct TuiSession {
    model: Model,
    /// What the terminal shows; `None`: draw in any case.
    drawn: Option<Model>,
    /// The last question.
    asked: Option<RecordQuestion>,
    screen: TerminalScreen,
    clock: SharedClock,
    handle: Handle,
    reader: Reader,
    browser: OpenInBrowser,
    keeps_theme: Option<KeepTheme>,
    answers: mpsc::Sender<Msg>,
}

impl TuiSession {
    /// Draws, waits and applies messages, until an event ends the screen.
    async fn until_left(&mut self, events: &mut TuiEvents) -> ExitReason {
        loop {
            let now = self.clock.now();
            if self.draw(now).is_err() {
                return ExitReason::Hangup;
            }
            let wait = next_change(&self.model, now).map_or(HEARTBEAT, |change| change.min(HEARTBEAT));
            let left = match events.next(&self.model.link, wait).await {
                NextEvent::Leave(left) => Some(left),
                NextEvent::Suspend => self.suspend(),
                NextEvent::Redraw => {
                    self.drawn = None;
                    None
                }
                NextEvent::Messages(messages) => self.fold_all(messages),
            };
            if let Some(left) = left {
                return left;
            }
            self.ask();
        }
    }

    /// Asks for what the screen shows, if that has changed.
    fn ask(&mut self) {
        let question = self.model.question();
        if self.asked != question {
            self.asked.clone_from(&question);
            self.reader.ask(question);
        }
    }

    /// Draws if the terminal is out of date.
    fn draw(&mut self, now: DateTime<Utc>) -> io::Result<()> {
        if self.drawn.as_ref() != Some(&self.model) {
            self.screen.draw(|frame| view(frame, &self.model, now))?;
            self.drawn = Some(self.model.clone());
        }
        Ok(())
    }

    fn fold_all(&mut self, messages: Vec<Msg>) -> Option<ExitReason> {
        // A terminal that had another size for a moment may have lost its contents and report the
        // old size.
        let is_resized = messages.iter().any(|msg| matches!(msg, Msg::Resized { .. }));
        let left = messages.into_iter().find_map(|msg| self.fold(msg));
        if is_resized {
            self.drawn = None;
            return left.or_else(|| self.screen.repaint().is_err().then_some(ExitReason::Hangup));
        }
        left
    }

    fn fold(&mut self, msg: Msg) -> Option<ExitReason> {
        match update(&mut self.model, msg)? {
            Effect::Leave => Some(ExitReason::Quit),
            Effect::Suspend => self.suspend(),
            Effect::Send(command) => {
                self.send(command);
                None
            }
            Effect::Copy(text) => self.screen.copy(&text).is_err().then_some(ExitReason::Hangup),
            Effect::Open(address) => {
                self.open(address);
                None
            }
            Effect::KeepTheme(name) => {
                self.keep_theme(name);
                None
            }
        }
    }

    /// Sends a command in a separate task; the answer comes back as a message.
    fn send(&self, command: EngineCommand) {
        let (handle, clock, answers) = (self.handle.clone(), self.clock.clone(), self.answers.clone());
        tokio::spawn(async move {
            let answer = handle.send(command.clone()).await;
            let at = clock.now();
            // It fails only if the screen has ended, and then the answer does not matter.
            let _ = answers.send(Msg::Answered { command, answer, at }).await;
        });
    }

    /// Keeps a theme in a separate task, because a file is written.
    fn keep_theme(&self, name: &'static str) {
        let Some(keep) = self.keeps_theme.clone() else { return };
        let (clock, answers) = (self.clock.clone(), self.answers.clone());
        tokio::task::spawn_blocking(move || {
            if let Err(why) = keep(name) {
                let _ = answers.blocking_send(Msg::ThemeNotKept { why, at: clock.now() });
            }
        });
    }

    /// Opens an address in a separate task, because it may wait for another program.
    fn open(&self, address: String) {
        let (browser, clock, answers) = (self.browser.clone(), self.clock.clone(), self.answers.clone());
        tokio::task::spawn_blocking(move || {
            let outcome = browser(&address);
            let _ = answers.blocking_send(Msg::Opened { outcome, at: clock.now() });
        });
    }

    /// Restores the terminal, stops the process, and enters the terminal again when the process
    /// continues.
    fn suspend(&mut self) -> Option<ExitReason> {
        self.drawn = None;
        self.screen.suspend().is_err().then_some(ExitReason::Hangup)
    }
}
