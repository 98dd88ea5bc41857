//! Which artists are described, and what an answer stores.

use super::*;

/// A track by these artists.
fn by(name: &str, artists: &[&str]) -> Track {
    Track { artists: artists.iter().map(|name| artist_ref(name)).collect(), album: None, ..track(name) }
}

fn saved_by(name: &str, second: i64, artists: &[&str]) -> Row<Saved<Track>> {
    Row::Readable(Saved { added_at: Some(at(second)), item: by(name, artists) })
}

/// Artists are called `artist-NAME`; this returns only their names.
async fn todo_at(bench: &Bench, now: DateTime<Utc>) -> String {
    let todo = bench.stored().details().todo(now, None).await.unwrap();
    names(&todo.artists)
}

fn names(ids: &[ArtistId]) -> String {
    ids.iter().map(|id| id.as_str().trim_start_matches("artist-")).collect::<Vec<_>>().join(" ")
}

fn ids(names: &str) -> Vec<ArtistId> {
    names.split_whitespace().map(|name| ArtistId::new(format!("artist-{name}"))).collect()
}

fn answer(asked: &str, rows: Vec<Row<Artist>>, second: i64) -> DetailsAnswer {
    DetailsAnswer { asked: ids(asked), rows, at: at(second), checkpoint: checkpoint(Mode::Initial, 0) }
}

async fn commit(bench: &Bench, answer: &DetailsAnswer) -> Delta {
    bench.stored().details().commit(bench.run, answer).await.unwrap().outcome
}

fn in_full(name: &str, genres: &[&str]) -> Row<Artist> {
    let Row::Readable(mut artist) = artist(name, Some(genres)) else { unreachable!() };
    artist.pictures = Some(vec![format!("https://i.example/{name}")]);
    Row::Readable(artist)
}

async fn play(bench: &Bench, plays: &[(i64, Track)]) {
    let row = |(second, track): &(i64, Track)| {
        Row::Readable(Play { played_at: at(*second), what: Played::Track(track.clone()), context_uri: None })
    };
    let rows: Vec<_> = plays.iter().map(row).collect();
    let poll = Poll { polled_at: at(900), rows: &rows, next_due_at: None };
    bench.stored().plays().commit_poll(&poll).await.unwrap();
}

#[tokio::test]
async fn the_most_played_come_first_and_those_of_playlists_last() {
    let bench = Bench::new().await;
    let rows = vec![
        saved_by("1", 9, &["twice", "once"]),
        saved_by("2", 8, &["twice"]),
        Row::Null,
        saved_by("3", 7, &["played"]),
    ];
    bench.walk(ListRows::Tracks(rows), true).await;
    bench.walk(ListRows::Albums(vec![album("x", 3)]), true).await;
    bench.walk(ListRows::Artists(vec![artist("followed", None)]), true).await;
    bench.walk(playlists(&[playlist("p", "s1", 3), playlist("gone", "s1", 1)]), true).await;
    let mut local = by("spotify:local:a", &["listed"]);
    local.artists[0].id = None;
    let slot = |content| Row::Readable(PlaylistItem { added_at: None, added_by: None, content });
    let contents = |list: &str, rows: Vec<_>| ContentsPage {
        playlist: PlaylistId::new(list),
        first_position: 0,
        last: Some(LastContentsPage {
            is_doubtful: false,
            listed: Some(len(&rows)),
            may_shrink: true,
            snapshot_id: None,
            total: len(&rows),
            at: at(70),
        }),
        rows,
        checkpoint: checkpoint(Mode::Initial, 1),
    };
    let rows = vec![
        slot(PlaylistContent::Track(by("4", &["listed"]))),
        slot(PlaylistContent::Local(local)),
        slot(PlaylistContent::Track(by("4", &["listed"]))),
        slot(PlaylistContent::Track(by("5", &["listed", "listed-less"]))),
    ];
    for page in [
        contents("p", rows),
        contents("gone", vec![slot(PlaylistContent::Track(by("6", &["of-a-list-that-went"])))]),
    ] {
        bench.stored().playlists().commit_contents(bench.run, &page).await.unwrap();
    }
    bench.walk(playlists(&[playlist("p", "s1", 3)]), false).await;
    let other = by("7", &["heard-only", "listed-less"]);
    play(&bench, &[(1, by("3", &["played"])), (2, by("3", &["played"])), (3, other)]).await;

    // `A` is the artist of the album.
    let order = "played twice A followed once listed-less listed";
    assert_eq!(todo_at(&bench, at(1000)).await, order);
    let todo = bench.stored().details().todo(at(1000), None).await.unwrap();
    assert_eq!((todo.described, todo.total), (0, 7));

    // An artist is requested again when its description is old, after all artists without one.
    commit(&bench, &answer("played once", vec![in_full("played", &["jazz"]), Row::Null], 0)).await;
    assert_eq!(todo_at(&bench, at(1000)).await, "twice A followed listed-less listed");
    let aged = todo_at(&bench, at(91 * 86_400)).await;
    assert_eq!(aged, "twice A followed listed-less listed played once");
    let everybody = bench.stored().details().todo(at(1000), Some(at(1))).await.unwrap();
    assert_eq!((names(&everybody.artists), everybody.described), (aged, 2));
}

