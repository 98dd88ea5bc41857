//! For which part of a period the history is known.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::Period;
use crate::store::db::sqlite;
use crate::store::play_columns::time_id;
use crate::store::{Result, StatisticsStore};

/// For which part of a period the history is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Completeness {
    /// The part of the period for which everything that Spotify listed or exported is stored; 0 to
    /// 1.
    pub share: f64,
    /// Gaps that touch the period: plays were lost in each of them.
    pub gaps: u32,
}

type Interval = (DateTime<Utc>, DateTime<Utc>);

pub(in crate::store) const COVERAGE: &str = "
select from_at, to_at, state from v_play_coverage
where account_id = ?1 and to_at >= ?2 and from_at < ?3 and state in ('complete', 'imported', 'gap')
order by from_at";

pub(in crate::store) const FIRST_PLAY: &str =
    "select id from play_rows where account_id = ?1 and id > 0 order by id limit 1";

impl StatisticsStore<'_> {
    /// For which part of a period the history is known.
    pub async fn completeness(self, period: Period) -> Result<Completeness> {
        let Self { store, account } = self;
        let rows: Vec<(String, String, String)> = sqlx::query_as(COVERAGE)
            .bind(account.0)
            .bind(sqlite::millis(period.from))
            .bind(sqlite::millis(period.to))
            .fetch_all(&store.readers)
            .await?;
        let (mut known, mut gaps) = (Vec::new(), Vec::new());
        for (from, to, state) in rows {
            let interval = (sqlite::time(&from)?, sqlite::time(&to)?);
            if state == "gap" { gaps.push(interval) } else { known.push(interval) }
        }
        Ok(completeness(period, &known, &gaps))
    }

    /// The end of the first stored play.
    pub async fn first_play(self) -> Result<Option<DateTime<Utc>>> {
        let Self { store, account } = self;
        let first: Option<i64> =
            sqlx::query_scalar(FIRST_PLAY).bind(account.0).fetch_optional(&store.readers).await?;
        Ok(first.map(time_id::ended_at))
    }
}

/// From known intervals, sorted by their start, and gaps. Intervals of several sources may overlap.
#[allow(clippy::cast_precision_loss)] // milliseconds of a few years
fn completeness(period: Period, known: &[Interval], gaps: &[Interval]) -> Completeness {
    let mut sum = TimeDelta::zero();
    let mut reached = period.from;
    for (from, to) in known {
        let (from, to) = ((*from).max(reached), (*to).min(period.to));
        if from < to {
            sum += to - from;
            reached = to;
        }
    }
    let whole = (period.to - period.from).num_milliseconds();
    let share = if whole > 0 { sum.num_milliseconds() as f64 / whole as f64 } else { 0.0 };
    let touches = |(from, to): &&Interval| *from < period.to && *to > period.from;
    Completeness { share, gaps: u32::try_from(gaps.iter().filter(touches).count()).unwrap_or(u32::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(from: i64, to: i64) -> Interval {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        (at(from), at(to))
    }

    #[test]
    fn time_that_two_sources_know_counts_once_and_only_within_the_period() {
        let (from, to) = interval(100, 200);
        let of = |known: &[Interval], gaps: &[Interval]| completeness(Period { from, to }, known, gaps);
        let known = [interval(0, 120), interval(110, 130), interval(115, 118), interval(180, 300)];
        let gaps = [interval(130, 140), interval(50, 100), interval(199, 250), interval(200, 210)];
        assert_eq!(of(&known, &gaps), Completeness { share: 0.5, gaps: 2 });
        assert_eq!(of(&[], &[]), Completeness { share: 0.0, gaps: 0 });
        assert_eq!(of(&[interval(0, 900)], &[]), Completeness { share: 1.0, gaps: 0 });
    }
}
