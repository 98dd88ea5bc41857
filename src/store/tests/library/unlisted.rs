//! Rows that a list no longer shows.

use crate::store::tests::*;

async fn finish_without_consent(bench: &Bench, entity: Entity, still_there: &[&str]) -> Finished {
    let still_there = still_there.iter().map(|id| (*id).to_owned()).collect();
    let finish = FinishWalk { still_there, remote: 3, at: at(60), ..FinishWalk::default() };
    bench.stored().library().finish_walk(bench.run, entity, &finish).await.unwrap().outcome
}

async fn marks(bench: &Bench) -> Vec<(String, bool)> {
    bench.rows("select item_key, vouched from unlisted order by item_key").await
}

#[tokio::test]
async fn nothing_goes_without_consent() {
    for (old, new) in [
        (tracks("a9 b8 c7 d6"), tracks("x20 a9 - d6")),
        (
            ListRows::Albums(vec![album("a", 9), album("b", 8), album("c", 7), album("d", 6)]),
            ListRows::Albums(vec![album("x", 20), album("a", 9), album("d", 6)]),
        ),
        (
            playlists(&[
                playlist("a", "s", 1),
                playlist("b", "s", 1),
                playlist("c", "s", 1),
                playlist("d", "s", 1),
            ]),
            playlists(&[playlist("x", "s", 1), playlist("a", "s", 1), playlist("d", "s", 1)]),
        ),
    ] {
        let bench = Bench::new().await;
        let entity = old.entity();
        bench.walk(old, true).await;
        bench.begin(entity, Mode::Full).await;
        bench.page(new, 0, false).await;
        let delta = Delta { added: 1, ..Delta::default() };
        assert_eq!(finish_without_consent(&bench, entity, &["b"]).await, Finished::Applied(delta));
        let keys = bench.stored().library().stored_keys(entity).await.unwrap();
        let keys: Vec<String> = keys.into_iter().flatten().collect();
        assert_eq!(keys, ["x", "a", "b", "c", "d"], "{entity}");
        assert_eq!(journal(&bench).await, ["added x"], "{entity}");
        assert_eq!(marks(&bench).await, [("b".to_owned(), true), ("c".to_owned(), false)], "{entity}");
        assert_eq!(bench.state(entity).await.total_processed, if entity == Entity::Tracks { 4 } else { 3 });
    }
}

#[tokio::test]
async fn a_mark_goes_when_its_row_is_shown_again() {
    let bench = Bench::new().await;
    bench.walk(tracks("a9 b8 c7"), true).await;
    bench.begin(Entity::Tracks, Mode::Full).await;
    bench.page(tracks("a9"), 0, false).await;
    finish_without_consent(&bench, Entity::Tracks, &["b", "c"]).await;
    assert_eq!(marks(&bench).await.len(), 2);
    let listed = bench.stored().library().saved_slots().await.unwrap();
    assert_eq!(listed.len(), 1, "what the list does not show is no slot of it");

    bench.walk(tracks("a9 b8"), false).await;
    assert_eq!(marks(&bench).await, []);
    assert_eq!(journal(&bench).await, ["removed c"]);
}

#[tokio::test]
async fn a_reading_from_the_top_leaves_what_is_not_shown_where_it_is() {
    let bench = Bench::new().await;
    bench.walk(tracks("a9 b8 c7 d6"), true).await;
    bench.begin(Entity::Tracks, Mode::Full).await;
    bench.page(tracks("a9 d6"), 0, false).await;
    finish_without_consent(&bench, Entity::Tracks, &["b", "c"]).await;

    // One row comes back at the top unchanged, one is new, one is gone, one is undecided.
    bench.begin(Entity::Tracks, Mode::Incremental).await;
    bench.page(tracks("x30"), 0, false).await;
    let slots = bench.stored().library().saved_slots().await.unwrap();
    let finish = FinishIncremental {
        remote: 2,
        undecided: vec![slots[1].ord],
        denied: ["c".to_owned()].into(),
        at: at(120),
        ..FinishIncremental::default()
    };
    let done = bench.stored().library().finish_incremental(bench.run, &finish).await.unwrap().outcome;
    assert_eq!(done, IncrementalOutcome::Applied(Delta { added: 1, removed: 1, changed: 0 }));
    let names = bench.texts("select track_id from v_saved_tracks order by position").await;
    assert_eq!(names, ["x", "a", "b", "d"]);
    assert_eq!(marks(&bench).await, [("b".to_owned(), true), ("d".to_owned(), false)]);
}
