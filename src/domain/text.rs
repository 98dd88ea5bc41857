//! Makes text from outside safe to show, and finds names that were probably meant.

/// The text without control and bidirectional formatting characters, for every screen, log and
/// message. A stored name keeps them, because Spotify sent them.
#[must_use]
pub fn display_safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut last = 'a';
    for letter in text.chars() {
        // Emoji and some scripts need them as joiners; anywhere else, or more than one in a row,
        // they only hide something.
        let is_wanted = if is_joiner(letter) { !last.is_ascii() } else { is_shown(letter) };
        if is_wanted {
            safe.push(letter);
            last = if is_joiner(letter) { 'a' } else { letter };
        }
    }
    safe
}

/// Text from outside for a printed line: [safe](display_safe), and not too long.
#[must_use]
pub fn display_line(text: &str) -> String {
    let mut line = display_safe(text);
    if let Some((end, _)) = line.char_indices().nth(LONGEST_LINE) {
        line.truncate(end);
        line.push_str("...");
    }
    line
}

/// Whether a character is visible, and neither controls a terminal nor hides.
#[must_use]
pub fn is_shown(letter: char) -> bool {
    !letter.is_control() && !is_bidi_control(letter) && !is_invisible(letter)
}

/// The most characters of a text from outside in a printed line; names have a few dozen.
const LONGEST_LINE: usize = 1_000;

/// Zero width non-joiner and joiner.
const fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200C}' | '\u{200D}')
}

/// Formatting characters of Unicode (category Cf, Zl and Zp) that are invisible, except those for
/// direction and joining: soft hyphen, zero width spaces, line separators, invisible operators,
/// annotations and tags.
const fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{180E}'
            | '\u{200B}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206A}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E007F}'
    )
}

/// The explicit directional formatting characters of UAX #9, section 2, and the marks.
const fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The name most similar to the written one, ignoring case, if one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    let likeness = |name: &str| strsim::jaro_winkler(&written, &name.to_lowercase());
    let near = names.into_iter().map(|name| (likeness(name), name)).filter(|(likeness, _)| *likeness > 0.7);
    near.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::{display_line, display_safe, nearest};

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

    #[test]
    fn what_nobody_sees_is_gone_and_joined_letters_stay_joined() {
        let hidden = "a\u{200b}b\u{2028}c\u{2029}d\u{feff}e\u{fff9}f\u{2060}g\u{e0041}h\u{200d}i\u{ad}j";
        assert_eq!(display_safe(hidden), "abcdefghij");
        assert_eq!(display_safe("می\u{200c}خواهم"), "می\u{200c}خواهم");
        assert_eq!(display_safe("東\u{200d}\u{200d}\u{200d}京"), "東\u{200d}京");
    }

    #[test]
    fn a_line_is_cut_where_nobody_would_read_on() {
        assert_eq!(display_line("a\u{1b}b"), "ab");
        let cut = display_line(&"é".repeat(100_000));
        assert_eq!((cut.chars().count(), cut.ends_with("é...")), (1_003, true));
        assert_eq!(display_line(&"é".repeat(1_000)), "é".repeat(1_000));
    }
}
