//! Genres and pictures of the library's artists. They are fetched last and slowly, the most played
//! artists first.
//!
//! A scheduled turn spends its share of the day's budget; if a person requested the details, it may
//! spend all that is left. Every answer is committed separately. If something stops a turn, it is
//! shown beside the gauge and is no failure of the run.

mod fetch;

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use crate::domain::{Artist, ArtistId, Capability, Entity, EntityStatus, Row, SyncState, Trigger};
use crate::spotify::RequestOptions;
use crate::store::{Checkpoint, Committed, Delta, DetailsAnswer, FinishDetails};

use super::availability::Availability;
use super::cursor::{Cursor, DetailsCursor};
use super::job::Job;
use crate::engine::error::JobError;
use crate::engine::status::rate_limit_store::{Meter, Metered};
use crate::engine::status::snapshot;
use crate::engine::timing::budget;
use crate::engine::timing::schedule;

use fetch::AskedArtists;

/// How many artists in a row must lack a field before it counts as closed.
const LACKING: u32 = 20;

/// Does one turn. It changes nothing in the library, so the delta is empty.
pub async fn turn(job: &Job<'_>) -> Result<Committed<Delta>, JobError> {
    let mut turn = DetailsTurn::begin(job).await?;
    let end = turn.work().await?;
    let state = turn.finish(end).await?;
    Ok(Committed { outcome: Delta::default(), state })
}

struct DetailsTurn<'a> {
    job: &'a Job<'a>,
    ask: RequestOptions,
    is_initial_complete: bool,
    /// The artists that are still to be fetched, the most important first.
    todo: VecDeque<ArtistId>,
    described: u32,
    total: u32,
    lacking: DetailsCursor,
    requests: Meter,
    allowance: Allowance,
    /// When another entity is due, which takes precedence.
    ends_at: Option<DateTime<Utc>>,
}

/// How many requests a turn may send, and what limits them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allowance {
    /// The share of a scheduled turn.
    Share(u32),
    /// All that is left of the day's budget.
    Rest(u32),
}

/// Why a turn ended.
enum End {
    /// No artist is left to fetch.
    Whole,
    /// It used its share, or another entity is due.
    Share,
    /// The day's budget is used up.
    Budget,
    /// This app may not ask.
    Closed(&'static str),
}

impl<'a> DetailsTurn<'a> {
    async fn begin(job: &'a Job<'a>) -> Result<Self, JobError> {
        let state = job.store().sync_state().of(job.entity).await?;
        let mut turn = Self {
            job,
            ask: ask(job),
            is_initial_complete: state.is_initial_complete,
            todo: VecDeque::new(),
            described: state.total_processed,
            total: state.total_remote.unwrap_or(0),
            lacking: match Cursor::of(&state) {
                Some(Cursor::Details(lacking)) => lacking,
                _ => DetailsCursor::default(),
            },
            requests: job.ctx.memory.meter(Metered::Library),
            allowance: allowance(job).await?,
            ends_at: ends_at(job).await?,
        };
        // Shown before the first answer, so that a person's command finds a run that can be
        // postponed.
        let begun = job.store().library().begin_reading(job.entity, &turn.checkpoint()).await?;
        job.show(&begun).await;
        let (now, since) = (job.ctx.clock.now(), job.full().then_some(job.run.started_at));
        if since.is_none() {
            job.store().details().correct_later(now).await?;
        }
        let todo = job.store().details().todo(now, since).await?;
        (turn.described, turn.total) = (todo.described, todo.total);
        turn.todo = todo.artists.into();
        Ok(turn)
    }

    async fn work(&mut self) -> Result<End, JobError> {
        while !self.todo.is_empty() {
            if let Some(end) = self.is_over() {
                return Ok(end);
            }
            match self.ask_on().await? {
                AskedArtists::Rows(rows) => self.take(rows).await?,
                AskedArtists::Learned => {}
                AskedArtists::Closed(why) => return Ok(End::Closed(why)),
            }
        }
        Ok(End::Whole)
    }

    fn is_over(&self) -> Option<End> {
        let spent = self.requests.read();
        match self.allowance {
            Allowance::Rest(most) if spent >= most => Some(End::Budget),
            Allowance::Share(most) if spent >= most => Some(End::Share),
            _ if self.ends_at.is_some_and(|end| self.job.ctx.clock.now() >= end) => Some(End::Share),
            _ => None,
        }
    }

    /// Stores an answer about the first of the remaining artists.
    async fn take(&mut self, rows: Vec<Row<Artist>>) -> Result<(), JobError> {
        let Job { ctx, .. } = self.job;
        let asked: Vec<ArtistId> = self.todo.drain(..rows.len().min(self.todo.len())).collect();
        let genres = lacking(&mut self.lacking.without_genres, &rows, |artist| artist.genres.is_some());
        let pictures = lacking(&mut self.lacking.without_pictures, &rows, |artist| artist.pictures.is_some());
        let answer = DetailsAnswer { asked, rows, at: ctx.clock.now(), checkpoint: self.checkpoint() };
        let committed = self.job.store().details().commit(self.job.run_id(), &answer).await?;
        self.described = self.described.saturating_add(committed.outcome.added);
        self.learn(Capability::ArtistGenres, genres).await?;
        self.learn(Capability::ArtistPictures, pictures).await?;
        self.job.show_progress(&committed.state).await;
        Ok(())
    }

