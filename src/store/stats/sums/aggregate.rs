//! Adds up plays month by month while the next ones are read.
//!
//! Owns: which part of a play goes into the sums of its month, and which plays have wrong values.
//! Must not know: where sums are stored.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use hashbrown::HashMap;
use sqlx::SqliteConnection;

use super::settings::Keeping;
use crate::domain::{AccountId, Month};
use crate::store::Result;
use crate::store::stats::days::Days;
use crate::store::stats::plays::{PlaysReading, StoredPlay, parse};
use crate::store::stats::totals::counts;

/// A month with plays, summed up.
pub(in crate::store::stats) struct MonthOfPlays {
    pub(in crate::store::stats) month: Month,
    pub(in crate::store::stats) begin: DateTime<Utc>,
    pub(in crate::store::stats) end: DateTime<Utc>,
    /// The played items, each with one of its plays.
    pub(in crate::store::stats) items: Vec<(String, i64)>,
    /// Its days; they refer to items by index.
    pub(in crate::store::stats) days: Days,
    /// Plays whose local time or count is wrong.
    pub(in crate::store::stats) corrections: Vec<Correction>,
    places: HashMap<String, usize>,
}

/// A play with its correct local day and hour, and whether it counts.
pub(in crate::store::stats) type Correction = (i64, i32, u8, bool);

impl MonthOfPlays {
    fn at(at: DateTime<Utc>, keeping: Keeping) -> Self {
        let zone = keeping.zone;
        let month = zone.month_at(at);
        Self {
            month,
            begin: zone.month_begins(month),
            end: zone.month_ends(month),
            items: Vec::new(),
            days: Days::default(),
            corrections: Vec::new(),
            places: HashMap::new(),
        }
    }

    fn take(&mut self, play: &StoredPlay<'_>, at: DateTime<Utc>, keeping: Keeping) {
        let local = keeping.zone.at(at);
        let counts = counts(play.ms_played, keeping.counts_from_ms);
        let is_right = play.local_day == Some(local.day)
            && play.local_hour == Some(local.hour)
            && (play.counts != 0) == counts;
        if !is_right {
            self.corrections.push((play.id, local.day, local.hour, counts));
        }
        let place = self.place_of(&play.uri, play.id);
        let at_ms = at.timestamp_millis();
        self.days.play(place, at_ms, local, play.heard(at_ms, keeping.counts_from_ms));
    }

    fn place_of(&mut self, uri: &str, play: i64) -> usize {
        if let Some(place) = self.places.get(uri) {
            return *place;
        }
        self.items.push((uri.to_owned(), play));
        let place = self.items.len() - 1;
        self.places.insert(uri.to_owned(), place);
        place
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
            let adding = async { plays.iter().try_for_each(|play| add(play, *keeping, open, whole)) };
            let (next, added) = tokio::join!(reading.next(&mut *connection), adding);
            added?;
            self.piece = next?;
        }
    }
}

/// Adds a play to its month; this completes the month before it.
fn add(
    play: &StoredPlay<'_>,
    keeping: Keeping,
    open: &mut Option<MonthOfPlays>,
    whole: &mut VecDeque<MonthOfPlays>,
) -> Result<()> {
    let at = play.at()?;
    whole.extend(open.take_if(|month| month.end <= at));
    open.get_or_insert_with(|| MonthOfPlays::at(at, keeping)).take(play, at, keeping);
    Ok(())
}
