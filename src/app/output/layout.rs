//! The width of printed lines: that of the terminal, or unlimited without one.

use crate::config::Config;
use crate::domain::display_safe;
use crate::tui;

/// On a narrower terminal, lines are wrapped by the terminal, because nothing more can be cut.
const NARROWEST: usize = 50;

/// The width of a column if lines may be of any length; a longer name moves the next column.
const ENDLESS_COLUMN: usize = 40;

/// The longest name if there is no terminal with a width.
const ENDLESS_LINE: usize = 1_000;

/// The width of lines, and their symbols.
#[derive(Debug, Clone, Copy)]
pub struct Paper {
    columns: Option<usize>,
    ascii: bool,
}

impl Paper {
    /// The layout for standard output.
    pub fn of(config: &Config) -> Self {
        Self { columns: tui::columns().map(|columns| columns.max(NARROWEST)), ascii: config.ui.ascii }
    }

    /// The columns that are left beside `taken` ones; `None` if nothing needs to be cut.
    pub fn room(self, taken: usize) -> Option<usize> {
        self.columns.map(|columns| columns.saturating_sub(taken))
    }

    fn cut(self, text: &str, room: Option<usize>) -> String {
        let text = display_safe(text);
        match room {
            Some(room) => tui::cut(&text, room, if self.ascii { "~" } else { "…" }),
            None => tui::cut(&text, ENDLESS_LINE, if self.ascii { "~" } else { "…" }),
        }
    }

    /// A name and a note about it without a column of its own.
    pub fn name_and_note(self, name: &str, note: Option<&str>, taken: usize) -> String {
        let name = named(name);
        let Some(note) = note.filter(|note| !note.is_empty()) else {
            return self.cut(name, self.room(taken));
        };
        let dot = if self.ascii { " | " } else { " · " };
        let Some(room) = self.room(taken + tui::width(dot)) else {
            return self.cut(name, None) + dot + &self.cut(note, None);
        };
        // The note gets what the name leaves, and at least half of the room.
        let for_the_note = tui::width(&display_safe(note)).min(room / 2);
        let name = self.cut(name, Some(room - for_the_note));
        let note = self.cut(note, Some(room - tui::width(&name)));
        name + dot + &note
    }

    /// A name in a column of its own, followed by more text in the next.
    pub fn name_and_more(self, name: &str, more: &str, taken: usize) -> String {
        let (name, more) = (named(name), more.trim());
        let room = self.room(taken);
        if more.is_empty() {
            return self.cut(name, room);
        }
        let column = room.map(|room| room * 3 / 5);
        let name = tui::left(&self.cut(name, column), column.unwrap_or(ENDLESS_COLUMN)) + "  ";
        let left = self.room(taken + tui::width(&name));
        name + &self.cut(more, left)
    }

    /// A bar of at most `columns`; its length is the share of `amount` in `most`.
    pub fn bar(self, amount: u64, most: u64, columns: u64) -> String {
        let long = amount.saturating_mul(columns).checked_div(most).unwrap_or(0);
        let sign = if self.ascii { "#" } else { "▇" };
        sign.repeat(usize::try_from(long).unwrap_or(0))
    }

    /// One symbol for each amount, higher for larger amounts.
    pub fn spark(self, amounts: &[u64]) -> String {
        let signs: &[char] = if self.ascii { &SPARKS_ASCII } else { &SPARKS };
        let most = amounts.iter().max().copied().unwrap_or(0);
        let steps = signs.len() as u64 - 1;
        let sign = |amount: &u64| {
            // Rounded up, so that every amount above zero is visible.
            let step = amount.saturating_mul(steps).div_ceil(most.max(1));
            usize::try_from(step).ok().and_then(|step| signs.get(step)).copied().unwrap_or(' ')
        };
        amounts.iter().map(sign).collect()
    }
}

const SPARKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const SPARKS_ASCII: [char; 5] = [' ', '.', ':', '+', '#'];

fn named(name: &str) -> &str {
    if name.trim().is_empty() { "(no name)" } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: Paper = Paper { columns: Some(60), ascii: false };
    const PIPE: Paper = Paper { columns: None, ascii: true };

    #[test]
    fn a_line_is_never_wider_than_the_terminal() {
        let long = "A title that is far too long for anything but the widest of terminals, 東京は夜の七時";
        for (name, note) in [(long, "short"), ("short", long), (long, long), ("short", "short"), ("", "")] {
            for line in [TERMINAL.name_and_note(name, Some(note), 30), TERMINAL.name_and_more(name, note, 30)]
            {
                assert!(tui::width(&line) <= 30, "{line}");
            }
        }
        assert_eq!(TERMINAL.name_and_note("Song", Some("saved again"), 30), "Song · saved again");
        assert_eq!(TERMINAL.name_and_note(long, Some("saved again"), 30), "A title that is… · saved again");
    }

    #[test]
    fn nothing_is_cut_where_there_is_no_terminal_and_nothing_steers_one() {
        let long = "x".repeat(300);
        assert_eq!(PIPE.name_and_note(&long, Some(&long), 30), format!("{long} | {long}"));
        assert_eq!(PIPE.name_and_more(&long, "more", 30), format!("{long}  more"));
        let endless = "x".repeat(100_000);
        assert_eq!(PIPE.name_and_note(&endless, None, 0), "x".repeat(999) + "~");
        assert_eq!(PIPE.name_and_note(" ", None, 0), "(no name)");
        assert_eq!(PIPE.name_and_note("a\u{1b}[31mb\n", Some("\u{202e}c"), 0), "a[31mb | c");
    }

    #[test]
    fn amounts_show_as_bars_and_what_is_not_nothing_shows() {
        assert_eq!((PIPE.bar(5, 10, 4).as_str(), PIPE.bar(0, 0, 4).as_str()), ("##", ""));
        assert_eq!(PIPE.spark(&[0, 1, 50, 100]), " .:#");
        assert_eq!(TERMINAL.spark(&[0, 1, 100]), " ▁█");
        assert_eq!(PIPE.spark(&[0, 0]), "  ");
    }

    #[test]
    fn columns_stand_under_each_other() {
        let at = |line: &str| tui::width(line.split("by").next().unwrap());
        for paper in [TERMINAL, PIPE] {
            let (one, two) =
                (paper.name_and_more("Song", "by A", 12), paper.name_and_more("東京", "by B", 12));
            assert_eq!(at(&one), at(&two));
        }
    }
}
