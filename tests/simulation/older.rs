//! Databases without rows, of any version of the schema, each made once for all stories.

use std::path::Path;
use std::sync::LazyLock;

use sqlx::ConnectOptions;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};

use crate::check::outside;

/// By the number of migrations.
static DATABASES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| outside(make()));

/// A database with so many migrations, the newest where there are not so many.
pub fn database(migrations: usize) -> &'static [u8] {
    DATABASES.get(migrations).or(DATABASES.last()).unwrap()
}

/// The number of migrations.
pub fn newest() -> usize {
    DATABASES.len() - 1
}

async fn make() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let all: Vec<_> = Migrator::new(folder).await.unwrap().iter().cloned().collect();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("phonolog.db");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let mut databases = Vec::new();
    for count in 0..=all.len() {
        let mut database = options.clone().journal_mode(SqliteJournalMode::Delete).connect().await.unwrap();
        if count > 0 {
            Migrator::with_migrations(all[..count].to_vec()).run(&mut database).await.unwrap();
        }
        sqlx::Connection::close(database).await.unwrap();
        databases.push(std::fs::read(&file).unwrap());
    }
    databases
}
