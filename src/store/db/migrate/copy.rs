//! The copy of the database from before a migration: `<database>.before-<version>`, named by the version it has.
//!
//! A good one is never replaced. Where one of that name holds something else (the older version has recorded more
//! since), the new one gets a number.

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Connection};

use super::{MigrationWatch, Result, StoreError, check_usable, sqlite};
use crate::store::db::backup;

/// What a migration needs, in sizes of the database: the log of its transaction, and what the database grows by.
const ROOM_TO_MIGRATE: u64 = 2;
/// Room that is needed however small the database is.
const LEAST_ROOM: u64 = 8 * 1024 * 1024;

/// Refuses to begin what would fill the disk.
pub(super) fn check_room(path: &Path, version: i64) -> Result<()> {
    let length = |suffix| std::fs::metadata(sqlite::beside(path, suffix)).map_or(0, |file| file.len());
    let size = length("") + length("-wal");
    let copies = u64::from(!name(path, version, 1).exists());
    let needed = size.saturating_mul(ROOM_TO_MIGRATE + copies).saturating_add(LEAST_ROOM);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Where the system does not say, the disk does when it is full.
    let Ok(disk) = rustix::fs::statvfs(folder) else { return Ok(()) };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free < needed {
        return Err(StoreError::NoRoomToMigrate { path: path.to_owned(), needed, free });
    }
    Ok(())
}

/// Keeps the database as it is beside itself, for this user alone, whole and verified.
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

/// Whether the copy is a good one and holds what the database holds.
async fn is_same(path: &Path, copy: &Path, version: i64) -> Result<bool> {
    let Ok(theirs) = contents(copy).await else { return Ok(false) };
    let ours = contents(path).await?;
    Ok(theirs == ours && theirs.version == version)
}

/// What tells two states of a database apart.
#[derive(PartialEq, Eq)]
struct CopyContents {
    version: i64,
    /// The newest row of each table: every run and every poll adds one to some table.
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
