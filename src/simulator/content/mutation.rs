//! The format of edits of the account, as a person would make them on another device.
//!
//! Owns: the format of `POST /sim/mutate`; `mutate` performs the edits.

use serde::{Deserialize, Serialize};

/// The items of an edit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "PickWords")]
pub enum Pick {
    /// This many, chosen by the seed.
    Count(u32),
    /// These.
    Uris(Vec<String>),
}

/// The JSON format of a pick.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PickWords {
    count: Option<u32>,
    uris: Option<Vec<String>>,
}

impl TryFrom<PickWords> for Pick {
    type Error = &'static str;

    fn try_from(words: PickWords) -> Result<Self, Self::Error> {
        match (words.count, words.uris) {
            (count, None) => Ok(Self::Count(count.unwrap_or(1))),
            (None, Some(uris)) => Ok(Self::Uris(uris)),
            (Some(_), Some(_)) => Err("give `count` or `uris`, not both"),
        }
    }
}

/// What is played, and when it ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "PlayWords")]
pub struct Plays {
    /// The tracks.
    pub pick: Pick,
    /// How long ago the last one ended, such as `6h`: it is reported only now, by a device that was
    /// offline. Zero by default.
    pub ended_ago: std::time::Duration,
}

impl From<Pick> for Plays {
    fn from(pick: Pick) -> Self {
        Self { pick, ended_ago: std::time::Duration::ZERO }
    }
}

/// The JSON format of plays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlayWords {
    count: Option<u32>,
    uris: Option<Vec<String>>,
    ended_ago: Option<String>,
}

impl TryFrom<PlayWords> for Plays {
    type Error = String;

    fn try_from(words: PlayWords) -> Result<Self, String> {
        let pick = Pick::try_from(PickWords { count: words.count, uris: words.uris })?;
        let ended_ago = words.ended_ago.map_or(Ok(std::time::Duration::ZERO), |ago| {
            humantime::parse_duration(&ago).map_err(|_| format!("`ended_ago` is `{ago}`; write it as 6h"))
        })?;
        Ok(Self { pick, ended_ago })
    }
}

/// The end of a play at which its time is stamped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StampedAt {
    /// Its start, as some clients did.
    Start,
    /// Its end.
    #[default]
    End,
}

/// The rows of a playlist to add or remove: a number, or the uris themselves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum RowPick {
    /// This many, and their places, chosen by the seed.
    Count(u32),
    /// These: added at the end, or removed wherever they are.
    Uris(Vec<String>),
}

/// An edit of one or several playlists.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaylistEdit {
    /// The playlist, by id or uri.
    #[serde(default)]
    pub id: Option<String>,
    /// Several playlists; each gets the same edit.
    #[serde(default)]
    pub uris: Option<Vec<String>>,
    /// If no playlist is named: how many of the account's own the seed chooses; 1 by default.
    #[serde(default)]
    pub count: Option<u32>,
    /// Rows to add; one if the edit contains nothing else.
    #[serde(default)]
    pub add: Option<RowPick>,
    /// Rows to remove.
    #[serde(default)]
    pub remove: Option<RowPick>,
    /// How many rows to move to another place, chosen by the seed.
    #[serde(default, rename = "move")]
    pub moves: Option<u32>,
    /// A new name.
    #[serde(default)]
    pub name: Option<String>,
}

impl PlaylistEdit {
    /// Whether it does not say what to do.
    pub(in crate::simulator) fn says_nothing(&self) -> bool {
        self.add.is_none() && self.remove.is_none() && self.moves.is_none() && self.name.is_none()
    }
}

/// Many edits of the library at once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomEdits {
    /// The number of edits.
    pub ops: u32,
    /// The seed that chooses them; by default they are chosen like all picks.
    #[serde(default)]
    pub seed: Option<u64>,
}

/// One edit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Mutation {
    /// Saves tracks: at the top, added now.
    SaveTracks(Pick),
    /// Removes saved tracks.
    RemoveTracks(Pick),
    /// Shows saved tracks under another id: the same recording, with the same time.
    RelinkTracks(Pick),
    /// Saves albums: at the top, added now.
    SaveAlbums(Pick),
    /// Removes saved albums.
    RemoveAlbums(Pick),
    /// Follows artists.
    FollowArtists(Pick),
    /// Unfollows artists.
    UnfollowArtists(Pick),
    /// Creates own playlists with a few tracks.
    CreatePlaylists(Pick),
    /// Removes playlists from the library; they still answer by their id, as at Spotify.
    DeletePlaylists(Pick),
    /// Changes playlists.
    EditPlaylist(PlaylistEdit),
    /// Plays tracks to their end; the last one ends now, or ended earlier and is reported now.
    Play(Plays),
    /// From now on answers stamp every play at this end of it; the stored account keeps the real
    /// end.
    StampPlays {
        /// The end.
        at: StampedAt,
    },
    /// Starts a track: it is playing until its length has passed, and is then in the history.
    StartPlaying(Pick),
    /// Edits the library, never plays.
    Random(RandomEdits),
}

/// What an edit did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MutationResult {
    /// The word of the edit.
    pub op: &'static str,
    /// The changed items, in order.
    pub uris: Vec<String>,
}

/// An edit that is impossible; it changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MutationError {
    /// The item is not in the catalogue.
    #[error("`{uri}` is not a {what} of this simulator; use one from /sim/truth or from a response")]
    Unknown {
        /// The given uri.
        uri: String,
        /// What was expected.
        what: &'static str,
    },
    /// Playlists can only be created by number.
    #[error("`create_playlists` takes a `count`, not `uris`, because the simulator assigns the ids")]
    NoUrisForNew,
    /// There is no own playlist to edit.
    #[error("the account has no playlist of its own to edit; make one with `create_playlists`")]
    NoOwnPlaylist,
}
