//! What a screen browses: whole lists as rows of cells, and everything about one thing.
//!
//! Owns: the statements behind the lists of `domain::browse`, and behind details. Must not know: how rows
//! are filtered, put in order or shown.
//!
//! A list is read in one statement by the order it is stored in. Details are asked for one thing at a time,
//! by a person's key, and may look through a whole list of the library, never through the plays.

mod details;
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

use super::{Result, Store};
use crate::domain::AccountId;
use crate::domain::queries::{Details, List, Row, Thing};

impl Store {
    /// Every row of a list, in its own order.
    pub async fn browse(&self, account: AccountId, list: &List) -> Result<Vec<Row>> {
        match list {
            List::Tracks => lists::tracks(self, account).await,
            List::Albums => lists::albums(self, account).await,
            List::Artists => lists::artists(self, account).await,
            List::Playlists => lists::playlists(self, account).await,
            List::Contents(playlist) => lists::contents(self, account, playlist).await,
            List::Versions(playlist) => versions::all(self, account, playlist).await,
            List::Version(version) => versions::one(self, account, version).await,
            List::Past(of, at) => past::rows(self, account, of, *at).await,
            List::Played => plays_of::items(self).await,
            List::Changes => journal::all(self, account).await,
            List::ChangesOf(run) => journal::of_run(self, account, *run).await,
            List::Runs => runs::all(self, account).await,
            // Lies in files.
            List::Log => Ok(Vec::new()),
        }
    }

    /// Everything that is known of one thing; `None` where nothing is.
    pub async fn describe(&self, account: AccountId, thing: &Thing) -> Result<Option<Details>> {
        match thing {
            Thing::Track(track) => details::track(self, account, track).await,
            Thing::Album(album) => details::album(self, account, album).await,
            Thing::Artist(artist) => details::artist(self, account, artist).await,
            Thing::Episode(episode) => details::episode(self, account, episode).await,
            Thing::Playlist(playlist) => details::playlist(self, account, playlist).await,
            Thing::Play(play) => plays::play(self, account, *play).await,
            Thing::Change(line) => journal::line(self, account, *line).await,
            Thing::Run(run) => runs::run(self, account, *run).await,
            Thing::Version(_) | Thing::LogLine(_) => Ok(None),
        }
    }

    /// Rows of a statement about an account and one key.
    async fn about<T>(&self, sql: &'static str, account: AccountId, key: &str) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        Ok(sqlx::query_as(sql).bind(account.0).bind(key).fetch_all(&self.readers).await?)
    }
}
