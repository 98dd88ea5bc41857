//! Migrations: exclusive, applied completely or not at all, and reversible by a copy.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use tokio_util::sync::CancellationToken;

use crate::store::db::migrate;
use crate::store::tests::*;

/// A database of an older phonolog: only the first `migrations` migrations, and one account.
async fn older(dir: &TempDir, migrations: usize) -> (PathBuf, i64) {
    let path = dir.path().join("phonolog.db");
    sqlite::create(&path).unwrap();
    let writer = sqlite::writer(&path).await.unwrap();
    let some: Vec<_> = migrate::all().iter().take(migrations).cloned().collect();
    let version = some.last().unwrap().version;
    Migrator::with_migrations(some).run(&writer).await.unwrap();
    sqlx::query("insert into accounts (user_id, created_at) values ('ann', '')")
        .execute(&writer)
        .await
        .unwrap();
    writer.close().await;
    (path, version)
}

async fn number(path: &Path, sql: &str) -> i64 {
    let mut connection = sqlite::connect_to_read(path).await.unwrap();
    let number = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    number
}

async fn version(path: &Path) -> i64 {
    number(path, "select max(version) from _sqlx_migrations").await
}

async fn execute(path: &Path, sql: &str) {
    let mut connection = SqliteConnection::connect_with(&sqlite::options(path)).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

fn copies(dir: &TempDir) -> Vec<String> {
    let names = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|name| name.contains(".before-")).collect();
    names.sort();
    names
}

async fn open(dir: &TempDir, purpose: LockPurpose) -> Result<(Store, DatabaseLock)> {
    Store::open_locked(&url(dir), purpose, &MigrationWatch::default()).await
}

#[tokio::test]
async fn a_migration_that_fails_leaves_all_as_it_was_and_the_copy_is_kept_over_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let (path, before) = older(&dir, 6).await;
    // The last migration creates a table of that name.
    execute(&path, "create view stats_saved as select 1").await;
    let mut kept = None;
    for _ in 0..3 {
        let refused = open(&dir, LockPurpose::Engine).await.unwrap_err();
        assert!(matches!(refused, StoreError::Migration(_)), "{refused}");
        assert_eq!(version(&path).await, before, "{refused}");
        assert_eq!(copies(&dir), [format!("phonolog.db.before-{before}")]);
        let copy = dir.path().join(format!("phonolog.db.before-{before}"));
        assert_eq!(version(&copy).await, before);
        let inode = std::fs::metadata(&copy).unwrap().ino();
        assert_eq!(*kept.get_or_insert(inode), inode, "the first copy is kept");
    }
    execute(&path, "drop view stats_saved").await;
    open(&dir, LockPurpose::Engine).await.unwrap();
    assert_eq!(version(&dir.path().join(format!("phonolog.db.before-{before}"))).await, before);
}

#[tokio::test]
async fn a_copy_of_something_else_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let (path, version_before) = older(&dir, 6).await;
    let name = format!("phonolog.db.before-{version_before}");
    std::fs::write(dir.path().join(&name), "half a copy").unwrap();
    // The same version, but from before the account was added.
    let second = dir.path().join(format!("{name}-2"));
    copy(&path, &second).await.unwrap();
    execute(&path, "insert into accounts (user_id, created_at) values ('bob', '')").await;

    open(&dir, LockPurpose::Engine).await.unwrap();
    assert_eq!(copies(&dir), [name.clone(), format!("{name}-2"), format!("{name}-3")]);
    assert_eq!(std::fs::read_to_string(dir.path().join(&name)).unwrap(), "half a copy");
    assert_eq!(number(&second, "select count(*) from accounts").await, 1);
    let third = dir.path().join(format!("{name}-3"));
    assert_eq!(number(&third, "select count(*) from accounts").await, 2);
}

#[tokio::test]
async fn a_migration_that_is_stopped_changes_nothing() {
    for stop_at in [MigrationStep::Copying, MigrationStep::Applying { done: 3, total: 0 }] {
        let dir = tempfile::tempdir().unwrap();
        let (path, before) = older(&dir, 6).await;
        let token = CancellationToken::new();
        let cancel = token.clone();
        let watch = MigrationWatch::new(token, move |step| {
            let is_time = match (step, stop_at) {
                (MigrationStep::Applying { done, .. }, MigrationStep::Applying { done: at, .. }) => {
                    done == at
                }
                (step, at) => step == at,
            };
            if is_time {
                cancel.cancel();
            }
        });
        let stopped = Store::open_locked(&url(&dir), LockPurpose::Engine, &watch).await.unwrap_err();
        assert!(matches!(stopped, StoreError::MigrationStopped), "{stopped}");
        assert_eq!(version(&path).await, before);
        assert!(!DatabaseLock::is_engine_running(&path));
        open(&dir, LockPurpose::Engine).await.unwrap();
        assert_eq!(number(&path, "select count(*) from accounts").await, 1);
    }
}

