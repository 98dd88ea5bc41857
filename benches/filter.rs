//! How long a key of a filter takes over a hundred thousand saved tracks.
//!
//! ```sh
//! cargo bench --locked --bench filter
//! ```
//!
//! Types filters letter by letter into a list in memory, as a screen's reader does, in the list's order and
//! in that of each column, and prints the median, the 95th percentile and the slowest key; besides, what
//! the list costs once when it is opened, and each order when it is first asked for.

// A measuring tool prints, and rounds.
#![allow(clippy::print_stdout, clippy::cast_precision_loss)]

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use phonolog::domain::TrackId;
use phonolog::domain::queries::{BrowseList, Cell, ItemKind, RowWindow, SortOrder, TableRow};
use phonolog::search::ListIndex;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const TRACKS: usize = 100_000;
const WORDS: [&str; 24] = [
    "Night",
    "Björk",
    "Hyperballad",
    "Satellite",
    "Roygbiv",
    "Ágætis",
    "byrjun",
    "東京",
    "Роза",
    "أغنية",
    "Garden",
    "Static",
    "Compass",
    "Noël",
    "Straße",
    "Motel",
    "Parade",
    "Winter",
    "Mañana",
    "Löwe",
    "Telegraph",
    "of",
    "the",
    "in",
];
/// What people type, from a letter that is everywhere to what is nowhere.
const TYPED: [&str; 8] = [
    "e",
    "bjork",
    "the night of",
    "artist:bjork satellite",
    "year:199 garden",
    "added:2021-0 motel",
    "album:\"of the\" static winter",
    "nothing like this",
];
/// Words with letters left out, which only a search finds.
const RESEMBLING: [&str; 3] = ["hyprbllad", "stlte tlgrph", "artist:bjork gardn winte"];

fn main() {
    let rows = library();
    let begun = Instant::now();
    let mut index = ListIndex::new(BrowseList::Tracks.columns(), rows, |time| time.date_naive());
    println!("{TRACKS} tracks made ready in {:.1} ms", millis(begun.elapsed()));

    let mut keys = Vec::new();
    let orders = BrowseList::Tracks.columns().iter().copied().map(Some);
    for column in std::iter::once(None).chain(orders) {
        let sort = SortOrder { column, descending: false };
        let begun = Instant::now();
        index.page("", sort, window());
        let name = column.map_or("the list's own", |column| column.title());
        println!("first time in the order {name}: {:.1} ms", millis(begun.elapsed()));
        for typed in TYPED {
            type_in(&mut index, typed, sort, &mut keys);
        }
    }
    report("filter", &mut keys);

    let mut search =
        ListIndex::new(BrowseList::Tracks.columns(), library(), |time| time.date_naive()).ranked();
    for typed in TYPED.into_iter().chain(RESEMBLING) {
        type_in(&mut search, typed, SortOrder::default(), &mut keys);
    }
    report("search", &mut keys);
}

/// Prints how long the keys took, and forgets them.
fn report(what: &str, keys: &mut Vec<Duration>) {
    keys.sort_unstable();
    let at = |percent: usize| keys.get((keys.len() - 1) * percent / 100).copied().unwrap_or_default();
    println!(
        "{what}: {} keys: median {:.2} ms, 95th percentile {:.2} ms, slowest {:.2} ms",
        keys.len(),
        millis(at(50)),
        millis(at(95)),
        millis(at(100))
    );
    keys.clear();
}

/// Letter by letter, and back again.
fn type_in(index: &mut ListIndex, typed: &str, sort: SortOrder, keys: &mut Vec<Duration>) {
    let ends: Vec<usize> = typed.char_indices().map(|(begin, letter)| begin + letter.len_utf8()).collect();
    let back = ends.iter().rev().skip(1);
    for end in ends.iter().chain(back) {
        let begun = Instant::now();
        let page = index.page(typed.get(..*end).unwrap_or(typed), sort, window());
        keys.push(begun.elapsed());
        assert_eq!(page.of, TRACKS);
    }
}

const fn window() -> RowWindow {
    RowWindow { first: 0, rows: 192 }
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}

fn library() -> Vec<TableRow> {
    let mut chance = ChaCha8Rng::seed_from_u64(7);
    let newest: DateTime<Utc> = DateTime::UNIX_EPOCH + TimeDelta::days(20_700);
    let mut words = |count: usize| -> Box<str> {
        let word = |_| WORDS.get(chance.random_range(0..WORDS.len())).copied().unwrap_or_default();
        (0..count).map(word).collect::<Vec<_>>().join(" ").into()
    };
    (0..TRACKS)
        .map(|place| {
            let minutes = i64::try_from(place).unwrap_or_default() * 47;
            let cells = vec![
                Cell::Text(words(2 + place % 3)),
                Cell::Text(words(2)),
                Cell::Text(words(3)),
                Cell::Text((1960 + place % 66).to_string().into()),
                Cell::Time(newest - TimeDelta::minutes(minutes)),
            ];
            let id = format!("{place:022}");
            TableRow {
                uri: Some(format!("spotify:track:{id}").into()),
                thing: Some(ItemKind::Track(TrackId::new(id))),
                cells: cells.into(),
            }
        })
        .collect()
}
