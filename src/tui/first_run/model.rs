//! The state of the screen.

use std::sync::Arc;

use super::port::Invitation;
use super::qr::Picture;
use super::run::Start;
use crate::tui::state::model::Appearance;
use crate::tui::style::theme::Role;

/// Everything that is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstRunModel {
    /// The current step.
    pub stage: FirstRunStage,
    /// The address as a code for a camera; created once, because that takes long.
    pub code: Option<Arc<Picture>>,
    /// The text that is being typed.
    pub field: TextField,
    /// The result of the last action.
    pub note: Option<(Role, String)>,
    /// What was known at the start.
    pub start: Start,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The appearance.
    pub look: Appearance,
}

/// The current step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstRunStage {
    /// The person must create an app and enter its client id.
    App,
    /// The login is preparing the address.
    Preparing,
    /// The person must agree there.
    Agree(Invitation),
    /// The person has agreed, and the login is requested from Spotify.
    Checking(Invitation),
}

/// A text field of one line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextField {
    /// Its text.
    pub text: String,
    /// Whether keys go into it.
    pub is_open: bool,
}

impl FirstRunModel {
    /// The state at the start.
    pub fn new(start: Start, size: (u16, u16), look: Appearance) -> Self {
        let stage = if start.knows_app { FirstRunStage::Preparing } else { FirstRunStage::App };
        // A client id may be typed at once: no letter or digit of it is a key.
        let field = TextField { text: String::new(), is_open: !start.knows_app };
        Self { stage, code: None, field, note: None, start, size, look }
    }

    /// The address at which to agree, once known.
    pub const fn invitation(&self) -> Option<&Invitation> {
        match &self.stage {
            FirstRunStage::Agree(invitation) | FirstRunStage::Checking(invitation) => Some(invitation),
            FirstRunStage::App | FirstRunStage::Preparing => None,
        }
    }

    /// Whether the person must type or paste something.
    pub const fn wants_text(&self) -> bool {
        matches!(self.stage, FirstRunStage::App | FirstRunStage::Agree(_))
    }
}
