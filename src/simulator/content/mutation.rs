//! Edits of the account, as a person at another device would make them: what can be asked for.
//!
//! Owns: the words of `POST /sim/mutate`; `mutate` does them.

use serde::{Deserialize, Serialize};

/// Which things an edit concerns.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "PickWords")]
pub enum Pick {
    /// So many, picked by the seed.
    Count(u32),
    /// These.
    Uris(Vec<String>),
}

/// How a pick is written.
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
    /// Which tracks.
    pub pick: Pick,
    /// How long ago the last one ended, as `6h`: it arrives only now, from a device that was offline. Zero
    /// where it is not given.
    pub ended_ago: std::time::Duration,
}

impl From<Pick> for Plays {
    fn from(pick: Pick) -> Self {
        Self { pick, ended_ago: std::time::Duration::ZERO }
    }
}

/// How plays are written.
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

/// At which end of a play its time is stamped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StampedAt {
    /// Where it began, as some clients did.
    Start,
    /// Where it was over.
    #[default]
    End,
}

/// Which rows of a playlist are added or removed: a number, or the uris themselves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum RowPick {
    /// So many, picked by the seed, at places picked by the seed.
    Count(u32),
    /// These: added at the end, or removed wherever they stand.
    Uris(Vec<String>),
}

/// What happens to one or several playlists.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaylistEdit {
    /// The playlist, by id or uri.
    #[serde(default)]
    pub id: Option<String>,
    /// Several playlists; each is edited so.
    #[serde(default)]
    pub uris: Option<Vec<String>>,
    /// Where no playlist is named: how many of the account's own the seed picks; 1 if not given.
    #[serde(default)]
    pub count: Option<u32>,
    /// Rows to add; one where the edit says nothing at all.
    #[serde(default)]
    pub add: Option<RowPick>,
    /// Rows to remove.
    #[serde(default)]
    pub remove: Option<RowPick>,
    /// Rows to move to another place, picked by the seed.
    #[serde(default, rename = "move")]
    pub moves: Option<u32>,
    /// A new name.
    #[serde(default)]
    pub name: Option<String>,
}

impl PlaylistEdit {
    /// Whether it leaves open what is to be done.
    pub(in crate::simulator) fn says_nothing(&self) -> bool {
        self.add.is_none() && self.remove.is_none() && self.moves.is_none() && self.name.is_none()
    }
}

/// Many edits of the library at once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomEdits {
    /// How many.
    pub ops: u32,
    /// Which ones; drawn like all picks if not given.
    #[serde(default)]
    pub seed: Option<u64>,
}

/// One edit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Mutation {
    /// Saves tracks: on top, added now.
    SaveTracks(Pick),
    /// Removes saved tracks.
    RemoveTracks(Pick),
    /// Shows saved tracks under another id: the same recording, saved at the same time.
    RelinkTracks(Pick),
    /// Saves albums: on top, added now.
    SaveAlbums(Pick),
    /// Removes saved albums.
    RemoveAlbums(Pick),
    /// Follows artists.
    FollowArtists(Pick),
    /// Unfollows artists.
    UnfollowArtists(Pick),
    /// Makes playlists of the account's own, with a few tracks.
    CreatePlaylists(Pick),
    /// Takes playlists out of the library; they still answer by their id, as at Spotify.
    DeletePlaylists(Pick),
    /// Changes playlists.
    EditPlaylist(PlaylistEdit),
    /// Plays tracks to their end; the last one ends now, or ended a while ago and arrives now.
    Play(Plays),
    /// From now on answers stamp every play at this end of it; the truth keeps its end.
    StampPlays {
        /// Which end.
        at: StampedAt,
    },
    /// Starts a track: it is what plays now until its length is over, then it is history.
    StartPlaying(Pick),
    /// Edits the library, never plays.
    Random(RandomEdits),
}

/// What an edit did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MutationResult {
    /// The edit's word.
    pub op: &'static str,
    /// What it concerned, in the order in which it was done.
    pub uris: Vec<String>,
}

/// An edit that cannot be done; nothing was changed by it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MutationError {
    /// No such thing in the catalogue.
    #[error("`{uri}` is not a {what} of this account's Spotify; take one from /sim/truth or from an answer")]
    Unknown {
        /// What was given.
        uri: String,
        /// What was wanted.
        what: &'static str,
    },
    /// Playlists are made by number only.
    #[error("`create_playlists` takes a `count`: new playlists get their ids here")]
    NoUrisForNew,
    /// There is nothing of one's own to edit.
    #[error("the account has no playlist of its own to edit; make one with `create_playlists`")]
    NoOwnPlaylist,
}
