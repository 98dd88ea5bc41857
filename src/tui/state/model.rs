//! The state of the screen: the newest snapshot and what is shown.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::panes::{Browse, Pane};
use super::prompt::DatePrompt;
use super::screens::Screen;
use crate::domain::queries::RecordQuestion;
use crate::domain::{EngineState, Entity, EntityState, RunStatus, RunView, Snapshot};
use crate::handle::Link;
use crate::tui::input::keys::Keymap;
use crate::tui::layout::BrowsingParts;
use crate::tui::style::glyphs::Glyphs;
use crate::tui::style::settings::UiSettings;
use crate::tui::style::theme::{Role, Theme};
use crate::tui::style::zone::DisplayZone;

/// Everything that is drawn, except the time.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The newest snapshot of the engine.
    pub snapshot: Arc<Snapshot>,
    /// Whether newer ones will come.
    pub link: Link,
    /// The current screen.
    pub screen: Screen,
    /// The open panes of the other screens.
    pub browse: Browse,
    /// Whether the database can be read from here; otherwise there is only the dashboard.
    pub reads: bool,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The box over the screen.
    pub overlay: Option<Overlay>,
    /// A command that is being typed.
    pub command: Option<String>,
    /// A date that is being typed.
    pub asking: Option<DatePrompt>,
    /// The result of the last key.
    pub note: Option<Note>,
    /// The keymap.
    pub keymap: Arc<Keymap>,
    /// The appearance.
    pub look: Appearance,
    /// Whether the library is made up.
    pub is_demo: bool,
}

/// A box over the screen that receives the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlay {
    /// The keys and symbols, from this line on.
    Help {
        /// Lines scrolled away at the top.
        scroll: u16,
    },
    /// The question about a full resync.
    Resync,
    /// The question about the removals that the brake stopped.
    Removals,
}

/// One sentence that is in the footer for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The sentence.
    pub text: String,
    /// Its role.
    pub role: Role,
    /// When it disappears.
    pub until: DateTime<Utc>,
}

/// The appearance; constant while a screen is open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Appearance {
    /// Colours by meaning.
    pub theme: Theme,
    /// Whether the terminal shows the 24-bit colours of another theme.
    pub truecolor: bool,
    /// The symbols.
    pub glyphs: Glyphs,
    /// The person's time zone.
    pub zone: DisplayZone,
}

impl Appearance {
    /// From the settings, in local time.
    pub fn new(settings: UiSettings, zone: DisplayZone) -> Self {
        let truecolor = settings.truecolor;
        Self { theme: Theme::new(settings.color), truecolor, glyphs: Glyphs::new(settings.ascii), zone }
    }
}

impl Model {
    /// The dashboard, before any key.
    pub fn new(snapshot: Arc<Snapshot>, look: Appearance) -> Self {
        let browse = Browse::new(&snapshot);
        Self {
            snapshot,
            link: Link::Own,
            screen: Screen::Dashboard,
            browse,
            reads: true,
            size: (80, 24),
            overlay: None,
            command: None,
            asking: None,
            note: None,
            keymap: Arc::default(),
            look,
            is_demo: false,
        }
    }

    /// The visible pane of the browser screens; `None` on the dashboard, and if the database cannot
    /// be read.
    pub fn pane(&self) -> Option<&Pane> {
        self.browse.stack(self.screen).top().filter(|_| self.reads)
    }

    /// The rows that a browser screen has for its content.
    pub fn rows(&self) -> usize {
        BrowsingParts::of(self.area()).rows()
    }

    /// The columns that a browser screen has for its content.
    pub fn columns(&self) -> usize {
        BrowsingParts::of(self.area()).columns()
    }

    /// The whole terminal.
    pub fn area(&self) -> Rect {
        Rect::new(0, 0, self.size.0, self.size.1)
    }

    /// What must be read for the visible content: it follows from the model, as the drawing does.
    pub fn question(&self) -> Option<RecordQuestion> {
        self.browse.question(self.screen, self.rows()).filter(|_| self.reads)
    }

    /// The entities whose removals need a person's approval, and how many removals these are.
    pub fn braked(&self) -> impl Iterator<Item = (Entity, u32)> {
        let braked = self.snapshot.entities.iter().filter(|row| row.state == EntityState::Braked);
        braked.map(|row| (row.entity_type, row.braked_removals.unwrap_or_default()))
    }

    /// The current run.
    pub fn running(&self) -> Option<&RunView> {
        let run = self.snapshot.run.as_ref()?;
        (run.status == RunStatus::Running).then_some(run)
    }

    /// Whether the home screen is shown, and not the engine room.
    pub fn is_home(&self) -> bool {
        self.screen == Screen::Dashboard
            && self.reads
            && !self.browse.shows_engine_room
            && self.pane().is_none()
    }

    /// Whether an engine can receive a command.
    pub fn engine_listens(&self) -> bool {
        self.link.is_up() && self.snapshot.engine == EngineState::Running
    }

    /// The note, while it is visible.
    pub fn note_at(&self, now: DateTime<Utc>) -> Option<&Note> {
        self.note.as_ref().filter(|note| now < note.until)
    }
}
