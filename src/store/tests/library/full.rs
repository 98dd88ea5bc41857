//! Lists that are read page by page, and the results.

use crate::store::tests::*;

async fn saved_names(bench: &Bench) -> Vec<String> {
    bench.texts("select track_id from v_saved_tracks order by position").await
}

/// The columns of one row of a view.
type Shown = (String, String, String, String, String, i64, i64, String, i64);

#[tokio::test]
async fn an_initial_page_is_in_the_views_at_once_and_counted_once() {
    let bench = Bench::new().await;
    bench.begin(Entity::Tracks, Mode::Initial).await;
    let first = bench.page(tracks("a9 b8 -"), 0, true).await;
    assert_eq!(first, CommittedPage { fresh: 3, staged: 3 });
    assert_eq!(saved_names(&bench).await, ["a", "b"]);
    // The list grew at the top meanwhile: the next offset shows b again.
    let second = bench.page(tracks("b8 - c7"), 3, true).await;
    assert_eq!(second, CommittedPage { fresh: 2, staged: 5 });
    assert_eq!(bench.stored().library().staged_slots(Entity::Tracks).await.unwrap(), 5);
    // New rows at the top are put above.
    bench.page(tracks("x99 y98"), -2, true).await;
    assert_eq!(saved_names(&bench).await, ["x", "y", "a", "b", "c"]);

    let during = bench.state(Entity::Tracks).await;
    assert_eq!(during.state, EntityState::Running);
    assert_eq!(during.mode, Mode::Initial);
    assert_eq!(during.cursor.as_deref(), Some("{\"offset\":1}"));
    assert_eq!((during.total_processed, during.last_added), (1, 5));

    let finished = bench.finish(Entity::Tracks, true, 7).await;
    let added = Delta { added: 5, ..Delta::default() };
    assert_eq!(finished, Finished::Applied(added));
    assert_eq!(saved_names(&bench).await, ["x", "y", "a", "b", "c"]);
    let done = bench.state(Entity::Tracks).await;
    assert_eq!(done.state, EntityState::Idle);
    assert_eq!(done.mode, Mode::Incremental);
    assert!(done.is_initial_complete);
    assert_eq!(done.last_synced_at, Some(at(60)));
    assert_eq!(done.next_due_at, Some(at(3660)));
    assert_eq!((done.total_processed, done.total_remote), (7, Some(7)));
    assert_eq!((done.last_added, done.cursor), (5, None));
    let run = bench.stored().runs().last().await.unwrap().unwrap();
    assert_eq!((run.added, run.removed, run.changed), (5, 0, 0));
    assert!(journal(&bench).await.is_empty());
    assert_eq!(bench.number("select count(*) from staged").await, 0);
}

#[tokio::test]
async fn views_say_all_that_a_row_said() {
    let bench = Bench::new().await;
    bench.walk(tracks("- a9"), true).await;
    let rows: Vec<Shown> = bench
        .rows("select uri, name, artists, album, isrc, duration_ms, explicit, added_at, position from v_saved_tracks")
        .await;
    let words = ["spotify:track:a", "Song a", "A, B", "Record", "ISRCa"].map(str::to_owned);
    let [uri, name, artists, album, isrc] = words;
    assert_eq!(rows, [(uri, name, artists, album, isrc, 180_000, 0, "2023-11-14T22:13:29Z".to_owned(), 0)]);
    let credits = bench.texts("select value ->> 1 from tracks, json_each(credits) order by key").await;
    assert_eq!(credits, ["A", "B"]);
}

#[tokio::test]
async fn reading_the_same_again_writes_nothing_but_times_and_counters() {
    let bench = Bench::new().await;
    let genres = Some(["rock", "pop"].as_slice());
    let lists = || {
        [
            tracks("a9 - b8 ! c7"),
            ListRows::Albums(vec![album("x", 3), Row::Null, album("y", 9)]),
            ListRows::Artists(vec![artist("A", genres), artist("C", None)]),
            playlists(&[playlist("p", "s1", 3), playlist("q", "s1", 0)]),
        ]
    };
    for rows in lists() {
        bench.walk(rows, true).await;
    }
    bench.watch_writes().await;
    for rows in lists() {
        let entity = rows.entity();
        assert_eq!(bench.walk(rows, false).await, Finished::Applied(Delta::default()), "{entity}");
    }
    assert!(bench.writes().await.is_empty(), "{:?}", bench.writes().await);
    assert_eq!(bench.stored().sync_state().set_aside_count().await.unwrap(), 1);
    let state = bench.state(Entity::Albums).await;
    assert_eq!((state.total_processed, state.total_remote), (3, Some(3)));
}

