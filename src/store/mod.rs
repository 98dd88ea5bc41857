//! The only place that knows SQL.
//!
//! Owns: the schema, every statement, and the lock that lets one engine write. Must not know: Spotify,
//! the engine, the screen. Its face speaks domain types alone, so that a second database can stand
//! behind it.
//!
//! A library list lives twice: in its *live* table (`saved_tracks`, `saved_albums`, `followed_artists`,
//! `playlists`), which the views show, and while it is walked in `staged`. Both are ordered by `ord`,
//! ascending from the top of the list, which may be negative and have holes: rows that are new on top
//! get smaller numbers and nothing below them is touched. What the rows name (tracks, albums, artists,
//! episodes) is kept once, in the catalogue.
//!
//! | file | idea |
//! |---|---|
//! | `sqlite` | SQLite's own: connections, codes, times as text |
//! | `migrate` | the schema of a file, and the copy before it changes |
//! | `lock`, `open` | who may write beside whom; the one way to open for writing |
//! | `accounts`, `runs`, `state`, `settings` | whose library, which run, how far, what was learnt |
//! | `catalogue` | tracks, albums, artists, episodes as last described |
//! | `set_aside` | rows that could not be read |
//! | `live` | the four live lists |
//! | `walk`, `stage` | a list being read, page by page |
//! | `relinks` | tracks that changed their id |
//! | `masks` | what was not read again, and null rows that may hide it |
//! | `unlisted`, `kept` | what stays although its list does not show it, and where it stands |
//! | `swap`, `head` | what was read becomes the library |
//! | `compare`, `diff`, `edits` | what differs between two readings, and its lines in the journal; pure |
//! | `contents`, `items` | which playlists are to be read, and the slots of one |
//! | `versions`, `ords` | a playlist's next version: its lines in the journal, and where its slots go; pure |
//! | `journal`, `changes` | what changed, for ever: written, and read |
//! | `history`, `replay`, `past_rows` | the library as it was: the journal backwards; `replay` is pure |
//! | `details` | which artists are to be described, and what an answer says of them |
//! | `plays`, `coverage` | what each poll said of the listening, and for when the history is known |
//! | `exports` | what privacy exports said of it |
//! | `settle`, `statements` | plays derived from everything that was said |
//! | `stats` | what plays come to, by day, hour and what was played, in any period |
//! | `browse` | lists and details as a screen shows them |
//! | `export` | everything, row by row |
//! | `backup` | copies of the whole: made, verified, put in place |
//! | `gate`, `page_limits` | holds, counted requests, the largest pages |
//! | `alerts` | what wanted attention, and whether it was told outside |

mod accounts;
mod alerts;
mod backup;
mod browse;
mod catalogue;
mod changes;
mod compare;
mod contents;
mod coverage;
mod details;
mod diff;
mod edits;
mod error;
mod export;
mod exports;
mod gate;
mod head;
mod history;
mod items;
mod journal;
mod kept;
mod live;
mod lock;
mod masks;
mod migrate;
mod open;
mod ords;
mod page_limits;
mod past_rows;
mod places;
mod plays;
mod relinks;
mod replay;
mod runs;
mod set_aside;
mod settings;
mod settle;
mod sqlite;
mod stage;
mod state;
mod statements;
mod stats;
mod swap;
#[cfg(test)]
mod tests;
mod unlisted;
mod versions;
mod walk;

use std::path::{Path, PathBuf};

use sqlx::SqlitePool;

