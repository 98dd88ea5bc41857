//! Delivers alerts to a program or a webhook, once when an alert is raised and once when it is
//! cleared.
//!
//! The engine stores the changes of alerts and continues. This task reads those that were not
//! delivered yet, delivers them, and then stores that they were delivered, in this order. So each
//! change is delivered at least once, and again only if phonolog was killed before the delivery was
//! stored. If a receiver fails several times, the delivery is given up, which is logged.

mod message;
mod program;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::config;
use crate::domain::{Alert, AlertKind, BackgroundTask, display_safe};
use crate::engine::Supervisor;
use crate::store::{Store, StoreError, UndeliveredAlert};

use crate::app::Failure;
use message::AlertMessage;
use program::Program;
use webhook::Webhook;

/// The pauses between the tries of one delivery; there is one more try than pauses.
const PAUSES: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(20)];
/// How long one try may take.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// How long the last delivery may take when the engine ends.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// The task that delivers alerts.
pub struct Courier {
    task: JoinHandle<()>,
    stop: CancellationToken,
    round: Arc<DeliveryRound>,
}

impl Courier {
    /// Starts with what a previous engine left undelivered.
    pub fn start(
        store: Store,
        told: &config::AlertsConfig,
        news: watch::Receiver<()>,
        supervisor: Supervisor,
    ) -> Result<Self, Failure> {
        let stop = CancellationToken::new();
        let webhook = told.webhook.clone().map(Webhook::new).transpose().map_err(Failure::failed)?;
        let program = told.command.clone().map(Program::new);
        let round = Arc::new(DeliveryRound { store, program, webhook, stop: stop.clone() });
        let own = Arc::clone(&round);
        let start = move || work(Arc::clone(&own), news.clone());
        Ok(Self { task: tokio::spawn(supervisor.keep(BackgroundTask::AlertDelivery, start)), stop, round })
    }

    /// Reports that nothing can be recorded any more, which the database cannot store.
    pub async fn deliver_now(&self, why: &str) {
        let (kind, since) = (AlertKind::Storage, Utc::now());
        let text = format!("nothing can be recorded: {}", display_safe(why));
        let undelivered = UndeliveredAlert::unstored(Alert { kind, subject: String::new(), since, text });
        if timeout(LAST_WORDS, self.round.deliver(&undelivered)).await.is_err() {
            tracing::warn!("an alert could not be sent before the end");
        }
    }

    /// Delivers the engine's last changes, if that is quick; otherwise the next start does.
    pub async fn close(self) {
        self.stop.cancel();
        let abort = self.task.abort_handle();
        if timeout(LAST_WORDS, self.task).await.is_err() {
            abort.abort();
            tracing::warn!("an alert could not be sent before the end; the next start sends it");
        }
    }
}

async fn work(round: Arc<DeliveryRound>, mut news: watch::Receiver<()>) {
    loop {
        round.deliver_all().await;
        tokio::select! {
            () = round.stop.cancelled() => break,
            changed = news.changed() => if changed.is_err() { break },
        }
    }
    round.deliver_all().await;
}

/// The receivers, and where deliveries are stored.
struct DeliveryRound {
    store: Store,
    program: Option<Program>,
    webhook: Option<Webhook>,
    stop: CancellationToken,
}

impl DeliveryRound {
    async fn deliver_all(&self) {
        if let Err(error) = self.deliver_pending().await {
            tracing::warn!(%error, "alerts could not be sent");
        }
    }

    async fn deliver_pending(&self) -> Result<(), StoreError> {
        let Some(account) = self.store.accounts().current().await? else { return Ok(()) };
        let alerts = self.store.account(account.id).alerts();
        for undelivered in alerts.undelivered().await? {
            let is_done = self.deliver(&undelivered).await;
            if !is_done {
                // The engine ends: the next one delivers the rest.
                return Ok(());
            }
            alerts.was_delivered(&undelivered, Utc::now()).await?;
        }
        Ok(())
    }

    /// Delivers to all receivers; `false` if the end came first.
    async fn deliver(&self, undelivered: &UndeliveredAlert) -> bool {
        let message = AlertMessage::of(undelivered);
        if let Some(program) = &self.program {
            let is_done = self.try_to("alerts.command", &message, || program.deliver(&message)).await;
            if !is_done {
                return false;
            }
        }
        match &self.webhook {
            Some(webhook) => self.try_to("alerts.webhook", &message, || webhook.deliver(&message)).await,
            None => true,
        }
    }

    /// Tries several times. `true` once it is delivered or given up.
    async fn try_to<F>(&self, who: &str, message: &AlertMessage, deliver: impl Fn() -> F) -> bool
    where
        F: Future<Output = Result<(), String>>,
    {
        let mut pauses = PAUSES.into_iter();
        loop {
            let delivered = timeout(ANSWERED_WITHIN, deliver()).await;
            let why = match delivered {
                Ok(Ok(())) => {
                    tracing::info!(who, kind = message.kind(), state = message.state(), "an alert was sent");
                    return true;
                }
                Ok(Err(why)) => why,
                Err(_) => format!("it took more than {} s", ANSWERED_WITHIN.as_secs()),
            };
            let Some(pause) = pauses.next() else {
                tracing::error!(who, kind = message.kind(), state = message.state(), %why, "an alert could not be sent; giving up");
                return true;
            };
            tracing::warn!(who, kind = message.kind(), %why, "an alert could not be sent; trying again");
            tokio::select! {
                () = self.stop.cancelled() => return false,
                () = sleep(pause) => {}
            }
        }
    }
}
