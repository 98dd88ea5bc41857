//! A list that is read page by page.
//!
//! Owns: what a page is, and its one transaction. Must not know: where pages come from, or when a
//! list ends.

use chrono::{DateTime, Utc};

use super::lists::{LibraryList, ListSlot};
use super::staging;
use crate::domain::{AccountId, Album, Artist, Entity, Mode, Playlist, Row, RunId, Saved, SyncState, Track};
use crate::store::catalog::describe::CatalogueWriter;
use crate::store::db::sqlite::{self, Tx, len};
use crate::store::playlists::items;
use crate::store::state::rejected_rows::{self, RejectedPlace, SeenAt};
use crate::store::state::sync_state;
use crate::store::{Committed, LibraryStore, Result};

/// Where an entity continues; committed together with the rows before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// How the entity is being read.
    pub mode: Mode,
    /// The engine's own text, which the store does not interpret; `None` if nothing is in progress.
    pub cursor: Option<String>,
    /// Rows read so far.
    pub processed: u32,
    /// The number of rows according to Spotify.
    pub remote: Option<u32>,
}

/// The rows of one page of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListRows {
    /// Saved tracks.
    Tracks(Vec<Row<Saved<Track>>>),
    /// Saved albums.
    Albums(Vec<Row<Saved<Album>>>),
    /// Followed artists.
    Artists(Vec<Row<Artist>>),
    /// The list of playlists.
    Playlists(Vec<Row<Playlist>>),
}

impl ListRows {
    /// The entity of the page.
    #[must_use]
    pub const fn entity(&self) -> Entity {
        match self {
            Self::Tracks(_) => Entity::Tracks,
            Self::Albums(_) => Entity::Albums,
            Self::Artists(_) => Entity::Artists,
            Self::Playlists(_) => Entity::Playlists,
        }
    }
}

/// A page of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedPage {
    /// Its rows, in the order of the list.
    pub rows: ListRows,
    /// The order key of its first row, ascending from the top of the list; the next rows follow one
    /// by one. If another row already has one of these keys, the page is put after all staged rows.
    pub first_ord: i64,
    /// Initial mode: the page is in the views as soon as it is committed.
    pub visible: bool,
    /// Where to continue after this page.
    pub checkpoint: Checkpoint,
}

/// The result of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommittedPage {
    /// Slots that were not staged before.
    pub fresh: u32,
    /// All staged slots.
    pub staged: u32,
}

impl ListRows {
    /// The rows as slots, the first at `first_ord`; unreadable rows are null rows.
    pub(super) fn slots(&self, first_ord: i64) -> Result<Vec<ListSlot>> {
        match self {
            Self::Tracks(rows) => {
                slots(rows, first_ord, |saved| Ok((saved.item.id.as_str().to_owned(), saved.added_at, None)))
            }
            Self::Albums(rows) => {
                slots(rows, first_ord, |saved| Ok((saved.item.id.as_str().to_owned(), saved.added_at, None)))
            }
            Self::Artists(rows) => {
                slots(rows, first_ord, |artist| Ok((artist.id.as_str().to_owned(), None, None)))
            }
            Self::Playlists(rows) => slots(rows, first_ord, |playlist| {
                let payload = sqlite::rows(playlist)?;
                Ok((playlist.id.as_str().to_owned(), None, Some(payload)))
            }),
        }
    }

    pub(super) fn catalogue(&self, run: RunId) -> Result<CatalogueWriter<'_>> {
        let mut catalogue = CatalogueWriter::of_run(run);
        match self {
            Self::Tracks(rows) => readable(rows).try_for_each(|saved| catalogue.track(&saved.item))?,
            Self::Albums(rows) => readable(rows).try_for_each(|saved| catalogue.album(&saved.item))?,
            Self::Artists(rows) => readable(rows).try_for_each(|artist| catalogue.artist(artist))?,
            Self::Playlists(_) => {}
        }
        Ok(catalogue)
    }

    async fn set_aside(&self, tx: &mut Tx, account: AccountId, run: RunId) -> Result<()> {
        let place = RejectedPlace { account, entity: self.entity(), context: "", seen_at: SeenAt::Run(run) };
        match self {
            Self::Tracks(rows) => rejected_rows::keep(tx, place, rows).await,
            Self::Albums(rows) => rejected_rows::keep(tx, place, rows).await,
            Self::Artists(rows) => rejected_rows::keep(tx, place, rows).await,
            Self::Playlists(rows) => rejected_rows::keep(tx, place, rows).await,
        }
    }
}

