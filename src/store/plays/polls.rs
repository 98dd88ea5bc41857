//! What each poll said about the listening, and an overview of the history.
//!
//! Owns: `play_polls` and `play_observations`. What a source said is never changed; plays are
//! derived from it. Must not know: when to poll.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::coverage::{self, CoverageSpan};
use super::derive;
use crate::domain::{
    AccountId, Entity, Play, PlayGap, PlayLine, Played, PlaysStatus, Row, SLACK_MS, Snapshot,
};
use crate::store::catalog::describe::CatalogueWriter;
use crate::store::db::sqlite::{self, Tx, count, len};
use crate::store::play_columns::time_id;
use crate::store::state::rejected_rows::{self, RejectedPlace, SeenAt};
use crate::store::state::sync_state::{self, EntityDone};
use crate::store::{Delta, PlayStore, Result};

/// One answer of `recently-played`.
#[derive(Debug, Clone, Copy)]
pub struct Poll<'a> {
    /// When the request was sent.
    pub polled_at: DateTime<Utc>,
    /// What it listed, newest first.
    pub rows: &'a [Row<Play>],
    /// When the next poll is due.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// The result of a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollOutcome {
    /// Plays that were not known before.
    pub new_plays: u32,
    /// Plays may have been lost between these two times.
    pub gap: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// Stores what a poll listed; returns all keys in its order.
async fn observe(tx: &mut Tx, account: AccountId, poll: i64, plays: &[&Play]) -> Result<Vec<i64>> {
    let rows: Vec<_> = plays
        .iter()
        .map(|play| {
            let (track, episode) = match &play.what {
                Played::Track(track) => (Some(&track.id), None),
                Played::Episode(episode) => (None, Some(&episode.id)),
            };
            (sqlite::millis(play.played_at), play.what.uri(), track, episode, &play.context_uri)
        })
        .collect();
    let rows = sqlite::rows(&rows)?;
    let sql = "insert into play_observations as old
                   (account_id, first_poll, played_at, uri, track_id, episode_id, context_uri)
               select ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4
               from jsonb_each(?3) where true order by value ->> 0
               on conflict do update set context_uri = excluded.context_uri
               where old.context_uri is null and excluded.context_uri is not null";
    sqlx::query(sql).bind(account.0).bind(poll).bind(&rows).execute(&mut **tx).await?;
    let sql = "select o.id from jsonb_each(?2) as listed join play_observations o
               on o.account_id = ?1 and o.played_at = value ->> 0 and o.uri = value ->> 1
               order by cast(listed.key as integer)";
    Ok(sqlx::query_scalar(sql).bind(account.0).bind(&rows).fetch_all(&mut **tx).await?)
}

/// Stores that there was an answer; [`keep_list`] then stores what it listed.
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

/// Stores what the answer listed and for which time. Returns whether the answer before it listed
/// the same, which is not stored twice.
async fn keep_list(
    tx: &mut Tx,
    account: AccountId,
    poll: i64,
    listed: &[i64],
    plays: &[&Play],
    window: Option<CoverageSpan>,
) -> Result<bool> {
    let sql = "select observations from play_polls
               where account_id = ?1 and id < ?2 and observations is not null order by id desc limit 1";
    let before: Option<String> =
        sqlx::query_scalar(sql).bind(account.0).bind(poll).fetch_optional(&mut **tx).await?;
    let listed = sqlite::rows(&listed)?;
    let is_news = before.as_ref() != Some(&listed);
    let ends = plays.iter().map(|play| play.played_at);
    let sql = "update play_polls set oldest_at = ?2, newest_at = ?3, window_from = ?4, observations = ?5
               where id = ?1";
    sqlx::query(sql)
        .bind(poll)
        .bind(ends.clone().min().map(sqlite::millis))
        .bind(ends.max().map(sqlite::millis))
        .bind(window.map(|window| sqlite::millis(window.from)))
        .bind((is_news && !plays.is_empty()).then_some(listed))
        .execute(&mut **tx)
        .await?;
    Ok(is_news)
}

