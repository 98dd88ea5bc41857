//! Rows of an extended history as plays, from when they come; those of account data wait to be settled.
//!
//! Owns: how such a row is written into `plays`, with the day and hour that the person's clocks showed, so
//! that summing up finds nothing to correct. Must not know: what else tells the same play.

use super::super::Result;
use super::super::sqlite::{self, Tx};
use super::super::stats::Keeping;
use crate::domain::Zone;

/// A span of time in which the clocks stood still against UTC: one statement writes all of its plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    first_ms: i64,
    last_ms: i64,
    /// Seconds that the clocks are ahead.
    ahead: i32,
}

/// The stretches in which plays ended at these times, in milliseconds since 1970.
pub(super) fn stretches(ended: impl Iterator<Item = i64>, zone: Zone) -> Vec<Stretch> {
    let mut ended: Vec<i64> = ended.collect();
    ended.sort_unstable();
    let mut stretches: Vec<Stretch> = Vec::new();
    for at in ended {
        let ahead = zone.ahead(sqlite::at_millis(at));
        match stretches.last_mut().filter(|last| last.ahead == ahead) {
            Some(last) => last.last_ms = at,
            None => stretches.push(Stretch { first_ms: at, last_ms: at, ahead }),
        }
    }
    stretches
}

const PLAYS: &str = "
insert into plays (account_id, played_at, uri, track_id, episode_id, ms_played, source, skipped, counts,
                   local_day, local_hour, export_row_id)
select r.account_id, strftime('%Y-%m-%dT%H:%M:%fZ', r.ended_ms / 1000.0, 'unixepoch'),
       i.uri, i.track_id, i.episode_id, r.ms_played, r.format, c.skipped,
       ifnull(r.ms_played, ?5) >= ?5,
       (r.ended_ms / 1000 + ?4) / 86400, (r.ended_ms / 1000 + ?4) % 86400 / 3600, r.id
from export_rows r
join export_items i on i.id = r.item_id
join export_circumstances c on c.id = r.circumstances_id
where r.id > ?1 and r.ended_ms between ?2 and ?3 and r.format = 'extended'
order by r.id";

impl Stretch {
    /// Writes the plays of the rows that came after row `before`.
    pub(super) async fn become_plays(self, tx: &mut Tx, before: i64, keeping: Keeping) -> Result<()> {
        sqlx::query(PLAYS)
            .bind(before)
            .bind(self.first_ms)
            .bind(self.last_ms)
            .bind(self.ahead)
            .bind(keeping.counts_from_ms)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Stretch, stretches};
    use crate::domain::Zone;

    #[test]
    fn clocks_that_are_set_begin_a_new_stretch() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        // 2026-03-29 01:00 UTC is when summer time begins.
        let summer_ms = 1_774_746_000_000;
        let ended = [summer_ms + 5, summer_ms - 1, summer_ms, summer_ms - 7].into_iter();
        let winter = Stretch { first_ms: summer_ms - 7, last_ms: summer_ms - 1, ahead: 3_600 };
        let summer = Stretch { first_ms: summer_ms, last_ms: summer_ms + 5, ahead: 7_200 };
        assert_eq!(stretches(ended, berlin), [winter, summer]);
    }
}
