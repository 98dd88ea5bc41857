//! Files that a killed process leaves behind: partial copies, and the folders of trial imports.
//!
//! Their names contain the id of the process that makes them, so that files of a dead process can
//! be recognised.

use std::path::{Path, PathBuf};

use super::{Result, sqlite, unwritable};

/// The first characters of the name of a trial folder.
const TRIAL: &str = ".phonolog-trial-";
/// The text before the process id in the name of a partial copy.
const COPY: &str = ".phonolog-";
const PART: &str = ".part";
/// The trial folder of older versions: this prefix and six letters or digits, with a `trial.db` in
/// it.
const FORMER_TRIAL: &str = ".tmp";

/// Where a copy to `target` is made until it is complete.
pub(super) fn part_of(target: &Path) -> PathBuf {
    sqlite::beside(target, &format!("{COPY}{}{PART}", std::process::id()))
}

/// The prefix of the name of a folder in which this process makes a trial.
#[must_use]
pub fn trial_prefix() -> String {
    format!("{TRIAL}{}-", std::process::id())
}

/// Temporary files and folders beside the file at `path` whose process has ended.
#[must_use]
pub fn leftover_files(path: &Path) -> Vec<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let entries = std::fs::read_dir(sqlite::folder(path)).into_iter().flatten().flatten();
    let mut found: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| is_leftover(path, &name)).collect();
    found.sort();
    found
}

fn is_leftover(path: &Path, database: &str) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    let Ok(found) = path.symlink_metadata() else { return false };
    if found.is_dir() {
        return is_trial_of_the_dead(name) || is_former_trial(name, path);
    }
    // The files that SQLite keeps beside a database are removed with it.
    let name = ["-journal", "-wal", "-shm"].iter().find_map(|mark| name.strip_suffix(mark)).unwrap_or(name);
    let former = name.strip_prefix(database).is_some_and(|rest| {
        rest == ".restoring"
            || (rest.starts_with(".before-") || rest == ".restoring.part") && rest.ends_with(PART)
    });
    found.is_file() && (is_part_of_the_dead(name).unwrap_or(former))
}

/// `None` if the name is not that of a partial copy.
fn is_part_of_the_dead(name: &str) -> Option<bool> {
    let (_, pid) = name.strip_suffix(PART)?.rsplit_once(COPY)?;
    Some(!is_alive(pid.parse().ok()?))
}

fn is_trial_of_the_dead(name: &str) -> bool {
    let pid =
        name.strip_prefix(TRIAL).and_then(|rest| rest.split_once('-')).and_then(|(pid, _)| pid.parse().ok());
    pid.is_some_and(|pid| !is_alive(pid))
}

/// A folder of another user with such a name is not touched.
fn is_former_trial(name: &str, folder: &Path) -> bool {
    let is_named_so = name.strip_prefix(FORMER_TRIAL).is_some_and(|letters| {
        letters.len() == 6 && letters.bytes().all(|letter| letter.is_ascii_alphanumeric())
    });
    if !is_named_so {
        return false;
    }
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut names = names.peekable();
    names.peek().is_some() && names.all(|name| name.to_string_lossy().starts_with("trial.db"))
}

fn is_alive(pid: i32) -> bool {
    let Some(pid) = rustix::process::Pid::from_raw(pid) else { return false };
    // The process may belong to another user, who may not be queried.
    !matches!(rustix::process::test_kill_process(pid), Err(error) if error == rustix::io::Errno::SRCH)
}

/// Removes them; returns how many there were.
pub fn remove_leftovers(path: &Path) -> Result<usize> {
    let found = leftover_files(path);
    for path in &found {
        let is_folder = path.symlink_metadata().is_ok_and(|found| found.is_dir());
        let removed = if is_folder { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(unwritable(path)(error));
            }
            _ => {}
        }
    }
    Ok(found.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_dead_processes_left_is_found_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        // A process that has ended.
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let dead = child.id();
        child.wait().unwrap();
        let own = std::process::id();
        let files = [
            (format!("copy.db.phonolog-{dead}.part"), true),
            (format!("copy.db.phonolog-{dead}.part-journal"), true),
            (format!("copy.db.phonolog-{own}.part"), false),
            (format!("copy.db.phonolog-{own}.part-journal"), false),
            ("phonolog.db.before-7.part".to_owned(), true),
            ("phonolog.db.restoring".to_owned(), true),
            ("phonolog.db.restoring.part".to_owned(), true),
            ("phonolog.db".to_owned(), false),
            ("phonolog.db-wal".to_owned(), false),
            ("phonolog.db.before-7-wal".to_owned(), false),
            ("phonolog.db.before-7".to_owned(), false),
            ("phonolog.db.restored".to_owned(), false),
            ("mine.part".to_owned(), false),
        ];
        for (name, _) in &files {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let folders = [
            (format!(".phonolog-trial-{dead}-abc"), "trial.db", true),
            (format!(".phonolog-trial-{own}-abc"), "trial.db", false),
            (".tmpAb12Cd".to_owned(), "trial.db", true),
            (".tmpAb12Ce".to_owned(), "letter.txt", false),
        ];
        for (name, inside, _) in &folders {
            std::fs::create_dir(dir.path().join(name)).unwrap();
            std::fs::write(dir.path().join(name).join(inside), "").unwrap();
        }
        let database = dir.path().join("phonolog.db");
        let expected = files.iter().filter(|(_, is)| *is).map(|(name, _)| name);
        let expected = expected.chain(folders.iter().filter(|(_, _, is)| *is).map(|(name, ..)| name));
        let mut expected: Vec<_> = expected.map(|name| dir.path().join(name)).collect();
        expected.sort();
        assert_eq!(leftover_files(&database), expected);
        assert_eq!(remove_leftovers(&database).unwrap(), expected.len());
        assert!(leftover_files(&database).is_empty());
        assert!(dir.path().join(".tmpAb12Ce/letter.txt").exists());
    }
}
