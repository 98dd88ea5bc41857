//! Accounts, runs, states and switches.

use crate::store::tests::*;

#[tokio::test]
async fn an_account_keeps_its_key_and_takes_a_new_name() {
    let bench = Bench::new().await;
    let mut renamed = user("ann");
    renamed.display_name = Some("Annie".to_owned());
    renamed.account_id = Some("pseudonym".to_owned());
    let adopted = bench.store.accounts().adopt(&renamed, at(9)).await.unwrap();
    assert_eq!((adopted.id, &adopted.user), (bench.account, &renamed));
    // An answer that omits both erases neither.
    let bare = User { id: "ann".to_owned(), account_id: None, display_name: None };
    assert_eq!(bench.store.accounts().adopt(&bare, at(9)).await.unwrap().user, renamed);
    // The user id may change, the pseudonymous one does not.
    let moved = User { id: "ann-2".to_owned(), ..renamed };
    assert_eq!(bench.store.accounts().adopt(&moved, at(9)).await.unwrap().id, bench.account);
    assert_eq!(bench.store.accounts().current().await.unwrap().unwrap().user, moved);
}

#[tokio::test]
async fn somebody_elses_login_is_refused_and_an_import_is_taken_over() {
    let bench = Bench::new().await;
    let refused = bench.store.accounts().adopt(&user("bob"), at(0)).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the database holds the library of ann, not of bob; name another database for bob"
    );
    assert_eq!(bench.store.accounts().current().await.unwrap().unwrap().user.id, "ann");

    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&url(&dir), Access::ReadWrite).await.unwrap();
    assert_eq!(store.accounts().current().await.unwrap(), None);
    let local = store.accounts().adopt(&user("local"), at(0)).await.unwrap();
    let bob = store.accounts().adopt(&user("bob"), at(1)).await.unwrap();
    assert_eq!((bob.id, bob.user), (local.id, user("bob")));
}

#[tokio::test]
async fn a_run_ends_as_it_is_told() {
    let bench = Bench::new().await;
    let outcome = RunOutcome {
        status: RunStatus::Held,
        finished_at: at(9),
        requests: 12,
        error: Some("tracks wait until tomorrow".to_owned()),
    };
    bench.stored().runs().finish(bench.run, &outcome).await.unwrap();
    let view = bench.stored().runs().last().await.unwrap().unwrap();
    assert_eq!((view.id, view.mode, view.trigger), (bench.run, Mode::Initial, Trigger::Cli));
    assert_eq!((view.status, view.started_at, view.finished_at), (RunStatus::Held, at(0), Some(at(9))));
    assert_eq!((view.requests, view.error), (12, outcome.error));
    assert_eq!(bench.store.close_interrupted_runs(at(10)).await.unwrap(), 0);
}

#[tokio::test]
async fn what_a_crash_cut_off_is_closed_and_its_checkpoint_kept() {
    let bench = Bench::new().await;
    bench.begin(Entity::Tracks, Mode::Initial).await;
    bench.page(tracks("a9"), 0, true).await;
    bench.walk(ListRows::Albums(vec![album("x", 1)]), true).await;
    let mark = |state| EntityMark { state, error: None, next_due_at: None, failures: None };
    for (entity, state) in [(Entity::Albums, EntityState::Queued), (Entity::Artists, EntityState::Held)] {
        bench.stored().sync_state().mark(entity, &mark(state)).await.unwrap();
    }
    assert_eq!(bench.store.close_interrupted_runs(at(10)).await.unwrap(), 1);
    let run = bench.stored().runs().last().await.unwrap().unwrap();
    assert_eq!((run.status, run.finished_at), (RunStatus::Interrupted, Some(at(10))));
    let tracks = bench.state(Entity::Tracks).await;
    assert_eq!((tracks.state, tracks.cursor.is_some()), (EntityState::Pending, true));
    assert_eq!(bench.state(Entity::Albums).await.state, EntityState::Idle);
    assert_eq!(bench.state(Entity::Artists).await.state, EntityState::Held);
}

#[tokio::test]
async fn a_mark_leaves_cursor_and_counters_alone() {
    let bench = Bench::new().await;
    let unread: Vec<_> =
        [Entity::GAUGED.as_slice(), &[Entity::Plays]].concat().into_iter().map(SyncState::unread).collect();
    assert_eq!(bench.stored().sync_state().all().await.unwrap(), unread);

    bench.begin(Entity::Tracks, Mode::Initial).await;
    bench.page(tracks("a9"), 0, true).await;
    let before = bench.state(Entity::Tracks).await;
    let mark = EntityMark {
        state: EntityState::Held,
        error: Some("later".to_owned()),
        next_due_at: Some(at(99)),
        failures: None,
    };
    bench.stored().sync_state().mark(Entity::Tracks, &mark).await.unwrap();
    let expected = SyncState {
        state: EntityState::Held,
        last_error: Some("later".to_owned()),
        next_due_at: Some(at(99)),
        ..before
    };
    assert_eq!(bench.state(Entity::Tracks).await, expected);
    assert_eq!(bench.stored().sync_state().all().await.unwrap()[0], expected);
}

#[tokio::test]
async fn a_switch_stays_where_it_was_set() {
    let bench = Bench::new().await;
    assert!(!bench.store.settings().flag(Flag::Paused).await.unwrap());
    bench.store.settings().set_flag(Flag::Paused, true).await.unwrap();
    assert!(bench.store.settings().flag(Flag::Paused).await.unwrap());
    bench.store.settings().set_flag(Flag::Paused, false).await.unwrap();
    assert!(!bench.store.settings().flag(Flag::Paused).await.unwrap());
}

#[tokio::test]
async fn what_is_no_list_cannot_be_finished_as_one() {
    let bench = Bench::new().await;
    let finish = FinishWalk { baseline: true, at: at(0), ..FinishWalk::default() };
    let refused = bench.stored().library().finish_walk(bench.run, Entity::Plays, &finish).await;
    assert!(matches!(refused, Err(StoreError::NoList(Entity::Plays))));
}
