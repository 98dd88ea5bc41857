//! What the screen knows: the newest snapshot and what a person is looking at.

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

/// Everything a picture is made of, beside the time.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The newest word of the engine.
    pub snapshot: Arc<Snapshot>,
    /// Whether there will be newer ones.
    pub link: Link,
    /// What a person looks at.
    pub screen: Screen,
    /// What lies open on the other screens.
    pub browse: Browse,
    /// Whether the record can be read from here; else there is the dashboard only.
    pub reads: bool,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// A command that is being typed.
    pub command: Option<String>,
    /// A date that is being typed.
    pub asking: Option<DatePrompt>,
    /// The answer to the last key.
    pub note: Option<Note>,
    /// What the keyboard does.
    pub keymap: Arc<Keymap>,
    /// How things look.
    pub look: Appearance,
}

/// What lies over the screen and takes the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlay {
    /// The keys and the signs, from this line on.
    Help {
        /// Lines scrolled away at the top.
        scroll: u16,
    },
    /// Whether to read everything again.
    Resync,
    /// Whether what the brake stopped may go.
    Removals,
}

/// One sentence in the footer, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The sentence.
    pub text: String,
    /// How it is meant.
    pub role: Role,
    /// When it goes.
    pub until: DateTime<Utc>,
}

/// How things look; constant while a screen is open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Appearance {
    /// Colours by meaning.
    pub theme: Theme,
    /// Signs.
    pub glyphs: Glyphs,
    /// Where the person is.
    pub zone: DisplayZone,
}

impl Appearance {
    /// As the settings say, in local time.
    pub fn new(settings: UiSettings, zone: DisplayZone) -> Self {
        Self { theme: Theme::new(settings.color), glyphs: Glyphs::new(settings.ascii), zone }
    }
}

impl Model {
    /// The dashboard, with nothing pressed yet.
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
        }
    }

    /// What is seen of the browsing screens; `None` on the dashboard, and where the record cannot be read.
    pub fn pane(&self) -> Option<&Pane> {
        self.browse.stack(self.screen).top().filter(|_| self.reads)
    }

    /// The rows that a browsing screen has for what it shows.
    pub fn rows(&self) -> usize {
        BrowsingParts::of(self.area()).rows()
    }

    /// The columns that a browsing screen has for it.
    pub fn columns(&self) -> usize {
        BrowsingParts::of(self.area()).columns()
    }

    /// All of the terminal.
    pub fn area(&self) -> Rect {
        Rect::new(0, 0, self.size.0, self.size.1)
    }

    /// What is to be read for what is seen: it follows from the model, as the picture does.
    pub fn question(&self) -> Option<RecordQuestion> {
        self.browse.question(self.screen, self.rows()).filter(|_| self.reads)
    }

    /// The entities whose removals wait for a person's word, and how many these are.
    pub fn braked(&self) -> impl Iterator<Item = (Entity, u32)> {
        let braked = self.snapshot.entities.iter().filter(|row| row.state == EntityState::Braked);
        braked.map(|row| (row.entity_type, row.braked_removals.unwrap_or_default()))
    }

    /// The run that is under way.
    pub fn running(&self) -> Option<&RunView> {
        let run = self.snapshot.run.as_ref()?;
        (run.status == RunStatus::Running).then_some(run)
    }

    /// Whether somebody is there to take a command.
    pub fn engine_listens(&self) -> bool {
        self.link.is_up() && self.snapshot.engine == EngineState::Running
    }

    /// The note, while it is to be seen.
    pub fn note_at(&self, now: DateTime<Utc>) -> Option<&Note> {
        self.note.as_ref().filter(|note| now < note.until)
    }
}
