//! The owner of the mirrored library.

use serde::{Deserialize, Serialize};

use super::AccountId;

/// What `GET /me` returns about the person who logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The user id, compared with a playlist's owner; opaque text.
    pub id: String,
    /// The immutable pseudonymous id (since May 2026); missing for older apps.
    pub account_id: Option<String>,
    /// The display name, if there is one.
    pub display_name: Option<String>,
}

/// A user id in plain letters. Spotify percent-encodes the same id in some places and not in
/// others.
#[must_use]
pub fn plain_user_id(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let encoded = match (first, behind) {
            (b'%', [high, low, ..]) => hex_value(*high).zip(hex_value(*low)),
            _ => None,
        };
        match encoded {
            Some((high, low)) => bytes.push(high * 16 + low),
            None => bytes.push(*first),
        }
        rest = behind.get(if encoded.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
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
    /// Its key in the database.
    pub id: AccountId,
    /// The Spotify user.
    pub user: User,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_is_the_same_in_plain_and_percent_encoded() {
        for (given, plain) in [
            ("smith", "smith"),
            ("j%C3%B6rg%231%20m%c3%bcller", "j\u{f6}rg#1 m\u{fc}ller"),
            ("j\u{f6}rg#1", "j\u{f6}rg#1"),
            ("50%off", "50%off"),
            ("50%25off", "50%off"),
            ("100%", "100%"),
            ("%4", "%4"),
            ("%FF", "%FF"),
            ("", ""),
        ] {
            assert_eq!(plain_user_id(given), plain);
        }
    }
}
