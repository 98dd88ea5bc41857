//! The listening history, and the time for which it is known.

use crate::store::tests::*;

fn play(name: &str, second: i64) -> Row<Play> {
    Row::Readable(Play {
        played_at: at(second),
        what: Played::Track(track(name)),
        context_uri: Some("spotify:playlist:p".to_owned()),
    })
}

/// Plays at these seconds, in the listed order.
fn listed(seconds: impl IntoIterator<Item = i64>) -> Vec<Row<Play>> {
    seconds.into_iter().map(|second| play("a", second)).collect()
}

async fn poll(bench: &Bench, second: i64, rows: &[Row<Play>]) -> PollOutcome {
    let poll = Poll { polled_at: at(second), rows, next_due_at: Some(at(second + 1800)) };
    bench.stored().plays().commit_poll(&poll).await.unwrap()
}

fn quiet(new_plays: u32) -> PollOutcome {
    PollOutcome { new_plays, gap: None }
}

/// The coverage view, in seconds of the test.
async fn coverage(bench: &Bench) -> Vec<String> {
    let rows: Vec<(String, String, String)> =
        bench.rows("select state, from_at, to_at from v_play_coverage order by from_at, to_at").await;
    let second = |text: &str| sqlite::time(text).unwrap().timestamp() - 1_700_000_000;
    rows.iter().map(|(state, from, to)| format!("{state} {} {}", second(from), second(to))).collect()
}

/// The columns of one row of a view.
type Shown = (String, String, String, String, Option<i64>, String, String, i64);

#[tokio::test]
async fn overlapping_polls_make_one_history_complete_to_the_newest_play() {
    let bench = Bench::new().await;
    assert_eq!(poll(&bench, 1000, &listed([300, 200, 100])).await, quiet(3));
    assert_eq!(coverage(&bench).await, ["complete 100 300", "unknown 300 1000"]);
    assert_eq!(poll(&bench, 2000, &listed([1500, 300, 200])).await, quiet(1));
    assert_eq!(coverage(&bench).await, ["complete 100 1500", "unknown 1500 2000"]);

    let status = bench.stored().plays().status().await.unwrap();
    assert_eq!((status.stored, status.gaps), (4, 0));
    assert_eq!(status.last_polled_at, Some(at(2000)));
    assert_eq!(status.next_poll_at, Some(at(3800)));
    let latest: Vec<_> = status.latest.iter().map(|play| play.played_at).collect();
    assert_eq!(latest, [at(1500), at(300), at(200), at(100)]);
    assert_eq!(status.latest[0].name, "Song a");
    let state = bench.state(Entity::Plays).await;
    assert_eq!((state.total_processed, state.last_added), (4, 1));
    assert_eq!(state.state, EntityState::Idle);
}

#[tokio::test]
async fn the_same_answer_again_stores_nothing_new() {
    let bench = Bench::new().await;
    poll(&bench, 1000, &listed([300, 200, 300])).await;
    bench.watch_writes().await;
    assert_eq!(poll(&bench, 1100, &listed([300, 200])).await, quiet(0));
    assert!(bench.writes().await.is_empty(), "{:?}", bench.writes().await);
    assert_eq!(bench.number("select count(*) from plays").await, 2);
}

#[tokio::test]
async fn a_full_page_without_anything_known_leaves_a_gap_of_known_bounds() {
    let bench = Bench::new().await;
    poll(&bench, 1000, &listed([300, 200])).await;
    let page = listed((0..50).map(|n| 9000 - n * 10));
    let outcome = poll(&bench, 10_000, &page).await;
    assert_eq!(outcome.new_plays, 50);
    assert_eq!(outcome.gap, Some((at(300), at(8510))));
    let intervals = ["complete 200 300", "gap 300 8510", "complete 8510 9000", "unknown 9000 10000"];
    assert_eq!(coverage(&bench).await, intervals);
    assert_eq!(bench.stored().plays().status().await.unwrap().gaps, 1);
}

#[tokio::test]
async fn a_late_arrival_on_a_page_does_not_shorten_the_gap_before_it() {
    let bench = Bench::new().await;
    poll(&bench, 1000, &listed([300, 200])).await;
    // The play that was reported late is above the others.
    let outcome = poll(&bench, 10_000, &listed([700, 900, 800])).await;
    assert_eq!(outcome.gap, Some((at(300), at(800))), "what was played from 300 on may be lost");
}

#[tokio::test]
async fn a_first_page_leaves_no_gap_and_every_later_one_without_overlap_does() {
    for later in [1, 49, 50] {
        let bench = Bench::new().await;
        assert_eq!(poll(&bench, 1000, &listed((0..50).map(|n| 900 - n))).await, quiet(50));
        let outcome = poll(&bench, 9000, &listed((0..later).map(|n| 5049 - n))).await;
        let oldest = 5050 - later;
        assert_eq!(outcome.gap, Some((at(900), at(oldest))), "a page of {later}");
        let intervals = [
            "complete 851 900".to_owned(),
            format!("gap 900 {oldest}"),
            format!("complete {oldest} 5049"),
            "unknown 5049 9000".to_owned(),
        ];
        assert_eq!(coverage(&bench).await, intervals);
    }
}

#[tokio::test]
async fn late_arrivals_are_stored_and_stretch_nothing() {
    let bench = Bench::new().await;
    poll(&bench, 1000, &listed([900, 800])).await;
    assert_eq!(poll(&bench, 2000, &listed([100, 1500, 900])).await, quiet(2));
    assert_eq!(coverage(&bench).await, ["complete 800 1500", "unknown 1500 2000"]);
    assert_eq!(bench.number("select count(*) from v_plays").await, 3 + 1);
}

#[tokio::test]
async fn one_unreadable_row_harms_nobody_and_counts_for_the_length_of_the_page() {
    let bench = Bench::new().await;
    poll(&bench, 1000, &listed([10])).await;
    let mut page = listed((0..48).map(|n| 900 - n));
    page.push(unreadable("{}"));
    page.push(Row::Null);
    let outcome = poll(&bench, 2000, &page).await;
    assert_eq!((outcome.new_plays, outcome.gap), (48, Some((at(10), at(853)))));
    assert_eq!(bench.stored().sync_state().set_aside_count().await.unwrap(), 1);
    assert_eq!(poll(&bench, 3000, &[Row::Null]).await, quiet(0));
}

#[tokio::test]
async fn the_view_says_what_was_played_where_from_and_that_it_counts() {
    let bench = Bench::new().await;
    poll(&bench, 1000, &[play("a", 300)]).await;
    bench.walk(tracks("b1"), true).await;
    let rows: Vec<Shown> = bench
        .rows("select played_at, track_id, uri, album, ms_played, source, context_uri, counts from v_plays")
        .await;
    let text = str::to_owned;
    assert_eq!(
        rows,
        [(
            text("2023-11-14T22:18:20.000Z"),
            text("a"),
            text("spotify:track:a"),
            text("Record"),
            None,
            text("api"),
            text("spotify:playlist:p"),
            1
        )]
    );
}
