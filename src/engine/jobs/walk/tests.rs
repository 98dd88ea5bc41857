//! Walks over lists that move, stall, contradict themselves and are cut off.

use crate::domain::browse::List;
use crate::domain::{Entity, EntityState};
use crate::engine::error::JobError;
use crate::engine::tests::HOUR;
use crate::engine::tests::kit::{
    Asked, Kit, Reply, album, contains, held, ok, page, page_of, playlist, refused, saved_track,
};
use crate::store::Delta;
use serde_json::json;

const SEVEN: &str = "a b c d e f g";

/// Saved albums, of which the library has those that are shown.
fn albums(rows: &'static str) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    albums_beside(rows, rows)
}

/// The same where the library has others.
fn albums_beside(rows: &'static str, library: &'static str) -> impl Fn(&Asked) -> Reply + Send + Sync {
    move |asked| match asked.path.as_str() {
        "me/albums" => page(asked, rows, album),
        _ => contains(asked, library),
    }
}

async fn kit_that_holds(rows: &'static str) -> Kit {
    let kit = Kit::new(albums(rows)).await;
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.names(&List::Albums).await, rows);
    kit
}

#[tokio::test]
async fn every_page_is_read_once_and_kept_in_its_order() {
    let kit = Kit::new(albums(SEVEN)).await;
    let delta = kit.read(Entity::Albums).await.unwrap();
    assert_eq!(delta, Delta { added: 7, ..Delta::default() });
    assert_eq!(kit.asked(), ["me/albums 0", "me/albums 3", "me/albums 6"]);
    assert_eq!(kit.names(&List::Albums).await, SEVEN);
    let state = kit.state(Entity::Albums).await;
    assert_eq!((state.total_processed, state.cursor, state.total_surplus), (7, None, 0));
    assert_eq!(state.next_due_at, Some(state.last_synced_at.unwrap() + HOUR));
    assert!(state.is_initial_complete && kit.journal().await.is_empty());
    // Nothing has changed: the same pages and no line.
    kit.answers(albums(SEVEN));
    assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta::default());
    assert_eq!((kit.asked().len(), kit.journal().await.len()), (3, 0));
}

#[tokio::test]
async fn a_list_that_moves_while_it_is_read_is_read_again() {
    let kit =
        Kit::new(|asked| page(asked, if asked.nth == 0 { SEVEN } else { "x a b c d e f g" }, album)).await;
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.names(&List::Albums).await, "x a b c d e f g");
    let asked = kit.asked();
    assert_eq!(
        asked[..4],
        ["me/albums 0", "me/albums 3", "me/albums 0", "me/albums 0"],
        "looked at the head"
    );
    assert_eq!(asked.len(), 6);
}

#[tokio::test]
async fn a_list_that_never_stands_still_is_left_with_what_was_shown() {
    let kit = kit_that_holds(SEVEN).await;
    kit.answers(|asked| {
        let rows = format!("{SEVEN} {}", "x ".repeat(1 + asked.nth));
        page(asked, &rows, album)
    });
    let error = kit.read(Entity::Albums).await.unwrap_err();
    assert!(error.to_string().contains("kept changing"), "{error}");
    assert_eq!(kit.names(&List::Albums).await, SEVEN);
    assert_eq!(kit.state(Entity::Albums).await.cursor, None, "the next try begins anew");
}

#[tokio::test]
async fn one_empty_answer_is_no_empty_list_and_two_wait_for_a_person() {
    let kit = kit_that_holds(SEVEN).await;
    kit.answers(|asked| page(asked, if asked.nth == 0 { "" } else { SEVEN }, album));
    assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta::default());
    kit.answers(albums(""));
    let error = kit.read(Entity::Albums).await.unwrap_err();
    assert!(matches!(error, JobError::Braked { gone: 7, known: 7 }), "{error:?}");
    assert_eq!(kit.names(&List::Albums).await, SEVEN);
    assert_eq!(kit.state(Entity::Albums).await.state, EntityState::Braked);
    assert_eq!(kit.asked(), ["me/albums 0", "me/albums 0"], "nobody is asked about what is kept anyway");
    kit.read_as(Entity::Albums, |request| request.allow_removals = true).await.unwrap();
    assert_eq!(kit.names(&List::Albums).await, "");
}

