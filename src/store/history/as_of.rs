//! The library as it was at a time, accurate to the sync that saw it.
//!
//! Owns: which lists have a past state, since when each is known, and the replay of the journal
//! backwards from the current state. Must not know: what a line means (`replay` does), or what a
//! row looks like (`rows` does).
//!
//! Saved tracks, the list of playlists and the contents of a playlist have the order that Spotify
//! gave them. The order of saved albums and followed artists is not reliable: albums are ordered by
//! `added_at`, newest first, then by name, and artists by name. Names of items are those of their
//! last description; a playlist's own fields (name, description, owner, visibility) are those of
//! that time.
//!
//! One read transaction covers the stored state and its journal. It ends before the first row is
//! printed, because a person may look at a page for an hour while the engine continues.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;

use super::replay::{self, Metadata, Misfit, ReplayLine, ReplayOrder, ReplaySaved};
use super::rows::{self, PastRow, PlaylistThen};
use crate::domain::{AccountId, Entity, PlaylistId};
use crate::store::db::sqlite::{self, Tx};
use crate::store::playlists::items::{self, Item};
use crate::store::{HistoryStore, Result, StoreError};

/// A list whose past state is available.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PastList {
    /// The saved tracks.
    Tracks,
    /// The saved albums.
    Albums,
    /// The followed artists.
    Artists,
    /// The list of playlists.
    Playlists,
    /// The contents of one playlist, whether it is still listed or not.
    ItemsOf(PlaylistId),
}

impl PastList {
    const fn entity(&self) -> Entity {
        match self {
            Self::Tracks => Entity::Tracks,
            Self::Albums => Entity::Albums,
            Self::Artists => Entity::Artists,
            Self::Playlists => Entity::Playlists,
            Self::ItemsOf(_) => Entity::PlaylistItems,
        }
    }

    fn playlist(&self) -> Option<&str> {
        match self {
            Self::ItemsOf(playlist) => Some(playlist.as_str()),
            _ => None,
        }
    }

    /// The list in words, with its verb.
    const fn words(&self) -> &'static str {
        match self {
            Self::Tracks => "the saved tracks are",
            Self::Albums => "the saved albums are",
            Self::Artists => "the followed artists are",
            Self::Playlists => "the list of playlists is",
            Self::ItemsOf(_) => "the contents of this playlist are",
        }
    }
}

/// A past state of a list, in its order; [`HistoryStore::past_rows`] returns the columns of its
/// rows.
#[derive(Debug, Clone)]
pub struct PastLibrary {
    account: AccountId,
    rows: PastRows,
}

#[derive(Debug, Clone)]
enum PastRows {
    Tracks(Vec<ReplaySaved>),
    Albums(Vec<ReplaySaved>),
    Artists(Vec<String>),
    Playlists(Vec<PlaylistThen>),
    Items(PlaylistId, Vec<Item>),
}

impl PastLibrary {
    /// How many rows it had.
    #[must_use]
    pub const fn len(&self) -> usize {
        match &self.rows {
            PastRows::Tracks(rows) | PastRows::Albums(rows) => rows.len(),
            PastRows::Artists(rows) => rows.len(),
            PastRows::Playlists(rows) => rows.len(),
            PastRows::Items(_, rows) => rows.len(),
        }
    }

    /// Whether it was empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The names of a playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaylistName {
    /// Spotify's id.
    pub id: PlaylistId,
    /// `spotify:playlist:...`
    pub uri: String,
    /// Its name at the requested time.
    pub then: String,
    /// Its name as last listed.
    pub now: String,
}