    /// Stores whether a field is available, if the answers show it. A field that stays closed while
    /// the other is still requested is noted once a day, not with every answer.
    async fn learn(&self, field: Capability, is_there: Option<bool>) -> Result<(), JobError> {
        match is_there {
            Some(false) if self.job.availability(field).await? == Availability::Closed => Ok(()),
            Some(is_there) => self.job.learn(field, is_there).await,
            None => Ok(()),
        }
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            mode: self.job.mode(self.is_initial_complete),
            cursor: Cursor::Details(self.lacking).to_json(),
            processed: self.described,
            remote: Some(self.total),
        }
    }

    async fn finish(self, end: End) -> Result<SyncState, JobError> {
        let Job { ctx, next_due_at, .. } = self.job;
        let finish = FinishDetails {
            described: self.described,
            total: self.total,
            whole: matches!(end, End::Whole),
            reason: reason(&end, ctx.settings.gate().daily_budget),
            at: ctx.clock.now(),
            next_due_at: Some(*next_due_at),
        };
        Ok(self.job.store().details().finish(&finish).await?)
    }
}

/// A scheduled turn does not wait out a refusal: it continues at its next turn.
fn ask(job: &Job<'_>) -> RequestOptions {
    let mut ask = job.ask.clone();
    if job.run.request.trigger == Trigger::Schedule {
        ask.max_wait = std::time::Duration::ZERO;
    }
    ask
}

async fn allowance(job: &Job<'_>) -> Result<Allowance, JobError> {
    let settings = &job.ctx.settings;
    let budget = settings.gate().daily_budget;
    let left = budget::left(budget, job.used_today(Entity::Details.bucket()).await?);
    let share = budget::share(budget, settings.sync().library_interval);
    Ok(match job.run.request.trigger {
        Trigger::Schedule if share <= left => Allowance::Share(share),
        _ => Allowance::Rest(left),
    })
}

/// A scheduled turn ends when another entity is due.
async fn ends_at(job: &Job<'_>) -> Result<Option<DateTime<Utc>>, JobError> {
    if job.run.request.trigger != Trigger::Schedule {
        return Ok(None);
    }
    let states = job.store().sync_state().all().await?;
    let mut entities: Vec<EntityStatus> = states.iter().map(EntityStatus::from).collect();
    let (ctx, budget) = (job.ctx, job.ctx.settings.gate().daily_budget);
    snapshot::refresh_budget(&ctx.store, &mut entities, budget, ctx.clock.now()).await?;
    Ok(schedule::next_due(&entities))
}

fn reason(end: &End, budget: u32) -> Option<String> {
    match end {
        End::Whole | End::Share => None,
        End::Budget => {
            Some(format!("the {budget} background requests of the day are used up; it continues later"))
        }
        End::Closed(why) => Some((*why).to_owned()),
    }
}

/// Updates the number of artists in a row that lacked a field. Returns whether the field is
/// available, once that is known. A row without an artist lacks every field.
fn lacking(in_a_row: &mut u32, rows: &[Row<Artist>], has: impl Fn(&Artist) -> bool) -> Option<bool> {
    let mut is_there = None;
    for row in rows {
        if row.readable().is_some_and(&has) {
            *in_a_row = 0;
            is_there = Some(true);
        } else {
            *in_a_row = in_a_row.saturating_add(1);
        }
    }
    is_there.or_else(|| (*in_a_row >= LACKING).then_some(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artist(genres: bool) -> Row<Artist> {
        Row::Readable(Artist {
            id: ArtistId::new("a"),
            uri: "spotify:artist:a".to_owned(),
            name: "A".to_owned(),
            genres: genres.then(Vec::new),
            pictures: None,
        })
    }

    #[test]
    fn a_field_that_twenty_in_a_row_lack_is_closed_and_one_who_has_it_opens_it() {
        let has = |artist: &Artist| artist.genres.is_some();
        let mut in_a_row = 0;
        let silent: Vec<_> = (0..19).map(|_| artist(false)).collect();
        assert_eq!(lacking(&mut in_a_row, &silent, has), None);
        assert_eq!(lacking(&mut in_a_row, &[Row::Null], has), Some(false));
        assert_eq!(in_a_row, 20);
        assert_eq!(lacking(&mut in_a_row, &[artist(true), artist(false)], has), Some(true));
        assert_eq!(in_a_row, 1);
        assert_eq!(lacking(&mut in_a_row, &silent, has), Some(false));
    }

    #[test]
    fn what_ends_a_turn_is_told_unless_it_is_the_ordinary_thing() {
        assert_eq!(reason(&End::Whole, 300), None);
        assert_eq!(reason(&End::Share, 300), None);
        assert!(reason(&End::Budget, 300).unwrap().contains("300 background requests"));
        assert_eq!(reason(&End::Closed("why"), 300).as_deref(), Some("why"));
    }
}