/// What an answer revealed.
struct Lesson {
    new_plays: u32,
    overlaps: bool,
}

/// Derives the plays of the time that the answer covers. A play is new if no earlier poll listed
/// any stamp of it. It is known if one did, even if this poll gives it another stamp.
async fn learn(tx: &mut Tx, account: AccountId, poll: i64, plays: &[&Play]) -> Result<Lesson> {
    let ends = plays.iter().map(|play| play.played_at.timestamp_millis());
    let (Some(oldest), Some(newest)) = (ends.clone().min(), ends.max()) else {
        return Ok(Lesson { new_plays: 0, overlaps: false });
    };
    let outcome = derive::settle(tx, account, oldest - SLACK_MS, newest + SLACK_MS).await?;
    let is_new = |polls: &&Vec<i64>| polls.iter().all(|first| *first == poll);
    let new = outcome.first_polls.iter().filter(is_new).count();
    let new_plays = u32::try_from(new).unwrap_or(u32::MAX);
    Ok(Lesson { new_plays, overlaps: new_plays < len(plays) })
}

/// The newest known play that is older than everything on a page.
async fn newest_before(
    tx: &mut Tx,
    account: AccountId,
    page: Option<CoverageSpan>,
) -> Result<Option<DateTime<Utc>>> {
    let Some(page) = page else { return Ok(None) };
    let sql = "select id from play_rows where account_id = ?1 and id < ?2 order by id desc limit 1";
    let newest: Option<i64> = sqlx::query_scalar(sql)
        .bind(account.0)
        .bind(time_id::first_id_at(page.from))
        .fetch_optional(&mut **tx)
        .await?;
    Ok(newest.map(time_id::ended_at))
}

/// Stores what a poll proves about the time that it covers, and the gap before it.
async fn prove(
    tx: &mut Tx,
    account: AccountId,
    page: Option<CoverageSpan>,
    gap: Option<CoverageSpan>,
) -> Result<()> {
    let Some(page) = page else { return Ok(()) };
    if let Some(gap) = gap {
        coverage::remember_gap(tx, account, gap).await?;
    }
    coverage::update(tx, account, |coverage| {
        if let Some(gap) = gap {
            coverage.lost(gap.from.timestamp_millis(), gap.to.timestamp_millis());
        }
        coverage.complete(page.from.timestamp_millis(), page.to.timestamp_millis());
    })
    .await
}

/// The same play listed twice in one answer counts once; the first one is used.
fn distinct<'a>(rows: &'a [Row<Play>]) -> Vec<&'a Play> {
    let mut seen = HashSet::new();
    let readable = rows.iter().filter_map(Row::readable);
    readable
        .filter(|play: &&'a Play| seen.insert((play.played_at.timestamp_millis(), play.what.uri())))
        .collect()
}

/// What the answer says of the songs and episodes themselves.
fn described<'a>(plays: &[&'a Play]) -> Result<CatalogueWriter<'a>> {
    let mut catalogue = CatalogueWriter::default();
    for play in plays {
        match &play.what {
            Played::Track(track) => catalogue.track(track)?,
            Played::Episode(episode) => catalogue.episode(episode),
        }
    }
    Ok(catalogue)
}

impl Poll<'_> {
    fn done(&self, plays_before: u32, new_plays: u32) -> EntityDone {
        EntityDone {
            processed: plays_before + new_plays,
            null_rows: 0,
            remote: None,
            surplus: None,
            at: self.polled_at,
            next_due_at: self.next_due_at,
            whole: false,
            delta: Delta { added: new_plays, ..Delta::default() },
        }
    }
}

