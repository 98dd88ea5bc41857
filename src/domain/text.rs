//! Text from outside, made safe to show, and names that were probably meant.

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

/// The name most like what was written, case aside, if one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    let likeness = |name: &str| strsim::jaro_winkler(&written, &name.to_lowercase());
    let near = names.into_iter().map(|name| (likeness(name), name)).filter(|(likeness, _)| *likeness > 0.7);
    near.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::{display_safe, nearest};

    #[test]
    fn the_nearest_name_is_one_that_may_be_meant() {
        assert_eq!(nearest("Snyc", ["resync", "sync"]), Some("sync"));
        assert_eq!(nearest("xyz", ["resync", "sync"]), None);
    }

    #[test]
    fn what_could_steer_a_terminal_is_gone_and_letters_stay() {
        assert_eq!(display_safe("a\u{1b}[31mb\r\n\u{202e}c\u{9b}"), "a[31mbc");
        assert_eq!(display_safe("Björk 東京 أغنية 👩‍🚀"), "Björk 東京 أغنية 👩‍🚀");
    }
}
