//! What a token looks like, and how tokens are removed from foreign text.

use secrecy::{ExposeSecret, SecretString};

/// The longest token, in characters; Spotify's have a few hundred.
const LONGEST: usize = 4 * 1024;
/// A run of letters and digits of this length may be a part of a token.
const SUSPICIOUS: usize = 16;

/// Whether it can be sent in a header: visible ASCII, without spaces (RFC 6750 section 2.1 allows
/// less).
pub(super) fn is_usable(token: &SecretString) -> bool {
    let text = token.expose_secret();
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The text without anything that may be a part of a token: long runs of token characters are
/// removed, unless they look like a word.
pub(super) fn without_tokens(words: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut safe = String::new();
    let mut rest = words;
    while let Some(first) = rest.chars().next() {
        let is_run = is_part(first);
        let end = rest.find(|c| is_part(c) != is_run).unwrap_or(rest.len());
        let (piece, behind) = rest.split_at(end);
        let is_word = piece.chars().skip(1).all(|c| c.is_ascii_lowercase() || c == '_' || c == '-');
        safe.push_str(if is_run && piece.len() >= SUSPICIOUS && !is_word { "…" } else { piece });
        rest = behind;
    }
    safe
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::usual("BQDj8l-_x.~+/=", true)]
    #[case::empty("", false)]
    #[case::line_end("BQ\nX-Evil: 1", false)]
    #[case::carriage("BQ\r", false)]
    #[case::nul("B\0Q", false)]
    #[case::blank("B Q", false)]
    #[case::umlaut("BÖ", false)]
    #[case::delete("B\u{7f}", false)]
    fn a_token_is_visible_ascii(#[case] text: &str, #[case] usable: bool) {
        assert_eq!(is_usable(&text.into()), usable);
    }

    #[test]
    fn a_token_has_an_end() {
        assert!(is_usable(&"x".repeat(LONGEST).into()));
        assert!(!is_usable(&"x".repeat(LONGEST + 1).into()));
    }

    #[rstest]
    #[case("Refresh token revoked", "Refresh token revoked")]
    #[case("Invalid authorization_code", "Invalid authorization_code")]
    #[case("unsupported_grant_type", "unsupported_grant_type")]
    #[case("AQDx8l-_jZ0123456789 is not known", "… is not known")]
    #[case("token=AQDx8l-_jZ0123456789.", "token=….")]
    #[case("\u{201c}AQDx8l-_jZ0123456789ü\u{201d}", "\u{201c}…ü\u{201d}")]
    fn what_may_be_a_token_is_left_out(#[case] said: &str, #[case] shown: &str) {
        assert_eq!(without_tokens(said), shown);
    }
}
