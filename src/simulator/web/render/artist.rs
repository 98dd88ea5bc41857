//! Artists, with all fields and as named on tracks and albums.

use serde_json::{Value, json};

use super::{Render, extend, images};
use crate::simulator::content::ids::IdKind;

impl Render<'_> {
    pub(in crate::simulator) fn artist_ref(&self, artist: u32) -> Value {
        let mut fields = self.identity(IdKind::Artist, artist);
        fields.insert("name".into(), self.account.catalogue.artist_traits(artist).name.into());
        Value::Object(fields)
    }

    pub(in crate::simulator) fn artist(&self, artist: u32) -> Value {
        let traits = self.account.catalogue.artist_traits(artist);
        let mut fields = self.identity(IdKind::Artist, artist);
        let images = images(&self.id(IdKind::Artist, artist));
        extend(&mut fields, json!({ "name": traits.name, "genres": traits.genres, "images": images }));
        self.removed(
            &mut fields,
            json!({
                "followers": { "href": null, "total": traits.followers },
                "popularity": traits.popularity,
            }),
        );
        Value::Object(fields)
    }

    pub(super) fn artist_refs(&self, artists: &[u32]) -> Value {
        artists.iter().map(|artist| self.artist_ref(*artist)).collect()
    }
}
