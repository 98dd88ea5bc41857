//! A list that was read completely becomes the library.
//!
//! Owns: the brake, and the one transaction that applies a walk to the library. Must not know: how
//! the list was read.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::compare::{Layout, ListComparison, compare, pair_editions, relink};
use super::lists::{self, LibraryList, ListSlot};
use super::relinks::Recordings;
use super::unlisted::{self, UnlistedReading};
use super::{journal_entries, relinks, staging};
use crate::domain::{AccountId, Entity, RunId};
use crate::store::db::sqlite::{self, Tx, len};
use crate::store::journal::write::{self, Entry, ObservedAt};
use crate::store::state::runs;
use crate::store::state::sync_state::{self, EntityDone};
use crate::store::{Committed, LibraryStore, Result};

/// How a walk ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FinishWalk {
    /// The first reading: no journal and no brake.
    pub baseline: bool,
    /// Removals that a person has allowed for this run; `None`: no person was asked.
    pub allow_removals: Option<u32>,
    /// Ids that were not read again and that Spotify says are still in the library.
    pub still_there: HashSet<String>,
    /// Ids that were not read again and that may be removed: Spotify says that they are not in the
    /// library, or two readings at different times agree. An id in neither set is kept, as a row
    /// that the list does not show.
    pub consented: HashSet<String>,
    /// The number of rows according to Spotify.
    pub remote: u32,
    /// See [`crate::domain::SyncState::total_surplus`]; `None`: unchanged.
    pub surplus: Option<i64>,
    /// When the last page was read.
    pub at: DateTime<Utc>,
    /// When the entity is due next.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// The result of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// The library now equals the list that was read.
    Applied(Delta),
    /// Too much is gone: nothing was changed, the staged rows are dropped, and a person must
    /// decide.
    Braked {
        /// Rows of the library that were not read again.
        gone: u32,
        /// Rows in the library.
        known: u32,
    },
}

/// What a reading changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delta {
    /// New rows; in a first reading all of them.
    pub added: u32,
    /// Removed rows.
    pub removed: u32,
    /// Rows that changed or moved.
    pub changed: u32,
}

/// More removals than this, and more than one row in [`BRAKE_SHARE`], need a person's approval.
const BRAKE_ROWS: u32 = 25;
const BRAKE_SHARE: u32 = 20;

/// Whether `gone` removals among `known` rows need a person's approval.
#[must_use]
pub const fn needs_a_word(gone: u32, known: u32) -> bool {
    gone > BRAKE_ROWS && gone.saturating_mul(BRAKE_SHARE) > known
}

/// The two lists at the end of a walk, and their difference.
pub(in crate::store) struct Swap {
    pub(in crate::store) list: LibraryList,
    pub(in crate::store) live: Vec<ListSlot>,
    pub(in crate::store) staged: Vec<ListSlot>,
    pub(in crate::store) found: ListComparison,
    /// Null rows of the list that was read.
    pub(in crate::store) null_rows: u32,
    /// Rows of the list that was read, null rows included.
    pub(in crate::store) listed: u32,
    pub(in crate::store) recordings: Recordings,
}

impl Swap {
    /// The current and the staged list of an entity.
    pub(in crate::store) async fn load(tx: &mut Tx, account: AccountId, entity: Entity) -> Result<Self> {
        let list = LibraryList::of(entity)?;
        let live = list.load(tx, account).await?;
        let read = staging::load(tx, account, entity).await?;
        Self::between(tx, list, live, read).await
    }

    /// Treats a row that Spotify says is still in the library as one that was saved again under
    /// another id, if there is such a row.
    pub(in crate::store) fn with_still_there(mut self, still_there: &HashSet<String>) -> Self {
        let Self { live, staged, found, recordings, .. } = &mut self;
        pair_editions(found, live, staged, |old, new| {
            still_there.contains(old) && recordings.are_alike(old, new)
        });
        self
    }

