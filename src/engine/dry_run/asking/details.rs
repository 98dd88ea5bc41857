//! The details of artists: told from what is stored and learnt; nothing is asked.

use super::{LARGEST_PAGE, Planner, number};
use crate::domain::{Bucket, Capability};
use crate::engine::dry_run::range::Range;
use crate::engine::dry_run::{Estimate, PlannedChanges};
use crate::engine::error::JobError;
use crate::engine::jobs::availability::Course;
use crate::engine::timing::budget;

impl Planner<'_> {
    pub(super) async fn details(&self) -> Result<Estimate, JobError> {
        let (store, gate) = (&self.parts.store, self.parts.gate);
        let now = self.parts.clock.now();
        let since = self.request.full.then_some(now);
        let todo =
            number(store.account(self.account().await?).details().todo(now, since).await?.artists.len());
        let left = budget::left(gate.daily_budget, self.used(Bucket::Catalogue).await?);
        let at_once = todo.div_ceil(LARGEST_PAGE);
        let is_closed = |course| course == Course::Closed;
        let no_fields = is_closed(self.course(Capability::ArtistGenres).await?)
            && is_closed(self.course(Capability::ArtistPictures).await?);
        let requests = match self.course(Capability::ArtistsBatch).await? {
            _ if no_fields || todo == 0 => Range::exactly(0),
            Course::Open => Range::exactly(at_once.min(left)),
            Course::Closed if is_closed(self.course(Capability::ArtistById).await?) => Range::exactly(0),
            Course::Closed => Range::exactly(todo.min(left)),
            Course::Untried | Course::Probe => Range::between(at_once.min(left), (todo + 1).min(left)),
        };
        let note = (requests.most.is_some_and(|most| most >= left) && todo > 0)
            .then(|| format!("{left} of the day's {} requests are left", gate.daily_budget));
        Ok(Estimate { requests, changes: PlannedChanges::UNKNOWN, brake: None, note })
    }
}
