//! What a person does to the account at another device.

use phonolog::simulator::{Mutation, Pick, PlaylistEdit, RowPick};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::witness::Witness;

/// One edit, of so many things as its number says. Which ones is drawn when it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    SaveTracks(u32),
    RemoveTracks(u32),
    /// Saves tracks that were removed before.
    SaveAgain(u32),
    RelinkTracks(u32),
    SaveAlbums(u32),
    RemoveAlbums(u32),
    Follow(u32),
    Unfollow(u32),
    CreatePlaylists(u32),
    DeletePlaylists(u32),
    Play(u32),
    /// Changes one playlist.
    Change {
        add: u32,
        remove: u32,
        moves: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
}

/// Edits of one second; some relink tracks, too, where a story has that.
pub fn draw(rng: &mut ChaCha8Rng, relinks: bool) -> Vec<Edit> {
    let count = rng.random_range(1..=3);
    let mut edits: Vec<Edit> = (0..count).map(|_| one(rng)).collect();
    if relinks && rng.random_ratio(1, 3) {
        edits.push(Edit::RelinkTracks(rng.random_range(1..=3)));
    }
    edits
}

fn one(rng: &mut ChaCha8Rng) -> Edit {
    let some = rng.random_range(1..=3);
    match rng.random_range(0..100) {
        0..=17 => Edit::SaveTracks(some),
        18..=37 => Edit::RemoveTracks(some),
        38..=45 => Edit::SaveAgain(2),
        46..=52 => Edit::SaveAlbums(some),
        53..=58 => Edit::RemoveAlbums(some),
        59..=64 => Edit::Follow(some),
        65..=70 => Edit::Unfollow(some),
        71..=74 => Edit::CreatePlaylists(1),
        75..=77 => Edit::DeletePlaylists(1),
        78..=83 => Edit::Play(some),
        _ => Edit::Change {
            add: rng.random_range(0..4),
            remove: rng.random_range(0..3),
            moves: rng.random_range(0..3),
            name: rng.random_ratio(1, 8).then(|| format!("renamed {}", rng.random_range(0..1000))),
        },
    }
}

impl Edit {
    /// In the simulator's words.
    pub fn mutation(&self, witness: &Witness, rng: &mut ChaCha8Rng) -> Mutation {
        match self {
            Self::SaveTracks(count) => Mutation::SaveTracks(Pick::Count(*count)),
            Self::RemoveTracks(count) => Mutation::RemoveTracks(Pick::Count(*count)),
            Self::SaveAgain(count) => {
                let removed = witness.removed_tracks();
                let uris: Vec<String> = removed.sample(rng, *count as usize).cloned().collect();
                Mutation::SaveTracks(if uris.is_empty() { Pick::Count(*count) } else { Pick::Uris(uris) })
            }
            Self::RelinkTracks(count) => Mutation::RelinkTracks(Pick::Count(*count)),
            Self::SaveAlbums(count) => Mutation::SaveAlbums(Pick::Count(*count)),
            Self::RemoveAlbums(count) => Mutation::RemoveAlbums(Pick::Count(*count)),
            Self::Follow(count) => Mutation::FollowArtists(Pick::Count(*count)),
            Self::Unfollow(count) => Mutation::UnfollowArtists(Pick::Count(*count)),
            Self::CreatePlaylists(count) => Mutation::CreatePlaylists(Pick::Count(*count)),
            Self::DeletePlaylists(count) => Mutation::DeletePlaylists(Pick::Count(*count)),
            Self::Play(count) => Mutation::Play(Pick::Count(*count).into()),
            Self::Change { add, remove, moves, name } => Mutation::EditPlaylist(PlaylistEdit {
                add: Some(RowPick::Count(*add)),
                remove: Some(RowPick::Count(*remove)),
                moves: Some(*moves),
                name: name.clone(),
                ..PlaylistEdit::default()
            }),
        }
    }
}