impl HistoryStore<'_> {
    /// A list as it was at `at`: with every change that a sync had seen by then, and none that was
    /// seen later. A time before the end of the list's first reading is an error that says since
    /// when the list is known.
    pub async fn past(self, list: &PastList, at: DateTime<Utc>) -> Result<PastLibrary> {
        let Self { store, account } = self;
        let mut tx = store.readers.begin().await?;
        known(&mut tx, account, list, at).await?;
        let mut journal = Journal { tx: &mut tx, account, list, after: at };
        let rows = match list {
            PastList::Tracks => PastRows::Tracks(journal.undo_ordered(TRACKS).await?),
            PastList::Albums => {
                let albums = journal.undo_unordered(ALBUMS).await?;
                PastRows::Albums(rows::albums_in_order(&mut tx, &albums).await?)
            }
            PastList::Artists => {
                let artists = journal.undo_unordered(ARTISTS).await?;
                PastRows::Artists(rows::artists_in_order(&mut tx, &artists).await?)
            }
            PastList::Playlists => PastRows::Playlists(playlists(journal).await?),
            PastList::ItemsOf(playlist) => {
                let slots = items::stored(journal.tx, account, playlist).await?;
                let now = slots.into_iter().map(|slot| slot.item).collect();
                PastRows::Items(playlist.clone(), journal.undo(now, replay::undo).await?)
            }
        };
        Ok(PastLibrary { account, rows })
    }

    /// The rows at some places of a past list, with their descriptions from the catalogue.
    pub async fn past_rows(self, past: &PastLibrary, places: Range<usize>) -> Result<Vec<PastRow>> {
        let store = self.store;
        let piece = rows::Piece { readers: &store.readers, account: past.account, first: places.start };
        match &past.rows {
            PastRows::Tracks(rows) => piece.tracks(rows.get(places).unwrap_or_default()).await,
            PastRows::Albums(rows) => piece.albums(rows.get(places).unwrap_or_default()).await,
            PastRows::Artists(rows) => piece.artists(rows.get(places).unwrap_or_default()).await,
            PastRows::Playlists(rows) => Ok(piece.playlists(rows.get(places).unwrap_or_default())),
            PastRows::Items(playlist, rows) => {
                piece.items(playlist, rows.get(places).unwrap_or_default()).await
            }
        }
    }

    /// Every playlist that was ever listed, with its name at `at` and its name now; in the order of
    /// the list, with unlisted playlists last.
    pub async fn playlist_names(self, at: DateTime<Utc>) -> Result<Vec<PlaylistName>> {
        let Self { store, account } = self;
        let mut tx = store.readers.begin().await?;
        let now = metadata(&mut tx, account).await?;
        let mut then: BTreeMap<String, Metadata> =
            now.iter().map(|playlist| (playlist.playlist_id.clone(), playlist.clone())).collect();
        let mut journal = Journal { tx: &mut tx, account, list: &PastList::Playlists, after: at };
        journal.each(|batch| replay::undo_metadata(&mut then, batch)).await?;
        let name = |now: Metadata| {
            let then = then.remove(&now.playlist_id).map_or_else(|| now.name.clone(), |then| then.name);
            PlaylistName { id: PlaylistId::new(now.playlist_id), uri: now.uri, then, now: now.name }
        };
        Ok(now.into_iter().map(name).collect())
    }
}

/// Refuses a time at which the list was not known yet.
async fn known(tx: &mut Tx, account: AccountId, list: &PastList, at: DateTime<Utc>) -> Result<()> {
    let sql = match list {
        PastList::ItemsOf(_) => {
            "select contents_first_at from playlists where account_id = ?1 and playlist_id = ?2"
        }
        _ => "select baseline_at from sync_state where account_id = ?1 and entity_type = ?2",
    };
    let since: Option<Option<String>> = sqlx::query_scalar(sql)
        .bind(account.0)
        .bind(list.playlist().unwrap_or(list.entity().as_str()))
        .fetch_optional(&mut **tx)
        .await?;
    let list = list.words();
    match sqlite::maybe_time(since.flatten().as_deref())? {
        None => Err(StoreError::NeverKnown { list }),
        Some(since) if at < since => Err(StoreError::NotKnownYet { list, since }),
        Some(_) => Ok(()),
    }
}

const TRACKS: &str = "select track_id as key, added_at from saved_tracks
                      where account_id = ?1 and track_id is not null order by ord";
const ALBUMS: &str = "select album_id, added_at from saved_albums where account_id = ?1";
const ARTISTS: &str = "select artist_id, null from followed_artists where account_id = ?1";
const PLAYLISTS: &str = "select playlist_id from playlists
                         where account_id = ?1 and removed_at is null order by ord";

async fn metadata(tx: &mut Tx, account: AccountId) -> Result<Vec<Metadata>> {
    let sql = "select playlist_id, uri, name, description, owner_id, owner_name, collaborative, public
               from playlists where account_id = ?1 order by removed_at is not null, ord";
    Ok(sqlx::query_as(sql).bind(account.0).fetch_all(&mut **tx).await?)
}

