//! The removal search against a model of an account, and how many requests it needs.

mod counts;
mod model;

use std::cell::Cell;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{TestCaseError, TestRunner};

use super::{Outlook, Unsettled};
use model::{Account, Edit, First, Mischief, Reader, any_edit, first_rows, plain_edit};

/// A list when it was first read, what happened to it, and the number of rows in a page at the head
/// and in a probe.
type Case = (Vec<First>, Vec<Edit>, (u32, u32));

fn reader((first, edits, sizes): &Case) -> Reader {
    let mut reader = Reader::of(Account::new(first));
    for edit in edits {
        reader.account.edit(edit);
    }
    reader.sizes = *sizes;
    reader
}

fn sizes() -> impl Strategy<Value = (u32, u32)> {
    (2_u32..8, 3_u32..10)
}

/// Lists in which every change can be found.
fn plain_case(rows: usize) -> impl Strategy<Value = Case> {
    (first_rows(rows, false, false), prop::collection::vec(plain_edit(), 0..8), sizes())
}

/// Lists with null rows and with several tracks of one recording.
fn any_case() -> impl Strategy<Value = Case> {
    (first_rows(60, true, true), prop::collection::vec(any_edit(), 0..12), sizes())
}

/// Checks a property on many cases. The property returns whether the reading finished. At least
/// `least` of a hundred must finish, because a reading that gave up proves nothing.
fn try_all<S: Strategy>(least: u32, cases: &S, property: impl Fn(S::Value) -> Result<bool, TestCaseError>) {
    let cases_wanted = std::env::var("CASES").map_or(1000, |cases| cases.parse().unwrap());
    let config = ProptestConfig { source_file: Some(file!()), ..ProptestConfig::with_cases(cases_wanted) };
    let (tried, settled) = (Cell::new(0), Cell::new(0));
    let ended = TestRunner::new(config).run(cases, |case| {
        tried.set(tried.get() + 1);
        settled.set(settled.get() + u32::from(property(case)?));
        Ok(())
    });
    assert!(ended.is_ok(), "{}", ended.unwrap_err());
    let share = 100 * settled.get() / tried.get().max(1);
    assert!(share >= least, "{share} of a hundred readings came to an outcome, {least} at least should");
}

/// Reads once. If the reading finishes, the result must equal the account's list.
fn is_read_right(reader: &mut Reader) -> Result<bool, TestCaseError> {
    let Ok(read) = reader.read() else { return Ok(false) };
    prop_assert_eq!(reader.wrongly_gone(&read), Vec::<i64>::new(), "{}", reader);
    prop_assert_eq!(reader.differs(&read), None, "{}\n{:?}", reader, read.outcome);
    Ok(true)
}

/// The search never gives up on a long list with few changes.
#[test]
fn a_few_changes_of_a_long_list_are_always_told() {
    let rows = prop::collection::vec((0_u8..3, any::<bool>()), 300..400).prop_map(|rows| {
        let row = |(seconds, has_isrc): (u8, bool)| First {
            seconds: i64::from(seconds / 2),
            has_isrc,
            recording: None,
            is_null: false,
        };
        rows.into_iter().map(row).collect::<Vec<_>>()
    });
    let index = any::<Index>;
    let edit = prop_oneof![
        Just(Edit::Add { is_null: false }),
        index().prop_map(|at| Edit::Remove(at, 1)),
        index().prop_map(Edit::Resave),
    ];
    try_all(100, &(rows, prop::collection::vec(edit, 1..4), (8_u32..12, 10_u32..20)), |case| {
        let mut reader = reader(&case);
        let is_settled = is_read_right(&mut reader)?;
        prop_assert!(is_settled, "{}", reader);
        Ok(true)
    });
}

#[test]
fn what_can_be_told_is_told() {
    try_all(70, &plain_case(80), |case| {
        let mut reader = reader(&case);
        let why = match reader.read() {
            Ok(read) => {
                prop_assert_eq!(reader.wrongly_gone(&read), Vec::<i64>::new(), "{}", reader);
                prop_assert_eq!(reader.differs(&read), None, "{}\n{:?}", reader, read.outcome);
                return Ok(true);
            }
            Err(why) => why,
        };
        let fine = [
            "no row of the page is known",
            "nothing is known",
            "so much is gone that finding it costs as much as reading all",
        ];
        prop_assert!(matches!(why, Unsettled::Walk(why) if fine.contains(&why)), "{:?}", why);
        Ok(false)
    });
}

