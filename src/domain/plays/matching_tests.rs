//! Matching, compared with a model that tries every combination.

use std::cmp::Reverse;

use proptest::prelude::*;

use super::*;

fn song(name: &str) -> Song {
    Song { uri: format!("spotify:track:{name}"), isrc: None, names: Song::names(name, "somebody") }
}

/// Stamps of one song, in seconds; no answer relates them, so each is a play.
fn stamps(seconds: &[i64]) -> Vec<Stamp> {
    let stamp =
        |(key, second): (i64, &i64)| Stamp { key, at: second * 1000, song: song("a"), duration_ms: None };
    (0..).zip(seconds).map(stamp).collect()
}

/// Rows of that song by their end and length in seconds.
fn rows(of: &[(i64, i64)], format: ExportFormat) -> Vec<ExportedPlay> {
    let row = |(key, (second, seconds)): (i64, &(i64, i64))| ExportedPlay {
        key,
        format,
        ended: second * 1000,
        reported: second * 1000,
        ms_played: Some(seconds * 1000),
        song: song("a"),
        rest: String::new(),
    };
    (0..).zip(of).map(row).collect()
}

/// Whether a play with this end and length may have this stamp, in seconds.
fn is_possible(stamp: i64, (end, length): (i64, i64)) -> bool {
    if length < 30 { (stamp - end).abs() <= 5 } else { (end - length - 5..=end + 5).contains(&stamp) }
}

/// The quality of some pairs: how many, how few of them have a row too short to be listed, how near
/// they are.
type Worth = (usize, Reverse<usize>, Reverse<i64>);

/// The quality of the best pairs that keep the order of time, found by trying all; stamps and rows
/// are given in that order. `apart` is the distance between a stamp and a row's end, in seconds, if
/// they may be one play.
fn best(stamps: &[i64], rows: &[(i64, i64)], apart: fn(i64, (i64, i64)) -> Option<i64>) -> Worth {
    let nothing = (0, Reverse(0), Reverse(0));
    let Some((stamp, later)) = stamps.split_first() else { return nothing };
    let with = rows.iter().enumerate().filter_map(|(place, row)| {
        let (pairs, Reverse(short), Reverse(seconds)) = best(later, &rows[place + 1..], apart);
        let short = short + usize::from(row.1 < 30);
        Some((pairs + 1, Reverse(short), Reverse(seconds + apart(*stamp, *row)?)))
    });
    with.max().unwrap_or(nothing).max(best(later, rows, apart))
}

/// The quality of these pairs, given by the index of a stamp and of a row.
fn worth(
    pairs: &[(usize, usize)],
    stamps: &[i64],
    rows: &[(i64, i64)],
    apart: fn(i64, (i64, i64)) -> Option<i64>,
) -> Option<Worth> {
    let short = pairs.iter().filter(|(_, row)| rows[*row].1 < 30).count();
    let seconds: Option<Vec<i64>> =
        pairs.iter().map(|(stamp, row)| apart(stamps[*stamp], rows[*row])).collect();
    Some((pairs.len(), Reverse(short), Reverse(seconds?.iter().sum())))
}

/// From the end of an extended row.
fn apart_of_extended(stamp: i64, row: (i64, i64)) -> Option<i64> {
    is_possible(stamp, row).then_some((stamp - row.0).abs())
}

/// From the nearest end in the minute of a row of account data.
fn apart_of_account_data(stamp: i64, (minute, length): (i64, i64)) -> Option<i64> {
    let ends = minute..minute + 60;
    ends.clone()
        .any(|end| is_possible(stamp, (end, length)))
        .then(|| ends.map(|end| (stamp - end).abs()).min())?
}

