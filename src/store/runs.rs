//! The rows of `sync_runs`.

use chrono::{DateTime, Utc};

use super::{Result, Store};
use crate::domain::{AccountId, Mode, RunId, RunOutcome, RunView, Trigger};

impl Store {
    /// Closes what a crash cut off: such runs become `interrupted`, entities that were being read or
    /// waited for their turn become `idle` (`pending` if never read); checkpoints stay. Gives the runs closed.
    pub async fn close_interrupted_runs(&self, now: DateTime<Utc>) -> Result<u32> {
        todo!("{now}")
    }

    /// Opens a run.
    pub async fn begin_run(
        &self,
        account: AccountId,
        mode: Mode,
        trigger: Trigger,
        now: DateTime<Utc>,
    ) -> Result<RunId> {
        todo!("{account:?} {mode} {trigger} {now}")
    }

    /// Closes a run.
    pub async fn finish_run(&self, run: RunId, outcome: &RunOutcome) -> Result<()> {
        todo!("{run:?} {outcome:?}")
    }

    /// The newest run, under way or finished.
    pub async fn last_run(&self, account: AccountId) -> Result<Option<RunView>> {
        todo!("{account:?}")
    }
}
