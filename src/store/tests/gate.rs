//! Holds and counted requests.

use super::*;

fn hold(bucket: Bucket, hit: i64, reset: i64) -> Hold {
    Hold {
        bucket,
        reset_at: at(reset),
        retry_after_seconds: u32::try_from(reset - hit).unwrap(),
        hit_at: at(hit),
        reason: HoldReason::QuotaExceeded,
    }
}

#[tokio::test]
async fn holds_outlive_the_process_and_the_later_end_wins() {
    let bench = Bench::new().await;
    let long = hold(Bucket::Tracks, 0, 86_400);
    bench.store.record_hold(&long).await.unwrap();
    bench.store.record_hold(&hold(Bucket::Tracks, 10, 40)).await.unwrap();
    bench.store.record_hold(&hold(Bucket::Albums, 0, 5)).await.unwrap();
    let later = hold(Bucket::Albums, 100, 105);
    bench.store.record_hold(&later).await.unwrap();
    let Bench { dir, store, .. } = bench;
    store.close().await;
    let reader = Store::open(&url(&dir), Access::ReadOnly).await.unwrap();
    assert_eq!(reader.holds().await.unwrap(), [later, long]);
}

#[tokio::test]
async fn requests_are_told_by_the_hours_of_the_clock() {
    let bench = Bench::new().await;
    // The bench begins 13 min 20 s after the full hour.
    for (bucket, second) in
        [(Bucket::Tracks, 0), (Bucket::Me, 0), (Bucket::Tracks, 2_799), (Bucket::Tracks, 2_800)]
    {
        bench.store.count_request(bucket, at(second)).await.unwrap();
    }
    let told = async |second, hours| bench.store.requests_by_hour(at(second), hours).await.unwrap();
    assert_eq!(told(2_800, 3).await, [0, 3, 1]);
    assert_eq!(told(2_800 + 3_600, 3).await, [3, 1, 0]);
    assert_eq!(told(2_799, 1).await, [3], "nothing of a later hour");
}

#[tokio::test]
async fn requests_are_counted_over_the_window_and_the_day_and_then_forgotten() {
    let bench = Bench::new().await;
    let count = |bucket, second| bench.store.count_request(bucket, at(second));
    for second in [0, 10, 10, 20] {
        count(Bucket::Tracks, second).await.unwrap();
    }
    count(Bucket::Me, 5).await.unwrap();
    let usage = |bucket, window, day| BucketUsage { bucket, window, day };
    let used = |second| bench.store.usage(at(second));
    assert_eq!(used(35).await.unwrap(), [usage(Bucket::Me, 0, 1), usage(Bucket::Tracks, 3, 4)]);
    assert_eq!(used(86_405).await.unwrap(), [usage(Bucket::Tracks, 0, 3)]);
    count(Bucket::Tracks, 86_410).await.unwrap();
    assert_eq!(used(86_410).await.unwrap(), [usage(Bucket::Tracks, 1, 2)]);
    assert_eq!(bench.number("select count(*) from request_counts where bucket = 'tracks'").await, 2);
}

#[tokio::test]
async fn what_is_left_of_the_budget_is_told_for_each_bucket_that_was_called_or_refused() {
    let bench = Bench::new().await;
    for _ in 0..3 {
        bench.store.count_request(Bucket::Tracks, at(0)).await.unwrap();
    }
    bench.store.record_hold(&hold(Bucket::Player, 0, 30)).await.unwrap();
    let (_, limits) = bench.store.gate_figures(at(1), 2).await.unwrap();
    let told: Vec<_> =
        limits.iter().map(|limit| (limit.bucket, limit.requests_remaining, limit.reset_at)).collect();
    assert_eq!(told, [(Bucket::Tracks, 0, None), (Bucket::Player, 2, Some(at(30)))]);
    assert_eq!(limits[1].retry_after_seconds, Some(30));
    assert_eq!(limits[1].reason, Some(HoldReason::QuotaExceeded));
}

#[tokio::test]
async fn the_view_reckons_with_the_budget_that_is_configured() {
    let bench = Bench::new().await;
    bench.store.count_request(Bucket::Tracks, Utc::now()).await.unwrap();
    let left = || bench.number("select requests_remaining from rate_limit_state");
    assert_eq!(left().await, 299);
    bench.store.remember_budget(10).await.unwrap();
    assert_eq!(left().await, 9);
}
