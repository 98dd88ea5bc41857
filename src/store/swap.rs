//! A list that was read whole becomes the library.
//!
//! Owns: the brake, and the one transaction that puts a walk into the library. Must not know: how the
//! list was read.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::compare::{Comparison, Layout, compare};
use super::journal::{self, Entry, Seen};
use super::live::{self, List, Slot};
use super::sqlite::{self, Tx, len};
use super::state::{self, Done};
use super::{Result, Store, edits, runs, stage};
use crate::domain::{AccountId, Entity, RunId};

/// How a walk ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishWalk {
    /// The first reading: neither journal nor brake.
    pub baseline: bool,
    /// Removals that a person has allowed for this run; `None`: nobody was asked.
    pub allow_removals: Option<u32>,
    /// Rows that Spotify says there are.
    pub remote: u32,
    /// When the last page was read.
    pub at: DateTime<Utc>,
    /// When the entity's next turn comes.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// What became of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// The library now equals what was read.
    Applied(Delta),
    /// Too much is gone: nothing was changed, what was staged is dropped, a person decides.
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
    /// Rows that are new; in a first reading all of them.
    pub added: u32,
    /// Rows that are gone.
    pub removed: u32,
    /// Rows that changed or moved.
    pub changed: u32,
}

/// More than this many gone, and more than one in [`BRAKE_SHARE`], needs a person's word.
const BRAKE_ROWS: usize = 25;
const BRAKE_SHARE: usize = 20;

/// The two lists that a walk ends with, and what differs.
struct Swap {
    list: List,
    live: Vec<Slot>,
    staged: Vec<Slot>,
    found: Comparison,
    /// Rows of the list as it was read, null rows included.
    rows: u32,
}

impl Swap {
    async fn load(tx: &mut Tx, account: AccountId, entity: Entity) -> Result<Self> {
        let list = List::of(entity)?;
        let live = list.load(tx, account).await?;
        let read = stage::load(tx, account, entity).await?;
        let null_rows = read.iter().filter(|slot| slot.key.is_none()).count();
        let staged = list.held(read);
        let uncounted = if list.keeps_null_rows() { 0 } else { null_rows };
        let found = compare(&live, &staged);
        Ok(Self {
            list,
            live,
            rows: u32::try_from(staged.len() + uncounted).unwrap_or(u32::MAX),
            staged,
            found,
        })
    }

    /// Rows gone and known where that is more than may happen without a person's word.
    fn brake(&self, finish: &FinishWalk) -> Option<(u32, u32)> {
        let keyed = |slots: &[Slot]| slots.iter().filter(|slot| slot.key.is_some()).count();
        let (gone, known) = (self.found.gone.len(), keyed(&self.live));
        let many = gone > BRAKE_ROWS && gone * BRAKE_SHARE > known;
        let emptied = known > 0 && keyed(&self.staged) == 0;
        let gone = len(&self.found.gone);
        let allowed = finish.baseline || finish.allow_removals.is_some_and(|most| gone <= most);
        ((many || emptied) && !allowed).then(|| (gone, u32::try_from(known).unwrap_or(u32::MAX)))
    }

    /// The slots that stand in the way of the new list.
    fn outgoing(&self) -> Vec<&Slot> {
        if self.list == List::Tracks && self.found.layout == Layout::Rewritten {
            let staying: HashSet<i64> = self.staged.iter().map(|slot| slot.ord).collect();
            return self.live.iter().filter(|slot| !staying.contains(&slot.ord)).collect();
        }
        let again = self.found.again.iter().map(|(old, _)| old);
        let out = self.found.gone.iter().chain(again);
        out.filter_map(|index| self.live.get(*index)).collect()
    }

