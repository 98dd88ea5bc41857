//! Statistics, compared with plays counted one by one.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::domain::queries::Movement;
use crate::store::play_columns::facts::{PlayFacts, PlaySource};
use crate::store::play_columns::time_id;
use crate::store::stats;

const FROM: Duration = Duration::from_secs(30);

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A play: its time, its item, its length in ms, whether it was skipped.
pub(in crate::store) type Played<'a> = (&'a str, &'a str, Option<i64>, Option<bool>);

pub(in crate::store) async fn store_plays(bench: &Bench, plays: &[Played<'_>]) {
    let mut tx = bench.store.begin().await.unwrap();
    let rows = "insert into stats_items (uri, kind, artists, track_id, is_stale)
                select uri, 'track', '[]', track_id, 1 from tracks where true on conflict do nothing;
                insert into export_items (id, names, uri) values (1, '[]', 'x') on conflict do nothing;
                insert into export_circumstances (id, fields) values (1, '{}') on conflict do nothing;
                insert into export_rows (id, account_id, format, item_id, circumstances_id)
                values (1, 1, 1, 1, 1) on conflict do nothing";
    sqlx::raw_sql(rows).execute(&mut *tx).await.unwrap();
    let new_items = "insert into stats_items (uri, kind, artists, is_stale)
                     values ('spotify:track:' || ?1, 'track', '[]', 1) on conflict do nothing";
    let sql = "insert into play_rows (id, account_id, item_id, ms_played, facts, export_row_id)
               values (?2, ?1, (select item_id from stats_items where uri = 'spotify:track:' || ?3), ?4, ?5, 1)";
    let ends: Vec<i64> = plays.iter().map(|(at, ..)| instant(at).timestamp_millis()).collect();
    let ids = time_id::free_ids(&mut tx, &ends).await.unwrap();
    for (id, (_, name, ms, skipped)) in ids.iter().zip(plays) {
        sqlx::query(new_items).bind(*name).execute(&mut *tx).await.unwrap();
        let facts =
            PlayFacts { source: PlaySource::Extended, skipped: *skipped, counts: true, has_own_row: false };
        sqlx::query(sql)
            .bind(bench.account.0)
            .bind(*id)
            .bind(*name)
            .bind(*ms)
            .bind(facts.bits())
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

pub(super) async fn touch(bench: &Bench, from: &str, to: &str) {
    let mut tx = bench.store.begin().await.unwrap();
    stats::touched(&mut tx, bench.account, instant(from), instant(to)).await.unwrap();
    tx.commit().await.unwrap();
}

pub(super) async fn settle(bench: &Bench) {
    while bench.stored().statistics().settle_step().await.unwrap() {}
}

async fn kept_in(name: &str) -> Bench {
    let bench = Bench::new().await;
    bench.stored().statistics().keep_by(zone(name), FROM).await.unwrap();
    bench
}

async fn heard(bench: &Bench, from: &str, to: &str) -> Listening {
    let period = Period { from: instant(from), to: instant(to) };
    bench.stored().statistics().listening(period, PeriodParts::Everything).await.unwrap()
}

async fn all(bench: &Bench) -> Listening {
    heard(bench, "2000-01-01T00:00:00Z", "2030-01-01T00:00:00Z").await
}

fn names(rows: &[Ranked]) -> Vec<String> {
    rows.iter().map(|row| format!("{} {}", row.name, row.tally.plays)).collect()
}

#[rstest]
#[case("Europe/Berlin", "2025-03-29T22:59:59.999Z", "2025-03-29 23")]
#[case("Europe/Berlin", "2025-03-30T01:00:00Z", "2025-03-30 3")]
#[case("Europe/Berlin", "2025-10-26T00:30:00Z", "2025-10-26 2")]
#[case("Europe/Berlin", "2025-10-26T01:30:00Z", "2025-10-26 2")]
#[case("Europe/Berlin", "2025-10-26T22:59:00Z", "2025-10-26 23")]
#[case("Asia/Kathmandu", "2025-05-31T18:15:00Z", "2025-06-01 0")]
#[case("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29 23")]
#[case("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31 0")]
#[tokio::test]
async fn a_play_has_the_day_and_hour_that_the_clocks_showed(
    #[case] zone: &str,
    #[case] at: &str,
    #[case] shown: &str,
) {
    let bench = kept_in(zone).await;
    store_plays(&bench, &[(at, "a", Some(60_000), None)]).await;
    touch(&bench, at, at).await;
    assert_eq!(bench.texts("select day || ' ' || hour from v_stats_plays").await, [shown]);
    let (day, _) = shown.split_once(' ').unwrap();
    assert_eq!(bench.texts("select day from v_stats_days").await, [day]);
}

#[tokio::test]
async fn what_the_views_and_the_queries_say_of_a_small_history() {
    let bench = kept_in("Europe/Berlin").await;
    bench.walk(tracks("a9 b8 c7"), true).await;
    bench
        .walk(
            ListRows::Artists(vec![artist("A", Some(&["rock", "pop"])), artist("B", Some(&["rock"]))]),
            true,
        )
        .await;
    store_plays(
        &bench,
        &[
            ("2025-01-31T22:59:59Z", "a", Some(200_000), Some(false)),
            ("2025-01-31T23:00:00Z", "b", Some(100_000), None),
            ("2025-02-01T12:00:00Z", "b", Some(10_000), Some(true)),
            ("2025-02-02T12:00:00Z", "b", None, None),
            ("2025-02-04T12:00:00Z", "z", Some(30_000), None),
        ],
    )
    .await;
    touch(&bench, "2025-01-31T00:00:00Z", "2025-02-05T00:00:00Z").await;
    let all = all(&bench).await;
    assert!(all.settled);
    let sum =
        PlayTally { plays: 4, ms: 200_000 + 100_000 + 180_000 + 30_000, estimated: 1, skips: 1, judged: 2 };
    assert_eq!(all.sum(), sum);
    let tracks = bench.stored().statistics().top(&all, TopRequest::Tracks, 9).await.unwrap();
    assert_eq!(names(&tracks), ["Song b 2", "Song a 1", " 1"], "nobody told the name of z");
    assert_eq!(tracks[0].artists.as_deref(), Some("A, B"));
    assert_eq!(tracks[0].first_played_at.as_deref(), Some("2025-01-31T23:00:00.000Z"));
    assert_eq!(tracks[0].last_played_at.as_deref(), Some("2025-02-02T12:00:00.000Z"));
    let top = async |top| names(&bench.stored().statistics().top(&all, top, 9).await.unwrap());
    assert_eq!(top(TopRequest::Artists).await, ["A 3", "B 3"]);
    assert_eq!(top(TopRequest::Albums).await, ["Record 3"]);
    let mut genres = top(TopRequest::Genres).await;
    genres.sort();
    assert_eq!(genres, ["pop 3", "rock 3"]);

    let months = "select month || ' ' || plays || ' ' || skips || ' ' || judged from v_stats_months";
    assert_eq!(bench.texts(months).await, ["2025-01 1 0 1", "2025-02 3 1 1"]);
    let of_artist = "select month || ' ' || artist || ' ' || plays from v_stats_artists where artist = 'A'";
    assert_eq!(bench.texts(of_artist).await, ["2025-01 A 1", "2025-02 A 2"]);
    let days = "select day || ' ' || weekday || ' ' || plays from v_stats_days";
    assert_eq!(
        bench.texts(days).await,
        ["2025-01-31 5 1", "2025-02-01 6 1", "2025-02-02 7 1", "2025-02-04 2 1"]
    );
    let streaks = "select first_day || ' ' || days from v_stats_streaks order by days desc";
    assert_eq!(bench.texts(streaks).await, ["2025-01-31 3", "2025-02-04 1"]);
    let told = all.streaks(instant("2025-02-05T12:00:00Z"));
    assert_eq!((told.current.unwrap().days, told.longest.unwrap().days), (1, 3));
    let hours = "select hour || ' ' || plays from v_stats_hours where month = '2025-02' order by hour";
    assert_eq!(bench.texts(hours).await, ["0 1", "13 2"]);
    let tracks = "select name || ' ' || first_played_at from v_stats_tracks where uri like '%:b'";
    assert_eq!(bench.texts(tracks).await, ["Song b 2025-01-31T23:00:00.000Z"]);
    assert_eq!(bench.number("select count(*) from v_stats_albums").await, 2);
    assert_eq!(bench.number("select sum(plays) from v_stats_genres where genre = 'rock'").await, 3);
}

#[tokio::test]
async fn a_period_is_compared_with_the_time_before_it() {
    let bench = kept_in("UTC").await;
    bench.walk(tracks("a9 b8 c7 d6"), true).await;
    let play = |at: &'static str, name: &'static str| (at, name, Some(200_000), None);
    let plays = [
        play("2025-01-01T10:00:00Z", "a"),
        play("2025-01-01T11:00:00Z", "a"),
        play("2025-01-01T12:00:00Z", "b"),
        play("2025-01-01T13:00:00Z", "d"),
        play("2025-01-01T14:00:00Z", "d"),
        play("2025-02-01T10:00:00Z", "b"),
        play("2025-02-01T11:00:00Z", "b"),
        play("2025-02-01T12:00:00Z", "c"),
        play("2025-02-01T13:00:00Z", "a"),
        play("2025-02-01T14:00:00Z", "b"),
    ];
    store_plays(&bench, &plays).await;
    touch(&bench, "2025-01-01T00:00:00Z", "2025-03-01T00:00:00Z").await;
    settle(&bench).await;
    let before = heard(&bench, "2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z").await;
    let now = heard(&bench, "2025-02-01T00:00:00Z", "2025-03-01T00:00:00Z").await;
    let (stored, track) = (bench.stored(), RankedItem::Track);
    let statistics = stored.statistics();
    let moved = statistics.moved(&now, &before, track, 3).await.unwrap();
    let moved: Vec<_> = moved.iter().map(|place| (place.row.name.as_str(), place.moved)).collect();
    assert_eq!(
        moved,
        [("Song b", Movement::Up(2)), ("Song a", Movement::Down(1)), ("Song c", Movement::New)]
    );
    let first = statistics.first_heard(&now, &before, track, 5).await.unwrap();
    assert_eq!((first.count, names(&first.rows)), (1, vec!["Song c 1".to_owned()]));
    assert_eq!(statistics.first_heard(&now, &before, track, 0).await.unwrap().count, 1);
    let forgotten = async |least| names(&statistics.forgotten(&now, &before, least, 5).await.unwrap());
    assert_eq!(forgotten(2).await, ["Song d 2"]);
    assert!(forgotten(3).await.is_empty());
}

#[tokio::test]
async fn a_saved_track_under_another_id_was_played_and_one_that_was_played_is_saved() {
    let bench = kept_in("UTC").await;
    bench.walk(tracks("a9 b8 c7"), true).await;
    // c is now saved under another id, with the same ISRC.
    let mut relinked = track("d");
    relinked.isrc = track("c").isrc;
    let rows =
        vec![saved("a", 9), saved("b", 8), Row::Readable(Saved { added_at: Some(at(7)), item: relinked })];
    bench.walk(ListRows::Tracks(rows), false).await;
    let plays = [
        ("2025-01-01T00:00:00Z", "a", Some(60_000), None),
        ("2025-01-01T01:00:00Z", "c", Some(60_000), None),
        ("2025-01-01T02:00:00Z", "b", Some(1_000), None),
        ("2025-01-01T03:00:00Z", "y", Some(60_000), None),
    ];
    store_plays(&bench, &plays).await;
    touch(&bench, "2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z").await;
    let all = all(&bench).await;
    let (never, count) = bench.stored().statistics().never_played(&all, 9).await.unwrap();
    assert_eq!((never[0].uri.as_str(), never.len(), count), ("spotify:track:b", 1, 1));
    let not_saved = bench.stored().statistics().not_saved(&all, 9).await.unwrap();
    let uris: Vec<_> = not_saved.iter().filter_map(|row| row.uri.as_deref()).collect();
    assert_eq!(uris, ["spotify:track:y"]);
    assert_eq!(bench.texts("select uri from v_stats_never_played").await, ["spotify:track:b"]);
    assert_eq!(bench.texts("select uri from v_stats_not_saved").await, ["spotify:track:y"]);
}

#[tokio::test]
async fn what_is_saved_is_known_anew_when_a_saved_track_comes_or_goes_or_is_another_recording() {
    let bench = kept_in("UTC").await;
    bench.walk(tracks("a9 b8"), true).await;
    let plays = [
        ("2025-01-01T00:00:00Z", "a", Some(60_000), None),
        ("2025-01-01T01:00:00Z", "c", Some(60_000), None),
    ];
    store_plays(&bench, &plays).await;
    touch(&bench, plays[0].0, plays[1].0).await;
    let told = async || {
        settle(&bench).await;
        assert_eq!(bench.number("select count(*) from stats_saved").await, 1);
        let all = all(&bench).await;
        let (never, _) = bench.stored().statistics().never_played(&all, 9).await.unwrap();
        let not_saved = bench.stored().statistics().not_saved(&all, 9).await.unwrap();
        let never = never.into_iter().map(|track| track.uri);
        let uris: Vec<_> = never.chain(not_saved.into_iter().filter_map(|row| row.uri)).collect();
        uris.join(" ").replace("spotify:track:", "")
    };
    assert_eq!(told().await, "b c");
    bench.walk(tracks("c9 a9 b8"), false).await;
    assert_eq!(bench.number("select count(*) from stats_saved").await, 0);
    assert_eq!(told().await, "b");
    bench.walk(tracks("c9 b8"), false).await;
    assert_eq!(told().await, "b a");
    let same_recording =
        "update tracks set isrc = (select isrc from tracks where track_id = 'a') where track_id = 'b'";
    sqlx::raw_sql(same_recording).execute(bench.store.writer.as_ref().unwrap()).await.unwrap();
    assert_eq!(told().await, "");
}

#[rstest]
#[case::cut_off("update stats_months set sums = substr(sums, 1, length(sums) - 1)")]
#[case::empty("update stats_months set sums = x''")]
#[case::endless("update stats_months set sums = x'ffffffffffffffffffffff'")]
#[case::of_an_unknown_item("pragma foreign_keys = off; delete from stats_items; pragma foreign_keys = on")]
#[tokio::test]
async fn damaged_sums_are_an_error(#[case] damage: &'static str) {
    let bench = kept_in("UTC").await;
    let at = "2025-01-01T00:00:00Z";
    store_plays(&bench, &[(at, "a", Some(60_000), None)]).await;
    touch(&bench, at, at).await;
    sqlx::raw_sql(damage).execute(bench.store.writer.as_ref().unwrap()).await.unwrap();
    let period = Period { from: instant("2025-01-01T00:00:00Z"), to: instant("2025-02-01T00:00:00Z") };
    let told = bench.stored().statistics().listening(period, PeriodParts::Everything).await;
    assert!(matches!(told, Err(StoreError::DamagedSums(_))), "{told:?}");
}

#[tokio::test]
async fn a_name_that_the_catalogue_learns_later_is_told() {
    let bench = kept_in("UTC").await;
    store_plays(&bench, &[("2025-01-01T00:00:00Z", "a", Some(60_000), None)]).await;
    touch(&bench, "2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z").await;
    assert_eq!(bench.texts("select coalesce(name, '?') from v_stats_tracks").await, ["?"]);
    bench.walk(tracks("a9"), true).await;
    settle(&bench).await;
    assert_eq!(bench.texts("select name || artists from v_stats_tracks").await, ["Song aA, B"]);
}

#[tokio::test]
async fn a_year_that_is_over_has_sums_until_one_of_its_months_changes() {
    let bench = kept_in("Europe/Berlin").await;
    let plays =
        ["2023-02-01T10:00:00Z", "2023-11-01T10:00:00Z", "2024-12-31T23:30:00Z", "2025-02-01T10:00:00Z"];
    store_plays(&bench, &plays.map(|at| (at, "a", Some(60_000), None))).await;
    touch(&bench, plays[0], plays[3]).await;
    settle(&bench).await;
    // The new year begins an hour earlier in Berlin, and the last year is not over.
    let years = "select year || ' ' || from_at || ' ' || to_at from stats_years order by 1";
    let of_2023 = "2023 2023-01-31T23:00:00.000Z 2023-11-30T23:00:00.000Z";
    assert_eq!(bench.texts(years).await, [of_2023]);
    assert_eq!(all(&bench).await.sum().plays, 4);

    let late = "2023-05-01T10:00:00Z";
    store_plays(&bench, &[(late, "a", Some(60_000), None)]).await;
    touch(&bench, late, late).await;
    assert_eq!(bench.texts(years).await, [""; 0]);
    assert_eq!(all(&bench).await.sum().plays, 5);
    settle(&bench).await;
    assert_eq!(bench.texts(years).await, [of_2023]);
    assert_eq!(all(&bench).await.sum().plays, 5);
}

#[tokio::test]
async fn days_between_whose_plays_the_clocks_went_back_have_no_sums_of_their_own() {
    // A minute past midnight the clocks showed 23:01 again.
    let bench = kept_in("America/St_Johns").await;
    let plays =
        ["2010-11-07T02:30:30Z", "2010-11-07T02:31:30Z", "2010-11-07T12:00:00Z", "2010-11-09T12:00:00Z"];
    store_plays(&bench, &plays.map(|at| (at, "a", Some(60_000), None))).await;
    touch(&bench, plays[0], plays[3]).await;
    assert_eq!(
        bench.texts("select from_at || ' ' || to_at from stats_days").await,
        ["2010-11-09T12:00:00.000Z 2010-11-09T12:00:00.001Z"]
    );
    let told = heard(&bench, "2010-11-07T02:31:00Z", "2010-11-10T00:00:00Z").await;
    let days: Vec<(i32, u64)> = told.days().iter().map(|(day, tally)| (*day, tally.plays)).collect();
    assert_eq!(days, [(14_919, 1), (14_920, 1), (14_922, 1)]);
}

/// All stored statistics, for a comparison.
async fn kept(bench: &Bench) -> Vec<String> {
    bench
        .texts(
            "select 'play ' || id || ' ' || hour || ' ' || facts from play_rows
                union all select month || from_at || to_at || hex(sums) from stats_months
                union all select year || from_at || to_at || hex(sums) from stats_years
                union all select from_at || to_at || hex(sums) from stats_days
                order by 1",
        )
        .await
}

#[tokio::test]
async fn a_change_of_zone_and_threshold_that_is_killed_goes_on_where_it_was() {
    let plays: Vec<(String, i64)> = (0..200)
        .map(|n| {
            (sqlite::millis(instant("2024-12-31T10:00:00Z") + chrono::TimeDelta::hours(n * 251)), n * 1000)
        })
        .collect();
    let plays: Vec<Played<'_>> = plays.iter().map(|(at, ms)| (at.as_str(), "a", Some(*ms), None)).collect();
    let mut bench = kept_in("Europe/Berlin").await;
    store_plays(&bench, &plays).await;
    touch(&bench, plays[0].0, plays[199].0).await;
    assert!(!all(&bench).await.settled, "a long span is summed up in steps");
    settle(&bench).await;

    let fresh = kept_in("Pacific/Apia").await;
    fresh.store.account(fresh.account).statistics().keep_by(zone("Pacific/Apia"), 2 * FROM).await.unwrap();
    store_plays(&fresh, &plays).await;
    touch(&fresh, plays[0].0, plays[199].0).await;
    settle(&fresh).await;

    bench.stored().statistics().keep_by(zone("Pacific/Apia"), 2 * FROM).await.unwrap();
    let mut steps = 0;
    loop {
        // Each step in a separate process.
        bench = bench.reopened().await;
        bench.stored().statistics().keep_by(zone("Pacific/Apia"), 2 * FROM).await.unwrap();
        if !bench.stored().statistics().settle_step().await.unwrap() {
            break;
        }
        steps += 1;
    }
    assert!(steps > 8, "{steps}");
    assert_eq!(kept(&bench).await, kept(&fresh).await);
    assert!(all(&bench).await.settled);
}

#[tokio::test]
async fn months_of_more_plays_than_are_read_at_once_are_whole() {
    let at = |n: i64| sqlite::millis(instant("2024-11-20T00:00:00Z") + chrono::TimeDelta::minutes(n * 9));
    let plays: Vec<String> = (0..16_000).map(at).collect();
    let plays: Vec<Played<'_>> = plays.iter().map(|at| (at.as_str(), "a", Some(60_000), None)).collect();
    let bench = kept_in("UTC").await;
    store_plays(&bench, &plays).await;
    touch(&bench, plays[0].0, plays[15_999].0).await;
    settle(&bench).await;
    bench.stored().statistics().examine_sums().await.unwrap();
    assert_eq!(bench.number("select count(*) from stats_months").await, 4);
    let days = all(&bench).await;
    assert_eq!((days.sum().plays, days.days().len()), (16_000, 100));
}

#[tokio::test]
async fn nothing_reads_all_of_the_plays() {
    let bench = Bench::new().await;
    let mut tx = bench.store.begin().await.unwrap();
    let mut looked_at = 0;
    for sql in stats::STATEMENTS {
        let explain = format!("explain query plan {sql}");
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(sqlx::AssertSqlSafe(explain)).fetch_all(&mut *tx).await.unwrap();
        let plan: Vec<String> = plan.into_iter().map(|row| row.3).collect();
        for step in &plan {
            let scans = ["SCAN play_rows", "SCAN p ", "SCAN play_observations", "SCAN export_"];
            let is_piece = step.starts_with("SCAN p ") || step == "SCAN p";
            let of_plays = sql.contains("from (select id, item_id, ms_played");
            assert!(
                !scans.iter().any(|scan| step.starts_with(scan)) || is_piece && of_plays,
                "{sql}\n{plan:#?}"
            );
        }
        looked_at +=
            plan.iter().filter(|step| step.contains("play_rows") || step.starts_with("SEARCH p ")).count();
    }
    assert!(looked_at > 5, "plans speak of plays: {looked_at}");
}

#[derive(Debug, Clone)]
struct Any {
    second: i64,
    track: u8,
    ms: Option<i64>,
    skipped: Option<bool>,
}

fn any_play() -> impl Strategy<Value = Any> {
    (0i64..1000 * 86_400, 0u8..6, proptest::option::of(0i64..60_000), proptest::option::of(any::<bool>()))
        .prop_map(|(second, track, ms, skipped)| Any { second, track, ms, skipped })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn sums_of_any_period_are_those_of_its_plays(
        plays in proptest::collection::vec(any_play(), 1..60),
        periods in proptest::collection::vec((-10i64 * 86_400..1010 * 86_400, 0i64..1000 * 86_400), 8),
        zone_of in prop::sample::select(vec!["Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns"]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let bench = kept_in(zone_of).await;
            let start = instant("2011-06-15T00:00:00Z");
            let time = |second| start + chrono::TimeDelta::seconds(second);
            let rows: Vec<(String, String, Option<i64>, Option<bool>)> = plays
                .iter()
                .map(|play| (sqlite::millis(time(play.second)), format!("t{}", play.track), play.ms, play.skipped))
                .collect();
            let rows: Vec<Played<'_>> =
                rows.iter().map(|(at, name, ms, skipped)| (at.as_str(), name.as_str(), *ms, *skipped)).collect();
            store_plays(&bench, &rows).await;
            touch(&bench, &sqlite::millis(time(0)), &sqlite::millis(time(1000 * 86_400))).await;
            settle(&bench).await;
            for (from, long) in periods {
                let period = Period { from: time(from), to: time(from + long) };
                let told = bench.stored().statistics().listening(period, PeriodParts::Everything).await.unwrap();
                let (mut days, mut tracks) = (BTreeMap::<i32, PlayTally>::new(), BTreeMap::<String, u64>::new());
                for play in &plays {
                    let at = time(play.second);
                    if at < period.from || at >= period.to {
                        continue;
                    }
                    let counts = play.ms.is_none_or(|ms| ms >= 30_000);
                    let day = days.entry(zone(zone_of).at(at).day).or_default();
                    day.plays += u64::from(counts);
                    day.ms += if counts { u64::try_from(play.ms.unwrap_or(0)).unwrap() } else { 0 };
                    day.estimated += u64::from(play.ms.is_none());
                    day.skips += u64::from(play.skipped == Some(true));
                    day.judged += u64::from(play.skipped.is_some());
                    if counts {
                        *tracks.entry(format!("spotify:track:t{}", play.track)).or_default() += 1;
                    }
                }
                assert_eq!(told.days(), &days);
                let top = bench.stored().statistics().top(&told, TopRequest::Tracks, 99).await.unwrap();
                let top: BTreeMap<String, u64> =
                    top.into_iter().map(|row| (row.uri.unwrap(), row.tally.plays)).collect();
                assert_eq!(top, tracks);
                let sum = told.hours().iter().fold(0, |sum, tally| sum + tally.plays);
                assert_eq!(sum, told.sum().plays);
            }
        });
    }
}