#[tokio::test]
async fn a_full_walk_finds_what_came_what_went_and_what_was_saved_again() {
    let bench = Bench::new().await;
    bench.walk(tracks("a9 b8 - c7 d6"), true).await;
    bench.watch_writes().await;
    let finished = bench.walk(tracks("d20 x10 a9 - c7"), false).await;
    let delta = Delta { added: 1, removed: 1, changed: 1 };
    assert_eq!(finished, Finished::Applied(delta));
    assert_eq!(saved_names(&bench).await, ["d", "x", "a", "c"]);
    assert_eq!(journal(&bench).await, ["removed b", "added x", "changed d"]);
    let details = bench.texts("select detail from v_library_changes order by id").await;
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(json(&details[0])["position"], 1);
    assert_eq!(json(&details[0])["added_at"], "2023-11-14T22:13:28Z");
    assert_eq!(json(&details[2])["position"], serde_json::json!([3, 0]));
    // Unchanged slots were not written: two slots were added, two were removed, one track was new.
    let writes = bench.writes().await;
    let of = |table: &str| writes.iter().filter(|what| *what == table).count();
    assert_eq!((of("saved_tracks"), of("tracks"), of("journal")), (4, 1, 3));

    let line = &bench.stored().history().journal_tail(1).await.unwrap()[0];
    assert_eq!((line.name.as_str(), line.change.as_str()), ("Song d", "changed"));
    assert_eq!(line.detail.as_deref(), Some("saved again"));
    assert_eq!(line.observed_at, at(60));
}

