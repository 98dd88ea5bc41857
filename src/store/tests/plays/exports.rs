//! Rows of privacy exports together with polls.

use std::sync::Arc;

use sqlx::migrate::Migrator;

use crate::store::tests::*;

fn exported(name: &str, second: i64) -> ExportRow {
    ExportRow {
        format: ExportFormat::Extended,
        ended_ms: at(second).timestamp_millis(),
        ms_played: Some(180_000),
        item: Arc::new(ExportItem {
            track_uri: Some(format!("spotify:track:{name}")),
            track: Some(format!("Song {name}")),
            artist: Some("A".to_owned()),
            album: Some("Record".to_owned()),
            ..ExportItem::default()
        }),
        circumstances: Arc::new(Circumstances { skipped: Some(false), ..Circumstances::default() }),
        offline_timestamp: None,
    }
}

/// The same play in account data.
fn coarse(name: &str, second: i64) -> ExportRow {
    let row = exported(name, second);
    ExportRow {
        format: ExportFormat::AccountData,
        ended_ms: row.ended_ms.div_euclid(60_000) * 60_000,
        item: Arc::new(ExportItem { track_uri: None, album: None, ..(*row.item).clone() }),
        circumstances: Arc::default(),
        ..row
    }
}

fn played(what: Played, second: i64) -> Row<Play> {
    Row::Readable(Play { played_at: at(second), what, context_uri: Some("spotify:playlist:p".to_owned()) })
}

fn heard(name: &str, second: i64) -> Row<Play> {
    played(Played::Track(track(name)), second)
}

async fn poll(bench: &Bench, second: i64, rows: &[Row<Play>]) -> PollOutcome {
    let poll = Poll { polled_at: at(second), rows, next_due_at: None };
    bench.stored().plays().commit_poll(&poll).await.unwrap()
}

async fn import(bench: &Bench, rows: &[ExportRow]) -> (u64, u64) {
    let mut writer = bench.stored().plays().export_writer().unwrap();
    let stored = writer.write(rows).await.unwrap();
    (stored.new, bench.stored().plays().settle_exports().await.unwrap().matched)
}

type Line = (String, Option<String>, Option<String>, Option<String>, String, Option<i64>, Option<String>);

async fn plays(bench: &Bench) -> Vec<Line> {
    let sql = "select played_at, uri, name, artists, source, ms_played, context_uri from v_plays
               order by played_at, uri, ms_played";
    bench.rows(sql).await
}

#[tokio::test]
async fn what_an_import_writes_without_looking_names_only_what_is_there() {
    let bench = Bench::new().await;
    let rows: Vec<ExportRow> = (0..40)
        .map(|n| ExportRow {
            ended_ms: at(n).timestamp_millis() + n * 37,
            ..exported(&format!("t{}", n % 7), n)
        })
        .collect();
    let mut writer = bench.stored().plays().export_writer().unwrap();
    for batch in rows.chunks(9) {
        assert_eq!(writer.write(batch).await.unwrap().new, batch.len() as u64);
    }
    writer.close().await;
    assert_eq!(bench.store.examine().await.unwrap().faults, [""; 0]);
    let ended: Vec<String> = rows.iter().map(|row| sqlite::millis(sqlite::at_millis(row.ended_ms))).collect();
    assert_eq!(bench.texts("select played_at from v_plays").await, ended);
}

#[tokio::test]
async fn each_row_is_stored_once_and_takes_over_the_play_of_a_poll() {
    let bench = Bench::new().await;
    poll(&bench, 1000, &[heard("b", 500), heard("a", 300)]).await;
    let mut skipped = exported("a", 300);
    Arc::make_mut(&mut skipped.circumstances).skipped = Some(true);
    let rows = [exported("a", 300), exported("a", 300), skipped, exported("c", 900)];
    assert_eq!(import(&bench, &rows).await, (3, 1));
    assert_eq!(import(&bench, &rows).await, (0, 0));
    let sources: Vec<_> = plays(&bench).await.into_iter().map(|play| (play.4, play.6.is_some())).collect();
    let text = |source: &str, known| (source.to_owned(), known);
    let expected =
        [text("extended", true), text("extended", false), text("api", true), text("extended", false)];
    assert_eq!(sources.len(), 4);
    assert!(expected.iter().all(|line| sources.contains(line)), "{sources:?}");
    assert_eq!(bench.number("select count(*) from plays_unsettled").await, 0);
    assert_eq!(bench.number("select count(*) from stats_dirty").await, 1);
}

