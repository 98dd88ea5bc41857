//! What the screen knows.

use std::sync::Arc;

use super::port::Invitation;
use super::qr::Picture;
use super::run::Start;
use crate::tui::state::model::Look;
use crate::tui::style::theme::Role;

/// Everything the picture is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// How far the person is.
    pub stage: Stage,
    /// The address to agree at for a camera; made once, since it is worked out for long.
    pub code: Option<Arc<Picture>>,
    /// What is being typed.
    pub field: Field,
    /// The answer to what was done last.
    pub note: Option<(Role, String)>,
    /// What was known from the start.
    pub start: Start,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// How things look.
    pub look: Look,
}

/// How far the person is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// An app is to be made, and its client id told.
    App,
    /// Whoever logs in makes an address to agree at.
    Preparing,
    /// The person is to agree there.
    Agree(Invitation),
    /// The person has agreed, and Spotify is asked for the login.
    Checking(Invitation),
}

/// One line to type in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Field {
    /// What stands in it.
    pub text: String,
    /// Whether keys go into it.
    pub is_open: bool,
}

impl Model {
    /// Before anything has happened.
    pub fn new(start: Start, size: (u16, u16), look: Look) -> Self {
        let stage = if start.knows_app { Stage::Preparing } else { Stage::App };
        Self { stage, code: None, field: Field::default(), note: None, start, size, look }
    }

    /// Where the person is to agree, once that is known.
    pub const fn invitation(&self) -> Option<&Invitation> {
        match &self.stage {
            Stage::Agree(invitation) | Stage::Checking(invitation) => Some(invitation),
            Stage::App | Stage::Preparing => None,
        }
    }

    /// Whether something is to be typed or pasted.
    pub const fn wants_text(&self) -> bool {
        matches!(self.stage, Stage::App | Stage::Agree(_))
    }
}