fn pairs(plays: &[DerivedPlay]) -> Vec<(usize, usize)> {
    let place = |key: Option<i64>| key.and_then(|key| usize::try_from(key).ok());
    let mut pairs: Vec<_> =
        plays.iter().filter_map(|play| Some((place(play.stamp)?, place(play.row)?))).collect();
    pairs.sort_unstable();
    pairs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn pairs_keep_the_order_of_time_leave_the_fewest_over_and_are_the_nearest(
        mut at in proptest::collection::vec(0..900_i64, 0..6),
        mut ended in proptest::collection::vec((0..900_i64, prop_oneof![1..40_i64, 100..250_i64]), 0..6),
    ) {
        at.sort_unstable();
        ended.sort_unstable_by_key(|(end, length)| (*end, *length));
        let plays = derive(&stamps(&at), &[], &rows(&ended, ExportFormat::Extended));
        let pairs = pairs(&plays);
        let worth = worth(&pairs, &at, &ended, apart_of_extended);
        prop_assert_eq!(worth, Some(best(&at, &ended, apart_of_extended)), "{:?}", pairs);
        prop_assert!(pairs.windows(2).all(|two| at[two[0].0] <= at[two[1].0] && ended[two[0].1].0 <= ended[two[1].1].0));
        // An earlier play is still a play, or is now one with a row.
        let mut told: Vec<i64> = plays.iter().filter_map(|play| play.stamp).collect();
        told.sort_unstable();
        prop_assert_eq!(told, (0..).take(at.len()).collect::<Vec<i64>>());
        prop_assert_eq!(plays.len(), at.len() + ended.len() - pairs.len());
    }

    #[test]
    fn account_data_lose_no_play_and_have_the_nearest_stamps_of_their_minutes(
        mut at in proptest::collection::vec(0..900_i64, 0..6),
        ended in proptest::collection::vec((0..15_i64, 1..250_i64), 0..6),
    ) {
        at.sort_unstable();
        let mut minutes: Vec<_> = ended.iter().map(|(minute, length)| (minute * 60, *length)).collect();
        minutes.sort_unstable();
        let plays = derive(&stamps(&at), &[], &rows(&minutes, ExportFormat::AccountData));
        let pairs = pairs(&plays);
        prop_assert_eq!(plays.len(), at.len() + ended.len() - pairs.len());
        let worth = worth(&pairs, &at, &minutes, apart_of_account_data);
        prop_assert_eq!(worth, Some(best(&at, &minutes, apart_of_account_data)), "{:?}", pairs);
    }
}

#[test]
fn a_row_too_short_to_be_listed_takes_no_play_away() {
    // The whole song was played; the export begins or ends between its end and a few seconds later.
    for short in [(950, 12), (1019, 18), (1001, 0)] {
        let plays = derive(&stamps(&[1000]), &[], &rows(&[short], ExportFormat::Extended));
        let expected = if short == (1001, 0) { 1 } else { 2 };
        assert_eq!(plays.len(), expected, "{short:?}");
    }
    let both = derive(&stamps(&[1000]), &[], &rows(&[(999, 200), (1000, 3)], ExportFormat::Extended));
    assert_eq!(pairs(&both), [(0, 0)], "a row that can have been listed goes first");
}

#[test]
fn stamps_at_the_starts_of_a_song_twice_in_a_row_are_its_two_plays() {
    let at_starts = stamps(&[100, 300]);
    let plays = derive(&at_starts, &[], &rows(&[(300, 200), (500, 200)], ExportFormat::Extended));
    assert_eq!((plays.len(), pairs(&plays)), (2, vec![(0, 0), (1, 1)]));
    let thrice = rows(&[(300, 200), (500, 200), (700, 200)], ExportFormat::Extended);
    assert_eq!(derive(&stamps(&[100, 300, 500]), &[], &thrice).len(), 3);
}

#[test]
fn account_data_give_the_stamp_to_the_play_that_was_listed() {
    let minute = rows(&[(1200, 20), (1200, 35)], ExportFormat::AccountData);
    let plays = derive(&stamps(&[1255]), &[], &minute);
    assert_eq!((plays.len(), pairs(&plays)), (2, vec![(0, 1)]));
}

#[test]
fn an_offline_play_is_matched_where_it_was_heard_or_where_it_was_reported() {
    let mut offline = rows(&[(30_000, 200)], ExportFormat::Extended);
    offline[0].ended = 10_000_000;
    for (stamp, expected) in [(10_001, 1), (9_801, 1), (30_001, 1), (20_000, 2)] {
        let plays = derive(&stamps(&[stamp]), &[], &offline);
        assert_eq!(plays.len(), expected, "{stamp}");
        assert!(plays.iter().any(|play| play.played_at == 10_000_000), "the play's own time stands");
    }
}

#[test]
fn a_row_that_names_nothing_is_the_play_that_the_api_listed_in_that_second() {
    let mut nameless = rows(&[(300, 200)], ExportFormat::Extended);
    nameless[0].song = Song { uri: "phonolog:track::".to_owned(), ..Song::default() };
    let plays = derive(&stamps(&[302]), &[], &nameless);
    assert_eq!((plays.len(), plays[0].told_by, plays[0].row), (1, ToldBy::Stamp, Some(0)));
    assert_eq!(derive(&stamps(&[306]), &[], &nameless).len(), 2);
    let named = rows(&[(301, 200)], ExportFormat::Extended);
    let both = [nameless[0].clone(), ExportedPlay { key: 1, ..named[0].clone() }];
    assert_eq!(pairs(&derive(&stamps(&[302]), &[], &both)), [(0, 1)], "who names the song goes first");
}
