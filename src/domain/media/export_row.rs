//! Rows of privacy exports, with the fields that are stored: everything except addresses, user
//! agent and user name.

use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::{EpisodeId, ExportFormat, TrackId, offline_end, was_skipped};

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRow {
    /// The kind of export.
    pub format: ExportFormat,
    /// End of the play according to the row, in milliseconds since 1970; in account data the
    /// minute.
    pub ended_ms: i64,
    /// How long it was played.
    pub ms_played: Option<i64>,
    /// What was played; rows about the same item share it.
    pub item: Arc<ExportItem>,
    /// How it was played; shared in the same way.
    pub circumstances: Arc<Circumstances>,
    /// As it came: seconds in newer files, milliseconds in older ones.
    pub offline_timestamp: Option<i64>,
}

impl ExportRow {
    /// The end of a play that was reported later, once the device was online again; `None` if the
    /// row's own end is right.
    #[must_use]
    pub fn offline_end(&self) -> Option<i64> {
        offline_end(self.ended_ms, self.ms_played, self.circumstances.offline, self.offline_timestamp)
    }

    /// Whether the play was skipped, if that is known.
    #[must_use]
    pub fn was_skipped(&self) -> Option<bool> {
        let how = &self.circumstances;
        was_skipped(self.ended_ms, how.skipped, how.reason_end.as_deref())
    }
}

/// The names of the played item in a row, as they came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ExportItem {
    /// `spotify:track:...`
    pub track_uri: Option<String>,
    /// The title.
    pub track: Option<String>,
    /// The album's artist; in account data also an audiobook's author.
    pub artist: Option<String>,
    /// The album.
    pub album: Option<String>,
    /// `spotify:episode:...`
    pub episode_uri: Option<String>,
    /// The episode's title.
    pub episode: Option<String>,
    /// The podcast.
    pub show: Option<String>,
    /// The audiobook's uri and title, and the same of the chapter.
    pub audiobook: [Option<String>; 4],
}

/// The kind of a played item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportKind {
    /// A song, or an item of unknown kind.
    Track,
    /// A podcast's episode, or a chapter of an audiobook.
    Episode,
}

impl ExportItem {
    /// The item's kind.
    #[must_use]
    pub fn kind(&self) -> ExportKind {
        let is_track = self.track_uri.is_some() || self.track.is_some();
        let is_spoken = [&self.episode_uri, &self.episode, &self.show].into_iter().any(Option::is_some)
            || self.audiobook.iter().any(Option::is_some);
        if is_spoken && !is_track { ExportKind::Episode } else { ExportKind::Track }
    }

    /// Title and artist of a track, or of spoken content the title and its source.
    #[must_use]
    pub fn title_and_maker(&self) -> (&str, &str) {
        let [_, book, _, chapter] = &self.audiobook;
        let (title, maker) = match self.kind() {
            ExportKind::Track => (&self.track, &self.artist),
            // Account data may contain only the name of the book.
            ExportKind::Episode if self.episode.is_none() && chapter.is_none() && book.is_some() => {
                (book, &self.artist)
            }
            ExportKind::Episode if self.episode.is_none() => (chapter, book),
            ExportKind::Episode => (&self.episode, &self.show),
        };
        (title.as_deref().unwrap_or_default(), maker.as_deref().unwrap_or_default())
    }

    /// Its uri; if the row has none, one of our own that is built from the names.
    #[must_use]
    pub fn uri(&self) -> String {
        let [book, _, chapter, _] = &self.audiobook;
        let told = match self.kind() {
            ExportKind::Track => self.track_uri.as_ref(),
            ExportKind::Episode => self.episode_uri.as_ref().or(chapter.as_ref()).or(book.as_ref()),
        };
        told.filter(|uri| uri.starts_with("spotify:")).cloned().unwrap_or_else(|| {
            let (title, maker) = self.title_and_maker();
            let kind = if self.kind() == ExportKind::Track { "track" } else { "episode" };
            shortened(format!("phonolog:{kind}:{}:{}", escaped(maker), escaped(title)))
        })
    }

