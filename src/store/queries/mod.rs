//! The data of a browser screen: whole lists as rows of cells, and everything about one item.
//!
//! Owns: the statements behind the lists of `domain::queries`, and behind details. Must not know:
//! how rows are filtered, sorted or shown.
//!
//! A list is read in one statement in its stored order. Details are requested for one item at a
//! time, when a person presses a key. They may read a whole list of the library, but never all
//! plays.

mod details;
mod everything;
mod journal;
mod lists;
mod past;
mod played;
mod plays;
mod plays_of;
mod runs;
mod versions;

pub use plays::PlaysAround;
#[cfg(test)]
pub(super) use plays::{NEWER as PLAYS_NEWER, OLDER as PLAYS_OLDER};
pub use plays_of::PlayedMonths;
#[cfg(test)]
pub(super) use plays_of::{NEWER_OF as PLAYS_NEWER_OF, OLDER_OF as PLAYS_OLDER_OF};

use sqlx::FromRow;
use sqlx::sqlite::SqliteRow;

use super::{QueryStore, Result};
use crate::domain::queries::{BrowseList, Details, ItemKind, TableRow};

impl QueryStore<'_> {
    /// Every row of a list, in its own order.
    pub async fn browse(self, list: &BrowseList) -> Result<Vec<TableRow>> {
        match list {
            BrowseList::Tracks => lists::tracks(self).await,
            BrowseList::Albums => lists::albums(self).await,
            BrowseList::Artists => lists::artists(self).await,
            BrowseList::Playlists => lists::playlists(self).await,
            BrowseList::Contents(playlist) => lists::contents(self, playlist).await,
            BrowseList::Versions(playlist) => versions::all(self, playlist).await,
            BrowseList::Version(version) => versions::one(self, version).await,
            BrowseList::Past(of, at) => past::rows(self, of, *at).await,
            BrowseList::Everything => everything::all(self).await,
            BrowseList::Played => plays_of::items(self).await,
            BrowseList::Changes => journal::all(self).await,
            BrowseList::ChangesOf(run) => journal::of_run(self, *run).await,
            BrowseList::Runs => runs::all(self).await,
            // The log is in files.
            BrowseList::Log => Ok(Vec::new()),
        }
    }

    /// Everything that is known about one item; `None` if nothing is.
    pub async fn describe(self, thing: &ItemKind) -> Result<Option<Details>> {
        match thing {
            ItemKind::Track(track) => details::track(self, track).await,
            ItemKind::Album(album) => details::album(self, album).await,
            ItemKind::Artist(artist) => details::artist(self, artist).await,
            ItemKind::Episode(episode) => details::episode(self, episode).await,
            ItemKind::Playlist(playlist) => details::playlist(self, playlist).await,
            ItemKind::Play(play) => plays::play(self, *play).await,
            ItemKind::Change(line) => journal::line(self, *line).await,
            ItemKind::Run(run) => runs::run(self, *run).await,
            ItemKind::Version(_) | ItemKind::LogLine(_) | ItemKind::Report(_) => Ok(None),
        }
    }

    /// Rows of a statement with an account and one key.
    async fn about<T>(self, sql: &'static str, key: &str) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        let Self { store, account } = self;
        Ok(sqlx::query_as(sql).bind(account.0).bind(key).fetch_all(&store.readers).await?)
    }
}
