//! The rules, one for each condition that a person should know about.

use chrono::{DateTime, TimeDelta, Utc};

use super::{AlertKind, AlertReading, Watch};
use crate::domain::{
    Bucket, Capability, CapabilityStatus, Entity, EntityState, EntityStatus, HoldReason, LoginState,
    Openness, RateLimit, Snapshot, Storage,
};

/// How long before its end a consent should be renewed.
pub const CONSENT_SOON: TimeDelta = TimeDelta::days(30);
/// A hold that lasts longer than this is reported.
const LONG_HOLD: TimeDelta = TimeDelta::hours(1);
/// The text for an `api.listen` of every address.
pub const EXPOSED: &str = "the local API listens on every network of this machine: anyone who can reach it can try to guess its token and can read its traffic; set api.listen to 127.0.0.1 or to one address";
/// After this many intervals without a success there is an alert.
const INTERVALS: u32 = 3;

type Rule = fn(&Snapshot, Watch, DateTime<Utc>, &mut AlertReading);

/// Every rule.
pub(super) const ALL: [Rule; 9] = [login, app, storage, tasks, brake, stale, gaps, holds, exposure];

/// Every time at which a rule may change by itself.
pub(super) fn turning_points(snapshot: &Snapshot, watch: Watch) -> impl Iterator<Item = DateTime<Utc>> {
    let consent = match &snapshot.login {
        LoginState::Ok { consent_ends_at: Some(end) } => [Some(*end - CONSENT_SOON), Some(*end)],
        _ => [None, None],
    };
    let holds = snapshot.rate_limits.iter().filter_map(|limit| limit.reset_at);
    let patience = patience(watch);
    let successes = snapshot.entities.iter().filter_map(|row| row.last_synced_at);
    let late = successes.chain([watch.running_since]).filter_map(move |at| Some(at + patience? + JUST_AFTER));
    consent.into_iter().flatten().chain(holds).chain(late)
}

/// A success is late after its time, and not exactly at it.
const JUST_AFTER: TimeDelta = TimeDelta::milliseconds(1);

fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn login(snapshot: &Snapshot, _: Watch, now: DateTime<Utc>, reading: &mut AlertReading) {
    match &snapshot.login {
        LoginState::Unknown => {
            reading.leave(AlertKind::LoginNeeded, None);
            reading.leave(AlertKind::ConsentEnds, None);
        }
        LoginState::Needed { why } => {
            reading.raise(AlertKind::LoginNeeded, "", now, &format!("needs login: {why}"));
        }
        LoginState::Ok { consent_ends_at: Some(end) } if *end - now <= CONSENT_SOON => {
            let ends = if *end <= now { "ended" } else { "ends" };
            let date = end.format("%-d %B %Y");
            let text = format!("the login {ends} on {date}: `phonolog login` renews it for six months");
            reading.raise(AlertKind::ConsentEnds, "", now, &text);
        }
        LoginState::Ok { .. } => {}
    }
}

/// The refusal of the app itself, while Spotify refuses it.
fn app_refusal(snapshot: &Snapshot) -> Option<&CapabilityStatus> {
    let is_it =
        |learnt: &&CapabilityStatus| learnt.name == Capability::App && learnt.state == Openness::Closed;
    snapshot.capabilities.iter().find(is_it)
}

/// It is one alert, whatever entities were refused; the database keeps it over restarts.
fn app(snapshot: &Snapshot, _: Watch, _: DateTime<Utc>, reading: &mut AlertReading) {
    if let Some(refused) = app_refusal(snapshot) {
        let text = "Spotify refuses this app: see at developer.spotify.com that its owner has Premium and that you are one of its users; phonolog continues automatically";
        reading.raise(AlertKind::AppRefused, "", refused.checked_at, text);
    }
}

fn storage(snapshot: &Snapshot, _: Watch, now: DateTime<Utc>, reading: &mut AlertReading) {
    match &snapshot.storage {
        Storage::Unknown => reading.leave(AlertKind::Storage, None),
        Storage::Well => {}
        Storage::Failing { why } => {
            reading.raise(AlertKind::Storage, "", now, &format!("nothing can be recorded: {why}"));
        }
    }
}

fn tasks(snapshot: &Snapshot, _: Watch, now: DateTime<Utc>, reading: &mut AlertReading) {
    for task in &snapshot.failed_tasks {
        let text = format!(
            "{} was stopped by a bug in phonolog and is restarted: please report what `phonolog logs` shows",
            task.work()
        );
        reading.raise(AlertKind::TaskFailed, task.as_str(), now, &text);
    }
}

