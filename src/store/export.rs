//! All recorded data, row by row, for other programs.
//!
//! Owns: which columns an export has and the order of its rows. Must not know: the output format.
//! Rows are read one at a time, never a whole table at once. One statement reads them, so that all
//! rows show the same moment; its connection is busy until the export is complete.

use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use serde_json::Value;

use super::db::sqlite;
use super::{QueryStore, Result};

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportList {
    /// The saved tracks.
    Tracks,
    /// The saved albums.
    Albums,
    /// The followed artists.
    Artists,
    /// Every slot of every playlist; an empty playlist is one row without a slot.
    Playlists,
    /// Every stored play, the oldest first.
    Plays,
    /// The journal, the oldest first.
    Changes,
}

impl ExportList {
    /// The names of the columns, as in the view that the rows come from.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        self.table().columns
    }

    const fn table(self) -> &'static ExportTable {
        match self {
            Self::Tracks => &TRACKS,
            Self::Albums => &ALBUMS,
            Self::Artists => &ARTISTS,
            Self::Playlists => &PLAYLISTS,
            Self::Plays => &PLAYS,
            Self::Changes => &CHANGES,
        }
    }
}

/// What an export reads.
struct ExportTable {
    columns: &'static [&'static str],
    /// Selects one JSON array a row, with a value for each column.
    sql: &'static str,
}

const TRACKS: ExportTable = ExportTable {
    columns: &["position", "track_id", "uri", "name", "artists", "album", "isrc", "duration_ms", "explicit", "added_at"],
    sql: "select json_array(position, track_id, uri, name, artists, album, isrc, duration_ms,
                             json(case when explicit then 'true' when not explicit then 'false' end), added_at)
           from v_saved_tracks where account_id = ?1 order by position",
};

const ALBUMS: ExportTable = ExportTable {
    columns: &["position", "album_id", "uri", "name", "artists", "release_date", "total_tracks", "added_at"],
    sql: "select json_array(position, album_id, uri, name, artists, release_date, total_tracks, added_at)
           from v_saved_albums where account_id = ?1 order by position",
};

const ARTISTS: ExportTable = ExportTable {
    columns: &["position", "artist_id", "uri", "name", "genres"],
    sql: "select json_array(position, artist_id, uri, name, genres)
           from v_followed_artists where account_id = ?1 order by position",
};

const PLAYLISTS: ExportTable = ExportTable {
    columns: &[
        "playlist_id",
        "playlist",
        "position",
        "kind",
        "item_id",
        "uri",
        "name",
        "artists",
        "added_at",
        "added_by",
    ],
    sql: "select json_array(p.playlist_id, p.name, i.position, i.kind, i.item_id, i.uri, i.name,
                             i.artists, i.added_at, i.added_by)
           from v_playlists p
           left join v_playlist_items i
                  on i.account_id = p.account_id and i.playlist_id = p.playlist_id
           where p.account_id = ?1 order by p.position, i.position",
};

const PLAYS: ExportTable = ExportTable {
    columns: &[
        "played_at",
        "track_id",
        "uri",
        "name",
        "artists",
        "album",
        "ms_played",
        "source",
        "context_uri",
        "counts",
    ],
    // `v_plays` has no column by which they can be read in order without sorting them.
    sql: "select json_array(
               p.played_at,
               case when t.is_local = 0 and p.uri glob 'spotify:track:*' then p.track_id end,
               case when p.uri glob 'spotify:*' then p.uri end, coalesce(t.name, e.name),
               coalesce(t.artists, e.show_name), t.album_name, p.ms_played, p.source,
               p.context_uri, json(iif(p.counts, 'true', 'false')))
           from plays p
           left join tracks t on t.track_id = p.track_id
           left join episodes e on e.episode_id = p.episode_id
           where p.account_id = ?1 order by p.id",
};

const CHANGES: ExportTable = ExportTable {
    columns: &["id", "observed_at", "entity_type", "change", "uri", "name", "detail", "run_id"],
    sql: "select json_array(id, observed_at, entity_type, change, uri, name, detail, run_id)
           from v_library_changes where account_id = ?1 order by id",
};

impl<'a> QueryStore<'a> {
    /// The rows of an export, each with a value for every column.
    #[must_use]
    pub fn export(self, list: ExportList) -> BoxStream<'a, Result<Vec<Value>>> {
        let Self { store, account } = self;
        let rows = sqlx::query_scalar::<_, String>(list.table().sql).bind(account.0).fetch(&store.readers);
        rows.map_err(Into::into).and_then(|row| async move { sqlite::from_json(&row) }).boxed()
    }
}
