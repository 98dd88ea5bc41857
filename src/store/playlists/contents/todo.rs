//! Which playlists are to be read, and when a list that could not be read is requested again.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{ContentsState, PlaylistId, SnapshotId};
use crate::store::db::sqlite::{self, count};
use crate::store::{PlaylistStore, Result, StoreError};

/// A playlist whose contents are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentsJob {
    /// The playlist's id.
    pub id: PlaylistId,
    /// Its name.
    pub name: String,
    /// Its version as last listed.
    pub snapshot_id: Option<SnapshotId>,
    /// Its slots as last listed.
    pub item_count: Option<u32>,
    /// Its slots as stored.
    pub stored_count: Option<u32>,
    /// The owner's user id; empty if it was never given.
    pub owner_id: String,
    /// Others may edit it.
    pub collaborative: bool,
    /// The state of its contents.
    pub state: ContentsState,
    /// When its contents were last read; `None`: never.
    pub synced_at: Option<DateTime<Utc>>,
    /// What is known about failed readings.
    pub attempts: Attempts,
    /// It was not read since the last full resync began.
    pub is_of_old_generation: bool,
}

/// Failed readings of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attempts {
    /// The number of failures since the last complete reading.
    pub count: u32,
    /// It is not requested before this time; `None`: in the next run.
    pub retry_at: Option<DateTime<Utc>>,
    /// The version that was listed at that time.
    pub asked: Option<SnapshotId>,
    /// The last reading contradicted the listing.
    pub is_doubted: bool,
}

impl Attempts {
    /// How long a list is not requested if it is refused, or contradicts itself again and again.
    pub const LATER: TimeDelta = TimeDelta::days(1);
    /// After this many failed readings a list waits, whatever the reason is.
    pub const AT_ONCE: u32 = 6;
    /// After this many failed readings even a new version is not requested at once: some lists have
    /// another version in every answer.
    const BY_VERSION: u32 = 8;
}

impl ContentsJob {
    /// Whether a run at `now` reads it; `everything`: in a full resync.
    #[must_use]
    pub fn is_due(&self, now: DateTime<Utc>, everything: bool) -> bool {
        let is_due = match (self.state, self.attempts.retry_at) {
            (ContentsState::Pending, _) | (ContentsState::Failed, None) => true,
            (ContentsState::Complete, at) => at.is_some_and(|at| is_over(at, now)),
            (ContentsState::Hidden, None) => false,
            (ContentsState::Failed | ContentsState::Hidden, Some(at)) => {
                let is_new = self.snapshot_id != self.attempts.asked;
                is_over(at, now) || is_new && self.attempts.count <= Attempts::BY_VERSION
            }
        };
        is_due || everything && self.is_of_old_generation
    }
}

/// Whether a wait is over. A wait that ends later than any wait can is from before the clock was
/// set back.
fn is_over(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at <= now || at - now > TimeDelta::days(8)
}

#[derive(sqlx::FromRow)]
pub(super) struct JobColumns {
    playlist_id: String,
    name: String,
    snapshot_id: Option<String>,
    item_count: Option<i64>,
    contents_count: Option<i64>,
    owner_id: String,
    collaborative: bool,
    contents_state: String,
    contents_synced_at: Option<String>,
    contents_tries: i64,
    contents_retry_at: Option<String>,
    contents_asked_snapshot_id: Option<String>,
    is_doubted: bool,
    is_of_old_generation: bool,
}

impl TryFrom<JobColumns> for ContentsJob {
    type Error = StoreError;

    fn try_from(row: JobColumns) -> Result<Self> {
        Ok(Self {
            id: PlaylistId::new(row.playlist_id),
            name: row.name,
            snapshot_id: row.snapshot_id.map(SnapshotId::new),
            item_count: row.item_count.map(count),
            stored_count: row.contents_count.map(count),
            owner_id: row.owner_id,
            collaborative: row.collaborative,
            state: sqlite::word(&row.contents_state)?,
            synced_at: sqlite::maybe_time(row.contents_synced_at.as_deref())?,
            attempts: Attempts {
                count: count(row.contents_tries),
                retry_at: sqlite::maybe_time(row.contents_retry_at.as_deref())?,
                asked: row.contents_asked_snapshot_id.map(SnapshotId::new),
                is_doubted: row.is_doubted,
            },
            is_of_old_generation: row.is_of_old_generation,
        })
    }
}

/// Lists that are listed (`?2`) or were listed once, in their order.
const LISTS: &str = "
select playlist_id, name, snapshot_id, item_count, contents_count, owner_id, collaborative, contents_state,
       contents_synced_at, contents_tries, contents_retry_at, contents_asked_snapshot_id,
       contents_doubt is not null as is_doubted,
       p.contents_generation < a.contents_generation as is_of_old_generation
from playlists p join accounts a on a.account_id = p.account_id
where p.account_id = ?1 and (removed_at is null) = ?2 order by ord";

