//! phonolog's own files, which no command may overwrite.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::files::resolved;

use crate::app::Failure;

/// Refuses to write to `target` if it is, or could be taken for, one of phonolog's own files, by
/// any path, link or second name.
pub fn refuse_own_file(config: &Config, target: &Path) -> Result<(), Failure> {
    let Some(own) = own_file(config, target) else { return Ok(()) };
    let what = if own == resolved(&config.paths.database) {
        "the database itself"
    } else {
        "one of phonolog's own files"
    };
    Err(Failure::failed(format!("{} is {what} ({}); name another file", target.display(), own.display())))
}

/// The own file that `target` leads to.
fn own_file(config: &Config, target: &Path) -> Option<PathBuf> {
    let target = resolved(target);
    let paths = &config.paths;
    let database = resolved(&paths.database);
    // Files with these prefixes belong to the database: its log, its locks, copies of it.
    let families = [database, resolved(&paths.token_file()), resolved(&paths.api_token_file())];
    if families.iter().any(|family| is_of_family(&target, family)) || target == resolved(&paths.config_file) {
        return Some(target);
    }
    let logs = resolved(&paths.log_dir());
    if target.starts_with(&logs) {
        return Some(target);
    }
    let identity = |path: &Path| std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    let asked = identity(&target)?;
    let folders = families.iter().filter_map(|family| family.parent());
    let entries = folders.filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let candidates = entries.map(|entry| entry.path()).chain([resolved(&paths.config_file)]);
    let is_own = |path: &PathBuf| {
        path == &resolved(&paths.config_file) || families.iter().any(|family| is_of_family(path, family))
    };
    let mut own = candidates.filter(is_own);
    own.find(|path| identity(path) == Some(asked))
}

/// The suffixes of files that belong to an own file: logs, locks, copies, partial new ones. A
/// person may have a `phonolog.db.bak`.
const MARKS: [&str; 8] =
    ["-wal", "-shm", "-journal", ".lock", ".writers", ".before-", ".restor", ".phonolog-"];

fn is_of_family(path: &Path, file: &Path) -> bool {
    let rest = path.as_os_str().as_encoded_bytes().strip_prefix(file.as_os_str().as_encoded_bytes());
    rest.is_some_and(|rest| rest.is_empty() || MARKS.iter().any(|mark| rest.starts_with(mark.as_bytes())))
}
