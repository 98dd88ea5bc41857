//! Walks over lists that move, stall, contradict themselves or are interrupted.

mod first_page;
mod gone;

use std::time::Duration;

use tokio::time::timeout;

use crate::domain::queries::BrowseList;
use crate::domain::{Entity, EntityState};
use crate::engine::error::JobError;
use crate::engine::tests::HOUR;
use crate::engine::tests::kit::{
    Asked, Kit, Reply, album, contains, held, ok, page, page_of, playlist, refused, saved_track,
};
use crate::store::Delta;
use serde_json::json;

const SEVEN: &str = "a b c d e f g";

/// Saved albums; the library contains exactly those that are shown.
fn albums(rows: &'static str) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    albums_beside(rows, rows)
}

/// The same with a library that contains others.
fn albums_beside(rows: &'static str, library: &'static str) -> impl Fn(&Asked) -> Reply + Send + Sync {
    move |asked| match asked.path.as_str() {
        "me/albums" => page(asked, rows, album),
        _ => contains(asked, library),
    }
}

async fn kit_that_holds(rows: &'static str) -> Kit {
    let kit = Kit::new(albums(rows)).await;
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Albums).await, rows);
    kit
}

#[tokio::test]
async fn every_page_is_read_once_and_kept_in_its_order() {
    let kit = Kit::new(albums(SEVEN)).await;
    let delta = kit.read(Entity::Albums).await.unwrap();
    assert_eq!(delta, Delta { added: 7, ..Delta::default() });
    assert_eq!(kit.asked(), ["me/albums 0", "me/albums 3", "me/albums 6"]);
    assert_eq!(kit.names(&BrowseList::Albums).await, SEVEN);
    let state = kit.state(Entity::Albums).await;
    assert_eq!((state.total_processed, state.cursor, state.total_surplus), (7, None, 0));
    assert_eq!(state.next_due_at, Some(state.last_synced_at.unwrap() + HOUR));
    assert!(state.is_initial_complete && kit.journal().await.is_empty());
    // Nothing has changed: the same pages, and no line in the journal.
    kit.answers(albums(SEVEN));
    assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta::default());
    assert_eq!((kit.asked().len(), kit.journal().await.len()), (3, 0));
}

#[tokio::test]
async fn a_list_that_moves_while_it_is_read_is_read_again() {
    let kit =
        Kit::new(|asked| page(asked, if asked.nth == 0 { SEVEN } else { "x a b c d e f g" }, album)).await;
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Albums).await, "x a b c d e f g");
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
    assert_eq!(kit.asked().len(), 4 * 3, "each walk reads a page, another that fits no more, and the head");
    assert_eq!(kit.names(&BrowseList::Albums).await, SEVEN);
    assert_eq!(kit.state(Entity::Albums).await.cursor, None, "the next try starts over");
}

#[tokio::test]
async fn saved_tracks_that_move_with_every_answer_are_left_for_another_time() {
    let kit =
        Kit::new(|asked| page(asked, &format!("{SEVEN} {}", "x ".repeat(asked.nth)), saved_track)).await;
    let error = timeout(HOUR, kit.read(Entity::Tracks)).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("kept changing"), "{error}");
    assert_eq!(kit.asked().len(), 4 * (1 + 4 * 2), "each walk follows the list three times");
}

#[tokio::test]
async fn one_empty_answer_is_no_empty_list_and_two_wait_for_a_person() {
    let kit = kit_that_holds(SEVEN).await;
    kit.answers(|asked| page(asked, if asked.nth == 0 { "" } else { SEVEN }, album));
    assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta::default());
    kit.answers(albums(""));
    let error = kit.read(Entity::Albums).await.unwrap_err();
    assert!(matches!(error, JobError::Braked { gone: 7, known: 7 }), "{error:?}");
    assert_eq!(kit.names(&BrowseList::Albums).await, SEVEN);
    assert_eq!(kit.state(Entity::Albums).await.state, EntityState::Braked);
    assert_eq!(kit.asked(), ["me/albums 0", "me/albums 0"], "nobody is asked about what is kept anyway");
    kit.read_as(Entity::Albums, |request| request.allow_removals = true).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Albums).await, "");
}

/// Reads the first page and then gets a hold.
async fn cut_off_after_a_page(rows: &'static str) -> Kit {
    let kit = Kit::new(move |asked| if asked.nth == 0 { page(asked, rows, album) } else { held() }).await;
    let error = kit.read(Entity::Albums).await.unwrap_err();
    assert!(matches!(error, JobError::Held { .. }), "{error:?}");
    assert_eq!(kit.names(&BrowseList::Albums).await, "a b c", "a first reading shows its pages at once");
    kit.clock.pass(2 * HOUR);
    kit
}

#[tokio::test]
async fn a_walk_that_was_cut_off_goes_on_where_it_stood() {
    let kit = cut_off_after_a_page(SEVEN).await;
    kit.answers(albums(SEVEN));
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.asked(), ["me/albums 0", "me/albums 3", "me/albums 6"]);
    assert_eq!(kit.names(&BrowseList::Albums).await, SEVEN);
}

#[tokio::test]
async fn a_list_that_moved_meanwhile_is_begun_anew() {
    let kit = cut_off_after_a_page(SEVEN).await;
    kit.answers(albums("b c d e f g h"));
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.asked(), ["me/albums 0", "me/albums 0", "me/albums 3", "me/albums 6"]);
    assert_eq!(kit.names(&BrowseList::Albums).await, "b c d e f g h");
}

