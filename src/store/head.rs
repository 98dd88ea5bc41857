//! Saved tracks read from the top: what is new goes above what is known.
//!
//! Owns: the arithmetic that proves such a reading whole. Must not know: how far down one has to read.

use chrono::{DateTime, Utc};

use super::journal::{self, Entry, Kind, Seen, Stood};
use super::live::{List, Slot};
use super::sqlite::{self, Tx, len};
use super::state::{self, Done};
use super::{Delta, Result, Store, runs, stage};
use crate::domain::{AccountId, Entity, RunId, TrackId};

/// By what a saved track is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotKey {
    /// `None` for a null row, which is never known again.
    pub track_id: Option<TrackId>,
    /// When it was saved.
    pub added_at: Option<DateTime<Utc>>,
}

/// How a reading from the top ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishHead {
    /// Rows that Spotify says there are.
    pub remote: u32,
    /// When the head was read.
    pub at: DateTime<Utc>,
    /// When the next turn comes.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// What became of a reading from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadOutcome {
    /// The numbers come out: the new rows stand on top.
    Applied(Delta),
    /// They do not: nothing was changed, what was staged is dropped, the list must be walked.
    Mismatch,
}

/// A slot that gives way to a newer one of the same track.
#[derive(sqlx::FromRow)]
struct Replaced {
    ord: i64,
    track_id: String,
    added_at: Option<String>,
    /// Its place in the view.
    position: u32,
}

impl Replaced {
    fn stood(&self) -> Stood<'_> {
        Stood { position: self.position, added_at: self.added_at.as_deref() }
    }
}

async fn replaced(tx: &mut Tx, account: AccountId) -> Result<Vec<Replaced>> {
    let sql = "select s.ord, s.track_id, s.added_at,
                      (select count(*) from saved_tracks above
                       where above.account_id = s.account_id and above.ord < s.ord
                         and above.track_id is not null) as position
               from saved_tracks s
               where s.account_id = ?1
                 and s.track_id in (select item_key from staged
                                    where account_id = ?1 and entity_type = 'tracks' and item_key is not null)
               order by s.ord";
    Ok(sqlx::query_as(sql).bind(account.0).fetch_all(&mut **tx).await?)
}

/// Slots held, and the place of the topmost.
async fn held(tx: &mut Tx, account: AccountId) -> Result<(i64, i64)> {
    let sql = "select count(*), coalesce(min(ord), 0) from saved_tracks where account_id = ?1";
    Ok(sqlx::query_as(sql).bind(account.0).fetch_one(&mut **tx).await?)
}

/// The journal's lines, in the order of the list; then the old slots for which no new one came.
fn edits<'a>(staged: &'a [Slot], replaced: &'a [Replaced]) -> Vec<Entry<'a>> {
    let mut left: Vec<&Replaced> = replaced.iter().collect();
    let mut edits = Vec::new();
    let readable = staged.iter().filter_map(|slot| Some((slot, slot.key.as_deref()?)));
    for (position, (slot, key)) in (0..).zip(readable) {
        let now = Stood { position, added_at: slot.added_at.as_deref() };
        let old = left.iter().position(|old| old.track_id == key).map(|index| left.remove(index));
        edits.push(match old {
            // Read as new though it is held as it is: it only comes to stand on top.
            Some(old) if old.added_at == slot.added_at => {
                Entry::moved(Kind::Track, Some(key), old.position, position)
            }
            Some(old) => Entry::saved_again(Kind::Track, Some(key), old.stood(), now),
            None => Entry::added(Kind::Track, Some(key), now),
        });
    }
    let gone = left.into_iter().map(|old| Entry::removed(Kind::Track, Some(&old.track_id), old.stood()));
    edits.extend(gone);
    edits
}

/// Takes the old slots out and puts the new ones above the topmost.
async fn put_on_top(
    tx: &mut Tx,
    account: AccountId,
    staged: &[Slot],
    replaced: &[Replaced],
    at: DateTime<Utc>,
) -> Result<()> {
    let (_, top) = held(tx, account).await?;
    let out: Vec<Slot> = replaced.iter().map(|old| Slot { ord: old.ord, ..Slot::default() }).collect();
    let out: Vec<&Slot> = out.iter().collect();
    List::Tracks.take_out(tx, account, &out, &sqlite::millis(at)).await?;
    let slots: Vec<Slot> = (top - i64::from(len(staged))..)
        .zip(staged)
        .map(|(ord, slot)| Slot { ord, ..slot.clone() })
        .collect();
    List::Tracks.put(tx, account, &slots).await
}

impl Store {
    /// For each key whether it is a slot that is held.
    pub async fn known_saved_tracks(&self, account: AccountId, keys: &[SlotKey]) -> Result<Vec<bool>> {
        let rows: Vec<_> =
            keys.iter().map(|key| (&key.track_id, key.added_at.map(sqlite::seconds))).collect();
        let sql = "select exists (select 1 from saved_tracks s
                                  where s.account_id = ?1 and s.track_id = j.value ->> 0
                                    and s.added_at is j.value ->> 1)
                   from jsonb_each(?2) j order by j.key";
        Ok(sqlx::query_scalar(sql)
            .bind(account.0)
            .bind(sqlite::rows(&rows)?)
            .fetch_all(&self.readers)
            .await?)
    }

    /// Puts the staged rows, all new and read from the top, above what is held: with L slots held, n
    /// staged and r old slots of tracks saved again, L - r + n must be what Spotify says. One transaction.
    pub async fn finish_head(
        &self,
        account: AccountId,
        run: RunId,
        finish: &FinishHead,
    ) -> Result<HeadOutcome> {
        let mut tx = self.begin().await?;
        let staged = stage::load(&mut tx, account, Entity::Tracks).await?;
        let replaced = replaced(&mut tx, account).await?;
        let (held, _) = held(&mut tx, account).await?;
        stage::clear(&mut tx, account, Entity::Tracks).await?;
        let then = held - i64::from(len(&replaced)) + i64::from(len(&staged));
        if then != i64::from(finish.remote) {
            state::abandoned(&mut tx, account, Entity::Tracks).await?;
            tx.commit().await?;
            return Ok(HeadOutcome::Mismatch);
        }
        let edits = edits(&staged, &replaced);
        if !staged.is_empty() {
            put_on_top(&mut tx, account, &staged, &replaced, finish.at).await?;
        }
        let seen = Seen { account, run, at: finish.at };
        journal::write(&mut tx, seen, Entity::Tracks, &edits).await?;
        let delta = Delta::of(&edits);
        runs::add(&mut tx, run, delta).await?;
        let done = Done {
            processed: finish.remote,
            remote: Some(finish.remote),
            at: finish.at,
            next_due_at: finish.next_due_at,
            delta,
        };
        state::done(&mut tx, account, Entity::Tracks, &done).await?;
        tx.commit().await?;
        Ok(HeadOutcome::Applied(delta))
    }
}
