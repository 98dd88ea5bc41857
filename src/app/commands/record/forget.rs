//! `phonolog forget`: erases everything that phonolog stores on this machine.

use std::io::{ErrorKind, IsTerminal};
use std::path::{Path, PathBuf};

use color_eyre::Result;

use crate::cli;
use crate::config::Config;
use crate::store::{DatabaseLock, LockPurpose, leftover_files};

use crate::app::Failure;
use crate::app::output::{confirm, print};
use crate::app::runtime::token_file::leftovers_of;

/// Asks, then erases the database, the login and the logs; nothing that phonolog did not create
/// itself.
pub fn everything(config: &Config, args: &cli::Forget) -> Result<u8> {
    let files = what_there_is(config);
    if files.is_empty() {
        print::line("There is nothing to erase.");
        return Ok(0);
    }
    // An engine would continue to write into deleted files.
    let database = &config.paths.database;
    let has_folder = database.parent().is_some_and(Path::exists);
    let lock = has_folder.then(|| DatabaseLock::acquire(database, LockPurpose::Forget)).transpose()?;
    // Another process may have written until now.
    let files = what_there_is(config);
    if !args.yes {
        ask(&files)?;
    }
    for file in &files {
        remove(file)?;
    }
    // A process that waits for the locks then notices that its files are no longer at their paths.
    for file in DatabaseLock::files(database) {
        remove(&file)?;
    }
    drop(lock);
    for dir in [config.paths.log_dir(), config.paths.data_dir.clone()] {
        // Only if it is empty.
        let _ = std::fs::remove_dir(dir);
    }
    print::line(&format!(
        "Erased {} files. To withdraw the consent at Spotify, visit https://www.spotify.com/account/apps/",
        files.len()
    ));
    Ok(0)
}

fn ask(files: &[PathBuf]) -> Result<(), Failure> {
    print::line("This permanently erases:");
    for file in files {
        print::line(&format!("  {}", file.display()));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::failed("cannot ask for confirmation without a terminal; use --yes to erase it"));
    }
    if confirm::types("forget", "erase it") { Ok(()) } else { Err(Failure::failed("nothing was erased")) }
}

/// The existing files of phonolog, except the lock files.
fn what_there_is(config: &Config) -> Vec<PathBuf> {
    let database = &config.paths.database;
    let mut files = vec![database.clone(), config.paths.token_file(), config.paths.api_token_file()];
    files.extend(["-wal", "-shm", ".restored"].map(|suffix| beside(database, suffix)));
    files.extend(leftover_files(database));
    files.extend(named(database.parent(), &beside(database, ".before-")));
    // Parts of a secret that killed processes left behind.
    let secrets = [config.paths.token_file(), config.paths.api_token_file()];
    files.extend(secrets.iter().flat_map(|secret| leftovers_of(secret)));
    files.extend(named(
        Some(&config.paths.log_dir()),
        &config.paths.log_dir().join(crate::app::runtime::logging::PREFIX),
    ));
    files.retain(|file| std::fs::symlink_metadata(file).is_ok());
    files.sort();
    files.dedup();
    files
}

/// The files of a folder whose path begins with `beginning`.
fn named(folder: Option<&Path>, beginning: &Path) -> Vec<PathBuf> {
    let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let begins = |path: &PathBuf| {
        path.as_os_str().as_encoded_bytes().starts_with(beginning.as_os_str().as_encoded_bytes())
    };
    entries.map(|entry| entry.path()).filter(begins).collect()
}

fn remove(file: &Path) -> Result<(), Failure> {
    let is_folder = std::fs::symlink_metadata(file).is_ok_and(|found| found.is_dir());
    let removed = if is_folder { std::fs::remove_dir_all(file) } else { std::fs::remove_file(file) };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::failed(format!(
            "{} cannot be erased ({error}); the files before it in the list are erased; remove the rest by hand",
            file.display()
        ))),
        _ => Ok(()),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
