//! `phonolog logs`: the newest lines of the log, and what comes.

use std::collections::VecDeque;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::Duration;

use color_eyre::Result;
use tokio_util::sync::CancellationToken;

use crate::cli;
use crate::config::Config;
use crate::domain::display_safe;
use crate::files::{self, Links};

use crate::app::Failure;
use crate::app::output::print::{self, Lines};
use crate::app::runtime::{logging, signals};

/// How often somebody who follows gets what has come.
pub const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Shows the log's end; goes on until a signal, where that is wanted.
pub async fn show(config: &Config, args: &cli::Logs) -> Result<u8> {
    let dir = config.paths.log_dir();
    let files = files(&dir);
    if files.is_empty() && !args.follow {
        print::say(&format!("There is no log in {} yet.", dir.display()));
        return Ok(0);
    }
    let told = tail(&files, args.lines);
    if !args.follow {
        return told.map(|_| 0);
    }
    let followed = follow(&dir, told?, &signals::stop_on_signals()?).await;
    followed.map(|()| 0)
}

/// The log's files, the oldest first: their names hold their day.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let found = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_log = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(logging::PREFIX))
    };
    let mut files: Vec<_> = found.filter(is_log).collect();
    files.sort();
    files
}

/// The last lines of all files together, the oldest first.
pub fn newest(dir: &Path, count: usize) -> Result<Vec<String>> {
    let mut last: VecDeque<String> = VecDeque::new();
    // A day's file has the whole of its day: older ones are read only as far as they are wanted.
    for path in files(dir).iter().rev() {
        let mut lines: VecDeque<String> = VecDeque::new();
        for_each_line(path, 0, |line, _| {
            if lines.len() >= count {
                lines.pop_front();
            }
            lines.push_back(line.to_owned());
            Ok(())
        })?;
        lines.append(&mut last);
        last = lines;
        if last.len() >= count {
            break;
        }
    }
    let surplus = last.len().saturating_sub(count);
    Ok(last.into_iter().skip(surplus).collect())
}

/// Tells the last lines of all files together; gives the last file and how far it was read.
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
        lines.say(&display_safe(&line))?;
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
        for path in files(dir) {
            let from = match &place {
                Some((last, _)) if path < *last => continue,
                Some((last, read)) if path == *last => *read,
                _ => 0,
            };
            let mut read = from;
            for_each_line(&path, from, |line, end| {
                read = end;
                lines.say(&display_safe(line))
            })?;
            place = Some((path, read));
        }
        lines.flush()?;
    }
}

/// Every whole line from `from` on, with where it ends.
fn for_each_line(path: &Path, from: u64, mut take: impl FnMut(&str, u64) -> Result<()>) -> Result<()> {
    use std::io::Seek;
    let trouble = |error: std::io::Error| {
        Failure::failed(format!("{} cannot be read ({error}); check its owner and mode", path.display()))
    };
    let opened = files::open(path, OpenOptions::new().read(true), Links::Refuse);
    let mut file = opened.map_err(|error| trouble(error.into()))?;
    file.seek(std::io::SeekFrom::Start(from)).map_err(trouble)?;
    let mut reader = BufReader::new(file);
    let (mut bytes, mut end) = (Vec::new(), from);
    loop {
        bytes.clear();
        let count = reader.read_until(b'\n', &mut bytes).map_err(trouble)?;
        if bytes.last() != Some(&b'\n') {
            return Ok(());
        }
        end += u64::try_from(count).unwrap_or(0);
        take(String::from_utf8_lossy(&bytes).trim_end(), end)?;
    }
}
