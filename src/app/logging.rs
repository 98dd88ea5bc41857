//! Where the log goes: a rolling file beside the data, since the terminal belongs to the screen.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

use crate::config::Config;

use super::Failure;

/// Days of logs that are kept.
const FILES: usize = 7;

/// Begins to log; what is logged is written until the guard is dropped.
pub fn start(config: &Config) -> Result<WorkerGuard, Failure> {
    let dir = config.paths.log_dir();
    private_dir(&dir)?;
    let filter = EnvFilter::try_new(&config.log_filter).map_err(|_| {
        Failure::Usage(format!(
            "the log filter `{}` is malformed; write it like phonolog=debug,warn",
            config.log_filter
        ))
    })?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("phonolog")
        .filename_suffix("log")
        .max_log_files(FILES)
        .build(&dir)
        .map_err(|error| unwritable(&dir, &error))?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    // A second start in one process (tests) keeps the first log.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false).try_init();
    Ok(guard)
}

/// Makes a directory that only its owner can enter.
pub fn private_dir(dir: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| unwritable(dir, &error))
}

fn unwritable(dir: &Path, error: &impl std::fmt::Display) -> Failure {
    Failure::failed(format!(
        "the directory {} cannot be written ({error}); check its owner and mode, or choose another with --data-dir",
        dir.display()
    ))
}
