//! The library as it was, in the columns of the current lists.

use chrono::{DateTime, Utc};

use super::lists::{of_slot, time};
use crate::domain::queries::{Cell, ItemKind, PastOf, TableRow};
use crate::domain::{AlbumId, ArtistId, PlaylistId, TrackId};
use crate::store::{PastItem, PastLibrary, PastList, PastRow, QueryStore, Result};

/// Rows that are described at once.
const PIECE: usize = 2_000;

/// Every row of a list as it was.
pub(super) async fn rows(queries: QueryStore<'_>, of: &PastOf, at: DateTime<Utc>) -> Result<Vec<TableRow>> {
    let list = match of {
        PastOf::Tracks => PastList::Tracks,
        PastOf::Albums => PastList::Albums,
        PastOf::Artists => PastList::Artists,
        PastOf::Playlists => PastList::Playlists,
        PastOf::Contents(playlist) => PastList::ItemsOf(playlist.clone()),
    };
    let history = queries.store.account(queries.account).history();
    let past: PastLibrary = history.past(&list, at).await?;
    let mut rows = Vec::with_capacity(past.len());
    for first in (0..past.len()).step_by(PIECE) {
        let places = first..past.len().min(first + PIECE);
        for row in history.past_rows(&past, places).await? {
            rows.push(self::row(row)?);
        }
    }
    Ok(rows)
}

fn row(row: PastRow) -> Result<TableRow> {
    Ok(match row {
        PastRow::Track(track) => TableRow {
            thing: Some(ItemKind::Track(TrackId::new(track.track_id))),
            uri: Some(track.uri.into()),
            cells: Box::new([
                Cell::Text(track.name.into()),
                Cell::Text(track.artists.into()),
                Cell::text(track.album),
                time(track.added_at.as_deref())?,
            ]),
        },
        PastRow::Album(album) => TableRow {
            thing: Some(ItemKind::Album(AlbumId::new(album.album_id))),
            uri: album.uri.map(Into::into),
            cells: Box::new([
                Cell::Text(album.name.into()),
                Cell::Text(album.artists.into()),
                Cell::text(album.release_date.as_deref().and_then(|date| date.get(..4))),
                Cell::number(album.total_tracks),
                time(album.added_at.as_deref())?,
            ]),
        },
        PastRow::Artist(artist) => TableRow {
            thing: Some(ItemKind::Artist(ArtistId::new(artist.artist_id))),
            uri: artist.uri.map(Into::into),
            cells: Box::new([Cell::Text(artist.name.into()), Cell::text(artist.genres)]),
        },
        PastRow::Playlist(list) => TableRow {
            thing: Some(ItemKind::Playlist(PlaylistId::new(list.playlist_id))),
            uri: Some(list.uri.into()),
            cells: Box::new([
                Cell::Text(list.name.into()),
                Cell::Text(list.owner_name.unwrap_or(list.owner_id).into()),
                Cell::number(list.item_count),
            ]),
        },
        PastRow::Item(item) => slot(item)?,
    })
}

fn slot(item: PastItem) -> Result<TableRow> {
    let kind = match item.kind.as_str() {
        "track" => Cell::None,
        "local" => Cell::Text("local file".into()),
        kind => Cell::Text(kind.into()),
    };
    // A local file is identified by its uri.
    let key = item.item_id.or_else(|| item.uri.clone().filter(|_| item.kind == "local"));
    Ok(TableRow {
        thing: of_slot(&item.kind, key),
        uri: item.uri.map(Into::into),
        cells: Box::new([
            Cell::Number(item.position + 1),
            Cell::text(item.name),
            Cell::text(item.artists),
            kind,
            time(item.added_at.as_deref())?,
            Cell::text(item.added_by),
        ]),
    })
}
