//! The list of playlists, and the contents of each.

use super::*;

fn slot(content: PlaylistContent) -> Row<PlaylistItem> {
    Row::Readable(PlaylistItem { added_at: Some(at(5)), added_by: Some("ann".to_owned()), content })
}

/// `a` is track a, `E` an episode, `L` a local file, `-` an unreadable slot, `!` a rejected row.
pub(super) fn items(text: &str) -> Vec<Row<PlaylistItem>> {
    let row = |word: char| match word {
        'E' => slot(PlaylistContent::Episode(Episode {
            id: EpisodeId::new("e1"),
            uri: "spotify:episode:e1".to_owned(),
            name: "Episode".to_owned(),
            show_name: Some("Show".to_owned()),
            duration_ms: None,
        })),
        'L' => {
            let uri = "spotify:local:A:B:C:10";
            let mut local = track("local");
            (local.id, local.uri) = (TrackId::new(uri), uri.to_owned());
            (local.album, local.is_local) = (None, true);
            local.artists[0].id = None;
            slot(PlaylistContent::Local(local))
        }
        '-' => slot(PlaylistContent::Unavailable),
        '!' => unreadable("[1]"),
        name => slot(PlaylistContent::Track(track(&name.to_string()))),
    };
    text.chars().map(row).collect()
}

pub(super) fn page(
    first_position: u32,
    rows: Vec<Row<PlaylistItem>>,
    last: Option<(&str, u32)>,
) -> ContentsPage {
    ContentsPage {
        playlist: PlaylistId::new("p"),
        first_position,
        rows,
        last: last.map(|(snapshot, total)| LastContentsPage {
            is_doubtful: false,
            listed: Some(total),
            may_shrink: true,
            snapshot_id: Some(SnapshotId::new(snapshot)),
            total,
            at: at(70),
        }),
        checkpoint: checkpoint(Mode::Initial, 2),
    }
}

pub(super) async fn commit(bench: &Bench, page: &ContentsPage) -> ContentsCommitted {
    bench.stored().playlists().commit_contents(bench.run, page).await.unwrap().outcome
}

/// Reads a list in one page.
pub(super) async fn read(bench: &Bench, snapshot: &str, text: &str) -> ContentsCommitted {
    let total = u32::try_from(text.len()).unwrap();
    commit(bench, &page(0, items(text), Some((snapshot, total)))).await
}

async fn contents(bench: &Bench) -> String {
    let sql = "select coalesce(item_key, '-') from playlist_items order by ord";
    bench.texts(sql).await.join(" ")
}

async fn todo(bench: &Bench, everything: bool) -> Vec<String> {
    let jobs = bench.stored().playlists().contents_todo(at(100), everything).await.unwrap();
    jobs.iter().map(|job| format!("{} {}", job.id, job.state)).collect()
}

pub(super) async fn listed(lists: &[Playlist]) -> Bench {
    let bench = Bench::new().await;
    bench.walk(playlists(lists), true).await;
    bench
}

/// The columns of one row of a view.
type Shown = (i64, String, Option<String>, Option<String>, Option<String>, Option<String>, Option<String>);

#[tokio::test]
async fn every_kind_of_slot_keeps_its_place() {
    let bench = listed(&[playlist("p", "s1", 7)]).await;
    let stored = read(&bench, "s1", "aE-L!ab").await;
    let delta = Delta { added: 7, ..Delta::default() };
    assert_eq!(stored, ContentsCommitted::Stored(delta));
    let rows: Vec<Shown> = bench
        .rows("select position, kind, item_id, uri, name, artists, added_at from v_playlist_items order by position")
        .await;
    let row = |index: usize| {
        let (position, kind, id, uri, name, artists, _) = rows[index].clone();
        let text = |value: Option<String>| value.unwrap_or_else(|| "null".to_owned());
        format!("{position} {kind} {} {} {} {}", text(id), text(uri), text(name), text(artists))
    };
    assert_eq!(row(0), "0 track a spotify:track:a Song a A, B");
    assert_eq!(row(1), "1 episode e1 spotify:episode:e1 Episode Show");
    assert_eq!(row(2), "2 unavailable null null null null");
    assert_eq!(row(3), "3 local null spotify:local:A:B:C:10 Song local A, B");
    assert_eq!(row(4), "4 unavailable null null null null");
    assert_eq!(row(5), "5 track a spotify:track:a Song a A, B");
    assert_eq!(rows[0].6.as_deref(), Some("2023-11-14T22:13:25Z"));
    assert_eq!(bench.texts("select context from set_aside").await, ["p"]);
    assert!(journal(&bench).await.is_empty());
}

