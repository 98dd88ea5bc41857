//! Which playlists are to be read, and how their contents come in.
//!
//! Owns: the `contents_` columns of `playlists` and the transaction that stores a list with its version.
//! Must not know: where contents are read, or why Spotify hides some.

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};

use super::items::{self, Item, Placed};
use super::journal::{self, Seen};
use super::set_aside::{self, Place, SeenAt};
use super::sqlite::{self, Tx, count, len};
use super::versions::Versions;
use super::{Checkpoint, Delta, Result, Store, StoreError, runs, state};
use crate::domain::{
    AccountId, ContentsState, Entity, Mode, PlaylistId, PlaylistItem, Row, RunId, SnapshotId,
};

/// A playlist whose contents are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentsJob {
    /// Which.
    pub id: PlaylistId,
    /// Its name.
    pub name: String,
    /// Its version as last listed.
    pub snapshot_id: Option<SnapshotId>,
    /// Its slots as last listed.
    pub item_count: Option<u32>,
    /// The owner's user id.
    pub owner_id: String,
    /// Others may edit it.
    pub collaborative: bool,
    /// How its contents stand.
    pub state: ContentsState,
    /// When its contents were last read; `None`: never.
    pub synced_at: Option<DateTime<Utc>>,
}

/// A page of a playlist's contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentsPage {
    /// Whose.
    pub playlist: PlaylistId,
    /// Place of its first row; 0 begins the list anew.
    pub first_position: u32,
    /// Its slots, in order; each has its place, readable or not.
    pub rows: Vec<Row<PlaylistItem>>,
    /// Set on the last page: the whole list replaces what is stored.
    pub last: Option<LastContentsPage>,
    /// From where to go on when this page is in.
    pub checkpoint: Checkpoint,
}

/// What closes a playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastContentsPage {
    /// The version seen before the first page.
    pub snapshot_id: Option<SnapshotId>,
    /// Slots that Spotify says there are.
    pub total: u32,
    /// Rows were left out of one of its pages, so that a length that comes out proves nothing.
    pub is_doubtful: bool,
    /// What the reading before this one found, where that did not come out: two that find the same are
    /// believed.
    pub before: Option<Fingerprint>,
    /// When the last page was read.
    pub at: DateTime<Utc>,
}

/// What was read of a list, in a few bytes; alike for alike contents, within one run of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(u64);

/// What a page of contents brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentsCommitted {
    /// Kept until the last page comes.
    Staged,
    /// It was the last: the list is stored.
    Stored(Delta),
    /// It was the last, but what was read is not as long as Spotify says: what was staged of the list
    /// is dropped and nothing stored is changed. Read it again.
    Mismatch(Fingerprint),
}

/// How a reading of contents ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishContents {
    /// When.
    pub at: DateTime<Utc>,
    /// When the next turn comes.
    pub next_due_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct JobColumns {
    playlist_id: String,
    name: String,
    snapshot_id: Option<String>,
    item_count: Option<i64>,
    owner_id: String,
    collaborative: bool,
    contents_state: String,
    contents_synced_at: Option<String>,
}

impl TryFrom<JobColumns> for ContentsJob {
    type Error = StoreError;

    fn try_from(row: JobColumns) -> Result<Self> {
        Ok(Self {
            id: PlaylistId::new(row.playlist_id),
            name: row.name,
            snapshot_id: row.snapshot_id.map(SnapshotId::new),
            item_count: row.item_count.map(count),
            owner_id: row.owner_id,
            collaborative: row.collaborative,
            state: sqlite::word(&row.contents_state)?,
            synced_at: sqlite::maybe_time(row.contents_synced_at.as_deref())?,
        })
    }
}

/// What is known of a playlist before a new version of it is stored.
#[derive(sqlx::FromRow)]
struct Known {
    name: String,
    item_count: Option<i64>,
    contents_synced_at: Option<String>,
}

/// Whether this is the whole list: as long as Spotify says, without a hole, or at least what the reading
/// before it found too. An empty answer for a list that was listed with slots is a fault of the moment,
/// not an empty list.
fn is_whole(slots: &[Placed], last: &LastContentsPage, known: &Known) -> bool {
    let in_order = slots.iter().zip(0..).all(|(slot, place)| slot.ord == place);
    let emptied = slots.is_empty() && known.item_count.is_some_and(|listed| listed > 0);
    in_order && !emptied && (comes_out(slots, last) || last.before == Some(fingerprint(slots)))
}

