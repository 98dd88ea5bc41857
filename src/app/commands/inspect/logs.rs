//! `phonolog logs`: prints the newest lines of the log, and those that follow.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use color_eyre::Result;
use tokio_util::sync::CancellationToken;

use crate::cli;
use crate::config::Config;
use crate::domain::display_safe;

use crate::app::output::print::{self, Lines};
use crate::app::runtime::logging::lines::{LOOK_AGAIN, for_each_line, log_files};
use crate::app::runtime::signals;

/// Prints the end of the log; with `--follow` continues until a signal.
pub async fn show(config: &Config, args: &cli::Logs) -> Result<u8> {
    let dir = config.paths.log_dir();
    let files = log_files(&dir);
    if files.is_empty() && !args.follow {
        print::line(&format!("There is no log in {} yet.", dir.display()));
        return Ok(0);
    }
    let told = tail(&files, args.lines);
    if !args.follow {
        return told.map(|_| 0);
    }
    let followed = follow(&dir, told?, &signals::stop_on_signals()?).await;
    followed.map(|()| 0)
}

/// Prints the last lines of all files together; returns the last file and how far it was read.
fn tail(files: &[PathBuf], count: usize) -> Result<Option<(PathBuf, u64)>> {
    let mut last = VecDeque::with_capacity(count.min(10_000));
    let mut place = None;
    for path in files {
        let mut read = 0;
        for_each_line(path, 0, |line, end| {
            if last.len() >= count {
                last.pop_front();
            }
            if count > 0 {
                last.push_back(line.to_owned());
            }
            read = end;
            Ok(())
        })?;
        place = Some((path.clone(), read));
    }
    let mut lines = Lines::new();
    for line in last {
        lines.line(&display_safe(&line))?;
    }
    lines.flush()?;
    Ok(place)
}

async fn follow(dir: &Path, mut place: Option<(PathBuf, u64)>, stop: &CancellationToken) -> Result<()> {
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
        let mut lines = Lines::new();
        for path in log_files(dir) {
            let from = match &place {
                Some((last, _)) if path < *last => continue,
                Some((last, read)) if path == *last => *read,
                _ => 0,
            };
            let mut read = from;
            for_each_line(&path, from, |line, end| {
                read = end;
                lines.line(&display_safe(line))
            })?;
            place = Some((path, read));
        }
        lines.flush()?;
    }
}
