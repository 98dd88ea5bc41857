//! The snapshot for Prometheus, built again for each request, so that no second state must be kept
//! up to date.

use std::fmt;

use chrono::{DateTime, Utc};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::domain::{EntityState, LoginState, RunStatus, Snapshot};

/// The content type that Prometheus expects.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labels = Vec<(&'static str, &'static str)>;
type Gauges = Family<Labels, Gauge>;

/// Every figure that is useful for monitoring.
pub fn text(snapshot: &Snapshot) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("phonolog");
    let version = vec![("version", snapshot.version.clone())];
    registry.register("build", "The version that runs", Info::new(version));
    whole(&mut registry, snapshot);
    entities(&mut registry, snapshot);
    buckets(&mut registry, snapshot);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn single(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge = Gauge::<i64>::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn family(registry: &mut Registry, name: &str, help: &str) -> Gauges {
    let family = Gauges::default();
    registry.register(name, help, family.clone());
    family
}

fn unix(at: DateTime<Utc>) -> i64 {
    at.timestamp()
}

fn whole(registry: &mut Registry, snapshot: &Snapshot) {
    let needs_login = matches!(snapshot.login, LoginState::Needed { .. });
    single(registry, "needs_login", "1 while nobody is logged in", needs_login.into());
    single(registry, "paused", "1 while the library sync is paused", snapshot.paused.into());
    let running = snapshot.run.as_ref().is_some_and(|run| run.status == RunStatus::Running);
    single(registry, "sync_running", "1 while a run is under way", running.into());
    let plays = &snapshot.plays;
    let stored = i64::try_from(plays.stored).unwrap_or(i64::MAX);
    single(registry, "plays_stored", "Plays in the database", stored);
    single(registry, "play_gaps", "Intervals in which plays were lost", plays.gaps.into());
    single(registry, "rows_set_aside", "Rows that could not be read", snapshot.set_aside.into());
    if let Some(at) = plays.last_polled_at {
        let help = "When the plays were last read, as Unix time";
        single(registry, "plays_last_polled_timestamp_seconds", help, unix(at));
    }
}

fn entities(registry: &mut Registry, snapshot: &Snapshot) {
    let done = family(registry, "entity_rows", "Rows read or stored");
    let total = family(registry, "entity_rows_total", "Rows that Spotify says there are");
    let synced = family(
        registry,
        "entity_last_synced_timestamp_seconds",
        "When the entity was last synced completely, as Unix time",
    );
    let state = family(registry, "entity_state", "1 for the current state of the entity, 0 for the others");
    for row in &snapshot.entities {
        let labels = vec![("entity", row.entity_type.as_str())];
        done.get_or_create(&labels).set(row.done.into());
        if let Some(rows) = row.total {
            total.get_or_create(&labels).set(rows.into());
        }
        if let Some(at) = row.last_synced_at {
            synced.get_or_create(&labels).set(unix(at));
        }
        for word in EntityState::ALL {
            let labels = vec![("entity", row.entity_type.as_str()), ("state", word.as_str())];
            state.get_or_create(&labels).set((*word == row.state).into());
        }
    }
}

fn buckets(registry: &mut Registry, snapshot: &Snapshot) {
    let day = family(registry, "requests_24h", "Requests of the last 24 hours");
    for usage in &snapshot.usage {
        day.get_or_create(&vec![("bucket", usage.bucket.as_str())]).set(usage.day.into());
    }
    let left = family(registry, "requests_remaining", "Requests left in the daily budget");
    let held =
        family(registry, "hold_ends_timestamp_seconds", "When the hold of the bucket ends, as Unix time");
    for limit in &snapshot.rate_limits {
        let labels = vec![("bucket", limit.bucket.as_str())];
        left.get_or_create(&labels).set(limit.requests_remaining.into());
        if let Some(at) = limit.reset_at.filter(|at| *at > snapshot.at) {
            held.get_or_create(&labels).set(unix(at));
        }
    }
}
