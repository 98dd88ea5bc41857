//! The rows of one list, ready for filtering and sorting.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::filter::{self, Term};
use super::fold::fold_into;
use super::rank;
use crate::domain::queries::{Cell, Column, RowPage, RowWindow, SortOrder, TableRow};

/// Separates the texts of a row: folded text has no such character, so no word matches across it.
const BETWEEN: char = '\u{1f}';

/// A list with at least this many rows that have every word needs none that only resemble them.
const ENOUGH: usize = 50;

/// A list in memory. Each row has its folded text. Orders are computed on first use and cached. The
/// result of the last filter is cached, too, and so are those of the shorter filters before it: a
/// typed letter searches only a few rows, and a deleted letter searches none.
#[derive(Debug)]
pub struct ListIndex {
    columns: &'static [Column],
    rows: Vec<TableRow>,
    /// The folded text of all rows, one after the other.
    text: String,
    /// The start of each cell's text, row by row; and the end of the last one.
    begins: Vec<u32>,
    /// For each column the rows in its order, those without a value last; and the number of rows
    /// with a value.
    orders: HashMap<Column, IndexOrder>,
    /// Each is narrower than the one before.
    narrowed: Vec<Selected>,
    /// Whether the best matches come first, and what only resembles the words comes last.
    is_ranked: bool,
    /// The last filter whose rows were ranked, and these rows.
    ranked: Option<(String, Arc<Vec<u32>>)>,
}

#[derive(Debug)]
struct IndexOrder {
    rows: Vec<u32>,
    /// How many of these have a value.
    valued: usize,
}

/// The result of a filter, in an order.
#[derive(Debug)]
struct Selected {
    filter: String,
    terms: Vec<Term>,
    sort: SortOrder,
    rows: Arc<Vec<u32>>,
}

impl ListIndex {
    /// The index of the rows of a list with these columns; `day_of` returns the displayed day of a
    /// time in the person's zone.
    #[must_use]
    pub fn new(
        columns: &'static [Column],
        mut rows: Vec<TableRow>,
        day_of: impl Fn(DateTime<Utc>) -> NaiveDate,
    ) -> Self {
        // Indices have four bytes. No library is nearly as long; a longer list would be cut.
        rows.truncate(u32::MAX as usize);
        let mut text = String::new();
        let mut begins = Vec::with_capacity(rows.len() * columns.len() + 1);
        for row in &rows {
            for cell in &row.cells {
                begins.push(place(text.len()));
                compare_by(&mut text, cell, &day_of);
                text.push(BETWEEN);
            }
        }
        begins.push(place(text.len()));
        Self {
            columns,
            rows,
            text,
            begins,
            orders: HashMap::new(),
            narrowed: Vec::new(),
            is_ranked: false,
            ranked: None,
        }
    }

    /// The same with the best matches first in the list's own order, for a search.
    #[must_use]
    pub fn ranked(self) -> Self {
        Self { is_ranked: true, ..self }
    }

    /// The uris of all rows that match the filter, in the list's order.
    pub fn uris(&mut self, filter: &str) -> Vec<Box<str>> {
        let selected = self.select(filter, SortOrder::default());
        selected.iter().filter_map(|row| self.rows.get(*row as usize)?.uri.clone()).collect()
    }

    /// The rows of a window among those that match the filter, in an order.
    pub fn page(&mut self, filter: &str, sort: SortOrder, window: RowWindow) -> RowPage {
        let mut selected = self.select(filter, sort);
        if self.is_ranked && sort == SortOrder::default() {
            selected = self.best_first(filter, &selected);
        }
        let shown = selected.iter().skip(window.first).take(window.rows);
        let rows = shown.filter_map(|row| self.rows.get(*row as usize).cloned()).collect();
        RowPage { of: self.rows.len(), total: selected.len(), first: window.first.min(selected.len()), rows }
    }

