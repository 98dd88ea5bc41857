//! `phonolog simulate`: only the simulator, on loopback.

use std::time::Duration;

use color_eyre::Result;
use tokio::net::TcpListener;

use crate::cli;
use crate::simulator::{SimConfig, Simulator};

use crate::app::Failure;
use crate::app::output::print;
use crate::app::runtime::signals;

/// Serves until Ctrl-C.
pub async fn serve(args: &cli::Simulate) -> Result<u8> {
    if !args.listen.ip().is_loopback() {
        return Err(Failure::Usage(format!(
            "the simulator listens on loopback only, not on {}; choose 127.0.0.1:PORT",
            args.listen
        ))
        .into());
    }
    let stop = signals::stop_on_signals()?;
    let simulator = Simulator::new(SimConfig {
        tracks: args.tracks,
        albums: args.albums,
        artists: args.artists,
        playlists: args.playlists,
        plays: args.plays,
        seed: args.seed,
        latency: Duration::from_millis(args.latency_ms),
        shape: args.shape,
        window_limit: args.window_limit,
        day_limit: args.day_limit,
        ..SimConfig::DEFAULT
    });
    let mood = simulator.faults_of(args.mood, args.seed);
    simulator.set_faults(mood.into_iter().chain(args.faults.clone()).collect());
    let busy = |error: std::io::Error| {
        Failure::failed(format!("cannot listen on {} ({error}); choose another port", args.listen))
    };
    let listener = TcpListener::bind(args.listen).await.map_err(busy)?;
    print::line(&format!("listening on http://{}", listener.local_addr().map_err(busy)?));
    simulator.serve(listener, stop).await?;
    Ok(0)
}
