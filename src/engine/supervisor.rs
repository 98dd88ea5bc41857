//! Keeps background tasks running: a task that panics is logged, shown as failed and restarted.
//!
//! Owns: restarts and their pauses. Must not know: what a task does.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::clock::SharedClock;
use crate::domain::BackgroundTask;

/// The wait before the first restart; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_mins(10);
/// A task that has run for so long since its restart is healthy again.
const WELL_AFTER: Duration = Duration::from_hours(1);

/// Starts background tasks and knows which of them have failed. Cloning is cheap, and all clones
/// share one state.
#[derive(Clone)]
pub struct Supervisor {
    clock: SharedClock,
    stop: CancellationToken,
    failed: Arc<watch::Sender<Vec<BackgroundTask>>>,
}

impl Supervisor {
    /// Starts without tasks. After `stop` is cancelled, none is restarted.
    #[must_use]
    pub fn new(clock: SharedClock, stop: CancellationToken) -> Self {
        Self { clock, stop, failed: Arc::default() }
    }

    /// The tasks that panicked and have not run for [`WELL_AFTER`] since.
    #[must_use]
    pub fn failed(&self) -> watch::Receiver<Vec<BackgroundTask>> {
        self.failed.subscribe()
    }

    /// Runs what `start` creates until it ends by itself. After a panic it is started again, after
    /// a pause.
    pub async fn keep<F, Work>(self, task: BackgroundTask, mut start: F)
    where
        F: FnMut() -> Work + Send,
        Work: Future<Output = ()> + Send + 'static,
    {
        let mut pause = FIRST_PAUSE;
        loop {
            let mut work = AbortOnDropHandle::new(tokio::spawn(start()));
            let ended = tokio::select! {
                biased;
                ended = &mut work => ended,
                () = self.clock.sleep(WELL_AFTER), if self.has_failed(task) => {
                    self.clear(task);
                    pause = FIRST_PAUSE;
                    work.await
                }
            };
            let Err(error) = ended else {
                self.clear(task);
                return;
            };
            tracing::error!(%task, %error, seconds = pause.as_secs(), "a background task panicked; it is started again");
            self.raise(task);
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                () = self.clock.sleep(pause) => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn has_failed(&self, task: BackgroundTask) -> bool {
        self.failed.borrow().contains(&task)
    }

    fn raise(&self, task: BackgroundTask) {
        self.failed.send_if_modified(|failed| {
            let is_new = !failed.contains(&task);
            if is_new {
                failed.push(task);
            }
            is_new
        });
    }

    fn clear(&self, task: BackgroundTask) {
        self.failed.send_if_modified(|failed| {
            let before = failed.len();
            failed.retain(|other| *other != task);
            failed.len() < before
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering};

    use chrono::{DateTime, Utc};

    use super::*;
    use crate::clock::{Clock, Sleep};

    /// A clock whose sleep ends as soon as every other task has had a turn. It records the sleeps
    /// that were completed.
    #[derive(Default)]
    struct HastyClock {
        slept: Arc<Mutex<Vec<Duration>>>,
    }

    impl Clock for HastyClock {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }

        fn elapsed(&self) -> Duration {
            Duration::ZERO
        }

        fn sleep(&self, duration: Duration) -> Sleep {
            let slept = Arc::clone(&self.slept);
            Box::pin(async move {
                for _ in 0..50 {
                    tokio::task::yield_now().await;
                }
                slept.lock().unwrap().push(duration);
            })
        }
    }

    fn supervisor(stop: &CancellationToken) -> (Supervisor, Arc<Mutex<Vec<Duration>>>) {
        let clock = HastyClock::default();
        let slept = Arc::clone(&clock.slept);
        (Supervisor::new(Arc::new(clock), stop.clone()), slept)
    }

    #[tokio::test]
    async fn a_task_that_panics_is_shown_as_failed_started_again_and_well_after_an_hour() {
        let (supervisor, slept) = supervisor(&CancellationToken::new());
        let mut failed = supervisor.failed();
        let starts = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&starts);
        let kept = tokio::spawn(supervisor.keep(BackgroundTask::PlayTracker, move || {
            let number = counter.fetch_add(1, Ordering::Relaxed);
            async move {
                assert!(number >= 3, "as a fault in phonolog would");
                std::future::pending::<()>().await;
            }
        }));
        failed.wait_for(|failed| *failed == [BackgroundTask::PlayTracker]).await.unwrap();
        failed.wait_for(Vec::is_empty).await.unwrap();
        assert_eq!(starts.load(Ordering::Relaxed), 4);
        assert_eq!(*slept.lock().unwrap(), [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4, WELL_AFTER]);
        kept.abort();
    }

    #[tokio::test]
    async fn a_task_that_ends_by_itself_is_left_at_that() {
        let (supervisor, slept) = supervisor(&CancellationToken::new());
        let failed = supervisor.failed();
        supervisor.keep(BackgroundTask::Statistics, || async {}).await;
        assert!(failed.borrow().is_empty() && slept.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn at_the_end_nothing_is_started_again() {
        let stop = CancellationToken::new();
        let (supervisor, slept) = supervisor(&stop);
        stop.cancel();
        supervisor.keep(BackgroundTask::NowPlaying, || async { panic!("as a fault would") }).await;
        assert!(slept.lock().unwrap().is_empty());
    }
}
