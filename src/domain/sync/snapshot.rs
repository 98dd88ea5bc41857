//! Everything that an engine shows to a person, as one plain value.
//!
//! The engine publishes it as a whole; screens, `status --json` and the local API show only this.
//! Field names are a stable interface: add fields, never rename them.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{
    Alert, BackgroundTask, Bucket, CapabilityStatus, DayCoverage, Entity, EntityState, HoldReason, Host,
    Mode, RunId, RunStatus, SyncState, Trigger, User,
};

/// Version of the format below; two sides with different versions must not talk to each other.
pub const PROTOCOL: u32 = 1;

/// Whether an engine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineState {
    /// An engine runs and publishes this.
    Running,
    /// Read from the database; no engine runs.
    None,
}

/// Whether Spotify accepts our login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum LoginState {
    /// Not requested yet.
    Unknown,
    /// Spotify answers.
    Ok {
        /// When the person's consent expires (six months after login), if known.
        consent_ends_at: Option<DateTime<Utc>>,
    },
    /// Nothing can be fetched before a person logs in.
    Needed {
        /// One sentence with the next step.
        why: String,
    },
}

/// Whether rows can be written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Storage {
    /// Nothing was written yet.
    #[default]
    Unknown,
    /// The last write succeeded.
    Well,
    /// The last write failed.
    Failing {
        /// One sentence with the next step.
        why: String,
    },
}

const fn answers() -> bool {
    true
}

/// Everything that a person can see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// [`PROTOCOL`] of the program that made it.
    pub protocol: u32,
    /// phonolog's version.
    pub version: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The account, once known.
    pub account: Option<User>,
    /// The database's URL.
    pub database: String,
    /// Whether an engine runs.
    pub engine: EngineState,
    /// Whether it answers. If it does not, this is the database's content.
    #[serde(default = "answers")]
    pub engine_answers: bool,
    /// What runs it, if it runs.
    #[serde(default)]
    pub host: Option<Host>,
    /// Whether Spotify accepts our login.
    pub login: LoginState,
    /// Whether rows can be written.
    #[serde(default)]
    pub storage: Storage,
    /// The raised alerts, the most important first.
    #[serde(default)]
    pub alerts: Vec<Alert>,
    /// A person paused the library sync; plays are still recorded.
    pub paused: bool,
    /// The current run, otherwise the last one.
    pub run: Option<RunView>,
    /// One for each entity with a gauge, in working order.
    pub entities: Vec<EntityStatus>,
    /// One for each bucket that was ever called or refused.
    pub rate_limits: Vec<RateLimit>,
    /// The requests that the gate sent.
    pub usage: Vec<BucketUsage>,
    /// Requests in each of the last [`Snapshot::HOURS`] clock hours, the current one last.
    #[serde(default)]
    pub requests_by_hour: Vec<u32>,
    /// Our own limit on requests per bucket and day.
    pub daily_budget: u32,
    /// Background tasks that a bug stopped recently.
    #[serde(default)]
    pub failed_tasks: Vec<BackgroundTask>,
    /// The listening history.
    pub plays: PlaysStatus,
    /// What is playing now, while a screen is open and Spotify allows it.
    #[serde(default)]
    pub now_playing: Option<NowPlaying>,
    /// The journal's newest lines, newest first, at most [`Snapshot::JOURNAL_LINES`].
    pub journal: Vec<ChangeLine>,
    /// Rejected rows that are stored raw.
    pub set_aside: u32,
    /// Kinds of saved things that this release does not mirror.
    pub not_mirrored: Vec<String>,
    /// What was learned about this app: what Spotify allows it, and what not.
    #[serde(default)]
    pub capabilities: Vec<CapabilityStatus>,
}

