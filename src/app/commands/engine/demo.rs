//! `phonolog demo`: the real program with the built-in simulator and a temporary database. Whatever
//! the environment contains, none of the user's data is read or written.

mod clock;
mod director;
mod life;
mod past;

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use color_eyre::Result;
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::cli;
use crate::config::{AlertsConfig, Config, GateConfig, Paths, StatsConfig, SyncConfig, Ui};
use crate::domain::{Host, Trigger, Zone};
use crate::engine::Schedule;
use crate::handle::SyncRequest;
use crate::simulator::{SimConfig, Simulator};
use crate::store::{LockPurpose, ProvenSpan, Store};
use crate::tui::{ExitReason, TerminalSignals};

use clock::DemoClock;
use past::DemoPast;

use super::progress::OutputFormat;
use super::{dashboard, sync};
use crate::app::Failure;
use crate::app::output::print;
use crate::app::runtime::{engine_host, logging, signals};

/// A library that a first sync reads in well under a minute at the demo's pace.
const LIBRARY: SimConfig = SimConfig {
    tracks: 1200,
    albums: 140,
    artists: 90,
    playlists: 24,
    seed: 7,
    latency: Duration::from_millis(60),
    ..SimConfig::DEFAULT
};

/// Runs the demo.
pub async fn show(args: &cli::Demo) -> Result<u8> {
    let stage = DemoStage::set().await?;
    let _log = logging::start(&stage.config)?;
    if print::has_screen() && !args.once {
        stage.record_a_life().await?;
        dashboard::finish(stage.play(None).await)
    } else {
        stage.play_once().await
    }
}

/// The same on a screen, after another one, which follows again once a person has left it.
pub async fn go_on(signals: TerminalSignals) -> Result<ExitReason> {
    let stage = DemoStage::set().await?;
    let _log = logging::start(&stage.config)?;
    stage.record_a_life().await?;
    stage.play(Some(signals)).await
}

/// The simulator, and a config that leads only to it.
struct DemoStage {
    simulator: Simulator,
    clock: DemoClock,
    config: Config,
    stop: CancellationToken,
    /// The temporary directory; deleted when the demo ends.
    _dir: TempDir,
}

impl DemoStage {
    async fn set() -> Result<Self> {
        let no_room = |error: std::io::Error| {
            Failure::failed(format!("cannot create the demo's temporary files ({error}); check TMPDIR"))
        };
        let dir = tempfile::Builder::new().prefix("phonolog-demo-").tempdir().map_err(no_room)?;
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(no_room)?;
        let base = Url::parse(&format!("http://{}", listener.local_addr().map_err(no_room)?))?;
        let stop = CancellationToken::new();
        let clock = DemoClock::new();
        let simulator = Simulator::with_time(LIBRARY, Arc::new(clock.clone()));
        tokio::spawn(simulator.clone().serve(listener, stop.clone()));
        let config = config(&base, &dir)?;
        Ok(Self { simulator, clock, config, stop, _dir: dir })
    }

    /// Stores months of changes and ten years of listening.
    async fn record_a_life(&self) -> Result<()> {
        let (store, lock) = engine_host::open_for_writing(&self.config, LockPurpose::Engine).await?;
        let past =
            DemoPast { simulator: &self.simulator, clock: &self.clock, config: &self.config, store: &store };
        past.record().await?;
        self.import_plays(&store).await?;
        store.close().await;
        drop(lock);
        Ok(())
    }

    /// Stores ten years of listening, as an import of a privacy export does.
    async fn import_plays(&self, store: &Store) -> Result<()> {
        let tracks: Vec<life::DemoTrack> =
            self.simulator.saved_tracks().iter().filter_map(demo_track).collect();
        let now = Utc::now();
        let rows = life::plays(&tracks, now);
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
        let account = store.accounts().ensure(now).await?.id;
        let account = store.account(account);
        account.statistics().keep_by(self.config.stats.time_zone, self.config.stats.counts_from).await?;
        let plays = account.plays();
        let mut writer = plays.export_writer()?;
        writer.begin_file("Streaming_History_Audio.json", now);
        for batch in rows.chunks(5_000) {
            writer.write(batch).await?;
        }
        let at = |ms| chrono::DateTime::from_timestamp_millis(ms).unwrap_or(now);
        let span = writer.file().map(|file| ProvenSpan {
            from: at(first.ended_ms),
            to: at(last.ended_ms),
            file,
            next_file: None,
        });
        writer.close().await;
        plays.settle_exports().await?;
        plays.cover_by_import(span.as_slice()).await?;
        while account.statistics().settle_step().await? {}
        Ok(())
    }

