//! Holds and counted requests.

use crate::store::tests::*;

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
    bench.store.rate_limits().record_hold(&long).await.unwrap();
    bench.store.rate_limits().record_hold(&hold(Bucket::Tracks, 10, 40)).await.unwrap();
    bench.store.rate_limits().record_hold(&hold(Bucket::Albums, 0, 5)).await.unwrap();
    let later = hold(Bucket::Albums, 100, 105);
    bench.store.rate_limits().record_hold(&later).await.unwrap();
    let Bench { dir, store, .. } = bench;
    store.close().await;
    let reader = Store::open(&url(&dir), Access::ReadOnly).await.unwrap();
    assert_eq!(reader.rate_limits().holds().await.unwrap(), [later, long]);
}

#[tokio::test]
async fn requests_are_told_by_the_hours_of_the_clock() {
    let bench = Bench::new().await;
    // The bench begins 13 min 20 s after the full hour.
    for (bucket, second) in
        [(Bucket::Tracks, 0), (Bucket::Me, 0), (Bucket::Tracks, 2_799), (Bucket::Tracks, 2_800)]
    {
        bench.store.rate_limits().count_request(bucket, at(second)).await.unwrap();
    }
    let told = async |second| bench.store.rate_limits().figures(at(second), 300).await.unwrap().by_hour;
    let [first @ .., last, this] = &*told(2_800).await else { panic!() };
    assert_eq!((first.iter().sum::<u32>(), *last, *this), (0, 3, 1));
    assert_eq!(told(2_800 + 3_600).await[21..], [3, 1, 0]);
    assert_eq!(told(2_799).await[23], 3, "nothing of a later hour");
}

#[tokio::test]
async fn requests_are_counted_over_the_window_and_the_day_and_then_forgotten() {
    let bench = Bench::new().await;
    let count = |bucket, second| bench.store.rate_limits().count_request(bucket, at(second));
    for second in [0, 10, 10, 20] {
        count(Bucket::Tracks, second).await.unwrap();
    }
    count(Bucket::Me, 5).await.unwrap();
    let usage = |bucket, window, day| BucketUsage { bucket, window, day };
    let used = |second| bench.store.rate_limits().usage(at(second));
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
        bench.store.rate_limits().count_request(Bucket::Tracks, at(0)).await.unwrap();
    }
    bench.store.rate_limits().record_hold(&hold(Bucket::Player, 0, 30)).await.unwrap();
    let limits = bench.store.rate_limits().figures(at(1), 2).await.unwrap().limits;
    let told: Vec<_> =
        limits.iter().map(|limit| (limit.bucket, limit.requests_remaining, limit.reset_at)).collect();
    assert_eq!(told, [(Bucket::Tracks, 0, None), (Bucket::Player, 2, Some(at(30)))]);
    assert_eq!(limits[1].retry_after_seconds, Some(30));
    assert_eq!(limits[1].reason, Some(HoldReason::QuotaExceeded));
}

#[tokio::test]
async fn the_view_reckons_with_the_budget_that_is_configured() {
    let bench = Bench::new().await;
    bench.store.rate_limits().count_request(Bucket::Tracks, Utc::now()).await.unwrap();
    let left = || bench.number("select requests_remaining from rate_limit_state");
    assert_eq!(left().await, 299);
    bench.store.rate_limits().remember_budget(10).await.unwrap();
    assert_eq!(left().await, 9);
}

#[tokio::test]
async fn what_a_clock_that_was_ahead_counted_and_what_never_left_count_for_nothing() {
    let bench = Bench::new().await;
    bench.store.rate_limits().count_request(Bucket::Tracks, at(365 * 86_400)).await.unwrap();
    let used = async || bench.store.rate_limits().usage(at(10)).await.unwrap();
    assert_eq!(used().await, []);
    assert_eq!(bench.store.rate_limits().budget_room_at(Bucket::Tracks, (1, 1), at(10)).await.unwrap(), None);
    for second in [3, 3, 4] {
        bench.store.rate_limits().count_request(Bucket::Tracks, at(second)).await.unwrap();
    }
    bench.store.rate_limits().uncount_request(Bucket::Tracks, at(3)).await.unwrap();
    assert_eq!(used().await, [BucketUsage { bucket: Bucket::Tracks, window: 2, day: 2 }]);
    bench.store.rate_limits().uncount_request(Bucket::Tracks, at(4)).await.unwrap();
    bench.store.rate_limits().uncount_request(Bucket::Tracks, at(5)).await.unwrap();
    assert_eq!(used().await, [BucketUsage { bucket: Bucket::Tracks, window: 1, day: 1 }]);
}