    /// The current list and the list that replaces it.
    pub(in crate::store) async fn between(
        tx: &mut Tx,
        list: LibraryList,
        live: Vec<ListSlot>,
        read: Vec<ListSlot>,
    ) -> Result<Self> {
        let null_rows = read.iter().filter(|slot| slot.key.is_none()).count();
        let staged = list.without_repeats(read);
        let mut found = compare(&live, &staged);
        let mut recordings = Recordings::default();
        if list == LibraryList::Tracks && !found.gone.is_empty() && !found.fresh.is_empty() {
            let keys = |indices: &[usize], slots: &[ListSlot]| -> Vec<String> {
                indices.iter().filter_map(|index| slots.get(*index)?.key.clone()).collect()
            };
            let suspects = [keys(&found.gone, &live), keys(&found.fresh, &staged)].concat();
            recordings = relinks::recordings(tx, &suspects).await?;
            relink(&mut found, &live, &staged, |old, new| recordings.are_alike(old, new));
        }
        let null_rows = u32::try_from(null_rows).unwrap_or(u32::MAX);
        let uncounted = if list.keeps_null_rows() { 0 } else { null_rows };
        let listed = len(&staged).saturating_add(uncounted);
        Ok(Self { list, live, staged, found, null_rows, listed, recordings })
    }

    /// Ids of stored rows that were not read again.
    pub(in crate::store) fn gone_ids(&self) -> impl Iterator<Item = &str> {
        self.found.gone.iter().filter_map(|index| self.live.get(*index)?.key.as_deref())
    }

    /// The numbers of removed and known rows, if that is more than may be removed without a
    /// person's approval, or more than the person allowed. Rows in `stays` do not count as removed.
    pub(in crate::store) fn brake(
        &self,
        allow_removals: Option<u32>,
        stays: impl Fn(&str) -> bool,
    ) -> Option<(u32, u32)> {
        let keyed = |slots: &[ListSlot]| slots.iter().filter(|slot| slot.key.is_some()).count();
        let known = u32::try_from(keyed(&self.live)).unwrap_or(u32::MAX);
        let gone = u32::try_from(self.gone_ids().filter(|id| !stays(id)).count()).unwrap_or(u32::MAX);
        let many = needs_a_word(gone, known);
        let emptied = known > 0 && keyed(&self.staged) == 0;
        let allowed = allow_removals.is_some_and(|most| gone <= most);
        ((many || emptied) && !allowed).then_some((gone, known))
    }

    /// What is stored where the brake stops the entity.
    pub(in crate::store) fn braked(
        &self,
        gone: u32,
        remote: u32,
        next_due_at: Option<DateTime<Utc>>,
    ) -> sync_state::BrakedState {
        sync_state::BrakedState { gone, held: len(&self.live), remote, next_due_at }
    }

    fn keyed_rows(&self) -> u32 {
        let keyed = self.staged.iter().filter(|slot| slot.key.is_some()).count();
        u32::try_from(keyed).unwrap_or(u32::MAX)
    }

    fn done(&self, finish: &FinishWalk, delta: Delta) -> EntityDone {
        EntityDone {
            processed: self.listed,
            null_rows: self.null_rows,
            remote: Some(finish.remote),
            surplus: finish.surplus,
            at: finish.at,
            next_due_at: finish.next_due_at,
            whole: true,
            delta,
        }
    }

    /// The slots that must be deleted before the new list is written.
    fn outgoing(&self) -> Vec<&ListSlot> {
        if self.list == LibraryList::Tracks && self.found.layout == Layout::Rewritten {
            let staying: HashSet<i64> = self.staged.iter().map(|slot| slot.ord).collect();
            return self.live.iter().filter(|slot| !staying.contains(&slot.ord)).collect();
        }
        let again = self.found.again.iter().map(|(old, _)| old);
        let out = self.found.gone.iter().chain(again);
        out.filter_map(|index| self.live.get(*index)).collect()
    }

    /// The slots of the new list, with their places; slots that are known to be unchanged are
    /// omitted.
    fn incoming(&self) -> Vec<ListSlot> {
        let Layout::Top(top) = self.found.layout else {
            return self.staged.clone();
        };
        let first = self.live.first().map_or(0, |slot| slot.ord);
        let above = self.staged.iter().take(top).cloned();
        let mut slots: Vec<ListSlot> = (first - i64::try_from(top).unwrap_or(i64::MAX)..)
            .zip(above)
            .map(|(ord, slot)| ListSlot { ord, ..slot })
            .collect();
        let relinked = self.found.relinked.iter();
        slots.extend(relinked.filter_map(|(old, new)| {
            Some(ListSlot { ord: self.live.get(*old)?.ord, ..self.staged.get(*new)?.clone() })
        }));
        if self.list == LibraryList::Playlists {
            // A playlist has more than its place: its fields may have changed at the same place.
            slots.extend(self.kept().map(|(old, new)| ListSlot { ord: old.ord, ..new.clone() }));
        }
        slots
    }

