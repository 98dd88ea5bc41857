//! Saved tracks read from the top.

use crate::store::tests::*;

async fn finish(bench: &Bench, remote: u32) -> IncrementalOutcome {
    let finish = FinishIncremental { remote, at: at(120), ..FinishIncremental::default() };
    bench.stored().library().finish_incremental(bench.run, &finish).await.unwrap().outcome
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
    assert_eq!(finish(&bench, 7).await, IncrementalOutcome::Applied(delta));
    assert_eq!(library(&bench).await, ["x", "b", "-", "y", "a", "-", "c"]);
    assert_eq!(journal(&bench).await, ["added x", "added y", "changed b"]);
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
    assert_eq!(finish(&bench, 4).await, IncrementalOutcome::Mismatch);
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
    assert_eq!(finish(&bench, 4).await, IncrementalOutcome::Applied(Delta::default()));
    assert!(bench.writes().await.is_empty());
    assert_eq!(bench.state(Entity::Tracks).await.last_synced_at, Some(at(120)));
}

#[tokio::test]
async fn what_is_gone_goes_and_says_where_it_stood() {
    let bench = head("x30").await;
    let slots = bench.stored().library().saved_slots().await.unwrap();
    let gone = vec![slots[2].ord];
    let finish = FinishIncremental { remote: 4, gone, at: at(120), ..FinishIncremental::default() };
    let outcome = bench.stored().library().finish_incremental(bench.run, &finish).await.unwrap().outcome;
    assert_eq!(outcome, IncrementalOutcome::Applied(Delta { added: 1, removed: 1, changed: 0 }));
    assert_eq!(library(&bench).await, ["x", "a", "-", "c"]);
    assert_eq!(journal(&bench).await, ["removed b", "added x"]);
}

#[tokio::test]
async fn slots_tell_what_is_known_of_their_tracks() {
    let bench = head("").await;
    let slots = bench.stored().library().saved_slots().await.unwrap();
    let ids: Vec<_> = slots.iter().map(|slot| slot.track.as_ref().map(|track| track.id.as_str())).collect();
    assert_eq!(ids, [Some("a"), None, Some("b"), Some("c")]);
    let first = slots[0].track.as_ref().unwrap();
    assert_eq!((first.added_at, first.name.is_empty()), (Some(at(9)), false));
}

#[tokio::test]
async fn a_slot_under_another_id_stays_where_it_is() {
    let bench = head("").await;
    let slots = bench.stored().library().saved_slots().await.unwrap();
    let ListRows::Tracks(rows) = tracks("d8") else { unreachable!() };
    let Some(Row::Readable(mut saved)) = rows.into_iter().next() else { unreachable!() };
    saved.item.isrc = Some("SAME".to_owned());
    let same = sqlx::query("update tracks set isrc = 'SAME' where track_id = 'b'");
    same.execute(bench.store.writer().unwrap()).await.unwrap();
    let relinked = Recognised { ord: slots[2].ord, saved };
    let checkpoint = checkpoint(Mode::Incremental, 0);
    let delta = bench
        .stored()
        .library()
        .commit_recognised(bench.run, &[relinked], at(90), &checkpoint)
        .await
        .unwrap()
        .outcome;
    assert_eq!(delta, Delta { added: 0, removed: 0, changed: 1 });
    assert_eq!(library(&bench).await, ["a", "-", "d", "c"]);
    assert_eq!(journal(&bench).await, ["changed d"]);
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
