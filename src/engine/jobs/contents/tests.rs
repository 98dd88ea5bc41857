//! Contents of playlists: which are requested, and what happens to answers that contradict
//! themselves.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::queries::BrowseList;
use crate::domain::{ContentsState, Entity, PlaylistId, SnapshotId};
use crate::engine::error::JobError;
use crate::engine::tests::HOUR;
use crate::engine::tests::kit::{Asked, Kit, Reply, held, ok, page, page_of, playlist, refused, slot};
use crate::store::{ContentsMark, Delta};
use serde_json::json;

const DAY: Duration = Duration::from_hours(24);

/// An account with these playlists, `id:version:slots` each. `contents` answers the requests for
/// their contents.
fn lists(
    listed: &'static str,
    contents: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| if asked.path == "me/playlists" { page(asked, listed, playlist) } else { contents(asked) }
}

/// One list with these slots.
fn showing(slots: &'static str) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| page(asked, slots, slot)
}

/// Reads the lists and then their contents.
async fn sync(kit: &Kit) -> Result<Delta, JobError> {
    kit.read(Entity::Playlists).await.unwrap();
    kit.read(Entity::PlaylistItems).await
}

async fn slots(kit: &Kit, id: &str) -> String {
    kit.names(&BrowseList::Contents(PlaylistId::new(id))).await
}

/// The requests for contents.
fn asked(kit: &Kit) -> Vec<String> {
    kit.asked().into_iter().filter(|path| !path.starts_with("me/playlists")).collect()
}

async fn kit_that_holds(listed: &'static str, held: &'static str) -> Kit {
    let kit = Kit::new(lists(listed, showing(held))).await;
    sync(&kit).await.unwrap();
    assert_eq!(slots(&kit, "p").await, held);
    kit
}

#[tokio::test]
async fn a_list_is_stored_with_the_version_it_was_listed_with_and_not_asked_for_again() {
    let kit = Kit::new(lists("p:v1:4", showing("a b c d"))).await;
    assert_eq!(sync(&kit).await.unwrap(), Delta { added: 4, ..Delta::default() });
    assert_eq!(slots(&kit, "p").await, "a b c d");
    assert_eq!(asked(&kit), ["playlists/p/items 0", "playlists/p/items 3"]);
    let list = kit.contents("p").await;
    assert_eq!((list.state, list.stored_count), (ContentsState::Complete, Some(4)));
    kit.answers(lists("p:v1:4", showing("a b c d")));
    assert_eq!(sync(&kit).await.unwrap(), Delta::default());
    assert_eq!(asked(&kit), [""; 0]);
    kit.answers(lists("p:v2:3", showing("a c d")));
    assert_eq!(sync(&kit).await.unwrap(), Delta { removed: 1, ..Delta::default() });
    assert_eq!(slots(&kit, "p").await, "a c d");
    assert!(kit.journal().await.contains(&"removed b".to_owned()));
}

/// Returns a kit that has read the first page of version 1.
async fn cut_off() -> Kit {
    let contents = |asked: &Asked| if asked.nth == 0 { page(asked, "a b c d e", slot) } else { held() };
    let kit = Kit::new(lists("p:v1:5", contents)).await;
    assert!(matches!(sync(&kit).await, Err(JobError::Held { .. })));
    kit.clock.pass(2 * HOUR);
    kit
}

#[tokio::test]
async fn a_half_read_list_goes_on_under_its_version() {
    let kit = cut_off().await;
    kit.answers(lists("p:v1:5", showing("a b c d e")));
    sync(&kit).await.unwrap();
    assert_eq!(asked(&kit), ["playlists/p/items 3"]);
    assert_eq!(slots(&kit, "p").await, "a b c d e");
}

#[tokio::test]
async fn a_half_read_list_is_begun_anew_under_another_version() {
    let kit = cut_off().await;
    kit.answers(lists("p:v2:5", showing("x y z d e")));
    sync(&kit).await.unwrap();
    assert_eq!(asked(&kit), ["playlists/p/items 0", "playlists/p/items 3"]);
    assert_eq!(slots(&kit, "p").await, "x y z d e", "no mix of two versions");
}

