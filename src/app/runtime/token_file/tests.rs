//! The login's folder in every state that a kill, a full disk or another process can leave.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::symlink;

use chrono::{DateTime, TimeDelta};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;
use crate::spotify::TokenCommit;

struct Stage {
    dir: TempDir,
    file: TokenFile,
}

impl Stage {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = TokenFile::new(dir.path().join("token.json"));
        Self { dir, file }
    }

    fn with(token: &StoredToken) -> Self {
        let stage = Self::new();
        stage.file.write(token).unwrap();
        stage
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The file of a killed process.
    fn leave(&self, name: &str, bytes: &[u8]) {
        let path = self.dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }

    fn refresh_token(&self) -> String {
        self.file.read().unwrap().unwrap().refresh_token.expose_secret().to_owned()
    }

    async fn commit(&self, old: &StoredToken, new: &StoredToken) -> TokenCommit {
        let slot = self.file.reserve().await.unwrap();
        slot.commit(old.clone(), new.clone()).await.unwrap()
    }
}

/// The copy with number `renewals` of the login that was made at `made`.
fn login(made: i64, renewals: u32) -> StoredToken {
    let made_at = DateTime::from_timestamp(made, 0).unwrap();
    StoredToken {
        access_token: format!("access-{made}-{renewals}").into(),
        refresh_token: format!("refresh-{made}-{renewals}").into(),
        expires_at: made_at + TimeDelta::hours(1),
        authorized_at: made_at,
        scope: "all".to_owned(),
        client_id: "app".to_owned(),
        suspect: false,
        renewals,
    }
}

fn json(token: &StoredToken) -> Vec<u8> {
    serde_json::to_vec(token).unwrap()
}

#[tokio::test]
async fn a_renewed_login_replaces_the_one_that_it_was_made_of_and_no_other() {
    let stage = Stage::with(&login(1, 0));
    assert_eq!(stage.commit(&login(1, 0), &login(1, 1)).await, TokenCommit::Stored);
    assert_eq!(stage.refresh_token(), "refresh-1-1");
    assert_eq!(stage.names(), ["token.json"]);
    let mode = stage.file.path.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // Another process renewed it, or a person logged in, while this one was requested.
    assert_eq!(stage.commit(&login(1, 0), &login(1, 1)).await, TokenCommit::Superseded);
    stage.file.write(&login(2, 0)).unwrap();
    assert_eq!(stage.commit(&login(1, 1), &login(1, 2)).await, TokenCommit::Superseded);
    assert_eq!(stage.refresh_token(), "refresh-2-0");
    assert_eq!(stage.names(), ["token.json"]);
}

#[tokio::test]
async fn a_login_that_was_dropped_is_not_brought_back() {
    let stage = Stage::with(&login(1, 0));
    let slot = stage.file.reserve().await.unwrap();
    assert!(stage.file.remove().unwrap());
    assert_eq!(slot.commit(login(1, 0), login(1, 1)).await.unwrap(), TokenCommit::Superseded);
    assert_eq!(stage.names(), [""; 0]);
    assert!(!stage.file.remove().unwrap());

    stage.leave("token.json.4711", &json(&login(1, 1)));
    assert!(stage.file.remove().unwrap(), "it was a login");
    stage.leave("token.json.4711", &json(&login(1, 1)));
    stage.file.tidy();
    assert_eq!(stage.names(), [""; 0]);
}

#[test]
fn the_newest_whole_copy_that_a_kill_left_is_taken_up_and_the_rest_is_erased() {
    let stage = Stage::with(&login(2, 3));
    let torn = json(&login(2, 9));
    let mut roomy = json(&login(2, 5));
    roomy.resize(16 * 1024, 0);
    stage.leave("token.json.100", &json(&login(2, 4)));
    stage.leave("token.json.aB3dE.new", &roomy);
    stage.leave("token.json.101", &torn[..torn.len() / 2]);
    stage.leave("token.json.zzzzz.new", &[0; 64]);
    stage.leave("token.json.102", b"");
    stage.leave("token.json.103", &json(&login(2, 2)));
    // Another login must not be used here: it was deleted, or its person saw the process die.
    stage.leave("token.json.104", &json(&login(3, 7)));
    stage.leave("token.json.105", &json(&login(1, 7)));
    stage.leave("token.json.mine", b"a person's own");
    assert_eq!(leftovers_of(&stage.file.path).len(), 8);
    stage.file.tidy();
    assert_eq!(stage.refresh_token(), "refresh-2-5");
    assert_eq!(stage.names(), ["token.json", "token.json.mine"]);
}

