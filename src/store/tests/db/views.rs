//! The file as any `SQLite` 3.40 sees it.

use std::process::Command;

use crate::store::tests::*;

const VIEWS: [&str; 12] = [
    "v_saved_tracks",
    "v_saved_albums",
    "v_followed_artists",
    "v_playlists",
    "v_playlist_items",
    "v_plays",
    "v_play_coverage",
    "v_imports",
    "v_library_changes",
    "v_unlisted",
    "rate_limit_state",
    "sync_state",
];

/// The output of `sqlite3` on this machine, if it is installed.
fn asked(path: &std::path::Path, sql: &str) -> Option<String> {
    let output = Command::new("sqlite3").arg("-readonly").arg(path).arg(sql).output().ok()?;
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

async fn filled() -> Bench {
    let bench = Bench::new().await;
    bench.walk(tracks("a9 - b8"), true).await;
    bench.walk(ListRows::Albums(vec![Row::Null, album("x", 3)]), true).await;
    bench.walk(ListRows::Artists(vec![artist("A", Some(&["rock", "art, pop"]))]), true).await;
    bench.walk(playlists(&[playlist("p", "s1", 1)]), true).await;
    let page = ContentsPage {
        playlist: PlaylistId::new("p"),
        first_position: 0,
        rows: vec![Row::Readable(PlaylistItem {
            added_at: None,
            added_by: Some(String::new()),
            content: PlaylistContent::Track(track("a")),
        })],
        last: Some(LastContentsPage {
            snapshot_id: None,
            total: 1,
            is_doubtful: false,
            listed: Some(1),
            may_shrink: true,
            at: at(70),
        }),
        checkpoint: checkpoint(Mode::Initial, 1),
    };
    bench.stored().playlists().commit_contents(bench.run, &page).await.unwrap();
    bench.walk(tracks("a9 - b8 c7"), false).await;
    bench.begin(Entity::Albums, Mode::Full).await;
    bench.page(ListRows::Albums(vec![album("y", 2)]), 0, false).await;
    let finish = FinishWalk { remote: 1, at: at(65), ..FinishWalk::default() };
    bench.stored().library().finish_walk(bench.run, Entity::Albums, &finish).await.unwrap();
    let rows = [Row::Readable(Play { played_at: at(3), what: Played::Track(track("a")), context_uri: None })];
    let poll = Poll { polled_at: at(9), rows: &rows, next_due_at: None };
    bench.stored().plays().commit_poll(&poll).await.unwrap();
    let mut writer = bench.stored().plays().export_writer().unwrap();
    let row = ExportRow {
        format: ExportFormat::Extended,
        ended_ms: at(3).timestamp_millis(),
        ms_played: Some(180_000),
        item: std::sync::Arc::new(ExportItem {
            track_uri: Some("spotify:track:a".to_owned()),
            ..ExportItem::default()
        }),
        circumstances: std::sync::Arc::default(),
        offline_timestamp: None,
    };
    writer.write(&[row]).await.unwrap();
    bench.stored().plays().settle_exports().await.unwrap();
    while bench.stored().statistics().settle_step().await.unwrap() {}
    bench.store.rate_limits().count_request(Bucket::Me, Utc::now()).await.unwrap();
    bench
}

#[tokio::test]
async fn another_sqlite_reads_every_view_while_we_write() {
    let bench = filled().await;
    let path = bench.store.path();
    for view in VIEWS {
        let Some(rows) = asked(path, &format!("select count(*) from {view}")) else {
            return; // no sqlite3 on this machine; the test below checks the columns
        };
        assert_ne!(rows.trim(), "0", "{view}");
    }
    let stats =
        "select name from sqlite_schema where type = 'view' and name like 'v\\_stats\\_%' escape '\\'";
    let stats = bench.texts(stats).await;
    assert_eq!(stats.len(), 11, "{stats:?}");
    for view in &stats {
        assert_ne!(asked(path, &format!("select count(*) from {view}")).unwrap(), "", "{view}");
    }
    let of_days = "select day, plays, estimated from v_stats_days";
    assert_eq!(asked(path, of_days).unwrap(), "2023-11-14|1|0\n");
    assert_eq!(asked(path, "select name, plays from v_stats_tracks").unwrap(), "Song a|1\n");
    let sql = "select track_id, added_at, position from v_saved_tracks order by position";
    let rows = "a|2023-11-14T22:13:29Z|0\nb|2023-11-14T22:13:28Z|1\nc|2023-11-14T22:13:27Z|2\n";
    assert_eq!(asked(path, sql).unwrap(), rows);
    let sql = "select played_at, uri from v_plays";
    assert_eq!(asked(path, sql).unwrap(), "2023-11-14T22:13:23.000Z|spotify:track:a\n");
    assert_eq!(asked(path, "select genres from v_followed_artists").unwrap(), "rock, art, pop\n");
    assert_eq!(asked(path, "pragma integrity_check").unwrap(), "ok\n");
}

/// The public columns of DESIGN: they must not change.
#[tokio::test]
async fn every_view_has_the_columns_that_others_rely_on() {
    let bench = filled().await;
    let surface: [(&str, &str); 14] = [
        (
            "sync_state",
            "account_id entity_type mode is_initial_complete last_synced_at total_processed total_remote cursor next_due_at last_error",
        ),
        ("rate_limit_state", "bucket reset_at retry_after_seconds requests_remaining hit_at reason"),
        (
            "sync_runs",
            "id account_id mode trigger status started_at finished_at requests added removed changed error",
        ),
        (
            "v_saved_tracks",
            "account_id track_id uri name artists album isrc duration_ms explicit added_at position",
        ),
        (
            "v_saved_albums",
            "account_id album_id uri name artists release_date total_tracks added_at position",
        ),
        ("v_followed_artists", "account_id artist_id uri name genres position"),
        (
            "v_playlists",
            "account_id playlist_id name owner_id snapshot_id item_count contents_state last_synced_at",
        ),
        (
            "v_playlist_items",
            "account_id playlist_id position kind item_id uri name artists added_at added_by",
        ),
        (
            "v_plays",
            "account_id played_at track_id uri name artists album ms_played source context_uri counts",
        ),
        ("v_play_coverage", "account_id from_at to_at state"),
        ("v_imports", "account_id id file format imported_at rows plays undone_at"),
        ("v_library_changes", "account_id observed_at entity_type change uri name detail run_id"),
        ("v_library_changes", "id"),
        ("v_unlisted", "account_id entity_type uri name since is_saved"),
    ];
    for (view, columns) in surface {
        let sql = "select name from pragma_table_info(?1)";
        let there: Vec<String> =
            sqlx::query_scalar(sql).bind(view).fetch_all(&bench.store.readers).await.unwrap();
        for column in columns.split(' ') {
            assert!(there.iter().any(|name| name == column), "{view} lost {column}: {there:?}");
        }
    }
}