fn len<T>(rows: &[T]) -> u32 {
    u32::try_from(rows.len()).unwrap()
}

#[tokio::test]
async fn an_answer_describes_all_who_were_asked_for_and_never_overwrites_with_nothing() {
    let bench = Bench::new().await;
    bench.walk(ListRows::Artists("a b c d".split(' ').map(|name| artist(name, None)).collect()), true).await;
    bench.begin(Entity::Details, Mode::Initial).await;
    let silent = artist("c", None);
    let rows = vec![in_full("a", &["rock", "pop"]), Row::Null, silent.clone(), unreadable("{}")];
    let delta = commit(&bench, &answer("a b c d", rows, 5)).await;
    assert_eq!(delta, Delta { added: 4, ..Delta::default() });
    let described = "select artist_id || ' ' || details_at || ' ' || coalesce(genres, '-') from artists";
    let at_5 = "2023-11-14T22:13:25.000Z";
    assert_eq!(
        bench.texts(described).await,
        [
            format!("artist-a {at_5} [\"rock\",\"pop\"]"),
            format!("artist-b {at_5} -"),
            format!("artist-c {at_5} -"),
            format!("artist-d {at_5} -"),
        ]
    );
    let genres = "select coalesce(genres, '-') from v_followed_artists order by position";
    assert_eq!(bench.texts(genres).await, ["rock, pop", "-", "-", "-"]);
    assert_eq!(bench.texts("select raw from set_aside").await, ["{}"]);
    let state = bench.state(Entity::Details).await;
    assert_eq!((state.total_processed, state.last_added, state.cursor.is_some()), (4, 4, true));
    assert_eq!(bench.stored().runs().last().await.unwrap().unwrap().added, 4, "only the list");

    // An answer that omits every field leaves everything unchanged, except the time.
    let rows = vec![artist("a", None), silent];
    let delta = commit(&bench, &DetailsAnswer { at: at(9), ..answer("a c", rows, 9) }).await;
    assert_eq!(delta, Delta { changed: 2, ..Delta::default() });
    assert_eq!(bench.texts(genres).await[0], "rock, pop");
    assert_eq!(bench.texts("select image_url from artists where image_url is not null").await.len(), 1);
    assert_eq!(bench.number("select count(*) from artists where details_at like '%:29.000Z'").await, 2);
}

#[tokio::test]
async fn who_the_list_of_artists_tells_in_full_need_not_be_asked_for() {
    let mut bench = Bench::new().await;
    let list = |rows: Vec<Row<Artist>>| ListRows::Artists(rows);
    bench.walk(list(vec![in_full("a", &[]), artist("b", Some(&["jazz"]))]), true).await;
    assert_eq!(todo_at(&bench, at(1)).await, "b", "of b no pictures were told");
    bench.watch_writes().await;
    bench.walk(list(vec![in_full("a", &[]), artist("b", Some(&["jazz"]))]), false).await;
    assert_eq!(bench.writes().await, Vec::<String>::new(), "a walk that tells the same writes nothing");

    // A month later it stores that they are still described.
    let later = at(31 * 86_400);
    bench.run = bench.stored().runs().begin(Mode::Incremental, Trigger::Key, later).await.unwrap().id;
    bench.walk(list(vec![in_full("a", &[]), artist("b", Some(&["jazz"]))]), false).await;
    let aged = at(95 * 86_400);
    assert_eq!(todo_at(&bench, aged).await, "b", "64 days after the last walk");
}

#[tokio::test]
async fn what_was_described_on_one_day_is_due_again_over_three_weeks() {
    let bench = Bench::new().await;
    let alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let names: Vec<String> =
        alphabet.chars().flat_map(|a| alphabet.chars().step_by(6).map(move |b| format!("{a}{b}"))).collect();
    let rows = names.iter().map(|name| artist(name, None)).collect();
    bench.walk(ListRows::Artists(rows), true).await;
    commit(&bench, &answer(&names.join(" "), Vec::new(), 0)).await;
    let mut due = Vec::new();
    for day in 66..=92 {
        let todo = bench.stored().details().todo(at(day * 86_400 + 1), None).await.unwrap();
        due.push(todo.artists.len());
    }
    assert_eq!((due[0], due[1], due[25], due[26]), (0, 0, names.len(), names.len()), "{due:?}");
    let most = due.windows(2).map(|days| days[1] - days[0]).max().unwrap();
    assert!(most <= names.len() / 12, "{most} of {} in one day: {due:?}", names.len());
}

