//! What a run of stories did, for the line at its end.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub struct Tally {
    began: Instant,
    stories: AtomicU32,
    /// Seconds that passed in the stories.
    simulated: AtomicU64,
    judgements: AtomicU64,
}

impl Tally {
    pub fn begin() -> Self {
        Self {
            began: Instant::now(),
            stories: AtomicU32::default(),
            simulated: AtomicU64::default(),
            judgements: AtomicU64::default(),
        }
    }

    /// A story was played: how much time passed in it, and how often something was judged.
    pub fn add(&self, simulated: Duration, judgements: u64) {
        self.stories.fetch_add(1, Ordering::Relaxed);
        self.simulated.fetch_add(simulated.as_secs(), Ordering::Relaxed);
        self.judgements.fetch_add(judgements, Ordering::Relaxed);
    }

    pub fn line(&self) -> String {
        let stories = self.stories.load(Ordering::Relaxed);
        let judgements = self.judgements.load(Ordering::Relaxed) / u64::from(stories.max(1));
        let simulated = Duration::from_secs(self.simulated.load(Ordering::Relaxed));
        let took = self.began.elapsed();
        let each = took.as_secs_f64() / f64::from(stories.max(1));
        let days = simulated.as_secs_f64() / 86_400.0;
        let times = simulated.as_secs_f64() / took.as_secs_f64();
        format!(
            "{stories} stories in {:.1} s, {each:.2} s a story; {days:.0} days were simulated, {times:.0} times as fast \
             as real time; {judgements} judgements a story",
            took.as_secs_f64()
        )
    }
}
