//! A database or a lock file that is deleted while somebody writes, and what killed processes leave.

use rustix::process::Signal;
use serde_json::{Value, json};

use super::super::daemon::{Daemon, until, wait_until_synced};
use super::super::screen::{self, dashboard};
use super::super::support::{Home, Simulator};
use super::{LIBRARY, NOWHERE, Running, export, names, number, older};

#[tokio::test]
async fn a_database_that_is_deleted_under_a_daemon_is_noticed_and_what_it_held_is_kept() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let told = home.dir.path().join("told");
    home.configure(&format!(
        "[gate]\nrequests_per_second = 0\n[alerts]\ncommand = [\"sh\", \"-c\", \"cat > {}\"]\n",
        told.display()
    ));
    let mut command = home.command(&["daemon"]);
    command.stderr(std::fs::File::create(home.dir.path().join("stderr")).unwrap());
    let mut daemon = Daemon::start_as(&home, command).await;
    wait_until_synced(&home).await;
    let tracks = number(&home, "select count(*) as n from v_saved_tracks").await;
    for name in ["phonolog.db", "phonolog.db-wal", "phonolog.db-shm"] {
        std::fs::remove_file(home.data_dir().join(name)).unwrap();
    }
    assert_eq!(daemon.ended().await, Some(1), "so that the service manager starts it again");
    let said = std::fs::read_to_string(home.dir.path().join("stderr")).unwrap();
    assert!(said.contains("was deleted or replaced while phonolog was running"), "{said}");
    let alert: Value = serde_json::from_str(&std::fs::read_to_string(told).unwrap()).unwrap();
    assert_eq!((&alert["kind"], &alert["state"]), (&json!("storage"), &json!("raised")));
    let kept = names(&home.data_dir());
    let kept = kept.iter().find(|name| name.contains(".before-replaced-")).unwrap();
    assert!(said.contains(kept), "{said}");
    let kept = home.data_dir().join(kept).display().to_string();
    assert_eq!(home.run(&["restore", &kept]).await.status, 0);
    assert_eq!(number(&home, "select count(*) as n from v_saved_tracks").await, tracks);
}

#[tokio::test]
async fn a_lock_file_that_is_deleted_lets_no_second_engine_in_and_is_made_again() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut daemon = Daemon::start(&home).await;
    let lock = home.data_dir().join("phonolog.db.lock");
    std::fs::remove_file(&lock).unwrap();
    let said = home.dir.path().join("stderr");
    let mut command = home.command(&["daemon"]);
    command.stderr(std::fs::File::create(&said).unwrap());
    assert_eq!(Daemon(command.spawn().unwrap()).ended().await, Some(1));
    let said = std::fs::read_to_string(said).unwrap();
    assert!(said.contains("another phonolog"), "{said}");
    until("a new lock file", async || lock.exists().then_some(())).await;
    let pid = daemon.0.id().to_string();
    until("the holder in it", async || {
        std::fs::read_to_string(&lock).unwrap().starts_with(&format!("{pid}\nengine\n")).then_some(())
    })
    .await;
    let second = home.run(&["daemon"]).await;
    assert!(second.status == 1 && second.stderr.contains(&pid), "{second:?}");
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended().await, Some(0));
    assert!(home.run(&["logs"]).await.stdout.contains("the lock file was deleted or replaced"));
}

#[tokio::test]
async fn what_a_killed_dry_run_leaves_is_told_and_removed_by_the_next_start_and_by_forget() {
    let home = Home::at(NOWHERE);
    older(&home, 200).await;
    assert_eq!(home.run(&["pause"]).await.status, 0);
    let path = export(&home, 200_000).display().to_string();
    for removed_by in [vec!["resume"], vec!["forget", "--yes"]] {
        let mut trial = Running::start(home.anonymous(&["import", "--dry-run", &path]));
        let is_trial = |name: &String| name.starts_with(".phonolog-trial-");
        until("the copy of a dry run", async || {
            assert!(trial.is_running(), "the dry run ended");
            let names = names(&home.data_dir());
            let folder = names.iter().find(|name| is_trial(name))?;
            home.data_dir().join(folder).join("trial.db").exists().then_some(())
        })
        .await;
        let busy = home.run(&["doctor", "--json"]).await.stdout;
        assert!(!busy.contains("\"check\":\"leftover\""), "it runs still: {busy}");
        trial.kill();
        let found = home.run(&["doctor", "--json"]).await.stdout;
        assert!(found.contains("\"check\":\"leftover\"") && found.contains(".phonolog-trial-"), "{found}");
        let done = home.run(&removed_by).await;
        assert_eq!(done.status, 0, "{done:?}");
        let left = if home.data_dir().exists() { names(&home.data_dir()) } else { Vec::new() };
        assert!(!left.iter().any(is_trial), "{removed_by:?}: {left:?}");
    }
}

#[tokio::test]
async fn a_screen_whose_database_is_deleted_says_so() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut terminal = dashboard(&home);
    screen::wait_until_synced(&terminal);
    std::fs::remove_file(home.database()).unwrap();
    terminal.wait_for("nothing can be recorded");
    terminal.press("q");
    assert_eq!(terminal.ended().code(), Some(0));
    assert!(names(&home.data_dir()).iter().any(|name| name.contains(".before-replaced-")));
}