impl Snapshot {
    /// Lines of the journal in a snapshot.
    pub const JOURNAL_LINES: u32 = 20;
    /// Hours in a snapshot, each with its requests.
    pub const HOURS: u32 = 24;
    /// Days in a snapshot, each with its coverage.
    pub const COVERAGE_DAYS: u32 = 30;
    /// Gaps of the history in a snapshot.
    pub const NEWEST_GAPS: u32 = 20;
    /// Plays in a snapshot.
    pub const LATEST_PLAYS: u32 = 10;

    /// Kinds of saved things that this release does not mirror yet.
    pub const NOT_MIRRORED: [&str; 3] = ["shows", "episodes", "audiobooks"];

    /// The snapshot of an empty database.
    #[must_use]
    pub fn nothing_recorded(database: &str, daily_budget: u32, now: DateTime<Utc>) -> Self {
        Self {
            protocol: PROTOCOL,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            at: now,
            account: None,
            database: database.to_owned(),
            engine: EngineState::None,
            engine_answers: true,
            host: None,
            login: LoginState::Unknown,
            storage: Storage::Unknown,
            alerts: Vec::new(),
            paused: false,
            run: None,
            entities: Entity::GAUGED.map(|entity| (&SyncState::unread(entity)).into()).into(),
            rate_limits: Vec::new(),
            usage: Vec::new(),
            requests_by_hour: Vec::new(),
            daily_budget,
            failed_tasks: Vec::new(),
            plays: PlaysStatus::default(),
            now_playing: None,
            journal: Vec::new(),
            set_aside: 0,
            not_mirrored: Self::NOT_MIRRORED.map(str::to_owned).into(),
            capabilities: Vec::new(),
        }
    }

    /// The hold that forbids calls to `bucket`, if there is one.
    #[must_use]
    pub fn hold_on(&self, bucket: Bucket, now: DateTime<Utc>) -> Option<&RateLimit> {
        self.rate_limits
            .iter()
            .filter(|limit| limit.reset_at.is_some_and(|reset_at| now < reset_at))
            .filter(|limit| limit.bucket == bucket || limit.reason == Some(HoldReason::RateLimited))
            .max_by_key(|limit| limit.reset_at)
    }

    /// Whether the current run is postponed for a person's command: a scheduled run that has
    /// reached its details, its last part.
    #[must_use]
    pub fn run_gives_way(&self) -> bool {
        let is_scheduled =
            |run: &RunView| run.status == RunStatus::Running && run.trigger == Trigger::Schedule;
        let is_last =
            |row: &EntityStatus| row.entity_type == Entity::Details && row.state == EntityState::Running;
        self.run.as_ref().is_some_and(is_scheduled) && self.entities.iter().any(is_last)
    }
}

/// One gauge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityStatus {
    /// The entity.
    pub entity_type: Entity,
    /// What it is doing or waiting for.
    pub state: EntityState,
    /// How it is read.
    pub mode: Mode,
    /// Rows read in the current walk, otherwise rows stored.
    pub done: u32,
    /// The number of rows according to Spotify; unknown before the first page.
    pub total: Option<u32>,
    /// By how many rows Spotify's count exceeds the rows that it shows, if two readings agreed.
    #[serde(default)]
    pub not_shown: u32,
    /// Rows that Spotify shows without contents, or cannot show at all.
    #[serde(default)]
    pub unreadable: u32,
    /// When it last equalled the account; for details, when a turn last fetched some.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// When it was last read from end to end; between two such readings only changes are read.
    #[serde(default)]
    pub read_whole_at: Option<DateTime<Utc>>,
    /// When it is due next.
    pub next_due_at: Option<DateTime<Utc>>,
    /// Until when no turn starts by itself because the day's budget of its bucket is used up; a
    /// person may still start one.
    #[serde(default)]
    pub budget_until: Option<DateTime<Utc>>,
    /// One sentence about the last failure.
    pub error: Option<String>,
    /// Removals that need a person's approval.
    pub braked_removals: Option<u32>,
    /// Rows added by the current reading, otherwise by the last one.
    pub added: u32,
    /// Rows removed; the same reading.
    pub removed: u32,
    /// Rows changed; the same reading.
    pub changed: u32,
}

