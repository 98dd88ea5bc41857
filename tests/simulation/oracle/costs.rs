//! What a life of the engine may spend: requests, wake-ups and lines of the log. Too many are a failure.

use std::cell::Cell;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use phonolog::clock::Clock;
use phonolog::spotify::HttpAnswer;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

use crate::life::World;

use super::holds;
use super::requests::pages_of_everything;

/// A list that moves, or that contradicts itself, is read so often in an hour at most.
const MOST_READINGS: u64 = 8;

thread_local! {
    /// Lines that the engine of this thread's story logged.
    static LINES: Cell<u64> = const { Cell::new(0) };
}

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

/// Whoever counts lines, for all stories.
static COUNTS_LINES: LazyLock<()> =
    LazyLock::new(|| tracing::subscriber::set_global_default(LineCounter).unwrap());

/// What was spent since the end of the last life.
#[derive(Default)]
pub struct Costs {
    /// Answers that brought something, and those that did not.
    answers: u64,
    failures: u64,
    /// When the last answer of this life came.
    last: Option<Duration>,
    /// Wake-ups and lines up to the end of the last life.
    wake_ups: u64,
    lines: Option<u64>,
}

impl Costs {
    pub fn answered(&mut self, answer: &HttpAnswer, at: Duration) {
        LazyLock::force(&COUNTS_LINES);
        self.lines.get_or_insert(LINES.get());
        let is_good = matches!(answer.status, 200 | 204);
        self.answers += u64::from(is_good);
        self.failures += u64::from(!is_good);
        self.last = Some(at);
    }

    pub fn judge(&mut self, world: &World, has_crashed: bool) {
        let Some(last) = self.last.take() else { return };
        // What died is buried after a while; until then nothing is spent.
        let end = if has_crashed { last } else { world.clock.elapsed() };
        let hours = end.saturating_sub(*world.born.lock().unwrap()).as_secs() / 3600 + 1;
        let (all_wake_ups, all_lines) = (world.clock.wake_ups(), LINES.get());
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
        holds(answers <= MOST_READINGS * (hours + 1) * (pages + 8), || {
            format!("too many requests: {}", spent())
        });
        holds(wake_ups <= 300 * (hours + 2) + 12 * (answers + failures), || {
            format!("too many wake-ups: {}", spent())
        });
        holds(lines <= 20 * (hours + 1) + 8 * (answers + failures), || {
            format!("too many lines: {}", spent())
        });
    }
}

/// Counts what would be in the log file.
struct LineCounter;

impl Subscriber for LineCounter {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO && metadata.target().starts_with("phonolog")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        LINES.set(LINES.get() + 1);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
