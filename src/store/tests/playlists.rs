//! The list of playlists, and the contents of each.

use super::*;

fn slot(content: PlaylistContent) -> Row<PlaylistItem> {
    Row::Readable(PlaylistItem { added_at: Some(at(5)), added_by: Some("ann".to_owned()), content })
}

/// `a` is track a, `E` an episode, `L` a local file, `-` an unreadable slot, `!` one set aside.
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
            before: None,
            snapshot_id: Some(SnapshotId::new(snapshot)),
            total,
            at: at(70),
        }),
        checkpoint: checkpoint(Mode::Initial, 2),
    }
}

pub(super) async fn commit(bench: &Bench, page: &ContentsPage) -> ContentsCommitted {
    bench.store.commit_contents(bench.account, bench.run, page).await.unwrap()
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
    let jobs = bench.store.contents_todo(bench.account, everything).await.unwrap();
    jobs.iter().map(|job| format!("{} {}", job.id, job.state)).collect()
}

pub(super) async fn listed(lists: &[Playlist]) -> Bench {
    let bench = Bench::new().await;
    bench.walk(playlists(lists), true).await;
    bench
}

/// What a view says of one row.
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
    let tail = bench.store.journal_tail(bench.account, 5).await.unwrap();
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
    // The page in flight when the program died is read once more.
    commit(&bench, &page(2, items("c-"), None)).await;
    let stored = commit(&bench, &page(4, items("e"), Some(("s1", 5)))).await;
    assert_eq!(stored, ContentsCommitted::Stored(Delta { added: 5, removed: 2, changed: 0 }));
    assert_eq!(contents(&bench).await, "a b c - e");
    assert_eq!(bench.number("select count(*) from staged_items").await, 0);
    let run = bench.store.last_run(bench.account).await.unwrap().unwrap();
    assert_eq!((run.added, run.removed), (8, 2), "the list itself, two slots, then five for two");
}

#[tokio::test]
async fn a_list_that_does_not_come_out_changes_nothing() {
    let bench = listed(&[playlist("p", "s1", 3)]).await;
    read(&bench, "s1", "abc").await;
    for wrong in [
        page(0, items("ab"), Some(("s2", 3))),
        page(0, items("abcd"), Some(("s2", 3))),
        page(1, items("bc"), Some(("s2", 3))),
        page(0, items(""), Some(("s2", 0))),
    ] {
        assert!(matches!(commit(&bench, &wrong).await, ContentsCommitted::Mismatch(_)));
    }
    commit(&bench, &page(0, items("ab"), None)).await;
    let hole = page(3, items("d"), Some(("s2", 3)));
    assert!(matches!(commit(&bench, &hole).await, ContentsCommitted::Mismatch(_)));
    assert_eq!(contents(&bench).await, "a b c");
    assert_eq!(bench.number("select count(*) from staged_items").await, 0);
    let emptied = playlist("p", "s2", 0);
    bench.walk(playlists(&[emptied]), false).await;
    let delta = Delta { removed: 3, ..Delta::default() };
    assert_eq!(read(&bench, "s2", "").await, ContentsCommitted::Stored(delta));
}

#[tokio::test]
async fn what_does_not_come_out_is_believed_for_good_when_a_later_run_finds_it_again() {
    let lists = [playlist("p", "s1", 3)];
    let bench = listed(&lists).await;
    // Two readings alike, each without one of three rows.
    let read_twice = async || {
        let mut short = page(0, items("ab"), Some(("s1", 3)));
        let first = commit(&bench, &short).await;
        let ContentsCommitted::Mismatch(found) = first else { return first };
        short.last.as_mut().unwrap().before = Some(found);
        commit(&bench, &short).await
    };
    assert_eq!(read_twice().await, ContentsCommitted::Stored(Delta { added: 2, ..Delta::default() }));
    bench.walk(playlists(&lists), false).await;
    assert_eq!(todo(&bench, false).await, ["p pending"]);
    assert_eq!(read_twice().await, ContentsCommitted::Stored(Delta::default()));
    bench.walk(playlists(&lists), false).await;
    assert!(todo(&bench, false).await.is_empty());

    let lists = [playlist("p", "s2", 3)];
    bench.walk(playlists(&lists), false).await;
    assert_eq!(
        read(&bench, "s2", "abc").await,
        ContentsCommitted::Stored(Delta { added: 1, ..Delta::default() })
    );
    bench.walk(playlists(&lists), false).await;
    assert!(todo(&bench, false).await.is_empty());
}