/// The forecast from the top of the list equals what the reading then needs.
#[test]
fn a_forecast_comes_true() {
    try_all(70, &(plain_case(150), 1_u32..4), |(case, pages)| {
        let mut reader = reader(&case);
        let outlook = reader.outlook(reader.sizes.0 * pages);
        let before = reader.account.rows.len();
        let read = reader.read().map(|read| read.outcome);
        match (outlook, read) {
            (Outlook::RemovalSearch(told), Ok(outcome)) => {
                let (least, most) = told.probes;
                prop_assert!((least..=most).contains(&reader.probes), "{:?}: {}", told, reader.probes);
                prop_assert_eq!(told.gone as usize, outcome.gone.len());
                prop_assert_eq!(told.resaved as usize, outcome.resaved.len());
                prop_assert_eq!(before, reader.account.rows.len());
                return Ok(true);
            }
            (Outlook::Walk { .. }, Err(Unsettled::Walk(_))) | (Outlook::Deep, _) => {}
            (told, read) => prop_assert!(false, "{:?} was told and {:?} came", told, read),
        }
        Ok(false)
    });
}

#[test]
fn nothing_that_stands_is_called_gone() {
    try_all(60, &any_case(), |case| is_read_right(&mut reader(&case)));
}

#[test]
fn a_row_that_a_probe_leaves_out_is_not_called_gone() {
    try_all(35, &(any_case(), 1_u32..6, any::<Index>(), any::<bool>()), |(case, probe, row, full)| {
        let mut reader = reader(&case);
        reader.mischief.push(Mischief::LeavesOut(probe, row, full));
        is_read_right(&mut reader)
    });
}

/// Spotify cannot be asked about a slot without a track, so only a second reading can show that it
/// is there.
#[test]
fn a_slot_without_a_track_that_a_probe_leaves_out_is_not_called_gone() {
    let with_null_rows = |(mut rows, edits, sizes): Case| {
        for row in rows.iter_mut().skip(2).step_by(3) {
            row.is_null = true;
        }
        (rows, edits, sizes)
    };
    let edits = prop::collection::vec(any::<Index>().prop_map(|at| Edit::Remove(at, 1)), 1..3);
    let cases = (first_rows(60, false, false), edits, sizes()).prop_map(with_null_rows);
    try_all(20, &(cases, 1_u32..4, any::<Index>(), any::<bool>()), |(case, probe, row, full)| {
        let mut reader = reader(&case);
        reader.mischief.push(Mischief::LeavesOut(probe, row, full));
        is_read_right(&mut reader)
    });
}

#[test]
fn a_list_that_moves_while_it_is_read_is_read_right_or_given_up() {
    let more = || prop::collection::vec(plain_edit(), 1..4);
    let moves = (0_usize..6, more(), 0_usize..10, more());
    try_all(18, &(any_case(), moves), |(case, (first, some, second, others))| {
        let mut reader = reader(&case);
        reader.mischief.push(Mischief::Moves(first, some));
        reader.mischief.push(Mischief::Moves(second, others));
        is_read_right(&mut reader)
    });
}

#[test]
fn a_library_that_knows_the_saved_ids_alone_takes_nothing_away() {
    try_all(60, &any_case(), |case| {
        let mut reader = reader(&case);
        reader.knows_saved_ids_only = true;
        is_read_right(&mut reader)
    });
}

#[test]
fn a_library_that_knows_the_shown_ids_alone_takes_nothing_away() {
    try_all(60, &any_case(), |case| {
        let mut reader = reader(&case);
        reader.knows_shown_ids_only = true;
        is_read_right(&mut reader)
    });
}

#[test]
fn a_search_that_is_taken_up_again_ends_as_one_that_was_not_cut_off() {
    try_all(60, &any_case(), |case| {
        let (mut straight, mut again) = (reader(&case), reader(&case));
        again.resumes = true;
        let (one, other) = (straight.read().map(|read| read.outcome), again.read().map(|read| read.outcome));
        prop_assert_eq!(&one, &other, "{}", straight);
        prop_assert_eq!(straight.probes, again.probes);
        Ok(one.is_ok())
    });
}

#[test]
fn what_comes_to_be_listed_under_another_rows_id_is_not_called_gone() {
    let relink = (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Edit::RelinkTo(one, other));
    let edits = prop::collection::vec(prop_oneof![any_edit(), relink], 0..12);
    let cases = ((first_rows(60, true, true), edits, sizes()), 1_usize..4);
    try_all(45, &cases, |(case, short)| {
        let mut reader = reader(&case);
        reader.mischief.push(Mischief::Short(short));
        let Ok(read) = reader.read() else { return Ok(false) };
        prop_assert_eq!(reader.still_listed(&read), Vec::<i64>::new(), "{}", reader);
        Ok(true)
    });
}