impl PlayStore<'_> {
    /// Stores what a poll listed, derives the plays, and records coverage or a gap. One
    /// transaction.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn commit_poll(self, poll: &Poll<'_>) -> Result<PollOutcome> {
        let Self { store, account } = self;
        let plays = distinct(poll.rows);
        let catalogue = described(&plays)?;
        let polled_at = sqlite::millis(poll.polled_at);
        let place =
            RejectedPlace { account, entity: Entity::Plays, context: "", seen_at: SeenAt::Time(&polled_at) };

        let mut tx = store.begin().await?;
        catalogue.write(&mut tx).await?;
        rejected_rows::keep(&mut tx, place, poll.rows).await?;
        let id = record_poll(&mut tx, account, poll).await?;
        let listed = observe(&mut tx, account, id, &plays).await?;
        let window = coverage::spanned(plays.iter().map(|play| play.played_at));
        let is_news = keep_list(&mut tx, account, id, &listed, &plays, window).await?;
        // Before this answer is stored: it may list an older play that was reported late.
        let before = newest_before(&mut tx, account, window).await?;
        let Lesson { new_plays, overlaps } = if is_news {
            learn(&mut tx, account, id, &plays).await?
        } else {
            Lesson { new_plays: 0, overlaps: true }
        };
        sqlx::query("update play_polls set new_plays = ?2 where id = ?1")
            .bind(id)
            .bind(new_plays)
            .execute(&mut *tx)
            .await?;
        let gap = window.and_then(|page| coverage::gap(page, overlaps, before));
        prove(&mut tx, account, window, gap).await?;
        let state = sync_state::read(&mut *tx, account, Entity::Plays).await?;
        let done = poll.done(state.total_processed, new_plays);
        sync_state::done(&mut tx, account, Entity::Plays, &done).await?;
        tx.commit().await?;
        Ok(PollOutcome { new_plays, gap: gap.map(|gap| (gap.from, gap.to)) })
    }

    /// An overview of the history.
    pub async fn status(self) -> Result<PlaysStatus> {
        let Self { store, account } = self;
        // A database has one account, and counting all of a million plays takes an eighth of the
        // time of counting those of one account.
        let counts = "select (select count(*) from play_rows),
                             (select count(*) from play_coverage where account_id = ?1 and state = 'gap')";
        let (stored, gaps): (i64, i64) =
            sqlx::query_as(counts).bind(account.0).fetch_one(&store.readers).await?;
        let state = store.account(account).sync_state().of(Entity::Plays).await?;
        Ok(PlaysStatus {
            stored: u64::try_from(stored).unwrap_or(0),
            last_polled_at: state.last_synced_at,
            next_poll_at: state.next_due_at,
            gaps: count(gaps),
            newest_gaps: self.newest_gaps().await?,
            coverage_by_day: match state.last_synced_at {
                Some(polled_at) => self.coverage_by_day(polled_at).await?,
                None => Vec::new(),
            },
            error: state.last_error,
            latest: self.latest().await?,
        })
    }

    async fn newest_gaps(self) -> Result<Vec<PlayGap>> {
        let Self { store, account } = self;
        let sql = "select from_at, to_at from play_coverage where account_id = ?1 and state = 'gap'
                   order by from_at desc limit ?2";
        let rows: Vec<(String, String)> =
            sqlx::query_as(sql).bind(account.0).bind(Snapshot::NEWEST_GAPS).fetch_all(&store.readers).await?;
        let gap =
            |(from, to): (String, String)| Ok(PlayGap { from: sqlite::time(&from)?, to: sqlite::time(&to)? });
        rows.into_iter().map(gap).collect()
    }

    async fn latest(self) -> Result<Vec<PlayLine>> {
        let Self { store, account } = self;
        let sql = "select p.id, coalesce(t.name, e.name, ''), coalesce(t.artists, e.show_name, '')
                   from (select id, item_id from play_rows where account_id = ?1 order by id desc limit ?2) p
                   join stats_items i on i.item_id = p.item_id
                   left join tracks t on t.track_id = i.track_id
                   left join episodes e on e.episode_id = i.episode_id order by p.id desc";
        let rows: Vec<(i64, String, String)> = sqlx::query_as(sql)
            .bind(account.0)
            .bind(Snapshot::LATEST_PLAYS)
            .fetch_all(&store.readers)
            .await?;
        let line = |(id, name, artists)| PlayLine { played_at: time_id::ended_at(id), name, artists };
        Ok(rows.into_iter().map(line).collect())
    }
}
