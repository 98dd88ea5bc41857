//! The decisions as tables and properties, and the waiting under a manual clock.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::rules::{GateTurn, Rules, Ticket};
use super::{GateSettings, Limit, Priority, RateLimitRefusal, RequestGate, RequestOptions};
use crate::domain::{Bucket, Hold, HoldReason};
use crate::spotify::SpotifyError;
use crate::spotify::tests::{ManualClock, MemoryLog, ask, hold};

const UNPACED: GateSettings = GateSettings { requests_per_second: 0.0, burst: 1 };
const PATIENCE: Duration = Duration::from_mins(1);

fn wall(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Rules at wall clock 1000 with no time elapsed.
fn rules(recorded: Vec<Hold>) -> Rules {
    Rules::new(UNPACED, recorded, wall(1_000), Duration::ZERO)
}

fn refuse(rules: &mut Rules, bucket: Bucket, retry_after: Option<u64>, elapsed: u64) -> Hold {
    let refusal = RateLimitRefusal { retry_after, limit: Limit::Unnamed };
    let now = wall(1_000) + TimeDelta::seconds(i64::try_from(elapsed).unwrap());
    rules.refused(bucket, refusal, now, seconds(elapsed))
}

/// How long `bucket` must still wait, at any priority.
fn rest(rules: &mut Rules, bucket: Bucket, elapsed: u64) -> u64 {
    let ticket = rules.join(Priority::Now, bucket);
    let turn = rules.turn(ticket, Duration::ZERO, seconds(elapsed));
    rules.leave(ticket);
    match turn {
        GateTurn::Go => 0,
        GateTurn::Held { rest, .. } => rest.as_secs(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn lanes_go_in_their_order_and_within_one_who_came_first() {
    let mut rules = rules(Vec::new());
    let lanes = [
        Priority::Details,
        Priority::Listing,
        Priority::Contents,
        Priority::Now,
        Priority::Playback,
        Priority::Listing,
    ];
    let tickets = lanes.map(|priority| rules.join(priority, Bucket::Tracks));
    let mut order = Vec::new();
    while order.len() < lanes.len() {
        let may_go = |index: &usize| rules.turn(tickets[*index], PATIENCE, Duration::ZERO) == GateTurn::Go;
        let gone: Vec<_> = (0..lanes.len()).filter(may_go).collect();
        assert_eq!(gone.len(), 1, "one at a time");
        rules.leave(tickets[gone[0]]);
        order.push(gone[0]);
    }
    assert_eq!(order, [4, 3, 1, 5, 2, 0]);
}

#[test]
fn a_token_is_fetched_beside_the_request_that_waits_for_it() {
    let mut rules = rules(Vec::new());
    let request = rules.join(Priority::Playback, Bucket::Player);
    assert_eq!(rules.turn(request, PATIENCE, Duration::ZERO), GateTurn::Go);
    let refresh = rules.join(Priority::TokenRefresh, Bucket::Player);
    let other = rules.join(Priority::Now, Bucket::Me);
    assert_eq!(rules.turn(refresh, PATIENCE, Duration::ZERO), GateTurn::Go);
    assert_eq!(rules.turn(other, PATIENCE, Duration::ZERO), GateTurn::Behind);
    rules.leave(refresh);
    assert_eq!(rules.turn(other, PATIENCE, Duration::ZERO), GateTurn::Behind);
    rules.leave(request);
    assert_eq!(rules.turn(other, PATIENCE, Duration::ZERO), GateTurn::Go);
}

#[test]
fn who_waits_for_a_hold_lets_others_pass() {
    let mut rules = rules(vec![hold(Bucket::Player, 1_000, 600, HoldReason::QuotaExceeded)]);
    let first = rules.join(Priority::Playback, Bucket::Player);
    let second = rules.join(Priority::Details, Bucket::Catalogue);
    assert_eq!(rules.turn(first, seconds(600), Duration::ZERO), GateTurn::After(seconds(600)));
    assert_eq!(rules.turn(second, PATIENCE, Duration::ZERO), GateTurn::Go);
    rules.leave(second);
    assert_eq!(rules.turn(first, seconds(600), seconds(600)), GateTurn::Go);
}

#[test]
fn a_short_refusal_holds_all_and_a_long_one_its_bucket() {
    let mut short = rules(Vec::new());
    refuse(&mut short, Bucket::Tracks, Some(60), 0);
    assert_eq!(rest(&mut short, Bucket::Tracks, 1), 59);
    assert_eq!(rest(&mut short, Bucket::Player, 59), 1);
    assert_eq!(rest(&mut short, Bucket::Player, 60), 0);

    let mut long = rules(Vec::new());
    refuse(&mut long, Bucket::Tracks, Some(61), 0);
    assert_eq!(rest(&mut long, Bucket::Tracks, 1), 60);
    assert_eq!(rest(&mut long, Bucket::Player, 1), 0);
}

#[test]
fn after_a_hold_requests_come_at_the_steady_pace() {
    let paced = GateSettings { requests_per_second: 1.0, burst: 5 };
    let mut rules = Rules::new(paced, Vec::new(), wall(1_000), Duration::ZERO);
    refuse(&mut rules, Bucket::Tracks, Some(10), 0);
    let mut went = |elapsed: u64| {
        let ticket = rules.join(Priority::Now, Bucket::Me);
        let turn = rules.turn(ticket, PATIENCE, seconds(elapsed));
        rules.leave(ticket);
        turn == GateTurn::Go
    };
    assert_eq!([9, 10, 10, 11].map(&mut went), [false, true, false, true]);
}

#[test]
fn of_two_holds_the_longer_one_counts() {
    let mut rules = rules(vec![hold(Bucket::Tracks, 1_000, 600, HoldReason::QuotaExceeded)]);
    refuse(&mut rules, Bucket::Me, Some(10), 0);
    assert_eq!(rest(&mut rules, Bucket::Tracks, 0), 600);
    assert_eq!(rest(&mut rules, Bucket::Me, 0), 10);
    assert_eq!(rules.holds(wall(1_009), seconds(9)).len(), 2);
    assert_eq!(rules.holds(wall(1_010), seconds(10)).len(), 1);
}

#[test]
fn refusals_without_a_time_wait_longer_each_time_until_an_answer_comes() {
    let mut rules = rules(Vec::new());
    let guessed = |rules: &mut Rules| refuse(rules, Bucket::Me, None, 0).retry_after_seconds;
    let row: Vec<_> = (0..7).map(|_| guessed(&mut rules)).collect();
    assert_eq!(row, [30, 60, 120, 240, 480, 900, 900]);
    assert_eq!(refuse(&mut rules, Bucket::Tracks, None, 0).retry_after_seconds, 30);
    rules.succeeded(Bucket::Tracks, wall(1_000), Duration::ZERO);
    assert_eq!(refuse(&mut rules, Bucket::Me, None, 0).retry_after_seconds, 900);
    rules.succeeded(Bucket::Me, wall(1_000), Duration::ZERO);
    assert_eq!(refuse(&mut rules, Bucket::Me, None, 0).retry_after_seconds, 30);
}

/// A hold of 100 s that began at 1000, and a process that starts when the wall clock shows
/// `starts_at`.
#[rstest::rstest]
#[case::at_once(1_000, 100)]
#[case::in_the_middle(1_040, 60)]
#[case::at_its_end(1_100, 0)]
#[case::long_after(9_000, 0)]
#[case::clock_set_back_a_little(990, 100)]
#[case::clock_set_back_a_year(0, 100)]
fn a_recorded_hold_lasts_to_its_end_but_never_longer_than_it_was(#[case] starts_at: i64, #[case] left: u64) {
    let recorded = hold(Bucket::Tracks, 1_000, 100, HoldReason::QuotaExceeded);
    let mut rules = Rules::new(UNPACED, vec![recorded], wall(starts_at), seconds(7));
    assert_eq!(rest(&mut rules, Bucket::Tracks, 7), left);
}

#[test]
fn the_rounding_of_a_hold_survives_a_restart() {
    let mut recorded = hold(Bucket::Tracks, 1_000, 5, HoldReason::QuotaExceeded);
    recorded.hit_at += TimeDelta::milliseconds(100);
    recorded.reset_at = wall(1_006);
    let now = recorded.hit_at + TimeDelta::milliseconds(1);
    let rules = Rules::new(UNPACED, vec![recorded], now, Duration::ZERO);
    assert_eq!(rules.holds(now, Duration::from_millis(5_898)).len(), 1);
    assert_eq!(rules.holds(now, Duration::from_millis(5_899)).len(), 0);
}

/// What may happen at a gate, one event after another.
#[derive(Debug, Clone)]
enum Event {
    Join(Priority, Bucket),
    /// Every request asks; those that may go are sent.
    Ask,
    /// The request in flight ends.
    Answered,
    Refused(Option<u64>),
    Permit(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let priority = prop::sample::select(vec![
        Priority::Playback,
        Priority::Now,
        Priority::Listing,
        Priority::Contents,
        Priority::Details,
    ]);
    let bucket = prop::sample::select(vec![Bucket::Player, Bucket::Tracks, Bucket::Albums]);
    prop_oneof![
        3 => (priority, bucket).prop_map(|(priority, bucket)| Event::Join(priority, bucket)),
        4 => Just(Event::Ask),
        2 => Just(Event::Answered),
        1 => prop::option::of(1_u64..120).prop_map(Event::Refused),
        2 => (1_u64..90).prop_map(Event::Permit),
    ]
}

/// A second, slower implementation of the same rules.
#[derive(Default)]
struct Model {
    elapsed: u64,
    waiting: Vec<(Ticket, Priority, Bucket)>,
    in_flight: Option<(Ticket, Bucket)>,
    /// Bucket, whether it holds every bucket, and until when.
    holds: Vec<(Bucket, bool, u64)>,
}

impl Model {
    fn is_held(&self, bucket: Bucket) -> bool {
        let in_force = self.holds.iter().filter(|(_, _, until)| self.elapsed < *until);
        in_force.into_iter().any(|(held, all, _)| *all || *held == bucket)
    }

    /// The request that should go: the first of the highest priority without a hold, if nothing is
    /// in flight.
    fn next(&self) -> Option<Ticket> {
        let free = self.waiting.iter().filter(|(_, _, bucket)| !self.is_held(*bucket));
        let next = free.min_by_key(|(_, priority, _)| *priority).map(|(ticket, _, _)| *ticket);
        next.filter(|_| self.in_flight.is_none())
    }
}

proptest! {
    #[test]
    fn whatever_happens_the_right_one_goes_and_nobody_during_its_hold(
        events in prop::collection::vec(event(), 1..120),
    ) {
        let mut rules = rules(Vec::new());
        let mut model = Model::default();
        for event in events {
            match event {
                Event::Join(priority, bucket) => model.waiting.push((rules.join(priority, bucket), priority, bucket)),
                Event::Permit(time) => model.elapsed += time,
                Event::Answered => if let Some((ticket, bucket)) = model.in_flight.take() {
                    rules.succeeded(bucket, wall(1_000), seconds(model.elapsed));
                    rules.leave(ticket);
                },
                Event::Refused(retry_after) => if let Some((ticket, bucket)) = model.in_flight.take() {
                    let hold = refuse(&mut rules, bucket, retry_after, model.elapsed);
                    let length = u64::from(hold.retry_after_seconds);
                    model.holds.push((bucket, length <= 60, model.elapsed + length));
                    rules.leave(ticket);
                },
                Event::Ask => {
                    let expected = model.next();
                    let mut gone = Vec::new();
                    for (ticket, _, bucket) in model.waiting.clone() {
                        let turn = rules.turn(ticket, seconds(1_000), seconds(model.elapsed));
                        if let GateTurn::After(wait) = &turn {
                            prop_assert!(model.is_held(bucket) && !wait.is_zero());
                        }
                        if turn == GateTurn::Go {
                            gone.push(ticket);
                            model.in_flight = Some((ticket, bucket));
                        }
                    }
                    prop_assert_eq!(&gone, &Vec::from_iter(expected));
                    model.waiting.retain(|(ticket, ..)| !gone.contains(ticket));
                }
            }
        }
    }
}

async fn open(log: &Arc<MemoryLog>, clock: &Arc<ManualClock>) -> RequestGate {
    RequestGate::open(UNPACED, log.clone(), clock.clone()).await.unwrap()
}

fn in_lane(priority: Priority) -> RequestOptions {
    RequestOptions { priority, ..ask(60) }
}

#[tokio::test]
async fn a_refusal_is_recorded_then_published_then_obeyed() {
    let (log, clock) = (Arc::new(MemoryLog::default()), ManualClock::at(1_000));
    let gate = open(&log, &clock).await;
    *log.published.lock().unwrap() = Some(gate.holds());
    let refusal = RateLimitRefusal { retry_after: Some(3_600), limit: Limit::Quota };
    let permit = gate.enter(Bucket::Tracks, &ask(0)).await.unwrap();
    permit.refused(refusal).await.unwrap();
    drop(permit);
    let expected = hold(Bucket::Tracks, 1_000, 3_600, HoldReason::QuotaExceeded);
    assert_eq!(log.recorded.lock().unwrap().as_slice(), std::slice::from_ref(&expected));
    assert_eq!(*gate.holds().borrow(), [expected]);
    assert!(gate.enter(Bucket::Tracks, &ask(3_599)).await.is_err());
    assert!(gate.enter(Bucket::Albums, &ask(0)).await.is_ok());
}

#[tokio::test]
async fn who_waits_longest_in_the_highest_lane_goes_next() {
    let (log, clock) = (Arc::new(MemoryLog::default()), ManualClock::at(1_000));
    let gate = open(&log, &clock).await;
    let first = gate.enter(Bucket::Tracks, &ask(0)).await.unwrap();
    let (order, mut gone) = tokio::sync::mpsc::channel(8);
    for priority in [Priority::Contents, Priority::Listing, Priority::Playback] {
        let (gate, order) = (gate.clone(), order.clone());
        tokio::spawn(async move {
            let permit = gate.enter(Bucket::Tracks, &in_lane(priority)).await.unwrap();
            order.send(priority).await.unwrap();
            drop(permit);
        });
    }
    tokio::task::yield_now().await;
    drop(first);
    for priority in [Priority::Playback, Priority::Listing, Priority::Contents] {
        assert_eq!(gone.recv().await, Some(priority));
    }
}

#[tokio::test]
async fn a_place_that_is_given_up_goes_to_the_next() {
    let (log, clock) = (Arc::new(MemoryLog::default()), ManualClock::at(1_000));
    let gate = open(&log, &clock).await;
    let first = gate.enter(Bucket::Tracks, &ask(0)).await.unwrap();
    let (given_up, patient) = (in_lane(Priority::Playback), in_lane(Priority::Details));
    let cancel = given_up.cancel.clone();
    let (gave_up, went, ()) =
        tokio::join!(gate.enter(Bucket::Tracks, &given_up), gate.enter(Bucket::Tracks, &patient), async {
            cancel.cancel();
            drop(first);
        });
    assert_eq!(gave_up.err(), Some(SpotifyError::Cancelled));
    assert!(went.is_ok());
}

/// As long as the clocks are not compared, only elapsed time ends a hold, whatever the wall clock
/// is set to. The reported end is by the clock at that moment.
#[tokio::test]
async fn a_step_of_the_clock_that_nobody_saw_neither_shortens_nor_prolongs_a_hold() {
    for step in [-86_400, 86_400] {
        let log = MemoryLog::holding(vec![hold(Bucket::Tracks, 1_000, 600, HoldReason::QuotaExceeded)]);
        let clock = ManualClock::at(1_000);
        let gate = open(&log, &clock).await;
        clock.step(step);
        clock.permit(seconds(100));
        match gate.enter(Bucket::Tracks, &ask(0)).await.err() {
            Some(SpotifyError::Held { until, .. }) => assert_eq!(until, wall(1_600 + step)),
            other => panic!("{other:?}"),
        }
        clock.permit(seconds(500));
        assert!(gate.enter(Bucket::Tracks, &ask(0)).await.is_ok());
    }
}

/// The monotonic clock stops while the machine sleeps, so the hold of an hour would last a night
/// longer.
#[tokio::test]
async fn after_a_sleep_a_hold_ends_at_its_end_by_the_wall_clock() {
    let log = MemoryLog::holding(vec![hold(Bucket::Tracks, 1_000, 3_600, HoldReason::QuotaExceeded)]);
    let clock = ManualClock::at(1_000);
    let gate = open(&log, &clock).await;
    clock.permit(seconds(100));
    clock.step(3_000);
    gate.clock_changed().await;
    match gate.enter(Bucket::Tracks, &ask(0)).await.err() {
        Some(SpotifyError::Held { until, .. }) => assert_eq!(until, wall(4_600)),
        other => panic!("{other:?}"),
    }
    // A call that is already waiting wakes, too.
    let patient = ask(600);
    let waits = gate.enter(Bucket::Tracks, &patient);
    tokio::pin!(waits);
    assert!(futures_util::poll!(&mut waits).is_pending());
    clock.step(500);
    gate.clock_changed().await;
    assert!(waits.await.is_ok());
    assert_eq!(*gate.holds().borrow(), []);
}

#[tokio::test]
async fn a_short_hold_that_a_sleep_outlasted_leaves_no_wait_behind() {
    let log = MemoryLog::holding(vec![hold(Bucket::Me, 1_000, 60, HoldReason::RateLimited)]);
    let clock = ManualClock::at(1_000);
    let paced = GateSettings { requests_per_second: 1.0, burst: 5 };
    let gate = RequestGate::open(paced, log.clone(), clock.clone()).await.unwrap();
    clock.step(86_400);
    gate.clock_changed().await;
    let impatient = ask(0);
    let entered = gate.enter(Bucket::Tracks, &impatient);
    tokio::pin!(entered);
    if futures_util::poll!(&mut entered).is_pending() {
        assert!(clock.nearest_sleep().await <= seconds(1));
    }
}

/// A clock that was a year ahead has stored a hold of ten minutes, and is corrected.
#[tokio::test]
async fn a_hold_of_a_clock_that_was_ahead_lasts_as_long_as_was_asked_for_and_leaves_the_record() {
    let year = 365 * 86_400;
    let log = MemoryLog::holding(vec![hold(Bucket::Tracks, 1_000 + year, 600, HoldReason::QuotaExceeded)]);
    let clock = ManualClock::at(1_000);
    let gate = open(&log, &clock).await;
    assert_eq!(gate.holds().borrow()[0].reset_at, wall(1_600), "what is shown is the true end");
    clock.permit(seconds(599));
    assert!(gate.enter(Bucket::Tracks, &ask(0)).await.is_err());
    clock.permit(seconds(1));
    let permit = gate.enter(Bucket::Tracks, &ask(0)).await.unwrap();
    assert_eq!(*log.ended.lock().unwrap(), [], "not before Spotify has answered");
    permit.succeeded().await;
    assert_eq!(*log.ended.lock().unwrap(), [(Bucket::Tracks, wall(1_600))]);
    permit.succeeded().await;
    assert_eq!(log.ended.lock().unwrap().len(), 1, "once");
}

#[tokio::test]
async fn a_running_clock_that_is_set_back_prolongs_no_hold() {
    let log = MemoryLog::holding(vec![hold(Bucket::Tracks, 1_000, 600, HoldReason::QuotaExceeded)]);
    let clock = ManualClock::at(1_000);
    let gate = open(&log, &clock).await;
    clock.permit(seconds(100));
    clock.step(-86_400);
    gate.clock_changed().await;
    assert_eq!(gate.holds().borrow()[0].reset_at, wall(1_600 - 86_400));
    clock.permit(seconds(500));
    assert!(gate.enter(Bucket::Tracks, &ask(0)).await.is_ok());
}

/// A machine whose clock is set only after its start, and that starts again and again.
#[tokio::test]
async fn a_hold_under_a_clock_that_was_set_back_goes_on_at_each_start() {
    let day = 86_400;
    let log = MemoryLog::holding(vec![hold(Bucket::Tracks, day, 600, HoldReason::QuotaExceeded)]);
    let clock = ManualClock::at(1_000);
    for waited in [0, 200, 400] {
        let gate = open(&log, &clock).await;
        assert_eq!(gate.holds().borrow()[0].reset_at, wall(1_600), "after {waited} seconds");
        clock.permit(seconds(200));
    }
    let gate = open(&log, &clock).await;
    assert!(gate.enter(Bucket::Tracks, &ask(0)).await.is_ok());
}

#[tokio::test]
async fn a_hold_is_on_record_by_the_clock_as_it_was_set_last() {
    let day = 86_400;
    let log = MemoryLog::holding(vec![hold(Bucket::Tracks, day, 600, HoldReason::QuotaExceeded)]);
    let clock = ManualClock::at(1_000);
    let gate = open(&log, &clock).await;
    clock.permit(seconds(100));
    clock.step(day - 1_000);
    gate.clock_changed().await;
    let recorded = log.recorded.lock().unwrap().clone();
    assert_eq!(recorded, [hold(Bucket::Tracks, day, 600, HoldReason::QuotaExceeded)], "as it was at first");
    clock.step(-day);
    gate.clock_changed().await;
    let restarted = open(&log, &clock).await;
    assert_eq!(restarted.holds().borrow()[0].reset_at, wall(600));
}