#[tokio::test]
async fn nothing_migrates_beside_an_engine_or_another_writer() {
    for (holder, comer) in [
        (LockPurpose::Engine, LockPurpose::Login),
        (LockPurpose::Engine, LockPurpose::Import),
        (LockPurpose::Import, LockPurpose::Engine),
        (LockPurpose::Import, LockPurpose::Setting),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (path, before) = older(&dir, 6).await;
        let lock = DatabaseLock::acquire(&path, holder).unwrap();
        let refused = open(&dir, comer).await.unwrap_err();
        assert!(matches!(refused, StoreError::OlderDatabaseInUse { .. }), "{refused}");
        assert!(refused.to_string().contains(&std::process::id().to_string()), "{refused}");
        assert_eq!((version(&path).await, copies(&dir).len()), (before, 0));
        drop(lock);
        open(&dir, comer).await.unwrap();
    }
}

/// A second process waits for the first, and none sees a partial schema.
#[tokio::test]
async fn everybody_who_opens_a_new_database_at_once_gets_it() {
    for _ in 0..10 {
        let dir = tempfile::tempdir().unwrap();
        let purposes = [LockPurpose::Import, LockPurpose::Engine, LockPurpose::Login, LockPurpose::Import];
        let mut tasks = tokio::task::JoinSet::new();
        for purpose in purposes {
            let url = url(&dir);
            tasks.spawn(async move { Store::open_locked(&url, purpose, &MigrationWatch::default()).await });
        }
        let opened = tasks.join_all().await;
        assert!(opened.iter().all(std::result::Result::is_ok), "{opened:?}");
    }
}

#[tokio::test]
async fn a_first_start_that_was_cut_off_is_told_as_that() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("phonolog.db");
    sqlite::create(&path).unwrap();
    sqlite::writer(&path).await.unwrap().close().await;
    let refused = Store::open(&url(&dir), Access::ReadOnly).await.unwrap_err();
    assert!(matches!(refused, StoreError::EmptyDatabase { .. }), "{refused}");
    open(&dir, LockPurpose::Engine).await.unwrap();
    Store::open(&url(&dir), Access::ReadOnly).await.unwrap();
}

#[tokio::test]
async fn a_restore_that_was_cut_off_is_finished_by_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let (store, lock) = open(&dir, LockPurpose::Engine).await.unwrap();
    store.accounts().adopt(&user("ann"), at(0)).await.unwrap();
    let path = store.path().to_owned();
    copy(&path, &sqlite::beside(&path, ".restored")).await.unwrap();
    store.close().await;
    drop(lock);
    // What a killed process leaves: a log that belongs only to the old database.
    let mut old = SqliteConnection::connect_with(&sqlite::options(&path)).await.unwrap();
    sqlx::raw_sql("update accounts set user_id = 'bob'").execute(&mut old).await.unwrap();
    let log = std::fs::read(sqlite::beside(&path, "-wal")).unwrap();
    old.close().await.unwrap();
    std::fs::write(sqlite::beside(&path, "-wal"), log).unwrap();

    let (store, _lock) = open(&dir, LockPurpose::Import).await.unwrap();
    assert_eq!(store.accounts().current().await.unwrap().unwrap().user.id, "ann");
    assert!(!sqlite::beside(&path, ".restored").exists());
}

#[tokio::test]
async fn a_table_view_or_column_that_is_missing_is_a_fault() {
    for (sql, fault) in [
        ("drop table alerts", "the table alerts is missing"),
        ("drop view v_library_changes", "the view v_library_changes is missing"),
        (
            "drop trigger stats_saved_of_new_saved_tracks",
            "the trigger stats_saved_of_new_saved_tracks is missing",
        ),
    ] {
        let bench = Bench::new().await;
        assert_eq!(bench.store.examine().await.unwrap().faults, Vec::<String>::new());
        let path = bench.store.path().to_owned();
        execute(&path, sql).await;
        assert_eq!(bench.store.examine().await.unwrap().faults[0], fault);
        let target = bench.dir.path().join("copy.db");
        assert!(matches!(bench.store.back_up(&target).await, Err(StoreError::Damaged(_))));
        assert!(!target.exists());
    }
    let bench = Bench::new().await;
    execute(bench.store.path(), "create table mine (x); create index i on mine (x)").await;
    assert!(bench.store.examine().await.unwrap().faults.is_empty(), "what a person added is no fault");
}

#[tokio::test]
async fn what_a_deleted_database_held_can_still_be_kept() {
    let bench = Bench::new().await;
    assert!(bench.store.is_in_place());
    let path = bench.store.path().to_owned();
    std::fs::remove_file(&path).unwrap();
    assert!(!bench.store.is_in_place());
    std::fs::write(&path, "another").unwrap();
    assert!(!bench.store.is_in_place());
    let kept = bench.store.rescue("now").await.unwrap();
    assert_eq!(number(&kept, "select count(*) from accounts").await, 1);
}