#[tokio::test]
async fn a_list_whose_pages_were_dropped_is_begun_anew_after_a_kill() {
    let kit = cut_off().await;
    // The next page cannot be read, so the list is marked; then the engine is killed.
    let failed = ContentsMark { state: ContentsState::Failed, why: Some("odd".to_owned()), retry_at: None };
    let playlists = kit.ctx.store.account(kit.account.id).playlists();
    playlists.mark_contents(&PlaylistId::new("p"), &failed).await.unwrap();
    kit.answers(lists("p:v1:5", showing("a b c d e")));
    sync(&kit).await.unwrap();
    assert_eq!(asked(&kit), ["playlists/p/items 0", "playlists/p/items 3"]);
    assert_eq!(slots(&kit, "p").await, "a b c d e", "and not only the second page");
}

#[tokio::test]
async fn contents_that_contradict_the_listing_take_nothing_away_until_another_run_finds_them_again() {
    let kit = kit_that_holds("p:v1:5", "a b c d e").await;
    // A second time at once, then once per run.
    for (run, (expected, requests)) in [("a b c d e", 2), ("a", 1)].into_iter().enumerate() {
        kit.answers(lists("p:v2:5", showing("a")));
        let ended = sync(&kit).await;
        assert_eq!(slots(&kit, "p").await, expected, "run {run}: {ended:?}");
        assert_eq!(asked(&kit).len(), requests, "run {run}");
        kit.clock.pass(HOUR);
    }
    let kit = kit_that_holds("p:v1:5", "a b c d e").await;
    for listed in ["p:v1:0", "p:v2:0", "p:v3:0"] {
        kit.answers(lists(listed, showing("a b c d e")));
        let _ = sync(&kit).await;
        assert_eq!(slots(&kit, "p").await, "a b c d e", "{listed}");
    }
}

#[tokio::test]
async fn a_list_that_moves_while_it_is_read_is_read_until_it_stands_still() {
    let kit = kit_that_holds("p:v1:5", "a b c d e").await;
    // b is moved from the top to the end between the first page and the second, so it is shown
    // twice and d is not shown.
    kit.answers(lists("p:v2:5", |asked| match asked.path.as_str() {
        "playlists/p" => ok(&json!({"id": "p", "snapshot_id": if asked.nth == 0 { "v3" } else { "v2" }})),
        _ => page(asked, if asked.nth == 0 { "b a c d e" } else { "a c d e b" }, slot),
    }));
    sync(&kit).await.unwrap();
    assert_eq!(slots(&kit, "p").await, "a c d e b");
}

#[tokio::test]
async fn the_contents_of_somebody_else_are_hidden_after_one_refusal_and_asked_for_once_a_day() {
    let theirs = "p:v1:2:bob q:v1:2:bob r:v1:2:bob";
    let kit = Kit::new(lists(theirs, |_| refused(403))).await;
    sync(&kit).await.unwrap();
    assert_eq!(asked(&kit), ["playlists/p/items 0"], "the others are hidden without asking");
    for id in ["p", "q", "r"] {
        assert_eq!(kit.contents(id).await.state, ContentsState::Hidden);
    }
    kit.answers(lists(theirs, |_| refused(403)));
    sync(&kit).await.unwrap();
    assert_eq!(asked(&kit), [""; 0]);
    kit.clock.pass(DAY);
    kit.answers(lists(theirs, showing("a b")));
    sync(&kit).await.unwrap();
    assert_eq!(asked(&kit).len(), 3, "one is shown, so the others follow: {:?}", kit.asked());
    assert_eq!(slots(&kit, "r").await, "a b");
}

#[tokio::test]
async fn a_list_of_ones_own_that_is_refused_is_never_hidden() {
    let kit = kit_that_holds("p:v1:2 q:v1:2", "a b").await;
    let refuses_p = |asked: &Asked| {
        if asked.path.contains("/p/") { refused(403) } else { page(asked, "a b c", slot) }
    };
    kit.answers(lists("p:v2:2 q:v2:3", refuses_p));
    let _ = sync(&kit).await;
    assert_eq!(kit.contents("p").await.state, ContentsState::Failed);
    assert_eq!((slots(&kit, "p").await.as_str(), slots(&kit, "q").await.as_str()), ("a b", "a b c"));
    kit.answers(lists("p:v2:2 q:v2:3", showing("a b")));
    sync(&kit).await.unwrap();
    assert_eq!(asked(&kit), [""; 0], "not before tomorrow");
    kit.clock.pass(DAY);
    sync(&kit).await.unwrap();
    assert_eq!(kit.contents("p").await.state, ContentsState::Complete);
}

