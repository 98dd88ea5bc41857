//! What the screen knows: the newest snapshot and what a person is looking at.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Local, Offset, Utc};

use super::glyphs::Glyphs;
use super::settings::UiSettings;
use super::theme::{Role, Theme};
use crate::domain::{EngineState, RunStatus, RunView, Snapshot};
use crate::handle::Link;

/// Everything a picture is made of, beside the time.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The newest word of the engine.
    pub snapshot: Arc<Snapshot>,
    /// Whether there will be newer ones.
    pub link: Link,
    /// What lies over the dashboard.
    pub overlay: Option<Overlay>,
    /// The answer to the last key.
    pub note: Option<Note>,
    /// How things look.
    pub look: Look,
}

/// What lies over the dashboard and takes the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlay {
    /// The keys and the signs, from this line on.
    Help {
        /// Lines scrolled away at the top.
        scroll: u16,
    },
    /// Whether to read everything again.
    Resync,
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
pub struct Look {
    /// Colours by meaning.
    pub theme: Theme,
    /// Signs.
    pub glyphs: Glyphs,
    /// Where the person is.
    pub zone: Zone,
}

impl Look {
    /// As the settings say, in local time.
    pub fn new(settings: UiSettings, zone: Zone) -> Self {
        Self { theme: Theme::new(settings.color), glyphs: Glyphs::new(settings.ascii), zone }
    }
}

/// The person's offset from UTC at an instant: a function, since summer time may begin before a hold ends.
#[derive(Clone, Copy)]
pub struct Zone(pub fn(DateTime<Utc>) -> FixedOffset);

impl Zone {
    /// The machine's time zone.
    pub fn local() -> Self {
        Self(|instant| instant.with_timezone(&Local).offset().fix())
    }

    /// The instant on the person's clock.
    pub fn on_the_wall(self, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
        instant.with_timezone(&(self.0)(instant))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Zone")
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::fn_addr_eq(self.0, other.0)
    }
}

impl Model {
    /// The dashboard, with nothing pressed yet.
    pub fn new(snapshot: Arc<Snapshot>, look: Look) -> Self {
        Self { snapshot, link: Link::Own, overlay: None, note: None, look }
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
