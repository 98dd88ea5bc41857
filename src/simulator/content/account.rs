//! The simulated account: its lists, each in the order of the API.
//!
//! Owns: what is saved, followed, listed and was played, and the lookups that answers need. Must
//! not know: JSON or HTTP.

use std::collections::{HashMap, HashSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::Rng;

use super::catalogue::{EPISODES_PER_SHOW, SHOWS, SimCatalogue, VARIOUS_ARTISTS, recording};
use super::ids::{IdKind, Ids};
use super::mutation::StampedAt;
use crate::simulator::rng::Subject;
use crate::simulator::time::Millis;

/// A saved item; `added_at` in Unix seconds, because Spotify has nothing finer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulator) struct SimSaved {
    pub(in crate::simulator) number: u32,
    pub(in crate::simulator) added_at: i64,
}

/// A finished play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) struct SimPlay {
    pub(in crate::simulator) track: u32,
    /// When it ended.
    pub(in crate::simulator) played_at: Millis,
    pub(in crate::simulator) context: Option<(IdKind, u32)>,
}

/// What is playing now.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulator) struct Playing {
    pub(in crate::simulator) track: u32,
    pub(in crate::simulator) started_at: Millis,
    pub(in crate::simulator) ends_at: Millis,
}

/// The owner of a playlist, or the person who added a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulator) enum Person {
    /// The account itself.
    Me,
    /// Spotify's own lists.
    Spotify,
    /// Another person, by number.
    Other(u32),
}

impl Person {
    /// The user id: text, not an id of 22 characters.
    pub(in crate::simulator) fn user_id(self) -> String {
        match self {
            Self::Me => "marlowe.vane".to_owned(),
            Self::Spotify => "spotify".to_owned(),
            Self::Other(number) => format!("listener{number:04}"),
        }
    }
}

/// A file on a person's machine, identified by its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) struct LocalFile {
    pub(in crate::simulator) artist: String,
    pub(in crate::simulator) album: String,
    pub(in crate::simulator) title: String,
    pub(in crate::simulator) seconds: u32,
}

impl LocalFile {
    /// `spotify:local:<artist>:<album>:<title>:<seconds>`, form-encoded.
    pub(in crate::simulator) fn uri(&self) -> String {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        format!(
            "spotify:local:{}:{}:{}:{}",
            encode(&self.artist),
            encode(&self.album),
            encode(&self.title),
            self.seconds
        )
    }

    /// Parses the result of [`LocalFile::uri`].
    pub(in crate::simulator) fn read(uri: &str) -> Option<Self> {
        let mut parts = uri.strip_prefix("spotify:local:")?.split(':').map(|part| {
            url::form_urlencoded::parse(part.as_bytes())
                .next()
                .map(|(text, _)| text.into_owned())
                .unwrap_or_default()
        });
        let file = Self {
            artist: parts.next()?,
            album: parts.next()?,
            title: parts.next()?,
            seconds: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(file)
    }
}

/// The content of a playlist's slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) enum SimSlot {
    Track(u32),
    Episode(u32),
    Local(LocalFile),
    /// Withdrawn: the answer has null.
    Unreadable,
}

/// A row of a playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) struct SimRow {
    pub(in crate::simulator) slot: SimSlot,
    /// Unix seconds; `None` for very old rows.
    pub(in crate::simulator) added_at: Option<i64>,
    pub(in crate::simulator) added_by: Option<Person>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) struct SimPlaylist {
    pub(in crate::simulator) number: u32,
    pub(in crate::simulator) name: String,
    pub(in crate::simulator) description: Option<String>,
    pub(in crate::simulator) owner: Person,
    pub(in crate::simulator) collaborative: bool,
    pub(in crate::simulator) public: bool,
    /// Incremented by every edit; the visible half of the snapshot id.
    pub(in crate::simulator) revision: u32,
    pub(in crate::simulator) rows: Vec<SimRow>,
}

impl SimPlaylist {
    /// Whether a development-mode app may read its contents: own and collaborative lists only.
    pub(in crate::simulator) fn is_mine_or_shared(&self) -> bool {
        self.owner == Person::Me || self.collaborative
    }
}

