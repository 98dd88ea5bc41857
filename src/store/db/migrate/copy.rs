//! The copy of the database from before a migration: `<database>.before-<version>`, named by its
//! schema version.
//!
//! A valid copy is never replaced. If a copy of that name has other contents (because the older
//! version has recorded more since), the new copy gets a number.

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Connection};

use super::{MigrationWatch, Result, StoreError, check_usable, sqlite};
use crate::store::db::backup;

/// What a migration needs, in sizes of the database: the log of its transaction, and the growth of
/// the database.
const ROOM_TO_MIGRATE: u64 = 2;
/// The room that is needed even for a small database.
const LEAST_ROOM: u64 = 8 * 1024 * 1024;

/// Refuses a migration that would fill the disk.
pub(super) fn check_room(path: &Path, version: i64) -> Result<()> {
    let length = |suffix| std::fs::metadata(sqlite::beside(path, suffix)).map_or(0, |file| file.len());
    let size = length("") + length("-wal");
    let copies = u64::from(!name(path, version, 1).exists());
    let needed = size.saturating_mul(ROOM_TO_MIGRATE + copies).saturating_add(LEAST_ROOM);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // If the system does not report the free space, a full disk fails later.
    let Ok(disk) = rustix::fs::statvfs(folder) else { return Ok(()) };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free < needed {
        return Err(StoreError::NoRoomToMigrate { path: path.to_owned(), needed, free });
    }
    Ok(())
}

/// Stores a copy of the current database beside it: complete, verified, and readable by this user
/// only.
pub(super) async fn keep(path: &Path, version: i64, watch: &MigrationWatch) -> Result<()> {
    let mut number = 1;
    loop {
        let copy = name(path, version, number);
        if !copy.exists() {
            return backup::copy_watched(path, &copy, watch).await;
        }
        if is_same(path, &copy, version).await? {
            return Ok(());
        }
        number += 1;
    }
}

fn name(path: &Path, version: i64, number: u32) -> PathBuf {
    let number = if number == 1 { String::new() } else { format!("-{number}") };
    sqlite::beside(path, &format!(".before-{version}{number}"))
}

/// Whether the copy is valid and has the contents of the database.
async fn is_same(path: &Path, copy: &Path, version: i64) -> Result<bool> {
    let Ok(theirs) = contents(copy).await else { return Ok(false) };
    let ours = contents(path).await?;
    Ok(theirs == ours && theirs.version == version)
}

/// What distinguishes two states of a database.
#[derive(PartialEq, Eq)]
struct CopyContents {
    version: i64,
    /// The newest row of each table: every run and every poll adds a row to some table.
    newest_rows: Vec<(String, Option<i64>)>,
}

async fn contents(path: &Path) -> Result<CopyContents> {
    let mut connection = sqlite::connect_to_read(path).await?;
    let version = check_usable(&mut connection, path).await?;
    let names = "select name from pragma_table_list
                 where schema = 'main' and type = 'table' and not wr and name not like 'sqlite\\_%' escape '\\'
                 order by name";
    let names: Vec<String> = sqlx::query_scalar(names).fetch_all(&mut connection).await?;
    let mut newest_rows = Vec::new();
    for name in names {
        let sql = format!("select max(rowid) from \"{}\"", name.replace('"', "\"\""));
        let newest = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await?;
        newest_rows.push((name, newest));
    }
    connection.close().await?;
    Ok(CopyContents { version, newest_rows })
}
