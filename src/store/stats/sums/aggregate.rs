//! Adds up plays month by month while the next ones are read.
//!
//! Owns: which part of a play goes into the sums of its month, and which plays have wrong values.
//! Must not know: where sums are stored.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::settings::Keeping;
use crate::domain::{AccountId, Month};
use crate::store::Result;
use crate::store::play_columns::facts::PlayFacts;
use crate::store::stats::days::Days;
use crate::store::stats::plays::{PlaysReading, StoredPlay, parse};
use crate::store::stats::totals::counts;

/// A month with plays, summed up.
pub(in crate::store::stats) struct MonthOfPlays {
    pub(in crate::store::stats) month: Month,
    pub(in crate::store::stats) begin: DateTime<Utc>,
    pub(in crate::store::stats) end: DateTime<Utc>,
    pub(in crate::store::stats) days: Days,
    /// Plays whose local time or count is wrong.
    pub(in crate::store::stats) corrections: Vec<Correction>,
}

/// A play with its correct local hour and facts.
pub(in crate::store::stats) type Correction = (i64, i64, i64);

impl MonthOfPlays {
    fn at(at: DateTime<Utc>, keeping: Keeping) -> Self {
        let zone = keeping.zone;
        let month = zone.month_at(at);
        Self {
            month,
            begin: zone.month_begins(month),
            end: zone.month_ends(month),
            days: Days::default(),
            corrections: Vec::new(),
        }
    }

    fn take(&mut self, play: &StoredPlay, at: DateTime<Utc>, keeping: Keeping) {
        let local = keeping.zone.at(at);
        let facts = PlayFacts { counts: counts(play.ms_played, keeping.counts_from_ms), ..play.facts() };
        if play.hour != Some(local.since_1970()) || play.facts != facts.bits() {
            self.corrections.push((play.id, local.since_1970(), facts.bits()));
        }
        self.days.play(play.item_id, at.timestamp_millis(), local, play.heard(keeping.counts_from_ms));
    }
}

/// Plays of a span, month by month.
pub(in crate::store::stats) struct MonthsOfPlays {
    keeping: Keeping,
    reading: PlaysReading,
    /// Plays that were read and are not summed up yet.
    piece: Option<String>,
    whole: VecDeque<MonthOfPlays>,
    /// The month whose plays may continue in the next piece.
    open: Option<MonthOfPlays>,
}

impl MonthsOfPlays {
    /// Plays from `from` on, up to but excluding `to`.
    pub(in crate::store::stats) fn of(
        account: AccountId,
        keeping: Keeping,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Self {
        let reading = PlaysReading::of(account, from, to);
        Self { keeping, reading, piece: None, whole: VecDeque::new(), open: None }
    }

    /// The next month with plays.
    pub(in crate::store::stats) async fn next(
        &mut self,
        connection: &mut SqliteConnection,
    ) -> Result<Option<MonthOfPlays>> {
        loop {
            if let Some(month) = self.whole.pop_front() {
                return Ok(Some(month));
            }
            let piece = match self.piece.take() {
                Some(piece) => Some(piece),
                None => self.reading.next(&mut *connection).await?,
            };
            let Some(piece) = piece else { return Ok(self.open.take()) };
            let plays = parse(&piece)?;
            if let Some(last) = plays.last() {
                self.reading.go_on_after(last);
            }
            let Self { keeping, reading, whole, open, .. } = self;
            let adding = async {
                for play in &plays {
                    add(play, *keeping, open, whole);
                }
            };
            let (next, ()) = tokio::join!(reading.next(&mut *connection), adding);
            self.piece = next?;
        }
    }
}

/// Adds a play to its month; this completes the month before it.
fn add(
    play: &StoredPlay,
    keeping: Keeping,
    open: &mut Option<MonthOfPlays>,
    whole: &mut VecDeque<MonthOfPlays>,
) {
    let at = play.at();
    whole.extend(open.take_if(|month| month.end <= at));
    open.get_or_insert_with(|| MonthOfPlays::at(at, keeping)).take(play, at, keeping);
}
