//! A list that was read to its end replaces the stored one, or is marked as a contradiction.

use chrono::{DateTime, TimeDelta, Utc};

use super::evidence::{self, ContentsVerdict, Evidence};
use super::todo::Attempts;
use super::{ContentsCommitted, ContentsPage, LastContentsPage};
use crate::domain::{AccountId, Entity, PlaylistId, RunId};
use crate::store::db::sqlite::{self, Tx, len};
use crate::store::journal::write::{self, ObservedAt};
use crate::store::playlists::items::{self, Item, PlacedItem};
use crate::store::playlists::unreadable_places;
use crate::store::playlists::version_diff::Versions;
use crate::store::{Delta, Result};

/// A known difference between listing and contents is checked again after this time.
const DIFFERENCE_KEPT: TimeDelta = TimeDelta::days(7);

/// If more than one listed slot in this many is missing, the result of two runs may still be
/// temporary.
const LARGE_SHARE: i64 = 20;

const BELIEVE: &str = "update playlists set
        contents_state = 'complete', contents_error = null, contents_snapshot_id = ?3,
        contents_synced_at = ?4, contents_count = ?5, contents_difference = ?6,
        contents_retry_at = ?7, contents_tries = ?8, contents_doubt = null,
        contents_doubt_run = null, contents_first_at = coalesce(contents_first_at, ?4),
        contents_generation = (select contents_generation from accounts where account_id = ?1)
    where account_id = ?1 and playlist_id = ?2";

/// What is known about a playlist before a new version of it is stored.
#[derive(sqlx::FromRow)]
struct KnownContents {
    name: String,
    contents_synced_at: Option<String>,
    contents_difference: i64,
    contents_doubt: Option<String>,
    contents_doubt_run: Option<i64>,
    contents_tries: i64,
}

impl KnownContents {
    async fn of(tx: &mut Tx, account: AccountId, playlist: &PlaylistId) -> Result<Self> {
        let sql = "select name, contents_synced_at, contents_difference, contents_doubt, contents_doubt_run,
                          contents_tries
                   from playlists where account_id = ?1 and playlist_id = ?2";
        Ok(sqlx::query_as(sql).bind(account.0).bind(playlist.as_str()).fetch_one(&mut **tx).await?)
    }
}

/// A list that was read to its end.
struct Whole<'a> {
    account: AccountId,
    run: RunId,
    playlist: &'a PlaylistId,
    last: &'a LastContentsPage,
    known: KnownContents,
    stored: Vec<PlacedItem>,
    read: Vec<PlacedItem>,
    /// Places that the server could not serve; their old contents are kept.
    unread: Vec<u32>,
}

/// Evaluates the staged rows of a list, and stores them if they are accepted.
pub(super) async fn store(
    tx: &mut Tx,
    (account, run): (AccountId, RunId),
    page: &ContentsPage,
    last: &LastContentsPage,
) -> Result<ContentsCommitted> {
    let playlist = &page.playlist;
    let known = KnownContents::of(tx, account, playlist).await?;
    let stored = items::stored(tx, account, playlist).await?;
    let mut read = items::staged(tx, account, playlist).await?;
    let end = i64::from(page.first_position) + i64::from(len(&page.rows));
    read.retain(|slot| slot.ord < end);
    let unread = items::fill_unread(&mut read, &stored);
    let whole = Whole { account, run, playlist, last, known, stored, read, unread };
    let digest = evidence::digest(&whole.read);
    let committed = match whole.evidence(&digest).verdict() {
        ContentsVerdict::Agreed { difference } => match len(&whole.stored).saturating_sub(len(&whole.read)) {
            by if by > 0 && !last.may_shrink && whole.known.contents_synced_at.is_some() => {
                return Ok(ContentsCommitted::Shorter { by, slots: len(&whole.read) });
            }
            _ => ContentsCommitted::Stored(whole.believe(tx, difference).await?),
        },
        ContentsVerdict::Richer => {
            let delta = whole.replace(tx).await?;
            whole.doubt(tx, &digest).await?;
            ContentsCommitted::Doubted { delta, is_known: true }
        }
        ContentsVerdict::Poorer => {
            whole.doubt(tx, &digest).await?;
            ContentsCommitted::Doubted { delta: Delta::default(), is_known: false }
        }
    };
    items::clear_stage(tx, account, Some(playlist)).await?;
    Ok(committed)
}

