//! Generates playlists of every kind that occurs: own, shared and foreign; empty, long and very
//! old.

use rand::RngExt;

use super::account::{LocalFile, Person, SimAccount, SimPlaylist, SimRow, SimSlot};
use super::catalogue::{EPISODES_PER_SHOW, SHOWS, count};
use super::generate::{END, favourite};
use super::names;
use crate::simulator::rng::{Stream, Subject, index, one_in_hundred};

/// The kind of a generated playlist.
#[derive(Debug, Clone, Copy)]
enum EditOrder {
    /// Own; with a few rows of every kind, including duplicates.
    Mixed,
    /// Own; as long as the library allows.
    Long,
    /// Own; more than a page of 100.
    OverHundred,
    /// Own; more than a page of 50.
    OverFifty,
    /// Own and empty.
    Empty,
    /// Own; so old that rows have no date and no person who added them.
    Old,
    /// Another person's that the account may edit.
    Shared,
    /// Own, and others may edit it.
    SharedOwn,
    /// Another person's.
    Foreign,
    /// Spotify's own: every row has a date in 1970.
    Spotify,
}

/// The first playlists of an account, so that even a small one has every kind.
const FIRST: [EditOrder; 10] = [
    EditOrder::Mixed,
    EditOrder::Foreign,
    EditOrder::Shared,
    EditOrder::OverFifty,
    EditOrder::Empty,
    EditOrder::Old,
    EditOrder::OverHundred,
    EditOrder::Spotify,
    EditOrder::SharedOwn,
    EditOrder::Long,
];

/// Gives the account `wanted` playlists of at most `most_rows` rows.
pub(in crate::simulator) fn fill(account: &mut SimAccount, wanted: u32, most_rows: usize, rng: &mut Stream) {
    for place in 0..wanted {
        let sort = FIRST.get(place as usize).copied().unwrap_or_else(|| any_sort(rng));
        let playlist = make(account, sort, most_rows);
        account.playlists.push(playlist);
    }
}

fn any_sort(rng: &mut Stream) -> EditOrder {
    match rng.random_range(0..100_u32) {
        0..=62 => EditOrder::Mixed,
        63..=68 => EditOrder::OverFifty,
        69..=71 => EditOrder::OverHundred,
        72..=73 => EditOrder::Empty,
        74..=76 => EditOrder::Old,
        77..=80 => EditOrder::Shared,
        81..=83 => EditOrder::SharedOwn,
        84..=95 => EditOrder::Foreign,
        _ => EditOrder::Spotify,
    }
}

/// A new, empty playlist of the account's own.
pub(in crate::simulator) fn new_own(account: &mut SimAccount) -> SimPlaylist {
    let number = account.playlists_made;
    account.playlists_made += 1;
    let mut rng = account.catalogue.chance.of(Subject::Playlist, number.into());
    SimPlaylist {
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

fn make(account: &mut SimAccount, sort: EditOrder, most_rows: usize) -> SimPlaylist {
    let mut playlist = new_own(account);
    // A separate stream, so that the lengths of earlier lists change nothing here.
    let mut rng = account.catalogue.chance.of(Subject::Playlist, 1 << 40 | u64::from(playlist.number));
    let stranger = Person::Other(rng.random_range(1..=40));
    playlist.owner = match sort {
        EditOrder::Shared | EditOrder::Foreign => stranger,
        EditOrder::Spotify => Person::Spotify,
        _ => Person::Me,
    };
    playlist.collaborative = matches!(sort, EditOrder::Shared | EditOrder::SharedOwn);
    playlist.public &= !playlist.collaborative;
    playlist.revision = rng.random_range(2..400);
    if one_in_hundred(&mut rng, 40) {
        playlist.description = Some(names::track(&mut rng));
    } else if one_in_hundred(&mut rng, 20) {
        playlist.description = None;
    }
    playlist.rows = rows(account, sort, most_rows, playlist.owner, &mut rng);
    playlist
}

fn length(sort: EditOrder, saved: usize, rng: &mut Stream) -> usize {
    match sort {
        EditOrder::Empty => 0,
        EditOrder::Long => (saved / 8).clamp(12, 1200),
        EditOrder::OverHundred => rng.random_range(101..=160),
        EditOrder::OverFifty => rng.random_range(51..=99),
        EditOrder::Old => rng.random_range(8..=30),
        EditOrder::Mixed
        | EditOrder::Shared
        | EditOrder::SharedOwn
        | EditOrder::Foreign
        | EditOrder::Spotify => rng.random_range(5..=48),
    }
}

/// The rows of a new list, the oldest first.
fn rows(
    account: &mut SimAccount,
    sort: EditOrder,
    most_rows: usize,
    owner: Person,
    rng: &mut Stream,
) -> Vec<SimRow> {
    let length = length(sort, account.tracks.len(), rng).min(most_rows);
    let mut at = END - rng.random_range(0..5 * 365 * 86_400);
    let mut rows: Vec<SimRow> = Vec::with_capacity(length);
    for place in 0..length {
        // Several rows are often added at once.
        if one_in_hundred(rng, 60) {
            at -= rng.random_range(1..4 * 86_400);
        }
        let slot = slot(account, &rows, place, rng);
        rows.push(row(sort, slot, at, owner, rng));
    }
    rows.reverse();
    rows
}

fn row(sort: EditOrder, slot: SimSlot, at: i64, owner: Person, rng: &mut Stream) -> SimRow {
    let by = match sort {
        EditOrder::Shared | EditOrder::SharedOwn if one_in_hundred(rng, 50) => Person::Me,
        EditOrder::Shared | EditOrder::SharedOwn => Person::Other(rng.random_range(1..=40)),
        _ => owner,
    };
    let (added_at, added_by) = match sort {
        EditOrder::Old if one_in_hundred(rng, 70) => (None, None),
        EditOrder::Spotify => (Some(0), Some(by)),
        _ => (Some(at), Some(by)),
    };
    SimRow { slot, added_at, added_by }
}

/// The content of row `place`: mostly tracks; the first rows include each other kind.
fn slot(account: &SimAccount, rows: &[SimRow], place: usize, rng: &mut Stream) -> SimSlot {
    let chosen = match place {
        2 => 0,
        3 => 3,
        4 => 6,
        7 => 8,
        _ => rng.random_range(0..100_u32),
    };
    match chosen {
        0..=2 => SimSlot::Episode(count(index(rng, (SHOWS * EPISODES_PER_SHOW) as usize))),
        3..=5 => SimSlot::Local(local_file(rng)),
        6..=7 => SimSlot::Unreadable,
        8..=11 if !rows.is_empty() => {
            rows.get(index(rng, rows.len())).map_or(SimSlot::Unreadable, |earlier| earlier.slot.clone())
        }
        _ => SimSlot::Track(favourite(account, rng)),
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
