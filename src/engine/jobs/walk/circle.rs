//! Pages that loop, and lists without an end.
//!
//! Owns: when a walk that finds nothing new is over. Must not know: what happens to the rows.

use crate::domain::Entity;

use super::ListWalk;
use crate::engine::error::JobError;

/// Consecutive pages that may show nothing new. A cursor always has a next page, so this is the
/// only sign of a loop. With offsets, many rows may have been removed meanwhile, and the walk may
/// have gone back by as many.
const REPEATS_BY_CURSOR: u8 = 2;
const REPEATS_BY_OFFSET: u8 = 20;
/// Rows that a list may show beyond its total before it is taken to be endless.
const ROWS_BEYOND_TOTAL: u32 = 1_000;

impl ListWalk<'_> {
    /// Pages that show only known rows are taken to loop.
    pub(super) async fn note_repeats(&mut self, rows: u32, fresh: u32) -> Result<(), JobError> {
        let total = self.cursor.total.unwrap_or_default();
        let is_endless = self.staged > total.saturating_mul(2).saturating_add(ROWS_BEYOND_TOTAL);
        self.cursor.has_more &= fresh > 0 && !is_endless;
        if rows == 0 || fresh > 0 {
            self.repeats = 0;
            return Ok(());
        }
        self.cursor.repeats += 1;
        self.repeats += 1;
        let (most, goes_on) = match self.job.entity {
            Entity::Artists => (REPEATS_BY_CURSOR, self.cursor.after.is_some()),
            _ => (REPEATS_BY_OFFSET, true),
        };
        if goes_on && self.repeats >= most {
            let why = format!(
                "Spotify repeats the same pages of {}; the rows so far are kept, the next try starts over",
                self.job.entity
            );
            return Err(self.give_up(JobError::Incomplete { why }).await?);
        }
        Ok(())
    }
}