/// The account and its catalogue.
#[derive(Debug, Clone)]
pub(in crate::simulator) struct SimAccount {
    pub(in crate::simulator) ids: Ids,
    pub(in crate::simulator) catalogue: SimCatalogue,
    /// Newest first.
    pub(in crate::simulator) tracks: Vec<SimSaved>,
    /// Mostly newest first, as Spotify returns them.
    pub(in crate::simulator) albums: Vec<SimSaved>,
    /// In the order of their ids, so that a cursor stays valid while the list changes.
    pub(in crate::simulator) artists: Vec<u32>,
    pub(in crate::simulator) shows: Vec<SimSaved>,
    pub(in crate::simulator) episodes: Vec<SimSaved>,
    /// In library order.
    pub(in crate::simulator) playlists: Vec<SimPlaylist>,
    /// No longer in the library, but still available by id: deleting a playlist is unfollowing it.
    pub(in crate::simulator) unfollowed: HashMap<u32, SimPlaylist>,
    pub(in crate::simulator) playlists_made: u32,
    /// Oldest first.
    pub(in crate::simulator) plays: Vec<SimPlay>,
    /// The end at which answers stamp plays.
    pub(in crate::simulator) stamped_at: StampedAt,
    pub(in crate::simulator) playing: Option<Playing>,
}

impl SimAccount {
    /// The playlist of this number, listed or not.
    pub(in crate::simulator) fn playlist(&self, number: u32) -> Option<&SimPlaylist> {
        self.playlists.iter().find(|list| list.number == number).or_else(|| self.unfollowed.get(&number))
    }

    pub(in crate::simulator) fn playlist_mut(&mut self, number: u32) -> Option<&mut SimPlaylist> {
        self.playlists.iter_mut().find(|list| list.number == number)
    }

    /// The opaque version of a playlist: 24 bytes, a revision and a hash, as observed since 2024.
    pub(in crate::simulator) fn snapshot_id(&self, playlist: &SimPlaylist) -> String {
        let edition = u64::from(playlist.number) << 24 | u64::from(playlist.revision & 0xFF_FFFF);
        let mut hash = [0_u8; 20];
        self.catalogue.chance.of(Subject::Snapshot, edition).fill_bytes(&mut hash);
        let mut bytes = playlist.revision.to_be_bytes().to_vec();
        bytes.extend_from_slice(&hash);
        STANDARD.encode(bytes)
    }

    /// The uri of a slot; `None` if it cannot be read.
    pub(in crate::simulator) fn slot_uri(&self, slot: &SimSlot) -> Option<String> {
        match slot {
            SimSlot::Track(track) => Some(self.ids.uri(IdKind::Track, *track)),
            SimSlot::Episode(episode) => Some(self.ids.uri(IdKind::Episode, *episode)),
            SimSlot::Local(file) => Some(file.uri()),
            SimSlot::Unreadable => None,
        }
    }

    /// The slot for a uri, if the catalogue has the item.
    pub(in crate::simulator) fn slot_of(&self, uri: &str) -> Option<SimSlot> {
        if let Some(file) = LocalFile::read(uri) {
            return Some(SimSlot::Local(file));
        }
        match self.known(uri)? {
            (IdKind::Track, track) => Some(SimSlot::Track(track)),
            (IdKind::Episode, episode) => Some(SimSlot::Episode(episode)),
            _ => None,
        }
    }

    /// The item of a uri, if there is one.
    pub(in crate::simulator) fn known(&self, uri: &str) -> Option<(IdKind, u32)> {
        self.ids.read_uri(uri).filter(|(kind, number)| self.exists(*kind, *number))
    }

    /// The item of `kind` with this id, if there is one.
    pub(in crate::simulator) fn find(&self, kind: IdKind, id: &str) -> Option<u32> {
        self.ids.read(kind, id).filter(|number| self.exists(kind, *number))
    }

