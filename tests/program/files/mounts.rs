//! Disks that are read-only or full.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::daemon::{Daemon, wait_until_synced};
use super::super::support::{Home, Simulator};
use super::{LIBRARY, NOWHERE, names, older, version};

/// A file system of its own; `None` where this user may mount none.
struct Mount(PathBuf);

impl Mount {
    #[expect(clippy::print_stdout, reason = "a test that cannot be made here says so")]
    fn tmpfs(at: &Path, options: &str) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self(at.to_owned()));
        }
        println!("not tested: this user may not mount a file system");
        None
    }

    fn make_read_only(&self) {
        let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0).status().unwrap();
        assert!(remounted.success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn everything_is_read_from_a_read_only_file_system() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let Some(mount) = Mount::tmpfs(&home.data_dir(), "mode=700") else { return };
    home.sync().await;
    mount.make_read_only();
    let copy = home.dir.path().join("copy.db").display().to_string();
    let commands: [&[&str]; 7] = [
        &["status"],
        &["stats"],
        &["changes"],
        &["runs"],
        &["export", "tracks"],
        &["backup", &copy],
        &["changes", "tracks", "--as-of", "2099-01-01"],
    ];
    for args in commands {
        let read = home.run(args).await;
        assert!(
            !read.stderr.contains("cannot be written") && !read.stderr.contains("read-only"),
            "{args:?}: {read:?}"
        );
        if args[0] != "changes" {
            assert_eq!(read.status, 0, "{args:?}: {read:?}");
        }
    }
    let doctor = home.run(&["doctor"]).await;
    assert!(doctor.stdout.contains("all pages, indexes and references are valid"), "{doctor:?}");
    let refused = home.run(&["sync"]).await;
    assert_eq!((refused.status, refused.stderr.lines().count()), (1, 1), "{refused:?}");
}

#[tokio::test]
async fn a_log_that_was_left_on_a_read_only_file_system_is_told_with_what_to_do() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let Some(mount) = Mount::tmpfs(&home.data_dir(), "mode=700") else { return };
    {
        // Killed, it leaves its log.
        let _daemon = Daemon::start(&home).await;
        wait_until_synced(&home).await;
    }
    std::fs::remove_file(home.data_dir().join("phonolog.db-shm")).unwrap();
    assert!(home.data_dir().join("phonolog.db-wal").metadata().unwrap().len() > 0);
    mount.make_read_only();
    let refused = home.run(&["stats"]).await;
    assert_eq!((refused.status, refused.stderr.lines().count()), (1, 1), "{refused:?}");
    assert!(refused.stderr.contains("copy") && refused.stderr.contains("-wal"), "{refused:?}");

    let elsewhere = home.dir.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    for name in ["phonolog.db", "phonolog.db-wal"] {
        std::fs::copy(home.data_dir().join(name), elsewhere.join(name)).unwrap();
    }
    let url = format!("sqlite:{}", elsewhere.join("phonolog.db").display());
    assert_eq!(home.run(&["stats", "--database", &url]).await.status, 0);
}

#[tokio::test]
async fn a_migration_that_has_no_room_says_so_before_it_begins() {
    let home = Home::at(NOWHERE);
    let Some(_mount) = Mount::tmpfs(&home.data_dir(), "mode=700,size=24m") else { return };
    let before = older(&home, 60_000).await;
    let refused = home.run(&["pause"]).await;
    assert_eq!((refused.status, refused.stderr.lines().count()), (1, 1), "{refused:?}");
    assert!(refused.stderr.contains("needs about") && refused.stderr.contains("are free"), "{refused:?}");
    assert_eq!(version(&home).await, before);
    assert!(!names(&home.data_dir()).iter().any(|name| name.contains(".before-")));
}

#[tokio::test]
async fn a_disk_without_inodes_is_told_as_a_full_one() {
    let home = Home::at(NOWHERE);
    let Some(_mount) = Mount::tmpfs(&home.data_dir(), "mode=700,nr_inodes=4") else { return };
    for number in 0..8 {
        if std::fs::write(home.data_dir().join(number.to_string()), "").is_err() {
            break;
        }
    }
    let refused = home.run(&["sync"]).await;
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.stderr.contains("full") && !refused.stderr.contains("owner and mode"), "{refused:?}");
}
