//! A list of which only the first page was read.
//!
//! Owns: when such a page shows that the list is unchanged. Must not know: when the first page is
//! enough.

use chrono::{DateTime, Utc};

use super::lists::{LibraryList, ListSlot};
use crate::domain::{RunId, SyncState};
use crate::store::state::sync_state::{self, EntityDone};
use crate::store::{Delta, LibraryStore, ListRows, Result};

/// The first page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstPage {
    /// Its rows, from the top of the list.
    pub rows: ListRows,
    /// The number of rows in the list according to Spotify.
    pub total: u32,
    /// When it was read.
    pub at: DateTime<Utc>,
    /// When the entity is due next.
    pub next_due_at: Option<DateTime<Utc>>,
}

impl LibraryStore<'_> {
    /// Ends a reading with its first page, if the stored list begins with the same rows and
    /// Spotify's count is the same as before. The fields of these rows are stored. Returns the
    /// entity's row; `None`: nothing was changed, and the list must be walked.
    pub async fn finish_first_page(self, run: RunId, page: &FirstPage) -> Result<Option<SyncState>> {
        let Self { store, account } = self;
        let entity = page.rows.entity();
        let list = LibraryList::of(entity)?;
        let shown = list.without_repeats(page.rows.slots(0)?);
        let catalogue = page.rows.catalogue(run)?;

        let mut tx = store.begin().await?;
        let state = sync_state::read(&mut *tx, account, entity).await?;
        let stored = list.load(&mut tx, account).await?;
        let key_and_time = |slot: &ListSlot| (slot.key.clone(), slot.added_at.clone());
        let begins_alike =
            stored.iter().take(shown.len()).map(key_and_time).eq(shown.iter().map(key_and_time));
        // An empty page says nothing about a list that has rows.
        if shown.is_empty() || !begins_alike || state.total_remote != Some(page.total) {
            tx.rollback().await?;
            return Ok(None);
        }
        catalogue.write(&mut tx).await?;
        let done = EntityDone {
            processed: state.total_processed,
            null_rows: state.null_rows,
            remote: Some(page.total),
            surplus: None,
            at: page.at,
            next_due_at: page.next_due_at,
            whole: false,
            delta: Delta::default(),
        };
        let state = sync_state::done(&mut tx, account, entity, &done).await?;
        tx.commit().await?;
        Ok(Some(state))
    }
}