#[tokio::test]
async fn a_track_that_nobody_knew_goes_by_the_names_of_the_row_until_a_list_names_it() {
    let bench = Bench::new().await;
    let mut row = exported("a", 300);
    Arc::make_mut(&mut row.item).track = Some("As exported".to_owned());
    import(&bench, &[row, coarse("z", 400)]).await;
    let lines = plays(&bench).await;
    assert_eq!((lines[0].2.as_deref(), lines[0].3.as_deref()), (Some("As exported"), Some("A")));
    assert_eq!(
        (lines[1].1.as_deref(), lines[1].2.as_deref(), lines[1].4.as_str()),
        (None, Some("Song z"), "account_data")
    );
    bench.walk(tracks("a1"), true).await;
    let lines = plays(&bench).await;
    assert_eq!((lines[0].2.as_deref(), lines[0].3.as_deref()), (Some("Song a"), Some("A, B")));
}

#[tokio::test]
async fn podcasts_and_local_files_are_plays_without_a_track_id() {
    let bench = Bench::new().await;
    let mut spoken = exported("x", 300);
    spoken.item = Arc::new(ExportItem {
        episode_uri: Some("spotify:episode:e".to_owned()),
        episode: Some("One".to_owned()),
        show: Some("Talk".to_owned()),
        ..ExportItem::default()
    });
    import(&bench, &[spoken]).await;
    let episode = Episode {
        id: EpisodeId::new("f"),
        uri: "spotify:episode:f".to_owned(),
        name: "Two".to_owned(),
        show_name: Some("Talk".to_owned()),
        duration_ms: None,
    };
    let uri = "spotify:local:Me::Demo:61".to_owned();
    let local = Track { id: TrackId::new(uri.clone()), uri, album: None, is_local: true, ..track("l") };
    let rows = [
        played(Played::Episode(episode), 900),
        played(Played::Track(local), 800),
        Row::Null,
        unreadable("{}"),
    ];
    assert_eq!(poll(&bench, 1000, &rows).await.new_plays, 2);
    let lines: Vec<(String, Option<String>, String)> =
        bench.rows("select uri, track_id, name from v_plays order by played_at").await;
    let text = str::to_owned;
    let expected = [
        (text("spotify:episode:e"), None, text("One")),
        (text("spotify:local:Me::Demo:61"), None, text("Song l")),
        (text("spotify:episode:f"), None, text("Two")),
    ];
    assert_eq!(lines, expected);
    assert_eq!(bench.stored().sync_state().set_aside_count().await.unwrap(), 1);
}

/// What may happen to a history: three polls and three imports of overlapping parts of one
/// listening session.
async fn happens(bench: &Bench, what: usize) {
    match what {
        0 => drop(poll(bench, 1000, &[heard("b", 700), heard("a", 500)]).await),
        // The stamp is the start of a play that the next poll stamps at its end.
        1 => drop(poll(bench, 2000, &[heard("c", 1520), heard("b", 700), heard("a", 500)]).await),
        2 => drop(poll(bench, 3000, &[heard("c", 1700), heard("b", 700), heard("a", 500)]).await),
        3 => drop(import(bench, &[exported("a", 501), exported("d", 100)]).await),
        4 => drop(import(bench, &[exported("d", 100), exported("c", 1699)]).await),
        _ => drop(import(bench, &[coarse("a", 501), coarse("b", 700), coarse("e", 50)]).await),
    }
}

