//! Runs over several entities, some of which fail.

use tokio_util::sync::CancellationToken;

use super::*;
use crate::domain::queries::BrowseList;
use crate::engine::tests::HOUR;
use crate::engine::tests::kit::{Asked, Kit, Reply, album, asked_for, held, ok, page, playlist, refused};
use serde_json::json;

const ALL: [Entity; 5] = [Entity::Tracks, Entity::Albums, Entity::Artists, Entity::Playlists, Entity::Plays];

/// An account with two albums. `answer` answers requests to the path `odd`.
fn account(odd: &'static str, answer: fn() -> Reply) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| match asked.path.as_str() {
        path if path == odd => answer(),
        "me/albums" => page(asked, "a b", album),
        "me/following" => ok(&json!({"artists": {"items": [], "total": 0, "next": null}})),
        _ => page(asked, "", playlist),
    }
}

async fn run(kit: &Kit, request: SyncRequest, cancel: &CancellationToken) -> RunView {
    let plan = kit.plan(request).await;
    queue(&kit.ctx, &plan).await.unwrap();
    let id = plan.id;
    execute(Arc::clone(&kit.ctx), plan, cancel.clone()).await;
    let run = kit.ctx.store.account(kit.account.id).runs().last().await.unwrap().unwrap();
    assert_eq!((run.id, run.finished_at.is_some()), (id, true));
    run
}

async fn run_all(kit: &Kit) -> RunView {
    run(kit, asked_for(&ALL), &CancellationToken::new()).await
}

#[tokio::test]
async fn the_plays_come_first_and_the_lists_in_their_order() {
    let kit = Kit::new(account("", || refused(404))).await;
    let began = kit.ctx.clock.now();
    let run = run_all(&kit).await;
    assert_eq!((run.status, run.error, run.added), (RunStatus::Done, None, 2));
    let asked = kit.asked();
    let mut firsts = asked.clone();
    firsts.dedup();
    let lists = ["me/tracks 0", "me/albums 0", "me/following", "me/playlists 0"];
    assert_eq!(firsts, [&["me/player/recently-played"][..], &lists].concat());
    // The request for the account is included.
    assert_eq!(run.requests as usize, asked.len() + 1);
    for entity in &ALL[..4] {
        let state = kit.state(*entity).await;
        assert_eq!((state.state, state.next_due_at), (EntityState::Idle, Some(began + HOUR)), "{entity}");
    }
}

#[tokio::test]
async fn what_stops_one_entity_is_its_own_affair() {
    let kit = Kit::new(account("me/albums", || refused(404))).await;
    let run = run_all(&kit).await;
    assert_eq!(run.status, RunStatus::Failed);
    assert!(run.error.unwrap().starts_with("albums: "));
    let albums = kit.state(Entity::Albums).await;
    let retry = kit.ctx.clock.now() + kit.ctx.settings.retry_interval();
    assert_eq!((albums.state, albums.next_due_at), (EntityState::Failed, Some(retry)));
    assert!(albums.last_error.is_some());
    for entity in [Entity::Tracks, Entity::Artists, Entity::Playlists] {
        let state = kit.state(entity).await;
        assert_eq!((state.state, state.last_error), (EntityState::Idle, None), "{entity}");
    }
}

/// The minutes until the albums are tried again after a scheduled run.
async fn minutes_to_the_next_try(kit: &Kit) -> i64 {
    let request = SyncRequest { trigger: Trigger::Schedule, ..asked_for(&[Entity::Albums]) };
    run(kit, request, &CancellationToken::new()).await;
    (kit.state(Entity::Albums).await.next_due_at.unwrap() - kit.ctx.clock.now()).num_minutes()
}