#[tokio::test]
async fn another_order_is_journalled_where_the_order_counts() {
    let bench = Bench::new().await;
    bench.walk(tracks("a9 b8 - c7"), true).await;
    let finished = bench.walk(tracks("- c7 a9 b8"), false).await;
    assert_eq!(finished, Finished::Applied(Delta { changed: 1, ..Delta::default() }));
    assert_eq!(saved_names(&bench).await, ["c", "a", "b"]);
    assert_eq!(bench.number("select ord from saved_tracks where track_id is null").await, 0);
    assert_eq!(journal(&bench).await, ["moved c"]);
    assert_eq!(bench.texts("select detail from library_changes").await, [r#"{"position":[2,0]}"#]);
    let finished = bench.walk(tracks("c7 a9 - b8"), false).await;
    assert_eq!(finished, Finished::Applied(Delta::default()), "null rows have no place of their own");

    bench.walk(ListRows::Albums(vec![album("x", 3), album("y", 2)]), true).await;
    let order = vec![album("y", 2), album("z", 1), album("x", 3)];
    bench.walk(ListRows::Albums(order), false).await;
    let albums = bench.texts("select album_id from v_saved_albums order by position").await;
    assert_eq!(albums, ["y", "z", "x"]);
    assert_eq!(journal(&bench).await, ["moved c", "added z"]);
}

#[tokio::test]
async fn rows_that_lost_their_place_go_behind_everything_staged() {
    let bench = Bench::new().await;
    bench.begin(Entity::Tracks, Mode::Initial).await;
    bench.page(tracks("a9 b8 c7"), 0, true).await;
    // Two rows above were removed; the reader goes back without knowing.
    let committed = bench.page(tracks("d6 e5 f4"), 2, true).await;
    assert_eq!(committed, CommittedPage { fresh: 3, staged: 6 });
    assert_eq!(saved_names(&bench).await, ["a", "b", "c", "d", "e", "f"]);
}

#[tokio::test]
async fn a_walk_begun_anew_forgets_what_was_staged() {
    let bench = Bench::new().await;
    bench.walk(tracks("a9 b8"), true).await;
    bench.begin(Entity::Tracks, Mode::Full).await;
    bench.page(tracks("x1"), 0, false).await;
    bench.begin(Entity::Tracks, Mode::Full).await;
    assert_eq!(bench.stored().library().staged_slots(Entity::Tracks).await.unwrap(), 0);
    bench.page(tracks("a9 b8"), 0, false).await;
    assert_eq!(bench.finish(Entity::Tracks, false, 2).await, Finished::Applied(Delta::default()));
}

#[tokio::test]
async fn what_an_answer_leaves_out_overwrites_nothing() {
    let bench = Bench::new().await;
    bench.walk(tracks("a9"), true).await;
    bench.walk(ListRows::Artists(vec![artist("A", Some(&["rock", "pop"]))]), true).await;
    let mut bare = track("a");
    bare.name = String::new();
    bare.artists = Vec::new();
    bare.album = None;
    (bare.isrc, bare.duration_ms, bare.explicit) = (None, None, None);
    let row = Row::Readable(Saved { added_at: Some(at(9)), item: bare });
    bench.watch_writes().await;
    bench.walk(ListRows::Tracks(vec![row]), false).await;
    bench.walk(ListRows::Artists(vec![artist("A", None)]), false).await;
    assert!(bench.writes().await.is_empty());
    let rows: Vec<(String, String, String)> =
        bench.rows("select name, artists, isrc from v_saved_tracks").await;
    assert_eq!(rows, [("Song a".to_owned(), "A, B".to_owned(), "ISRCa".to_owned())]);
    assert_eq!(bench.texts("select genres from v_followed_artists").await, ["rock, pop"]);
}

#[tokio::test]
async fn fewer_artists_on_a_track_are_fewer() {
    let bench = Bench::new().await;
    bench.walk(tracks("a9"), true).await;
    let mut alone = track("a");
    alone.artists.pop();
    let row = Row::Readable(Saved { added_at: Some(at(9)), item: alone });
    bench.walk(ListRows::Tracks(vec![row]), false).await;
    assert_eq!(bench.texts("select value ->> 1 from tracks, json_each(credits)").await, ["A"]);
    assert_eq!(bench.texts("select artists from v_saved_tracks").await, ["A"]);
}

#[tokio::test]
async fn the_brake_holds_from_26_rows_and_more_than_a_twentieth_on() {
    for (known, gone, braked) in
        [(100, 25, false), (100, 26, true), (519, 26, true), (520, 26, false), (10, 10, true), (1, 1, true)]
    {
        let bench = Bench::new().await;
        bench.walk(many_tracks(0..known), true).await;
        let finished = bench.walk(many_tracks(gone..known), false).await;
        let case = format!("{gone} of {known}");
        assert_eq!(matches!(finished, Finished::Braked { .. }), braked, "{case}");
        let left = bench.number("select count(*) from v_saved_tracks").await;
        assert_eq!(left, if braked { known } else { known - gone }, "{case}");
    }
}

#[tokio::test]
async fn a_braked_list_keeps_everything_until_a_person_allows_as_many() {
    let bench = Bench::new().await;
    bench.walk(many_tracks(0..100), true).await;
    let finished = bench.walk(many_tracks(30..100), false).await;
    assert_eq!(finished, Finished::Braked { gone: 30, known: 100 });
    let state = bench.state(Entity::Tracks).await;
    assert_eq!((state.state, state.braked_removals), (EntityState::Braked, Some(30)));
    assert_eq!((state.cursor, state.total_remote), (None, Some(70)));
    assert_eq!(bench.number("select count(*) from staged").await, 0);
    assert!(journal(&bench).await.is_empty());

    bench.begin(Entity::Tracks, Mode::Full).await;
    bench.page(many_tracks(31..100), 0, false).await;
    let more = bench.finish_allowing(Entity::Tracks, false, 69, Some(30)).await;
    assert_eq!(more, Finished::Braked { gone: 31, known: 100 });

    bench.begin(Entity::Tracks, Mode::Full).await;
    bench.page(many_tracks(30..100), 0, false).await;
    let allowed = bench.finish_allowing(Entity::Tracks, false, 70, Some(30)).await;
    let delta = Delta { removed: 30, ..Delta::default() };
    assert_eq!(allowed, Finished::Applied(delta));
    let state = bench.state(Entity::Tracks).await;
    assert_eq!((state.state, state.braked_removals), (EntityState::Idle, None));
}
