//! Plays that are listed late, out of order, or with another stamp.
//!
//! Owns: the effect of such faults on the history that `recently-played` shows. The stored account
//! keeps the real end of every play.

use std::borrow::Cow;

use super::fault_kind::FaultKind;
use super::strikes::{Bend, millis};
use crate::simulator::content::account::{SimAccount, SimPlay};
use crate::simulator::content::mutation::StampedAt;
use crate::simulator::time::Millis;

const HOUR: Millis = 3_600_000;
/// One play in this many is late.
const ONE_OF: u32 = 3;

/// The history as a fault shows it.
pub(in crate::simulator) fn list(bend: &Bend, shown: &mut Cow<'_, SimAccount>, now: Millis) {
    match bend.fault.kind {
        FaultKind::StalledPlays => shown.to_mut().plays.retain(|play| play.played_at <= bend.since),
        FaultKind::LatePlays => {
            let late = bend.fault.late.map_or(HOUR, millis);
            let one_of = bend.fault.every_play.unwrap_or(ONE_OF).max(1) as usize;
            let account = shown.to_mut();
            account.plays = listed(std::mem::take(&mut account.plays), late, one_of, now);
        }
        FaultKind::StartStamps => shown.to_mut().stamped_at = StampedAt::Start,
        _ => {}
    }
}

/// The plays that are listed by now, in the order in which they appeared. Later plays do not change
/// whether a play is late.
fn listed(plays: Vec<SimPlay>, late: Millis, one_of: usize, now: Millis) -> Vec<SimPlay> {
    let mut listed: Vec<(Millis, SimPlay)> = Vec::with_capacity(plays.len());
    let mut newest = Millis::MIN;
    for play in plays {
        // A play that was late in the history itself stays at its place.
        newest = newest.max(play.played_at);
        let is_late = play.played_at.unsigned_abs() % one_of as u64 == 0;
        listed.push((if is_late { newest.saturating_add(late) } else { newest }, play));
    }
    listed.retain(|(at, _)| *at <= now);
    listed.sort_by_key(|(at, _)| *at);
    listed.into_iter().map(|(_, play)| play).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_play_comes_on_top_of_newer_ones_and_stays_there() {
        let play = |played_at| SimPlay { track: 1, played_at, context: None };
        let order = |now| {
            let plays = listed([7, 11, 12, 13, 20].map(play).into(), 10, 3, now);
            plays.into_iter().map(|play| play.played_at).collect::<Vec<_>>()
        };
        assert_eq!(order(13), [7, 11, 13], "12 is late");
        assert_eq!(order(21), [7, 11, 13, 20]);
        assert_eq!(order(22), [7, 11, 13, 20, 12]);
        assert_eq!(order(99), [7, 11, 13, 20, 12]);
    }
}
