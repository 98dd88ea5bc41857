//! The commands that a person may send to a running engine, and how its schedule works.

use crate::domain::{Failures, RunId, RunStatus, RunView, Trigger};
use crate::handle::{Accepted, CommandRefused, EngineCommand, SyncRequest};

use super::*;
use crate::engine::Tunable;

fn sync(trigger: Trigger) -> EngineCommand {
    let entities = vec![Entity::Albums];
    EngineCommand::Sync(SyncRequest { entities, full: false, allow_removals: false, trigger })
}

impl Stage {
    async fn send(&self, command: EngineCommand) -> Result<Accepted, CommandRefused> {
        self.engine.handle.send(command).await
    }

    /// An engine whose first run has ended.
    async fn at_rest() -> Self {
        let stage = Self::new(false).await;
        let is_over = |run: &RunView| run.finished_at.is_some();
        stage.wait_until("the first run", |snapshot| snapshot.run.as_ref().is_some_and(is_over)).await;
        stage
    }

    /// A run that waits for an answer about the albums.
    async fn with_a_run_under_way() -> (Self, RunId) {
        let stage = Self::at_rest().await;
        let albums = stage.asked("me/albums");
        stage.spotify.is_silent.send_replace(true);
        let Ok(Accepted::Run(run)) = stage.send(sync(Trigger::Key)).await else { panic!("no run was begun") };
        stage.wait_for_request("me/albums", albums).await;
        (stage, run)
    }

    /// Waits for the end of a run. First the run gets its answer, unless it was cancelled.
    async fn wait_for_end(&self, id: RunId, status: RunStatus) {
        self.spotify.is_silent.send_replace(status == RunStatus::Cancelled);
        let is_over = |run: &RunView| run.id == id && run.status == status;
        self.wait_until("the end of the run", |snapshot| snapshot.run.as_ref().is_some_and(is_over)).await;
        self.spotify.is_silent.send_replace(false);
    }

    async fn wait_until(&self, what: &str, fits: impl Fn(&Snapshot) -> bool) {
        let mut snapshots = self.engine.handle.snapshots();
        let waited = timeout(PATIENCE, async {
            while !fits(&snapshots.borrow_and_update()) {
                // Snapshots keep their minimum interval on the engine's own clock, and a cancelled
                // request gets two seconds.
                self.clock.pass(Duration::from_millis(100));
                let _ = timeout(Duration::from_millis(20), snapshots.changed()).await;
            }
        });
        assert!(waited.await.is_ok(), "{what} was waited for in vain: {:?}", self.engine.handle.snapshot());
    }

    fn albums(&self) -> EntityStatus {
        let snapshot = self.engine.handle.snapshot();
        snapshot.entities.iter().find(|row| row.entity_type == Entity::Albums).unwrap().clone()
    }
}

#[tokio::test]
async fn one_run_at_a_time() {
    let (stage, run) = Stage::with_a_run_under_way().await;
    assert_eq!(stage.send(sync(Trigger::Cli)).await, Err(CommandRefused::Busy));
    assert_eq!(stage.send(EngineCommand::Ping).await, Ok(Accepted::Done));
    stage.wait_for_end(run, RunStatus::Done).await;
    assert!(matches!(stage.send(sync(Trigger::Cli)).await, Ok(Accepted::Run(_))));
    stage.engine.stop().await;
}

#[tokio::test]
async fn what_a_person_cancels_stops_and_is_not_taken_up_at_once() {
    let (stage, run) = Stage::with_a_run_under_way().await;
    assert_eq!(stage.send(EngineCommand::Cancel).await, Ok(Accepted::Done));
    stage.wait_for_end(run, RunStatus::Cancelled).await;
    // It is tried again like a failure, and not like an entity that was read.
    let [soonest, latest] = [12, 16].map(|minutes| Some(stage.clock.now() + Duration::from_mins(minutes)));
    let is_put_off = || soonest < stage.albums().next_due_at && stage.albums().next_due_at < latest;
    stage.wait_until("a later turn", |_| is_put_off()).await;
    assert_eq!(stage.engine.handle.snapshot().run.as_ref().map(|last| last.id), Some(run));
    assert_eq!(stage.send(EngineCommand::Cancel).await, Err(CommandRefused::Idle));
    stage.engine.stop().await;
}