/// Whether these are as many slots as Spotify says there are, without one that was left out.
fn comes_out(slots: &[Placed], last: &LastContentsPage) -> bool {
    len(slots) == last.total && !last.is_doubtful
}

fn fingerprint(slots: &[Placed]) -> Fingerprint {
    let mut hasher = DefaultHasher::new();
    slots.hash(&mut hasher);
    Fingerprint(hasher.finish())
}

/// Stores a list that was read to its end, or gives what was found where it does not come out.
async fn store(
    tx: &mut Tx,
    account: AccountId,
    run: RunId,
    page: &ContentsPage,
    last: &LastContentsPage,
) -> Result<std::result::Result<Delta, Fingerprint>> {
    let known = "select name, item_count, contents_synced_at
                 from playlists where account_id = ?1 and playlist_id = ?2";
    let known: Known =
        sqlx::query_as(known).bind(account.0).bind(page.playlist.as_str()).fetch_one(&mut **tx).await?;
    let mut slots = match page.first_position {
        0 => Vec::new(),
        _ => items::staged(tx, account, &page.playlist).await?,
    };
    slots.retain(|slot| slot.ord < i64::from(page.first_position));
    slots.extend(items::of_page(page));
    items::clear_stage(tx, account, Some(&page.playlist)).await?;
    if !is_whole(&slots, last, &known) {
        return Ok(Err(fingerprint(&slots)));
    }
    let comes_out = comes_out(&slots, last);
    let items: Vec<Item> = slots.into_iter().map(|slot| slot.item).collect();
    let (delta, is_known) = replace(tx, account, run, page, last, &known, &items).await?;
    // Answers that leave the same row out may do so for a moment only: what does not come out is believed for good
    // when a later run finds it again.
    let version = last.snapshot_id.as_ref().filter(|_| comes_out || is_known);
    stored(tx, account, page, (version, last.at), len(&items)).await?;
    Ok(Ok(delta))
}

/// Puts the new version in the place of the old one, with its lines in the journal; whether it is what was stored.
async fn replace(
    tx: &mut Tx,
    account: AccountId,
    run: RunId,
    page: &ContentsPage,
    last: &LastContentsPage,
    known: &Known,
    new: &[Item],
) -> Result<(Delta, bool)> {
    let old = items::stored(tx, account, &page.playlist).await?;
    let versions = Versions::compare(&old, new);
    items::replace(tx, account, &page.playlist, &old, &versions.placed()).await?;
    if known.contents_synced_at.is_none() {
        return Ok((Delta { added: len(new), ..Delta::default() }, false));
    }
    let edits = versions.edits(&page.playlist, &known.name);
    let seen = Seen { account, run, at: last.at };
    journal::write(tx, seen, Entity::PlaylistItems, &edits).await?;
    Ok((Delta::of(&edits), edits.is_empty()))
}