    /// The track's id, as in the catalogue; an item without one is identified by its uri.
    #[must_use]
    pub fn track_id(&self) -> Option<TrackId> {
        (self.kind() == ExportKind::Track).then(|| TrackId::new(id_of(&self.uri(), "spotify:track:")))
    }

    /// The episode's id, in the same way.
    #[must_use]
    pub fn episode_id(&self) -> Option<EpisodeId> {
        (self.kind() == ExportKind::Episode).then(|| EpisodeId::new(id_of(&self.uri(), "spotify:episode:")))
    }

    /// All fields in a fixed order, for storage as JSON.
    #[must_use]
    pub fn names(&self) -> [&Option<String>; 11] {
        let [book_uri, book, chapter_uri, chapter] = &self.audiobook;
        [
            &self.track_uri,
            &self.track,
            &self.artist,
            &self.album,
            &self.episode_uri,
            &self.episode,
            &self.show,
            book_uri,
            book,
            chapter_uri,
            chapter,
        ]
    }

    /// The item from its [`names`](Self::names).
    #[must_use]
    pub fn from_names(names: [Option<String>; 11]) -> Self {
        let [
            track_uri,
            track,
            artist,
            album,
            episode_uri,
            episode,
            show,
            book_uri,
            book,
            chapter_uri,
            chapter,
        ] = names;
        let audiobook = [book_uri, book, chapter_uri, chapter];
        Self { track_uri, track, artist, album, episode_uri, episode, show, audiobook }
    }
}

fn id_of(uri: &str, prefix: &str) -> String {
    uri.strip_prefix(prefix).filter(|id| !id.is_empty()).unwrap_or(uri).to_owned()
}

/// The longest uri of our own, in bytes. It is stored in several tables and their indexes.
const LONGEST_URI: usize = 1024;

/// In a uri of very long names, the end is replaced by a digest.
fn shortened(mut uri: String) -> String {
    if uri.len() > LONGEST_URI {
        let digest = Sha256::digest(uri.as_bytes());
        uri.truncate(uri.floor_char_boundary(LONGEST_URI - 2 * digest.len() - 1));
        uri.push(':');
        uri.extend(digest.iter().map(|byte| format!("{byte:02x}")));
    }
    uri
}

/// A colon separates the names in a uri, so a colon in a name is escaped.
fn escaped(name: &str) -> String {
    name.replace('%', "%25").replace(':', "%3A")
}

/// How an item was played: the fields that are often equal between rows, as they came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Circumstances {
    /// The device, in free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Two letters; `ZZ` if unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conn_country: Option<String>,
    /// Why it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_start: Option<String>,
    /// Why it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_end: Option<String>,
    /// Whether it was in shuffled order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shuffle: Option<bool>,
    /// Whether it was skipped before its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<bool>,
    /// Whether there was no connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offline: Option<bool>,
    /// Whether it was in a private session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incognito_mode: Option<bool>,
    /// Unknown fields, as a JSON object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_of_our_own_is_never_long_and_tells_long_names_apart() {
        let named = |track: String| ExportItem {
            track: Some(track),
            artist: Some("Björk".to_owned()),
            ..ExportItem::default()
        };
        assert_eq!(named("Jóga".to_owned()).uri(), "phonolog:track:Björk:Jóga");
        let (one, other) = (named("ö".repeat(1_500)).uri(), named(format!("{}x", "ö".repeat(1_500))).uri());
        assert!(one.len() <= LONGEST_URI && other.len() <= LONGEST_URI && one != other, "{one} {other}");
        assert!(one.starts_with("phonolog:track:Björk:öö"), "{one}");
        assert_eq!(named("ö".repeat(1_500)).uri(), one);
    }
}
