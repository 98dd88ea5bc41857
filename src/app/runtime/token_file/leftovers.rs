//! Files that a killed process left beside the login: an empty slot, a partial login, or a complete
//! one that was not put in place.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::LARGEST;
use crate::files::{self, Links};
use crate::spotify::StoredToken;

/// The suffix of such a file; the login's name and a random text come before it.
pub(super) const SUFFIX: &str = ".new";

/// The files that were left beside the login at `path`, without those of a living process.
pub fn of(path: &Path) -> Vec<PathBuf> {
    let Some(folder) = path.parent() else { return Vec::new() };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir()));
    files.map(|entry| entry.path()).filter(|file| is_ours(file, path) && !is_in_use(file)).collect()
}

/// Erases them; returns how many.
pub(super) fn erase(path: &Path) -> usize {
    of(path).iter().filter(|file| std::fs::remove_file(file).is_ok()).count()
}

/// The newest complete login among them that is a later copy of `stored`. A login that a person
/// deleted or replaced is never restored.
pub(super) fn newest(path: &Path, stored: Option<&StoredToken>) -> Option<(PathBuf, StoredToken)> {
    let mut newest: Option<(PathBuf, StoredToken)> = None;
    for file in of(path) {
        let Some(login) = read(&file) else { continue };
        let best = newest.as_ref().map(|(_, login)| login).or(stored);
        if best.is_some_and(|best| stored.is_some() && login.is_newer_than(best)) {
            newest = Some((file, login));
        }
    }
    newest
}

/// Whether it has such a name: `token.json.XXXXXX.new`, or with the id of a process as in older
/// versions.
fn is_ours(file: &Path, path: &Path) -> bool {
    let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let (Some(file), Some(login)) = (name(file), name(path)) else { return false };
    let rest = file.strip_prefix(&login).and_then(|rest| rest.strip_prefix('.'));
    rest.is_some_and(|rest| {
        let is_number = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
        is_number || rest.len() > SUFFIX.len() && rest.ends_with(SUFFIX)
    })
}

fn is_in_use(file: &Path) -> bool {
    let opened = files::open(file, OpenOptions::new().read(true), Links::Refuse);
    opened.is_ok_and(|file: File| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// A complete login that no other user can have created.
fn read(path: &Path) -> Option<StoredToken> {
    let file = files::open(path, OpenOptions::new().read(true), Links::Refuse).ok()?;
    let found = file.metadata().ok()?;
    let is_private = found.permissions().mode().trailing_zeros() >= 6;
    if !is_private || found.uid() != rustix::process::geteuid().as_raw() {
        return None;
    }
    parse(&files::read_open(file, LARGEST).ok()?)
}

/// A complete login, perhaps followed by the rest of its slot.
pub(super) fn parse(bytes: &[u8]) -> Option<StoredToken> {
    let end = bytes.iter().rposition(|byte| *byte != 0)?;
    serde_json::from_slice(bytes.get(..=end)?).ok()
}
