//! Snapshots of every situation, for tests of the drawing.

pub mod home;
pub mod listening;
pub mod pictures;
pub mod record;

use std::sync::Arc;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::state::model::{Appearance, Model};
use super::style::settings::UiSettings;
use super::style::zone::DisplayZone;
use crate::domain::{
    AlertWatch, Bucket, BucketUsage, ChangeLine, DayCoverage, EngineState, Entity, EntityState, EntityStatus,
    HoldReason, Host, LoginState, Mode, NowPlaying, PROTOCOL, PlayLine, PlaysStatus, RateLimit, RunId,
    RunStatus, RunView, Snapshot, Storage, SyncState, Trigger, User, alert_change, read_alerts,
};

/// The time of every fixture: a Monday, 13:32:02 in the person's zone.
pub fn now() -> DateTime<Utc> {
    "2026-11-23T12:32:02Z".parse().unwrap()
}

fn minutes_ago(minutes: i64) -> DateTime<Utc> {
    now() - TimeDelta::minutes(minutes)
}

fn in_minutes(minutes: i64) -> DateTime<Utc> {
    now() + TimeDelta::minutes(minutes)
}

/// A model of a snapshot in the engine room, in a zone an hour east of Greenwich, with the alerts that an engine finds
/// in it.
pub fn model(mut snapshot: Snapshot, settings: UiSettings) -> Model {
    let watch = AlertWatch {
        library_interval: Some(std::time::Duration::from_hours(1)),
        running_since: now() - TimeDelta::days(1),
        is_exposed: false,
    };
    snapshot.alerts = alert_change(&[], &read_alerts(&snapshot, watch, now())).standing;
    let zone = DisplayZone(|_| FixedOffset::east_opt(3600).unwrap());
    let mut model = Model::new(Arc::new(snapshot), Appearance::new(settings, zone));
    model.browse.shows_engine_room = true;
    model
}

/// A model of a snapshot on the home screen of this size, with everything that it asks answered.
pub fn home(snapshot: Snapshot, settings: UiSettings, size: (u16, u16)) -> Model {
    let mut model = model(snapshot, settings);
    model.browse.shows_engine_room = false;
    model.size = size;
    record::serve(&mut model);
    model
}

/// A new database without a login.
pub fn empty() -> Snapshot {
    Snapshot {
        protocol: PROTOCOL,
        version: "0.1.0".to_owned(),
        at: now(),
        account: None,
        database: "sqlite:/home/marieke/.local/share/phonolog/phonolog.db".to_owned(),
        engine: EngineState::Running,
        engine_answers: true,
        host: Some(Host::Screen),
        login: LoginState::Needed {
            why: "you are not logged in; run `phonolog login` here or in another terminal".to_owned(),
        },
        storage: Storage::Well,
        alerts: Vec::new(),
        paused: false,
        run: None,
        entities: Entity::GAUGED.map(|entity| EntityStatus::from(&SyncState::unread(entity))).to_vec(),
        rate_limits: Vec::new(),
        usage: Vec::new(),
        requests_by_hour: Vec::new(),
        daily_budget: 300,
        now_playing: None,
        failed_tasks: Vec::new(),
        plays: PlaysStatus::default(),
        journal: Vec::new(),
        set_aside: 0,
        not_mirrored: Snapshot::NOT_MIRRORED.map(ToOwned::to_owned).to_vec(),
        capabilities: Vec::new(),
    }
}

/// The first sync, in the middle of the tracks.
pub fn initial() -> Snapshot {
    let mut snapshot = Snapshot {
        account: Some(User {
            id: "marieke".to_owned(),
            account_id: None,
            display_name: Some("Marieke van Dam".to_owned()),
        }),
        login: LoginState::Ok { consent_ends_at: Some(now() + TimeDelta::days(172)) },
        run: Some(RunView {
            id: RunId(1),
            mode: Mode::Initial,
            trigger: Trigger::Key,
            status: RunStatus::Running,
            started_at: now() - TimeDelta::seconds(46),
            finished_at: None,
            requests: 95,
            added: 4_650,
            removed: 0,
            changed: 0,
            error: None,
        }),
        usage: vec![usage(Bucket::Me, 0, 1), usage(Bucket::Tracks, 60, 93), usage(Bucket::Player, 0, 1)],
        plays: plays(),
        ..empty()
    };
    for row in &mut snapshot.entities {
        row.state = EntityState::Queued;
    }
    *entity(&mut snapshot, Entity::Tracks) = EntityStatus {
        state: EntityState::Running,
        done: 4_650,
        total: Some(10_412),
        added: 4_650,
        ..entity(&mut snapshot, Entity::Tracks).clone()
    };
    snapshot
}

/// The same, with a hold of five seconds.
pub fn short_hold() -> Snapshot {
    let mut snapshot = initial();
    entity(&mut snapshot, Entity::Tracks).state = EntityState::Held;
    let end = now() + TimeDelta::milliseconds(4_700);
    snapshot.rate_limits = vec![hold(Bucket::Tracks, end, 5, HoldReason::RateLimited)];
    snapshot
}