#[tokio::test]
async fn every_order_of_polls_and_imports_gives_the_same_plays() {
    let orders: [[usize; 6]; 8] = [
        [0, 1, 2, 3, 4, 5],
        [5, 4, 3, 2, 1, 0],
        [3, 0, 4, 1, 5, 2],
        [2, 5, 1, 4, 0, 3],
        [4, 2, 0, 5, 3, 1],
        [1, 3, 5, 0, 2, 4],
        [5, 0, 3, 1, 4, 2],
        [3, 4, 5, 0, 1, 2],
    ];
    let mut first = None;
    for order in orders {
        let bench = Bench::new().await;
        for what in order {
            happens(&bench, what).await;
        }
        let came = plays(&bench).await;
        assert_eq!(came.len(), 5, "{order:?}: {came:#?}");
        assert_eq!(&came, first.get_or_insert_with(|| came.clone()), "{order:?}");
        for what in order {
            happens(&bench, what).await;
        }
        assert_eq!(plays(&bench).await, came, "{order:?} again");
        assert_eq!(bench.number("select count(*) from pragma_foreign_key_check").await, 0);
    }
}

#[tokio::test]
async fn a_history_of_the_released_schema_is_kept_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("phonolog.db");
    sqlite::create(&path).unwrap();
    let writer = sqlite::writer(&path).await.unwrap();
    let before = |migration: &&sqlx::migrate::Migration| migration.version < 20_261_125_000_001;
    let released: Vec<_> = crate::store::db::migrate::all().iter().filter(before).cloned().collect();
    Migrator::with_migrations(released).run(&writer).await.unwrap();
    let rows = "
        insert into accounts (account_id, user_id, created_at) values (1, 'ann', '');
        insert into tracks (track_id, uri, name, artists, credits, isrc, duration_ms, is_local)
        values ('a', 'spotify:track:a', 'Song a', 'A, B', '[[null,\"A\"]]', 'ISRCa', 180000, 0);
        insert into play_polls values (1, 1, '2023-11-14T22:30:00.000Z', 2, 2);
        insert into play_observations (id, account_id, played_at, uri, track_id, context_uri, first_poll)
        values (5, 1, '2023-11-14T22:15:00.000Z', 'spotify:track:a', 'a', 'spotify:playlist:p', 1),
               (6, 1, '2023-11-14T22:18:20.000Z', 'spotify:track:a', 'a', null, 1);
        insert into plays (id, account_id, played_at, track_id, uri, source, context_uri, observation_id)
        values (8, 1, '2023-11-14T22:15:00.000Z', 'a', 'spotify:track:a', 'api', 'spotify:playlist:p', 5),
               (9, 1, '2023-11-14T22:18:20.000Z', 'a', 'spotify:track:a', 'api', null, 6);
        insert into play_coverage values (1, '2023-11-14T22:15:00.000Z', '2023-11-14T22:18:20.000Z', 'complete');";
    sqlx::raw_sql(rows).execute(&writer).await.unwrap();
    writer.close().await;

    let store = Store::open(&url(&dir), Access::ReadWrite).await.unwrap();
    let run = store.account(AccountId(1)).runs().begin(Mode::Initial, Trigger::Cli, at(0)).await.unwrap().id;
    let bench = Bench { dir, store, account: AccountId(1), run };
    let kept: Vec<(String, i64)> =
        bench.rows("select coalesce(context_uri, ''), observation_id from plays order by id").await;
    assert_eq!(kept, [("spotify:playlist:p".to_owned(), 5), (String::new(), 6)]);
    // The same list again adds nothing; one row of an export replaces one of them.
    assert_eq!(poll(&bench, 2000, &[heard("a", 1500), heard("a", 300)]).await.new_plays, 1);
    assert_eq!(import(&bench, &[exported("a", 300)]).await, (1, 1));
    assert_eq!(plays(&bench).await.len(), 3);
    assert_eq!(bench.number("select count(*) from pragma_foreign_key_check").await, 0);
}
