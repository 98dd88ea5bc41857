//! What is damaged in the database, and what is missing from it.

use super::super::support::{Home, Simulator};
use super::{LIBRARY, NOWHERE, export, number};

async fn with_plays() -> Home {
    let home = Home::at(NOWHERE);
    // Of four months.
    let path = export(&home, 40_000).display().to_string();
    let done = home.run(&["import", &path]).await;
    assert_eq!(done.status, 0, "{done:?}");
    home
}

async fn sums(home: &Home) -> Vec<serde_json::Value> {
    home.query("select month, hex(sums) as sums from stats_months order by month").await
}

#[tokio::test]
async fn damaged_sums_are_found_by_the_doctor_and_made_again_by_a_recount() {
    let home = with_plays().await;
    let whole = sums(&home).await;
    assert!(whole.len() > 3);
    for sql in [
        // No sums any more; those of another month; a year and a day that are none.
        "update stats_months set sums = x'ffffffffffffffffffff'",
        "update stats_months set sums = (select sums from stats_months order by month limit 1)",
        "insert into stats_years (account_id, year, from_at, to_at, sums)
         select account_id, '1999', from_at, to_at, x'ff' from stats_months limit 1",
        "insert into stats_days (account_id, from_at, to_at, sums)
         select account_id, '1999', to_at, x'ff' from stats_months limit 1",
    ] {
        home.execute(sql).await;
        let found = home.run(&["doctor"]).await.stdout;
        let line = found.lines().find(|line| line.contains(" statistics ")).unwrap();
        assert!(line.starts_with("BAD") && line.contains("`phonolog stats --recount`"), "{sql}: {line}");
        let healed = home.run(&["stats", "--recount"]).await;
        assert_eq!(healed.status, 0, "{sql}: {healed:?}");
        assert_eq!(sums(&home).await, whole, "{sql}");
        let found = home.run(&["doctor"]).await.stdout;
        assert!(found.contains("all sums match the plays"), "{sql}: {found}");
    }
}

#[tokio::test]
async fn stats_make_sums_again_that_cannot_be_read() {
    let home = with_plays().await;
    let whole = sums(&home).await;
    home.execute("update stats_months set sums = x'ffffffffffffffffffff'").await;
    let healed = home.run(&["stats"]).await;
    assert_eq!(healed.status, 0, "{healed:?}");
    assert!(healed.stderr.contains("recomputing them"), "{healed:?}");
    assert_eq!(sums(&home).await, whole);
}

#[tokio::test]
async fn a_text_that_is_none_is_told_as_damage() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    home.execute("update tracks set name = cast(x'ff41' as text)").await;
    let refused = home.run(&["export", "tracks"]).await;
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.stderr.contains("damaged") && !refused.stderr.contains("report this bug"), "{refused:?}");
}

#[tokio::test]
async fn a_backup_that_lacks_a_table_is_not_restored() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let copy = home.dir.path().join("copy.db");
    let name = copy.display().to_string();
    assert_eq!(home.run(&["backup", &name]).await.status, 0);
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&copy);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::raw_sql("drop table alerts").execute(&pool).await.unwrap();
    pool.close().await;
    let refused = home.run(&["restore", &name]).await;
    assert_eq!((refused.status, refused.stderr.lines().count()), (1, 1), "{refused:?}");
    assert!(refused.stderr.contains("the table alerts is missing"), "{refused:?}");
    assert_eq!(number(&home, "select count(*) as n from v_saved_tracks").await, 60);
}