    /// The slots of the new list, where they go; what stays as it is is left out where that is known.
    fn incoming(&self) -> Vec<Slot> {
        let Layout::Top(top) = self.found.layout else {
            return self.staged.clone();
        };
        let first = self.live.first().map_or(0, |slot| slot.ord);
        let above = self.staged.iter().take(top).cloned();
        let mut slots: Vec<Slot> = (first - i64::try_from(top).unwrap_or(i64::MAX)..)
            .zip(above)
            .map(|(ord, slot)| Slot { ord, ..slot })
            .collect();
        if self.list == List::Playlists {
            // A playlist says more than its place: what it says may have changed where it stands.
            slots.extend(self.kept().map(|(old, new)| Slot { ord: old.ord, ..new.clone() }));
        }
        slots
    }

    /// Live and staged slot of what is held already.
    fn kept(&self) -> impl Iterator<Item = (&Slot, &Slot)> {
        let pairs = self.staged.iter().zip(&self.found.same);
        pairs.filter_map(|(new, same)| Some((self.live.get((*same)?)?, new)))
    }

    /// The journal's lines; a first reading has none.
    async fn edits(&self, tx: &mut Tx, account: AccountId, baseline: bool) -> Result<Vec<Entry<'_>>> {
        match self.list {
            _ if baseline => Ok(Vec::new()),
            List::Playlists => {
                let known = live::playlists(tx, account).await?;
                edits::of_playlists(&self.live, &self.staged, &self.found, &known)
            }
            list => Ok(edits::of_list(list, &self.live, &self.staged, &self.found)),
        }
    }

    async fn apply(&self, tx: &mut Tx, account: AccountId, at: DateTime<Utc>) -> Result<()> {
        let at = sqlite::millis(at);
        self.list.take_out(tx, account, &self.outgoing(), &at).await?;
        self.list.put(tx, account, &self.incoming()).await
    }
}

impl std::ops::AddAssign for Delta {
    fn add_assign(&mut self, other: Self) {
        self.added += other.added;
        self.removed += other.removed;
        self.changed += other.changed;
    }
}

impl Store {
    /// How many rows of the library a walk that ended here would remove.
    pub async fn staged_removals(&self, account: AccountId, entity: Entity) -> Result<u32> {
        let mut tx = self.begin().await?;
        Ok(len(&Swap::load(&mut tx, account, entity).await?.found.gone))
    }

    /// Makes the library equal to what was staged, touching only rows that differ, and writes the
    /// journal; or pulls the brake. One transaction.
    pub async fn finish_walk(
        &self,
        account: AccountId,
        run: RunId,
        entity: Entity,
        finish: &FinishWalk,
    ) -> Result<Finished> {
        let mut tx = self.begin().await?;
        let before = state::read(&mut *tx, account, entity).await?;
        let swap = Swap::load(&mut tx, account, entity).await?;
        if let Some((gone, known)) = swap.brake(finish) {
            stage::clear(&mut tx, account, entity).await?;
            state::braked(&mut tx, account, entity, gone, len(&swap.live), finish).await?;
            tx.commit().await?;
            return Ok(Finished::Braked { gone, known });
        }
        let edits = swap.edits(&mut tx, account, finish.baseline).await?;
        swap.apply(&mut tx, account, finish.at).await?;
        let seen = Seen { account, run, at: finish.at };
        journal::write(&mut tx, seen, entity, &edits).await?;

        // Pages that were visible at once are counted already.
        let now = if finish.baseline {
            Delta { added: len(&swap.found.fresh), ..Delta::default() }
        } else {
            Delta::of(&edits)
        };
        runs::add(&mut tx, run, now).await?;
        let delta = Delta { added: before.last_added + now.added, ..now };
        let done = Done {
            processed: swap.rows,
            remote: Some(finish.remote),
            at: finish.at,
            next_due_at: finish.next_due_at,
            delta,
        };
        stage::clear(&mut tx, account, entity).await?;
        state::done(&mut tx, account, entity, &done).await?;
        tx.commit().await?;
        Ok(Finished::Applied(delta))
    }
}