#[tokio::test]
async fn hidden_lists_are_asked_again_only_when_something_speaks_for_it() {
    let mut foreign = playlist("p", "s1", 3);
    foreign.owner_id = "bob".to_owned();
    let bench = listed(&[foreign.clone()]).await;
    let hide =
        || bench.store.mark_contents(bench.account, &foreign.id, ContentsState::Hidden, Some("not yours"));
    hide().await.unwrap();
    foreign.snapshot_id = Some(SnapshotId::new("s2"));
    bench.walk(playlists(&[foreign.clone()]), false).await;
    assert!(todo(&bench, false).await.is_empty());
    bench.store.start_contents_generation(bench.account).await.unwrap();
    assert!(todo(&bench, true).await.is_empty());

    let mut shared = foreign.clone();
    shared.collaborative = true;
    bench.walk(playlists(&[shared]), false).await;
    assert_eq!(todo(&bench, false).await, ["p pending"]);

    bench.walk(playlists(&[foreign.clone()]), false).await;
    hide().await.unwrap();
    let learn = |open, second| {
        let state = CapabilityState { open, checked_at: at(second) };
        bench.store.set_capability(bench.account, Capability::ForeignContents, state)
    };
    learn(false, 1).await.unwrap();
    assert!(todo(&bench, false).await.is_empty());
    learn(true, 2).await.unwrap();
    assert_eq!(todo(&bench, false).await, ["p pending"]);
    let known = bench.store.capability(bench.account, Capability::ForeignContents).await.unwrap();
    assert_eq!(known, Some(CapabilityState { open: true, checked_at: at(2) }));
    let items_path = bench.store.capability(bench.account, Capability::ItemsPath).await.unwrap();
    assert_eq!(items_path, None);
}

#[tokio::test]
async fn a_full_resync_reads_every_list_once_more_and_says_how_far_it_is() {
    let bench = listed(&[playlist("p", "s1", 2), playlist("q", "s1", 3)]).await;
    let progress = || bench.store.contents_progress(bench.account);
    assert_eq!(progress().await.unwrap(), (0, 5));
    read(&bench, "s1", "ab").await;
    assert_eq!(progress().await.unwrap(), (2, 5));
    let finish = FinishContents { at: at(80), next_due_at: Some(at(99)) };
    let end = || bench.store.finish_contents(bench.account, bench.run, &finish);
    end().await.unwrap();
    let state = bench.state(Entity::PlaylistItems).await;
    assert!(!state.is_initial_complete && state.last_synced_at.is_none());
    assert_eq!((state.mode, state.total_processed, state.total_remote), (Mode::Initial, 2, Some(5)));

    let q = PlaylistId::new("q");
    bench.store.mark_contents(bench.account, &q, ContentsState::Failed, Some("404")).await.unwrap();
    end().await.unwrap();
    let state = bench.state(Entity::PlaylistItems).await;
    assert!(state.is_initial_complete && state.last_synced_at.is_none());
    assert_eq!(todo(&bench, false).await, ["q failed"]);

    let rest = ContentsPage { playlist: q, ..page(0, items("abc"), Some(("s1", 3))) };
    commit(&bench, &rest).await;
    end().await.unwrap();
    let state = bench.state(Entity::PlaylistItems).await;
    assert_eq!((state.last_synced_at, state.next_due_at), (Some(at(80)), Some(at(99))));
    assert_eq!((state.state, state.mode, state.cursor), (EntityState::Idle, Mode::Incremental, None));
    assert_eq!((state.total_processed, state.total_remote, state.last_added), (5, Some(5), 5));

    bench.store.start_contents_generation(bench.account).await.unwrap();
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
    let finish = FinishContents { at: at(80), next_due_at: None };
    let next = bench.store.begin_run(bench.account, Mode::Incremental, Trigger::Key, at(90)).await.unwrap();
    bench.store.finish_contents(bench.account, next, &finish).await.unwrap();
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
    let kept = bench.store.unlisted_contents(bench.account).await.unwrap();
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
    let tail = bench.store.journal_tail(bench.account, 2).await.unwrap();
    assert_eq!((tail[1].name.as_str(), tail[1].detail.as_deref()), ("Other", Some("was List q")));
    let detail = bench.texts("select detail from library_changes order by id").await;
    assert_eq!(detail[0], r#"{"changes":{"name":["List q","Other"]}}"#);
    assert_eq!(detail[1], r#"{"position":[2,0]}"#);
    let places = bench.texts("select playlist_id from v_playlists order by position").await;
    assert_eq!(places, ["r", "p", "q"]);
    assert_eq!(bench.number("select public from playlists where playlist_id = 'q'").await, 1);
}