#[tokio::test]
async fn what_fails_again_and_again_waits_longer_each_time_until_it_was_read() {
    let kit = Kit::new(account("me/albums", || refused(404))).await;
    for pause in [15, 30, 60, 120, 240, 360, 360] {
        assert_eq!(minutes_to_the_next_try(&kit).await, pause);
    }
    // A person's run does not wait, and makes no other run wait longer.
    assert_eq!(run_all(&kit).await.status, RunStatus::Failed);
    assert_eq!(kit.state(Entity::Albums).await.failures.count, 7);
    kit.answers(account("", || refused(404)));
    run_all(&kit).await;
    assert_eq!(kit.state(Entity::Albums).await.failures, Failures::default());
    kit.answers(account("me/albums", || refused(404)));
    assert_eq!(minutes_to_the_next_try(&kit).await, 15);
}

/// Seven albums; every answer after the first `good` ones is a failure.
fn stops_after(good: usize) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| if asked.nth < good { page(asked, "a b c d e f g", album) } else { refused(404) }
}

#[tokio::test]
async fn a_first_reading_that_gets_on_waits_no_longer_and_one_that_stands_still_does() {
    let kit = Kit::new(stops_after(1)).await;
    assert_eq!(minutes_to_the_next_try(&kit).await, 15);
    // The head is read before anything else: nothing new is read.
    for pause in [30, 60] {
        kit.answers(stops_after(1));
        assert_eq!(minutes_to_the_next_try(&kit).await, pause);
    }
    kit.answers(stops_after(2));
    assert_eq!(minutes_to_the_next_try(&kit).await, 15, "another page is kept");
    kit.answers(stops_after(1));
    assert_eq!(minutes_to_the_next_try(&kit).await, 30);
}

#[tokio::test]
async fn a_first_reading_of_a_list_that_moves_is_begun_anew_less_and_less() {
    let moves = |asked: &Asked| page(asked, &format!("a b c d e f g {}", "x ".repeat(1 + asked.nth)), album);
    let kit = Kit::new(moves).await;
    let mut tries = Vec::new();
    for pause in [15, 30, 60] {
        kit.answers(moves);
        assert_eq!(minutes_to_the_next_try(&kit).await, pause);
        tries.push(kit.asked().len());
    }
    assert_eq!(tries, [4 * 3, 2 * 3, 2 * 3], "a list that failed is walked twice");
    kit.answers(moves);
    run(&kit, asked_for(&[Entity::Albums]), &CancellationToken::new()).await;
    assert_eq!(kit.asked().len(), 4 * 3, "unless a person asks for it");
}

#[tokio::test]
async fn what_is_held_waits_for_the_end_of_its_hold_and_the_others_do_not() {
    let kit = Kit::new(account("me/albums", held)).await;
    let began = kit.ctx.clock.now();
    let run = run_all(&kit).await;
    assert_eq!(run.status, RunStatus::Held);
    let albums = kit.state(Entity::Albums).await;
    assert_eq!(albums.state, EntityState::Held);
    let due = albums.next_due_at.unwrap();
    assert!(due >= began + HOUR && due < began + 2 * HOUR, "{due}");
    assert_eq!(kit.state(Entity::Playlists).await.state, EntityState::Idle);
}

#[tokio::test]
async fn where_spotify_does_not_let_us_in_the_rest_is_not_tried() {
    let kit = Kit::new(account("me/tracks", || refused(401))).await;
    let run = run_all(&kit).await;
    assert_eq!(run.status, RunStatus::NeedsLogin);
    let asked = kit.asked();
    assert!(asked.iter().all(|path| ["me/player/recently-played", "me/tracks 0"].contains(&path.as_str())));
    let now = kit.ctx.clock.now();
    assert!(kit.state(Entity::Tracks).await.next_due_at.unwrap() > now, "runs do not chase each other");
    for entity in [Entity::Albums, Entity::Artists, Entity::Playlists] {
        let state = kit.state(entity).await;
        assert_eq!((state.state, state.last_error), (EntityState::Pending, None), "{entity}");
    }
}

