//! What a job sends to the engine's actor: counts, ids and lines for the screen, never rows.

use crate::domain::{
    CapabilityStatus, ChangeLine, EntityStatus, LoginState, NowPlaying, PlaysStatus, RunView, Storage, User,
};

/// Reports that may wait for the actor. The actor handles one in microseconds. A job that finds the
/// channel full waits, which slows only the sync.
pub const REPORTS: usize = 64;

/// One report.
#[derive(Debug)]
pub enum EngineReport {
    /// The account.
    Account(User),
    /// Whether Spotify accepts our login.
    Login(LoginState),
    /// Whether rows can be written.
    Storage(Storage),
    /// A gauge changed.
    Entity(Box<EntityStatus>),
    /// The current run, or how it ended.
    Run(Box<RunView>),
    /// The play history changed.
    Plays(Box<PlaysStatus>),
    /// What is playing now; `None` if nothing plays, or no screen is open.
    NowPlaying(Option<Box<NowPlaying>>),
    /// All that is known of the app's capabilities.
    Capabilities(Vec<CapabilityStatus>),
    /// The journal's newest lines, and how many rows could not be read so far.
    Journal {
        /// Newest first.
        lines: Vec<ChangeLine>,
        /// Rejected rows that are kept as they came.
        set_aside: u32,
    },
}
