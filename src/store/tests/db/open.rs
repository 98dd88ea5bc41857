//! Files: created, migrated, refused.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sqlx::Connection;
use sqlx::migrate::Migrator;

use crate::store::tests::*;

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

async fn refused(url: &str, access: Access) -> String {
    Store::open(url, access).await.unwrap_err().to_string()
}

#[tokio::test]
async fn every_file_of_a_new_database_is_for_its_user_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new/folder/phonolog.db");
    let url = format!("sqlite:{}", path.display());
    let store = Store::open(&url, Access::ReadWrite).await.unwrap();
    store.accounts().adopt(&user("ann"), at(0)).await.unwrap();
    assert_eq!(store.path(), path);
    for name in ["phonolog.db", "phonolog.db-wal", "phonolog.db-shm"] {
        assert_eq!(mode(&path.with_file_name(name)), 0o600, "{name}");
    }
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}

#[tokio::test]
async fn what_was_written_is_there_after_closing_and_opening() {
    let bench = Bench::new().await;
    bench.walk(tracks("a1 b2"), true).await;
    let Bench { dir, store, .. } = bench;
    store.close().await;
    let reader = Store::open(&url(&dir), Access::ReadOnly).await.unwrap();
    let account = reader.accounts().current().await.unwrap().unwrap();
    assert_eq!(account.user, user("ann"));
    assert_eq!(reader.account(account.id).sync_state().of(Entity::Tracks).await.unwrap().total_processed, 2);
    let refused = reader.accounts().adopt(&user("ann"), at(0)).await.unwrap_err();
    assert!(matches!(refused, StoreError::ReadOnly));
}

#[tokio::test]
async fn a_newer_database_is_refused_and_left_alone() {
    let bench = Bench::new().await;
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (99990101000000, 'from the future', 1, x'00', 0)";
    let mut tx = bench.store.begin().await.unwrap();
    sqlx::query(newer).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let Bench { dir, store, .. } = bench;
    store.close().await;
    for access in [Access::ReadWrite, Access::ReadOnly] {
        let said = refused(&url(&dir), access).await;
        assert!(said.contains("newer phonolog"), "{said}");
    }
}

#[tokio::test]
async fn a_copy_is_kept_before_an_existing_database_changes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("phonolog.db");
    sqlite::create(&path).unwrap();
    let writer = sqlite::writer(&path).await.unwrap();
    let first = crate::store::db::migrate::all().iter().take(1).cloned().collect();
    Migrator::with_migrations(first).run(&writer).await.unwrap();
    sqlx::query("insert into accounts (user_id, created_at) values ('ann', '')")
        .execute(&writer)
        .await
        .unwrap();
    writer.close().await;

    let said = refused(&url(&dir), Access::ReadOnly).await;
    assert!(said.contains("older phonolog"), "{said}");

    let store = Store::open(&url(&dir), Access::ReadWrite).await.unwrap();
    assert_eq!(store.accounts().current().await.unwrap().unwrap().user.id, "ann");
    let first = crate::store::db::migrate::all().iter().next().unwrap().version;
    let copy = dir.path().join(format!("phonolog.db.before-{first}"));
    assert_eq!(mode(&copy), 0o600);
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&copy).read_only(true);
    let mut old = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let (accounts, versions): (i64, i64) =
        sqlx::query_as("select (select count(*) from accounts), (select count(*) from _sqlx_migrations)")
            .fetch_one(&mut old)
            .await
            .unwrap();
    assert_eq!((accounts, versions), (1, 1));
    assert!(leftover_files(&path).is_empty());

    // Opening it again changes nothing and makes no copy.
    store.close().await;
    std::fs::remove_file(&copy).unwrap();
    Store::open(&url(&dir), Access::ReadWrite).await.unwrap();
    assert!(!copy.exists());
}

#[tokio::test]
async fn what_is_no_database_of_ours_is_refused_untouched() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("phonolog.db");
    let text = "a letter, long enough to fill the hundred bytes that a header of SQLite has. ".repeat(20);
    std::fs::write(&path, &text).unwrap();
    for access in [Access::ReadWrite, Access::ReadOnly] {
        let said = refused(&url(&dir), access).await;
        assert!(said.contains("is not a phonolog database"), "{said}");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);

    std::fs::remove_file(&path).unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut foreign = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("create table recipes (name text)").execute(&mut foreign).await.unwrap();
    foreign.close().await.unwrap();
    let said = refused(&url(&dir), Access::ReadWrite).await;
    assert!(said.contains("is not a phonolog database"), "{said}");
}

#[tokio::test]
async fn missing_unwritable_and_misspelt_are_one_sentence_each() {
    let dir = tempfile::tempdir().unwrap();
    let said = refused(&url(&dir), Access::ReadOnly).await;
    assert!(said.starts_with("there is no database at "), "{said}");

    let said = refused("sqlite:/proc/phonolog/phonolog.db", Access::ReadWrite).await;
    assert!(said.starts_with("/proc/phonolog/phonolog.db cannot be written"), "{said}");

    let said = refused("postgres://db/phonolog", Access::ReadWrite).await;
    assert_eq!(said, "`postgres://db/phonolog` is not a database URL; write it as sqlite:PATH");
}
