//! Whose library is mirrored.

use serde::{Deserialize, Serialize};

use super::AccountId;

/// What `GET /me` says of the person who logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The user id, compared with a playlist's owner; opaque text.
    pub id: String,
    /// The immutable pseudonymous id (since May 2026); missing for older apps.
    pub account_id: Option<String>,
    /// What the person calls themselves, if anything.
    pub display_name: Option<String>,
}

impl User {
    /// The user id of an account that no login has claimed yet.
    pub const LOCAL: &'static str = "local";

    /// Whether no login has claimed the account yet.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.id == Self::LOCAL
    }
}

/// A Spotify user whose library is in the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Our key.
    pub id: AccountId,
    /// Whose it is.
    pub user: User,
}