fn readable<T>(rows: &[Row<T>]) -> impl Iterator<Item = &T> {
    rows.iter().filter_map(Row::readable)
}

/// The fields of a readable row's slot: key, time and payload.
type SlotFields = (String, Option<DateTime<Utc>>, Option<String>);

fn slots<T>(
    rows: &[Row<T>],
    first_ord: i64,
    read: impl Fn(&T) -> Result<SlotFields>,
) -> Result<Vec<ListSlot>> {
    let slot = |(ord, row): (i64, &Row<T>)| {
        let mut slot = ListSlot { ord, ..ListSlot::default() };
        if let Some(value) = row.readable() {
            let (key, added_at, payload) = read(value)?;
            slot.key = Some(key);
            slot.added_at = added_at.map(sqlite::seconds);
            slot.payload = payload;
        }
        Ok(slot)
    };
    (first_ord..).zip(rows).map(slot).collect()
}

impl LibraryStore<'_> {
    /// Begins to read `entity` from the start: drops its staged rows, sets the checkpoint and the
    /// state `running`, and resets its counters. Used for `playlist_items` and `details` too.
    /// Returns the entity's row.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn begin_reading(self, entity: Entity, checkpoint: &Checkpoint) -> Result<SyncState> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        match entity {
            Entity::PlaylistItems => items::clear_stage(&mut tx, account, None).await?,
            _ => staging::clear(&mut tx, account, entity).await?,
        }
        let state = sync_state::begin(&mut tx, account, entity, checkpoint).await?;
        tx.commit().await?;
        Ok(state)
    }

    /// Stages a page, with its checkpoint and counters, in one transaction.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn stage_page(self, run: RunId, page: &StagedPage) -> Result<Committed<CommittedPage>> {
        let Self { store, account } = self;
        let entity = page.rows.entity();
        let list = LibraryList::of(entity)?;
        let slots = page.rows.slots(page.first_ord)?;
        let catalogue = page.rows.catalogue(run)?;

        let mut tx = store.begin().await?;
        catalogue.write(&mut tx).await?;
        page.rows.set_aside(&mut tx, account, run).await?;
        let staged_now = staging::add(&mut tx, account, entity, slots).await?;
        let fresh = len(&staged_now);
        let mut added = 0;
        if page.visible {
            let shown = list.without_repeats(staged_now);
            added = list.count_new(&mut tx, account, &shown).await?;
            list.put(&mut tx, account, &shown).await?;
        }
        let (staged, state) =
            sync_state::page(&mut tx, (account, run), entity, &page.checkpoint, fresh, added).await?;
        tx.commit().await?;
        Ok(Committed { outcome: CommittedPage { fresh, staged }, state })
    }

    /// Slots staged by the current walk.
    pub async fn staged_slots(self, entity: Entity) -> Result<u32> {
        let Self { store, account } = self;
        let sql = "select staged from sync_state where account_id = ?1 and entity_type = ?2";
        let staged: Option<i64> = sqlx::query_scalar(sql)
            .bind(account.0)
            .bind(entity.as_str())
            .fetch_optional(&store.readers)
            .await?;
        Ok(sqlite::count(staged.unwrap_or(0)))
    }

    /// A fingerprint of the rows staged by the current walk, independent of their order.
    pub async fn staged_fingerprint(self, entity: Entity) -> Result<u64> {
        let Self { store, account } = self;
        staging::fingerprint(&store.readers, account, entity).await
    }
}