/// Notes which version is stored, if that is certain, and when it was read. Whether it is still the listed one shows with the next listing.
async fn stored(
    tx: &mut Tx,
    account: AccountId,
    page: &ContentsPage,
    (version, at): (Option<&SnapshotId>, DateTime<Utc>),
    slots: u32,
) -> Result<()> {
    let sql = "update playlists set
                   contents_state = 'complete', contents_error = null, contents_snapshot_id = ?3,
                   contents_synced_at = ?4, contents_count = ?5,
                   contents_first_at = coalesce(contents_first_at, ?4),
                   contents_generation = (select contents_generation from accounts where account_id = ?1)
               where account_id = ?1 and playlist_id = ?2";
    sqlx::query(sql)
        .bind(account.0)
        .bind(page.playlist.as_str())
        .bind(version.map(SnapshotId::as_str))
        .bind(sqlite::millis(at))
        .bind(slots)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl Store {
    /// The playlists whose contents are to be read, in the order of the list: pending and failed ones,
    /// and with `everything` also those not read since [`Store::start_contents_generation`].
    pub async fn contents_todo(&self, account: AccountId, everything: bool) -> Result<Vec<ContentsJob>> {
        let sql =
            "select playlist_id, name, snapshot_id, item_count, owner_id, collaborative, contents_state,
                          contents_synced_at
                   from playlists p
                   where account_id = ?1 and removed_at is null
                     and (contents_state in ('pending', 'failed')
                          or ?2 and contents_state <> 'hidden'
                             and contents_generation < (select a.contents_generation from accounts a
                                                        where a.account_id = ?1))
                   order by ord";
        let rows: Vec<JobColumns> =
            sqlx::query_as(sql).bind(account.0).bind(everything).fetch_all(&self.readers).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Every playlist that is listed, in the order of the list, however its contents stand.
    pub async fn listed_contents(&self, account: AccountId) -> Result<Vec<ContentsJob>> {
        self.contents(account, true).await
    }

    /// Every playlist that was listed once and is not any more, with what is kept of its contents.
    pub async fn unlisted_contents(&self, account: AccountId) -> Result<Vec<ContentsJob>> {
        self.contents(account, false).await
    }

    async fn contents(&self, account: AccountId, is_listed: bool) -> Result<Vec<ContentsJob>> {
        let sql =
            "select playlist_id, name, snapshot_id, item_count, owner_id, collaborative, contents_state,
                          contents_synced_at
                   from playlists where account_id = ?1 and (removed_at is null) = ?2 order by ord";
        let rows: Vec<JobColumns> =
            sqlx::query_as(sql).bind(account.0).bind(is_listed).fetch_all(&self.readers).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Keeps a page of a playlist; the last one stores the list and its version in one transaction.
    pub async fn commit_contents(
        &self,
        account: AccountId,
        run: RunId,
        page: &ContentsPage,
    ) -> Result<ContentsCommitted> {
        let place = Place {
            account,
            entity: Entity::PlaylistItems,
            context: page.playlist.as_str(),
            seen_at: SeenAt::Run(run),
        };
        let mut tx = self.begin().await?;
        if page.first_position == 0 {
            items::clear_stage(&mut tx, account, Some(&page.playlist)).await?;
        }
        items::catalogue(&page.rows)?.write(&mut tx).await?;
        set_aside::keep(&mut tx, place, &page.rows).await?;
        let committed = match &page.last {
            None => {
                items::stage(&mut tx, account, &page.playlist, &items::of_page(page)).await?;
                ContentsCommitted::Staged
            }
            Some(last) => match store(&mut tx, account, run, page, last).await? {
                Ok(delta) => ContentsCommitted::Stored(delta),
                Err(found) => ContentsCommitted::Mismatch(found),
            },
        };
        let delta = match committed {
            ContentsCommitted::Stored(delta) => delta,
            ContentsCommitted::Staged => Delta::default(),
            ContentsCommitted::Mismatch(_) => {
                tx.commit().await?;
                return Ok(committed);
            }
        };
        runs::add(&mut tx, run, delta).await?;
        state::piece(&mut tx, (account, run), Entity::PlaylistItems, &page.checkpoint, delta).await?;
        tx.commit().await?;
        Ok(committed)
    }

    /// Whether nothing speaks against these slots being unavailable: all are stored so, or the list was
    /// never read. A first reading believes its null rows, which in a list are common.
    pub async fn are_unavailable(
        &self,
        account: AccountId,
        playlist: &PlaylistId,
        positions: &[u32],
    ) -> Result<bool> {
        if positions.is_empty() {
            return Ok(true);
        }
        let sql = "select (select count(*) from v_playlist_items
                           where account_id = ?1 and playlist_id = ?2 and kind = 'unavailable'
                             and position in (select value from json_each(?3))),
                          exists (select 1 from playlists where account_id = ?1 and playlist_id = ?2
                                  and contents_synced_at is null)";
        let (found, is_first): (i64, bool) = sqlx::query_as(sql)
            .bind(account.0)
            .bind(playlist.as_str())
            .bind(sqlite::rows(&positions)?)
            .fetch_one(&self.readers)
            .await?;
        Ok(is_first || count(found) == len(positions))
    }

    /// Whether what is staged of a playlist, with `last` rows behind it, looks as if it had moved while it
    /// was read: a slot of the stored version is missing, or one stands there twice.
    pub async fn contents_look_torn(
        &self,
        account: AccountId,
        playlist: &PlaylistId,
        last_position: u32,
        last: &[Row<PlaylistItem>],
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        let mut new = items::staged(&mut tx, account, playlist).await?;
        new.retain(|slot| slot.ord < i64::from(last_position));
        new.extend(items::of_rows(last_position, last));
        Ok(items::look_torn(&items::stored(&mut tx, account, playlist).await?, &new))
    }

    /// Says how the contents of a playlist stand.
    pub async fn mark_contents(
        &self,
        account: AccountId,
        playlist: &PlaylistId,
        state: ContentsState,
        error: Option<&str>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let sql = "update playlists set contents_state = ?3, contents_error = ?4
                   where account_id = ?1 and playlist_id = ?2";
        sqlx::query(sql)
            .bind(account.0)
            .bind(playlist.as_str())
            .bind(state.as_str())
            .bind(error)
            .execute(&mut *tx)
            .await?;
        if state == ContentsState::Hidden {
            items::clear_stage(&mut tx, account, Some(playlist)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Ends a run's work on contents: the initial reading is complete if no list is pending any more,
    /// and the entity equals the account if none has failed either.
    pub async fn finish_contents(
        &self,
        account: AccountId,
        run: RunId,
        finish: &FinishContents,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        // Of a list that went away while it was read.
        items::clear_stage(&mut tx, account, None).await?;
        state::piece(&mut tx, (account, run), Entity::PlaylistItems, &FINISHED, Delta::default()).await?;
        sqlx::query(FINISH)
            .bind(account.0)
            .bind(sqlite::millis(finish.at))
            .bind(finish.next_due_at.map(sqlite::millis))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// One of the lists that are hidden because they are neither one's own nor collaborative, each day
    /// another; `None` where there is none. Asking for it tells whether Spotify still hides them.
    pub async fn a_hidden_list(&self, account: AccountId, now: DateTime<Utc>) -> Result<Option<ContentsJob>> {
        let sql = "with hidden as (
                       select playlist_id, name, snapshot_id, item_count, owner_id, collaborative,
                              contents_state, contents_synced_at, ord, count(*) over () as lists
                       from playlists p
                       where account_id = ?1 and removed_at is null and contents_state = 'hidden'
                         and not collaborative
                         and owner_id <> (select user_id from accounts a where a.account_id = ?1))
                   select playlist_id, name, snapshot_id, item_count, owner_id, collaborative, contents_state,
                          contents_synced_at
                   from hidden order by (row_number() over (order by ord) + ?2) % lists limit 1";
        let day = now.timestamp().div_euclid(24 * 60 * 60);
        let row: Option<JobColumns> =
            sqlx::query_as(sql).bind(account.0).bind(day).fetch_optional(&self.readers).await?;
        row.map(TryInto::try_into).transpose()
    }

    /// A full resync begins: every list is to be read again.
    pub async fn start_contents_generation(&self, account: AccountId) -> Result<()> {
        let sql = "update accounts set contents_generation = contents_generation + 1 where account_id = ?1";
        sqlx::query(sql).bind(account.0).execute(self.writer()?).await?;
        Ok(())
    }

    /// Slots read and slots in all, over the lists that are not hidden.
    pub async fn contents_progress(&self, account: AccountId) -> Result<(u32, u32)> {
        let sql = "select coalesce(sum(iif(read, slots, 0)), 0), coalesce(sum(slots), 0) from (
                       select contents_state = 'complete' and p.contents_generation = a.contents_generation
                                  as read,
                              iif(contents_state = 'complete', contents_count,
                                  coalesce(item_count, contents_count, 0)) as slots
                       from playlists p join accounts a on a.account_id = p.account_id
                       where p.account_id = ?1 and removed_at is null and contents_state <> 'hidden')";
        let (done, total): (i64, i64) = sqlx::query_as(sql).bind(account.0).fetch_one(&self.readers).await?;
        Ok((count(done), count(total)))
    }
}

/// No walk is under way.
const FINISHED: Checkpoint = Checkpoint { mode: Mode::Incremental, cursor: None, processed: 0, remote: None };

const FINISH: &str = "
with lists as (
    select coalesce(sum(contents_count), 0) as slots,
           coalesce(sum(iif(contents_state = 'complete', contents_count,
                            coalesce(item_count, contents_count, 0))), 0) as remote,
           count(*) filter (where contents_state = 'pending') as pending,
           count(*) filter (where contents_state = 'failed') as failed
    from playlists where account_id = ?1 and removed_at is null and contents_state <> 'hidden')
update sync_state set
    state = 'idle', cursor = null, last_error = null, next_due_at = ?3,
    is_initial_complete = is_initial_complete or lists.pending = 0,
    mode = iif(is_initial_complete or lists.pending = 0, 'incremental', 'initial'),
    baseline_at = coalesce(baseline_at, iif(lists.pending = 0, ?2, null)),
    last_synced_at = iif(lists.pending + lists.failed = 0, ?2, last_synced_at),
    total_processed = lists.slots, total_remote = lists.remote
from lists
where account_id = ?1 and entity_type = 'playlist_items'";
