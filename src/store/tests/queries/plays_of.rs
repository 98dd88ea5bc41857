//! Plays of certain items, compared with a search of all plays.

use std::time::Duration;

use proptest::prelude::*;

use crate::domain::queries::{Anchor, BrowseList};
use crate::store::tests::stats::{settle, store_plays, touch};
use crate::store::tests::*;

fn time(second: i64) -> DateTime<Utc> {
    "2011-06-15T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + chrono::TimeDelta::seconds(second)
}

const YEAR: i64 = 400 * 86_400;

/// Stores plays as seconds and tracks, and sums them up.
async fn store(bench: &Bench, plays: &[(i64, u8)]) {
    let rows: Vec<(String, String)> =
        plays.iter().map(|(second, track)| (sqlite::millis(time(*second)), format!("t{track}"))).collect();
    let rows: Vec<_> =
        rows.iter().map(|(at, track)| (at.as_str(), track.as_str(), Some(60_000), None)).collect();
    store_plays(bench, &rows).await;
}

async fn sum_up(bench: &Bench) {
    touch(bench, &sqlite::millis(time(0)), &sqlite::millis(time(YEAR))).await;
    settle(bench).await;
}

fn uris(tracks: &[u8]) -> Vec<Box<str>> {
    tracks.iter().map(|track| format!("spotify:track:t{track}").into()).collect()
}

#[tokio::test]
async fn everything_that_was_played_can_be_searched() {
    let bench = Bench::new().await;
    bench.walk(tracks("a9"), true).await;
    bench.stored().statistics().keep_by(Zone::UTC, Duration::from_secs(30)).await.unwrap();
    store_plays(
        &bench,
        &[("2025-01-01T00:00:00Z", "a", None, None), ("2025-01-02T00:00:00Z", "b", None, None)],
    )
    .await;
    touch(&bench, "2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z").await;
    settle(&bench).await;
    let rows = bench.stored().queries().browse(&BrowseList::Played).await.unwrap();
    let told: Vec<_> =
        rows.iter().map(|row| format!("{} {:?}", row.uri.as_deref().unwrap(), row.cells)).collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("spotify:track:a") && told[0].contains("Song a") && told[0].contains("A, B"));
    assert!(told[0].contains("Record"), "{}", told[0]);
    assert!(told[1].contains("[None, None, None]"), "nobody told what it is: {}", told[1]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn they_are_those_that_a_look_at_every_play_would_find(
        summed in prop::collection::vec((0..YEAR, 0u8..8), 1..60),
        fresh in prop::collection::vec((0..YEAR, 0u8..8), 0..10),
        wanted in prop::sample::subsequence(vec![0u8, 1, 2, 3, 4, 5, 6, 7], 0..5),
        places in prop::collection::vec(0..YEAR, 4),
        each in 1u32..12,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let bench = Bench::new().await;
            let zone = "Asia/Kathmandu".parse().unwrap();
            bench.stored().statistics().keep_by(zone, Duration::from_secs(30)).await.unwrap();
            store(&bench, &summed).await;
            sum_up(&bench).await;
            // No month includes these yet.
            store(&bench, &fresh).await;
            touch(&bench, &sqlite::millis(time(0)), &sqlite::millis(time(YEAR))).await;
            let months = bench.stored().queries().played_months().await.unwrap();
            assert!(!months.settled);
            let mut all = bench.stored().queries().plays_around(Anchor::Newest, 1_000).await.unwrap().plays;
            let wanted = uris(&wanted);
            all.retain(|play| wanted.contains(play.uri.as_ref().unwrap()));
            let dated = places.into_iter().map(|second| Anchor::Before(time(second)));
            let of_plays = all.iter().map(|play| Anchor::Play { played_at: play.played_at, id: play.id });
            let anchors: Vec<_> =
                dated.chain(of_plays).chain([Anchor::Newest, Anchor::Oldest]).collect();
            for settled in [false, true] {
                if settled {
                    sum_up(&bench).await;
                }
                let months = bench.stored().queries().played_months().await.unwrap();
                assert_eq!(months.settled, settled);
                for anchor in &anchors {
                    let found =
                        bench.stored().queries().plays_of(&wanted, &months, *anchor, each).await.unwrap();
                    let above = all.iter().take_while(|play| match anchor {
                        Anchor::Newest => false,
                        Anchor::Oldest => true,
                        Anchor::Before(at) => play.played_at > *at,
                        Anchor::Play { played_at, id } => (play.played_at, play.id) > (*played_at, *id),
                    });
                    let above = above.count();
                    let each = each as usize;
                    let expected = &all[above.saturating_sub(each)..all.len().min(above + each)];
                    assert_eq!(found.plays, expected, "{anchor:?}, settled: {settled}");
                    assert_eq!(found.above, above.min(each));
                    assert_eq!((found.newer, found.older), (above > each, all.len() - above > each));
                }
            }
        });
    }
}