#[tokio::test]
async fn contents_are_read_again_when_the_listed_version_is_another() {
    let bench = listed(&[playlist("p", "s1", 1), playlist("q", "s1", 1)]).await;
    assert_eq!(todo(&bench, false).await, ["p pending", "q pending"]);
    read(&bench, "s1", "a").await;
    assert_eq!(todo(&bench, false).await, ["q pending"]);
    bench.walk(playlists(&[playlist("p", "s1", 1), playlist("q", "s1", 1)]), false).await;
    assert_eq!(todo(&bench, false).await, ["q pending"]);
    bench.walk(playlists(&[playlist("p", "s2", 1), playlist("q", "s1", 1)]), false).await;
    assert_eq!(todo(&bench, false).await, ["p pending", "q pending"]);

    let mut nameless = playlist("p", "", 1);
    nameless.snapshot_id = None;
    read(&bench, "s2", "a").await;
    bench.walk(playlists(&[nameless, playlist("q", "s1", 1)]), false).await;
    assert_eq!(todo(&bench, false).await, ["p pending", "q pending"], "no version is always another");
}

#[tokio::test]
async fn a_new_version_is_journalled_by_slot_and_an_unchanged_one_not_at_all() {
    let bench = listed(&[playlist("p", "s1", 5)]).await;
    read(&bench, "s1", "abcab").await;
    bench.watch_writes().await;
    assert_eq!(read(&bench, "s2", "abcab").await, ContentsCommitted::Stored(Delta::default()));
    let only_the_list = bench.writes().await;
    assert_eq!(only_the_list, ["playlists"], "its version and time alone");

    let delta = Delta { added: 1, removed: 1, changed: 1 };
    assert_eq!(read(&bench, "s3", "babax").await, ContentsCommitted::Stored(delta));
    assert_eq!(contents(&bench).await, "b a b a x");
    let lines = journal(&bench).await;
    assert_eq!(lines.len(), 3);
    assert!(lines.contains(&"removed c".to_owned()) && lines.contains(&"added x".to_owned()), "{lines:?}");
    let tail = bench.stored().history().journal_tail(5).await.unwrap();
    assert!(tail.iter().all(|line| line.detail.as_deref().is_some_and(|words| words.starts_with("List p"))));
    let removed = bench.texts("select detail from library_changes where change = 'removed'").await;
    let removed: serde_json::Value = serde_json::from_str(&removed[0]).unwrap();
    assert_eq!(removed["playlist_id"], "p");
    assert_eq!((&removed["position"], &removed["added_by"]), (&2.into(), &"ann".into()));
}

#[tokio::test]
async fn a_list_of_many_pages_shows_only_when_it_is_whole() {
    let bench = listed(&[playlist("p", "s1", 5)]).await;
    read(&bench, "s0", "xy").await;
    assert_eq!(commit(&bench, &page(0, items("ab"), None)).await, ContentsCommitted::Staged);
    assert_eq!(commit(&bench, &page(2, items("c-"), None)).await, ContentsCommitted::Staged);
    assert_eq!(contents(&bench).await, "x y");
    assert_eq!(bench.state(Entity::PlaylistItems).await.total_processed, 2);
    // The page that was being read when the program died is read again.
    commit(&bench, &page(2, items("c-"), None)).await;
    let stored = commit(&bench, &page(4, items("e"), Some(("s1", 5)))).await;
    assert_eq!(stored, ContentsCommitted::Stored(Delta { added: 5, removed: 2, changed: 0 }));
    assert_eq!(contents(&bench).await, "a b c - e");
    assert_eq!(bench.number("select count(*) from staged_items").await, 0);
    let run = bench.stored().runs().last().await.unwrap().unwrap();
    assert_eq!((run.added, run.removed), (8, 2), "the list itself, two slots, then five for two");
}

const POORER: ContentsCommitted =
    ContentsCommitted::Doubted { delta: Delta { added: 0, removed: 0, changed: 0 }, is_known: false };

/// The state of `p`'s contents, and the reason.
async fn standing(bench: &Bench) -> String {
    let sql = "select contents_state || coalesce(': ' || contents_error, '') from playlists where playlist_id = 'p'";
    bench.texts(sql).await.concat()
}

