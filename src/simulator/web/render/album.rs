//! Albums: with all fields and their first tracks, simplified, and as part of an artist's
//! discography.

use serde_json::{Map, Value, json};

use super::{MARKETS, PageSpan, Render, extend, images};
use crate::simulator::content::catalogue::{AlbumTraits, AlbumType, VARIOUS_ARTISTS};
use crate::simulator::content::ids::IdKind;

/// The number of tracks in a full album.
const EMBEDDED: u32 = 50;

impl Render<'_> {
    pub(in crate::simulator) fn album_ref(&self, album: u32) -> Value {
        Value::Object(self.album_fields(album, &self.account.catalogue.album_traits(album)))
    }

    /// An album in an artist's list; 2026 removed the field that says how it belongs there.
    pub(in crate::simulator) fn discography_album(&self, album: u32) -> Value {
        let mut fields = self.album_fields(album, &self.account.catalogue.album_traits(album));
        let group = fields.get("album_type").cloned().unwrap_or_default();
        self.removed(&mut fields, json!({ "album_group": group }));
        Value::Object(fields)
    }

    pub(in crate::simulator) fn album(&self, album: u32) -> Value {
        let traits = self.account.catalogue.album_traits(album);
        let mut fields = self.album_fields(album, &traits);
        let tracks = self.album_tracks(album, PageSpan { offset: 0, limit: EMBEDDED });
        fields.insert("tracks".into(), tracks);
        let credit = format!("{} {}", traits.year, traits.label);
        extend(
            &mut fields,
            json!({
                "copyrights": [{ "text": credit, "type": "C" }, { "text": credit, "type": "P" }],
                "external_ids": { "upc": traits.upc },
                "genres": [],
            }),
        );
        self.removed(&mut fields, json!({ "label": traits.label, "popularity": traits.popularity }));
        Value::Object(fields)
    }

    /// A page of an album's tracks.
    pub(in crate::simulator) fn album_tracks(&self, album: u32, span: PageSpan) -> Value {
        let (first, total) =
            self.account.catalogue.album(album).map_or((0, 0), |album| (album.first_track, album.tracks));
        let path = format!("/albums/{}/tracks", self.id(IdKind::Album, album));
        let items = span.of(total).map(|place| self.track_ref(first + place)).collect();
        self.page(&path, span, total, items)
    }

    fn album_fields(&self, album: u32, traits: &AlbumTraits) -> Map<String, Value> {
        let mut fields = self.identity(IdKind::Album, album);
        let Some(place) = self.account.catalogue.album(album) else {
            return fields;
        };
        let artist = if place.kind == AlbumType::Compilation { VARIOUS_ARTISTS } else { place.artist };
        extend(
            &mut fields,
            json!({
                "name": traits.name,
                "album_type": place.kind.word(),
                "total_tracks": place.tracks,
                "release_date": traits.release_date,
                "release_date_precision": traits.precision,
                "artists": [self.artist_ref(artist)],
                "images": images(&self.id(IdKind::Album, album)),
                "is_playable": true,
            }),
        );
        self.removed(&mut fields, json!({ "available_markets": MARKETS }));
        fields
    }
}
