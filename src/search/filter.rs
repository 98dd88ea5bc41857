//! Parses a filter into terms; a row must contain all of them.
//!
//! A word is searched for anywhere in a row's text; `artist:björk` searches one column, and dates
//! and years are compared from their start, numbers as in `plays:>10`; `"of canada"` is one term.
//! `saved:no` and `gone:yes` are about the state of a row. A prefix that names no
//! column of the list is part of an ordinary word, and a column without a term has no effect yet.

use memchr::memmem::Finder;

use super::fold::fold;
use crate::domain::queries::Column;

/// A term and where it is searched for.
#[derive(Debug)]
pub struct Term {
    /// The index of the only column; `None`: in all text.
    pub column: Option<usize>,
    /// The searched text.
    needle: Finder<'static>,
    /// How it is compared.
    comparison: Comparison,
}

/// How a term is compared with the text of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// Anywhere in it.
    Within,
    /// At its start.
    AtStart,
    /// Nowhere in it.
    Without,
    /// A number above this one.
    Above(i64),
    /// A number below this one.
    Below(i64),
}

impl Term {
    fn new(columns: &[Column], field: Option<usize>, text: &str) -> Option<Self> {
        let text = fold(text);
        let column = field.and_then(|index| columns.get(index));
        let comparison = match column {
            Some(Column::Added | Column::Seen | Column::Began | Column::Year) => Comparison::AtStart,
            Some(Column::Plays) => return Self::number(field, &text),
            _ => Comparison::Within,
        };
        let needle = Finder::new(text.as_bytes()).into_owned();
        (!text.is_empty()).then_some(Self { column: field, needle, comparison })
    }

    /// `>10`, `<10`, or a number itself. What is not one yet has no effect.
    fn number(column: Option<usize>, text: &str) -> Option<Self> {
        let number = |text: &str| text.parse::<i64>().ok();
        let comparison = match text.split_at_checked(1)? {
            (">", rest) => Comparison::Above(number(rest)?),
            ("<", rest) => Comparison::Below(number(rest)?),
            _ => Comparison::AtStart,
        };
        Some(Self { column, needle: Finder::new(text.as_bytes()).into_owned(), comparison })
    }

    /// `saved:no`, `gone:yes`: whether the state of a row is this word.
    fn state(columns: &[Column], word: &str, answer: &str) -> Option<Self> {
        let is_asked = columns.contains(&Column::Plays) && ["saved", "gone"].contains(&word);
        let column = columns.iter().position(|column| *column == Column::State).filter(|_| is_asked);
        let comparison = match answer {
            "yes" => Comparison::Within,
            "no" => Comparison::Without,
            _ => return None,
        };
        Some(Self { column: Some(column?), needle: Finder::new(word.as_bytes()).into_owned(), comparison })
    }

    /// Whether it matches only if the other one matches, too.
    fn narrows(&self, other: &Self) -> bool {
        let (needle, wider) = (self.needle.needle(), &other.needle);
        let holds = match other.comparison {
            _ if self.comparison != other.comparison => false,
            Comparison::AtStart => needle.starts_with(wider.needle()),
            Comparison::Within => wider.find(needle).is_some(),
            Comparison::Without | Comparison::Above(_) | Comparison::Below(_) => needle == wider.needle(),
        };
        self.column == other.column && holds
    }

    /// Whether it is a word without a column.
    pub const fn is_word(&self) -> bool {
        self.column.is_none()
    }

    /// The searched text.
    pub fn text(&self) -> &[u8] {
        self.needle.needle()
    }

    /// Whether folded text contains it.
    pub fn is_in(&self, text: &[u8]) -> bool {
        let number = || std::str::from_utf8(text).ok()?.parse::<i64>().ok();
        match self.comparison {
            Comparison::Within => self.needle.find(text).is_some(),
            Comparison::AtStart => text.starts_with(self.needle.needle()),
            Comparison::Without => self.needle.find(text).is_none(),
            Comparison::Above(least) => number().is_some_and(|number| number > least),
            Comparison::Below(most) => number().is_some_and(|number| number < most),
        }
    }
}

