//! What the screen knows.

use std::sync::Arc;

use super::port::Invitation;
use super::qr::Picture;
use super::run::Start;
use crate::tui::state::model::Appearance;
use crate::tui::style::theme::Role;

/// Everything the picture is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstRunModel {
    /// How far the person is.
    pub stage: FirstRunStage,
    /// The address to agree at for a camera; made once, since it is worked out for long.
    pub code: Option<Arc<Picture>>,
    /// What is being typed.
    pub field: TextField,
    /// The answer to what was done last.
    pub note: Option<(Role, String)>,
    /// What was known from the start.
    pub start: Start,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// How things look.
    pub look: Appearance,
}

/// How far the person is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstRunStage {
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
pub struct TextField {
    /// What stands in it.
    pub text: String,
    /// Whether keys go into it.
    pub is_open: bool,
}

impl FirstRunModel {
    /// Before anything has happened.
    pub fn new(start: Start, size: (u16, u16), look: Appearance) -> Self {
        let stage = if start.knows_app { FirstRunStage::Preparing } else { FirstRunStage::App };
        Self { stage, code: None, field: TextField::default(), note: None, start, size, look }
    }

    /// Where the person is to agree, once that is known.
    pub const fn invitation(&self) -> Option<&Invitation> {
        match &self.stage {
            FirstRunStage::Agree(invitation) | FirstRunStage::Checking(invitation) => Some(invitation),
            FirstRunStage::App | FirstRunStage::Preparing => None,
        }
    }

    /// Whether something is to be typed or pasted.
    pub const fn wants_text(&self) -> bool {
        matches!(self.stage, FirstRunStage::App | FirstRunStage::Agree(_))
    }
}
