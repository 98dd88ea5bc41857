//! Tracks: with all fields, simplified, and local files in place of a track.

use serde_json::{Map, Value, json};

use super::{MARKETS, Render, extend};
use crate::simulator::content::account::LocalFile;
use crate::simulator::content::catalogue::TrackTraits;
use crate::simulator::content::ids::IdKind;

impl Render<'_> {
    /// A full track; null for a number that was never issued.
    pub(in crate::simulator) fn track(&self, track: u32) -> Value {
        let catalogue = &self.account.catalogue;
        let (Some(traits), Some(album)) = (catalogue.track_traits(track), catalogue.album_of(track)) else {
            return Value::Null;
        };
        let mut fields = self.track_fields(track, &traits);
        fields.insert("album".into(), self.album_ref(album));
        fields.insert("external_ids".into(), json!({ "isrc": traits.isrc }));
        self.removed(&mut fields, json!({ "popularity": traits.popularity }));
        Value::Object(fields)
    }

    /// A track in an album's list: without album and external ids.
    pub(in crate::simulator) fn track_ref(&self, track: u32) -> Value {
        self.account
            .catalogue
            .track_traits(track)
            .map_or(Value::Null, |traits| Value::Object(self.track_fields(track, &traits)))
    }

    /// A file on a person's machine: it has a uri and its tags, and no id.
    pub(in crate::simulator) fn local_file(&self, file: &LocalFile) -> Value {
        let mut album = Map::new();
        extend(
            &mut album,
            json!({
                "album_type": null, "id": null, "href": null, "uri": null, "type": "album",
                "name": file.album, "release_date": null, "release_date_precision": null,
                "total_tracks": 0, "artists": [], "images": [], "external_urls": {},
            }),
        );
        self.removed(&mut album, json!({ "available_markets": [] }));
        let artist = json!({
            "id": null, "href": null, "uri": null, "type": "artist", "name": file.artist, "external_urls": {},
        });
        let mut fields = Map::new();
        extend(
            &mut fields,
            json!({
                "id": null, "href": null, "uri": file.uri(), "type": "track", "name": file.title,
                "artists": [artist], "album": album, "duration_ms": u64::from(file.seconds) * 1000,
                "disc_number": 0, "track_number": 0, "explicit": false, "is_local": true,
                "external_ids": {}, "external_urls": {}, "preview_url": null,
            }),
        );
        self.removed(&mut fields, json!({ "available_markets": [], "popularity": 0 }));
        Value::Object(fields)
    }

    fn track_fields(&self, track: u32, traits: &TrackTraits) -> Map<String, Value> {
        let mut fields = self.identity(IdKind::Track, track);
        fields.insert("artists".into(), self.artist_refs(&traits.artists));
        extend(
            &mut fields,
            json!({
                "name": traits.name,
                "duration_ms": traits.duration_ms,
                "disc_number": traits.disc,
                "track_number": traits.number,
                "explicit": traits.explicit,
                "is_local": false,
                "is_playable": true,
                "preview_url": null,
            }),
        );
        self.removed(&mut fields, json!({ "available_markets": MARKETS }));
        fields
    }
}
