//! Makes playlists of every kind that is met: own, shared and foreign; empty, long and very old.

use rand::RngExt;

use super::account::{Account, LocalFile, Person, Playlist, Row, Slot};
use super::catalogue::{EPISODES_PER_SHOW, SHOWS, count};
use super::generate::{END, favourite};
use super::names;
use crate::simulator::rng::{Stream, Subject, index, one_in_hundred};

/// What a generated playlist is like.
#[derive(Debug, Clone, Copy)]
enum Sort {
    /// Own; a little of everything, duplicates included.
    Mixed,
    /// Own; as long as the library allows.
    Long,
    /// Own; more than a page of 100.
    OverHundred,
    /// Own; more than a page of 50.
    OverFifty,
    /// Own; nothing in it.
    Empty,
    /// Own; so old that rows have no date and nobody who added them.
    Old,
    /// Somebody else's that one may edit.
    Shared,
    /// Own, and others may edit it.
    SharedOwn,
    /// Somebody else's.
    Foreign,
    /// Spotify's own: every row dates from 1970.
    Spotify,
}

/// The first playlists of an account, so that even a small one has every kind.
const FIRST: [Sort; 10] = [
    Sort::Mixed,
    Sort::Foreign,
    Sort::Shared,
    Sort::OverFifty,
    Sort::Empty,
    Sort::Old,
    Sort::OverHundred,
    Sort::Spotify,
    Sort::SharedOwn,
    Sort::Long,
];

/// Gives the account `wanted` playlists of at most `most_rows` rows.
pub(in crate::simulator) fn fill(account: &mut Account, wanted: u32, most_rows: usize, rng: &mut Stream) {
    for place in 0..wanted {
        let sort = FIRST.get(place as usize).copied().unwrap_or_else(|| any_sort(rng));
        let playlist = make(account, sort, most_rows);
        account.playlists.push(playlist);
    }
}

fn any_sort(rng: &mut Stream) -> Sort {
    match rng.random_range(0..100_u32) {
        0..=62 => Sort::Mixed,
        63..=68 => Sort::OverFifty,
        69..=71 => Sort::OverHundred,
        72..=73 => Sort::Empty,
        74..=76 => Sort::Old,
        77..=80 => Sort::Shared,
        81..=83 => Sort::SharedOwn,
        84..=95 => Sort::Foreign,
        _ => Sort::Spotify,
    }
}

/// A new, empty playlist of the account's own.
pub(in crate::simulator) fn new_own(account: &mut Account) -> Playlist {
    let number = account.playlists_made;
    account.playlists_made += 1;
    let mut rng = account.catalogue.chance.of(Subject::Playlist, number.into());
    Playlist {
        number,
        name: names::playlist(&mut rng),
        description: Some(String::new()),
        owner: Person::Me,
        collaborative: false,
        public: one_in_hundred(&mut rng, 50),
        revision: 1,
        rows: vec![],
    }
}

fn make(account: &mut Account, sort: Sort, most_rows: usize) -> Playlist {
    let mut playlist = new_own(account);
    // A stream of its own, so that the lengths of lists made before change nothing here.
    let mut rng = account.catalogue.chance.of(Subject::Playlist, 1 << 40 | u64::from(playlist.number));
    let stranger = Person::Other(rng.random_range(1..=40));
    playlist.owner = match sort {
        Sort::Shared | Sort::Foreign => stranger,
        Sort::Spotify => Person::Spotify,
        _ => Person::Me,
    };
    playlist.collaborative = matches!(sort, Sort::Shared | Sort::SharedOwn);
    playlist.public &= !playlist.collaborative;
    playlist.revision = rng.random_range(2..400);
    if one_in_hundred(&mut rng, 40) {
        playlist.description = Some(names::track(&mut rng));
    } else if one_in_hundred(&mut rng, 20) {
        playlist.description = None;
    }
    let saved = account.tracks.len();
    let length = match sort {
        Sort::Empty => 0,
        Sort::Long => (saved / 8).clamp(12, 1200),
        Sort::OverHundred => rng.random_range(101..=160),
        Sort::OverFifty => rng.random_range(51..=99),
        Sort::Old => rng.random_range(8..=30),
        Sort::Mixed | Sort::Shared | Sort::SharedOwn | Sort::Foreign | Sort::Spotify => {
            rng.random_range(5..=48)
        }
    }
    .min(most_rows);
    let mut at = END - rng.random_range(0..5 * 365 * 86_400);
    let mut rows: Vec<Row> = Vec::with_capacity(length);
    for place in 0..length {
        // Several rows are often added at once.
        if one_in_hundred(&mut rng, 60) {
            at -= rng.random_range(1..4 * 86_400);
        }
        let slot = slot(account, &rows, place, &mut rng);
        rows.push(row(sort, slot, at, playlist.owner, &mut rng));
    }
    rows.reverse();
    playlist.rows = rows;
    playlist
}

fn row(sort: Sort, slot: Slot, at: i64, owner: Person, rng: &mut Stream) -> Row {
    let by = match sort {
        Sort::Shared | Sort::SharedOwn if one_in_hundred(rng, 50) => Person::Me,
        Sort::Shared | Sort::SharedOwn => Person::Other(rng.random_range(1..=40)),
        _ => owner,
    };
    let (added_at, added_by) = match sort {
        Sort::Old if one_in_hundred(rng, 70) => (None, None),
        Sort::Spotify => (Some(0), Some(by)),
        _ => (Some(at), Some(by)),
    };
    Row { slot, added_at, added_by }
}

/// What to put in row `place`: mostly tracks; the first rows make sure of each other kind.
fn slot(account: &Account, rows: &[Row], place: usize, rng: &mut Stream) -> Slot {
    let chosen = match place {
        2 => 0,
        3 => 3,
        4 => 6,
        7 => 8,
        _ => rng.random_range(0..100_u32),
    };
    match chosen {
        0..=2 => Slot::Episode(count(index(rng, (SHOWS * EPISODES_PER_SHOW) as usize))),
        3..=5 => Slot::Local(local_file(rng)),
        6..=7 => Slot::Unreadable,
        8..=11 if !rows.is_empty() => {
            rows.get(index(rng, rows.len())).map_or(Slot::Unreadable, |earlier| earlier.slot.clone())
        }
        _ => Slot::Track(favourite(account, rng)),
    }
}

fn local_file(rng: &mut Stream) -> LocalFile {
    let album = if one_in_hundred(rng, 40) { String::new() } else { names::album(rng) };
    LocalFile {
        artist: names::artist(rng),
        album,
        title: names::track(rng),
        seconds: rng.random_range(40..600),
    }
}