    /// The dashboard, with a director who makes events happen.
    async fn play(self, signals: Option<TerminalSignals>) -> Result<ExitReason> {
        director::set_the_scene(&self.simulator);
        let room =
            engine_host::start(&self.config, Schedule::Recurring, Host::Screen, self.stop.child_token())
                .await?;
        let director = tokio::spawn(director::direct(self.simulator.clone(), room.engine.handle.clone()));
        let (handle, clock) = (room.engine.handle.clone(), room.clock.clone());
        let left = dashboard::draw(&self.config, handle, clock, signals, true, self.stop.clone()).await;
        director.abort();
        room.close().await;
        self.stop.cancel();
        if matches!(left, Ok(ExitReason::Quit)) {
            print::line(
                "The demo is over and its files are deleted. `phonolog login` connects your own account.",
            );
        }
        left
    }

    /// One full sync as plain lines, including the wait for its short hold.
    async fn play_once(self) -> Result<u8> {
        let signals = signals::stop_on_signals()?;
        director::set_the_scene(&self.simulator);
        let room =
            engine_host::start(&self.config, Schedule::OnDemand, Host::Command, self.stop.child_token())
                .await?;
        print::line("phonolog demo: syncing a made-up library into a temporary database");
        let request =
            SyncRequest { entities: Vec::new(), full: false, allow_removals: false, trigger: Trigger::Cli };
        let run =
            sync::run_to_its_end(&self.config, &room.engine.handle, request, OutputFormat::Text, &signals)
                .await;
        room.close().await;
        self.stop.cancel();
        Ok(run?.status.exit_status())
    }
}

/// The facts of a track that an export has.
fn demo_track(track: &serde_json::Value) -> Option<life::DemoTrack> {
    let text = |at: &str| track.pointer(at)?.as_str().map(str::to_owned);
    Some(life::DemoTrack {
        uri: text("/uri")?,
        name: text("/name")?,
        artist: text("/artists/0/name")?,
        album: text("/album/name")?,
        length_ms: track.pointer("/duration_ms")?.as_i64()?,
    })
}

const PACE: SyncConfig = SyncConfig {
    library_interval: Duration::from_secs(16),
    playback_interval: Duration::from_secs(5),
    initial_batch: 50,
    incremental_batch: 20,
    full_interval: Duration::from_hours(30 * 24),
};

const GATE: GateConfig =
    GateConfig { requests_per_second: 5.0, burst: 3, daily_budget: 300, wait: Duration::from_mins(1) };

fn config(base: &Url, dir: &TempDir) -> Result<Config> {
    let data_dir = dir.path().to_owned();
    Ok(Config {
        paths: Paths {
            config_file: data_dir.join("config.toml"),
            database: data_dir.join("phonolog.db"),
            data_dir,
        },
        client_id: None,
        access_token: Some(SecretString::from("demo")),
        api_url: base.join("v1")?,
        accounts_url: base.clone(),
        sync: PACE,
        gate: GATE,
        api_listen: None,
        alerts: AlertsConfig::default(),
        stats: StatsConfig { time_zone: Zone::UTC, counts_from: Duration::from_secs(30) },
        redirect_uri: Url::parse("http://127.0.0.1:8888/callback")?,
        ui: Ui {
            color: std::env::var_os("NO_COLOR").is_none(),
            theme: None,
            truecolor: crate::config::terminal_is_truecolor(),
            ascii: !crate::config::locale_is_utf8(),
            mouse: true,
        },
        keys: Vec::new(),
        log_filter: "phonolog=info,warn".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::queries::BrowseList;
    use crate::domain::{Entity, PlaylistId, RunStatus};

    #[tokio::test]
    async fn the_past_has_months_of_changes_versions_of_a_list_and_a_hold() {
        let stage = DemoStage::set().await.unwrap();
        let (store, _lock) = engine_host::open_for_writing(&stage.config, LockPurpose::Engine).await.unwrap();
        let past = DemoPast {
            simulator: &stage.simulator,
            clock: &stage.clock,
            config: &stage.config,
            store: &store,
        };
        let list = PlaylistId::new(past.own_lists().swap_remove(0));
        past.record().await.unwrap();
        let account = store.account(store.accounts().current().await.unwrap().unwrap().id);
        let journal = account.history().journal_tail(1_000).await.unwrap();
        let months: BTreeSet<_> =
            journal.iter().map(|line| line.observed_at.format("%Y-%m").to_string()).collect();
        assert!(months.len() > 5, "{months:?}");
        for entity in
            [Entity::Tracks, Entity::Albums, Entity::Artists, Entity::Playlists, Entity::PlaylistItems]
        {
            for change in ["added", "removed"] {
                let is_there =
                    |line: &crate::domain::ChangeLine| line.entity_type == entity && line.change == change;
                assert!(journal.iter().any(is_there), "{entity:?} {change}");
            }
        }
        let versions = account.queries().browse(&BrowseList::Versions(list)).await.unwrap();
        assert!(versions.len() > 8, "{}", versions.len());
        let runs = account.runs().newest(50).await.unwrap();
        assert_eq!(runs.iter().filter(|run| run.status == RunStatus::Held).count(), 1, "{runs:?}");
        assert!(runs.iter().all(|run| run.status != RunStatus::Failed), "{runs:?}");
        stage.stop.cancel();
    }
}
