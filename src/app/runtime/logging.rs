//! The destination of the log: a rolling file beside the data, since the terminal belongs to the
//! screen; or standard error, for a daemon whose manager stores it.

pub mod lines;

use std::io::Write;
use std::path::Path;
use std::sync::OnceLock;

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, fmt, reload};

use crate::config::Config;

use crate::app::Failure;

/// The number of days whose logs are kept.
const FILES: usize = 7;
/// Lines that may wait to be written; further lines are dropped, because logging must not block.
/// Their buffer is always allocated, 32 bytes each; the library's own limit would take four
/// megabytes.
const LINES_ON_THE_WAY: usize = 2_048;
/// The start of a log file's name; its day follows.
pub const PREFIX: &str = "phonolog";

/// The current filter, so that it can be changed at runtime.
static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Starts to log into a file; lines are written until the guard is dropped.
pub fn start(config: &Config) -> Result<WorkerGuard, Failure> {
    write_privately();
    let dir = config.paths.log_dir();
    private_dir(&dir)?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(PREFIX)
        .filename_suffix("log")
        .max_log_files(FILES)
        .build(&dir)
        .map_err(|error| unwritable(&dir, &error))?;
    begin(config, aside(file))
}

/// From now on every new file, log, database or login, is accessible by its owner only.
pub fn write_privately() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

/// Starts to log to standard error.
pub fn start_on_stderr(config: &Config) -> Result<WorkerGuard, Failure> {
    begin(config, aside(std::io::stderr()))
}

/// A separate thread writes the lines.
fn aside(writer: impl Write + Send + 'static) -> (NonBlocking, WorkerGuard) {
    NonBlockingBuilder::default().buffered_lines_limit(LINES_ON_THE_WAY).finish(writer)
}

fn begin(config: &Config, (writer, guard): (NonBlocking, WorkerGuard)) -> Result<WorkerGuard, Failure> {
    let (filter, handle) = reload::Layer::new(read_filter(&config.log_filter)?);
    let lines = fmt::layer().with_writer(writer).with_ansi(false);
    // A second start in one process (in tests) keeps the first log.
    if tracing_subscriber::registry().with(filter).with(lines).try_init().is_ok() {
        let _ = FILTER.set(handle);
    }
    Ok(guard)
}

fn read_filter(written: &str) -> Result<EnvFilter, Failure> {
    EnvFilter::try_new(written).map_err(|_| {
        Failure::Usage(format!("the log filter `{written}` is invalid; write it like phonolog=debug,warn"))
    })
}

/// Uses another filter from now on.
pub fn set_filter(written: &str) -> Result<(), Failure> {
    let filter = read_filter(written)?;
    match FILTER.get().map(|handle| handle.reload(filter)) {
        None | Some(Ok(())) => Ok(()),
        Some(Err(error)) => Err(Failure::failed(format!("cannot change the log ({error}); restart"))),
    }
}

/// Creates a directory that only its owner can enter.
pub fn private_dir(dir: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| unwritable(dir, &error))
}

fn unwritable(dir: &Path, error: &(dyn std::error::Error + 'static)) -> Failure {
    let advice = "check its owner and mode, or choose another with --data-dir";
    Failure::unwritable(&format!("the directory {}", dir.display()), error, advice)
}
