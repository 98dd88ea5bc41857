//! Saved tracks read from the top: new rows are put above the known ones, and rows that are known
//! to be gone are removed.
//!
//! Owns: the arithmetic that proves that such a reading is complete. Must not know: how far down to
//! read, or how the removed rows were found.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::commit_full::Swap;
use super::kept_rows::KeptTracks;
use super::lists::{LibraryList, ListSlot};
use super::staging;
use super::unlisted::{self, UnlistedReading};
use crate::domain::{Entity, RunId, Saved, Track, TrackId};
use crate::store::db::sqlite::{self, len};
use crate::store::journal::write;
use crate::store::state::runs;
use crate::store::state::sync_state::{self, EntityDone};
use crate::store::{Checkpoint, Committed, Delta, LibraryStore, Result, StoreError};

/// A slot of the saved tracks, and what is known of its track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSlot {
    /// Its order key, ascending from the top, with gaps.
    pub ord: i64,
    /// `None` for a null row.
    pub track: Option<SlotTrack>,
}

/// The track of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotTrack {
    /// The track's id.
    pub id: TrackId,
    /// When it was saved.
    pub added_at: Option<DateTime<Utc>>,
    /// See [`Track::isrc`].
    pub isrc: Option<String>,
    /// The title.
    pub name: String,
    /// The artists' names in order, joined by `, `.
    pub artists: String,
    /// Length in milliseconds.
    pub duration_ms: Option<u64>,
}

/// How a reading from the top ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FinishIncremental {
    /// The number of rows according to Spotify.
    pub remote: u32,
    /// Order keys of the removed slots.
    pub gone: Vec<i64>,
    /// Order keys of the slots that the list does not show and that could not be checked.
    pub undecided: Vec<i64>,
    /// Tracks that the list already did not show, and that Spotify says are no longer saved.
    pub denied: HashSet<String>,
    /// Removals that a person has allowed for this run; `None`: no person was asked.
    pub allow_removals: Option<u32>,
    /// When the head was read.
    pub at: DateTime<Utc>,
    /// When the entity is due next.
    pub next_due_at: Option<DateTime<Utc>>,
}

impl FinishIncremental {
    fn done(&self, listed: u32, null_rows: u32, delta: Delta) -> EntityDone {
        EntityDone {
            processed: listed,
            null_rows,
            remote: Some(self.remote),
            surplus: None,
            at: self.at,
            next_due_at: self.next_due_at,
            whole: false,
            delta,
        }
    }
}

/// The result of a reading from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncrementalOutcome {
    /// The numbers match: the new rows are at the top, and the removed rows are deleted.
    Applied(Delta),
    /// The numbers do not match: nothing was changed, the staged rows are dropped, and the list
    /// must be walked.
    Mismatch,
    /// Too much is gone: nothing was changed, the staged rows are dropped, and a person must
    /// decide.
    Braked {
        /// Slots that are gone.
        gone: u32,
        /// Stored slots.
        known: u32,
    },
}

/// A slot whose track now has another id, or can now be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// Its order key.
    pub ord: i64,
    /// Its content.
    pub saved: Saved<Track>,
}

const SLOT: &str = "select s.ord, s.track_id, s.added_at, t.isrc, t.name, t.artists, t.duration_ms";

/// The account's rows, without those that only `contains` says are saved.
const LISTED: &str = "where s.account_id = ?1
    and not exists (select 1 from unlisted u where u.account_id = ?1 and u.entity_type = 'tracks'
                    and u.item_key = s.track_id and u.vouched)";

#[derive(sqlx::FromRow)]
struct SavedSlotColumns {
    ord: i64,
    track_id: Option<String>,
    added_at: Option<String>,
    isrc: Option<String>,
    name: Option<String>,
    artists: Option<String>,
    duration_ms: Option<i64>,
}

impl TryFrom<SavedSlotColumns> for SavedSlot {
    type Error = StoreError;

    fn try_from(row: SavedSlotColumns) -> Result<Self> {
        let added_at = sqlite::maybe_time(row.added_at.as_deref())?;
        let track = row.track_id.map(|id| SlotTrack {
            id: TrackId::new(id),
            added_at,
            isrc: row.isrc,
            name: row.name.unwrap_or_default(),
            artists: row.artists.unwrap_or_default(),
            duration_ms: row.duration_ms.and_then(|length| u64::try_from(length).ok()),
        });
        Ok(Self { ord: row.ord, track })
    }
}

/// The list with the staged rows at the top, without the removed rows and without the old slots of
/// tracks that were saved again.
fn after(live: &[ListSlot], staged: Vec<ListSlot>, gone: &HashSet<i64>) -> Vec<ListSlot> {
    let again: HashSet<&String> = staged.iter().filter_map(|slot| slot.key.as_ref()).collect();
    let stays = |slot: &&ListSlot| {
        !gone.contains(&slot.ord) && slot.key.as_ref().is_none_or(|key| !again.contains(key))
    };
    let below: Vec<ListSlot> = live.iter().filter(stays).cloned().collect();
    drop(again);
    let first = live.first().map_or(0, |slot| slot.ord) - i64::from(len(&staged));
    let above = (first..).zip(staged).map(|(ord, slot)| ListSlot { ord, ..slot });
    above.chain(below).collect()
}

