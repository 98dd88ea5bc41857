//! What a life of the engine may spend: requests, wake-ups and lines of the log. Too many are a failure.

use std::cell::Cell;
use std::sync::LazyLock;
use std::time::Duration;

use phonolog::clock::Clock;
use phonolog::spotify::Answer;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

use crate::life::World;

use super::{holds, pages_of_everything};

thread_local! {
    /// Lines that the engine of this thread's story logged.
    static LINES: Cell<u64> = const { Cell::new(0) };
}

/// Whoever counts lines, for all stories.
static COUNTS_LINES: LazyLock<()> =
    LazyLock::new(|| tracing::subscriber::set_global_default(LineCounter).unwrap());

/// What was spent up to the end of the last life.
#[derive(Default)]
pub struct Costs {
    answers: u64,
    /// Answers that brought nothing.
    failures: u64,
    wake_ups: u64,
    lines: u64,
    at: Duration,
}

impl Costs {
    pub fn answered(&mut self, answer: &Answer) {
        LazyLock::force(&COUNTS_LINES);
        self.answers += 1;
        self.failures += u64::from(!matches!(answer.status, 200 | 204));
    }

    pub fn judge(&mut self, world: &World) {
        let (at, wake_ups, lines) = (world.clock.elapsed(), world.clock.wake_ups(), LINES.get());
        let hours = at.saturating_sub(self.at).as_secs() / 3600 + 1;
        let spent = (self.answers, wake_ups - self.wake_ups, lines - self.lines);
        let (requests, failures) = (self.answers, self.failures);
        *self = Self { wake_ups, lines, at, ..Self::default() };
        if std::env::var_os("PHONOLOG_COSTS").is_some() {
            println!(
                "COST {requests} {failures} {} {} {} {hours}",
                spent.1,
                spent.2,
                pages_of_everything(world)
            );
        }
        holds(true, String::new);
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
