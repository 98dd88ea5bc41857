//! The schema of a file, and the copy before it changes.

use std::path::Path;

use sqlx::SqlitePool;

use super::Result;

pub(super) async fn bring_up_to_date(writer: &SqlitePool, path: &Path) -> Result<()> {
    todo!("{writer:?} {path:?}")
}

pub(super) async fn check(readers: &SqlitePool, path: &Path) -> Result<()> {
    todo!("{readers:?} {path:?}")
}
