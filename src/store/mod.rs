//! The only place that knows SQL.
//!
//! Owns: the schema, every statement, and the locks that decide who may write. Must not know:
//! Spotify, the engine, the screen. Its public methods use only domain types, so that a second
//! database can replace it.
//!
//! A list of the library is stored in its table (`saved_tracks`, `saved_albums`,
//! `followed_artists`, `playlists`), which the views show. While it is read, it is also in
//! `staged`. Both are ordered by `ord`, ascending from the top of the list. `ord` may be negative
//! and have gaps, so new rows at the top change no other row. Tracks, albums, artists and episodes
//! are described once, in the catalogue.
//!
//! | folder | contents |
//! |---|---|
//! | `handles` | the methods of a store, by room: `store.account(id).library()` |
//! | `db` | the file: connections, schema upgrades, locks, copies, errors |
//! | `state` | progress of each entity, runs, accounts, settings, rate limits, alerts, rejected rows |
//! | `catalog` | tracks, albums, artists and episodes as they were last described |
//! | `journal` | what changed: written, read, compared |
//! | `library` | the four lists: staged page by page, compared, committed |
//! | `playlists` | which contents are due, their slots and versions |
//! | `play_columns` | how plays and rows of exports are packed into numbers |
//! | `plays` | what each source said, the plays derived from it, coverage, imported rows |
//! | `stats` | aggregates, and the statistics of any period |
//! | `history` | the library as it was |
//! | `queries` | lists and details as a screen shows them |
//! | `export` | whole lists, row by row |

mod catalog;
mod db;
mod export;
mod handles;
mod history;
mod journal;
mod library;
mod play_columns;
mod playlists;
mod plays;
mod queries;
mod state;
mod stats;
#[cfg(test)]
mod tests;

use db::{migrate, sqlite};
use std::path::{Path, PathBuf};

use sqlx::SqlitePool;

pub use catalog::artist_details::{DetailsAnswer, DetailsTodo, FinishDetails};
pub use db::backup::{Health, copy, leftover_files, remove_leftovers, swap_in, trial_prefix};
pub use db::error::{Result, StoreError};
pub use db::lock::{DatabaseLock, LockError, LockHolder, LockPurpose, LockState};
pub use db::migrate::{MigrationStep, MigrationWatch};
pub use export::ExportList;
pub use handles::{
    AccountStore, AccountsStore, AlertStore, CapabilityStore, DetailsStore, HistoryStore, LibraryStore,
    PlayStore, PlaylistStore, QueryStore, RateLimitStore, RunStore, SettingsStore, StatisticsStore,
    SyncStateStore,
};
pub use history::as_of::{PastLibrary, PastList, PlaylistName};
pub use history::rows::{PastAlbum, PastArtist, PastItem, PastPlaylist, PastRow, PastTrack};
pub use journal::read::{ChangeFilter, ChangePage, ChangeRow};
pub use library::commit_full::{Delta, FinishWalk, Finished, needs_a_word};
pub use library::commit_incremental::{
    FinishIncremental, IncrementalOutcome, Recognised, SavedSlot, SlotTrack,
};
pub use library::first_page::FirstPage;
pub use library::null_rows::{Gone, Missing};
pub use library::page::{Checkpoint, CommittedPage, ListRows, StagedPage};
pub use library::unlisted::Unlisted;
pub use playlists::contents::{
    Attempts, BrakedContents, ContentsCommitted, ContentsJob, ContentsMark, ContentsPage, FinishContents,
    LastContentsPage,
};
pub use plays::imported::{
    ExportWriter, FileSize, ImportId, ImportedFile, ProvenSpan, ReadSource, Settled, Stored, UndoOutcome,
    UndoRefused,
};
pub use plays::polls::{Poll, PollOutcome};
pub use queries::{PlayedMonths, PlaysAround};
pub use state::alerts::UndeliveredAlert;
pub use state::page_limits::PageLimit;
pub use state::rate_limits::GateFigures;
pub use state::settings::{CapabilityState, Flag};
pub use state::sync_state::{Committed, EntityMark};
pub use stats::{
    Completeness, FirstHeard, Keeping, Listening, MovedRank, NeverPlayed, Period, PeriodParts, PlayTally,
    Ranked, RankedItem, SavedMonth, Streak, Streaks, TopRequest,
};

/// What a store may do with its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Creates the file if it is missing and upgrades its schema. Only for a caller that knows that
    /// no other process uses the file; all others use [`Store::open_locked`].
    ReadWrite,
    /// Reads an existing, up-to-date file.
    ReadOnly,
}

/// The database: one connection that writes and a few that read. A clone is cheap.
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
    /// With [`Access::ReadWrite`] a missing file and its folder are created, accessible by this
    /// user only, and an older schema is upgraded after a copy was stored in
    /// `<database>.before-<version>`.
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

    /// Opens the file for writing; `watch` follows a migration.
    async fn open_watched(url: &str, watch: &MigrationWatch) -> Result<Self> {
        let path = sqlite::path_of(url)?;
        sqlite::create(&path)?;
        let writer = sqlite::writer(&path).await?;
        if let Err(error) = migrate::bring_up_to_date(&writer, &path, watch).await {
            // Its file locks are released here, and not some time later.
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

    /// Whether the path still leads to the file that was opened. If the file was deleted or
    /// replaced, everything written to it is lost when it is closed.
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

    /// Frees the caches: their pages were needed by a run, and are not used until the next one.
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

    /// Waits for running statements and closes every connection.
    pub async fn close(self) {
        self.readers.close().await;
        if let Some(writer) = self.writer {
            sqlite::shrink_log(&writer, &self.path).await;
            writer.close().await;
        }
    }
}
