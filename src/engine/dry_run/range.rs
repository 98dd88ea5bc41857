//! A lower and an upper bound of a number of requests; and how long they take at the gate's pace.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config;

/// A number that only a full reading would show exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Range {
    /// The lower bound.
    pub least: u32,
    /// The upper bound; `None` if nothing that is known bounds it.
    pub most: Option<u32>,
}

impl Range {
    /// A number that is known exactly.
    #[must_use]
    pub const fn exactly(number: u32) -> Self {
        Self { least: number, most: Some(number) }
    }

    /// From one number to another.
    #[must_use]
    pub fn between(least: u32, most: u32) -> Self {
        Self { least: least.min(most), most: Some(most) }
    }

    /// At least this number.
    #[must_use]
    pub const fn from(least: u32) -> Self {
        Self { least, most: None }
    }

    /// The same, or zero.
    #[must_use]
    pub const fn or_none(self) -> Self {
        Self { least: 0, ..self }
    }
}

impl std::ops::Add for Range {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let most = self.most.zip(other.most).map(|(one, other)| one.saturating_add(other));
        Self { least: self.least.saturating_add(other.least), most }
    }
}

impl std::iter::Sum for Range {
    fn sum<I: Iterator<Item = Self>>(ranges: I) -> Self {
        ranges.fold(Self::exactly(0), |sum, range| sum + range)
    }
}

/// A time, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Seconds {
    /// The lower bound.
    pub least: f64,
    /// The upper bound; `None` if nothing that is known bounds it.
    pub most: Option<f64>,
}

/// How fast requests follow each other: one at a time, and no faster than the gate allows.
#[derive(Debug, Clone, Copy)]
pub struct RequestPace {
    /// See [`config::GateConfig`].
    pub gate: config::GateConfig,
    /// How long an answer takes.
    pub latency: Duration,
}

impl RequestPace {
    /// How long `requests` take after `before` other requests.
    pub fn seconds(&self, before: Range, requests: Range) -> Seconds {
        let part = |before: u32, more: u32| self.until(before.saturating_add(more)) - self.until(before);
        let most = requests.most.map(|more| match before.most {
            Some(before) => part(before, more),
            // However many requests come before, each waits at most for one answer or one turn.
            None => f64::from(more) * self.slowest(),
        });
        // Times are rounded to a millisecond, so that equal times are equal.
        let rounded = |seconds: f64| (seconds * 1000.0).round() / 1000.0;
        Seconds { least: rounded(part(before.least, requests.least)), most: most.map(rounded) }
    }

    /// Seconds from one request to the next after the burst is used up.
    fn slowest(&self) -> f64 {
        let (pace, latency) = (self.gate.requests_per_second, self.latency.as_secs_f64());
        if pace > 0.0 { latency.max(pace.recip()) } else { latency }
    }

    /// Seconds until `requests` requests are answered.
    fn until(&self, requests: u32) -> f64 {
        let answered = f64::from(requests) * self.latency.as_secs_f64();
        let paced = requests.saturating_sub(self.gate.burst);
        if paced == 0 || self.gate.requests_per_second <= 0.0 {
            return answered;
        }
        answered.max(f64::from(paced) / self.gate.requests_per_second + self.latency.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(requests_per_second: f64, millis: u64) -> RequestPace {
        let gate = config::GateConfig {
            requests_per_second,
            burst: 5,
            daily_budget: 300,
            wait: Duration::from_mins(1),
        };
        RequestPace { gate, latency: Duration::from_millis(millis) }
    }

    #[test]
    fn the_burst_is_free_and_then_the_slower_of_pace_and_answers_counts() {
        let seconds = |pace: RequestPace, before, requests| {
            let seconds = pace.seconds(Range::exactly(before), Range::exactly(requests));
            assert_eq!(Some(seconds.least), seconds.most);
            Duration::from_secs_f64(seconds.least).as_millis()
        };
        assert_eq!(seconds(pace(2.0, 100), 0, 5), 500);
        assert_eq!(seconds(pace(2.0, 100), 0, 25), 10_100);
        assert_eq!(seconds(pace(2.0, 100), 25, 20), 10_000);
        assert_eq!(seconds(pace(2.0, 1000), 0, 25), 25_000);
        assert_eq!(seconds(pace(0.0, 10), 0, 100), 1_000);
        assert_eq!(pace(2.0, 1).seconds(Range::exactly(0), Range::from(3)).most, None);
        let behind_any_number = pace(2.0, 100).seconds(Range::from(7), Range::exactly(3));
        assert_eq!(behind_any_number.most, Some(1.5));
    }
}