#[tokio::test]
async fn a_pause_stops_the_run_and_lets_in_only_who_asks_for_one_at_a_terminal() {
    let (stage, run) = Stage::with_a_run_under_way().await;
    assert_eq!(stage.send(EngineCommand::Pause).await, Ok(Accepted::Done));
    stage.wait_for_end(run, RunStatus::Cancelled).await;
    assert_eq!(stage.send(sync(Trigger::Key)).await, Err(CommandRefused::Paused));
    let before = stage.asked("me/tracks");
    stage.clock.pass(3 * HOUR);
    let then = stage.clock.now();
    stage.wait_until("a poll", |snapshot| snapshot.plays.last_polled_at >= Some(then)).await;
    assert_eq!(stage.asked("me/tracks"), before, "no run comes by itself");
    let Ok(Accepted::Run(run)) = stage.send(sync(Trigger::Cli)).await else { panic!("no run was begun") };
    stage.wait_for_end(run, RunStatus::Done).await;
    assert_eq!(stage.send(EngineCommand::Resume).await, Ok(Accepted::Done));
    stage.wait_for_request("me/tracks", before).await;
    stage.engine.stop().await;
}

#[tokio::test]
async fn the_schedule_reads_everything_once_an_hour() {
    let stage = Stage::at_rest().await;
    let counts = || ["me/albums", "me/following", "me/playlists"].map(|path| stage.asked(path));
    let before = counts();
    stage.clock.pass(Duration::from_mins(58));
    let then = stage.clock.now();
    stage.wait_until("a poll", |snapshot| snapshot.plays.last_polled_at >= Some(then)).await;
    assert_eq!(counts(), before, "not before the hour is over");
    stage.clock.pass(Duration::from_mins(2));
    let next = |rows: &[EntityStatus]| rows.iter().all(|row| row.next_due_at > Some(stage.clock.now()));
    stage.wait_for("the next turns", next).await;
    assert_eq!(counts(), before.map(|requests| requests + 1));
    stage.engine.stop().await;
}

#[tokio::test]
async fn a_shorter_interval_holds_at_once() {
    let stage = Stage::at_rest().await;
    let settings = settings_at(String::new());
    let sync = config::SyncConfig { library_interval: Duration::from_mins(1), ..settings.sync };
    stage.engine.tuner().tune(Tunable { sync, gate: settings.gate });
    let latest = stage.clock.now() + Duration::from_mins(2);
    stage
        .wait_for("turns within the minute", |rows| rows.iter().all(|row| row.next_due_at < Some(latest)))
        .await;
    stage.engine.stop().await;
}

#[tokio::test]
async fn what_fails_in_a_scheduled_run_is_tried_again_sooner_than_its_turn_and_not_at_once() {
    let stage = Stage::at_rest().await;
    stage.spotify.breaks_albums.store(true, std::sync::atomic::Ordering::Relaxed);
    stage.clock.pass(HOUR);
    stage.wait_until("the failure", |_| stage.albums().state == EntityState::Failed).await;
    let wait = stage.albums().next_due_at.unwrap() - stage.clock.now();
    assert!(wait > TimeDelta::minutes(10) && wait <= TimeDelta::minutes(15), "{wait}");
    stage.engine.stop().await;
}

#[tokio::test]
async fn the_pause_after_several_failures_outlasts_a_restart() {
    let pause = 5 * HOUR;
    let stage = Stage::on(false, async |store| {
        let account = store.accounts().ensure(TwoClocks::new().now()).await.unwrap();
        let next_due_at = Some(TwoClocks::new().now() + pause);
        let failures = Some(Failures { count: 6, furthest: 0 });
        let mark = EntityMark { state: EntityState::Failed, error: None, next_due_at, failures };
        store.account(account.id).sync_state().mark(Entity::Albums, &mark).await.unwrap();
    })
    .await;
    let is_read = |rows: &[EntityStatus]| {
        rows.iter().filter(|row| row.entity_type == Entity::Artists).all(|row| row.next_due_at.is_some())
    };
    stage.wait_for("the first sync", is_read).await;
    assert!(stage.albums().next_due_at.unwrap() > stage.clock.now() + 4 * HOUR);
    assert_eq!(stage.asked("me/albums"), 0);
    stage.engine.stop().await;
}
