//! Everything a person can see of an engine, as one plain value.
//!
//! The engine publishes it whole; screens, `status --json` and the local API show nothing else. Field
//! names are a stable surface: add, never rename.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{
    Alert, BackgroundTask, Bucket, CapabilityStatus, DayCoverage, Entity, EntityState, HoldReason, Host,
    Mode, RunId, RunStatus, SyncState, Trigger, User,
};

/// Version of the shape below; two sides that differ must not talk.
pub const PROTOCOL: u32 = 1;

/// Whether somebody does the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineState {
    /// An engine runs and publishes this.
    Running,
    /// Read from the database; nothing runs.
    None,
}

/// Whether Spotify lets us in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum LoginState {
    /// Not asked yet.
    Unknown,
    /// Answers come.
    Ok {
        /// When the person's consent ends (six months after login), if known.
        consent_ends_at: Option<DateTime<Utc>>,
    },
    /// Nothing can be fetched before a person logs in.
    Needed {
        /// One sentence with the next step.
        why: String,
    },
}

/// Whether what is read can be written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Storage {
    /// Nothing was written yet.
    #[default]
    Unknown,
    /// The last thing that was to be written was.
    Well,
    /// It was not.
    Failing {
        /// One sentence with the next step.
        why: String,
    },
}

const fn answers() -> bool {
    true
}

/// Everything a person can see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// [`PROTOCOL`] of whoever made it.
    pub protocol: u32,
    /// phonolog's version.
    pub version: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Whose library, once known.
    pub account: Option<User>,
    /// The database's URL.
    pub database: String,
    /// Whether an engine runs.
    pub engine: EngineState,
    /// Whether it answers. Where it does not, this is what the database holds.
    #[serde(default = "answers")]
    pub engine_answers: bool,
    /// What runs it, where one does.
    #[serde(default)]
    pub host: Option<Host>,
    /// Whether Spotify lets us in.
    pub login: LoginState,
    /// Whether what is read can be written.
    #[serde(default)]
    pub storage: Storage,
    /// What wants a person's attention, the weightiest first.
    #[serde(default)]
    pub alerts: Vec<Alert>,
    /// A person stopped the library sync; playback is still recorded.
    pub paused: bool,
    /// The run that is under way, else the last one.
    pub run: Option<RunView>,
    /// One per entity that has a gauge, in working order.
    pub entities: Vec<EntityStatus>,
    /// One per bucket that was ever called or refused.
    pub rate_limits: Vec<RateLimit>,
    /// What the gate has let through.
    pub usage: Vec<BucketUsage>,
    /// Requests in each of the last [`Snapshot::HOURS`] hours of the clock, the one under way last.
    #[serde(default)]
    pub requests_by_hour: Vec<u32>,
    /// Our own bound on requests a bucket and day.
    pub daily_budget: u32,
    /// Background tasks that a fault stopped not long ago.
    #[serde(default)]
    pub failed_tasks: Vec<BackgroundTask>,
    /// The listening history.
    pub plays: PlaysStatus,
    /// What plays now, while a screen is open and Spotify tells.
    #[serde(default)]
    pub now_playing: Option<NowPlaying>,
    /// The journal's newest lines, newest first, at most [`Snapshot::JOURNAL_LINES`].
    pub journal: Vec<ChangeLine>,
    /// Rows that could not be read and were kept raw.
    pub set_aside: u32,
    /// Kinds of saved things that this release does not mirror.
    pub not_mirrored: Vec<String>,
    /// What was learnt of this app: what Spotify lets it do, and what not.
    #[serde(default)]
    pub capabilities: Vec<CapabilityStatus>,
}

impl Snapshot {
    /// Lines of the journal that a snapshot carries.
    pub const JOURNAL_LINES: u32 = 20;
    /// Hours whose requests a snapshot tells one by one.
    pub const HOURS: u32 = 24;
    /// Days whose coverage a snapshot tells one by one.
    pub const COVERAGE_DAYS: u32 = 30;
    /// Gaps of the history that a snapshot names.
    pub const NEWEST_GAPS: u32 = 20;
    /// Plays that a snapshot carries.
    pub const LATEST_PLAYS: u32 = 10;

    /// Kinds of saved things that this release does not mirror yet.
    pub const NOT_MIRRORED: [&str; 3] = ["shows", "episodes", "audiobooks"];

    /// The picture of an empty record.
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

    /// The hold that keeps `bucket` from being called, if one does.
    #[must_use]
    pub fn hold_on(&self, bucket: Bucket, now: DateTime<Utc>) -> Option<&RateLimit> {
        self.rate_limits
            .iter()
            .filter(|limit| limit.reset_at.is_some_and(|reset_at| now < reset_at))
            .filter(|limit| limit.bucket == bucket || limit.reason == Some(HoldReason::RateLimited))
            .max_by_key(|limit| limit.reset_at)
    }

