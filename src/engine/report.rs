//! What a job tells the engine's actor: counts, ids and lines for the screen, never rows.

use crate::domain::{
    CapabilityStatus, ChangeLine, EntityStatus, LoginState, NowPlaying, PlaysStatus, RunView, Storage, User,
};

/// Reports that may wait for the actor. It folds one in microseconds; a job that finds the channel full
/// waits, which slows the sync and nothing else.
pub const REPORTS: usize = 64;

/// One piece of news.
#[derive(Debug)]
pub enum EngineReport {
    /// Whose library it is.
    Account(User),
    /// Whether Spotify lets us in.
    Login(LoginState),
    /// Whether what is read can be written.
    Storage(Storage),
    /// A gauge moved.
    Entity(Box<EntityStatus>),
    /// The run under way, or how it ended.
    Run(Box<RunView>),
    /// The play history moved.
    Plays(Box<PlaysStatus>),
    /// What plays now; `None` where nothing does, or nobody looks.
    NowPlaying(Option<Box<NowPlaying>>),
    /// What is known of the app, in all.
    Capabilities(Vec<CapabilityStatus>),
    /// The journal's newest lines, and how many rows could not be read so far.
    Journal {
        /// Newest first.
        lines: Vec<ChangeLine>,
        /// Rows kept raw.
        set_aside: u32,
    },
}