/// Whether every text that matches all of these terms matches all of the wider ones.
pub fn narrow(terms: &[Term], wider: &[Term]) -> bool {
    wider.iter().all(|wider| terms.iter().any(|term| term.narrows(wider)))
}

/// The terms of a filter for a list with these columns.
pub fn terms(columns: &[Column], typed: &str) -> Vec<Term> {
    let words = split(typed).into_iter();
    words
        .filter_map(|Word { text, quoted_from }| {
            let field = text.split_once(':').filter(|(name, _)| quoted_from.is_none_or(|at| name.len() < at));
            if let Some(term) = field.and_then(|(name, rest)| Term::state(columns, &fold(name), &fold(rest)))
            {
                return Some(term);
            }
            let named = field.and_then(|(name, rest)| Some((column(columns, name)?, rest)));
            match named {
                Some((column, rest)) => Term::new(columns, Some(column), rest),
                None => Term::new(columns, None, &text),
            }
        })
        .collect()
}

fn column(columns: &[Column], name: &str) -> Option<usize> {
    let name = fold(name);
    // People use `title:` for the name column of any list.
    let is_meant = |column: &Column| {
        column.field() == Some(name.as_str()) || (*column == Column::Name && name == "title")
    };
    columns.iter().position(is_meant)
}

/// A part between blanks, and where quotes were in it.
struct Word {
    text: String,
    /// The index of the first quoted letter: a colon after it names no column.
    quoted_from: Option<usize>,
}

/// Parts between blanks outside quotes. An unclosed quote continues to the end.
fn split(typed: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word { text: String::new(), quoted_from: None };
    let mut is_quoted = false;
    for letter in typed.chars() {
        match letter {
            '"' => {
                is_quoted = !is_quoted;
                word.quoted_from.get_or_insert(word.text.len());
            }
            letter if letter.is_whitespace() && !is_quoted => {
                words.push(std::mem::replace(&mut word, Word { text: String::new(), quoted_from: None }));
            }
            letter => word.text.push(letter),
        }
    }
    words.push(word);
    words
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::terms;
    use crate::domain::queries::Column;

    const COLUMNS: &[Column] = &[Column::Title, Column::Artists, Column::Year];

    #[rstest]
    #[case("", &[])]
    #[case("  Björk   HYPER ", &["bjork", "hyper"])]
    #[case("artist:Björk x", &["1=bjork", "x"])]
    #[case("ARTIST:a year:19", &["1=a", "2=19"])]
    #[case::nothing_named_yet("artist: x", &["x"])]
    #[case::no_such_column("album:x re:stacks", &["album:x", "re:stacks"])]
    #[case::held_together("artist:\"boards of\" \"a  b\"", &["1=boards of", "a  b"])]
    #[case::quotes_hide_a_colon("\"artist:x\"", &["artist:x"])]
    #[case::not_closed("title:\"so wh", &["0=so wh"])]
    #[case("\"", &[])]
    fn words_are_read(#[case] typed: &str, #[case] read: &[&str]) {
        let terms = terms(COLUMNS, typed);
        let told = terms.iter().map(|term| {
            let needle = String::from_utf8(term.needle.needle().to_vec()).unwrap();
            term.column.map_or(needle.clone(), |column| format!("{column}={needle}"))
        });
        assert_eq!(told.collect::<Vec<_>>(), read);
    }

    #[test]
    fn numbers_and_states_are_compared() {
        let columns = &[Column::Plays, Column::State];
        let found = |typed, text: &str| terms(columns, typed)[0].is_in(text.as_bytes());
        assert!(found("plays:>10", "11") && !found("plays:>10", "10") && !found("plays:>10", ""));
        assert!(found("plays:<10", "9") && !found("plays:<10", "10"));
        assert!(found("saved:yes", "saved") && found("saved:no", "gone") && !found("saved:no", "saved"));
        assert!(terms(columns, "plays:> plays:").is_empty(), "nothing is compared yet");
    }

    #[test]
    fn dates_and_years_are_meant_from_their_beginning() {
        let found = |typed, text: &str| terms(COLUMNS, typed)[0].is_in(text.as_bytes());
        assert!(found("year:199", "1998") && !found("year:98", "1998"));
        assert!(found("title:98", "1998"));
    }
}