/// The next run, with these listed playlists.
async fn next_run(bench: &mut Bench, lists: &[Playlist]) {
    bench.run = bench.stored().runs().begin(Mode::Incremental, Trigger::Cli, at(90)).await.unwrap().id;
    bench.walk(playlists(lists), false).await;
}

/// Reads `p` in one page, listed with this many slots.
async fn read_listed(bench: &Bench, listed: u32, text: &str) -> ContentsCommitted {
    let mut page = page(0, items(text), Some(("s2", u32::try_from(text.len()).unwrap())));
    page.last.as_mut().unwrap().listed = Some(listed);
    commit(bench, &page).await
}

#[tokio::test]
async fn a_list_that_contradicts_its_listing_loses_nothing_and_says_why() {
    let bench = listed(&[playlist("p", "s1", 3)]).await;
    read(&bench, "s1", "abc").await;
    for (listed, wrong) in [(3, "ab"), (3, ""), (4, "abx")] {
        assert_eq!(read_listed(&bench, listed, wrong).await, POORER);
        assert_eq!(contents(&bench).await, "a b c");
    }
    assert_eq!(
        standing(&bench).await,
        "failed: Spotify lists it with 4 items and shows 3; nothing is removed; a later sync tries again"
    );
    commit(&bench, &page(0, items("ab"), None)).await;
    assert_eq!(commit(&bench, &page(3, items("d"), Some(("s2", 3)))).await, POORER, "there is a hole in it");
    assert_eq!(contents(&bench).await, "a b c");
    assert_eq!(bench.number("select count(*) from staged_items").await, 0);
    let delta = Delta { removed: 3, ..Delta::default() };
    assert_eq!(read(&bench, "s2", "").await, ContentsCommitted::Stored(delta), "both say that it is empty");
}

#[tokio::test]
async fn what_contradicts_the_listing_is_believed_when_a_later_run_reads_the_same() {
    let mut bench = listed(&[playlist("p", "s1", 3)]).await;
    read(&bench, "s1", "abc").await;
    let lists = [playlist("p", "s2", 3)];
    next_run(&mut bench, &lists).await;
    assert_eq!(todo(&bench, false).await, ["p pending"]);
    assert_eq!(read_listed(&bench, 3, "ab").await, POORER);
    assert_eq!(read_listed(&bench, 3, "ab").await, POORER, "twice in one run is one time");
    next_run(&mut bench, &lists).await;
    assert_eq!(todo(&bench, false).await, ["p failed"], "the next run asks again");
    assert_eq!(read_listed(&bench, 3, "ac").await, POORER, "it is another");
    next_run(&mut bench, &lists).await;
    let delta = Delta { removed: 1, ..Delta::default() };
    assert_eq!(read_listed(&bench, 3, "ac").await, ContentsCommitted::Stored(delta));
    assert_eq!(standing(&bench).await, "complete");
    for _ in 0..3 {
        next_run(&mut bench, &lists).await;
        assert_eq!(todo(&bench, false).await, ["p complete"], "learnt, and a third of it is much");
        assert_eq!(read_listed(&bench, 3, "ac").await, ContentsCommitted::Stored(Delta::default()));
    }
    next_run(&mut bench, &lists).await;
    assert!(todo(&bench, false).await.is_empty(), "it is looked at once a day from now on");

    next_run(&mut bench, &[playlist("p", "s2", 2)]).await;
    assert!(todo(&bench, false).await.is_empty(), "as many as are stored");
    next_run(&mut bench, &[playlist("p", "s2", 1)]).await;
    assert_eq!(todo(&bench, false).await, ["p pending"], "another count under the same version");
    next_run(&mut bench, &[playlist("p", "s3", 4)]).await;
    let delta = Delta { added: 1, ..Delta::default() };
    assert_eq!(read_listed(&bench, 4, "acx").await, ContentsCommitted::Stored(delta));
    assert_eq!(standing(&bench).await, "complete");
}