#[tokio::test]
async fn a_list_of_ones_own_that_an_older_release_hid_is_read() {
    let kit = kit_that_holds("p:v1:2", "a b").await;
    let hidden = ContentsMark { state: ContentsState::Hidden, why: None, retry_at: None };
    kit.ctx
        .store
        .account(kit.account.id)
        .playlists()
        .mark_contents(&PlaylistId::new("p"), &hidden)
        .await
        .unwrap();
    kit.answers(lists("p:v1:2", showing("a b")));
    sync(&kit).await.unwrap();
    assert_eq!(kit.contents("p").await.state, ContentsState::Complete);
}

#[tokio::test]
async fn refusals_of_everything_are_the_apps() {
    let kit = kit_that_holds("p:v1:2 q:v1:2 r:v1:2 s:v1:2", "a b").await;
    kit.answers(lists("p:v2:2 q:v2:2 r:v2:2 s:v2:2", |_| refused(403)));
    let error = sync(&kit).await.unwrap_err();
    assert!(matches!(error, JobError::AppRefused { .. }), "{error:?}");
    assert!(!asked(&kit).iter().any(|path| path.contains("/s/")), "{:?}", asked(&kit));
    assert_eq!(kit.contents("p").await.state, ContentsState::Pending, "no state of its own");
}

#[tokio::test]
async fn a_list_that_is_listed_and_not_found_is_asked_for_once_a_day() {
    let kit = Kit::new(lists("p:v1:2", |_| refused(404))).await;
    sync(&kit).await.unwrap();
    let list = kit.contents("p").await;
    assert_eq!((list.state, list.snapshot_id), (ContentsState::Failed, Some(SnapshotId::new("v1"))));
    kit.answers(lists("p:v1:2", showing("a b")));
    sync(&kit).await.unwrap();
    assert_eq!(asked(&kit), [""; 0]);
    kit.answers(lists("p:v2:2", showing("a b")));
    sync(&kit).await.unwrap();
    assert_eq!(slots(&kit, "p").await, "a b", "another version is asked for at once");
}

#[tokio::test]
async fn an_app_of_before_reads_its_contents_where_it_may() {
    let old = |asked: &Asked| {
        if asked.path.ends_with("items") { refused(403) } else { page(asked, "a b", slot) }
    };
    let kit = Kit::new(lists("p:v1:2 q:v1:2", old)).await;
    sync(&kit).await.unwrap();
    assert_eq!(asked(&kit), ["playlists/p/items 0", "playlists/p/tracks 0", "playlists/q/tracks 0"]);
    assert_eq!(slots(&kit, "q").await, "a b");
}

#[tokio::test]
async fn many_slots_that_go_at_once_wait_for_a_person_and_all_lists_with_them() {
    let many: Arc<str> = (0..30).map(|number| format!("t{number}")).collect::<Vec<_>>().join(" ").into();
    let kit = {
        let many = Arc::clone(&many);
        Kit::new(lists("p:v1:30 q:v1:30", move |asked| page(asked, &many, slot))).await
    };
    sync(&kit).await.unwrap();
    kit.answers(lists("p:v2:16 q:v2:18", move |asked| {
        if !asked.path.ends_with("items") {
            return ok(&json!({"id": "p", "snapshot_id": "v2"}));
        }
        let left: Vec<&str> =
            many.split_whitespace().take(if asked.path.contains("/p/") { 16 } else { 18 }).collect();
        page_of(asked, &left.join(" "), left.len(), slot)
    }));
    let error = sync(&kit).await.unwrap_err();
    assert!(matches!(error, JobError::Braked { gone: 26, known: 60 }), "{error:?}");
    assert_eq!(
        (kit.contents("p").await.stored_count, kit.contents("q").await.stored_count),
        (Some(30), Some(30))
    );
    let delta = kit.read_as(Entity::PlaylistItems, |request| request.allow_removals = true).await.unwrap();
    assert_eq!(delta, Delta { removed: 26, ..Delta::default() });
}
