use std::os::unix::fs::PermissionsExt;

use rstest::rstest;

use super::LockPurpose::{Engine, Forget, Import, Login, Migration, Restore, Setting};
use super::*;

fn held(refused: LockError) -> LockHolder {
    match refused {
        LockError::Held(holder) => holder,
        error @ LockError::Unusable { .. } => panic!("{error}"),
    }
}

#[test]
fn the_second_engine_is_told_who_holds_it_and_gets_it_when_the_first_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("phonolog.db");
    let first = DatabaseLock::acquire(&db, Engine).unwrap();

    assert!(DatabaseLock::is_engine_running(&db));
    let refused = DatabaseLock::acquire(&db, Engine).unwrap_err();
    assert!(refused.to_string().contains(&format!("(process {}: the engine)", std::process::id())));
    for file in DatabaseLock::files(&db) {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    drop(first);
    assert!(!DatabaseLock::is_engine_running(&db));
    DatabaseLock::acquire(&db, Engine).unwrap();
}

#[rstest]
#[case(Engine, Import, true)]
#[case(Engine, Login, true)]
#[case(Engine, Setting, false)]
#[case(Import, Import, true)]
#[case(Import, Login, true)]
#[case(Engine, Restore, false)]
#[case(Import, Restore, false)]
#[case(Import, Forget, false)]
#[case(Login, Forget, false)]
#[case(Import, Migration, false)]
#[case(Restore, Forget, false)]
fn who_may_write_beside_whom(#[case] one: LockPurpose, #[case] other: LockPurpose, #[case] may: bool) {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("phonolog.db");
    for (first, second) in [(one, other), (other, one)] {
        let _first = DatabaseLock::acquire(&db, first).unwrap();
        let tried = DatabaseLock::acquire(&db, second);
        assert_eq!(tried.is_ok(), may, "{second:?} beside {first:?}");
        if let Err(refused) = tried {
            assert_eq!(held(refused).purpose, Some(first));
        }
    }
}

#[test]
fn a_migration_is_alone_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("phonolog.db");
    for purpose in [Engine, Import] {
        let mut lock = DatabaseLock::acquire(&db, purpose).unwrap();
        lock.begin_migration().unwrap();
        let engine = held(DatabaseLock::acquire(&db, Engine).unwrap_err());
        assert_eq!(engine.purpose, Some(Migration));
        held(DatabaseLock::acquire(&db, Import).unwrap_err());
        lock.end_migration().unwrap();
        let _beside = DatabaseLock::acquire(&db, Import).unwrap();
        assert_eq!(DatabaseLock::acquire(&db, Engine).is_ok(), purpose == Import);
    }
}

#[test]
fn nothing_migrates_beside_another_writer_and_the_lock_stays_what_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("phonolog.db");
    let engine = DatabaseLock::acquire(&db, Engine).unwrap();
    let mut import = DatabaseLock::acquire(&db, Import).unwrap();
    assert_eq!(held(import.begin_migration().unwrap_err()).purpose, Some(Engine));
    drop(engine);
    let mut engine = DatabaseLock::acquire(&db, Engine).unwrap();
    assert_eq!(held(engine.begin_migration().unwrap_err()).purpose, Some(Import));
    held(DatabaseLock::acquire(&db, Restore).unwrap_err());
    drop(import);
    engine.begin_migration().unwrap();
}

#[test]
fn another_process_is_kept_out_and_its_death_frees_the_lock() {
    use std::io::Read as _;

    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("phonolog.db");
    let [file, _] = DatabaseLock::files(&db);
    std::fs::write(&file, "4711\n").unwrap();
    // flock(1) takes the same kind of lock from another process; it prints `held` once it has it.
    let Ok(mut other) = std::process::Command::new("flock")
        .arg(&file)
        .args(["sh", "-c", "echo held; exec cat"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
    else {
        return; // util-linux is not on this machine
    };
    let mut said = [0; 4];
    other.stdout.take().unwrap().read_exact(&mut said).unwrap();

    let holder = held(DatabaseLock::acquire(&db, Engine).unwrap_err());
    assert_eq!(holder, LockHolder { pid: Some(4711), purpose: None });

    drop(other.stdin.take());
    other.wait().unwrap();
    DatabaseLock::acquire(&db, Engine).unwrap();
}

#[test]
fn a_lock_file_that_vanishes_is_locked_again_or_lost_to_whoever_was_quicker() {
    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("phonolog.db");
    let mut first = DatabaseLock::acquire(&db, Engine).unwrap();
    assert_eq!(first.check().unwrap(), LockState::Intact);
    for file in DatabaseLock::files(&db) {
        std::fs::remove_file(&file).unwrap();
        assert_eq!(first.check().unwrap(), LockState::Renewed(file));
        let refused = DatabaseLock::acquire(&db, Restore).unwrap_err();
        assert_eq!(held(refused).purpose, Some(Engine));
    }

    let [file, _] = DatabaseLock::files(&db);
    std::fs::rename(&file, dir.path().join("elsewhere")).unwrap();
    let _second = DatabaseLock::acquire(&db, Engine).unwrap();
    assert!(matches!(first.check().unwrap(), LockState::Lost(_)));
}

#[test]
fn one_file_has_one_lock_by_whichever_link_it_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (db, link) = (dir.path().join("phonolog.db"), dir.path().join("link.db"));
    std::os::unix::fs::symlink("phonolog.db", &link).unwrap();
    for _ in 0..2 {
        let _lock = DatabaseLock::acquire(&link, Engine).unwrap();
        held(DatabaseLock::acquire(&db, Engine).unwrap_err());
        std::fs::write(&db, "").unwrap();
    }
}

#[test]
fn what_is_no_lock_file_is_refused_in_one_sentence() {
    let error = DatabaseLock::acquire(Path::new("/nonexistent/phonolog.db"), Engine).unwrap_err();
    assert!(error.to_string().starts_with("/nonexistent/phonolog.db.lock cannot be locked"));

    let dir = tempfile::tempdir().unwrap();
    let db = dir.path().join("phonolog.db");
    let [file, _] = DatabaseLock::files(&db);
    std::os::unix::fs::symlink("/etc/passwd", &file).unwrap();
    let error = DatabaseLock::acquire(&db, Engine).unwrap_err();
    assert!(matches!(error, LockError::Unusable { .. }), "{error}");
    assert!(!DatabaseLock::is_engine_running(&db));
}
