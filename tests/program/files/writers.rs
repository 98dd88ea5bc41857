//! Who may write beside whom.

use std::process::Command;

use super::super::daemon::{Daemon, until, wait_until_synced};
use super::super::support::{Home, Simulator};
use super::{LIBRARY, Running, export, number};

/// An import that has stored something and goes on for long.
async fn long_import(home: &Home) -> Running {
    let path = export(home, 300_000);
    let mut import = Running::start(home.anonymous(&["import", path.to_str().unwrap()]));
    until("rows of the import", async || {
        assert!(import.is_running(), "the import ended");
        let log = std::fs::metadata(home.data_dir().join("phonolog.db-wal"));
        (log.is_ok_and(|log| log.len() > 500_000)).then_some(())
    })
    .await;
    import
}

#[tokio::test]
async fn neither_restore_nor_forget_runs_beside_an_import_nor_an_import_beside_them() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let copy = home.dir.path().join("copy.db").display().to_string();
    assert_eq!(home.run(&["backup", &copy]).await.status, 0);
    let mut import = long_import(&home).await;
    for args in [vec!["restore", copy.as_str()], vec!["forget", "--yes"]] {
        let refused = home.run(&args).await;
        assert_eq!((refused.status, refused.stderr.lines().count()), (1, 1), "{refused:?}");
        let named = format!("(process {}: an import)", import.0.id());
        assert!(refused.stderr.contains(&named), "{refused:?}");
        assert!(import.is_running(), "what was tried came too late");
    }
    import.kill();
    assert_eq!(home.run(&["restore", &copy]).await.status, 0);

    // The other way round: the restore's lock, held by somebody else.
    let Some(_holder) = hold(&home, "--exclusive") else { return };
    until("the lock", async || {
        let refused = home.run(&["import", &copy]).await;
        (refused.status == 1 && refused.stderr.contains("is using this database")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_sync_and_a_second_import_run_beside_an_import() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let copy = home.dir.path().join("copy.db").display().to_string();
    assert_eq!(home.run(&["backup", &copy]).await.status, 0);
    let Some(_holder) = hold(&home, "--shared") else { return };
    until("the lock", async || {
        let refused = home.run(&["restore", &copy]).await;
        (refused.status == 1 && refused.stderr.contains("is using this database")).then_some(())
    })
    .await;
    home.sync().await;
    let path = export(&home, 20).display().to_string();
    let done = home.run(&["import", &path]).await;
    assert_eq!(done.status, 0, "{done:?}");
}

/// The lock of those who write, held by another process for a minute; none where util-linux is not on this machine.
fn hold(home: &Home, kind: &str) -> Option<Running> {
    let lock = home.data_dir().join("phonolog.db.writers");
    let args = [kind.as_ref(), lock.as_os_str(), "sleep".as_ref(), "60".as_ref()];
    Command::new("flock").args(args).spawn().ok().map(Running)
}

#[tokio::test]
async fn a_daemon_and_an_import_make_a_new_database_together() {
    for _ in 0..4 {
        let simulator = Simulator::start(&LIBRARY);
        let home = Home::new(&simulator);
        let path = export(&home, 20);
        let daemon = Daemon(home.command(&["daemon"]).spawn().unwrap());
        let import = home.run(&["import", path.to_str().unwrap()]).await;
        assert_eq!(import.status, 0, "{import:?}");
        wait_until_synced(&home).await;
        drop(daemon);
        assert_eq!(number(&home, "select count(*) as n from export_rows").await, 20);
    }
}

#[tokio::test]
async fn the_log_shrinks_after_a_large_import_although_a_daemon_runs() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let _daemon = Daemon::start(&home).await;
    wait_until_synced(&home).await;
    let path = export(&home, 100_000).display().to_string();
    let done = home.run(&["import", &path]).await;
    assert_eq!(done.status, 0, "{done:?}");
    let log = std::fs::metadata(home.data_dir().join("phonolog.db-wal")).unwrap().len();
    assert!(log <= 4000 * 4096 + 4096, "{log} bytes");
}