impl Whole<'_> {
    fn evidence(&self, digest: &str) -> Evidence<'_> {
        let KnownContents { contents_doubt, contents_doubt_run, .. } = &self.known;
        let is_same = contents_doubt.as_deref() == Some(digest);
        Evidence {
            read: &self.read,
            stored: &self.stored,
            listed: self.last.listed,
            total: self.last.total,
            difference: self.known.contents_difference,
            is_doubtful: self.last.is_doubtful,
            is_again: is_same && contents_doubt_run.is_some_and(|run| run < self.run.0),
        }
    }

    /// Replaces the old version with the new one, and writes its lines in the journal. Contents
    /// that were never accepted are no version to compare with.
    async fn replace(&self, tx: &mut Tx) -> Result<Delta> {
        let new: Vec<Item> = self.read.iter().map(|slot| slot.item.clone()).collect();
        let versions = Versions::compare(&self.stored, &new);
        items::replace(tx, self.account, self.playlist, &self.stored, &versions.placed()).await?;
        if self.known.contents_synced_at.is_none() {
            let added = len(&new).saturating_sub(len(&self.stored));
            return Ok(Delta { added, ..Delta::default() });
        }
        let edits = versions.edits(self.playlist, &self.known.name);
        let seen = ObservedAt { account: self.account, run: self.run, at: self.last.at };
        write::write(tx, seen, Entity::PlaylistItems, &edits).await?;
        Ok(Delta::of(&edits))
    }

    /// Stores the list, its version and the time of the reading. The next listing shows whether
    /// that version is still the listed one.
    async fn believe(&self, tx: &mut Tx, difference: i64) -> Result<Delta> {
        let delta = self.replace(tx).await?;
        let place = (self.account, Entity::PlaylistItems, self.playlist.as_str());
        unreadable_places::keep(tx, place, &self.unread).await?;
        let listed = self.last.listed.map_or(0, i64::from);
        let is_much_missing = difference.saturating_mul(LARGE_SHARE) > listed;
        let tries = if is_much_missing { self.known.contents_tries + 1 } else { 0 };
        let retry_at = self.next_try(difference, is_much_missing.then_some(tries));
        sqlx::query(BELIEVE)
            .bind(self.account.0)
            .bind(self.playlist.as_str())
            .bind(self.last.snapshot_id.as_ref().map(crate::domain::SnapshotId::as_str))
            .bind(sqlite::millis(self.last.at))
            .bind(len(&self.read))
            .bind(difference)
            .bind(retry_at.map(sqlite::millis))
            .bind(tries)
            .execute(&mut **tx)
            .await?;
        Ok(delta)
    }

    /// When the list is read again although its version is the same. `tries` is given where most of it is missing.
    fn next_try(&self, difference: i64, tries: Option<i64>) -> Option<DateTime<Utc>> {
        match (difference, tries) {
            _ if !self.unread.is_empty() => Some(self.last.at + Attempts::LATER),
            // However often this happens: if most of a listed list is not shown, it is checked again.
            (_, Some(tries)) if tries > i64::from(Attempts::AT_ONCE) => Some(self.last.at + Attempts::LATER),
            (_, Some(_)) => Some(self.last.at),
            (0, None) => None,
            (_, None) => Some(self.last.at + DIFFERENCE_KEPT),
        }
    }

    /// Marks the list as contradictory, and stores a digest of what was read.
    async fn doubt(&self, tx: &mut Tx, digest: &str) -> Result<()> {
        let sql = "update playlists set
                       contents_state = 'failed', contents_error = ?3, contents_tries = contents_tries + 1,
                       contents_doubt_run = iif(contents_doubt = ?4, contents_doubt_run, ?5),
                       contents_doubt = ?4,
                       contents_count = (select count(*) from playlist_items
                                         where account_id = ?1 and playlist_id = ?2),
                       contents_retry_at = iif(contents_tries < ?6, null, ?7),
                       contents_asked_snapshot_id = snapshot_id,
                       contents_generation = (select contents_generation from accounts where account_id = ?1)
                   where account_id = ?1 and playlist_id = ?2";
        sqlx::query(sql)
            .bind(self.account.0)
            .bind(self.playlist.as_str())
            .bind(self.contradiction())
            .bind(digest)
            .bind(self.run.0)
            .bind(Attempts::AT_ONCE)
            .bind(sqlite::millis(self.last.at + Attempts::LATER))
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    fn contradiction(&self) -> String {
        let slots = self.read.len();
        match self.last.listed {
            Some(listed) if i64::from(listed) != i64::from(len(&self.read)) => format!(
                "Spotify lists it with {listed} items and shows {slots}; nothing is removed; a later sync tries again"
            ),
            _ => format!(
                "Spotify's answers about its {slots} items contradict each other; nothing is removed; a later sync tries again"
            ),
        }
    }
}
