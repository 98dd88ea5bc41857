//! How well a row fits the words of a search; pure.
//!
//! A name that is a word of the search comes before one that begins with it, and that before one that
//! only contains it. Letters may be left out: `hyprbllad` finds `Hyperballad`.

use super::filter::Term;
use crate::domain::queries::Column;

/// The fewest and the most letters of a word that may resemble a name.
const LETTERS: std::ops::RangeInclusive<usize> = 3..=40;
/// The most words: a pasted text resembles nothing.
const WORDS: usize = 8;

/// Whether names may resemble these terms.
pub fn can_resemble(terms: &[Term]) -> bool {
    let mut words = terms.iter().filter(|term| term.is_word());
    terms.len() <= WORDS && words.all(|term| LETTERS.contains(&term.text().len()))
}

/// Whether a column has names, in which letters may be left out.
pub const fn is_named(column: Column) -> bool {
    matches!(column, Column::Name | Column::Title | Column::Artists | Column::Album)
}

/// How many places there are.
pub const PLACES: usize = 5;

/// The place of a name among all that have every word; the least is first.
pub fn of(terms: &[Term], name: &str) -> usize {
    let place = |term: &Term| {
        let word = term.text();
        match name.as_bytes().strip_prefix(word) {
            Some([]) => 0,
            Some([b' ', ..]) => 1,
            Some(_) => 2,
            None if begins_a_word(name.as_bytes(), word) => 3,
            None => PLACES - 1,
        }
    };
    terms.iter().filter(|term| term.is_word()).map(place).min().unwrap_or(PLACES - 1)
}

fn begins_a_word(name: &[u8], word: &[u8]) -> bool {
    memchr::memchr_iter(b' ', name)
        .any(|blank| name.get(blank + 1..).is_some_and(|rest| rest.starts_with(word)))
}

/// How many bytes lie between the letters of a word, which begin where a word of the text begins;
/// `None` if they are not in it in this order, or further apart than twice their number.
pub fn spread(word: &[u8], text: &str) -> Option<usize> {
    let (first, rest) = word.split_first()?;
    let text = text.as_bytes();
    let begins = memchr::memchr_iter(*first, text);
    let begins = begins
        .filter(|at| at.checked_sub(1).and_then(|before| text.get(before)).is_none_or(|it| *it == b' '));
    let from = |begin: usize| {
        let mut end = begin + 1;
        for letter in rest {
            end += memchr::memchr(*letter, text.get(end..)?)? + 1;
        }
        (end - begin).checked_sub(word.len()).filter(|between| *between <= 2 * word.len())
    };
    begins.filter_map(from).min()
}
