//! Short lists for which a scheduled run reads only the first page.

use chrono::Duration as Span;

use super::*;
use crate::domain::Trigger;

impl Kit {
    /// Reads as a scheduled run does.
    async fn read_by_schedule(&self, entity: Entity) -> Delta {
        self.read_as(entity, |request| request.trigger = Trigger::Schedule).await.unwrap()
    }
}

#[tokio::test]
async fn the_schedule_asks_for_one_page_of_a_list_that_has_not_changed_until_a_day_is_over() {
    let kit = kit_that_holds(SEVEN).await;
    let whole = kit.state(Entity::Albums).await.read_whole_at;
    for _ in 1..23 {
        kit.clock.pass(HOUR);
        kit.answers(albums(SEVEN));
        assert_eq!(kit.read_by_schedule(Entity::Albums).await, Delta::default());
        assert_eq!(kit.asked(), ["me/albums 0"]);
    }
    let state = kit.state(Entity::Albums).await;
    assert_eq!((state.state, state.total_processed, state.read_whole_at), (EntityState::Idle, 7, whole));
    assert!(state.last_synced_at.unwrap() - whole.unwrap() > Span::hours(21), "each page counts as a sync");
    kit.clock.pass(HOUR);
    kit.answers(albums(SEVEN));
    kit.read_by_schedule(Entity::Albums).await;
    assert_eq!(kit.asked(), ["me/albums 0", "me/albums 3", "me/albums 6"], "a day is over with the next run");
}

#[tokio::test]
async fn a_change_on_the_first_page_or_in_the_number_is_read_at_once() {
    for now in ["x a b c d e f g", "b a c d e f g", "x a b c d e f", "a b c d e f", "a b c d e f g h"] {
        let kit = kit_that_holds(SEVEN).await;
        kit.clock.pass(HOUR);
        kit.answers(albums(now));
        kit.read_by_schedule(Entity::Albums).await;
        assert_eq!(kit.names(&BrowseList::Albums).await, now);
    }
}

#[tokio::test]
async fn a_row_that_was_not_shown_is_looked_for_in_the_next_run() {
    let kit = Kit::new(|asked| page(asked, "a b c d - f g", album)).await;
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.state(Entity::Albums).await.null_rows, 1);
    kit.clock.pass(HOUR);
    kit.answers(albums(SEVEN));
    kit.read_by_schedule(Entity::Albums).await;
    assert_eq!(kit.names(&BrowseList::Albums).await, SEVEN);
}

#[tokio::test]
async fn what_neither_shows_is_found_when_the_list_is_walked() {
    let kit = kit_that_holds(SEVEN).await;
    kit.clock.pass(HOUR);
    kit.answers(albums("a b c d e f h"));
    kit.read_by_schedule(Entity::Albums).await;
    assert_eq!(kit.names(&BrowseList::Albums).await, SEVEN);
    kit.clock.pass(23 * HOUR);
    kit.read_by_schedule(Entity::Albums).await;
    assert_eq!(kit.names(&BrowseList::Albums).await, "a b c d e f h");
}

/// Followed artists after the artist `after`; an empty page if `is_empty`.
fn artists(asked: &Asked, is_empty: bool) -> Reply {
    let all: Vec<&str> = SEVEN.split(' ').collect();
    let after = asked.query.get("after").and_then(|after| all.iter().position(|id| id == after));
    let rows = all.iter().skip(after.map_or(0, |place| place + 1)).take(if is_empty { 0 } else { 3 });
    let items: Vec<_> = rows
        .map(|id| json!({"id": id, "uri": format!("spotify:artist:{id}"), "name": id, "genres": [], "images": []}))
        .collect();
    let last = items.last().map(|row| row["id"].clone()).filter(|id| id != "g");
    ok(&json!({"artists": {"items": items, "total": 7, "next": last.is_some().then_some("more"),
                           "cursors": {"after": last}}}))
}

#[tokio::test]
async fn an_empty_page_proves_nothing_of_a_list_that_has_rows() {
    let kit = Kit::new(|asked| artists(asked, false)).await;
    kit.read(Entity::Artists).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Artists).await, SEVEN);
    kit.clock.pass(HOUR);
    kit.answers(|asked| artists(asked, false));
    kit.read_by_schedule(Entity::Artists).await;
    assert_eq!(kit.asked().len(), 1);
    let synced = kit.state(Entity::Artists).await.last_synced_at;
    kit.clock.pass(HOUR);
    kit.answers(|asked| artists(asked, true));
    kit.read_as(Entity::Artists, |request| request.trigger = Trigger::Schedule).await.unwrap_err();
    assert_eq!(kit.state(Entity::Artists).await.last_synced_at, synced, "it is not called synced");
    assert_eq!(kit.names(&BrowseList::Artists).await, SEVEN);
}

#[tokio::test]
async fn a_person_who_asks_is_shown_the_whole_list() {
    let kit = kit_that_holds(SEVEN).await;
    kit.answers(albums("a b c d e f h"));
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Albums).await, "a b c d e f h");
}

#[tokio::test]
async fn the_list_of_playlists_is_walked_every_time() {
    const LISTS: &str = "a:v1:2 b:v1:2 c:v1:2 d:v1:2";
    let kit = Kit::new(|asked| page(asked, LISTS, playlist)).await;
    kit.read(Entity::Playlists).await.unwrap();
    kit.clock.pass(HOUR);
    kit.answers(|asked| page(asked, LISTS, playlist));
    kit.read_by_schedule(Entity::Playlists).await;
    assert_eq!(kit.asked().len(), 2, "an edit shows in the snapshot id of its row alone");
}
