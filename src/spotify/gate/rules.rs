//! Decides which request goes next, as a plain value: no clock, no waiting. The gate asks it
//! whenever something changed.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::pace::GatePace;
use super::refusal::{RateLimitRefusal, whole_second_after};
use super::{GateSettings, Priority};
use crate::domain::{Bucket, Hold, HoldReason};

/// A place in the queue; tickets are ordered by priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket {
    priority: Priority,
    number: u64,
}

/// The decision for a waiting request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GateTurn {
    /// It is sent now and is in flight.
    Go,
    /// Ask again after this time, or when something changed.
    After(Duration),
    /// Another request goes first: ask again when something changed.
    Behind,
    /// A hold lasts longer than the request waits.
    Held {
        /// The hold.
        hold: Hold,
        /// The rest of it.
        rest: Duration,
    },
}

/// A hold and its end on the monotonic clock. That clock stops while the machine sleeps, so
/// [`Rules::clock_changed`] compares it with the end by the wall clock; the end only ever becomes
/// earlier.
#[derive(Debug, Clone)]
struct BucketStanding {
    hold: Hold,
    until: Duration,
}

impl BucketStanding {
    fn concerns(&self, bucket: Bucket) -> bool {
        self.hold.bucket == bucket || self.hold.reason == HoldReason::RateLimited
    }
}

/// The state of the gate.
#[derive(Debug)]
pub(super) struct Rules {
    pace: GatePace,
    holds: Vec<BucketStanding>,
    waiting: BTreeMap<Ticket, Bucket>,
    in_flight: Option<Ticket>,
    tickets: u64,
    /// Consecutive refusals without a usable time.
    guesses: BTreeMap<Bucket, u32>,
}

impl Rules {
    pub(super) fn new(
        settings: GateSettings,
        recorded: Vec<Hold>,
        now: DateTime<Utc>,
        elapsed: Duration,
    ) -> Self {
        let mut rules = Self {
            pace: GatePace::new(settings),
            holds: Vec::new(),
            waiting: BTreeMap::new(),
            in_flight: None,
            tickets: 0,
            guesses: BTreeMap::new(),
        };
        for hold in recorded {
            let rest = rest_after_restart(&hold, now);
            if !rest.is_zero() {
                let until = elapsed + rest;
                rules.stand(BucketStanding { hold, until }, elapsed);
            }
        }
        rules
    }