#[tokio::test]
async fn what_is_cancelled_asks_nothing_and_waits_where_it_was() {
    let kit = Kit::new(account("", || refused(404))).await;
    run_all(&kit).await;
    kit.answers(account("", || refused(404)));
    let cancel = CancellationToken::new();
    cancel.cancel();
    let run = run(&kit, asked_for(&ALL), &cancel).await;
    assert_eq!((run.status, run.requests, kit.asked().len()), (RunStatus::Cancelled, 0, 0));
    let state = kit.state(Entity::Tracks).await;
    assert_eq!((state.state, state.last_error), (EntityState::Pending, None));
    assert_eq!(kit.names(&BrowseList::Albums).await, "a b");
}

#[tokio::test]
async fn what_waits_in_line_keeps_its_error_and_its_turn() {
    let kit = Kit::new(account("me/albums", || refused(404))).await;
    run_all(&kit).await;
    let before = kit.state(Entity::Albums).await;
    let plan = kit.plan(asked_for(&[Entity::Albums])).await;
    queue(&kit.ctx, &plan).await.unwrap();
    let queued = kit.state(Entity::Albums).await;
    assert_eq!(queued.state, EntityState::Queued);
    assert_eq!((queued.last_error, queued.next_due_at), (before.last_error, before.next_due_at));
    assert_eq!(kit.state(Entity::Tracks).await.state, EntityState::Idle, "nobody asked for it");
}

#[tokio::test]
async fn the_app_is_known_to_be_refused_for_as_long_as_an_entity_says_so() {
    let premium =
        || (403, None, r#"{"error":{"message":"Active premium subscription required"}}"#.to_owned());
    let kit = Kit::new(account("me/albums", premium)).await;
    let is_open =
        async || kit.ctx.store.account(kit.account.id).capabilities().of(Capability::App).await.unwrap();
    run_all(&kit).await;
    assert!(!is_open().await.unwrap().open);
    kit.answers(account("me/albums", premium));
    run(&kit, asked_for(&[Entity::Tracks]), &CancellationToken::new()).await;
    assert!(!is_open().await.unwrap().open, "another entity that is let in takes nothing back");
    kit.answers(account("", || refused(404)));
    run_all(&kit).await;
    assert!(is_open().await.unwrap().open);
}

#[test]
fn a_run_is_initial_while_one_of_its_lists_was_never_read_whole() {
    let state = |entity, is_initial_complete| SyncState { is_initial_complete, ..SyncState::unread(entity) };
    let states = [state(Entity::Tracks, true), state(Entity::Albums, false), state(Entity::Details, false)];
    let mode_of = |entities: &[Entity], full| mode(&states, &SyncRequest { full, ..asked_for(entities) });
    assert_eq!(mode_of(&[Entity::Tracks, Entity::Details], false), Mode::Incremental);
    assert_eq!(mode_of(&[Entity::Tracks], true), Mode::Full);
    assert_eq!(mode_of(&[Entity::Tracks, Entity::Albums], true), Mode::Initial);
}

#[test]
fn details_that_stop_are_no_failure_of_a_run_that_nobody_named_them_in() {
    let failed = JobError::failed("x");
    assert!(counts(Entity::Albums, Trigger::Schedule, &failed));
    assert!(!counts(Entity::Details, Trigger::Cli, &failed));
    assert!(counts(Entity::Details, Trigger::Schedule, &JobError::DiskFull));
    assert!(!counts(Entity::Details, Trigger::Schedule, &JobError::Cancelled));
    assert!(counts(Entity::Details, Trigger::Cli, &JobError::Cancelled));
}

#[test]
fn the_worst_of_several_errors_is_the_runs() {
    let mut tally = RunTally { status: RunStatus::Done, error: None };
    tally.take(Entity::Tracks, &JobError::failed("one"));
    let first = (tally.status, tally.error.clone());
    assert_eq!(first, (RunStatus::Failed, Some("tracks: one".to_owned())));
    tally.take(Entity::Albums, &JobError::failed("two"));
    assert_eq!(tally.error.as_deref(), Some("tracks: one"), "the first of several alike");
    tally.take(Entity::Albums, &JobError::NeedsLogin { why: "log in".to_owned() });
    assert_eq!((tally.status, tally.error.as_deref()), (RunStatus::NeedsLogin, Some("log in")));
}