impl EntityStatus {
    /// When it is due by itself, with the day's budget considered; `None` means at once.
    #[must_use]
    pub fn due_at(&self) -> Option<DateTime<Utc>> {
        self.next_due_at.max(self.budget_until)
    }
}

impl From<&SyncState> for EntityStatus {
    fn from(row: &SyncState) -> Self {
        Self {
            entity_type: row.entity,
            state: row.state,
            mode: row.mode,
            done: row.total_processed,
            total: row.total_remote.map(|total| total.min(row.listed(total))),
            not_shown: u32::try_from(row.total_surplus).unwrap_or(0),
            unreadable: row.null_rows,
            last_synced_at: row.last_synced_at,
            read_whole_at: row.read_whole_at,
            next_due_at: row.next_due_at,
            budget_until: None,
            error: row.last_error.clone(),
            braked_removals: row.braked_removals,
            added: row.last_added,
            removed: row.last_removed,
            changed: row.last_changed,
        }
    }
}

/// A bucket's refusal, past or current, and the rest of our own budget for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimit {
    /// The bucket.
    pub bucket: Bucket,
    /// Until when it must not be called; in the past or `None` if it may be called.
    pub reset_at: Option<DateTime<Utc>>,
    /// What Spotify requested, in seconds.
    pub retry_after_seconds: Option<u32>,
    /// The rest of our own budget of a day.
    pub requests_remaining: u32,
    /// Why it was refused.
    pub reason: Option<HoldReason>,
}

/// Requests to a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketUsage {
    /// The bucket.
    pub bucket: Bucket,
    /// In the last 30 seconds.
    pub window: u32,
    /// In the last 24 hours.
    pub day: u32,
}

/// A run, running or finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    /// Its key in `sync_runs`.
    pub id: RunId,
    /// How it reads.
    pub mode: Mode,
    /// What started it.
    pub trigger: Trigger,
    /// Its state.
    pub status: RunStatus,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Requests sent so far.
    pub requests: u32,
    /// Rows added so far.
    pub added: u32,
    /// Rows removed so far.
    pub removed: u32,
    /// Rows changed or moved so far.
    pub changed: u32,
    /// One sentence, if something went wrong.
    pub error: Option<String>,
}

/// An overview of the listening history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct PlaysStatus {
    /// Plays in the database.
    pub stored: u64,
    /// When the last poll succeeded.
    pub last_polled_at: Option<DateTime<Utc>>,
    /// When the next poll is due.
    pub next_poll_at: Option<DateTime<Utc>>,
    /// Intervals in which plays were lost.
    pub gaps: u32,
    /// The newest of them, newest first, at most [`Snapshot::NEWEST_GAPS`].
    #[serde(default)]
    pub newest_gaps: Vec<PlayGap>,
    /// How completely each of the last [`Snapshot::COVERAGE_DAYS`] days (in UTC) up to the last
    /// poll is known, the newest last.
    #[serde(default)]
    pub coverage_by_day: Vec<DayCoverage>,
    /// One sentence about the last failure.
    pub error: Option<String>,
    /// The newest plays, newest first, at most [`Snapshot::LATEST_PLAYS`].
    pub latest: Vec<PlayLine>,
}

/// A time in which plays were lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayGap {
    /// The start.
    pub from: DateTime<Utc>,
    /// The end.
    pub to: DateTime<Utc>,
}

/// A play as a line on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayLine {
    /// End of the play.
    pub played_at: DateTime<Utc>,
    /// The title, as stored.
    pub name: String,
    /// The artists, joined by `, `.
    pub artists: String,
}

