//! The progress of an import; only on a terminal, on standard error.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::import::ReadControl;

const READING: &str = "importing [{bar:24}] {percent:>3} % · {msg} · {elapsed}";
const SUMMING_UP: &str = "{spinner} summing up · {msg} · {elapsed}";

/// A progress bar for the bytes of all files. However the import ends, the bar is removed from the
/// terminal.
pub struct Bar {
    bar: ProgressBar,
    read: Arc<ReadControl>,
}

impl Bar {
    /// A bar that follows `read`.
    pub fn new(read: Arc<ReadControl>) -> Self {
        let bar = ProgressBar::new(0);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, read }
    }

    /// Starts with the number of bytes to read.
    pub fn begin(&self, bytes: u64) {
        self.style(READING);
        self.bar.set_length(bytes);
    }

    /// Shows the progress.
    pub fn show(&self, rows: u64) {
        self.bar.set_position(self.read.bytes.load(Ordering::Relaxed));
        self.bar.set_message(format!("{rows} rows"));
    }

    /// Shows that everything is stored.
    pub fn sum_up(&self) {
        self.style(SUMMING_UP);
    }

    fn style(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.progress_chars("=> "));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
