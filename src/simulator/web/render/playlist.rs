//! Playlists: as listed, with all fields, and their rows.

use serde_json::{Map, Value, json};

use super::{PageSpan, Render, extend, images};
use crate::simulator::content::account::{SimPlaylist, SimRow, SimSlot};
use crate::simulator::content::catalogue::count;
use crate::simulator::content::ids::IdKind;
use crate::simulator::time::in_seconds;

/// The number of rows in a full playlist.
const EMBEDDED: u32 = 100;

/// The name of the contents in the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulator) enum ContentsName {
    Items,
    Tracks,
}

impl ContentsName {
    const fn word(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Tracks => "tracks",
        }
    }

    /// The most rows that may be requested at once.
    pub(in crate::simulator) const fn largest_page(self) -> u32 {
        match self {
            Self::Items => 50,
            Self::Tracks => 100,
        }
    }
}

impl Render<'_> {
    /// Whether this app may read the list's contents.
    pub(in crate::simulator) fn is_readable(&self, playlist: &SimPlaylist) -> bool {
        self.shape.keeps_removed() || playlist.is_mine_or_shared()
    }

    /// A playlist in a list of playlists.
    pub(in crate::simulator) fn listed_playlist(&self, playlist: &SimPlaylist) -> Value {
        let mut fields = self.playlist_fields(playlist);
        for name in self.names() {
            if self.is_readable(playlist) {
                let href = format!("{}{}", self.base, self.contents_path(playlist, name));
                fields.insert(name.word().into(), json!({ "href": href, "total": playlist.rows.len() }));
            }
        }
        Value::Object(fields)
    }

    /// `GET /playlists/{id}`, with its first rows if they may be read.
    pub(in crate::simulator) fn playlist(&self, playlist: &SimPlaylist) -> Value {
        let mut fields = self.playlist_fields(playlist);
        fields.insert("followers".into(), json!({ "href": null, "total": playlist.number % 9 }));
        for name in self.names() {
            if self.is_readable(playlist) {
                let page = self.playlist_rows(playlist, name, PageSpan { offset: 0, limit: EMBEDDED });
                fields.insert(name.word().into(), page);
            }
        }
        Value::Object(fields)
    }

    /// A page of a playlist's rows.
    pub(in crate::simulator) fn playlist_rows(
        &self,
        playlist: &SimPlaylist,
        name: ContentsName,
        span: PageSpan,
    ) -> Value {
        let total = count(playlist.rows.len());
        let range = span.of(total);
        let rows = playlist.rows.get(range.start as usize..range.end as usize).unwrap_or_default();
        let rows = rows.iter().map(|row| self.playlist_row(row)).collect();
        let path = self.contents_path(playlist, name);
        self.page_up_to(&path, span, name.largest_page(), total, rows)
    }

    fn playlist_row(&self, row: &SimRow) -> Value {
        let mut fields = Map::new();
        extend(
            &mut fields,
            json!({
                "added_at": row.added_at.map(in_seconds),
                "added_by": row.added_by.map(|person| self.added_by(person)),
                "is_local": matches!(row.slot, SimSlot::Local(_)),
                "primary_color": null,
                "video_thumbnail": { "url": null },
            }),
        );
        let content = self.slot(&row.slot);
        if self.shape.has_old_names() {
            fields.insert("track".into(), content.clone());
        }
        if self.shape.has_new_names() {
            fields.insert("item".into(), content);
        }
        Value::Object(fields)
    }

    /// The content of a slot; playlists add two booleans for its kind.
    fn slot(&self, slot: &SimSlot) -> Value {
        let (mut content, is_episode) = match slot {
            SimSlot::Track(track) => (self.track(*track), false),
            SimSlot::Episode(episode) => (self.episode(*episode), true),
            SimSlot::Local(file) => (self.local_file(file), false),
            SimSlot::Unreadable => return Value::Null,
        };
        if let Value::Object(fields) = &mut content {
            extend(fields, json!({ "episode": is_episode, "track": !is_episode }));
        }
        content
    }

    fn playlist_fields(&self, playlist: &SimPlaylist) -> Map<String, Value> {
        let mut fields = self.identity(IdKind::Playlist, playlist.number);
        let images = if playlist.rows.is_empty() {
            // A list without a cover has null here, not an empty array.
            Value::Null
        } else {
            images(&self.id(IdKind::Playlist, playlist.number))
        };
        extend(
            &mut fields,
            json!({
                "name": playlist.name,
                "description": playlist.description,
                "collaborative": playlist.collaborative,
                "public": playlist.public,
                "owner": self.owner(playlist.owner),
                "snapshot_id": self.account.snapshot_id(playlist),
                "images": images,
                "primary_color": null,
            }),
        );
        fields
    }

    fn contents_path(&self, playlist: &SimPlaylist, name: ContentsName) -> String {
        format!("/playlists/{}/{}", self.id(IdKind::Playlist, playlist.number), name.word())
    }

    /// The names of contents in this format.
    fn names(&self) -> impl Iterator<Item = ContentsName> + use<> {
        let old = self.shape.has_old_names().then_some(ContentsName::Tracks);
        let new = self.shape.has_new_names().then_some(ContentsName::Items);
        old.into_iter().chain(new)
    }
}