#[tokio::test]
async fn what_is_missing_goes_when_spotify_says_that_it_is_gone() {
    let kit = kit_that_holds(SEVEN).await;
    kit.answers(albums("a b d e f g"));
    assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta { removed: 1, ..Delta::default() });
    assert_eq!(kit.names(&List::Albums).await, "a b d e f g");
    assert_eq!(kit.journal().await, ["removed c"]);
    assert_eq!(kit.asked(), ["me/albums 0", "me/albums 3", "me/albums 0", "me/library/contains"]);
}

#[tokio::test]
async fn what_the_library_still_has_is_kept_in_its_place_and_everything_else_goes_on() {
    let kit = kit_that_holds(SEVEN).await;
    kit.answers(albums_beside("x a b d e f g", "x a b c d e f g"));
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.names(&List::Albums).await, "x a b c d e f g");
    assert_eq!(kit.journal().await, ["added x"]);
    let unlisted = kit.ctx.store.unlisted(kit.account.id, Entity::Albums).await.unwrap();
    assert!(unlisted["c"].is_vouched && unlisted.len() == 1);
    // Known to be hidden, it costs no second walk; once the library lacks it, it goes.
    kit.answers(albums_beside("x a b d e f g", "x a b c d e f g"));
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.asked().iter().filter(|path| path.starts_with("me/albums")).count(), 3);
    kit.answers(albums("x a b d e f g"));
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.names(&List::Albums).await, "x a b d e f g");
}

#[tokio::test]
async fn without_an_answer_nothing_goes_in_any_number_of_runs() {
    let kit = kit_that_holds(SEVEN).await;
    for _ in 0..3 {
        kit.answers(|asked| match asked.path.as_str() {
            "me/albums" => page(asked, "a b d e f g", album),
            _ => held(),
        });
        assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta::default());
        assert_eq!(kit.names(&List::Albums).await, SEVEN);
    }
}

#[tokio::test]
async fn where_nobody_may_be_asked_two_runs_must_miss_the_same() {
    let kit = kit_that_holds(SEVEN).await;
    let closed = |rows: &'static str| {
        move |asked: &Asked| match asked.path.as_str() {
            "me/albums" => page(asked, rows, album),
            _ => refused(403),
        }
    };
    kit.answers(closed("a b d e f g"));
    assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta::default());
    // Another one is missing beside it: this run agrees with none before.
    kit.answers(closed("a b d f g"));
    assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta::default());
    assert_eq!(kit.names(&List::Albums).await, SEVEN);
    kit.answers(closed("a b d f g"));
    assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta { removed: 2, ..Delta::default() });
    assert_eq!(kit.names(&List::Albums).await, "a b d f g");
}

/// Reads the first page and is then held.
async fn cut_off_after_a_page(rows: &'static str) -> Kit {
    let kit = Kit::new(move |asked| if asked.nth == 0 { page(asked, rows, album) } else { held() }).await;
    let error = kit.read(Entity::Albums).await.unwrap_err();
    assert!(matches!(error, JobError::Held { .. }), "{error:?}");
    assert_eq!(kit.names(&List::Albums).await, "a b c", "a first reading shows its pages at once");
    kit.clock.pass(2 * HOUR);
    kit
}

#[tokio::test]
async fn a_walk_that_was_cut_off_goes_on_where_it_stood() {
    let kit = cut_off_after_a_page(SEVEN).await;
    kit.answers(albums(SEVEN));
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.asked(), ["me/albums 0", "me/albums 3", "me/albums 6"]);
    assert_eq!(kit.names(&List::Albums).await, SEVEN);
}

#[tokio::test]
async fn a_list_that_moved_meanwhile_is_begun_anew() {
    let kit = cut_off_after_a_page(SEVEN).await;
    kit.answers(albums("b c d e f g h"));
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.asked(), ["me/albums 0", "me/albums 0", "me/albums 3", "me/albums 6"]);
    assert_eq!(kit.names(&List::Albums).await, "b c d e f g h");
}

#[tokio::test]
async fn a_walk_for_a_quiet_look_is_not_taken_for_the_full_one() {
    let kit = cut_off_after_a_page(SEVEN).await;
    kit.answers(albums(SEVEN));
    kit.read_as(Entity::Albums, |request| request.full = true).await.unwrap();
    assert_eq!(kit.asked(), ["me/albums 0", "me/albums 3", "me/albums 6"], "its own first page");
    assert_eq!(kit.names(&List::Albums).await, SEVEN);
}

