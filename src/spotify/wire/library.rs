//! Albums, artists, playlists and their owner.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::page::WireRow;
use super::playable::{ArtistWire, ExternalIds, artist_refs, identity, seconds};
use crate::domain::{
    Album, AlbumId, Artist, ArtistId, Playlist, PlaylistId, Saved, SnapshotId, User, plain_user_id,
};
use crate::json::{LenientField, lenient_objects};

/// A row of `/me/albums`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct SavedAlbum {
    added_at: LenientField<DateTime<Utc>>,
    album: LenientField<FullAlbum>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct FullAlbum {
    id: LenientField<String>,
    uri: LenientField<String>,
    name: LenientField<String>,
    artists: LenientField<Vec<ArtistWire>>,
    album_type: LenientField<String>,
    release_date: LenientField<String>,
    total_tracks: LenientField<u32>,
    external_ids: LenientField<ExternalIds>,
}

lenient_objects!(FullAlbum);

impl WireRow for SavedAlbum {
    type Domain = Saved<Album>;

    fn into_domain(self) -> Result<Saved<Album>, &'static str> {
        let album = self.album.value().ok_or("a saved row without an album")?;
        let (id, uri) =
            identity("album", album.id, album.uri, false).ok_or("an album with neither id nor uri")?;
        Ok(Saved {
            added_at: seconds(self.added_at),
            item: Album {
                id: AlbumId::new(id),
                uri,
                name: album.name.value().unwrap_or_default(),
                artists: artist_refs(album.artists),
                album_type: album.album_type.text(),
                release_date: album.release_date.text(),
                total_tracks: album.total_tracks.value(),
                upc: album.external_ids.value().and_then(|ids| ids.upc.text()),
            },
        })
    }
}

/// A row of `/me/following`, and of `/artists`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct FullArtist {
    id: LenientField<String>,
    uri: LenientField<String>,
    name: LenientField<String>,
    genres: LenientField<Vec<String>>,
    images: LenientField<Vec<Image>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Image {
    url: LenientField<String>,
    width: LenientField<u32>,
}

lenient_objects!(Image);

impl WireRow for FullArtist {
    type Domain = Artist;

    fn into_domain(self) -> Result<Artist, &'static str> {
        let (id, uri) =
            identity("artist", self.id, self.uri, false).ok_or("an artist with neither id nor uri")?;
        Ok(Artist {
            id: ArtistId::new(id),
            uri,
            name: self.name.value().unwrap_or_default(),
            genres: self.genres.value(),
            pictures: self.images.value().map(largest_first),
        })
    }
}

/// By width; without widths the order stays, which is usually the same.
fn largest_first(images: Vec<Image>) -> Vec<String> {
    let urls =
        images.into_iter().filter_map(|image| Some((image.width.value().unwrap_or(0), image.url.text()?)));
    let mut urls: Vec<_> = urls.collect();
    urls.sort_by_key(|(width, _)| Reverse(*width));
    urls.into_iter().map(|(_, url)| url).collect()
}

/// A row of `/me/playlists`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct SimplePlaylist {
    id: LenientField<String>,
    uri: LenientField<String>,
    name: LenientField<String>,
    description: LenientField<String>,
    owner: LenientField<WireOwner>,
    collaborative: LenientField<bool>,
    public: LenientField<bool>,
    snapshot_id: LenientField<String>,
    /// The name of the contents since 2026; some apps get both names.
    items: LenientField<WireContents>,
    /// The older name.
    tracks: LenientField<WireContents>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireOwner {
    id: LenientField<String>,
    display_name: LenientField<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireContents {
    total: LenientField<u32>,
}

lenient_objects!(WireOwner, WireContents);

impl WireRow for SimplePlaylist {
    type Domain = Playlist;

    fn into_domain(self) -> Result<Playlist, &'static str> {
        let id = self.id.text().ok_or("a playlist without an id")?;
        let owner = self.owner.value().unwrap_or_default();
        let total = |contents: LenientField<WireContents>| {
            contents.value().and_then(|contents| contents.total.value())
        };
        Ok(Playlist {
            uri: self.uri.text().unwrap_or_else(|| format!("spotify:playlist:{id}")),
            id: PlaylistId::new(id),
            name: self.name.value().unwrap_or_default(),
            description: self.description.text(),
            owner_id: owner.id.value().map(|id| plain_user_id(&id)).unwrap_or_default(),
            owner_name: owner.display_name.text(),
            collaborative: self.collaborative.value(),
            public: self.public.value(),
            snapshot_id: self.snapshot_id.text().map(SnapshotId::new),
            item_count: total(self.items).or_else(|| total(self.tracks)),
        })
    }
}

/// The answer to `/me`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Me {
    id: LenientField<String>,
    account_id: LenientField<String>,
    display_name: LenientField<String>,
}

impl WireRow for Me {
    type Domain = User;

    fn into_domain(self) -> Result<User, &'static str> {
        Ok(User {
            id: self.id.text().map(|id| plain_user_id(&id)).ok_or("a user without an id")?,
            account_id: self.account_id.text(),
            display_name: self.display_name.text(),
        })
    }
}