    /// Current and staged slot of each row that is already stored.
    fn kept(&self) -> impl Iterator<Item = (&ListSlot, &ListSlot)> {
        let pairs = self.staged.iter().zip(&self.found.same);
        pairs.filter_map(|(new, same)| Some((self.live.get((*same)?)?, new)))
    }

    /// The journal's lines; a first reading has none.
    async fn edits(&self, tx: &mut Tx, account: AccountId, baseline: bool) -> Result<Vec<Entry<'_>>> {
        match self.list {
            _ if baseline => Ok(Vec::new()),
            LibraryList::Playlists => {
                let known = lists::playlists(tx, account).await?;
                journal_entries::of_playlists(&self.live, &self.staged, &self.found, &known)
            }
            list => Ok(journal_entries::of_list(list, &self.live, &self.staged, &self.found)),
        }
    }

    /// Replaces the current list with the new one, writing only rows that differ, and writes the
    /// journal.
    pub(in crate::store) async fn commit(
        &self,
        tx: &mut Tx,
        seen: ObservedAt,
        baseline: bool,
    ) -> Result<Delta> {
        let edits = self.edits(tx, seen.account, baseline).await?;
        let at = sqlite::millis(seen.at);
        self.list.take_out(tx, seen.account, &self.outgoing(), &at).await?;
        self.list.put(tx, seen.account, &self.incoming()).await?;
        write::write(tx, seen, self.list.entity(), &edits).await?;
        // Pages that were visible at once are already counted.
        if baseline {
            return Ok(Delta { added: len(&self.found.fresh), ..Delta::default() });
        }
        Ok(Delta::of(&edits))
    }
}

impl std::ops::AddAssign for Delta {
    fn add_assign(&mut self, other: Self) {
        self.added += other.added;
        self.removed += other.removed;
        self.changed += other.changed;
    }
}

impl LibraryStore<'_> {
    /// Makes the library equal to the staged list, writing only rows that differ, and writes the
    /// journal; or applies the brake. One transaction.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn finish_walk(
        self,
        run: RunId,
        entity: Entity,
        finish: &FinishWalk,
    ) -> Result<Committed<Finished>> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        let swap = Swap::load(&mut tx, account, entity).await?.with_still_there(&finish.still_there);
        let unlisted = unlisted::load(&mut tx, account, entity).await?;
        let stays =
            |id: &str| !finish.consented.contains(id) && unlisted.get(id).is_some_and(|row| row.is_vouched);
        let brake = (!finish.baseline).then(|| swap.brake(finish.allow_removals, stays)).flatten();
        if let Some((gone, known)) = brake {
            staging::clear(&mut tx, account, entity).await?;
            let brake = swap.braked(gone, finish.remote, finish.next_due_at);
            let state = sync_state::braked(&mut tx, account, entity, &brake).await?;
            tx.commit().await?;
            return Ok(Committed { outcome: Finished::Braked { gone, known }, state });
        }
        let (swap, kept) = swap.keeping(&mut tx, account, finish).await?;
        let seen = ObservedAt { account, run, at: finish.at };
        let now = swap.commit(&mut tx, seen, finish.baseline).await?;
        runs::add(&mut tx, run, now).await?;
        let reading = UnlistedReading { account, entity, run, at: finish.at };
        unlisted::replace(&mut tx, reading, &kept, &finish.still_there).await?;
        // Pages that were visible at once are already counted for their run.
        let delta = if finish.baseline { Delta { added: swap.keyed_rows(), ..now } } else { now };
        let done = swap.done(finish, delta);
        staging::clear(&mut tx, account, entity).await?;
        let state = sync_state::done(&mut tx, account, entity, &done).await?;
        tx.commit().await?;
        Ok(Committed { outcome: Finished::Applied(delta), state })
    }
}
