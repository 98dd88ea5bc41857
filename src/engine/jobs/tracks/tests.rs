//! Saved tracks after the first reading: what is requested, and what is removed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::*;
use crate::domain::Entity;
use crate::domain::queries::BrowseList;
use crate::engine::tests::kit::{Asked, Kit, Reply, contains, held, page, page_of, saved_track};

const SEVEN: &str = "a b c d e f g";

/// Saved tracks; the library contains exactly those that are shown.
fn tracks(rows: &str) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    let rows = rows.to_owned();
    move |asked| match asked.path.as_str() {
        "me/tracks" => page(asked, &rows, saved_track),
        _ => contains(asked, &rows),
    }
}

async fn kit_that_holds(rows: &str) -> Kit {
    let kit = Kit::new(tracks(rows)).await;
    kit.read(Entity::Tracks).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Tracks).await, rows);
    kit
}

/// Forty tracks without some of them.
fn forty_without(gone: &[usize]) -> String {
    let stay = (0..40).filter(|number| !gone.contains(number));
    stay.map(|number| format!("t{number}")).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn an_unchanged_list_costs_one_page_and_what_is_new_no_more() {
    let kit = kit_that_holds(SEVEN).await;
    for rows in [SEVEN, "x a b c d e f g"] {
        kit.answers(tracks(rows));
        kit.read(Entity::Tracks).await.unwrap();
        assert_eq!(kit.asked(), ["me/tracks 0"]);
        assert_eq!(kit.names(&BrowseList::Tracks).await, rows);
    }
}

#[tokio::test]
async fn the_whole_list_is_read_on_request_and_once_in_a_long_while() {
    let kit = kit_that_holds(SEVEN).await;
    let whole = ["me/tracks 0", "me/tracks 3", "me/tracks 6"];
    kit.answers(tracks(SEVEN));
    kit.read_as(Entity::Tracks, |request| request.full = true).await.unwrap();
    assert_eq!(kit.asked(), whole);
    kit.clock.pass(Duration::from_hours(720));
    kit.answers(tracks(SEVEN));
    kit.read(Entity::Tracks).await.unwrap();
    assert_eq!(kit.asked(), whole);
}

#[tokio::test]
async fn what_is_gone_from_a_long_list_is_found_with_few_requests() {
    let kit = kit_that_holds(&forty_without(&[])).await;
    kit.answers(tracks(&forty_without(&[17])));
    assert_eq!(kit.read(Entity::Tracks).await.unwrap(), Delta { removed: 1, ..Delta::default() });
    assert_eq!(kit.journal().await, ["removed t17"]);
    assert_eq!(kit.names(&BrowseList::Tracks).await, forty_without(&[17]));
    assert!(kit.asked().len() <= 8, "{:?}", kit.asked());
}

#[tokio::test]
async fn what_nobody_could_be_asked_about_stays() {
    let kit = kit_that_holds(&forty_without(&[])).await;
    for _ in 0..2 {
        let rows = forty_without(&[17]);
        kit.answers(move |asked| match asked.path.as_str() {
            "me/tracks" => page(asked, &rows, saved_track),
            _ => held(),
        });
        assert_eq!(kit.read(Entity::Tracks).await.unwrap(), Delta::default());
        assert_eq!(kit.names(&BrowseList::Tracks).await, forty_without(&[]));
    }
}

#[tokio::test]
async fn what_is_stored_stays_shown_while_changes_are_looked_for() {
    let kit = kit_that_holds(&forty_without(&[])).await;
    let rows = forty_without(&[17]);
    kit.answers(move |asked| if asked.nth < 2 { page(asked, &rows, saved_track) } else { held() });
    let error = kit.read(Entity::Tracks).await.unwrap_err();
    assert!(matches!(error, JobError::Held { .. }), "{error:?}");
    let state = kit.state(Entity::Tracks).await;
    assert!(state.cursor.is_some(), "the search goes on from here");
    assert_eq!(state.total_processed, 40);
}

#[tokio::test]
async fn a_list_that_moves_while_it_is_looked_at_is_looked_at_again() {
    let kit = kit_that_holds(&forty_without(&[])).await;
    let (before, after) = (forty_without(&[17]), format!("x {}", forty_without(&[17, 39])));
    let (has_moved, then) = (Arc::new(AtomicBool::new(false)), after.clone());
    kit.answers(move |asked| {
        if asked.path == "me/library/contains" {
            has_moved.store(true, Ordering::Relaxed);
        }
        let rows = if has_moved.load(Ordering::Relaxed) { &then } else { &before };
        if asked.path == "me/tracks" { page(asked, rows, saved_track) } else { contains(asked, rows) }
    });
    kit.read(Entity::Tracks).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Tracks).await, after);
}

#[tokio::test]
async fn rows_beyond_the_total_are_looked_at_so_that_none_of_them_goes_unseen() {
    let short = |asked: &Asked| match asked.path.as_str() {
        "me/tracks" => page_of(asked, SEVEN, 6, saved_track),
        _ => contains(asked, SEVEN),
    };
    let kit = Kit::new(short).await;
    for _ in 0..2 {
        kit.read(Entity::Tracks).await.unwrap();
    }
    assert_eq!(kit.state(Entity::Tracks).await.total_surplus, -1);
    assert_eq!(kit.names(&BrowseList::Tracks).await, SEVEN);
    // The total is the same, and one row fewer is shown.
    kit.answers(tracks("a b c d e f"));
    kit.read(Entity::Tracks).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Tracks).await, "a b c d e f");
}

#[test]
fn a_slot_without_a_track_is_looked_at_between_its_neighbours() {
    assert_eq!(windows([9], 5), [7], "not as the last of the page from 5 on");
    assert_eq!(windows([9, 10, 11], 5), [7, 9], "the third is the last of the first page");
    assert_eq!(windows([1, 40], 50), [0]);
    assert_eq!(windows([], 50), Vec::<u32>::new());
}
