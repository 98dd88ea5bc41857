//! Saved tracks read from the top.

use super::*;

async fn finish(bench: &Bench, remote: u32) -> HeadOutcome {
    let finish = FinishHead { remote, at: at(120), next_due_at: None };
    bench.store.finish_head(bench.account, bench.run, &finish).await.unwrap()
}

async fn library(bench: &Bench) -> Vec<String> {
    bench.texts("select coalesce(track_id, '-') from saved_tracks order by ord").await
}

async fn head(rows: &str) -> Bench {
    let bench = Bench::new().await;
    bench.walk(tracks("a9 - b8 c7"), true).await;
    bench.begin(Entity::Tracks, Mode::Incremental).await;
    bench.page(tracks(rows), 0, false).await;
    bench
}

#[tokio::test]
async fn new_rows_go_on_top_and_a_track_saved_again_leaves_its_old_slot() {
    let bench = head("x30 b20 - y10").await;
    assert_eq!(library(&bench).await, ["a", "-", "b", "c"], "nothing shows before the end");
    let delta = Delta { added: 2, removed: 0, changed: 1 };
    assert_eq!(finish(&bench, 7).await, HeadOutcome::Applied(delta));
    assert_eq!(library(&bench).await, ["x", "b", "-", "y", "a", "-", "c"]);
    assert_eq!(journal(&bench).await, ["added x", "changed b", "added y"]);
    let detail = bench.texts("select detail from library_changes where change = 'changed'").await;
    let detail: serde_json::Value = serde_json::from_str(&detail[0]).unwrap();
    assert_eq!(detail["position"], serde_json::json!([1, 1]));
    let state = bench.state(Entity::Tracks).await;
    assert_eq!((state.total_processed, state.last_added, state.last_changed), (7, 2, 1));
    assert_eq!((state.cursor, state.last_synced_at), (None, Some(at(120))));
}

#[tokio::test]
async fn numbers_that_do_not_come_out_change_nothing() {
    let bench = head("x30").await;
    assert_eq!(finish(&bench, 4).await, HeadOutcome::Mismatch);
    assert_eq!(library(&bench).await, ["a", "-", "b", "c"]);
    assert_eq!(bench.number("select count(*) from staged").await, 0);
    let state = bench.state(Entity::Tracks).await;
    assert_eq!((state.cursor, state.last_synced_at), (None, Some(at(60))));
    assert!(journal(&bench).await.is_empty());
}

#[tokio::test]
async fn a_quiet_head_costs_no_write_to_the_library() {
    let bench = head("").await;
    bench.watch_writes().await;
    assert_eq!(finish(&bench, 4).await, HeadOutcome::Applied(Delta::default()));
    assert!(bench.writes().await.is_empty());
    assert_eq!(bench.state(Entity::Tracks).await.last_synced_at, Some(at(120)));
}

#[tokio::test]
async fn slots_are_known_by_track_and_time_together() {
    let bench = head("").await;
    let key = |track: Option<&str>, second| SlotKey {
        track_id: track.map(TrackId::new),
        added_at: Some(at(second)),
    };
    let keys = [key(Some("a"), 9), key(Some("a"), 8), key(Some("z"), 9), key(None, 9)];
    let known = bench.store.known_saved_tracks(bench.account, &keys).await.unwrap();
    assert_eq!(known, [true, false, false, false]);
}

#[tokio::test]
async fn a_walk_after_heads_finds_nothing_to_do() {
    let bench = head("x30 b20").await;
    finish(&bench, 5).await;
    bench.watch_writes().await;
    let finished = bench.walk(tracks("x30 b20 a9 - c7"), false).await;
    assert_eq!(finished, Finished::Applied(Delta::default()));
    assert!(bench.writes().await.is_empty());
}
