//! Order keys with gaps between them, so that a new slot moves no other slot.
//!
//! Owns: the order keys of the slots of a new version of a playlist. Pure. Must not know: what a
//! slot contains.

/// The distance between two adjacent keys. It leaves room for sixteen slots that are inserted one
/// after another at the same spot, before all slots get new keys.
const GAP: i64 = 1 << 16;

/// The keys of a list from its top, ascending. Slots that stay give their key, also ascending, and
/// keep it. All slots get new keys only if there is no room left for the new ones.
pub(in crate::store) fn around(staying: &[Option<i64>]) -> Vec<i64> {
    fit(staying).unwrap_or_else(|| (0..).map(|place| place * GAP).take(staying.len()).collect())
}

fn fit(staying: &[Option<i64>]) -> Option<Vec<i64>> {
    let mut ords: Vec<i64> = Vec::with_capacity(staying.len());
    for run in staying.split_inclusive(Option::is_some) {
        let below = run.last().copied().flatten();
        let coming = run.len() - usize::from(below.is_some());
        let new = between(ords.last().copied(), below, i64::try_from(coming).ok()?)?;
        ords.extend(new);
        ords.extend(below);
    }
    Some(ords)
}

/// Keys for `count` slots between two used keys.
fn between(above: Option<i64>, below: Option<i64>, count: i64) -> Option<Vec<i64>> {
    let (first, step) = match (above, below) {
        (None, None) => (0, GAP),
        (Some(above), None) => (above + GAP, GAP),
        (None, Some(below)) => (below - count * GAP, GAP),
        (Some(above), Some(below)) => {
            let step = (below - above) / (count + 1);
            (above + step, step)
        }
    };
    (count == 0 || step > 0).then(|| (0..count).map(|place| first + place * step).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_comes_first_last_or_between_moves_nothing() {
        let list = around(&[None, None]);
        assert_eq!(list, [0, GAP]);
        assert_eq!(around(&[None, Some(0), Some(GAP)]), [-GAP, 0, GAP]);
        assert_eq!(around(&[Some(0), Some(GAP), None]), [0, GAP, 2 * GAP]);
        assert_eq!(around(&[Some(0), None, Some(GAP)]), [0, GAP / 2, GAP]);
        assert_eq!(around(&[]), Vec::<i64>::new());
    }

    #[test]
    fn without_room_all_take_new_places() {
        assert_eq!(around(&[Some(0), None, Some(1)]), [0, GAP, 2 * GAP]);
    }

    proptest! {
        #[test]
        fn places_ascend_and_those_who_stay_keep_theirs_or_nobody_does(
            gaps in prop::collection::vec((1_i64..40, any::<bool>()), 0..40)
        ) {
            let mut ord = -100;
            let staying: Vec<Option<i64>> = gaps
                .into_iter()
                .map(|(gap, stays)| {
                    ord += gap;
                    stays.then_some(ord)
                })
                .collect();
            let ords = around(&staying);
            prop_assert_eq!(ords.len(), staying.len());
            prop_assert!(ords.is_sorted_by(|a, b| a < b));
            let kept = staying.iter().zip(&ords).all(|(stays, ord)| stays.is_none_or(|stays| stays == *ord));
            prop_assert!(kept || ords.iter().zip(0..).all(|(ord, place)| *ord == place * GAP));
        }
    }
}
