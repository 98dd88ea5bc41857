//! Continues a walk over the saved tracks although the list has moved.
//!
//! Owns: where it continues. Must not know: how a move is noticed, or what happens to a walk that
//! cannot continue.

use crate::domain::{Row, Saved, Track};
use crate::store::ListRows;

use super::{ListWalk, top_of};
use crate::engine::error::JobError;
use crate::engine::jobs::list::{FetchedPage, ListPosition};

/// Pages that are read from the top to find the rows that were there before.
const SHIFT_PAGES: u32 = 10;

impl ListWalk<'_> {
    /// Saved tracks are newest first, so rows that were added meanwhile are above the rows that
    /// were at the top before. They are staged there. The walk moves forward by as many places as
    /// the list has grown, but by no more than the number of rows that were added at the top: if a
    /// total grows without them, it says nothing about where rows are. If rows were removed
    /// meanwhile, the walk goes back, never forward, and a row that is read twice is staged once.
    pub(super) async fn shift(&mut self, top: FetchedPage) -> Result<bool, JobError> {
        let Some(old_total) = self.cursor.total else {
            return Ok(false);
        };
        let new_top = top_of(&top);
        let (new_total, mut page, mut above) = (top.total, top, Vec::new());
        for _ in 0..SHIFT_PAGES {
            self.cursor.is_doubtful |= page.is_short;
            let anchor = page.keys().iter().position(|key| self.cursor.top.contains(key));
            let at_end = page.at_end;
            let ListRows::Tracks(rows) = page.rows else {
                return Ok(false);
            };
            above.extend(rows.into_iter().take(anchor.unwrap_or(usize::MAX)));
            if anchor.is_some() {
                return self.go_on_shifted(above, new_top, old_total, new_total).await.map(|()| true);
            }
            let offset = u32::try_from(above.len()).unwrap_or(u32::MAX);
            let place = ListPosition { offset, ..ListPosition::top(self.surplus) };
            if at_end || place.offset >= new_total {
                break;
            }
            page = self.fetch(&place, self.job.ctx.settings.sync().incremental_batch).await?;
            if page.total != new_total {
                break;
            }
        }
        Ok(false)
    }

    async fn go_on_shifted(
        &mut self,
        above: Vec<Row<Saved<Track>>>,
        new_top: Vec<String>,
        old_total: u32,
        new_total: u32,
    ) -> Result<(), JobError> {
        let count = u32::try_from(above.len()).unwrap_or(u32::MAX);
        let grown = (i64::from(new_total) - i64::from(old_total)).min(i64::from(count));
        let offset = (i64::from(self.cursor.offset) + grown).clamp(i64::from(count), i64::from(new_total));
        self.cursor.offset = u32::try_from(offset).unwrap_or(new_total);
        self.cursor.total = Some(new_total);
        self.cursor.top = new_top;
        self.cursor.top_ord -= i64::from(count);
        self.stage(ListRows::Tracks(above), self.cursor.top_ord).await?;
        Ok(())
    }
}
