//! Checks whether the files of a running engine are still the ones that it opened. A database that
//! was deleted or replaced would accept every write and lose it, and without the lock file a second
//! engine could start.

use std::time::Duration;

use chrono::Utc;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::store::{DatabaseLock, LockState, Store};

/// The interval of the check, which costs a few system calls.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// The task that checks and holds the lock.
pub struct FileGuard {
    task: JoinHandle<()>,
    close: CancellationToken,
    fault: watch::Receiver<Option<String>>,
}

impl FileGuard {
    /// Starts the checks; cancels `stop` when the engine must not continue.
    pub fn start(lock: DatabaseLock, store: Store, stop: CancellationToken) -> Self {
        let close = CancellationToken::new();
        let (tell, fault) = watch::channel(None);
        let task = tokio::spawn(guard(lock, store, close.clone(), move |why| {
            tracing::error!("{why}");
            tell.send_replace(Some(why));
            stop.cancel();
        }));
        Self { task, close, fault }
    }

    /// Ends when the engine was stopped; returns the reason.
    pub async fn fault(&self) -> String {
        let mut fault = self.fault.clone();
        if let Ok(why) = fault.wait_for(Option::is_some).await
            && let Some(why) = why.as_ref()
        {
            return why.clone();
        }
        std::future::pending().await
    }

    /// Releases the lock.
    pub async fn close(self) {
        self.close.cancel();
        let _ = self.task.await;
    }
}

async fn guard(mut lock: DatabaseLock, store: Store, close: CancellationToken, mut tell: impl FnMut(String)) {
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = close.cancelled() => return,
            _ = looks.tick() => {}
        }
        if let Some(why) = look(&mut lock, &store).await {
            tell(why);
            // The lock is held as long as the database is open.
            close.cancelled().await;
            return;
        }
    }
}

/// Why the engine must not continue.
async fn look(lock: &mut DatabaseLock, store: &Store) -> Option<String> {
    if !store.is_in_place() {
        return Some(replaced(store).await);
    }
    match lock.check() {
        Ok(LockState::Intact) => None,
        Ok(LockState::Renewed(file)) => {
            tracing::warn!(file = %file.display(), "the lock file was deleted or replaced; created and locked it again");
            None
        }
        Ok(LockState::Lost(holder)) => Some(format!(
            "the lock file of the database was deleted or replaced, and {holder} holds it now; this process stops, so that only one writes"
        )),
        Err(error) => {
            tracing::warn!(%error, "the lock file was deleted or replaced and cannot be created again");
            None
        }
    }
}

/// Saves the contents of the deleted file, which would be lost with this process.
async fn replaced(store: &Store) -> String {
    let path = store.path().display();
    let stamp = Utc::now().format("%Y%m%dT%H%M%S%3fZ").to_string();
    let kept = match store.rescue(&stamp).await {
        Ok(kept) => format!("the record was saved as {}", kept.display()),
        Err(error) => format!("the newest changes are lost ({error})"),
    };
    format!(
        "the database {path} was deleted or replaced while phonolog was running, so recording has stopped; {kept}; the next start uses the file that is there or creates a new one"
    )
}
