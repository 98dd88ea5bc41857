//! Which rows describe one play, compared with the result from file numbers.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const FLIGHT: i64 = 1_688_290_000;

fn row(key: i64, file: i64) -> ToldRow {
    ToldRow {
        key,
        files: BTreeSet::from([file]),
        format: ExportFormat::Extended,
        reported: 1_688_322_033_000,
        ms_played: Some(200_000),
        song: Song { uri: "spotify:track:a".to_owned(), isrc: None, names: Song::names("a", "somebody") },
        offline: false,
        offline_timestamp: Some(FLIGHT),
        judges_skips: true,
    }
}

/// The same in the format of an older export.
fn old(key: i64, file: i64) -> ToldRow {
    ToldRow { offline_timestamp: Some(FLIGHT * 1000 + 846), judges_skips: false, ..row(key, file) }
}

fn offline(row: ToldRow, began: i64) -> ToldRow {
    let unit = if row.offline_timestamp.is_some_and(|at| at > 1_000_000_000_000) { 1000 } else { 1 };
    ToldRow { offline: true, offline_timestamp: Some(began * unit), ..row }
}

fn nameless(row: ToldRow) -> ToldRow {
    ToldRow { song: Song { uri: "phonolog:track::".to_owned(), ..Song::default() }, ..row }
}

/// Keys of the rows that provide a play.
fn telling(rows: &[ToldRow]) -> Vec<i64> {
    let told_by = duplicates(rows);
    assert!(told_by.values().all(|best| !told_by.contains_key(best)), "who tells it stands: {told_by:?}");
    rows.iter().map(|row| row.key).filter(|key| !told_by.contains_key(key)).collect()
}

#[test]
fn rows_of_two_exports_are_one_play_in_the_newest_words_whichever_came_first() {
    assert_eq!(telling(&[old(1, 1), row(2, 2)]), [2]);
    assert_eq!(telling(&[row(1, 1), old(2, 2)]), [1]);
    assert_eq!(telling(&[row(1, 1), row(2, 2)]), [2], "equally new words: the file that came later");
}

#[test]
fn another_end_length_song_or_format_is_another_play() {
    let renamed = Song { uri: "spotify:track:b".to_owned(), ..row(2, 2).song };
    assert_eq!(telling(&[row(1, 1), ToldRow { song: renamed, ..row(2, 2) }]), [2], "its names are the same");
    let other = Song { uri: "spotify:track:b".to_owned(), isrc: None, names: Song::names("b", "somebody") };
    for different in [
        ToldRow { song: other, ..row(2, 2) },
        ToldRow { reported: 1_688_322_034_000, ..row(2, 2) },
        ToldRow { ms_played: Some(200_001), ..row(2, 2) },
        ToldRow { format: ExportFormat::AccountData, ..row(2, 2) },
    ] {
        assert_eq!(telling(&[row(1, 1), different]), [1, 2]);
    }
}

#[test]
fn equal_rows_of_one_file_are_plays_of_their_own_and_a_second_export_adds_none() {
    assert_eq!(telling(&[row(1, 1), row(2, 1)]), [1, 2]);
    assert_eq!(telling(&[row(1, 1), row(2, 1), row(3, 2), row(4, 2)]).len(), 2);
    assert_eq!(
        telling(&[row(1, 1), row(2, 2), row(3, 2)]).len(),
        2,
        "the file that tells it most often counts"
    );
    let in_both = ToldRow { files: BTreeSet::from([1, 2]), ..row(1, 1) };
    assert_eq!(telling(&[in_both, row(2, 2)]).len(), 2, "one of the two is in the first file, too");
}

#[test]
fn exports_of_two_generations_that_were_joined_by_hand_are_two_files() {
    assert_eq!(telling(&[old(1, 1), row(2, 1)]), [2]);
}

#[test]
fn offline_plays_of_one_second_are_told_apart_by_their_beginnings() {
    let flight =
        [offline(old(1, 1), FLIGHT), offline(old(2, 1), FLIGHT + 300), offline(row(3, 2), FLIGHT + 300)];
    assert_eq!(telling(&flight), [1, 3]);
    let unknown = ToldRow { offline_timestamp: Some(0), ..offline(row(4, 3), 0) };
    assert_eq!(telling(&[flight[0].clone(), flight[1].clone(), unknown]).len(), 2, "it may be either");
}

#[test]
fn a_row_without_names_is_the_play_that_another_export_names() {
    assert_eq!(telling(&[nameless(row(1, 1)), row(2, 2)]), [2]);
    assert_eq!(telling(&[old(1, 1), nameless(row(2, 2))]), [1], "names go before newer words");
    assert_eq!(telling(&[nameless(row(1, 1)), nameless(old(2, 2))]), [1]);
    assert_eq!(telling(&[nameless(row(1, 1)), nameless(row(2, 1)), row(3, 2)]).len(), 2);
}

#[test]
fn rows_from_before_files_were_kept_are_of_one_file_where_they_came_in_a_row() {
    let before = |key: i64| ToldRow { files: BTreeSet::new(), ..row(key, 0) };
    assert_eq!(telling(&[before(1), before(2)]).len(), 2);
    assert_eq!(telling(&[before(1), before(41)]), [41]);
    assert_eq!(telling(&[before(1), before(2), before(41), before(42), row(99, 1)]).len(), 2);
}

proptest! {
    #[test]
    fn of_each_identity_there_are_as_many_plays_as_the_file_that_tells_it_most_often_has(
        counts in proptest::collection::vec((0..3_i64, 0..4_i64, 1..4_usize), 1..8),
        seed in any::<u64>(),
    ) {
        use rand::SeedableRng;
        use rand::seq::SliceRandom;

        let mut rows = Vec::new();
        let mut of_files: BTreeMap<(i64, i64), usize> = BTreeMap::new();
        for (second, file, count) in counts {
            for _ in 0..count {
                let key = i64::try_from(rows.len()).unwrap();
                // The files alternate between the old and the new format.
                let words = if file % 2 == 0 { old(key, file) } else { row(key, file) };
                rows.push(ToldRow { reported: words.reported + second * 1000, ..words });
            }
            *of_files.entry((second, file)).or_default() += count;
        }
        let most: usize = (0..3)
            .map(|second| (0..4).filter_map(|file| of_files.get(&(second, file))).max().copied().unwrap_or(0))
            .sum();
        let told = telling(&rows);
        prop_assert_eq!(told.len(), most);
        let before: BTreeSet<i64> = told.into_iter().collect();
        rows.shuffle(&mut rand_chacha::ChaCha8Rng::seed_from_u64(seed));
        prop_assert_eq!(telling(&rows).into_iter().collect::<BTreeSet<i64>>(), before);
    }
}
