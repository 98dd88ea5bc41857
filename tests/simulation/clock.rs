//! The one clock: virtual, and standing still while anybody works.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use phonolog::clock::{Clock, Sleep};
use phonolog::simulator::{TimeSource, Wait};

/// When every story begins.
const BEGINNING: i64 = 1_790_000_000;

/// The clock of the engine and, without the steps of the machine's wall clock, of the simulator.
#[derive(Clone)]
pub struct SimClock {
    time: Arc<Mutex<Time>>,
}

struct Time {
    elapsed: Duration,
    /// How long the machine slept: the world went on, and the machine's monotonic clock did not.
    slept_through: TimeDelta,
    /// How far the machine's wall clock is off.
    step: TimeDelta,
    sleepers: BTreeMap<(Duration, u64), Waker>,
    slept: u64,
    /// How often somebody's sleep ended.
    wake_ups: u64,
}

impl SimClock {
    pub fn new() -> Self {
        let time = Time {
            elapsed: Duration::ZERO,
            slept_through: TimeDelta::zero(),
            step: TimeDelta::zero(),
            sleepers: BTreeMap::new(),
            slept: 0,
            wake_ups: 0,
        };
        Self { time: Arc::new(Mutex::new(time)) }
    }

    fn time(&self) -> MutexGuard<'_, Time> {
        self.time.lock().unwrap()
    }

    /// Moves on to the end of the nearest sleep; `false` if nobody sleeps.
    pub fn move_on(&self) -> bool {
        let mut time = self.time();
        let Some(((end, _), _)) = time.sleepers.first_key_value() else {
            return false;
        };
        time.elapsed = time.elapsed.max(*end);
        let now = time.elapsed;
        let later = time.sleepers.split_off(&(now, u64::MAX));
        let awake = std::mem::replace(&mut time.sleepers, later);
        time.wake_ups += awake.len() as u64;
        drop(time);
        awake.into_values().for_each(Waker::wake);
        true
    }

    /// How often a sleep of anybody ended.
    pub fn wake_ups(&self) -> u64 {
        self.time().wake_ups
    }

    /// Lets time pass while nothing runs.
    pub fn pass(&self, duration: Duration) {
        self.time().elapsed += duration;
    }

    /// Sets the machine's wall clock, as a person or NTP does.
    pub fn step(&self, seconds: i64) {
        self.time().step += TimeDelta::seconds(seconds);
    }

    /// The machine sleeps.
    pub fn suspend(&self, seconds: u64) {
        self.time().slept_through += TimeDelta::seconds(seconds.cast_signed());
    }

    /// The time that the account lives in.
    pub fn account_time(&self) -> DateTime<Utc> {
        let time = self.time();
        DateTime::from_timestamp(BEGINNING, 0).unwrap() + time.elapsed + time.slept_through
    }

    /// How much time passed in the world.
    pub fn since_the_beginning(&self) -> Duration {
        let time = self.time();
        time.elapsed + time.slept_through.to_std().unwrap()
    }
}

impl Clock for SimClock {
    fn now(&self) -> DateTime<Utc> {
        self.account_time() + self.time().step
    }

    fn elapsed(&self) -> Duration {
        self.time().elapsed
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(Nap::new(self.clone(), duration))
    }
}

impl TimeSource for SimClock {
    fn now(&self) -> DateTime<Utc> {
        self.account_time()
    }

    fn wait(&self, duration: Duration) -> Wait {
        Box::pin(Nap::new(self.clone(), duration))
    }
}

/// A sleep; dropped with whoever slept.
struct Nap {
    clock: SimClock,
    key: (Duration, u64),
}

impl Nap {
    fn new(clock: SimClock, duration: Duration) -> Self {
        let key = {
            let mut time = clock.time();
            time.slept += 1;
            (time.elapsed.saturating_add(duration), time.slept)
        };
        Self { clock, key }
    }
}

impl Future for Nap {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut time = self.clock.time();
        if time.elapsed >= self.key.0 {
            return Poll::Ready(());
        }
        time.sleepers.insert(self.key, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Nap {
    fn drop(&mut self) {
        self.clock.time().sleepers.remove(&self.key);
    }
}
