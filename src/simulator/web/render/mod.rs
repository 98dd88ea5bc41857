//! The account as JSON, in the simulated format; one file per kind of object.
//!
//! Owns: which fields an object has in which format. Everything is created on request.

mod album;
mod artist;
mod episode;
mod paging;
mod player;
mod playlist;
mod track;
mod user;

use serde_json::{Map, Value, json};

use crate::simulator::config::Shape;
use crate::simulator::content::account::SimAccount;
use crate::simulator::content::ids::IdKind;

pub(super) use paging::PageSpan;
pub(super) use playlist::ContentsName;

/// Markets in removed fields; a real answer has about 180.
pub(in crate::simulator) const MARKETS: [&str; 8] = ["AT", "BR", "CA", "DE", "FI", "GB", "JP", "US"];

/// Everything that determines an object's JSON.
#[derive(Clone, Copy)]
pub(in crate::simulator) struct Render<'a> {
    pub(in crate::simulator) account: &'a SimAccount,
    pub(in crate::simulator) shape: Shape,
    /// `http://host/v1`, with the host of the request.
    pub(in crate::simulator) base: &'a str,
}

impl Render<'_> {
    fn id(&self, kind: IdKind, number: u32) -> String {
        self.account.ids.id(kind, number)
    }

    /// `id`, `uri`, `href`, `type` and `external_urls`: the fields of every object.
    fn identity(&self, kind: IdKind, number: u32) -> Map<String, Value> {
        let id = self.id(kind, number);
        let word = kind.word();
        let mut fields = Map::new();
        fields.insert("uri".into(), format!("spotify:{word}:{id}").into());
        fields.insert("href".into(), format!("{}/{}/{id}", self.base, kind.segment()).into());
        fields.insert("external_urls".into(), external_url(word, &id));
        fields.insert("type".into(), word.into());
        fields.insert("id".into(), id.into());
        fields
    }

    /// Adds fields that 2026 removed, if the format still has them.
    fn removed(&self, fields: &mut Map<String, Value>, removed: Value) {
        if self.shape.keeps_removed() {
            extend(fields, removed);
        }
    }
}

/// A JSON object of these fields. Unlike `json!` it moves its values instead of copying them, which
/// matters if a page has hundreds of objects.
pub(in crate::simulator) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Adds the fields of a JSON object.
fn extend(fields: &mut Map<String, Value>, more: Value) {
    if let Value::Object(more) = more {
        fields.extend(more);
    }
}

fn external_url(word: &str, id: &str) -> Value {
    json!({ "spotify": format!("https://open.spotify.com/{word}/{id}") })
}

/// A picture in three sizes, at a host that does not exist.
fn images(id: &str) -> Value {
    let image = |size: u32| json!({ "url": format!("https://i.scdn.example/image/{size}/{id}"), "height": size, "width": size });
    json!([image(640), image(300), image(64)])
}