/// Every list is read, and everything is idle.
pub fn idle() -> Snapshot {
    let mut snapshot = initial();
    snapshot.run = Some(RunView {
        mode: Mode::Incremental,
        trigger: Trigger::Schedule,
        status: RunStatus::Done,
        started_at: now() - TimeDelta::seconds(4 * 60 + 12),
        finished_at: Some(minutes_ago(4)),
        requests: 24,
        added: 3,
        removed: 1,
        changed: 2,
        ..snapshot.run.unwrap()
    });
    let counts = [10_412, 512, 403, 104, 6_207];
    for (row, rows) in snapshot.entities.iter_mut().zip(counts) {
        row.state = EntityState::Idle;
        row.mode = Mode::Incremental;
        row.done = rows;
        row.total = Some(rows);
        row.added = 0;
        row.last_synced_at = Some(minutes_ago(4));
        row.next_due_at = Some(in_minutes(56));
    }
    let details = entity(&mut snapshot, Entity::Details);
    details.state = EntityState::Idle;
    details.done = 1_460;
    details.total = Some(4_871);
    details.added = 12;
    details.last_synced_at = Some(minutes_ago(4));
    details.next_due_at = Some(in_minutes(56));
    entity(&mut snapshot, Entity::Tracks).added = 3;
    entity(&mut snapshot, Entity::Tracks).removed = 1;
    entity(&mut snapshot, Entity::Playlists).changed = 2;
    snapshot.usage = vec![
        usage(Bucket::Me, 0, 3),
        usage(Bucket::Tracks, 0, 231),
        usage(Bucket::Albums, 0, 22),
        usage(Bucket::Following, 0, 18),
        usage(Bucket::Playlists, 0, 12),
        usage(Bucket::PlaylistItems, 0, 187),
        usage(Bucket::Player, 1, 47),
    ];
    snapshot.requests_by_hour =
        vec![0, 0, 3, 24, 22, 21, 40, 24, 24, 0, 0, 24, 22, 25, 24, 24, 24, 23, 24, 61, 24, 24, 38, 26];
    snapshot.journal = journal();
    snapshot
}

/// The quota of a day is used up for the playlists' contents; all else continues.
pub fn day_hold() -> Snapshot {
    let mut snapshot = idle();
    let end = now() + TimeDelta::seconds(24 * 3600 - 2);
    snapshot.rate_limits = vec![hold(Bucket::PlaylistItems, end, 86_400, HoldReason::QuotaExceeded)];
    let contents = entity(&mut snapshot, Entity::PlaylistItems);
    contents.state = EntityState::Held;
    contents.mode = Mode::Initial;
    contents.done = 3_104;
    contents.last_synced_at = None;
    contents.next_due_at = Some(end);
    let albums = entity(&mut snapshot, Entity::Albums);
    albums.state = EntityState::Running;
    albums.done = 250;
    snapshot.run.as_mut().unwrap().status = RunStatus::Running;
    snapshot.run.as_mut().unwrap().finished_at = None;
    snapshot
}

/// One list could not be read.
pub fn failed() -> Snapshot {
    let mut snapshot = idle();
    let albums = entity(&mut snapshot, Entity::Albums);
    albums.state = EntityState::Failed;
    albums.error = Some("Spotify answered 502 five times in a row; it will be asked again".to_owned());
    albums.next_due_at = Some(in_minutes(5));
    albums.done = 350;
    let run = snapshot.run.as_mut().unwrap();
    run.status = RunStatus::Failed;
    snapshot.set_aside = 3;
    snapshot
}

/// The server cannot be reached by any entity.
pub fn unreachable() -> Snapshot {
    let mut snapshot = idle();
    let why = "api.spotify.com could not be reached (network is down); trying again later may help";
    for row in snapshot.entities.iter_mut().filter(|row| row.entity_type != Entity::Details) {
        row.state = EntityState::Failed;
        row.error = Some(why.to_owned());
        row.next_due_at = Some(in_minutes(15));
    }
    snapshot.plays.error = Some(why.to_owned());
    snapshot.plays.next_poll_at = Some(in_minutes(29));
    snapshot.run.as_mut().unwrap().status = RunStatus::Failed;
    snapshot
}

/// Another program has locked the database.
pub fn locked() -> Snapshot {
    let why = "the database is locked by another program; close it or try again in a moment".to_owned();
    Snapshot { storage: Storage::Failing { why }, ..idle() }
}

/// Too many tracks are gone, and the sync is paused.
pub fn braked() -> Snapshot {
    let mut snapshot = idle();
    let tracks = entity(&mut snapshot, Entity::Tracks);
    tracks.state = EntityState::Braked;
    tracks.braked_removals = Some(1_204);
    tracks.next_due_at = None;
    snapshot.run.as_mut().unwrap().status = RunStatus::Braked;
    snapshot
}

/// A person stopped the library sync.
pub fn paused() -> Snapshot {
    let mut snapshot = idle();
    snapshot.paused = true;
    for row in &mut snapshot.entities {
        row.next_due_at = None;
    }
    snapshot
}