fn brake(snapshot: &Snapshot, _: Watch, now: DateTime<Utc>, reading: &mut AlertReading) {
    for row in &snapshot.entities {
        let entity = row.entity_type.as_str();
        match row.state {
            EntityState::Braked => {
                let removals = row.braked_removals.map_or_else(|| "many".to_owned(), |gone| gone.to_string());
                let text = format!(
                    "{entity} braked: {removals} removals need your approval: `phonolog sync {entity} --allow-removals`"
                );
                reading.raise(AlertKind::Braked, entity, now, &text);
            }
            EntityState::Idle => {}
            // The state will become one or the other.
            _ => reading.leave(AlertKind::Braked, Some(entity)),
        }
    }
}

fn patience(watch: Watch) -> Option<TimeDelta> {
    TimeDelta::from_std(watch.library_interval?.saturating_mul(INTERVALS)).ok()
}

/// An engine that has just started is not late, and a cause with an alert of its own gets no second
/// one.
fn stale(snapshot: &Snapshot, watch: Watch, now: DateTime<Utc>, reading: &mut AlertReading) {
    let is_let_in = !matches!(snapshot.login, LoginState::Needed { .. }) && app_refusal(snapshot).is_none();
    let Some(patience) = patience(watch).filter(|_| is_let_in && !snapshot.paused) else {
        reading.leave(AlertKind::Stale, None);
        return;
    };
    // A time in the future was written by a clock that was ahead: the real age is unknown.
    let is_ahead = |at: DateTime<Utc>| at > now + JUST_AFTER;
    let is_late =
        |row: &&EntityStatus| row.last_synced_at.is_some_and(|at| now - at > patience || is_ahead(at));
    let is_told = |row: &EntityStatus| match row.state {
        // The entity is due, so the reason for its wait is gone.
        EntityState::Braked | EntityState::Running | EntityState::Queued => true,
        _ => {
            snapshot.hold_on(row.entity_type.bucket(), now).is_some()
                || row.budget_until.is_some_and(|until| now < until)
        }
    };
    let mirrored = snapshot.entities.iter().filter(|row| Entity::MIRRORED.contains(&row.entity_type));
    let (told, late): (Vec<_>, Vec<_>) = mirrored.filter(is_late).partition(|row| is_told(row));
    let Some(since) = late.iter().filter_map(|row| row.last_synced_at).min() else {
        if !told.is_empty() {
            reading.leave(AlertKind::Stale, None);
        }
        return;
    };
    if now - watch.running_since <= patience {
        reading.leave(AlertKind::Stale, None);
        return;
    }
    let since = if is_ahead(since) { watch.running_since } else { since };
    let names: Vec<_> = late.iter().map(|row| row.entity_type.as_str()).collect();
    let text = format!(
        "no successful sync of {} since {}: `phonolog doctor` shows what is wrong",
        names.join(", "),
        moment(since)
    );
    reading.raise(AlertKind::Stale, "", now, &text);
}

fn gaps(snapshot: &Snapshot, _: Watch, now: DateTime<Utc>, reading: &mut AlertReading) {
    let plays = &snapshot.plays;
    if usize::try_from(plays.gaps).is_ok_and(|gaps| gaps > plays.newest_gaps.len()) {
        // Gaps that are not in the list may still be open.
        reading.leave(AlertKind::Gap, None);
    }
    for gap in &plays.newest_gaps {
        let (from, to) = (moment(gap.from), moment(gap.to));
        let text = format!(
            "plays were lost from {from} to {to}: request your streaming history from Spotify and `phonolog import` it"
        );
        reading.raise(AlertKind::Gap, &gap.from.to_rfc3339(), now, &text);
    }
}

fn holds(snapshot: &Snapshot, _: Watch, now: DateTime<Utc>, reading: &mut AlertReading) {
    for limit in &snapshot.rate_limits {
        let Some(end) = limit.reset_at.filter(|end| now < *end && is_long(limit, now)) else { continue };
        let why = match limit.reason {
            Some(HoldReason::RateLimited) => "Spotify asks for a pause",
            Some(HoldReason::QuotaExceeded) | None => "Spotify's quota for this app is used up",
        };
        let plays =
            if limit.bucket == Bucket::Player { "plays wait, too" } else { "plays are still recorded" };
        let text = format!(
            "{} held until {}: {why}; it continues automatically, {plays}",
            limit.bucket,
            moment(end)
        );
        reading.raise(AlertKind::Held, limit.bucket.as_str(), now, &text);
    }
}

fn exposure(_: &Snapshot, watch: Watch, now: DateTime<Utc>, reading: &mut AlertReading) {
    if watch.is_exposed {
        reading.raise(AlertKind::Exposed, "", now, EXPOSED);
    }
}

/// By the time that Spotify requested, so that a long hold counts as long until its end.
fn is_long(limit: &RateLimit, now: DateTime<Utc>) -> bool {
    let asked = limit.retry_after_seconds.map(|seconds| TimeDelta::seconds(i64::from(seconds)));
    asked.or_else(|| Some(limit.reset_at? - now)).is_some_and(|lasts| lasts > LONG_HOLD)
}
