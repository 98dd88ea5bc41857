//! Puts characters into cells of their own where terminals do that.
//!
//! Owns: the difference between one character for a reader and one for a terminal. Must not know:
//! what is drawn.
//!
//! A vowel sign of Devanagari or Thai belongs to its letter, and terminals put it in the cell
//! beside it. ratatui keeps both in the letter's cell, as it does with a wide character, and
//! removes both by removing the letter. With a wide character this leaves nothing; with these it
//! leaves the sign.

use ratatui::buffer::{Buffer, CellWidth};
use ratatui::layout::Position;

/// Gives every cell the content that a terminal shows in it.
pub fn set_apart(buffer: &mut Buffer) {
    for y in buffer.area.top()..buffer.area.bottom() {
        for x in buffer.area.left()..buffer.area.right() {
            let Some(cell) = buffer.cell(Position { x, y }) else { continue };
            let Some(parts) = parts(cell.symbol()) else { continue };
            let style = cell.style();
            for (x, part) in (x..).zip(parts) {
                if let Some(cell) = buffer.cell_mut(Position { x, y }) {
                    cell.set_symbol(&part).set_style(style);
                }
            }
        }
    }
}

/// The symbol cell by cell, if it needs several and none of its characters is wide, alone or in
/// combination: emoji and flags are.
fn parts(symbol: &str) -> Option<Vec<String>> {
    if symbol.len() < 2 || symbol.cell_width() < 2 {
        return None;
    }
    let mut parts: Vec<String> = Vec::new();
    for character in symbol.chars() {
        let text = character.to_string();
        match (text.cell_width(), parts.last_mut()) {
            _ if is_of_a_flag(character) => return None,
            (0, Some(part)) => part.push(character),
            (1, _) => parts.push(text),
            _ => return None,
        }
    }
    (parts.len() == usize::from(symbol.cell_width())).then_some(parts)
}

fn is_of_a_flag(character: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&character)
}

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Style};

    use super::*;

    #[test]
    fn what_is_taken_away_is_taken_away_whole() {
        let mut before = Buffer::with_lines(["शांत"]);
        before.set_style(before.area, Style::new().fg(Color::Red));
        set_apart(&mut before);
        let cells: Vec<&str> = before.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(cells, ["श", "ां", "त"]);
        assert!(before.content.iter().all(|cell| cell.fg == Color::Red));
        let after = Buffer::empty(before.area);
        assert_eq!(before.diff(&after).len(), 3, "every cell is written");
    }

    #[test]
    fn what_is_wide_stays_whole() {
        for line in ["東京", "🏳️‍🌈", "❤️", "🇸🇪", "1️⃣", "e\u{301}"] {
            let mut buffer = Buffer::with_lines([line]);
            let whole = buffer.clone();
            set_apart(&mut buffer);
            assert_eq!(buffer, whole, "{line}");
        }
    }
}