/// The list of playlists, each with its own fields and its number of slots.
async fn playlists(mut journal: Journal<'_>) -> Result<Vec<PlaylistThen>> {
    let now: Vec<String> =
        sqlx::query_scalar(PLAYLISTS).bind(journal.account.0).fetch_all(&mut **journal.tx).await?;
    let mut known: BTreeMap<String, Metadata> = metadata(journal.tx, journal.account)
        .await?
        .into_iter()
        .map(|playlist| (playlist.playlist_id.clone(), playlist))
        .collect();
    let undo = |list, batch: &[ReplayLine]| {
        replay::undo_metadata(&mut known, batch)?;
        replay::undo(list, batch)
    };
    let then = journal.undo(now, undo).await?;
    let mut counts = rows::slot_counts(journal.tx, journal.account, journal.after).await?;
    let of = |id: String| {
        let item_count = counts.remove(&id);
        known.remove(&id).map(|metadata| PlaylistThen { metadata, item_count })
    };
    let all: Option<Vec<_>> = then.into_iter().map(of).collect();
    all.ok_or_else(|| StoreError::Journal("it lists a playlist that nobody knows".to_owned()))
}

/// The lines about one list that were written since a time, newest first.
struct Journal<'a> {
    tx: &'a mut Tx,
    account: AccountId,
    list: &'a PastList,
    after: DateTime<Utc>,
}

/// The first line that was seen later, and every line written after it. The clock may have been set
/// back meanwhile, and changes can only be undone from the end.
const LINES: &str = "
select id, run_id, observed_at, change, item_key, uri, detail from library_changes
where account_id = ?1 and entity_type = ?2 and playlist_id is ?3
  and id >= (select min(id) from library_changes
             where account_id = ?1 and entity_type = ?2 and playlist_id is ?3 and observed_at > ?4)
order by id desc";

#[derive(sqlx::FromRow)]
struct JournalLineColumns {
    id: i64,
    run_id: i64,
    observed_at: String,
    change: String,
    item_key: Option<String>,
    uri: Option<String>,
    detail: String,
}

impl Journal<'_> {
    /// Passes on batch by batch, newest first.
    async fn each(
        &mut self,
        mut undo: impl FnMut(&[ReplayLine]) -> std::result::Result<(), Misfit>,
    ) -> Result<()> {
        let misfit = |misfit: Misfit| StoreError::Journal(misfit.0);
        let mut lines = sqlx::query_as(LINES)
            .bind(self.account.0)
            .bind(self.list.entity().as_str())
            .bind(self.list.playlist())
            .bind(sqlite::millis(self.after))
            .fetch(&mut **self.tx);
        let mut batch: Vec<ReplayLine> = Vec::new();
        let mut batch_of = None;
        while let Some(line) = lines.try_next().await? {
            let JournalLineColumns { id, run_id, observed_at, change, item_key, uri, detail } = line;
            let of = Some((run_id, observed_at));
            if batch_of != of {
                undo(&batch).map_err(misfit)?;
                batch.clear();
                batch_of = of;
            }
            batch.push(ReplayLine::read(id, &change, item_key, uri, &detail).map_err(misfit)?);
        }
        undo(&batch).map_err(misfit)
    }

    /// The list before every batch, from the list after all of them.
    async fn undo<L: Default>(
        &mut self,
        now: L,
        mut undo: impl FnMut(L, &[ReplayLine]) -> std::result::Result<L, Misfit>,
    ) -> Result<L> {
        let mut list = now;
        self.each(|batch| {
            list = undo(std::mem::take(&mut list), batch)?;
            Ok(())
        })
        .await?;
        Ok(list)
    }

    async fn undo_ordered<R>(&mut self, sql: &'static str) -> Result<Vec<R>>
    where
        R: ReplayOrder + for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
    {
        let now = sqlx::query_as(sql).bind(self.account.0).fetch_all(&mut **self.tx).await?;
        self.undo(now, replay::undo).await
    }

    async fn undo_unordered(&mut self, sql: &'static str) -> Result<BTreeMap<String, Option<String>>> {
        let now: Vec<(String, Option<String>)> =
            sqlx::query_as(sql).bind(self.account.0).fetch_all(&mut **self.tx).await?;
        let mut list = now.into_iter().collect();
        self.each(|batch| replay::undo_unordered(&mut list, batch)).await?;
        Ok(list)
    }
}