pub use alerts::Untold;
pub use backup::{Health, copy, leftover_files, remove_leftovers, swap_in, trial_prefix};
pub use browse::{PlayedMonths, PlaysAround};
pub use changes::{ChangeFilter, ChangeRow, Changes};
pub use contents::{
    Attempts, BrakedContents, ContentsCommitted, ContentsJob, ContentsMark, ContentsPage, FinishContents,
    LastContentsPage,
};
pub use details::{DetailsAnswer, DetailsTodo, FinishDetails};
pub use error::{Result, StoreError};
pub use export::ExportList;
pub use exports::{ExportWriter, Settled, Stored};
pub use gate::GateFigures;
pub use head::{FinishHead, HeadOutcome, Recognised, SavedSlot, SlotTrack};
pub use history::{Past, PastList, PlaylistName};
pub use lock::{DatabaseLock, LockError, LockHolder, LockPurpose, LockState};
pub use masks::{Gone, Missing};
pub use migrate::{MigrationStep, MigrationWatch};
pub use page_limits::PageLimit;
pub use past_rows::{PastAlbum, PastArtist, PastItem, PastPlaylist, PastRow, PastTrack};
pub use plays::{Poll, PollOutcome};
pub use settings::{CapabilityState, Flag};
pub use state::EntityMark;
pub use stats::{
    Completeness, Keeping, Listening, NeverPlayed, Parts, Period, Ranked, SavedMonth, Settling, Streak,
    Streaks, Tally, Top,
};
pub use swap::{Delta, FinishWalk, Finished, needs_a_word};
pub use unlisted::Unlisted;
pub use walk::{Checkpoint, Committed, ListRows, WalkPage};

/// What a store may do with its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Creates the file where it is missing and brings its schema up to date. Only for whoever knows that nobody else
    /// is there; everybody else uses [`Store::open_locked`].
    ReadWrite,
    /// Reads a file that is there and up to date.
    ReadOnly,
}

/// The database; a cheap clone of one connection that writes and a few that read.
#[derive(Debug, Clone)]
pub struct Store {
    path: PathBuf,
    /// Device and inode of the file that was opened.
    identity: Option<(u64, u64)>,
    writer: Option<SqlitePool>,
    readers: SqlitePool,
}

impl Store {
    /// Opens the database at `url` (`sqlite:PATH`).
    ///
    /// With [`Access::ReadWrite`] a missing file and its folder are made, for this user alone, and an
    /// older schema is brought up to date after a copy was kept in `<database>.before-<version>`.
    pub async fn open(url: &str, access: Access) -> Result<Self> {
        let path = sqlite::path_of(url)?;
        match access {
            Access::ReadWrite => Self::open_watched(url, &MigrationWatch::default()).await,
            Access::ReadOnly => {
                if !path.exists() {
                    return Err(StoreError::Missing { path });
                }
                let readers = sqlite::readers(&path);
                migrate::check(&readers, &path).await?;
                Ok(Self { identity: sqlite::identity(&path), path, writer: None, readers })
            }
        }
    }

    /// Opens it for writing; `watch` follows a migration.
    async fn open_watched(url: &str, watch: &MigrationWatch) -> Result<Self> {
        let path = sqlite::path_of(url)?;
        sqlite::create(&path)?;
        let writer = sqlite::writer(&path).await?;
        if let Err(error) = migrate::bring_up_to_date(&writer, &path, watch).await {
            // Its file locks end here, not some time later.
            writer.close().await;
            return Err(error);
        }
        let readers = sqlite::readers(&path);
        Ok(Self { identity: sqlite::identity(&path), path, writer: Some(writer), readers })
    }

    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the path still leads to the file that was opened. What is written to one that was deleted or replaced
    /// is lost when it is closed.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        self.identity.is_some() && sqlite::identity(&self.path) == self.identity
    }

    /// Whether no statement runs and no transaction is open: every connection is back in its pool.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let is_quiet = |pool: &SqlitePool| pool.num_idle() == pool.size() as usize;
        is_quiet(&self.readers) && self.writer.as_ref().is_none_or(is_quiet)
    }

    /// Gives back what caches hold: pages that a run needed, and that nobody asks for until the next one.
    pub async fn rest(&self) -> Result<()> {
        const SHRINK: &str = "pragma shrink_memory";
        if let Some(writer) = &self.writer {
            sqlx::query(SHRINK).execute(writer).await?;
        }
        let mut idle = Vec::new();
        while let Some(reader) = self.readers.try_acquire() {
            idle.push(reader);
        }
        for reader in &mut idle {
            sqlx::query(SHRINK).execute(&mut **reader).await?;
        }
        Ok(())
    }

    /// Waits for what is under way and closes every connection.
    pub async fn close(self) {
        self.readers.close().await;
        if let Some(writer) = self.writer {
            sqlite::shrink_log(&writer, &self.path).await;
            writer.close().await;
        }
    }
}
