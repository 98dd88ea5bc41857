//! Text from outside, made safe to show.

/// The text without control and bidirectional formatting characters, as every screen, log and message
/// shows it. A stored name keeps them: they are what Spotify said.
#[must_use]
pub fn display_safe(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !is_bidi_control(*c)).collect()
}

/// The explicit directional formatting characters of UAX #9, section 2, and the marks.
const fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::display_safe;

    #[test]
    fn what_could_steer_a_terminal_is_gone_and_letters_stay() {
        assert_eq!(display_safe("a\u{1b}[31mb\r\n\u{202e}c\u{9b}"), "a[31mbc");
        assert_eq!(display_safe("Björk 東京 أغنية 👩‍🚀"), "Björk 東京 أغنية 👩‍🚀");
    }
}