    /// Takes a place in the queue.
    pub(super) fn join(&mut self, priority: Priority, bucket: Bucket) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket { priority, number: self.tickets };
        self.waiting.insert(ticket, bucket);
        ticket
    }

    /// Leaves the queue or ends the flight.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        self.waiting.remove(&ticket);
        if self.in_flight == Some(ticket) {
            self.in_flight = None;
        }
    }

    /// Whether `ticket` may go.
    pub(super) fn turn(&mut self, ticket: Ticket, max_wait: Duration, elapsed: Duration) -> GateTurn {
        let Some(&bucket) = self.waiting.get(&ticket) else {
            return GateTurn::Behind;
        };
        if let Some(standing) = self.hold_on(bucket, elapsed) {
            let rest = standing.until.saturating_sub(elapsed);
            return if rest > max_wait {
                GateTurn::Held { hold: standing.hold.clone(), rest }
            } else {
                GateTurn::After(rest)
            };
        }
        let apart = ticket.priority == Priority::TokenRefresh;
        if (self.in_flight.is_some() && !apart) || self.is_behind(ticket, elapsed) {
            return GateTurn::Behind;
        }
        match self.pace.wait(elapsed) {
            Duration::ZERO => {
                self.pace.take(elapsed);
                self.waiting.remove(&ticket);
                if !apart {
                    self.in_flight = Some(ticket);
                }
                GateTurn::Go
            }
            wait => GateTurn::After(wait),
        }
    }

    /// `bucket` was refused at `now`.
    pub(super) fn refused(
        &mut self,
        bucket: Bucket,
        refusal: RateLimitRefusal,
        now: DateTime<Utc>,
        elapsed: Duration,
    ) -> Hold {
        let guesses = self.guesses.get(&bucket).copied().unwrap_or(0);
        if refusal.retry_after.is_none() {
            self.guesses.insert(bucket, guesses.saturating_add(1));
        }
        let hold = refusal.hold(bucket, guesses, now);
        let until = elapsed + crate::clock::until(hold.reset_at, now);
        self.stand(BucketStanding { hold: hold.clone(), until }, elapsed);
        hold
    }

    /// `bucket` answered. Returns whether a hold of it is still stored. This happens if the wall
    /// clock was set back since, and the hold has been waited out nevertheless.
    pub(super) fn succeeded(&mut self, bucket: Bucket, now: DateTime<Utc>, elapsed: Duration) -> bool {
        self.guesses.remove(&bucket);
        let held = |standing: &BucketStanding| standing.hold.bucket == bucket && elapsed >= standing.until;
        let is_recorded = self.holds.iter().any(|standing| held(standing) && standing.hold.reset_at > now);
        self.holds.retain(|standing| !held(standing));
        is_recorded
    }

    /// The wall clock was set, or it went on while the monotonic one stopped during sleep: no hold
    /// lasts beyond its end by the wall clock, or beyond its previous end.
    pub(super) fn clock_changed(&mut self, now: DateTime<Utc>, elapsed: Duration) {
        for standing in &mut self.holds {
            let by_wall = elapsed + crate::clock::until(standing.hold.reset_at, now);
            if by_wall < standing.until && standing.hold.reason == HoldReason::RateLimited {
                self.pace.unblock(by_wall, elapsed);
            }
            standing.until = standing.until.min(by_wall);
        }
    }

    /// The current holds, each with its end by the wall clock as it is now.
    pub(super) fn holds(&self, now: DateTime<Utc>, elapsed: Duration) -> Vec<Hold> {
        let in_force = self.holds.iter().filter(|standing| elapsed < standing.until);
        let told = in_force.map(|standing| {
            let rest = standing.until.saturating_sub(elapsed);
            let reset_at = end_by_wall(&standing.hold, rest, now);
            let moved = reset_at - standing.hold.reset_at;
            Hold { reset_at, hit_at: standing.hold.hit_at + moved, ..standing.hold.clone() }
        });
        told.collect()
    }

    fn stand(&mut self, standing: BucketStanding, elapsed: Duration) {
        if standing.hold.reason == HoldReason::RateLimited {
            self.pace.block(standing.until);
        }
        self.holds.retain(|older| elapsed < older.until);
        self.holds.push(standing);
    }

    fn hold_on(&self, bucket: Bucket, elapsed: Duration) -> Option<&BucketStanding> {
        let in_force = self.holds.iter().filter(|standing| elapsed < standing.until);
        in_force.filter(|standing| standing.concerns(bucket)).max_by_key(|standing| standing.until)
    }

    /// Whether a request of higher priority waits for anything but a hold.
    fn is_behind(&self, ticket: Ticket, elapsed: Duration) -> bool {
        self.waiting.range(..ticket).any(|(_, bucket)| self.hold_on(*bucket, elapsed).is_none())
    }
}

/// The rest of a stored hold when a process starts: up to its wall-clock end. If the clock was set
/// back, it is never longer than the whole hold was (what Spotify requested, plus the rounding).
fn rest_after_restart(hold: &Hold, now: DateTime<Utc>) -> Duration {
    let asked = Duration::from_secs(u64::from(hold.retry_after_seconds));
    let whole = crate::clock::until(hold.reset_at, hold.hit_at).clamp(asked, asked + Duration::from_secs(1));
    crate::clock::until(hold.reset_at, now).min(whole)
}

/// When a hold ends by the current wall clock: `reset_at`, unless the clock was set since.
pub(super) fn end_by_wall(hold: &Hold, rest: Duration, now: DateTime<Utc>) -> DateTime<Utc> {
    let end = TimeDelta::from_std(rest).map_or(hold.reset_at, |rest| now + rest);
    if (end - hold.reset_at).abs() <= TimeDelta::seconds(1) { hold.reset_at } else { whole_second_after(end) }
}
