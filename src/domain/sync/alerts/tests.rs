//! Every rule in a table, and properties of any story.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::domain::{
    BackgroundTask, Bucket, Capability, CapabilityStatus, Entity, EntityState, EntityStatus, HoldReason,
    LoginState, Openness, PlayGap, RateLimit, Storage,
};

fn now() -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn watch() -> Watch {
    let (library_interval, running_since) = (Some(Duration::from_hours(1)), now() - TimeDelta::days(9));
    Watch { library_interval, running_since, is_exposed: false }
}

/// Everything is fine.
fn well() -> Snapshot {
    let mut snapshot = Snapshot::nothing_recorded("sqlite:x", 300, now());
    snapshot.login = LoginState::Ok { consent_ends_at: Some(now() + TimeDelta::days(170)) };
    snapshot.storage = Storage::Well;
    for row in &mut snapshot.entities {
        row.state = EntityState::Idle;
        row.last_synced_at = Some(now() - TimeDelta::minutes(4));
    }
    snapshot
}

fn row(snapshot: &mut Snapshot, entity: Entity) -> &mut EntityStatus {
    snapshot.entities.iter_mut().find(|row| row.entity_type == entity).unwrap()
}

fn hold(seconds: u32) -> RateLimit {
    RateLimit {
        bucket: Bucket::Albums,
        reset_at: Some(now() + TimeDelta::seconds(i64::from(seconds))),
        retry_after_seconds: Some(seconds),
        requests_remaining: 0,
        reason: Some(HoldReason::QuotaExceeded),
    }
}

fn told(snapshot: &Snapshot) -> Vec<(AlertKind, String)> {
    let reading = read(snapshot, watch(), now());
    reading.in_force.into_iter().map(|alert| (alert.kind, alert.subject)).collect()
}

fn one(kind: AlertKind, subject: &str) -> Vec<(AlertKind, String)> {
    vec![(kind, subject.to_owned())]
}

#[test]
fn nothing_is_said_while_all_is_well() {
    assert_eq!(told(&well()), []);
    assert!(change(&[], &read(&well(), watch(), now())).is_none());
}

#[test]
fn login_and_consent() {
    let mut snapshot = well();
    snapshot.login = LoginState::Needed { why: "run `phonolog login`".to_owned() };
    assert_eq!(told(&snapshot), one(AlertKind::LoginNeeded, ""));
    for (days, expected) in [(31, None), (30, Some("ends on")), (0, Some("ended on")), (-3, Some("ended on"))]
    {
        snapshot.login = LoginState::Ok { consent_ends_at: Some(now() + TimeDelta::days(days)) };
        let reading = read(&snapshot, watch(), now());
        let text = reading.in_force.first().map(|alert| alert.text.clone());
        assert_eq!(text.is_some(), expected.is_some(), "{days}");
        assert!(text.is_none_or(|text| text.contains(expected.unwrap()) && text.contains("phonolog login")));
    }
}

#[test]
fn a_refusal_of_the_app_is_one_alert_however_many_entities_it_stops() {
    let mut snapshot = well();
    for row in &mut snapshot.entities {
        (row.state, row.last_synced_at) = (EntityState::Failed, Some(now() - TimeDelta::days(2)));
    }
    let app =
        |state| CapabilityStatus { name: Capability::App, state, checked_at: now(), what: String::new() };
    snapshot.capabilities = vec![app(Openness::Closed)];
    assert_eq!(told(&snapshot), one(AlertKind::AppRefused, ""));
    snapshot.capabilities = vec![app(Openness::Open)];
    assert_eq!(told(&snapshot), one(AlertKind::Stale, ""));
}

#[test]
fn a_hold_counts_from_more_than_an_hour_on_until_it_is_over() {
    let mut snapshot = well();
    for (seconds, is_told) in [(5, false), (3600, false), (3601, true), (86_400, true)] {
        snapshot.rate_limits = vec![hold(seconds)];
        assert_eq!(!told(&snapshot).is_empty(), is_told, "{seconds}");
    }
    snapshot.rate_limits[0].reset_at = Some(now() + TimeDelta::seconds(1));
    assert_eq!(told(&snapshot), one(AlertKind::Held, "albums"));
    snapshot.rate_limits[0].reset_at = Some(now());
    assert_eq!(told(&snapshot), []);
}

#[test]
fn a_brake_is_told_once_however_often_it_is_tried_again() {
    let mut snapshot = well();
    row(&mut snapshot, Entity::Tracks).state = EntityState::Braked;
    row(&mut snapshot, Entity::Tracks).braked_removals = Some(1_204);
    let first = change(&[], &read(&snapshot, watch(), now()));
    assert_eq!(first.raised.len(), 1);
    assert!(first.raised[0].text.contains("1204") && first.raised[0].text.contains("--allow-removals"));
    for state in [EntityState::Queued, EntityState::Running, EntityState::Pending, EntityState::Braked] {
        row(&mut snapshot, Entity::Tracks).state = state;
        assert!(change(&first.standing, &read(&snapshot, watch(), now())).is_none(), "{state}");
    }
    row(&mut snapshot, Entity::Tracks).state = EntityState::Idle;
    assert_eq!(change(&first.standing, &read(&snapshot, watch(), now())).cleared, first.raised);
}

