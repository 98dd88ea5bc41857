//! What a life of the engine may spend: requests, wake-ups and lines of the log. Too many are a failure.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use phonolog::clock::Clock;
use phonolog::spotify::HttpAnswer;

use crate::life::World;

use super::requests::pages_of_everything;
use super::{holds, log_lines};

/// Bounds for each hour of a life and one more. They lie a little above what the line at the end of many stories shows.
/// Everything is read so often, also if lists move or contradict themselves.
const MOST_READINGS: u64 = 5;
const MOST_FAILURES: u64 = 60;
/// Wake-ups and lines of the log beyond those that answers explain.
const MOST_WAKE_UPS: u64 = 250;
const MOST_LINES: u64 = 10;

/// The most that any life of all stories spent, in thousandths: readings of everything an hour, failures an hour, and
/// wake-ups and lines of the log over those that answers explain.
static MOST: [AtomicU64; 4] = [const { AtomicU64::new(0) }; 4];

/// What was spent at most in any life so far, for the line at the end.
pub fn most_spent() -> String {
    let [readings, failures, wake_ups, lines] = MOST.each_ref().map(|most| {
        let thousandths = most.load(Ordering::Relaxed);
        format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
    });
    format!(
        "at most {readings} readings, {failures} failures, {wake_ups} wake-ups and {lines} lines of the log an hour"
    )
}

/// What was spent since the end of the last life.
#[derive(Default)]
pub struct Costs {
    /// Answers that brought something, and requests that brought nothing.
    answers: u64,
    failures: u64,
    /// When the last request of this life ended.
    last: Option<Duration>,
    /// Wake-ups and lines up to the end of the last life.
    wake_ups: u64,
    lines: Option<u64>,
}

impl Costs {
    pub fn answered(&mut self, answer: &HttpAnswer, at: Duration) {
        self.ended(at);
        let is_good = matches!(answer.status, 200 | 204);
        self.answers += u64::from(is_good);
        self.failures += u64::from(!is_good);
    }

    pub fn not_answered(&mut self, at: Duration) {
        self.ended(at);
        self.failures += 1;
    }

    fn ended(&mut self, at: Duration) {
        self.lines.get_or_insert_with(log_lines::so_far);
        self.last = Some(at);
    }

    pub fn judge(&mut self, world: &World, has_crashed: bool) {
        let Some(last) = self.last.take() else { return };
        // An engine that was killed is cleaned up after a while; nothing counts as spent until then.
        let end = if has_crashed { last } else { world.clock.elapsed() };
        let hours = end.saturating_sub(*world.born.lock().unwrap()).as_secs() / 3600 + 1;
        let (all_wake_ups, all_lines) = (world.clock.wake_ups(), log_lines::so_far());
        let wake_ups = all_wake_ups - self.wake_ups;
        let lines = all_lines - self.lines.unwrap_or(all_lines);
        let (answers, failures) = (self.answers, self.failures);
        *self = Self { wake_ups: all_wake_ups, lines: Some(all_lines), ..Self::default() };

        let pages = pages_of_everything(world);
        let beyond = |spent: u64, of_answers: u64| spent.saturating_sub(of_answers * (answers + failures));
        let hourly = [
            answers * 1000 / (pages + 8),
            failures * 1000,
            beyond(wake_ups, 12) * 1000,
            beyond(lines, 8) * 1000,
        ];
        for (most, spent) in MOST.iter().zip(hourly) {
            most.fetch_max(spent / (hours + 1), Ordering::Relaxed);
        }
        let spent = || {
            format!(
                "{answers} answers, {failures} failures, {wake_ups} wake-ups and {lines} lines of the log in {hours} h \
                 for {pages} pages"
            )
        };
        let hours = hours + 1;
        holds(answers <= MOST_READINGS * hours * (pages + 8), || format!("too many requests: {}", spent()));
        holds(failures <= MOST_FAILURES * hours, || format!("too many failures: {}", spent()));
        holds(beyond(wake_ups, 12) <= MOST_WAKE_UPS * hours, || format!("too many wake-ups: {}", spent()));
        holds(beyond(lines, 8) <= MOST_LINES * hours, || format!("too many lines: {}", spent()));
    }
}