#[tokio::test]
async fn a_total_that_is_off_is_believed_after_a_second_walk_and_then_known() {
    let off = |asked: &Asked| page_of(asked, SEVEN, 8, album);
    let kit = Kit::new(off).await;
    assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta { added: 7, ..Delta::default() });
    assert_eq!(kit.state(Entity::Albums).await.total_surplus, 1);
    // The last page is short by its total, so that it is asked for twice.
    assert_eq!(kit.asked().len(), 8);
    kit.answers(off);
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.asked(), ["me/albums 0", "me/albums 3", "me/albums 6"]);
}

#[tokio::test]
async fn two_walks_that_found_as_many_but_other_rows_are_not_believed() {
    let kit = kit_that_holds(SEVEN).await;
    // One row twice and another left out: in the first walk f, in the second g.
    kit.answers(|asked| match (asked.path.as_str(), asked.nth) {
        ("me/albums", 0..5) => page_of(asked, "a b c d e e g", 7, album),
        ("me/albums", _) => page_of(asked, "a b c d e e f", 7, album),
        _ => held(),
    });
    let ended = kit.read(Entity::Albums).await;
    assert_eq!(kit.names(&List::Albums).await, SEVEN, "{ended:?}");
}

#[tokio::test]
async fn what_came_on_top_of_the_tracks_meanwhile_is_put_above_and_the_walk_goes_on() {
    let kit =
        Kit::new(|asked| page(asked, if asked.nth == 0 { SEVEN } else { "x a b c d e f g" }, saved_track))
            .await;
    kit.read(Entity::Tracks).await.unwrap();
    assert_eq!(kit.names(&List::Tracks).await, "x a b c d e f g");
    let asked = kit.asked();
    assert_eq!(asked[..4], ["me/tracks 0", "me/tracks 3", "me/tracks 0", "me/tracks 4"]);
    assert_eq!(asked.len(), 5);
}

#[tokio::test]
async fn artists_whose_cursor_turns_in_a_circle_are_given_up_and_kept() {
    let artist = |id: &str| json!({"id": id, "uri": format!("spotify:artist:{id}"), "name": id});
    let circle = move |_: &Asked| {
        let items: Vec<_> = ["a", "b", "c"].map(artist).into();
        ok(&json!({"artists": {"items": items, "total": 9, "next": "more", "cursors": {"after": "c"}}}))
    };
    let kit = Kit::new(circle).await;
    let error = kit.read(Entity::Artists).await.unwrap_err();
    assert!(matches!(error, JobError::Incomplete { .. }), "{error:?}");
    assert_eq!(kit.asked().len(), 3);
    assert_eq!(kit.names(&List::Artists).await, "a b c");
    let state = kit.state(Entity::Artists).await;
    assert_eq!((state.is_initial_complete, state.cursor), (false, None));
}

#[tokio::test]
async fn a_list_of_which_a_selection_is_shown_is_not_whole() {
    let kit = Kit::new(|asked| page_of(asked, SEVEN, 60, album)).await;
    let error = kit.read(Entity::Albums).await.unwrap_err();
    assert!(error.to_string().contains("Spotify shows 7 of the 60 albums"), "{error}");
    assert!(!kit.state(Entity::Albums).await.is_initial_complete);
}

#[tokio::test]
async fn many_that_go_at_once_wait_for_a_person() {
    let names = |from: usize| (from..40).map(|number| format!("l{number}:v:0")).collect::<Vec<_>>().join(" ");
    let lists = move |from| {
        let rows = names(from);
        move |asked: &Asked| match asked.path.as_str() {
            "me/playlists" => page(asked, &rows, playlist),
            _ => contains(asked, ""),
        }
    };
    let kit = Kit::new(lists(0)).await;
    kit.read(Entity::Playlists).await.unwrap();
    kit.answers(lists(26));
    let error = kit.read(Entity::Playlists).await.unwrap_err();
    assert!(matches!(error, JobError::Braked { gone: 26, known: 40 }), "{error:?}");
    kit.answers(lists(25));
    assert_eq!(kit.read(Entity::Playlists).await.unwrap(), Delta { removed: 25, ..Delta::default() });
}
