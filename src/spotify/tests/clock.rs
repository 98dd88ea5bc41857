//! A clock that moves only when the test moves it, and knows which tasks sleep.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use crate::clock::{Clock, Sleep};

/// A clock that moves only when the test moves it.
pub(in crate::spotify) struct ManualClock {
    time: watch::Sender<Time>,
    sleepers: watch::Sender<Vec<Duration>>,
}

#[derive(Clone, Copy)]
struct Time {
    wall: DateTime<Utc>,
    elapsed: Duration,
}

impl ManualClock {
    pub(in crate::spotify) fn at(seconds: i64) -> Arc<Self> {
        Arc::new(Self {
            time: watch::Sender::new(Time {
                wall: DateTime::from_timestamp(seconds, 0).unwrap(),
                elapsed: Duration::ZERO,
            }),
            sleepers: watch::Sender::default(),
        })
    }

    /// Lets time pass.
    pub(in crate::spotify) fn permit(&self, duration: Duration) {
        self.time.send_modify(|time| {
            time.wall += duration;
            time.elapsed += duration;
        });
    }

    /// Sets the wall clock, as a person or NTP does; no time passes.
    pub(in crate::spotify) fn step(&self, seconds: i64) {
        self.time.send_modify(|time| time.wall += TimeDelta::seconds(seconds));
    }

    /// Waits until a task sleeps and returns the rest of the shortest sleep.
    pub(in crate::spotify) async fn nearest_sleep(&self) -> Duration {
        let mut sleepers = self.sleepers.subscribe();
        let elapsed = self.elapsed();
        let still_asleep = |all: &Vec<Duration>| all.iter().filter(|end| **end > elapsed).min().copied();
        let all = sleepers.wait_for(|all| still_asleep(all).is_some()).await.unwrap();
        still_asleep(&all).unwrap().saturating_sub(elapsed)
    }

    /// Moves to the end of the shortest sleep and returns its length.
    pub(in crate::spotify) async fn pass_nearest_sleep(&self) -> Duration {
        let sleep = self.nearest_sleep().await;
        self.permit(sleep);
        sleep
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        self.time.borrow().wall
    }

    fn elapsed(&self) -> Duration {
        self.time.borrow().elapsed
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let deadline = self.elapsed() + duration;
        let entry = SleepEntry::new(deadline, self.sleepers.clone());
        let mut time = self.time.subscribe();
        Box::pin(async move {
            let _entry = entry;
            time.wait_for(|time| time.elapsed >= deadline).await.unwrap();
        })
    }
}

/// An entry in the list of sleepers during a sleep.
struct SleepEntry {
    deadline: Duration,
    sleepers: watch::Sender<Vec<Duration>>,
}

impl SleepEntry {
    fn new(deadline: Duration, sleepers: watch::Sender<Vec<Duration>>) -> Self {
        sleepers.send_modify(|all| all.push(deadline));
        Self { deadline, sleepers }
    }
}

impl Drop for SleepEntry {
    fn drop(&mut self) {
        self.sleepers.send_modify(|all| {
            let own = all.iter().position(|deadline| *deadline == self.deadline).unwrap();
            all.swap_remove(own);
        });
    }
}