impl PlaylistStore<'_> {
    /// The playlists that a run at `now` reads, in the order of the list; with `everything` also
    /// those that were not read since [`PlaylistStore::start_contents_generation`].
    pub async fn contents_todo(self, now: DateTime<Utc>, everything: bool) -> Result<Vec<ContentsJob>> {
        let mut lists = self.listed_contents().await?;
        lists.retain(|list| list.is_due(now, everything));
        Ok(lists)
    }

    /// Every listed playlist, in the order of the list, whatever the state of its contents is.
    pub async fn listed_contents(self) -> Result<Vec<ContentsJob>> {
        self.contents(true).await
    }

    /// Every playlist that is no longer listed, with its stored contents.
    pub async fn unlisted_contents(self) -> Result<Vec<ContentsJob>> {
        self.contents(false).await
    }

    async fn contents(self, is_listed: bool) -> Result<Vec<ContentsJob>> {
        let Self { store, account } = self;
        let rows: Vec<JobColumns> =
            sqlx::query_as(LISTS).bind(account.0).bind(is_listed).fetch_all(&store.readers).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// One of the lists that are hidden because they are neither the account's own nor
    /// collaborative, another one each day; `None` if there is none. A request for it shows whether
    /// Spotify still hides them.
    pub async fn a_hidden_list(self, now: DateTime<Utc>) -> Result<Option<ContentsJob>> {
        let Self { store, account } = self;
        let me: Option<String> = sqlx::query_scalar("select user_id from accounts where account_id = ?1")
            .bind(account.0)
            .fetch_optional(&store.readers)
            .await?;
        let mut hidden = self.listed_contents().await?;
        hidden.retain(|list| {
            let is_foreign =
                !list.collaborative && !list.owner_id.is_empty() && me.as_ref() != Some(&list.owner_id);
            is_foreign && list.state == ContentsState::Hidden && list.attempts.retry_at.is_none()
        });
        let lists = i64::try_from(hidden.len()).unwrap_or(i64::MAX).max(1);
        let day = now.timestamp().div_euclid(24 * 60 * 60);
        let turn = usize::try_from(day.rem_euclid(lists)).unwrap_or(0);
        Ok((turn < hidden.len()).then(|| hidden.swap_remove(turn)))
    }

    /// A full resync begins: every list must be read again.
    pub async fn start_contents_generation(self) -> Result<()> {
        let Self { store, account } = self;
        let sql = "update accounts set contents_generation = contents_generation + 1 where account_id = ?1";
        store.execute(sqlx::query(sql).bind(account.0)).await
    }

    /// The account's own lists are never hidden: those that an earlier release hid must be read
    /// again.
    pub async fn show_own_lists(self) -> Result<()> {
        let Self { store, account } = self;
        let sql = "update playlists set contents_state = 'pending', contents_error = null
                   where account_id = ?1 and contents_state = 'hidden'
                     and (collaborative or owner_id = ''
                          or owner_id = (select user_id from accounts where account_id = ?1))";
        store.execute(sqlx::query(sql).bind(account.0)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + hour * 3600, 0).unwrap()
    }

    fn list(state: ContentsState, retry_at: Option<i64>, count: u32) -> ContentsJob {
        let version = Some(SnapshotId::new("v1"));
        ContentsJob {
            id: PlaylistId::new("p"),
            name: String::new(),
            snapshot_id: version.clone(),
            item_count: None,
            stored_count: None,
            owner_id: String::new(),
            collaborative: false,
            state,
            synced_at: None,
            attempts: Attempts { count, retry_at: retry_at.map(at), asked: version, is_doubted: false },
            is_of_old_generation: false,
        }
    }

    #[test]
    fn a_list_that_could_not_be_read_is_asked_for_once_a_day_and_with_a_new_version() {
        let due = |list: &ContentsJob, hour| list.is_due(at(hour), false);
        for state in [ContentsState::Failed, ContentsState::Hidden] {
            let mut refused = list(state, Some(24), 1);
            assert!(!due(&refused, 0) && !due(&refused, 23) && due(&refused, 24));
            assert!(due(&refused, -24 * 8), "the clock was set back");
            refused.snapshot_id = Some(SnapshotId::new("v2"));
            assert!(due(&refused, 1));
            refused.attempts.count = 9;
            assert!(!due(&refused, 1), "its version is another in every answer");
            refused.is_of_old_generation = true;
            assert!(refused.is_due(at(1), true));
        }
        assert!(due(&list(ContentsState::Failed, None, 1), 0), "a contradiction is looked at again");
        assert!(!due(&list(ContentsState::Hidden, None, 1), 999), "what this app may not see");
        assert!(!due(&list(ContentsState::Complete, None, 0), 999));
        assert!(due(&list(ContentsState::Complete, Some(24), 0), 24), "a place that could not be read");
        assert!(due(&list(ContentsState::Pending, Some(24), 9), 0));
    }
}
