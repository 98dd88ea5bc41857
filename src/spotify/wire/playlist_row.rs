//! One slot of a playlist, in each of the three shapes: `track`, `item`, or both.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::lenient::{Field, objects};
use super::page::Wire;
use super::playable::{Kind, Playable, seconds};
use crate::domain::{PlaylistContent, PlaylistItem};

/// A row of `/playlists/{id}/items` or `/tracks`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PlaylistRow {
    added_at: Field<DateTime<Utc>>,
    added_by: Field<AddedBy>,
    is_local: Field<bool>,
    item: Field<Playable>,
    track: Field<Playable>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AddedBy {
    id: Field<String>,
}

objects!(AddedBy);

impl Wire for PlaylistRow {
    type Noun = PlaylistItem;

    fn into_noun(self) -> Result<PlaylistItem, &'static str> {
        let is_local = self.is_local == Field::Value(true);
        let content = match self.item.or(self.track) {
            Field::Value(playable) => content(playable, is_local)?,
            Field::Null => PlaylistContent::Unavailable,
            // Another renamed field must not look like a list of withdrawn tracks.
            Field::Missing => return Err("a playlist row with neither `item` nor `track`"),
            Field::Odd => return Err("a playlist row whose content is no object"),
        };
        Ok(PlaylistItem {
            added_at: seconds(self.added_at),
            added_by: self.added_by.value().and_then(|user| user.id.text()),
            content,
        })
    }
}

fn content(playable: Playable, row_is_local: bool) -> Result<PlaylistContent, &'static str> {
    if playable.is_withdrawn() {
        return Ok(PlaylistContent::Unavailable);
    }
    match playable.kind(row_is_local) {
        Kind::Track => playable.into_track(false).map(PlaylistContent::Track),
        Kind::Local => playable.into_track(true).map(PlaylistContent::Local),
        Kind::Episode => playable.into_episode().map(PlaylistContent::Episode),
        Kind::Unknown => Err("a playlist item of an unknown type"),
    }
}