#[tokio::test]
async fn a_listing_that_says_nothing_is_there_empties_nothing_and_is_over_when_it_is_as_it_was() {
    let mut bench = listed(&[playlist("p", "s1", 2)]).await;
    read(&bench, "s1", "ab").await;
    next_run(&mut bench, &[playlist("p", "s1", 0)]).await;
    assert_eq!(todo(&bench, false).await, ["p pending"]);
    let known = ContentsCommitted::Doubted { delta: Delta::default(), is_known: true };
    assert_eq!(read_listed(&bench, 0, "ab").await, known);
    assert!(standing(&bench).await.starts_with("failed: Spotify lists it with 0 items and shows 2"));
    next_run(&mut bench, &[playlist("p", "s1", 2)]).await;
    assert_eq!(standing(&bench).await, "complete");
    assert!(todo(&bench, false).await.is_empty());
    assert!(journal(&bench).await.is_empty());
}

#[tokio::test]
async fn a_first_reading_that_contradicts_the_listing_is_kept_and_is_no_baseline() {
    let mut bench = listed(&[playlist("p", "s1", 3)]).await;
    assert!(matches!(read_listed(&bench, 3, "a").await, ContentsCommitted::Doubted { is_known: true, .. }));
    assert_eq!(contents(&bench).await, "a");
    assert!(standing(&bench).await.starts_with("failed"));
    assert_eq!(read_listed(&bench, 3, "b").await, POORER);
    next_run(&mut bench, &[playlist("p", "s1", 3)]).await;
    read(&bench, "s1", "abc").await;
    assert_eq!((contents(&bench).await.as_str(), standing(&bench).await.as_str()), ("a b c", "complete"));
    assert!(journal(&bench).await.is_empty(), "two of three were not added since");
}

#[tokio::test]
async fn a_list_that_got_shorter_waits_for_the_end_of_its_run() {
    let bench = listed(&[playlist("p", "s1", 3)]).await;
    read(&bench, "s1", "abc").await;
    let mut shorter = page(0, items("b"), Some(("s2", 1)));
    shorter.last.as_mut().unwrap().may_shrink = false;
    assert_eq!(commit(&bench, &shorter).await, ContentsCommitted::Shorter { by: 2, slots: 1 });
    assert_eq!(contents(&bench).await, "a b c");
    let let_in = page(1, items(""), Some(("s2", 1)));
    let delta = Delta { removed: 2, ..Delta::default() };
    assert_eq!(commit(&bench, &let_in).await, ContentsCommitted::Stored(delta));
    assert_eq!(contents(&bench).await, "b");
}

#[tokio::test]
async fn a_place_that_cannot_be_read_keeps_what_stood_there_and_is_asked_for_again() {
    let bench = listed(&[playlist("p", "s1", 4)]).await;
    let slot = || slot(PlaylistContent::Unread);
    let rows = |text: &str, at: usize| {
        let mut rows = items(text);
        rows.insert(at, slot());
        rows
    };
    let places =
        async || bench.stored().library().unreadable_places(Entity::PlaylistItems).await.unwrap().remove("p");
    commit(&bench, &page(0, rows("abd", 2), Some(("s1", 4)))).await;
    let kinds = bench.texts("select kind from v_playlist_items order by position").await;
    assert_eq!(kinds, ["track", "track", "unavailable", "track"]);
    assert_eq!(places().await, Some(vec![2]));
    let due = async |day: i64| {
        bench.stored().playlists().contents_todo(at(70 + day * 86_400), false).await.unwrap()
    };
    assert!(due(0).await.is_empty() && due(1).await.len() == 1);

    read(&bench, "s2", "abcd").await;
    assert_eq!(places().await, None);
    commit(&bench, &page(0, rows("abd", 2), Some(("s3", 4)))).await;
    assert_eq!(contents(&bench).await, "a b c d");
    commit(&bench, &page(0, rows("cad", 2), Some(("s4", 4)))).await;
    assert_eq!(contents(&bench).await, "c a b d", "b stood behind a, and was not read elsewhere");
}

#[tokio::test]
async fn what_an_answer_leaves_out_is_kept_as_it_was() {
    let shared = Playlist { collaborative: Some(true), ..playlist("p", "s1", 1) };
    let mut bench = listed(&[shared.clone(), playlist("q", "s1", 1)]).await;
    let nameless = |list: &Playlist| Playlist {
        name: String::new(),
        owner_id: String::new(),
        collaborative: None,
        ..list.clone()
    };
    let lists = [shared, playlist("q", "s1", 1)];
    let told = "select name || ' ' || owner_id || ' ' || collaborative from playlists order by ord";
    let before = bench.texts(told).await;
    next_run(&mut bench, &lists.each_ref().map(nameless)).await;
    assert_eq!(bench.texts(told).await, before);
    next_run(&mut bench, &lists).await;
    assert!(journal(&bench).await.is_empty());

    let unknown = Playlist { owner_id: String::new(), ..playlist("new", "s1", 1) };
    let [p, q] = lists;
    next_run(&mut bench, &[p.clone(), q.clone(), unknown.clone()]).await;
    next_run(&mut bench, &[p, q, Playlist { owner_id: "ann".to_owned(), ..unknown }]).await;
    assert_eq!(journal(&bench).await, ["added new"], "whose it is was told for the first time");
}

