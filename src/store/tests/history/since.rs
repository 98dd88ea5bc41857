//! Since when a list is known.

use sqlx::migrate::Migrator;

use super::*;

fn contents(name: &str, at: DateTime<Utc>) -> ContentsPage {
    ContentsPage {
        playlist: PlaylistId::new(name),
        first_position: 0,
        rows: vec![Row::Null],
        last: Some(LastContentsPage {
            is_doubtful: false,
            listed: Some(1),
            may_shrink: true,
            snapshot_id: None,
            total: 1,
            at,
        }),
        checkpoint: checkpoint(Mode::Initial, 1),
    }
}

#[tokio::test]
async fn a_list_is_known_since_its_first_reading_came_to_its_end() {
    let mut bench = Bench::new().await;
    let never = bench.refused(&PastList::Tracks, sync_at(9)).await;
    assert_eq!(
        never,
        "the saved tracks are not known yet: no sync has read it completely; run `phonolog sync` first"
    );
    bench.begin(Entity::Tracks, Mode::Initial).await;
    bench.page(tracks("a9 b8"), 0, true).await;
    assert_eq!(bench.refused(&PastList::Tracks, sync_at(9)).await, never, "half read is not known");

    let first = sync_at(1) + chrono::TimeDelta::milliseconds(340);
    bench.walk_at(tracks("a9 b8"), true, first).await;
    bench.walk_at(tracks("c20 a9 b8"), false, sync_at(2)).await;
    assert_eq!(
        bench.refused(&PastList::Tracks, just_before(first)).await,
        "the saved tracks are known only since 2023-11-14T22:31:41Z; choose a later time"
    );
    assert_eq!(bench.past(&PastList::Tracks, first).await.len(), 2);
    let shown: DateTime<Utc> = "2023-11-14T22:31:41Z".parse().unwrap();
    assert_eq!(bench.past(&PastList::Tracks, shown).await.len(), 2, "the time that is named is late enough");
    let baseline = "select baseline_at from sync_state where entity_type = 'tracks'";
    assert_eq!(bench.texts(baseline).await, [sqlite::millis(first)]);
}

#[tokio::test]
async fn each_list_has_its_own_beginning() {
    let mut bench = Bench::new().await;
    let lists = [playlist("p", "s1", 1), playlist("q", "s1", 1)];
    bench.walk_at(playlists(&lists), true, sync_at(3)).await;
    for (n, name) in [(4, "p"), (6, "q"), (8, "p")] {
        bench.stored().playlists().commit_contents(bench.run, &contents(name, sync_at(n))).await.unwrap();
    }
    let items = |name: &str| PastList::ItemsOf(PlaylistId::new(name));
    assert!(
        bench.refused(&PastList::Playlists, sync_at(2)).await.starts_with("the list of playlists is known")
    );
    assert!(bench.refused(&PastList::Albums, sync_at(9)).await.starts_with("the saved albums are not known"));
    assert!(
        bench.refused(&items("p"), sync_at(3)).await.starts_with("the contents of this playlist are known")
    );
    assert_eq!(bench.past(&items("p"), sync_at(4)).await.len(), 1);
    assert!(bench.refused(&items("q"), sync_at(5)).await.ends_with("choose a later time"));
    assert!(bench.refused(&items("r"), sync_at(9)).await.contains("not known yet"));

    let finish = FinishContents { at: sync_at(9), next_due_at: None, is_success: true };
    bench.stored().playlists().finish_contents(bench.run, &finish).await.unwrap();
    let again = FinishContents { at: sync_at(10), next_due_at: None, is_success: true };
    bench.stored().playlists().finish_contents(bench.run, &again).await.unwrap();
    let baseline = "select baseline_at from sync_state where entity_type = 'playlist_items'";
    assert_eq!(bench.texts(baseline).await, [sqlite::millis(sync_at(9))]);
}

/// A database from before this time was stored: the list is known since the first line of the
/// journal or, if nothing has changed, since the last reading.
#[tokio::test]
async fn what_was_read_before_it_was_noted_is_known_as_far_as_can_be_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("phonolog.db");
    sqlite::create(&path).unwrap();
    let writer = sqlite::writer(&path).await.unwrap();
    let before = migrate::all().iter().take_while(|migration| migration.version < 20_261_123_000_001);
    Migrator::with_migrations(before.cloned().collect()).run(&writer).await.unwrap();
    sqlx::raw_sql(OLD_ROWS).execute(&writer).await.unwrap();
    writer.close().await;
    let store = Store::open(&url(&dir), Access::ReadWrite).await.unwrap();
    let sql = "select entity_type || ' ' || coalesce(baseline_at, '-') from sync_state union all
               select playlist_id || ' ' || coalesce(contents_first_at, '-') from playlists order by 1";
    let known: Vec<String> = sqlx::query_scalar(sql).fetch_all(&store.readers).await.unwrap();
    assert_eq!(known, ["albums 2026-03", "artists -", "p 2026-01", "q 2026-03", "r -", "tracks 2026-02"]);
    let slots = "select position from v_playlist_items where playlist_id = 'p' order by position";
    let slots: Vec<i64> = sqlx::query_scalar(slots).fetch_all(&store.readers).await.unwrap();
    assert_eq!(slots, [0, 1]);
}

const OLD_ROWS: &str = r#"
insert into accounts values (1, 'ann', null, null, '', 0);
insert into sync_runs (id, account_id, mode, "trigger", status, started_at) values (1, 1, '', '', '', '');
insert into sync_state (account_id, entity_type, state, mode, is_initial_complete, last_synced_at) values
    (1, 'tracks', '', '', 1, '2026-03'), (1, 'albums', '', '', 1, '2026-03'), (1, 'artists', '', '', 0, null);
insert into playlists (account_id, playlist_id, ord, uri, name, owner_id, collaborative, contents_synced_at)
values (1, 'p', 0, '', '', '', 0, '2026-03'), (1, 'q', 1, '', '', '', 0, '2026-03'),
       (1, 'r', 2, '', '', '', 0, null);
insert into playlist_items (account_id, playlist_id, position, kind) values
    (1, 'p', 0, 'unavailable'), (1, 'p', 1, 'unavailable');
insert into library_changes (account_id, run_id, observed_at, entity_type, change, name, detail) values
    (1, 1, '2026-02', 'tracks', 'added', '', '{"position":0}'),
    (1, 1, '2026-01', 'playlist_items', 'added', '', '{"playlist_id":"p"}');
"#;
