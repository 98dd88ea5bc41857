//! One slot of a playlist, in each of the three formats: `track`, `item`, or both.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::page::WireRow;
use super::playable::{Playable, WireKind, seconds};
use crate::domain::{PlaylistContent, PlaylistItem};
use crate::json::{LenientField, lenient_objects};

/// A row of `/playlists/{id}/items` or `/tracks`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PlaylistRow {
    added_at: LenientField<DateTime<Utc>>,
    added_by: LenientField<AddedBy>,
    is_local: LenientField<bool>,
    item: LenientField<Playable>,
    track: LenientField<Playable>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AddedBy {
    id: LenientField<String>,
}

lenient_objects!(AddedBy);

impl WireRow for PlaylistRow {
    type Domain = PlaylistItem;

    fn into_domain(self) -> Result<PlaylistItem, &'static str> {
        let is_local = self.is_local == LenientField::Value(true);
        let content = match self.item.or(self.track) {
            LenientField::Value(playable) => content(playable, is_local)?,
            LenientField::Null => PlaylistContent::Unavailable,
            // Another renamed field must not look like a list of withdrawn tracks.
            LenientField::Missing => return Err("a playlist row with neither `item` nor `track`"),
            LenientField::Odd => return Err("a playlist row whose content is not an object"),
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
        WireKind::Track => playable.into_track(false).map(PlaylistContent::Track),
        WireKind::Local => playable.into_track(true).map(PlaylistContent::Local),
        WireKind::Episode => playable.into_episode().map(PlaylistContent::Episode),
        WireKind::Unknown => Err("a playlist item of an unknown type"),
    }
}