    /// The rows that match the filter, in an order.
    fn select(&mut self, filter: &str, sort: SortOrder) -> Arc<Vec<u32>> {
        let terms = filter::terms(self.columns, filter);
        let leads_here = |wider: &Selected| wider.sort == sort && filter::narrow(&terms, &wider.terms);
        let kept = self.narrowed.iter().take_while(|wider| leads_here(wider)).count();
        self.narrowed.truncate(kept);
        if let Some(last) = self.narrowed.last().filter(|last| last.filter == filter) {
            return Arc::clone(&last.rows);
        }
        let wider = self.narrowed.last().map(|last| Arc::clone(&last.rows));
        let wider = wider.unwrap_or_else(|| Arc::new(self.in_order(sort)));
        let fits = |row: u32| terms.iter().all(|term| self.has(row as usize, term));
        let rows: Vec<u32> = if wider.len() == self.rows.len() {
            // In the order of the texts in memory: any other order would cause many cache misses.
            let fit: Vec<bool> = (0..place(self.rows.len())).map(fits).collect();
            wider.iter().copied().filter(|row| fit.get(*row as usize) == Some(&true)).collect()
        } else {
            wider.iter().copied().filter(|row| fits(*row)).collect()
        };
        let rows = if rows.len() == wider.len() { wider } else { Arc::new(rows) };
        self.narrowed.push(Selected { filter: filter.to_owned(), terms, sort, rows: Arc::clone(&rows) });
        rows
    }

    /// The rows that have every word, those whose name is or begins with one first; if they are few,
    /// then those that resemble the words.
    fn best_first(&mut self, filter: &str, selected: &Arc<Vec<u32>>) -> Arc<Vec<u32>> {
        if let Some((_, rows)) = self.ranked.as_ref().filter(|(ranked, _)| ranked == filter) {
            return Arc::clone(rows);
        }
        let terms = filter::terms(self.columns, filter);
        if !terms.iter().any(Term::is_word) {
            return Arc::clone(selected);
        }
        let name = self.columns.iter().position(|column| matches!(column, Column::Name | Column::Title));
        let name_of = |row: u32| self.compared(row as usize * self.columns.len() + name.unwrap_or_default());
        let mut places: [Vec<u32>; rank::PLACES] = Default::default();
        for row in selected.iter() {
            if let Some(rows) = places.get_mut(rank::of(&terms, name_of(*row))) {
                rows.push(*row);
            }
        }
        let mut rows = places.concat();
        if rows.len() < ENOUGH && rank::can_resemble(&terms) {
            let known: HashSet<u32> = rows.iter().copied().collect();
            let others = (0..place(self.rows.len())).filter(|row| !known.contains(row));
            let alike = others.filter_map(|row| Some((self.resemblance(row as usize, &terms)?, row)));
            let mut alike: Vec<(usize, u32)> = alike.collect();
            alike.sort_unstable();
            rows.extend(alike.into_iter().map(|(_, row)| row));
        }
        let rows = Arc::new(rows);
        self.ranked = Some((filter.to_owned(), Arc::clone(&rows)));
        rows
    }

    /// How far the letters of all words are apart in a row; `None` if a word is not in it even so.
    fn resemblance(&self, row: usize, terms: &[Term]) -> Option<usize> {
        let first = row * self.columns.len();
        let words = || self.columns.iter().enumerate().filter(|(_, column)| rank::is_named(**column));
        let spread = |term: &Term| {
            if !term.is_word() {
                return self.has(row, term).then_some(0);
            }
            words().filter_map(|(column, _)| rank::spread(term.text(), self.compared(first + column))).min()
        };
        terms.iter().map(spread).sum()
    }

    fn has(&self, row: usize, term: &Term) -> bool {
        let first = row * self.columns.len();
        let has = |column: usize| term.is_in(self.compared(first + column).as_bytes());
        if let Some(column) = term.column {
            return has(column);
        }
        let mut words = self.columns.iter().enumerate().filter(|(_, column)| column.is_words());
        words.any(|(column, _)| has(column))
    }

    /// The folded text of a cell, counted over all rows.
    fn compared(&self, cell: usize) -> &str {
        let bounds = self.begins.get(cell).zip(self.begins.get(cell + 1));
        let text = bounds.and_then(|(begin, end)| self.text.get(*begin as usize..(*end as usize).max(1) - 1));
        text.unwrap_or_default()
    }