#[tokio::test]
async fn what_a_kill_left_is_found_before_the_old_login_is_spent() {
    let stage = Stage::with(&login(1, 0));
    stage.leave("token.json.100", &json(&login(1, 1)));
    let _slot = stage.file.reserve().await.unwrap();
    assert_eq!(stage.refresh_token(), "refresh-1-1");
}

#[tokio::test]
async fn room_in_use_is_left_to_its_process() {
    let stage = Stage::with(&login(1, 0));
    let slot = stage.file.reserve().await.unwrap();
    assert_eq!(stage.names().len(), 2);
    stage.file.tidy();
    assert!(leftovers_of(&stage.file.path).is_empty());
    assert_eq!(stage.names().len(), 2);
    assert_eq!(slot.commit(login(1, 0), login(1, 1)).await.unwrap(), TokenCommit::Stored);
    drop(stage.file.reserve().await.unwrap());
    assert_eq!(stage.names(), ["token.json"]);
}

#[test]
fn what_others_could_have_written_is_never_taken_up() {
    let stage = Stage::with(&login(1, 0));
    let elsewhere = tempfile::tempdir().unwrap();
    let theirs = elsewhere.path().join("theirs");
    std::fs::write(&theirs, json(&login(1, 8))).unwrap();
    set_permissions(&theirs, Permissions::from_mode(0o600)).unwrap();
    symlink(&theirs, stage.dir.path().join("token.json.100")).unwrap();
    stage.leave("token.json.101", &json(&login(1, 9)));
    set_permissions(stage.dir.path().join("token.json.101"), Permissions::from_mode(0o666)).unwrap();
    stage.file.tidy();
    assert_eq!(stage.refresh_token(), "refresh-1-0");
    assert_eq!(stage.names(), ["token.json"]);
    assert!(theirs.exists());
}

#[tokio::test]
async fn a_folder_that_others_can_write_to_holds_no_login() {
    for mode in [0o777, 0o720, 0o1777] {
        let stage = Stage::with(&login(1, 0));
        set_permissions(stage.dir.path(), Permissions::from_mode(mode)).unwrap();
        for refused in [
            stage.file.read().unwrap_err(),
            stage.file.write(&login(2, 0)).unwrap_err(),
            stage.file.reserve().await.err().unwrap(),
        ] {
            assert!(refused.to_string().contains("chmod go-w"), "{mode:o}: {refused}");
        }
        assert_eq!(stage.names(), ["token.json"]);
        assert!(stage.file.remove().unwrap(), "what is there can be dropped");
    }
}

#[test]
fn no_link_is_followed_when_a_login_is_written() {
    let stage = Stage::new();
    let theirs = stage.dir.path().join("theirs");
    std::fs::write(&theirs, "").unwrap();
    symlink(&theirs, &stage.file.path).unwrap();
    symlink(&theirs, stage.dir.path().join(format!("token.json.{}", std::process::id()))).unwrap();
    stage.file.write(&login(1, 0)).unwrap();
    assert_eq!(std::fs::read(&theirs).unwrap(), b"");
    assert_eq!(stage.refresh_token(), "refresh-1-0");
}

#[test]
fn nothing_is_waited_for_that_is_no_file() {
    let stage = Stage::new();
    rustix::fs::mkfifoat(rustix::fs::CWD, &stage.file.path, rustix::fs::Mode::RUSR).unwrap();
    let refused = stage.file.read().unwrap_err().to_string();
    assert!(refused.contains("it is a pipe") && refused.contains("phonolog logout"), "{refused}");
    assert!(stage.file.remove().unwrap());
    assert!(stage.file.read().unwrap().is_none());
}

#[test]
fn a_login_that_is_damaged_or_for_all_to_read_is_one_sentence() {
    let stage = Stage::new();
    stage.leave("token.json", b"{");
    assert!(stage.file.read().unwrap_err().to_string().contains("is damaged"));
    stage.leave("token.json.100", &json(&login(1, 1)));
    stage.file.tidy();
    assert_eq!(stage.names().len(), 2, "nothing is erased while it is unknown what is there");
    set_permissions(&stage.file.path, Permissions::from_mode(0o644)).unwrap();
    assert!(stage.file.read().unwrap_err().to_string().contains("chmod 600"));
}
