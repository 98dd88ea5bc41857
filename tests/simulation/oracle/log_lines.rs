//! The lines that the engine of a story would write to its log file: they are counted, and stand in the trace.

use std::cell::Cell;
use std::fmt::{self, Write};
use std::sync::LazyLock;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

use crate::trace;

thread_local! {
    /// Lines of the stories that this thread played.
    static LINES: Cell<u64> = const { Cell::new(0) };
}

/// Whoever counts lines, for all stories.
static COUNTS: LazyLock<()> = LazyLock::new(|| tracing::subscriber::set_global_default(LineCounter).unwrap());

/// How many lines were logged in this thread so far. Counting begins with the first call.
pub fn so_far() -> u64 {
    LazyLock::force(&COUNTS);
    LINES.get()
}

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

    fn event(&self, event: &Event<'_>) {
        LINES.set(LINES.get() + 1);
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        trace::logged(&line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let name = if field.name() == "message" { String::new() } else { format!("{}=", field.name()) };
        write!(self.0, " {name}{value:?}").expect("a text takes what is written");
    }
}