#[tokio::test]
async fn lists_of_ones_own_are_never_hidden() {
    let foreign = Playlist { owner_id: "bob".to_owned(), ..playlist("f", "s1", 1) };
    let shared =
        Playlist { collaborative: Some(true), ..Playlist { id: PlaylistId::new("s"), ..foreign.clone() } };
    let bench = listed(&[playlist("p", "s1", 1), foreign, shared]).await;
    for list in ["p", "f", "s"] {
        bench.mark_contents(&PlaylistId::new(list), ContentsState::Hidden).await;
    }
    bench.stored().playlists().show_own_lists().await.unwrap();
    assert_eq!(todo(&bench, false).await, ["p pending", "s pending"]);
}

#[tokio::test]
async fn hidden_lists_are_asked_again_only_when_something_speaks_for_it() {
    let mut foreign = playlist("p", "s1", 3);
    foreign.owner_id = "bob".to_owned();
    let bench = listed(&[foreign.clone()]).await;
    let hide = || bench.mark_contents(&foreign.id, ContentsState::Hidden);
    hide().await;
    foreign.snapshot_id = Some(SnapshotId::new("s2"));
    bench.walk(playlists(&[foreign.clone()]), false).await;
    assert!(todo(&bench, false).await.is_empty());
    bench.stored().playlists().start_contents_generation().await.unwrap();
    assert_eq!(todo(&bench, true).await, ["p hidden"], "a full resync asks for everything");

    let mut shared = foreign.clone();
    shared.collaborative = Some(true);
    bench.walk(playlists(&[shared]), false).await;
    assert_eq!(todo(&bench, false).await, ["p pending"]);

    bench.walk(playlists(&[foreign.clone()]), false).await;
    hide().await;
    let learn = |open, second| {
        let state = CapabilityState { open, checked_at: at(second) };
        bench.stored().capabilities().learn(Capability::ForeignContents, state)
    };
    learn(false, 1).await.unwrap();
    assert!(todo(&bench, false).await.is_empty());
    learn(true, 2).await.unwrap();
    assert_eq!(todo(&bench, false).await, ["p pending"]);
    let known = bench.stored().capabilities().of(Capability::ForeignContents).await.unwrap();
    assert_eq!(known, Some(CapabilityState { open: true, checked_at: at(2) }));
    let items_path = bench.stored().capabilities().of(Capability::ItemsPath).await.unwrap();
    assert_eq!(items_path, None);
}

#[tokio::test]
async fn a_full_resync_reads_every_list_once_more_and_says_how_far_it_is() {
    let bench = listed(&[playlist("p", "s1", 2), playlist("q", "s1", 3)]).await;
    let progress = || bench.stored().playlists().contents_progress();
    assert_eq!(progress().await.unwrap(), (0, 5));
    read(&bench, "s1", "ab").await;
    assert_eq!(progress().await.unwrap(), (2, 5));
    let finish = FinishContents { at: at(80), next_due_at: Some(at(99)), is_success: true };
    let end = || bench.stored().playlists().finish_contents(bench.run, &finish);
    end().await.unwrap();
    let state = bench.state(Entity::PlaylistItems).await;
    assert!(!state.is_initial_complete && state.last_synced_at.is_none());
    assert_eq!((state.mode, state.total_processed, state.total_remote), (Mode::Initial, 2, Some(5)));

    let q = PlaylistId::new("q");
    bench.mark_contents(&q, ContentsState::Failed).await;
    end().await.unwrap();
    let state = bench.state(Entity::PlaylistItems).await;
    assert!(state.is_initial_complete && state.last_synced_at == Some(at(80)), "it holds up nothing");
    assert_eq!(state.last_error.as_deref(), Some("one playlist is kept as it was; List q: a reason"));
    assert_eq!(todo(&bench, false).await, ["q failed"]);

    let rest = ContentsPage { playlist: q, ..page(0, items("abc"), Some(("s1", 3))) };
    commit(&bench, &rest).await;
    end().await.unwrap();
    let state = bench.state(Entity::PlaylistItems).await;
    assert_eq!((state.last_synced_at, state.next_due_at), (Some(at(80)), Some(at(99))));
    assert_eq!((state.state, state.mode, state.cursor), (EntityState::Idle, Mode::Incremental, None));
    assert_eq!((state.total_processed, state.total_remote, state.last_added), (5, Some(5), 5));

    bench.stored().playlists().start_contents_generation().await.unwrap();
    assert_eq!(todo(&bench, true).await, ["p complete", "q complete"]);
    assert!(todo(&bench, false).await.is_empty());
    assert_eq!(progress().await.unwrap(), (0, 5));
    read(&bench, "s1", "ab").await;
    assert_eq!(todo(&bench, true).await, ["q complete"]);
    assert_eq!(progress().await.unwrap(), (2, 5));
}

