//! Every symbol on the screen and its ASCII equivalent.

use crate::domain::{DayCoverage, EntityState, display_safe};

/// The symbols of one alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    ascii: bool,
}

/// Left-aligned blocks of one to seven eighths of a cell.
const EIGHTHS: [&str; 7] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Bars of one to eight eighths of a cell's height, and their ASCII equivalents.
const SPARKS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const SPARKS_ASCII: [&str; 6] = ["_", "-", "=", "+", "*", "#"];

impl Glyphs {
    /// UTF-8, or only ASCII.
    pub const fn new(ascii: bool) -> Self {
        Self { ascii }
    }

    /// Whether only ASCII may be shown.
    pub const fn is_ascii(self) -> bool {
        self.ascii
    }

    const fn pick(self, utf8: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { utf8 }
    }

    /// Between facts on a line.
    pub const fn dot(self) -> &'static str {
        self.pick("·", "|")
    }

    /// Between a title and its artists.
    pub const fn dash(self) -> &'static str {
        self.pick("–", "-")
    }

    /// Where text was cut.
    pub const fn ellipsis(self) -> &'static str {
        self.pick("…", "~")
    }

    /// Before a number of removals.
    pub const fn minus(self) -> &'static str {
        self.pick("−", "-")
    }

    /// Before something that needs attention.
    pub const fn warning(self) -> &'static str {
        self.pick("▲", "!")
    }

    /// Before something that waits.
    pub const fn hold(self) -> &'static str {
        self.pick("◷", "@")
    }

    /// Before something that a person stopped.
    pub const fn pause(self) -> &'static str {
        self.pick("‖", "=")
    }

    /// Before something that plays.
    pub const fn playing(self) -> &'static str {
        self.pick("►", ">")
    }

    /// Before something that is fine.
    pub const fn well(self) -> &'static str {
        self.pick("✓", "v")
    }

    /// Before something that is running.
    pub const fn running(self) -> &'static str {
        self.pick("●", "*")
    }

    /// Before something that has not begun.
    pub const fn nothing(self) -> &'static str {
        self.pick("○", "-")
    }

    /// Before something that failed.
    pub const fn failed(self) -> &'static str {
        self.pick("✗", "x")
    }

    /// Before an entity's state word.
    pub const fn state(self, state: EntityState) -> &'static str {
        match state {
            EntityState::Pending => self.nothing(),
            EntityState::Queued => self.pick("◌", "."),
            EntityState::Running => self.running(),
            EntityState::Idle => self.well(),
            EntityState::Held => self.hold(),
            EntityState::Braked => self.warning(),
            EntityState::Failed => self.failed(),
        }
    }

    /// After the heading of the column by which rows are sorted.
    pub const fn sorted(self, descending: bool) -> &'static str {
        if descending { self.pick("▾", "v") } else { self.pick("▴", "^") }
    }

    /// Before a line of the journal, by the journal's word.
    pub fn change(self, change: &str) -> &'static str {
        match change {
            "added" => "+",
            "removed" => self.minus(),
            "moved" => self.pick("↕", "^"),
            _ => "~",
        }
    }

    /// A gauge of `cells` cells, `eighths` eighths of a cell long: the filled part and the rest.
    /// Both can be distinguished without colour, at any length.
    pub fn gauge(self, eighths: usize, cells: usize) -> (String, String) {
        let eighths = eighths.min(cells * 8);
        let (full, part) = if self.ascii {
            ("#".repeat(eighths / 8), "")
        } else {
            let part = (eighths % 8).checked_sub(1).and_then(|i| EIGHTHS.get(i));
            ("█".repeat(eighths / 8), part.copied().unwrap_or_default())
        };
        let rest = cells - eighths / 8 - usize::from(!part.is_empty());
        (full + part, self.pick("·", ".").repeat(rest))
    }

    /// An amount, from 0 for nothing to 4; distinguishable without colour.
    pub const fn intensity(self, level: usize) -> &'static str {
        match level {
            0 => self.pick("·", "."),
            1 => self.pick("░", "-"),
            2 => self.pick("▒", "+"),
            3 => self.pick("▓", "*"),
            _ => self.pick("█", "#"),
        }
    }

    /// A bar in one cell for a number, if `most` is the largest one; empty only for zero.
    pub fn spark(self, number: u32, most: u32) -> &'static str {
        let levels: &[&str] = if self.ascii { &SPARKS_ASCII } else { &SPARKS };
        let steps = u64::try_from(levels.len()).unwrap_or(1);
        let step = (u64::from(number) * steps).div_ceil(u64::from(most.max(1)));
        let level = usize::try_from(step).ok().and_then(|step| step.checked_sub(1));
        level
            .map_or(self.pick("·", "."), |level| levels.get(level).or(levels.last()).copied().unwrap_or("?"))
    }

    /// A cell of a column, this many eighths high. The lowest cell of an empty column shows that
    /// there is a value.
    pub fn column(self, eighths: usize, is_lowest: bool) -> &'static str {
        match eighths.checked_sub(1) {
            None if is_lowest => self.pick("·", "."),
            None => " ",
            Some(level) if self.ascii => {
                if level < 4 {
                    "."
                } else {
                    "#"
                }
            }
            Some(level) => SPARKS.get(level).or(SPARKS.last()).copied().unwrap_or(" "),
        }
    }

    /// Before or after something that grew.
    pub const fn more(self) -> &'static str {
        self.pick("▲", "^")
    }

    /// Before or after something that shrank.
    pub const fn fewer(self) -> &'static str {
        self.pick("▼", "v")
    }

    /// A bar of half the height of a row, `halves` half cells long.
    pub fn thin_bar(self, halves: usize) -> String {
        if self.ascii {
            return "=".repeat(halves.div_ceil(2));
        }
        "▄".repeat(halves / 2) + if halves % 2 == 1 { "▖" } else { "" }
    }

    /// How completely a day is known.
    pub const fn day(self, day: DayCoverage) -> &'static str {
        match day {
            DayCoverage::Unknown => self.pick("·", "."),
            DayCoverage::Partly => self.pick("▄", "-"),
            DayCoverage::Imported => self.pick("▒", "+"),
            DayCoverage::Complete => self.pick("█", "#"),
            DayCoverage::Gap => self.failed(),
        }
    }

    /// Text from outside, safe to show in this alphabet.
    pub fn outside(self, text: &str) -> String {
        let safe = display_safe(text);
        if self.ascii { safe.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect() } else { safe }
    }
}