#[test]
fn three_intervals_without_success_are_too_many_unless_something_else_says_why() {
    let late = now() - TimeDelta::minutes(181);
    let mut snapshot = well();
    row(&mut snapshot, Entity::Albums).last_synced_at = Some(now() - TimeDelta::minutes(180));
    assert_eq!(told(&snapshot), []);
    row(&mut snapshot, Entity::Albums).last_synced_at = Some(late);
    assert_eq!(told(&snapshot), one(AlertKind::Stale, ""));
    let is_left = |snapshot: &Snapshot, watch: Watch| {
        let reading = read(snapshot, watch, now());
        let is_raised = reading.in_force.iter().any(|alert| alert.kind == AlertKind::Stale);
        !is_raised && reading.is_undecided((AlertKind::Stale, ""))
    };
    let fresh = Watch { running_since: now() - TimeDelta::minutes(2), ..watch() };
    assert!(is_left(&snapshot, fresh), "an engine that has just begun");
    assert!(is_left(&snapshot, Watch { library_interval: None, ..watch() }), "nothing comes by itself");
    let paused = Snapshot { paused: true, ..snapshot.clone() };
    assert!(is_left(&paused, watch()));
    let held = Snapshot { rate_limits: vec![hold(86_400)], ..snapshot.clone() };
    assert!(is_left(&held, watch()));
    let mut waits = snapshot.clone();
    row(&mut waits, Entity::Albums).budget_until = Some(now() + TimeDelta::hours(9));
    assert!(is_left(&waits, watch()), "the day's budget is used up");
    for state in [EntityState::Running, EntityState::Queued] {
        row(&mut snapshot, Entity::Albums).state = state;
        assert!(is_left(&snapshot, watch()));
    }
}

/// A clock that was ahead dated the last success: the alert is raised once the engine has run for
/// long enough.
#[test]
fn a_success_that_lies_ahead_is_no_success() {
    let mut snapshot = well();
    row(&mut snapshot, Entity::Albums).last_synced_at = Some(now() + TimeDelta::days(3650));
    let reading = read(&snapshot, watch(), now());
    let alert = reading.in_force.iter().find(|alert| alert.kind == AlertKind::Stale).unwrap();
    assert!(!alert.text.contains("2036"), "{}", alert.text);
    let fresh = Watch { running_since: now() - TimeDelta::minutes(2), ..watch() };
    assert!(read(&snapshot, fresh, now()).in_force.iter().all(|alert| alert.kind != AlertKind::Stale));
}

#[test]
fn a_task_that_a_fault_stopped_is_told_until_it_is_well() {
    let snapshot = Snapshot { failed_tasks: vec![BackgroundTask::PlayTracker], ..well() };
    assert_eq!(told(&snapshot), one(AlertKind::TaskFailed, "play_tracker"));
    let standing = change(&[], &read(&snapshot, watch(), now())).standing;
    assert_eq!(change(&standing, &read(&well(), watch(), now())).cleared.len(), 1);
}

#[test]
fn each_gap_is_its_own_and_one_that_is_not_named_is_not_called_closed() {
    let gap = |day: i64| PlayGap { from: now() - TimeDelta::days(day), to: now() - TimeDelta::hours(day) };
    let mut snapshot = well();
    snapshot.plays.gaps = 2;
    snapshot.plays.newest_gaps = vec![gap(1), gap(9)];
    let two = change(&[], &read(&snapshot, watch(), now()));
    assert_eq!(two.raised.len(), 2);
    snapshot.plays.newest_gaps = vec![gap(1)];
    assert!(change(&two.standing, &read(&snapshot, watch(), now())).is_none());
    snapshot.plays.gaps = 1;
    assert_eq!(change(&two.standing, &read(&snapshot, watch(), now())).cleared.len(), 1);
}

#[test]
fn a_restart_changes_nothing_before_anybody_knows() {
    let mut bad = well();
    bad.login = LoginState::Needed { why: "log in".to_owned() };
    bad.storage = Storage::Failing { why: "the disk is full".to_owned() };
    let standing = change(&[], &read(&bad, watch(), now())).standing;
    assert_eq!(standing.len(), 2);
    let restarted = Snapshot { login: LoginState::Unknown, storage: Storage::Unknown, ..well() };
    assert!(change(&standing, &read(&restarted, watch(), now())).is_none());
    assert_eq!(change(&standing, &read(&well(), watch(), now())).cleared.len(), 2);
}