/// What is playing now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NowPlaying {
    /// The title, as it came.
    pub name: String,
    /// The artists, or the podcast, joined by `, `.
    pub artists: String,
    /// Its progress at [`at`](Self::at), in milliseconds.
    pub progress_ms: u64,
    /// Its length in milliseconds, if known.
    pub duration_ms: Option<u64>,
    /// Whether it is playing; otherwise it is paused.
    pub is_playing: bool,
    /// When it was requested.
    pub at: DateTime<Utc>,
}

impl NowPlaying {
    /// Its progress at `now`, in milliseconds: while it plays, the progress continues, at most to
    /// its end.
    #[must_use]
    pub fn progress_at(&self, now: DateTime<Utc>) -> u64 {
        let since = if self.is_playing { (now - self.at).num_milliseconds() } else { 0 };
        let progress = self.progress_ms.saturating_add(u64::try_from(since).unwrap_or(0));
        self.duration_ms.map_or(progress, |lasts| progress.min(lasts))
    }

    /// How long after `now` its next second passes; `None` if it is paused or over.
    #[must_use]
    pub fn moves_in(&self, now: DateTime<Utc>) -> Option<Duration> {
        let progress = self.progress_at(now);
        let end = self.duration_ms.unwrap_or(u64::MAX);
        if !self.is_playing || progress >= end {
            return None;
        }
        let next = ((progress / 1000 + 1) * 1000).min(end);
        let from_the_look = TimeDelta::try_milliseconds(i64::try_from(next - self.progress_ms).ok()?)?;
        Some((self.at + from_the_look - now).to_std().unwrap_or(Duration::ZERO))
    }
}

/// A change as a line on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeLine {
    /// When a sync saw it.
    pub observed_at: DateTime<Utc>,
    /// The entity.
    pub entity_type: Entity,
    /// added, removed, changed or moved.
    pub change: String,
    /// The item's name, as stored.
    pub name: String,
    /// An additional detail, for example the playlist's name.
    pub detail: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_plays_moves_by_itself_from_second_to_second_and_stops_at_its_end() {
        let at = DateTime::UNIX_EPOCH;
        let playing = NowPlaying {
            name: "Alma".to_owned(),
            artists: String::new(),
            progress_ms: 1_300,
            duration_ms: Some(4_500),
            is_playing: true,
            at,
        };
        let mut now = at;
        let mut seen = Vec::new();
        while let Some(wait) = playing.moves_in(now) {
            seen.push(playing.progress_at(now));
            now += wait;
        }
        assert_eq!(seen, [1_300, 2_000, 3_000, 4_000]);
        assert_eq!(playing.progress_at(now), 4_500);
        assert_eq!(playing.progress_at(now + TimeDelta::hours(1)), 4_500);
        // A clock that was set back does not reduce it.
        assert_eq!(playing.progress_at(at - TimeDelta::hours(1)), 1_300);
        let paused = NowPlaying { is_playing: false, ..playing.clone() };
        assert_eq!((paused.progress_at(now), paused.moves_in(now)), (1_300, None));
        let endless = NowPlaying { duration_ms: None, ..playing };
        assert_eq!(endless.progress_at(at + TimeDelta::seconds(60)), 61_300);
        assert_eq!(endless.moves_in(at), Some(Duration::from_millis(700)));
    }

    #[test]
    fn a_snapshot_of_an_older_engine_still_reads() {
        let snapshot = Snapshot::nothing_recorded("sqlite:x", 300, DateTime::UNIX_EPOCH);
        let mut json = serde_json::to_value(&snapshot).unwrap();
        for name in [
            "capabilities",
            "now_playing",
            "alerts",
            "storage",
            "requests_by_hour",
            "failed_tasks",
            "engine_answers",
        ] {
            json.as_object_mut().unwrap().remove(name).unwrap();
        }
        for name in ["newest_gaps", "coverage_by_day"] {
            json["plays"].as_object_mut().unwrap().remove(name).unwrap();
        }
        assert_eq!(serde_json::from_value::<Snapshot>(json).unwrap(), snapshot);
    }
}