/// A track is playing.
pub fn playing() -> Snapshot {
    let now_playing = NowPlaying {
        name: "Hyperballad".to_owned(),
        artists: "Björk".to_owned(),
        progress_ms: 82_400,
        duration_ms: Some(321_000),
        is_playing: true,
        at: now(),
    };
    Snapshot { now_playing: Some(now_playing), ..idle() }
}

/// The same, paused.
pub fn playing_paused() -> Snapshot {
    let mut snapshot = playing();
    snapshot.now_playing.as_mut().unwrap().is_playing = false;
    snapshot
}

/// Titles that break columns in other programs.
pub fn nasty() -> Snapshot {
    let mut snapshot = idle();
    let invisible = ("\u{200b}\u{200d}\u{feff}", "\u{ad}");
    let names: Vec<_> = record::SONGS[1..8].iter().copied().chain([invisible]).collect();
    let plays = &mut snapshot.plays.latest;
    plays.clear();
    snapshot.journal.clear();
    for &(name, artists) in &names {
        plays.push(PlayLine { played_at: now(), name: name.to_owned(), artists: artists.to_owned() });
        snapshot.journal.push(change(1, "added", Entity::PlaylistItems, name, Some(artists)));
    }
    snapshot.account.as_mut().unwrap().display_name = Some(names[1].0.to_owned());
    snapshot
}

/// Every situation, by name.
pub fn all() -> Vec<(&'static str, Snapshot)> {
    vec![
        ("empty", empty()),
        ("initial", initial()),
        ("short_hold", short_hold()),
        ("day_hold", day_hold()),
        ("idle", idle()),
        ("failed", failed()),
        ("unreachable", unreachable()),
        ("locked", locked()),
        ("braked", braked()),
        ("paused", paused()),
        ("nasty", nasty()),
        ("playing", playing()),
        ("playing_paused", playing_paused()),
    ]
}

/// One row of the snapshot.
pub fn entity(snapshot: &mut Snapshot, entity: Entity) -> &mut EntityStatus {
    snapshot.entities.iter_mut().find(|row| row.entity_type == entity).unwrap()
}

fn usage(bucket: Bucket, window: u32, day: u32) -> BucketUsage {
    BucketUsage { bucket, window, day }
}

fn hold(bucket: Bucket, end: DateTime<Utc>, seconds: u32, reason: HoldReason) -> RateLimit {
    RateLimit {
        bucket,
        reset_at: Some(end),
        retry_after_seconds: Some(seconds),
        requests_remaining: 113,
        reason: Some(reason),
    }
}

fn plays() -> PlaysStatus {
    let heard = [
        (4, "Roygbiv", "Boards of Canada"),
        (9, "Hyperballad", "Björk"),
        (14, "東京は夜の七時", "Pizzicato Five"),
        (19, "Teardrop", "Massive Attack, Elizabeth Fraser"),
        (64, "A Paw in My Face", "The Field"),
        (130, "Windowlicker", "Aphex Twin"),
        (1_500, "So What", "Miles Davis, John Coltrane, Cannonball Adderley, Bill Evans"),
    ];
    let line = |(minutes, name, artists): &(i64, &str, &str)| PlayLine {
        played_at: now() - TimeDelta::minutes(*minutes),
        name: (*name).to_owned(),
        artists: (*artists).to_owned(),
    };
    PlaysStatus {
        stored: 12_345,
        last_polled_at: Some(minutes_ago(4)),
        next_poll_at: Some(in_minutes(26)),
        gaps: 0,
        newest_gaps: Vec::new(),
        coverage_by_day: coverage(),
        error: None,
        latest: heard.iter().map(line).collect(),
    }
}

/// An export, a time without an engine, a gap, and complete days since then.
fn coverage() -> Vec<DayCoverage> {
    let spans = [
        (9, DayCoverage::Imported),
        (1, DayCoverage::Partly),
        (4, DayCoverage::Unknown),
        (1, DayCoverage::Partly),
        (6, DayCoverage::Complete),
        (1, DayCoverage::Gap),
        (7, DayCoverage::Complete),
        (1, DayCoverage::Partly),
    ];
    spans.into_iter().flat_map(|(days, day)| std::iter::repeat_n(day, days)).collect()
}

fn journal() -> Vec<ChangeLine> {
    vec![
        change(4, "added", Entity::Tracks, "Xtal", Some("Aphex Twin")),
        change(4, "added", Entity::Tracks, "Tha", Some("Aphex Twin")),
        change(4, "removed", Entity::Tracks, "Ageispolis", Some("Aphex Twin")),
        change(64, "changed", Entity::Playlists, "Sunday morning", Some("renamed from Sunday")),
        change(64, "moved", Entity::PlaylistItems, "Green Calx", Some("in Sunday morning")),
        change(1_500, "added", Entity::Artists, "Boards of Canada", None),
    ]
}

fn change(minutes: i64, change: &str, entity: Entity, name: &str, detail: Option<&str>) -> ChangeLine {
    ChangeLine {
        observed_at: now() - TimeDelta::minutes(minutes),
        entity_type: entity,
        change: change.to_owned(),
        name: name.to_owned(),
        detail: detail.map(ToOwned::to_owned),
    }
}
