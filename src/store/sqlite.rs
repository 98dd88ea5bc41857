//! SQLite's own: connections, error codes, times as text.

use std::path::{Path, PathBuf};

use sqlx::SqlitePool;

use super::{Result, StoreError};

pub(super) fn path_of(url: &str) -> Result<PathBuf> {
    let path = url
        .strip_prefix("sqlite://")
        .or_else(|| url.strip_prefix("sqlite:"));
    path.filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .ok_or_else(|| StoreError::Url(url.to_owned()))
}

pub(super) fn create(path: &Path) -> Result<()> {
    todo!("{path:?}")
}

pub(super) async fn writer(path: &Path) -> Result<SqlitePool> {
    todo!("{path:?}")
}

pub(super) fn readers(path: &Path) -> SqlitePool {
    todo!("{path:?}")
}