    fn in_order(&mut self, sort: SortOrder) -> Vec<u32> {
        let count = place(self.rows.len());
        let Some(index) = sort.column.and_then(|column| self.columns.iter().position(|it| *it == column))
        else {
            return if sort.descending { (0..count).rev().collect() } else { (0..count).collect() };
        };
        let column = sort.column.unwrap_or(Column::Place);
        if !self.orders.contains_key(&column) {
            let ordered = self.order_by(index);
            self.orders.insert(column, ordered);
        }
        let Some(ordered) = self.orders.get(&column) else {
            return Vec::new();
        };
        let mut rows = ordered.rows.clone();
        if sort.descending
            && let Some(valued) = rows.get_mut(..ordered.valued)
        {
            valued.reverse();
        }
        rows
    }

    /// Every row, by the values of a column. Most values differ in their first eight bytes, which
    /// are adjacent in memory; equal ones stay in the list's order.
    fn order_by(&self, index: usize) -> IndexOrder {
        let cells = self.rows.iter().map(|row| row.cells.get(index).unwrap_or(&Cell::None));
        let (mut valued, mut blank) = (Vec::with_capacity(self.rows.len()), Vec::new());
        for (row, cell) in (0_u32..).zip(cells) {
            let text = self.compared(row as usize * self.columns.len() + index);
            match key(cell, text) {
                Some(key) => valued.push((key, row)),
                None => blank.push(row),
            }
        }
        let width = self.columns.len();
        let rest = |row: u32| self.compared(row as usize * width + index);
        valued.sort_unstable_by(|(a, row), (b, other)| {
            a.cmp(b).then_with(|| by_text(*a, rest(*row), rest(*other))).then(row.cmp(other))
        });
        let count = valued.len();
        let rows = valued.into_iter().map(|(_, row)| row).chain(blank).collect();
        IndexOrder { rows, valued: count }
    }
}

/// The sort key of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Number(i64),
    /// The first bytes of a text.
    Text([u8; 8]),
}

fn key(cell: &Cell, text: &str) -> Option<SortKey> {
    Some(match cell {
        // Only details have these.
        Cell::None | Cell::Moved(_) | Cell::Levels(_) => return None,
        Cell::Text(_) if text.is_empty() => return None,
        Cell::Text(_) => {
            let mut first = [0; 8];
            first.iter_mut().zip(text.bytes()).for_each(|(place, byte)| *place = byte);
            SortKey::Text(first)
        }
        Cell::Number(number) | Cell::Length(number) => SortKey::Number(*number),
        Cell::Time(time) => SortKey::Number(time.timestamp_millis()),
        Cell::Standing(standing) => SortKey::Number(*standing as i64),
        Cell::Change(change) => SortKey::Number(*change as i64),
        Cell::Run(status) => SortKey::Number(*status as i64),
    })
}

fn by_text(key: SortKey, a: &str, b: &str) -> Ordering {
    match key {
        SortKey::Number(_) => Ordering::Equal,
        SortKey::Text(_) => a.cmp(b),
    }
}

/// A cell in the form in which it is compared. Numbers are compared only where a column is named.
fn compare_by(text: &mut String, cell: &Cell, day_of: impl Fn(DateTime<Utc>) -> NaiveDate) {
    match cell {
        Cell::None | Cell::Length(_) | Cell::Moved(_) | Cell::Levels(_) => {}
        Cell::Number(number) => text.push_str(&number.to_string()),
        Cell::Text(value) => fold_into(text, value),
        Cell::Time(time) => text.push_str(&day_of(*time).to_string()),
        Cell::Standing(standing) => text.push_str(standing.as_str()),
        Cell::Change(change) => text.push_str(change.as_str()),
        Cell::Run(status) => text.push_str(status.as_str()),
    }
}

fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;
    use rstest::rstest;

    use super::ListIndex;
    use crate::domain::queries::{BrowseList, Cell, Column, RowPage, RowWindow, SortOrder, TableRow};
    use crate::search::fold::fold;

    fn track(title: &str, artists: &str, year: Option<&str>, added: Option<&str>) -> TableRow {
        let added: Option<DateTime<Utc>> = added.map(|day| format!("{day}T23:30:00Z").parse().unwrap());
        let cells = vec![
            Cell::Text(title.into()),
            Cell::Text(artists.into()),
            Cell::Text("Record".into()),
            Cell::text(year),
            Cell::time(added),
        ];
        TableRow { thing: None, uri: None, cells: cells.into() }
    }

    fn library() -> ListIndex {
        let rows = vec![
            track("Jóga", "Björk", Some("1997"), Some("2024-05-02")),
            track("Hyperballad", "Björk", Some("1995"), Some("2023-01-01")),
            track("Army of Me", "Björk", Some("1995"), Some("2024-04-30")),
            track("joga again", "Somebody", None, None),
            track("Роза", "Boards of Canada, Björk", Some("2002"), Some("2022-12-31")),
        ];
        // The person's zone is an hour east of Greenwich, so these evenings are on the next day.
        ListIndex::new(BrowseList::Tracks.columns(), rows, |time| (time + TimeDelta::hours(1)).date_naive())
    }

    const ALL: RowWindow = RowWindow { first: 0, rows: 100 };

    fn titles(page: &RowPage) -> Vec<String> {
        let title = |row: &TableRow| match &row.cells[0] {
            Cell::Text(title) => title.to_string(),
            cell => format!("{cell:?}"),
        };
        page.rows.iter().map(title).collect()
    }

    #[rstest]
    #[case("", &["Jóga", "Hyperballad", "Army of Me", "joga again", "Роза"])]
    #[case("joga", &["Jóga", "joga again"])]
    #[case::every_word("bjork ar", &["Army of Me", "Роза"])]
    #[case("artist:somebody joga", &["joga again"])]
    #[case("РОЗА", &["Роза"])]
    #[case("year:1995 hyper", &["Hyperballad"])]
    #[case("year:199", &["Jóga", "Hyperballad", "Army of Me"])]
    #[case::as_the_day_is_shown("added:2024-05", &["Jóga", "Army of Me"])]
    #[case("added:2023", &["Hyperballad", "Роза"])]
    #[case::no_word_reaches_into_the_next_cell("jogabjork", &[])]
    #[case::numbers_of_dates_are_no_words("2024", &[])]
    fn a_filter_leaves_what_has_every_term(#[case] filter: &str, #[case] left: &[&str]) {
        let page = library().page(filter, SortOrder::default(), ALL);
        assert_eq!(titles(&page), left);
        assert_eq!((page.total, page.of), (left.len(), 5));
    }

    #[rstest]
    #[case::the_name_itself_first("joga", &["Jóga", "joga again"])]
    #[case::then_a_beginning("a", &["Army of Me", "joga again", "Jóga", "Hyperballad", "Роза"])]
    #[case::letters_left_out("hyprblld", &["Hyperballad"])]
    #[case::in_every_word("bjrk hprb", &["Hyperballad"])]
    #[case::beside_a_column("year:1995 armme", &["Army of Me"])]
    #[case::two_letters_resemble_nothing("hd", &[])]
    #[case::letters_too_far_apart("bcd", &[])]
    #[case::not_in_another_cell("jogabjork", &[])]
    fn a_search_shows_the_best_first(#[case] filter: &str, #[case] found: &[&str]) {
        let mut index = library().ranked();
        for _ in 0..2 {
            let page = index.page(filter, SortOrder::default(), ALL);
            assert_eq!(titles(&page), found);
            assert_eq!(page.total, found.len());
        }
    }

    #[test]
    fn numbers_are_compared_where_their_column_is_named() {
        let row = |name: &str, plays: i64| {
            let text = |text: &str| Cell::Text(text.into());
            let cells = [
                text("song"),
                text(name),
                Cell::None,
                Cell::None,
                Cell::None,
                Cell::Number(plays),
                Cell::None,
            ];
            TableRow { thing: None, uri: None, cells: cells.into() }
        };
        let rows = vec![row("a", 9), row("b", 120)];
        let mut index = ListIndex::new(BrowseList::Everything.columns(), rows, |time| time.date_naive());
        let mut found = |filter: &str| index.page(filter, SortOrder::default(), ALL).total;
        assert_eq!((found("plays:>10"), found("plays:<10"), found("plays:1")), (1, 1, 1));
        assert_eq!(found("120"), 0, "a number is no word");
    }

    #[test]
    fn a_pasted_text_of_many_words_is_no_trouble() {
        let mut index = library().ranked();
        for text in ["bjork ".repeat(2_000), "b".repeat(10_000)] {
            let found = index.page(&text, SortOrder::default(), ALL).total;
            assert_eq!(found, if text.contains(' ') { 4 } else { 0 });
        }
    }

    #[rstest]
    #[case(Some(Column::Title), false, &["Army of Me", "Hyperballad", "Jóga", "joga again", "Роза"])]
    #[case(Some(Column::Title), true, &["Роза", "joga again", "Jóga", "Hyperballad", "Army of Me"])]
    #[case::what_has_no_value_is_last(Some(Column::Added), false, &["Роза", "Hyperballad", "Army of Me", "Jóga", "joga again"])]
    #[case::and_stays_there(Some(Column::Added), true, &["Jóga", "Army of Me", "Hyperballad", "Роза", "joga again"])]
    #[case::equal_ones_as_the_list_is(Some(Column::Album), false, &["Jóga", "Hyperballad", "Army of Me", "joga again", "Роза"])]
    #[case(None, true, &["Роза", "joga again", "Army of Me", "Hyperballad", "Jóga"])]
    fn any_column_puts_rows_in_order(
        #[case] column: Option<Column>,
        #[case] descending: bool,
        #[case] order: &[&str],
    ) {
        let mut index = library();
        for _ in 0..2 {
            assert_eq!(titles(&index.page("", SortOrder { column, descending }, ALL)), order);
        }
    }

    #[test]
    fn a_window_shows_what_lies_in_it() {
        let mut index = library();
        let sort = SortOrder { column: Some(Column::Title), descending: false };
        let page = index.page("bjork", sort, RowWindow { first: 1, rows: 2 });
        assert_eq!((page.first, page.total), (1, 4));
        assert_eq!(titles(&page), ["Hyperballad", "Jóga"]);
        assert_eq!(page.row(0), None);
        assert_eq!(page.row(2).map(|row| &row.cells[0]), Some(&Cell::Text("Jóga".into())));
        let beyond = index.page("bjork", sort, RowWindow { first: 9, rows: 2 });
        assert_eq!((beyond.first, beyond.rows.len()), (4, 0));
    }

    proptest! {
        /// Whatever is typed, the result equals that of a simple scan of every row, in order.
        #[test]
        fn nothing_is_lost_and_nothing_invented(
            titles in prop::collection::vec("[a-cÄÖä é]{0,6}", 0..40),
            typed in "[a-cä ]{0,4}",
        ) {
            let rows = titles.iter().map(|title| track(title, "x", None, None)).collect();
            let mut index = ListIndex::new(BrowseList::Tracks.columns(), rows, |time| time.date_naive());
            let sort = SortOrder { column: Some(Column::Title), descending: false };
            let page = index.page(&typed, sort, ALL);
            let is_left = |title: &&String| {
                typed.split_whitespace().all(|word| {
                    fold(title).contains(&fold(word)) || "x record".split(' ').any(|it| it.contains(&fold(word)))
                })
            };
            let mut expected: Vec<String> = titles.iter().filter(is_left).map(|title| fold(title)).collect();
            expected.sort_by(|a, b| a.is_empty().cmp(&b.is_empty()).then(a.cmp(b)));
            let got: Vec<String> = self::titles(&page).iter().map(|title| fold(title)).collect();
            prop_assert_eq!(got, expected);
        }

        /// Earlier filters and orders make no difference.
        #[test]
        fn what_was_typed_before_is_forgotten(
            titles in prop::collection::vec("[a-cÄ é]{0,6}", 0..30),
            typed in prop::collection::vec(
                ("[a-cä \":]{0,5}|(title|artist|year):[a-c19 ]{0,3}|[ab]{1,2} [ab]{1,2}", any::<bool>()), 1..10),
        ) {
            let rows = || titles.iter().map(|title| track(title, "abc x", Some("1995"), None)).collect();
            let index = || ListIndex::new(BrowseList::Tracks.columns(), rows(), |time| time.date_naive());
            let mut used = index();
            for (filter, is_sorted) in &typed {
                // The filter as it is typed, letter by letter, and as it is deleted again.
                let ends = (0..=filter.len()).filter(|end| filter.is_char_boundary(*end));
                let ends: Vec<usize> = ends.clone().chain(ends.rev()).collect();
                let sort = SortOrder { column: is_sorted.then_some(Column::Title), descending: *is_sorted };
                for end in ends {
                    let filter = &filter[..end];
                    prop_assert_eq!(used.page(filter, sort, ALL), index().page(filter, sort, ALL), "{}", filter);
                }
            }
        }
    }
}