#[tokio::test]
async fn the_counters_of_contents_speak_of_one_run() {
    let bench = listed(&[playlist("p", "s1", 2)]).await;
    read(&bench, "s1", "ab").await;
    let finish = FinishContents { at: at(80), next_due_at: None, is_success: true };
    let next = bench.stored().runs().begin(Mode::Incremental, Trigger::Key, at(90)).await.unwrap().id;
    bench.stored().playlists().finish_contents(next, &finish).await.unwrap();
    assert_eq!(bench.state(Entity::PlaylistItems).await.last_added, 0);
}

#[tokio::test]
async fn lists_that_go_keep_their_contents_and_may_come_back() {
    let bench = listed(&[playlist("p", "s1", 1), playlist("q", "s1", 0)]).await;
    read(&bench, "s1", "a").await;
    let gone = bench.walk(playlists(&[playlist("q", "s1", 0)]), false).await;
    assert_eq!(gone, Finished::Applied(Delta { removed: 1, ..Delta::default() }));
    assert_eq!(bench.texts("select playlist_id from v_playlists").await, ["q"]);
    assert_eq!(bench.number("select count(*) from v_playlist_items").await, 0);
    assert_eq!(contents(&bench).await, "a");
    assert_eq!(
        bench.texts("select removed_at from playlists where playlist_id = 'p'").await,
        ["2023-11-14T22:14:20.000Z"]
    );
    let kept = bench.stored().playlists().unlisted_contents().await.unwrap();
    let kept = kept.iter().map(|list| (list.id.as_str(), list.state, list.snapshot_id.as_ref()));
    let version = SnapshotId::new("s1");
    assert!(kept.eq([("p", ContentsState::Complete, Some(&version))]), "what a return is held against");
    bench.walk(playlists(&[playlist("p", "s1", 1), playlist("q", "s1", 0)]), false).await;
    assert_eq!(journal(&bench).await, ["removed p", "added p"]);
    assert_eq!(bench.number("select count(*) from v_playlist_items").await, 1);
    assert_eq!(todo(&bench, false).await, ["q pending"], "the version that is stored is the one listed");
}

#[tokio::test]
async fn what_a_list_says_of_itself_and_its_place_are_journalled() {
    let (p, q, r) = (playlist("p", "s1", 1), playlist("q", "s1", 1), playlist("r", "s1", 1));
    let bench = listed(&[p.clone(), q.clone(), r.clone()]).await;
    let mut renamed = q.clone();
    renamed.name = "Other".to_owned();
    renamed.public = None;
    renamed.snapshot_id = Some(SnapshotId::new("s2"));
    let finished = bench.walk(playlists(&[r, p, renamed]), false).await;
    assert_eq!(finished, Finished::Applied(Delta { changed: 2, ..Delta::default() }));
    assert_eq!(journal(&bench).await, ["changed q", "moved r"]);
    let tail = bench.stored().history().journal_tail(2).await.unwrap();
    assert_eq!((tail[1].name.as_str(), tail[1].detail.as_deref()), ("Other", Some("was List q")));
    let detail = bench.texts("select detail from library_changes order by id").await;
    assert_eq!(detail[0], r#"{"changes":{"name":["List q","Other"]}}"#);
    assert_eq!(detail[1], r#"{"position":[2,0]}"#);
    let places = bench.texts("select playlist_id from v_playlists order by position").await;
    assert_eq!(places, ["r", "p", "q"]);
    assert_eq!(bench.number("select public from playlists where playlist_id = 'q'").await, 1);
}