#[tokio::test]
async fn a_walk_for_a_quiet_look_is_not_taken_for_the_full_one() {
    let kit = cut_off_after_a_page(SEVEN).await;
    // The first rows, which identify the list, are unchanged.
    kit.answers(albums("a b z d e f g"));
    kit.read_as(Entity::Albums, |request| request.full = true).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Albums).await, "a b z d e f g");
}

#[tokio::test]
async fn a_row_that_was_left_out_is_read_though_the_number_comes_out() {
    // The first page lacks its first row, twice, so the next page shows the null row after it
    // again.
    let kit = Kit::new(|asked| match asked.nth {
        0 | 1 => ok(&json!({"items": [album("b"), null], "total": 7, "offset": 0, "next": "more"})),
        _ => page(asked, "a b - d e f g", album),
    })
    .await;
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Albums).await, "a b d e f g");
}

#[tokio::test]
async fn a_total_that_is_off_is_believed_after_a_second_walk_and_then_known() {
    let off = |asked: &Asked| page_of(asked, SEVEN, 8, album);
    let kit = Kit::new(off).await;
    assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta { added: 7, ..Delta::default() });
    assert_eq!(kit.state(Entity::Albums).await.total_surplus, 1);
    // The last page is shorter than its total says, so it is requested twice.
    assert_eq!(kit.asked().len(), 8);
    kit.answers(off);
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.asked(), ["me/albums 0", "me/albums 3", "me/albums 6"]);
}

#[tokio::test]
async fn two_walks_that_found_as_many_but_other_rows_are_not_believed() {
    // One row appears twice and another is missing: f in the first walk, g in the second.
    let kit = Kit::new(|asked| match asked.nth {
        0..3 => page_of(asked, "a b c d e e g", 7, album),
        3..6 => page_of(asked, "a b c d e e f", 7, album),
        _ => page(asked, SEVEN, album),
    })
    .await;
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Albums).await, SEVEN);
}

#[tokio::test]
async fn a_list_without_an_end_is_given_up() {
    let endless = |asked: &Asked| {
        let rows = asked.number("offset")..asked.number("offset") + 50;
        let items: Vec<_> = rows.map(|number| album(&format!("r{number}"))).collect();
        ok(&json!({"items": items, "total": 7, "offset": asked.number("offset"), "next": "more"}))
    };
    let kit = Kit::new(endless).await;
    let ended = timeout(Duration::from_secs(100), kit.read(Entity::Albums)).await;
    assert!(ended.is_ok(), "{} requests and no end", kit.asked().len());
}

#[tokio::test]
async fn what_came_on_top_of_the_tracks_meanwhile_is_put_above_and_the_walk_goes_on() {
    let kit =
        Kit::new(|asked| page(asked, if asked.nth == 0 { SEVEN } else { "x a b c d e f g" }, saved_track))
            .await;
    kit.read(Entity::Tracks).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Tracks).await, "x a b c d e f g");
    let asked = kit.asked();
    assert_eq!(asked[..4], ["me/tracks 0", "me/tracks 3", "me/tracks 0", "me/tracks 4"]);
    assert_eq!(asked.len(), 5);
}

#[tokio::test]
async fn a_total_that_grows_by_itself_makes_the_walk_pass_over_no_track() {
    let kit = Kit::new(|asked| page_of(asked, SEVEN, if asked.nth == 0 { 7 } else { 9 }, saved_track)).await;
    kit.read(Entity::Tracks).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Tracks).await, SEVEN);
    assert_eq!(kit.asked()[..4], ["me/tracks 0", "me/tracks 3", "me/tracks 0", "me/tracks 3"]);
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
    assert_eq!(kit.names(&BrowseList::Artists).await, "a b c");
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
async fn an_owner_that_an_answer_leaves_out_is_the_one_that_is_known() {
    let kit = Kit::new(|asked| page(asked, "p:v1:2:bob", playlist)).await;
    kit.read(Entity::Playlists).await.unwrap();
    kit.answers(|asked| {
        page(asked, "p:v2:3:bob", |word| {
            let mut list = playlist(word);
            list["owner"] = json!(null);
            list
        })
    });
    kit.read(Entity::Playlists).await.unwrap();
    let list = kit.contents("p").await;
    assert_eq!((list.owner_id.as_str(), list.item_count), ("bob", Some(3)));
}

#[tokio::test]
async fn a_page_that_is_too_large_is_not_asked_for_again_that_day() {
    let one_by_one = |asked: &Asked| match asked.number("limit") {
        1 => page(asked, "a b", album),
        _ => (400, None, json!({"error": {"status": 400, "message": "Invalid limit"}}).to_string()),
    };
    let kit = Kit::new(one_by_one).await;
    for requests in [3, 2] {
        kit.answers(one_by_one);
        kit.read(Entity::Albums).await.unwrap();
        assert_eq!((kit.asked().len(), kit.names(&BrowseList::Albums).await.as_str()), (requests, "a b"));
    }
    kit.clock.pass(Duration::from_hours(24));
    kit.answers(albums("a b"));
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.asked().len(), 1, "larger pages are tried again the next day");
}
