//! The id of a person's own Spotify app.

use std::fmt;
use std::str::FromStr;

/// Characters of an id.
const LENGTH: usize = 32;

/// The id of a Spotify app, as its owner's page at Spotify shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientId(String);

/// Why a text is not a client id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoClientId {
    /// The text is empty.
    #[error("the client id is missing; copy it from your app's page at Spotify")]
    Missing,
    /// It contains another character.
    #[error(
        "a client id contains only digits and the letters a to f, not `{}`; copy it again from your app's page",
        .0.escape_default()
    )]
    Letter(char),
    /// Too long or too short.
    #[error("a client id has {LENGTH} characters, but this has {0}; copy it again from your app's page")]
    Length(usize),
}

impl FromStr for ClientId {
    type Err = NoClientId;

    fn from_str(written: &str) -> Result<Self, NoClientId> {
        let written = written.trim();
        if written.is_empty() {
            return Err(NoClientId::Missing);
        }
        if let Some(other) = written.chars().find(|letter| !letter.is_ascii_hexdigit()) {
            return Err(NoClientId::Letter(other));
        }
        if written.len() != LENGTH {
            return Err(NoClientId::Length(written.len()));
        }
        Ok(Self(written.to_ascii_lowercase()))
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{ClientId, NoClientId};

    #[rstest]
    #[case::nothing(" ", NoClientId::Missing)]
    #[case::short("0123456789abcdef0123456789abcde", NoClientId::Length(31))]
    #[case::long("0123456789abcdef0123456789abcdef0", NoClientId::Length(33))]
    #[case::letter("0123456789abcdef0123456789abcdeg", NoClientId::Letter('g'))]
    #[case::control("0123\u{1b}", NoClientId::Letter('\u{1b}'))]
    #[case::wide("０123456789abcdef0123456789abcdef", NoClientId::Letter('０'))]
    fn what_is_no_client_id_is_refused_with_the_reason(#[case] written: &str, #[case] why: NoClientId) {
        assert_eq!(written.parse::<ClientId>(), Err(why.clone()));
        assert!(!why.to_string().contains('\u{1b}'), "{why}");
    }

    #[test]
    fn blanks_around_it_and_capitals_do_not_matter() {
        let id: ClientId = " 0123456789ABCDEF0123456789abcdef\n".parse().unwrap();
        assert_eq!(id.to_string(), "0123456789abcdef0123456789abcdef");
    }
}