#[tokio::test]
async fn a_turn_ends_as_it_is_told() {
    let bench = Bench::new().await;
    bench.begin(Entity::Details, Mode::Initial).await;
    let finish = FinishDetails {
        described: 3,
        total: 9,
        whole: false,
        reason: Some("used up".to_owned()),
        at: at(5),
        next_due_at: Some(at(50)),
    };
    bench.stored().details().finish(&finish).await.unwrap();
    let state = bench.state(Entity::Details).await;
    assert_eq!(
        (state.state, state.mode, state.is_initial_complete),
        (EntityState::Idle, Mode::Initial, false)
    );
    assert_eq!((state.total_processed, state.total_remote), (3, Some(9)));
    assert_eq!((state.last_error.as_deref(), state.last_synced_at), (Some("used up"), None));
    assert_eq!(state.next_due_at, Some(at(50)));
    assert!(state.cursor.is_some(), "what the last answers lacked is remembered");

    // It was a turn if it described any artist, although not all of them.
    commit(&bench, &answer("", Vec::new(), 1)).await;
    bench.stored().details().finish(&finish).await.unwrap();
    assert_eq!(bench.state(Entity::Details).await.last_synced_at, None, "nobody was described");
    bench.walk(ListRows::Artists(vec![artist("a", None)]), true).await;
    commit(&bench, &answer("a", vec![in_full("a", &[])], 2)).await;
    bench.stored().details().finish(&finish).await.unwrap();
    let state = bench.state(Entity::Details).await;
    assert_eq!((state.last_synced_at, state.is_initial_complete), (Some(at(5)), false));

    let whole = FinishDetails { described: 9, whole: true, reason: None, at: at(6), ..finish };
    bench.stored().details().finish(&whole).await.unwrap();
    let state = bench.state(Entity::Details).await;
    assert_eq!((state.mode, state.is_initial_complete), (Mode::Incremental, true));
    assert_eq!((state.last_error, state.last_synced_at), (None, Some(at(6))));
}

#[tokio::test]
async fn what_was_learnt_is_told_in_one_list() {
    let bench = Bench::new().await;
    let learn = |name, open, second| {
        bench.stored().capabilities().learn(name, CapabilityState { open, checked_at: at(second) })
    };
    learn(Capability::ArtistGenres, false, 3).await.unwrap();
    learn(Capability::ItemsPath, true, 1).await.unwrap();
    learn(Capability::ArtistGenres, true, 4).await.unwrap();
    let learnt = bench.stored().capabilities().all().await.unwrap();
    let state = |second| CapabilityState { open: true, checked_at: at(second) };
    assert_eq!(learnt, [(Capability::ItemsPath, state(1)), (Capability::ArtistGenres, state(4))]);
}

#[tokio::test]
async fn a_description_by_a_clock_that_was_ahead_ages_from_its_correction_on() {
    let bench = Bench::new().await;
    bench.walk(ListRows::Tracks(vec![saved_by("1", 0, &["early"])]), true).await;
    commit(&bench, &answer("early", vec![in_full("early", &["jazz"])], 400 * 86_400)).await;
    assert_eq!(todo_at(&bench, at(1000)).await, "", "it was described");
    let everybody = bench.stored().details().todo(at(1000), Some(at(900))).await.unwrap();
    assert_eq!(names(&everybody.artists), "early", "not since then");

    bench.stored().details().correct_later(at(1000)).await.unwrap();
    assert_eq!(todo_at(&bench, at(1000)).await, "");
    assert_eq!(todo_at(&bench, at(1000 + 91 * 86_400)).await, "early", "that was 91 days ago");
}

#[tokio::test]
async fn each_day_another_hidden_list_is_the_one_to_ask_for() {
    let bench = Bench::new().await;
    let foreign = |name: &str| Playlist { owner_id: "bob".to_owned(), ..playlist(name, "s1", 1) };
    let shared = Playlist { collaborative: Some(true), ..foreign("shared") };
    let lists = [foreign("a"), playlist("own", "s1", 1), foreign("b"), shared, foreign("c"), foreign("d")];
    bench.walk(playlists(&lists), true).await;
    let asked = |day: i64| bench.stored().playlists().a_hidden_list(at(day * 86_400));
    assert_eq!(asked(0).await.unwrap(), None);
    for list in ["a", "own", "b", "shared", "c"] {
        let id = PlaylistId::new(list);
        bench.mark_contents(&id, ContentsState::Hidden).await;
    }
    let mut days = Vec::new();
    for day in 0..6 {
        days.push(asked(day).await.unwrap().unwrap().id.to_string());
    }
    assert_eq!(days[..3], days[3..]);
    days.truncate(3);
    days.sort();
    assert_eq!(days, ["a", "b", "c"]);
}
