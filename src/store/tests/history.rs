//! The library as it was: every version that a sync saw can be reconstructed.

mod lines;
mod lists;
mod playlists;
mod since;
mod tracks;

use std::future::Future;

use super::*;

/// Runs the story of a property.
fn block_on<F: Future>(story: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(story)
}

/// The observation time of the n-th sync of a story.
fn sync_at(n: usize) -> DateTime<Utc> {
    at(1_000 + 100 * i64::try_from(n).unwrap())
}

/// A time one millisecond before another.
fn just_before(at: DateTime<Utc>) -> DateTime<Utc> {
    at - chrono::TimeDelta::milliseconds(1)
}

impl Bench {
    /// A separate run, as each sync has.
    async fn next_run(&mut self) {
        self.run = self.stored().runs().begin(Mode::Full, Trigger::Cli, at(1)).await.unwrap().id;
    }

    /// Reads a whole list at a time, and allows every removal.
    async fn walk_at(&mut self, rows: ListRows, baseline: bool, at: DateTime<Utc>) {
        self.next_run().await;
        let entity = rows.entity();
        self.begin(entity, if baseline { Mode::Initial } else { Mode::Full }).await;
        let remote = self.page(rows, 0, baseline).await.staged;
        let consented = self.missing(entity, Some(u32::MAX)).await;
        let finish = FinishWalk {
            baseline,
            allow_removals: Some(u32::MAX),
            consented,
            remote,
            at,
            ..FinishWalk::default()
        };
        let finished = self.stored().library().finish_walk(self.run, entity, &finish).await.unwrap().outcome;
        assert!(matches!(finished, Finished::Applied(_)));
    }

    /// A past list, read in two parts.
    async fn past(&self, list: &PastList, at: DateTime<Utc>) -> Vec<PastRow> {
        let past = self.stored().history().past(list, at).await.unwrap();
        let half = past.len() / 2;
        let mut rows = self.stored().history().past_rows(&past, 0..half).await.unwrap();
        rows.extend(self.stored().history().past_rows(&past, half..past.len()).await.unwrap());
        let positions = rows.iter().map(|row| serde_json::to_value(row).unwrap()["position"].as_u64());
        assert!(positions.eq((0..).map(Some).take(past.len())), "places without gaps: {rows:?}");
        rows
    }

    async fn refused(&self, list: &PastList, at: DateTime<Utc>) -> String {
        self.stored().history().past(list, at).await.unwrap_err().to_string()
    }
}
