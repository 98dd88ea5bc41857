//! The survey against a model of an account, and how many requests it takes.

mod counts;
mod model;

use proptest::prelude::*;
use proptest::sample::Index;

use super::{Outlook, Unsettled};
use model::{Account, Edit, First, Mischief, Reader, any_edit, first_rows, plain_edit};

fn reader(first: &[First], edits: &[Edit], sizes: (u32, u32)) -> Reader {
    let mut reader = Reader::of(Account::new(first));
    for edit in edits {
        reader.account.edit(edit);
    }
    reader.sizes = sizes;
    reader
}

fn sizes() -> impl Strategy<Value = (u32, u32)> {
    (2_u32..8, 3_u32..10)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(std::env::var("CASES").map_or(1000, |c| c.parse().unwrap())))]

    #[test]
    fn what_can_be_told_is_told(
        first in first_rows(80, false, false),
        edits in prop::collection::vec(plain_edit(), 0..8),
        sizes in sizes(),
    ) {
        let mut reader = reader(&first, &edits, sizes);
        match reader.read() {
            Ok(read) => {
                prop_assert_eq!(reader.wrongly_gone(&read), Vec::<i64>::new(), "{}", reader);
                prop_assert_eq!(reader.differs(&read), None, "{}\n{:?}", reader, read.outcome);
            }
            Err(why) => {
                let fine = ["no row of the page is known", "nothing is known", "so much is gone that finding it costs as much as reading all"];
                prop_assert!(matches!(why, Unsettled::Sweep(why) if fine.contains(&why)), "{:?}", why);
            }
        }
    }

    /// What is told from the top of the list is what reading it then takes.
    #[test]
    fn a_forecast_comes_true(
        first in first_rows(150, false, false),
        edits in prop::collection::vec(plain_edit(), 0..8),
        sizes in sizes(), pages in 1_u32..4,
    ) {
        let mut reader = reader(&first, &edits, sizes);
        let outlook = reader.outlook(sizes.0 * pages);
        let before = reader.account.rows.len();
        let read = reader.read().map(|read| read.outcome);
        match (outlook, read) {
            (Outlook::Survey(told), Ok(outcome)) => {
                let (least, most) = told.probes;
                prop_assert!((least..=most).contains(&reader.probes), "{:?}: {}", told, reader.probes);
                prop_assert_eq!(told.gone as usize, outcome.gone.len());
                prop_assert_eq!(told.resaved as usize, outcome.resaved.len());
                prop_assert_eq!(before, reader.account.rows.len());
            }
            (Outlook::Sweep { .. }, Err(Unsettled::Sweep(_))) | (Outlook::Deep, _) => {}
            (told, read) => prop_assert!(false, "{:?} was told and {:?} came", told, read),
        }
    }

    #[test]
    fn nothing_that_stands_is_called_gone(
        first in first_rows(60, true, true),
        edits in prop::collection::vec(any_edit(), 0..12),
        sizes in sizes(),
    ) {
        let mut reader = reader(&first, &edits, sizes);
        if let Ok(read) = reader.read() {
            prop_assert_eq!(reader.wrongly_gone(&read), Vec::<i64>::new(), "{}", reader);
            prop_assert_eq!(reader.differs(&read), None, "{}\n{:?}", reader, read.outcome);
        }
    }

    #[test]
    fn left_out(
        first in first_rows(60, true, true),
        edits in prop::collection::vec(any_edit(), 0..12),
        sizes in sizes(),
        probe in 1_u32..6, row in any::<Index>(), full in any::<bool>(),
    ) {
        let mut reader = reader(&first, &edits, sizes);
        reader.mischief.push(Mischief::LeavesOut(probe, row, full));
        if let Ok(read) = reader.read() {
            prop_assert_eq!(reader.wrongly_gone(&read), Vec::<i64>::new(), "{}", reader);
            prop_assert_eq!(reader.differs(&read), None, "{}\n{:?}", reader, read.outcome);
        }
    }

    #[test]
    fn moves(
        first in first_rows(60, true, true),
        edits in prop::collection::vec(any_edit(), 0..8),
        sizes in sizes(),
        answer in 0_usize..6, more in prop::collection::vec(plain_edit(), 1..4),
        answer2 in 0_usize..10, more2 in prop::collection::vec(plain_edit(), 1..4),
    ) {
        let mut reader = reader(&first, &edits, sizes);
        reader.mischief.push(Mischief::Moves(answer, more));
        reader.mischief.push(Mischief::Moves(answer2, more2));
        if let Ok(read) = reader.read() {
            prop_assert_eq!(reader.wrongly_gone(&read), Vec::<i64>::new(), "{}", reader);
            prop_assert_eq!(reader.differs(&read), None, "{}\n{:?}", reader, read.outcome);
        }
    }
    #[test]
    fn saved_only(
        first in first_rows(60, true, true),
        edits in prop::collection::vec(any_edit(), 0..12),
        sizes in sizes(),
    ) {
        let mut reader = reader(&first, &edits, sizes);
        reader.knows_saved_ids_only = true;
        if let Ok(read) = reader.read() {
            prop_assert_eq!(reader.wrongly_gone(&read), Vec::<i64>::new(), "{}", reader);
            prop_assert_eq!(reader.differs(&read), None, "{}\n{:?}", reader, read.outcome);
        }
    }
    #[test]
    fn shown_only(
        first in first_rows(60, true, true),
        edits in prop::collection::vec(any_edit(), 0..12),
        sizes in sizes(),
    ) {
        let mut reader = reader(&first, &edits, sizes);
        reader.knows_shown_ids_only = true;
        if let Ok(read) = reader.read() {
            prop_assert_eq!(reader.wrongly_gone(&read), Vec::<i64>::new(), "{}", reader);
            prop_assert_eq!(reader.differs(&read), None, "{}\n{:?}", reader, read.outcome);
        }
    }

    #[test]
    fn resume(
        first in first_rows(60, true, true),
        edits in prop::collection::vec(any_edit(), 0..12),
        sizes in sizes(),
    ) {
        let mut straight = reader(&first, &edits, sizes);
        let mut again = reader(&first, &edits, sizes);
        again.resumes = true;
        prop_assert_eq!(straight.read().map(|r| r.outcome), again.read().map(|r| r.outcome), "{}", straight);
        prop_assert_eq!(straight.probes, again.probes);
    }
    #[test]
    fn relink_to(
        first in first_rows(60, true, true),
        edits in prop::collection::vec(prop_oneof![any_edit(), (any::<Index>(), any::<Index>()).prop_map(|(a,b)| Edit::RelinkTo(a,b))], 0..12),
        sizes in sizes(), short in 1_usize..4,
    ) {
        let mut reader = reader(&first, &edits, sizes);
        reader.mischief.push(Mischief::Short(short));
        if let Ok(read) = reader.read() {
            prop_assert_eq!(reader.still_listed(&read), Vec::<i64>::new(), "{}", reader);
        }
    }
}
