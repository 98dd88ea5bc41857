//! Straight columns: text is measured, cut and padded by its width on the screen.
//!
//! Text is measured as ratatui measures a cell's symbol, grapheme by grapheme, so that wide,
//! combining and joined characters count as they are drawn.

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

/// The width of `text` in columns.
#[must_use]
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(|symbol| usize::from(symbol.cell_width())).sum()
}

/// `text` in at most `columns`, ending in `ellipsis` if it was cut.
#[must_use]
pub fn cut(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let Some(room) = columns.checked_sub(width(ellipsis)) else {
        return String::new();
    };
    let mut kept = String::new();
    let mut used = 0;
    for symbol in text.graphemes(true) {
        used += usize::from(symbol.cell_width());
        if used > room {
            break;
        }
        kept.push_str(symbol);
    }
    kept.truncate(kept.trim_end().len());
    kept + ellipsis
}

/// `text` followed by spaces: `columns` in all, or more if it is longer.
#[must_use]
pub fn left(text: &str, columns: usize) -> String {
    text.to_owned() + &" ".repeat(columns.saturating_sub(width(text)))
}

/// Spaces followed by `text`: `columns` in all, or more if it is longer.
pub fn right(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(width(text))) + text
}

/// `text` wrapped between words into lines of at most `columns`; a longer word is cut.
pub fn wrap(text: &str, columns: usize, ellipsis: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word = cut(word, columns, ellipsis);
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(&word) <= columns => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// The same in at most `rows` lines; the last one is cut if there is more.
pub fn wrap_to(text: &str, columns: usize, rows: usize, ellipsis: &str) -> Vec<String> {
    let mut lines = wrap(text, columns, ellipsis);
    if lines.len() > rows {
        let rest = lines.split_off(rows.saturating_sub(1)).join(" ");
        lines.push(cut(&rest, columns, ellipsis));
    }
    lines
}

/// A number with thousands separators.
pub fn count(number: impl Into<u64>) -> String {
    let digits = number.into().to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::{count, cut, left, right, width, wrap};

    /// Titles that break columns in other programs: wide, combining, joined, right-to-left,
    /// half-width marks.
    const NASTY: [&str; 8] = [
        "東京は夜の七時",
        "e\u{301}e\u{301}e\u{301} Bjo\u{308}rk",
        "👩‍🚀👨‍👩‍👧‍👦🏳️‍🌈 family",
        "أغنية الربيع",
        "ｶﾞｷﾞ half",
        "Z\u{351}\u{36b}a\u{340}\u{324}l\u{489}go",
        "❤️ you",
        "\u{200b}zero\u{200d}width",
    ];

    #[test]
    fn cut_text_never_takes_more_and_padded_text_exactly_its_columns() {
        for title in NASTY {
            for columns in 0..20 {
                let cut = cut(title, columns, "…");
                assert!(width(&cut) <= columns, "{title} in {columns}: {cut}");
                assert_eq!(width(&left(&cut, columns)), columns);
                assert_eq!(width(&right(&cut, columns)), columns);
            }
        }
    }

    #[test]
    fn a_wide_symbol_is_never_halved() {
        assert_eq!(cut("東京は夜", 6, "…"), "東京…");
        assert_eq!(cut("東京は夜", 5, "…"), "東京…");
        assert_eq!(cut("東京", 4, "…"), "東京");
        assert_eq!(cut("word by word", 6, "…"), "word…");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two  three", 7, "…"), ["one two", "three"]);
        assert_eq!(wrap("antidisestablishment", 5, "…"), ["anti…"]);
        assert_eq!(wrap("", 5, "…"), Vec::<String>::new());
        assert_eq!(wrap("a b", 0, "…"), ["", ""]);
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(count(0_u32), "0");
        assert_eq!(count(999_u32), "999");
        assert_eq!(count(1_000_u32), "1,000");
        assert_eq!(count(12_345_678_u64), "12,345,678");
    }
}
