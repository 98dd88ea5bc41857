//! Crashes, full disks and locks: everything is stored completely or not at all.

use std::future::Future;
use std::pin::pin;
use std::task::Poll as Polled;

use crate::store::tests::*;

/// Everything that a page changes, as one text.
async fn picture(bench: &Bench) -> String {
    let sql = "select (select count(*) from tracks) || ' ' || (select count(*) from artists) || ' '
               || (select count(*) from saved_tracks) || ' '
               || (select count(*) from staged) || ' ' || (select count(*) from set_aside) || ' '
               || (select coalesce(max(total_processed || '/' || staged || '/' || last_added), '') from sync_state) || ' '
               || (select max(added) from sync_runs)";
    bench.texts(sql).await.remove(0)
}

/// Drops a future after a number of polls, as a crash between two of its awaits would.
async fn cut_off<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Polled::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test]
async fn a_page_cut_off_anywhere_is_there_whole_or_not_at_all() {
    let bench = Bench::new().await;
    bench.begin(Entity::Tracks, Mode::Initial).await;
    let before = picture(&bench).await;
    let page = StagedPage {
        rows: tracks("a9 b8 - ! c7"),
        first_ord: 0,
        visible: true,
        checkpoint: checkpoint(Mode::Initial, 5),
    };
    let mut cuts = 0;
    let mut polls = 1;
    // If the thread was starved, the answers are there already and nothing is interrupted: then the
    // whole test runs again.
    for _ in 0..1000 {
        let done = cut_off(bench.stored().library().stage_page(bench.run, &page), polls).await;
        polls += 1;
        if let Some(committed) = done {
            assert_eq!(committed.unwrap().outcome, CommittedPage { fresh: 5, staged: 5 });
            if cuts > 5 {
                break;
            }
            polls = 1;
        } else {
            cuts += 1;
            // The next writer waits until the interrupted transaction is rolled back, or finds it
            // committed: the commit itself may have been sent before the interruption.
            drop(bench.store.begin().await.unwrap());
        }
        if picture(&bench).await != before {
            assert_eq!(bench.number("select staged from sync_state").await, 5);
            assert_eq!(bench.number("select total_processed from sync_state").await, 5);
            bench.begin(Entity::Tracks, Mode::Initial).await;
            sqlx::raw_sql(EMPTY).execute(bench.store.writer.as_ref().unwrap()).await.unwrap();
        }
    }
    assert!(cuts > 5, "{cuts}");
    assert_eq!(picture(&bench).await, "3 2 5 5 1 5/5/3 3");
}

/// Removes a page that was committed after all.
const EMPTY: &str = "
delete from saved_tracks; delete from tracks;
delete from albums; delete from artists; delete from set_aside; update sync_runs set added = 0;";

#[tokio::test]
async fn a_finish_cut_off_anywhere_is_there_whole_or_not_at_all() {
    let bench = Bench::new().await;
    bench.walk(many_tracks(0..200), true).await;
    bench.begin(Entity::Tracks, Mode::Full).await;
    bench.page(many_tracks(-3..190), 0, false).await;
    let consented = bench.missing(Entity::Tracks, None).await;
    let finish = FinishWalk { consented, remote: 202, at: at(60), ..FinishWalk::default() };
    for polls in 1..1000 {
        let end = bench.stored().library().finish_walk(bench.run, Entity::Tracks, &finish);
        let done = cut_off(end, polls).await;
        drop(bench.store.begin().await.unwrap());
        let slots = bench.number("select count(*) from saved_tracks").await;
        let lines = bench.number("select count(*) from library_changes").await;
        let staged = bench.number("select count(*) from staged").await;
        match done {
            None if staged > 0 => assert_eq!((slots, lines), (200, 0)),
            _ => {
                assert_eq!((slots, lines, staged), (193, 13, 0));
                return;
            }
        }
    }
    panic!("it never came to an end");
}

impl Store {
    /// Stops the file from growing, or lets it grow again.
    async fn let_the_file_grow(&self, may: bool) {
        let sql = if may { "pragma max_page_count = 4294967294" } else { "pragma max_page_count = 1" };
        sqlx::raw_sql(sql).execute(self.writer.as_ref().unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn a_full_disk_is_named_and_leaves_nothing_half_written() {
    let bench = Bench::new().await;
    bench.begin(Entity::Tracks, Mode::Initial).await;
    bench.page(many_tracks(0..50), 0, true).await;
    let page = |n: i64| StagedPage {
        rows: many_tracks(n * 50..n * 50 + 50),
        first_ord: n * 50,
        visible: true,
        checkpoint: checkpoint(Mode::Initial, u32::try_from(n * 50 + 50).unwrap()),
    };
    let mut stored = 1;
    let mut fulls = 0;
    // Each connection that hits the full disk is closed, so the limit is set again.
    while fulls < 5 {
        bench.store.let_the_file_grow(false).await;
        let next = page(stored);
        match bench.stored().library().stage_page(bench.run, &next).await {
            Ok(_) => stored += 1,
            Err(error) => {
                assert!(error.is_disk_full() && error.is_transient(), "{error:?}");
                fulls += 1;
                let state = bench.state(Entity::Tracks).await;
                let rows = stored * 50;
                assert_eq!(i64::from(state.total_processed), if stored == 1 { 1 } else { rows });
                assert_eq!(bench.number("select count(*) from saved_tracks").await, rows);
                assert_eq!(bench.number("select count(*) from tracks").await, rows);
                assert_eq!(bench.number("select count(*) from staged").await, rows);
                bench.store.let_the_file_grow(true).await;
                bench.stored().library().stage_page(bench.run, &next).await.unwrap();
                stored += 1;
            }
        }
    }
    assert_eq!(bench.texts("pragma integrity_check").await, ["ok"]);
}

#[tokio::test]
async fn two_stores_on_one_file_take_turns() {
    let bench = Bench::new().await;
    let other = Store::open(&url(&bench.dir), Access::ReadWrite).await.unwrap();
    let (ours, theirs) = tokio::join!(
        async {
            for second in 0..20 {
                bench.store.rate_limits().count_request(Bucket::Me, at(second)).await?;
            }
            Ok::<_, StoreError>(())
        },
        async {
            for second in 0..20 {
                other.rate_limits().count_request(Bucket::Me, at(second)).await?;
            }
            Ok::<_, StoreError>(())
        }
    );
    ours.unwrap();
    theirs.unwrap();
    assert_eq!(bench.store.rate_limits().usage(at(19)).await.unwrap()[0].day, 40);
}

/// On a disk that is really full, `SQLite` rolls back the transaction by itself. sqlx does not
/// notice that and would refuse every later transaction.
#[tokio::test]
async fn a_transaction_that_the_database_took_back_by_itself_blocks_nobody() {
    let bench = Bench::new().await;
    let mut tx = bench.store.begin().await.unwrap();
    sqlx::raw_sql("rollback").execute(&mut *tx).await.unwrap();
    drop(tx);
    bench.store.settings().set_flag(Flag::Paused, true).await.unwrap();
    assert!(bench.store.settings().flag(Flag::Paused).await.unwrap());
}
