//! The listening history: what each poll said, and the plays derived from it.
//!
//! Owns: `play_polls`, `play_observations` and `plays`. What a source said is never changed; plays can be
//! derived from it again. Must not know: when to poll.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::catalogue::Catalogue;
use super::coverage::{self, Span};
use super::set_aside::{self, Place, SeenAt};
use super::sqlite::{self, Tx, count, len};
use super::state::{self, Done};
use super::{Delta, Result, Store};
use crate::domain::{AccountId, Entity, Play, PlayLine, PlaysStatus, Row, Snapshot};

/// One answer of `recently-played`.
#[derive(Debug, Clone, Copy)]
pub struct Poll<'a> {
    /// When it was asked.
    pub polled_at: DateTime<Utc>,
    /// What it listed, newest first.
    pub rows: &'a [Row<Play>],
    /// When the next poll is due.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// What a poll brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollOutcome {
    /// Plays that were not known.
    pub new_plays: u32,
    /// Between these two instants plays may have been lost.
    pub gap: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// Keeps what a poll listed; gives how many of its plays were not known.
async fn observe(tx: &mut Tx, account: AccountId, poll: i64, plays: &[&Play]) -> Result<u32> {
    let rows: Vec<_> = plays
        .iter()
        .map(|play| (sqlite::millis(play.played_at), &play.track.uri, &play.track.id, &play.context_uri))
        .collect();
    let sql = "insert into play_observations
                   (account_id, first_poll, played_at, uri, track_id, context_uri)
               select ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3 from jsonb_each(?3)
               where true order by value ->> 0 on conflict do nothing";
    let observed =
        sqlx::query(sql).bind(account.0).bind(poll).bind(sqlite::rows(&rows)?).execute(&mut **tx).await?;
    Ok(u32::try_from(observed.rows_affected()).unwrap_or(u32::MAX))
}

/// Derives the plays of the observations that a poll brought: one each.
async fn derive(tx: &mut Tx, poll: i64) -> Result<()> {
    let sql = "insert into plays (account_id, played_at, track_id, uri, source, context_uri, observation_id)
               select account_id, played_at, track_id, uri, 'api', context_uri, id
               from play_observations where first_poll = ?1 order by id";
    sqlx::query(sql).bind(poll).execute(&mut **tx).await?;
    Ok(())
}

async fn record_poll(tx: &mut Tx, account: AccountId, poll: &Poll<'_>) -> Result<i64> {
    let sql = "insert into play_polls (account_id, polled_at, listed, new_plays) values (?1, ?2, ?3, 0)
               returning id";
    Ok(sqlx::query_scalar(sql)
        .bind(account.0)
        .bind(sqlite::millis(poll.polled_at))
        .bind(len(poll.rows))
        .fetch_one(&mut **tx)
        .await?)
}

/// The newest play known that is older than everything a page spans.
async fn newest_before(tx: &mut Tx, account: AccountId, page: Span) -> Result<Option<DateTime<Utc>>> {
    let sql = "select max(played_at) from play_observations where account_id = ?1 and played_at < ?2";
    let newest: Option<String> =
        sqlx::query_scalar(sql).bind(account.0).bind(sqlite::millis(page.from)).fetch_one(&mut **tx).await?;
    sqlite::maybe_time(newest.as_deref())
}

/// Notes what a poll proves of the time that it spans; gives the gap that it leaves.
async fn prove(
    tx: &mut Tx,
    account: AccountId,
    poll: &Poll<'_>,
    plays: &[&Play],
    overlaps: bool,
) -> Result<Option<Span>> {
    let Some(page) = coverage::spanned(plays.iter().map(|play| play.played_at)) else {
        return Ok(None);
    };
    let before = newest_before(tx, account, page).await?;
    let gap = coverage::gap(page, poll.rows.len(), overlaps, before);
    if let Some(gap) = gap {
        coverage::lost(tx, account, gap).await?;
    }
    coverage::complete(tx, account, page).await?;
    Ok(gap)
}

/// The same play listed twice in one answer is one; the first counts.
fn distinct<'a>(rows: &'a [Row<Play>]) -> Vec<&'a Play> {
    let mut seen = HashSet::new();
    let readable = rows.iter().filter_map(Row::readable);
    readable
        .filter(|play: &&'a Play| seen.insert((play.played_at.timestamp_millis(), &play.track.uri)))
        .collect()
}

impl Store {
    /// Stores what a poll listed, derives the plays and proves or misses coverage. One transaction.
    pub async fn commit_poll(&self, account: AccountId, poll: &Poll<'_>) -> Result<PollOutcome> {
        let plays = distinct(poll.rows);
        let mut catalogue = Catalogue::default();
        for play in &plays {
            catalogue.track(&play.track)?;
        }
        let polled_at = sqlite::millis(poll.polled_at);
        let place = Place { account, entity: Entity::Plays, context: "", seen_at: SeenAt::Time(&polled_at) };

        let mut tx = self.begin().await?;
        catalogue.write(&mut tx).await?;
        set_aside::keep(&mut tx, place, poll.rows).await?;
        let id = record_poll(&mut tx, account, poll).await?;
        let new_plays = observe(&mut tx, account, id, &plays).await?;
        derive(&mut tx, id).await?;
        sqlx::query("update play_polls set new_plays = ?2 where id = ?1")
            .bind(id)
            .bind(new_plays)
            .execute(&mut *tx)
            .await?;
        let overlaps = new_plays < len(&plays);
        let gap = prove(&mut tx, account, poll, &plays, overlaps).await?;
        let before = state::read(&mut *tx, account, Entity::Plays).await?;
        let done = Done {
            processed: before.total_processed + new_plays,
            null_rows: 0,
            remote: None,
            at: poll.polled_at,
            next_due_at: poll.next_due_at,
            whole: false,
            delta: Delta { added: new_plays, ..Delta::default() },
        };
        state::done(&mut tx, account, Entity::Plays, &done).await?;
        tx.commit().await?;
        Ok(PollOutcome { new_plays, gap: gap.map(|gap| (gap.from, gap.to)) })
    }

    /// The history at a glance.
    pub async fn plays_status(&self, account: AccountId) -> Result<PlaysStatus> {
        let counts = "select (select count(*) from plays where account_id = ?1),
                             (select count(*) from play_coverage where account_id = ?1 and state = 'gap')";
        let (stored, gaps): (i64, i64) =
            sqlx::query_as(counts).bind(account.0).fetch_one(&self.readers).await?;
        let state = self.sync_state(account, Entity::Plays).await?;
        Ok(PlaysStatus {
            stored: u64::try_from(stored).unwrap_or(0),
            last_polled_at: state.last_synced_at,
            next_poll_at: state.next_due_at,
            gaps: count(gaps),
            error: state.last_error,
            latest: self.latest_plays(account).await?,
        })
    }

    async fn latest_plays(&self, account: AccountId) -> Result<Vec<PlayLine>> {
        let sql = "select played_at, coalesce(name, ''), coalesce(artists, '')
                   from v_plays where account_id = ?1 order by played_at desc limit ?2";
        let rows: Vec<(String, String, String)> =
            sqlx::query_as(sql).bind(account.0).bind(Snapshot::LATEST_PLAYS).fetch_all(&self.readers).await?;
        let lines = rows.into_iter().map(|(played_at, name, artists)| {
            Ok(PlayLine { played_at: sqlite::time(&played_at)?, name, artists })
        });
        lines.collect()
    }
}