impl LibraryStore<'_> {
    /// Every slot of the saved tracks, from the top, without those that Spotify says are saved
    /// although the list does not show them.
    pub async fn saved_slots(self) -> Result<Vec<SavedSlot>> {
        let sql = format!(
            "{SLOT} from saved_tracks s left join tracks t on t.track_id = s.track_id {LISTED} order by s.ord"
        );
        self.slots(sql).await
    }

    /// Slots of [`LibraryStore::saved_slots`] that name no track: the number of slots above each,
    /// and its order key.
    pub async fn trackless_slots(self) -> Result<Vec<(u32, i64)>> {
        let Self { store, account } = self;
        let sql = format!(
            "select above, ord from (select row_number() over (order by s.ord) - 1 as above, s.ord, s.track_id
                                     from saved_tracks s {LISTED})
             where track_id is null order by ord"
        );
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(account.0).fetch_all(&store.readers).await?)
    }

    /// The slots staged by the current reading, from the top.
    pub async fn staged_saved_slots(self) -> Result<Vec<SavedSlot>> {
        let sql = format!(
            "{SLOT} from (select ord, item_key as track_id, added_at from staged
                          where account_id = ?1 and entity_type = 'tracks') s
             left join tracks t on t.track_id = s.track_id order by s.ord"
        );
        self.slots(sql).await
    }

    async fn slots(self, sql: String) -> Result<Vec<SavedSlot>> {
        let Self { store, account } = self;
        let rows: Vec<SavedSlotColumns> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(account.0).fetch_all(&store.readers).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Stores what a page below the head revealed: slots whose track has another id, or can now be
    /// read, and the checkpoint. One transaction.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn commit_recognised(
        self,
        run: RunId,
        recognised: &[Recognised],
        at: DateTime<Utc>,
        checkpoint: &Checkpoint,
    ) -> Result<Committed<Delta>> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        let mut delta = Delta::default();
        if !recognised.is_empty() {
            let mut catalogue = crate::store::catalog::describe::CatalogueWriter::default();
            recognised.iter().try_for_each(|slot| catalogue.track(&slot.saved.item))?;
            catalogue.write(&mut tx).await?;
            let live = LibraryList::Tracks.load(&mut tx, account).await?;
            let mut now = live.clone();
            for (ord, saved) in recognised.iter().map(|slot| (slot.ord, &slot.saved)) {
                if let Some(slot) = now.iter_mut().find(|slot| slot.ord == ord) {
                    slot.key = Some(saved.item.id.as_str().to_owned());
                    slot.added_at = saved.added_at.map(sqlite::seconds);
                }
            }
            let swap = Swap::between(&mut tx, LibraryList::Tracks, live, now).await?;
            delta = swap.commit(&mut tx, write::ObservedAt { account, run, at }, false).await?;
            runs::add(&mut tx, run, delta).await?;
        }
        let (_, state) = sync_state::page(&mut tx, (account, run), Entity::Tracks, checkpoint, 0, 0).await?;
        tx.commit().await?;
        Ok(Committed { outcome: delta, state })
    }

    /// Puts the staged rows, all new and read from the top, above the stored ones and deletes the
    /// removed rows. With L slots listed, n staged, r old slots of tracks saved again and d gone or
    /// undecided, L - r + n - d must be the number that Spotify lists. One transaction.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn finish_incremental(
        self,
        run: RunId,
        finish: &FinishIncremental,
    ) -> Result<Committed<IncrementalOutcome>> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        let staged = staging::load(&mut tx, account, Entity::Tracks).await?;
        let live = LibraryList::Tracks.load(&mut tx, account).await?;
        let kept = KeptTracks::load(&mut tx, account, &live, &staged, finish).await?;
        let denied = kept.denied.iter().chain(&finish.gone).copied();
        let now = after(&live, staged, &denied.collect());
        let listed = sync_state::read(&mut *tx, account, Entity::Tracks).await?.listed(finish.remote);
        staging::clear(&mut tx, account, Entity::Tracks).await?;
        if len(&now).saturating_sub(kept.slots) != listed {
            let state = sync_state::abandoned(&mut tx, account, Entity::Tracks).await?;
            tx.commit().await?;
            return Ok(Committed { outcome: IncrementalOutcome::Mismatch, state });
        }
        let swap = Swap::between(&mut tx, LibraryList::Tracks, live, now).await?;
        if let Some((gone, known)) = swap.brake(finish.allow_removals, |_| false) {
            let brake = swap.braked(gone, finish.remote, finish.next_due_at);
            let state = sync_state::braked(&mut tx, account, Entity::Tracks, &brake).await?;
            tx.commit().await?;
            return Ok(Committed { outcome: IncrementalOutcome::Braked { gone, known }, state });
        }
        let delta = swap.commit(&mut tx, write::ObservedAt { account, run, at: finish.at }, false).await?;
        runs::add(&mut tx, run, delta).await?;
        let reading = UnlistedReading { account, entity: Entity::Tracks, run, at: finish.at };
        unlisted::replace(&mut tx, reading, &kept.all(), &kept.vouched).await?;
        let done = finish.done(listed, swap.null_rows, delta);
        let state = sync_state::done(&mut tx, account, Entity::Tracks, &done).await?;
        tx.commit().await?;
        Ok(Committed { outcome: IncrementalOutcome::Applied(delta), state })
    }

    /// Stops an entity until a person approves, if the number of removals is known in advance.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn brake(
        self,
        entity: Entity,
        gone: u32,
        remote: u32,
        next_due_at: DateTime<Utc>,
    ) -> Result<()> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        let held = len(&LibraryList::of(entity)?.load(&mut tx, account).await?);
        staging::clear(&mut tx, account, entity).await?;
        let brake = sync_state::BrakedState { gone, held, remote, next_due_at: Some(next_due_at) };
        sync_state::braked(&mut tx, account, entity, &brake).await?;
        Ok(tx.commit().await?)
    }
}