    fn exists(&self, kind: IdKind, number: u32) -> bool {
        match kind {
            IdKind::Artist => number < self.catalogue.artists(),
            IdKind::Album => number < self.catalogue.albums(),
            IdKind::Track => recording(number) < self.catalogue.tracks(),
            IdKind::Playlist => self.playlist(number).is_some(),
            IdKind::Show => number < SHOWS,
            IdKind::Episode => number < SHOWS * EPISODES_PER_SHOW,
            IdKind::Device | IdKind::Account => false,
        }
    }

    /// Whether an item is in the library: saved, followed or listed.
    pub(in crate::simulator) fn contains(&self, kind: IdKind, number: u32) -> bool {
        let saved = |list: &[SimSaved]| list.iter().any(|row| row.number == number);
        match kind {
            IdKind::Track => self.tracks.iter().any(|row| recording(row.number) == recording(number)),
            IdKind::Album => saved(&self.albums),
            IdKind::Artist => self.artists.contains(&number),
            IdKind::Playlist => self.playlists.iter().any(|list| list.number == number),
            IdKind::Show => saved(&self.shows),
            IdKind::Episode => saved(&self.episodes),
            IdKind::Device | IdKind::Account => false,
        }
    }

    /// Tracks of the catalogue that are not saved; the catalogue grows if too few are left.
    pub(in crate::simulator) fn unsaved_tracks(&mut self, at_least: usize) -> Vec<u32> {
        while (self.catalogue.tracks() as usize) < self.tracks.len() + at_least {
            self.catalogue.grow();
        }
        let saved: HashSet<u32> = self.tracks.iter().map(|row| recording(row.number)).collect();
        (0..self.catalogue.tracks()).filter(|track| !saved.contains(track)).collect()
    }

    /// Albums that are not saved; the catalogue grows if too few are left.
    pub(in crate::simulator) fn unsaved_albums(&mut self, at_least: usize) -> Vec<u32> {
        while (self.catalogue.albums() as usize) < self.albums.len() + at_least {
            self.catalogue.grow();
        }
        let saved: HashSet<u32> = self.albums.iter().map(|row| row.number).collect();
        (0..self.catalogue.albums()).filter(|album| !saved.contains(album)).collect()
    }

    /// Artists that are not followed; the catalogue grows if too few are left.
    pub(in crate::simulator) fn unfollowed_artists(&mut self, at_least: usize) -> Vec<u32> {
        while (self.catalogue.artists() as usize) <= self.artists.len() + at_least {
            self.catalogue.grow();
        }
        let followed: HashSet<u32> = self.artists.iter().copied().collect();
        (VARIOUS_ARTISTS + 1..self.catalogue.artists()).filter(|artist| !followed.contains(artist)).collect()
    }

    /// Follows an artist, at the place of its id.
    pub(in crate::simulator) fn follow(&mut self, artist: u32) {
        let id = self.ids.id(IdKind::Artist, artist);
        let at = self.artists.partition_point(|other| self.ids.id(IdKind::Artist, *other) < id);
        self.artists.insert(at, artist);
    }

    /// Moves plays that have ended by `now` into the history.
    pub(in crate::simulator) fn settle(&mut self, now: Millis) {
        if let Some(playing) = self.playing.filter(|playing| playing.ends_at <= now) {
            self.plays.push(SimPlay { track: playing.track, played_at: playing.ends_at, context: None });
            self.plays.sort_by_key(|play| play.played_at);
            self.playing = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LocalFile;

    #[test]
    fn a_local_files_uri_is_encoded_as_a_form_and_reads_back() {
        let file = LocalFile {
            artist: "Zoë & The Café".into(),
            album: String::new(),
            title: "a:b c".into(),
            seconds: 204,
        };
        assert_eq!(file.uri(), "spotify:local:Zo%C3%AB+%26+The+Caf%C3%A9::a%3Ab+c:204");
        assert_eq!(LocalFile::read(&file.uri()), Some(file));
        assert_eq!(LocalFile::read("spotify:track:abc"), None);
        assert_eq!(LocalFile::read("spotify:local:a:b:c:d"), None);
    }
}
