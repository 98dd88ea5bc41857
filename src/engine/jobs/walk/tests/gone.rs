//! Items that a walk does not find: what Spotify is asked about them, and what happens to them.

use super::*;

#[tokio::test]
async fn what_is_missing_goes_when_spotify_says_that_it_is_gone() {
    let kit = kit_that_holds(SEVEN).await;
    kit.answers(albums("a b d e f g"));
    assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta { removed: 1, ..Delta::default() });
    assert_eq!(kit.names(&BrowseList::Albums).await, "a b d e f g");
    assert_eq!(kit.journal().await, ["removed c"]);
    assert_eq!(kit.asked(), ["me/albums 0", "me/albums 3", "me/albums 0", "me/library/contains"]);
}

#[tokio::test]
async fn what_the_library_still_has_is_kept_in_its_place_and_everything_else_goes_on() {
    let kit = kit_that_holds(SEVEN).await;
    kit.answers(albums_beside("x a b d e f g", "x a b c d e f g"));
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Albums).await, "x a b c d e f g");
    assert_eq!(kit.journal().await, ["added x"]);
    let unlisted = kit.ctx.store.account(kit.account.id).library().unlisted(Entity::Albums).await.unwrap();
    assert!(unlisted["c"].is_vouched && unlisted.len() == 1);
    // A run without an answer changes neither the earlier answer nor the time when the row was
    // first missed.
    kit.answers(|asked| if asked.path == "me/albums" { page(asked, "x a b d e f g", album) } else { held() });
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(
        kit.ctx.store.account(kit.account.id).library().unlisted(Entity::Albums).await.unwrap(),
        unlisted
    );
    kit.clock.pass(2 * HOUR);
    // A row that is known to be hidden costs no second walk. Once the library lacks it, it is
    // removed.
    kit.answers(albums_beside("x a b d e f g", "x a b c d e f g"));
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.asked().iter().filter(|path| path.starts_with("me/albums")).count(), 3);
    kit.answers(albums("x a b d e f g"));
    kit.read(Entity::Albums).await.unwrap();
    assert_eq!(kit.names(&BrowseList::Albums).await, "x a b d e f g");
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
        assert_eq!(kit.names(&BrowseList::Albums).await, SEVEN);
    }
}

#[tokio::test]
async fn a_null_row_hides_what_is_missing_where_nobody_can_be_asked() {
    let kit = kit_that_holds(SEVEN).await;
    kit.answers(|asked| match asked.path.as_str() {
        "me/albums" => page(asked, "a b - d e f g", album),
        _ => held(),
    });
    assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta::default());
    assert_eq!(kit.names(&BrowseList::Albums).await, SEVEN);
    assert!(
        kit.ctx.store.account(kit.account.id).library().unlisted(Entity::Albums).await.unwrap().is_empty(),
        "it is there"
    );
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
    // Another row is missing as well: this run agrees with no earlier run.
    kit.answers(closed("a b d f g"));
    assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta::default());
    assert_eq!(kit.names(&BrowseList::Albums).await, SEVEN);
    kit.answers(closed("a b d f g"));
    assert_eq!(kit.read(Entity::Albums).await.unwrap(), Delta { removed: 2, ..Delta::default() });
    assert_eq!(kit.names(&BrowseList::Albums).await, "a b d f g");
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
