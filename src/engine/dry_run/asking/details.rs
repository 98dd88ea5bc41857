//! The details of artists. The estimate uses only what is stored and known; it makes no request.

use super::{LARGEST_PAGE, Planner, number};
use crate::domain::{Bucket, Capability};
use crate::engine::dry_run::range::Range;
use crate::engine::dry_run::{Estimate, PlannedChanges};
use crate::engine::error::JobError;
use crate::engine::jobs::availability::Availability;
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
        let is_closed = |availability| availability == Availability::Closed;
        let no_fields = is_closed(self.availability(Capability::ArtistGenres).await?)
            && is_closed(self.availability(Capability::ArtistPictures).await?);
        let requests = match self.availability(Capability::ArtistsBatch).await? {
            _ if no_fields || todo == 0 => Range::exactly(0),
            Availability::Open => Range::exactly(at_once.min(left)),
            Availability::Closed if is_closed(self.availability(Capability::ArtistById).await?) => {
                Range::exactly(0)
            }
            Availability::Closed => Range::exactly(todo.min(left)),
            Availability::Untried | Availability::Probe => {
                Range::between(at_once.min(left), (todo + 1).min(left))
            }
        };
        let note = (requests.most.is_some_and(|most| most >= left) && todo > 0)
            .then(|| format!("{left} of the day's {} requests are left", gate.daily_budget));
        Ok(Estimate { requests, changes: PlannedChanges::UNKNOWN, brake: None, note })
    }
}
