//! One play as several exports describe it.

use std::sync::Arc;

use sqlx::migrate::Migrator;

use crate::store::tests::*;

/// A play as a new export describes it.
fn new_words(name: &str, second: i64) -> ExportRow {
    ExportRow {
        format: ExportFormat::Extended,
        ended_ms: at(second).timestamp_millis(),
        ms_played: Some(180_000),
        item: Arc::new(ExportItem {
            track_uri: Some(format!("spotify:track:{name}")),
            track: Some(format!("Song {name}")),
            artist: Some("A".to_owned()),
            album: Some("Record (Remastered)".to_owned()),
            ..ExportItem::default()
        }),
        circumstances: Arc::new(Circumstances {
            platform: Some("android".to_owned()),
            reason_end: Some("trackdone".to_owned()),
            skipped: Some(true),
            offline: Some(false),
            ..Circumstances::default()
        }),
        offline_timestamp: Some(at(second - 180).timestamp()),
    }
}

/// The same as an old export describes it.
fn old_words(name: &str, second: i64) -> ExportRow {
    let mut row = new_words(name, second);
    Arc::make_mut(&mut row.item).album = Some("Record".to_owned());
    let how = Arc::make_mut(&mut row.circumstances);
    how.platform = Some("Android OS 9 API 28 (Maker, X-1)".to_owned());
    how.skipped = None;
    how.unknown = Some(r#"{"city":"Bergen"}"#.to_owned());
    ExportRow { offline_timestamp: row.offline_timestamp.map(|second| second * 1000 + 846), ..row }
}

fn nameless(row: ExportRow) -> ExportRow {
    ExportRow { item: Arc::default(), ..row }
}

async fn import(bench: &Bench, name: &str, rows: &[ExportRow]) -> (u64, u64) {
    let mut writer = bench.stored().plays().export_writer().unwrap();
    writer.begin_file(name, at(0));
    let stored = writer.write(rows).await.unwrap();
    writer.close().await;
    (stored.new, bench.stored().plays().settle_exports().await.unwrap().matched)
}

async fn sum_up(bench: &Bench) -> i64 {
    while bench.stored().statistics().settle_step().await.unwrap() {}
    bench.number("select coalesce(sum(plays), 0) from v_stats_days").await
}

async fn plays(bench: &Bench) -> Vec<(String, Option<String>, Option<i64>)> {
    bench.rows("select played_at, album, skipped from v_plays order by played_at, uri").await
}

#[tokio::test]
async fn two_exports_tell_each_play_once_in_the_newer_words_whichever_comes_first() {
    let (old, new) = ([old_words("a", 300), old_words("b", 900)], [new_words("a", 300), new_words("b", 900)]);
    let mut first = None;
    for [one, other] in [[&old, &new], [&new, &old]] {
        let bench = Bench::new().await;
        assert_eq!(import(&bench, "one.json", one).await, (2, 0));
        assert_eq!(sum_up(&bench).await, 2);
        assert_eq!(import(&bench, "other.json", other).await, (2, 2));
        let told = plays(&bench).await;
        assert!(told.iter().all(|(_, album, skipped)| {
            album.as_deref() == Some("Record (Remastered)") && *skipped == Some(1)
        }));
        assert_eq!(first.get_or_insert(told.clone()), &told);
        assert_eq!(bench.number("select count(*) from export_rows").await, 4, "both are kept");
        assert_eq!(sum_up(&bench).await, 2, "sums follow");
        assert_eq!(import(&bench, "again.json", one).await, (0, 0));
        assert_eq!(plays(&bench).await, told);
        assert_eq!(bench.store.examine().await.unwrap().faults, [""; 0]);
    }
}

#[tokio::test]
async fn rows_that_are_nearly_the_same_in_one_file_stay_plays_of_their_own() {
    let bench = Bench::new().await;
    let mut other = new_words("a", 300);
    Arc::make_mut(&mut other.circumstances).shuffle = Some(true);
    import(&bench, "one.json", &[new_words("a", 300)]).await;
    import(&bench, "both.json", &[new_words("a", 300), other.clone()]).await;
    assert_eq!(plays(&bench).await.len(), 2, "one of both was known word by word");
    import(&bench, "old.json", &[old_words("a", 300)]).await;
    assert_eq!(plays(&bench).await.len(), 2);
}

#[tokio::test]
async fn what_the_api_said_of_a_play_goes_with_its_newest_words() {
    let bench = Bench::new().await;
    let heard = Row::Readable(Play {
        played_at: at(301),
        what: Played::Track(track("a")),
        context_uri: Some("spotify:playlist:p".to_owned()),
    });
    let poll = Poll { polled_at: at(400), rows: &[heard], next_due_at: None };
    bench.stored().plays().commit_poll(&poll).await.unwrap();
    import(&bench, "old.json", &[old_words("a", 300)]).await;
    import(&bench, "new.json", &[new_words("a", 300)]).await;
    let told: Vec<(String, Option<i64>)> = bench.rows("select context_uri, skipped from v_plays").await;
    assert_eq!(told, [("spotify:playlist:p".to_owned(), Some(1))]);
}

#[tokio::test]
async fn rows_without_names_are_named_by_a_later_export_or_by_the_api() {
    let bench = Bench::new().await;
    let lost = [nameless(old_words("a", 300)), nameless(old_words("b", 900)), nameless(old_words("c", 1500))];
    import(&bench, "lost.json", &lost).await;
    assert_eq!(plays(&bench).await.len(), 3);
    import(&bench, "restored.json", &[new_words("a", 300)]).await;
    let heard =
        Row::Readable(Play { played_at: at(901), what: Played::Track(track("b")), context_uri: None });
    let poll = Poll { polled_at: at(2000), rows: &[heard], next_due_at: None };
    bench.stored().plays().commit_poll(&poll).await.unwrap();
    let told: Vec<(Option<String>, Option<String>, Option<i64>)> =
        bench.rows("select uri, name, ms_played from v_plays order by played_at").await;
    let line = |uri: Option<&str>, name: &str| (uri.map(str::to_owned), Some(name.to_owned()), Some(180_000));
    let expected =
        [line(Some("spotify:track:a"), "Song a"), line(Some("spotify:track:b"), "Song b"), line(None, "")];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_track_whose_names_an_export_lost_has_them_from_a_later_one() {
    let bench = Bench::new().await;
    let mut lost = new_words("a", 300);
    let uri = lost.item.track_uri.clone();
    lost.item = Arc::new(ExportItem { track_uri: uri, ..ExportItem::default() });
    import(&bench, "lost.json", &[lost]).await;
    assert_eq!(bench.texts("select name from v_plays").await, [""]);
    import(&bench, "restored.json", &[new_words("a", 900)]).await;
    assert_eq!(bench.texts("select distinct name from v_plays").await, ["Song a"]);
}

#[tokio::test]
async fn offline_plays_are_dated_by_their_beginnings_and_matched_there() {
    let bench = Bench::new().await;
    let landed = 40_000;
    let flight = |number: i64| {
        let mut row = new_words(&format!("s{number}"), landed);
        Arc::make_mut(&mut row.circumstances).offline = Some(true);
        ExportRow { offline_timestamp: Some(at(1000 * number).timestamp()), ..row }
    };
    let heard =
        Row::Readable(Play { played_at: at(5_182), what: Played::Track(track("s5")), context_uri: None });
    let poll = Poll { polled_at: at(landed), rows: &[heard], next_due_at: None };
    bench.stored().plays().commit_poll(&poll).await.unwrap();
    let rows: Vec<ExportRow> = (0..12).map(flight).collect();
    assert_eq!(import(&bench, "flight.json", &rows).await, (12, 1));
    let ends: Vec<String> = (0..12).map(|number| sqlite::millis(at(1000 * number + 180))).collect();
    assert_eq!(bench.texts("select played_at from v_plays order by played_at").await, ends);
    // The account data of that time give only the minute of the report.
    let minute = landed - (1_700_000_000 + landed) % 60;
    let coarse = ExportRow {
        format: ExportFormat::AccountData,
        ended_ms: at(minute).timestamp_millis(),
        circumstances: Arc::default(),
        offline_timestamp: None,
        item: Arc::new(ExportItem { track_uri: None, album: None, ..(*flight(3).item).clone() }),
        ..flight(3)
    };
    import(&bench, "StreamingHistory0.json", &[coarse]).await;
    assert_eq!(plays(&bench).await.len(), 12);
}

#[tokio::test]
async fn plays_of_a_database_from_before_are_told_once_and_dated_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("phonolog.db");
    sqlite::create(&path).unwrap();
    let writer = sqlite::writer(&path).await.unwrap();
    let before = |migration: &&sqlx::migrate::Migration| migration.version < 20_261_130_000_000;
    let released: Vec<_> = crate::store::db::migrate::all().iter().filter(before).cloned().collect();
    Migrator::with_migrations(released).run(&writer).await.unwrap();
    // In the old and the new format; offline and reported 9 hours later; skipped by the button; in
    // the year 9999.
    let rows = "
        insert into accounts (account_id, user_id, created_at) values (1, 'ann', '');
        insert into tracks (track_id, uri, name, artists, credits, is_local)
        values ('a', 'spotify:track:a', '', '', '[]', 0);
        insert into export_items (id, names, uri, track_id)
        values (1, '[\"spotify:track:a\",\"Song a\",\"A\",null,null,null,null,null,null,null,null]', 'spotify:track:a', 'a');
        insert into export_circumstances (id, fields, skipped)
        values (1, '{\"offline\":false}', null), (2, '{\"skipped\":false,\"offline\":false}', 0),
               (3, '{\"skipped\":false,\"offline\":true}', 0),
               (4, '{\"skipped\":false,\"reason_end\":\"fwdbtn\"}', 0);
        insert into export_rows (id, account_id, format, ended_ms, ms_played, item_id, circumstances_id, offline_timestamp)
        values (1, 1, 'extended', 1700000300000, 180000, 1, 1, 1700000120846),
               (2, 1, 'extended', 1700040000000, 180000, 1, 3, 1700007600),
               (3, 1, 'extended', 1700000300000, 180000, 1, 2, 1700000120),
               (4, 1, 'extended', 1556700000000, 4000, 1, 4, null),
               (5, 1, 'extended', 253402300799000, 180000, 1, 2, null),
               (6, 1, 'extended', 1700050000000, 9223372036854775807, 1, 2, null);
        insert into plays (account_id, played_at, uri, track_id, ms_played, source, skipped, export_row_id)
        select 1, strftime('%Y-%m-%dT%H:%M:%fZ', ended_ms / 1000.0, 'unixepoch'), 'spotify:track:a', 'a', ms_played,
               'extended', (select skipped from export_circumstances c where c.id = circumstances_id), id
        from export_rows;
        insert into play_coverage values (1, '2019-05-01T08:00:00.000Z', '9999-12-31T23:59:59.000Z', 'imported');";
    sqlx::raw_sql(rows).execute(&writer).await.unwrap();
    writer.close().await;

    let store = Store::open(&url(&dir), Access::ReadWrite).await.unwrap();
    let run = store.account(AccountId(1)).runs().begin(Mode::Initial, Trigger::Cli, at(0)).await.unwrap().id;
    let bench = Bench { dir, store, account: AccountId(1), run };
    assert_eq!(bench.stored().plays().settle_exports().await.unwrap().matched, 1);
    let told: Vec<(String, String, Option<i64>)> =
        bench.rows("select played_at, name, skipped from v_plays order by played_at").await;
    let line = |played_at: &str, skipped| (played_at.to_owned(), "Song a".to_owned(), Some(skipped));
    let expected = [
        line("2019-05-01T08:40:00.000Z", 1),
        line("2023-11-14T22:18:20.000Z", 0),
        line("2023-11-15T00:23:00.000Z", 0),
    ];
    assert_eq!(told, expected);
    assert_eq!(sum_up(&bench).await, 2);
    let known: Vec<(String, String, String)> =
        bench.rows("select state, from_at, to_at from play_coverage order by from_at").await;
    let imported = |from: &str, to: &str| ("imported".to_owned(), from.to_owned(), to.to_owned());
    let expected = [
        imported("2019-05-01T08:39:26.000Z", "2019-05-01T08:40:30.000Z"),
        imported("2023-11-14T22:14:50.000Z", "2023-11-15T09:20:30.000Z"),
    ];
    assert_eq!(known, expected, "the years between them are not proven");
    assert_eq!(bench.number("select count(*) from export_rows").await, 6, "what was said is kept");
    assert_eq!(bench.number("select count(*) from pragma_foreign_key_check").await, 0);
}