    /// Whether the run under way gives way to what a person wants: a scheduled one that has come to its
    /// details, the last thing it does.
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
    /// Which entity.
    pub entity_type: Entity,
    /// What it is doing or waits for.
    pub state: EntityState,
    /// How it is read.
    pub mode: Mode,
    /// Rows read in the walk under way, else rows stored.
    pub done: u32,
    /// Rows that Spotify says there are; unknown before the first page.
    pub total: Option<u32>,
    /// By how many rows Spotify's count exceeds the rows that it shows, where two readings agreed.
    #[serde(default)]
    pub not_shown: u32,
    /// Rows that Spotify shows without saying what they are, or cannot show at all.
    #[serde(default)]
    pub unreadable: u32,
    /// When it was last found equal to the account; of details, when a turn last brought some.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// When it was last read from end to end; between two such readings only what changed is looked for.
    #[serde(default)]
    pub read_whole_at: Option<DateTime<Utc>>,
    /// When its next turn comes.
    pub next_due_at: Option<DateTime<Utc>>,
    /// Until when no turn comes by itself because the day's budget of its bucket is used up; a person may ask
    /// for one all the same.
    #[serde(default)]
    pub budget_until: Option<DateTime<Utc>>,
    /// One sentence about the last failure.
    pub error: Option<String>,
    /// Removals that wait for a person's word.
    pub braked_removals: Option<u32>,
    /// Rows added by the reading under way, else by the last one.
    pub added: u32,
    /// Rows removed, likewise.
    pub removed: u32,
    /// Rows changed, likewise.
    pub changed: u32,
}

impl EntityStatus {
    /// When its next turn comes by itself, the day's budget considered; `None` is at once.
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

/// A bucket's refusal, past or in force, and what is left of our own budget for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimit {
    /// Which bucket.
    pub bucket: Bucket,
    /// Until when it must not be called; in the past or `None` when it may.
    pub reset_at: Option<DateTime<Utc>>,
    /// What Spotify asked for, in seconds.
    pub retry_after_seconds: Option<u32>,
    /// What is left of our own budget of a day.
    pub requests_remaining: u32,
    /// Why it was refused.
    pub reason: Option<HoldReason>,
}

/// Requests that went to a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketUsage {
    /// Which bucket.
    pub bucket: Bucket,
    /// In the last 30 seconds.
    pub window: u32,
    /// In the last 24 hours.
    pub day: u32,
}

/// A run, under way or finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    /// Its key in `sync_runs`.
    pub id: RunId,
    /// How it reads.
    pub mode: Mode,
    /// What set it off.
    pub trigger: Trigger,
    /// How it stands.
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
    /// One sentence, where something went wrong.
    pub error: Option<String>,
}

/// The listening history at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct PlaysStatus {
    /// Plays in the database.
    pub stored: u64,
    /// When Spotify was last asked with success.
    pub last_polled_at: Option<DateTime<Utc>>,
    /// When it is asked next.
    pub next_poll_at: Option<DateTime<Utc>>,
    /// Intervals in which plays were lost.
    pub gaps: u32,
    /// The newest of them, newest first, at most [`Snapshot::NEWEST_GAPS`].
    #[serde(default)]
    pub newest_gaps: Vec<PlayGap>,
    /// How well each of the last [`Snapshot::COVERAGE_DAYS`] days (of UTC) up to the last poll is known, the
    /// newest last.
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
    /// Where it begins.
    pub from: DateTime<Utc>,
    /// Where it ends.
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

/// What plays now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NowPlaying {
    /// The title, as it came.
    pub name: String,
    /// The artists, or the podcast, joined by `, `.
    pub artists: String,
    /// How far it was at [`at`](Self::at), in milliseconds.
    pub progress_ms: u64,
    /// How long it lasts, in milliseconds; where it is told.
    pub duration_ms: Option<u64>,
    /// Whether it moves on; paused otherwise.
    pub is_playing: bool,
    /// When it was asked.
    pub at: DateTime<Utc>,
}

impl NowPlaying {
    /// How far it is at `now`, in milliseconds: it moves on by itself while it plays, to its end at most.
    #[must_use]
    pub fn progress_at(&self, now: DateTime<Utc>) -> u64 {
        let since = if self.is_playing { (now - self.at).num_milliseconds() } else { 0 };
        let progress = self.progress_ms.saturating_add(u64::try_from(since).unwrap_or(0));
        self.duration_ms.map_or(progress, |lasts| progress.min(lasts))
    }

    /// How long after `now` another second of it has passed; `None` when it is paused or over.
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
    /// In which entity.
    pub entity_type: Entity,
    /// added, removed, changed or moved.
    pub change: String,
    /// What, as stored.
    pub name: String,
    /// More words, e.g. the playlist's name.
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
        // A clock that was set back does not take it back.
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