#[cfg(test)]
mod tests {
    use super::Glyphs;
    use crate::tui::style::text::width;

    #[test]
    fn a_gauge_fills_its_cells_and_shows_its_length_without_colour() {
        for ascii in [false, true] {
            let glyphs = Glyphs::new(ascii);
            for cells in [0, 1, 7, 35] {
                let mut seen = Vec::new();
                for eighths in 0..=cells * 8 + 3 {
                    let (filled, rest) = glyphs.gauge(eighths, cells);
                    assert_eq!(width(&filled) + width(&rest), cells);
                    seen.push(filled + &rest);
                }
                seen.dedup();
                assert_eq!(seen.len(), if ascii { cells + 1 } else { cells * 8 + 1 });
            }
        }
    }

    #[test]
    fn a_bar_in_one_cell_grows_with_its_number_and_is_empty_for_nothing_alone() {
        for (ascii, levels) in [(false, 9), (true, 7)] {
            let glyphs = Glyphs::new(ascii);
            let mut bars: Vec<_> = (0..=300).map(|number| glyphs.spark(number, 300)).collect();
            assert!(bars.iter().all(|bar| width(bar) == 1 && (!ascii || bar.is_ascii())));
            assert_ne!(bars[0], bars[1]);
            bars.dedup();
            assert_eq!(bars.len(), levels);
            assert_eq!(glyphs.spark(0, 0), bars[0]);
            assert_eq!(glyphs.spark(9, 3), *bars.last().unwrap());
        }
    }

    #[test]
    fn outside_text_is_safe_and_in_ascii_where_asked() {
        assert_eq!(Glyphs::new(false).outside("Bj\u{1b}\u{202e}örk"), "Björk");
        assert_eq!(Glyphs::new(true).outside("Bj\u{1b}\u{202e}örk 東"), "Bj?rk ?");
    }
}