#[test]
fn what_is_over_says_so_and_outside_text_is_safe() {
    let mut snapshot = well();
    snapshot.login = LoginState::Needed { why: "log\u{1b}[31m in\0\n".to_owned() };
    let alert = read(&snapshot, watch(), now()).in_force.remove(0);
    assert_eq!(alert.text, "needs login: log[31m in");
    assert_eq!(alert.farewell(), "over: needs login");
}

#[test]
fn words_read_back() {
    for kind in AlertKind::ALL {
        assert_eq!(kind.as_str().parse::<AlertKind>().as_ref(), Ok(kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
}

/// Any possible snapshot.
fn any_snapshot() -> impl Strategy<Value = Snapshot> {
    let states = prop::collection::vec(0..EntityState::ALL.len(), 6);
    let ages = prop::collection::vec(0_i64..600, 6);
    let gaps = prop::collection::vec(1_i64..4, 0..3);
    let holds = prop::option::of(0_u32..90_000);
    (0..5_u8, 0..3_u8, states, ages, gaps, holds, any::<bool>()).prop_map(
        |(login, storage, states, ages, gaps, held, paused)| {
            let mut snapshot = well();
            snapshot.paused = paused;
            snapshot.login = match login {
                0 => LoginState::Unknown,
                1 => LoginState::Needed { why: "log in".to_owned() },
                2 => LoginState::Ok { consent_ends_at: None },
                3 => LoginState::Ok { consent_ends_at: Some(now() + TimeDelta::days(3)) },
                _ => LoginState::Ok { consent_ends_at: Some(now() + TimeDelta::days(90)) },
            };
            snapshot.storage = match storage {
                0 => Storage::Unknown,
                1 => Storage::Well,
                _ => Storage::Failing { why: "disk full".to_owned() },
            };
            for ((row, state), age) in snapshot.entities.iter_mut().zip(states).zip(ages) {
                row.state = EntityState::ALL[state];
                row.last_synced_at = Some(now() - TimeDelta::minutes(age));
            }
            let from = |day| now() - TimeDelta::days(day);
            snapshot.plays.gaps = u32::try_from(gaps.len()).unwrap();
            snapshot.plays.newest_gaps =
                gaps.into_iter().map(|day| PlayGap { from: from(day), to: now() }).collect();
            snapshot.rate_limits = held.map(hold).into_iter().collect();
            snapshot
        },
    )
}

proptest! {
    /// Whatever happens: an alert is raised only if it is not raised, and cleared only if it is.
    /// What is shown is what was raised and not cleared.
    #[test]
    fn no_alert_comes_twice_without_having_gone(story in prop::collection::vec(any_snapshot(), 1..30)) {
        let mut standing: Vec<Alert> = Vec::new();
        let mut open: Vec<(AlertKind, String)> = Vec::new();
        for snapshot in story {
            let change = change(&standing, &read(&snapshot, watch(), now()));
            let owned = |alert: &Alert| (alert.kind, alert.subject.clone());
            for gone in change.cleared.iter().map(owned) {
                prop_assert!(open.contains(&gone), "{gone:?} was cleared and did not stand");
                open.retain(|key| *key != gone);
            }
            for come in change.raised.iter().map(owned) {
                prop_assert!(!open.contains(&come), "{come:?} came twice");
                open.push(come);
            }
            standing = change.standing;
            let mut shown: Vec<_> = standing.iter().map(owned).collect();
            shown.sort();
            open.sort();
            prop_assert_eq!(&shown, &open);
        }
    }

    /// Between two turning points the result of the rules does not change.
    #[test]
    fn nothing_turns_before_it_is_said_to(snapshot in any_snapshot(), minutes in 0_i64..100_000) {
        let at = now() + TimeDelta::minutes(minutes);
        let later = next_look(&snapshot, watch(), at).map_or(at + TimeDelta::days(90), |next| next - TimeDelta::milliseconds(2));
        let kinds = |at| read(&snapshot, watch(), at).in_force.iter().map(|alert| (alert.kind, alert.subject.clone())).collect::<Vec<_>>();
        if later > at {
            prop_assert_eq!(kinds(at), kinds(later));
        }
    }
}

#[test]
fn an_api_on_every_network_is_told_for_as_long_as_it_listens() {
    let exposed = Watch { is_exposed: true, ..watch() };
    let reading = read(&well(), exposed, now());
    let standing = change(&[], &reading).standing;
    assert!(standing.iter().any(|alert| alert.kind == AlertKind::Exposed), "{standing:?}");
    let over = change(&standing, &read(&well(), watch(), now()));
    assert!(over.cleared.iter().any(|alert| alert.kind == AlertKind::Exposed), "{over:?}");
}
