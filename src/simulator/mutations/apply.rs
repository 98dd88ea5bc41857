//! Performs the edits of `mutation`.
//!
//! Owns: how each edit changes the account's lists. Random choices come from the stream that the
//! caller passes.

use rand::RngExt;

use super::draw;
use crate::simulator::content::account::{Playing, SimAccount, SimPlay, SimSaved};
use crate::simulator::content::catalogue::{other_edition, recording};
use crate::simulator::content::generate::{context, favourite};
use crate::simulator::content::ids::IdKind;
use crate::simulator::content::mutation::{
    Mutation, MutationError, MutationResult, Pick, PlaylistEdit, Plays, RandomEdits, RowPick,
};
use crate::simulator::content::playlists::new_own;
use crate::simulator::rng::{Chance, Stream, Subject, index};
use crate::simulator::time::Millis;

/// The context of an edit: the account, the account's time, and the source of random choices.
pub(in crate::simulator) struct Editor<'a> {
    pub(in crate::simulator) account: &'a mut SimAccount,
    pub(in crate::simulator) now: Millis,
    pub(in crate::simulator) rng: Stream,
}

type Edited = Result<Vec<MutationResult>, MutationError>;

impl Editor<'_> {
    /// Performs one edit; on an error nothing was changed.
    pub(in crate::simulator) fn apply(&mut self, mutation: &Mutation) -> Edited {
        let (op, uris) = match mutation {
            Mutation::SaveTracks(pick) => ("save_tracks", self.save_tracks(pick)?),
            Mutation::RemoveTracks(pick) => ("remove_tracks", self.remove_tracks(pick)?),
            Mutation::RelinkTracks(pick) => ("relink_tracks", self.relink_tracks(pick)?),
            Mutation::SaveAlbums(pick) => ("save_albums", self.save_albums(pick)?),
            Mutation::RemoveAlbums(pick) => ("remove_albums", self.remove_albums(pick)?),
            Mutation::FollowArtists(pick) => ("follow_artists", self.follow(pick)?),
            Mutation::UnfollowArtists(pick) => ("unfollow_artists", self.unfollow(pick)?),
            Mutation::CreatePlaylists(pick) => ("create_playlists", self.create_playlists(pick)?),
            Mutation::DeletePlaylists(pick) => ("delete_playlists", self.delete_playlists(pick)?),
            Mutation::EditPlaylist(playlist) => ("edit_playlist", draw::playlists(self, playlist)?),
            Mutation::Play(plays) => ("play", self.play(plays)?),
            Mutation::StampPlays { at } => {
                self.account.stamped_at = *at;
                ("stamp_plays", vec![])
            }
            Mutation::StartPlaying(pick) => ("start_playing", self.start_playing(pick)?),
            Mutation::Random(random) => return self.random(random),
        };
        Ok(vec![MutationResult { op, uris }])
    }

    fn save_tracks(&mut self, pick: &Pick) -> Result<Vec<String>, MutationError> {
        let chosen = match pick {
            Pick::Count(count) => {
                let candidates = self.account.unsaved_tracks(*count as usize);
                self.some_of(candidates, *count)
            }
            Pick::Uris(uris) => self.not_yet(IdKind::Track, self.numbers(IdKind::Track, uris)?),
        };
        let added_at = self.added_at(&self.account.tracks);
        self.account.tracks.splice(0..0, saved(&chosen, added_at));
        Ok(self.uris(IdKind::Track, &chosen))
    }

    fn remove_tracks(&mut self, pick: &Pick) -> Result<Vec<String>, MutationError> {
        let chosen =
            self.chosen_of(IdKind::Track, pick, self.account.tracks.iter().map(|row| row.number).collect())?;
        let gone = set(&chosen);
        self.account.tracks.retain(|row| !gone.contains(&row.number));
        Ok(self.uris(IdKind::Track, &chosen))
    }

    /// Returns the new ids of the tracks.
    fn relink_tracks(&mut self, pick: &Pick) -> Result<Vec<String>, MutationError> {
        let chosen =
            self.chosen_of(IdKind::Track, pick, self.account.tracks.iter().map(|row| row.number).collect())?;
        let relinked = set(&chosen);
        for row in self.account.tracks.iter_mut().filter(|row| relinked.contains(&row.number)) {
            row.number = other_edition(row.number);
        }
        let new: Vec<u32> = chosen.into_iter().map(other_edition).collect();
        Ok(self.uris(IdKind::Track, &new))
    }

    fn save_albums(&mut self, pick: &Pick) -> Result<Vec<String>, MutationError> {
        let chosen = match pick {
            Pick::Count(count) => {
                let candidates = self.account.unsaved_albums(*count as usize);
                self.some_of(candidates, *count)
            }
            Pick::Uris(uris) => self.not_yet(IdKind::Album, self.numbers(IdKind::Album, uris)?),
        };
        let added_at = self.added_at(&self.account.albums);
        self.account.albums.splice(0..0, saved(&chosen, added_at));
        Ok(self.uris(IdKind::Album, &chosen))
    }

    fn remove_albums(&mut self, pick: &Pick) -> Result<Vec<String>, MutationError> {
        let chosen =
            self.chosen_of(IdKind::Album, pick, self.account.albums.iter().map(|row| row.number).collect())?;
        let gone = set(&chosen);
        self.account.albums.retain(|row| !gone.contains(&row.number));
        Ok(self.uris(IdKind::Album, &chosen))
    }

    fn follow(&mut self, pick: &Pick) -> Result<Vec<String>, MutationError> {
        let chosen = match pick {
            Pick::Count(count) => {
                let candidates = self.account.unfollowed_artists(*count as usize);
                self.some_of(candidates, *count)
            }
            Pick::Uris(uris) => self.not_yet(IdKind::Artist, self.numbers(IdKind::Artist, uris)?),
        };
        for artist in &chosen {
            self.account.follow(*artist);
        }
        Ok(self.uris(IdKind::Artist, &chosen))
    }

    fn unfollow(&mut self, pick: &Pick) -> Result<Vec<String>, MutationError> {
        let chosen = self.chosen_of(IdKind::Artist, pick, self.account.artists.clone())?;
        let gone = set(&chosen);
        self.account.artists.retain(|artist| !gone.contains(artist));
        Ok(self.uris(IdKind::Artist, &chosen))
    }

    fn create_playlists(&mut self, pick: &Pick) -> Result<Vec<String>, MutationError> {
        let Pick::Count(count) = pick else {
            return Err(MutationError::NoUrisForNew);
        };
        let mut made = Vec::new();
        for _ in 0..*count {
            let mut list = new_own(self.account);
            let few = self.rng.random_range(0..8_u32);
            draw::add_tracks(self, &mut list, few);
            made.push(list.number);
            self.account.playlists.insert(0, list);
        }
        Ok(self.uris(IdKind::Playlist, &made))
    }

    fn delete_playlists(&mut self, pick: &Pick) -> Result<Vec<String>, MutationError> {
        let listed = self.account.playlists.iter().map(|list| list.number).collect();
        let chosen = self.chosen_of(IdKind::Playlist, pick, listed)?;
        let gone = set(&chosen);
        let (gone, kept) = std::mem::take(&mut self.account.playlists)
            .into_iter()
            .partition(|list| gone.contains(&list.number));
        self.account.playlists = kept;
        let gone: Vec<_> = gone;
        self.account.unfollowed.extend(gone.into_iter().map(|list| (list.number, list)));
        Ok(self.uris(IdKind::Playlist, &chosen))
    }

    /// Plays tracks one after another so that the last ends now. If the history leaves too little
    /// room, they are compressed, because every play must be newer than all before it. Plays that
    /// ended earlier are reported now, at the top of the list, and are older than those below them.
    fn play(&mut self, Plays { pick, ended_ago }: &Plays) -> Result<Vec<String>, MutationError> {
        let chosen = self.tracks_to_play(pick)?;
        if !ended_ago.is_zero() {
            let ago = Millis::try_from(ended_ago.as_millis()).unwrap_or(Millis::MAX);
            return Ok(self.play_late(&chosen, self.now.saturating_sub(ago)));
        }
        let newest = self.account.plays.iter().map(|play| play.played_at).max().unwrap_or(Millis::MIN / 2);
        let mut end = self.now.max(newest + millis(chosen.len()));
        let mut plays = Vec::with_capacity(chosen.len());
        for (place, track) in chosen.iter().copied().enumerate().rev() {
            // Every play before this one needs its own millisecond after the newest known play.
            let played_at = end.max(newest + millis(place + 1));
            let context = context(self.account, track, &mut self.rng);
            plays.push(SimPlay { track, played_at, context });
            end = played_at - self.length(track);
        }
        self.account.plays.extend(plays.into_iter().rev());
        Ok(self.uris(IdKind::Track, &chosen))
    }

    /// Plays that ended one after another, the last at `end`, and that are reported now.
    fn play_late(&mut self, chosen: &[u32], mut end: Millis) -> Vec<String> {
        let mut plays = Vec::with_capacity(chosen.len());
        for track in chosen.iter().rev() {
            let context = context(self.account, *track, &mut self.rng);
            plays.push(SimPlay { track: *track, played_at: end, context });
            end -= self.length(*track);
        }
        self.account.plays.extend(plays.into_iter().rev());
        self.uris(IdKind::Track, chosen)
    }

    /// The length of a track.
    fn length(&self, track: u32) -> Millis {
        let traits = self.account.catalogue.track_traits(track);
        traits.map_or(0, |traits| traits.duration_ms.into())
    }

    fn start_playing(&mut self, pick: &Pick) -> Result<Vec<String>, MutationError> {
        let chosen = self.tracks_to_play(pick)?;
        let Some(track) = chosen.last().copied() else {
            return Ok(vec![]);
        };
        let ends_at = self.now + self.length(track);
        self.account.playing = Some(Playing { track, started_at: self.now, ends_at });
        Ok(self.uris(IdKind::Track, &[track]))
    }

    fn tracks_to_play(&mut self, pick: &Pick) -> Result<Vec<u32>, MutationError> {
        match pick {
            Pick::Count(count) => Ok((0..*count).map(|_| favourite(self.account, &mut self.rng)).collect()),
            Pick::Uris(uris) => self.numbers(IdKind::Track, uris),
        }
    }

    fn random(&mut self, random: &RandomEdits) -> Edited {
        if let Some(seed) = random.seed {
            self.rng = Chance::new(seed).of(Subject::Mutation, 0);
        }
        let mut done = Vec::new();
        for _ in 0..random.ops {
            let mutation = self.any_edit();
            match self.apply(&mutation) {
                Ok(more) => done.extend(more),
                // If nothing is left to edit, a request for any edit is no error.
                Err(MutationError::NoOwnPlaylist) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn any_edit(&mut self) -> Mutation {
        let some = Pick::Count(self.rng.random_range(1..=3));
        match self.rng.random_range(0..100_u32) {
            0..=24 => Mutation::SaveTracks(some),
            25..=44 => Mutation::RemoveTracks(some),
            45..=52 => Mutation::SaveAlbums(some),
            53..=59 => Mutation::RemoveAlbums(some),
            60..=67 => Mutation::FollowArtists(some),
            68..=74 => Mutation::UnfollowArtists(some),
            75..=77 => Mutation::CreatePlaylists(Pick::Count(1)),
            78..=79 => Mutation::DeletePlaylists(Pick::Count(1)),
            _ => Mutation::EditPlaylist(PlaylistEdit {
                add: Some(RowPick::Count(self.rng.random_range(0..4))),
                remove: Some(RowPick::Count(self.rng.random_range(0..3))),
                moves: Some(self.rng.random_range(0..3)),
                ..PlaylistEdit::default()
            }),
        }
    }

    /// The time of an item that is saved now: in whole seconds, and never before the item at the
    /// top, since the list is newest first even if the machine's clock is before the generated
    /// past.
    fn added_at(&self, list: &[SimSaved]) -> i64 {
        let newest = list.first().map_or(i64::MIN, |row| row.added_at);
        self.now.div_euclid(1000).max(newest)
    }

    /// Items in the library: this many by the seed, or these.
    fn chosen_of(
        &mut self,
        kind: IdKind,
        pick: &Pick,
        mut present: Vec<u32>,
    ) -> Result<Vec<u32>, MutationError> {
        match pick {
            Pick::Count(count) => Ok(self.some_of(present, *count)),
            Pick::Uris(uris) => {
                let wanted = set(&self.numbers(kind, uris)?);
                present.retain(|number| wanted.contains(number));
                Ok(present)
            }
        }
    }

    fn some_of(&mut self, mut candidates: Vec<u32>, count: u32) -> Vec<u32> {
        let wanted = (count as usize).min(candidates.len());
        (0..wanted).map(|_| candidates.swap_remove(index(&mut self.rng, candidates.len()))).collect()
    }

    fn not_yet(&self, kind: IdKind, mut numbers: Vec<u32>) -> Vec<u32> {
        // Two editions of one recording are one item: the library never contains both.
        let thing = |number| if kind == IdKind::Track { recording(number) } else { number };
        let mut seen = std::collections::HashSet::new();
        numbers.retain(|number| seen.insert(thing(*number)) && !self.account.contains(kind, *number));
        numbers
    }

    fn numbers(&self, kind: IdKind, uris: &[String]) -> Result<Vec<u32>, MutationError> {
        let number = |uri: &String| match self.account.known(uri) {
            Some((found, number)) if found == kind => Ok(number),
            _ => Err(MutationError::Unknown { uri: uri.clone(), what: kind.word() }),
        };
        uris.iter().map(number).collect()
    }

    fn uris(&self, kind: IdKind, numbers: &[u32]) -> Vec<String> {
        numbers.iter().map(|number| self.account.ids.uri(kind, *number)).collect()
    }
}

fn saved(numbers: &[u32], added_at: i64) -> Vec<SimSaved> {
    numbers.iter().map(|number| SimSaved { number: *number, added_at }).collect()
}

fn set(numbers: &[u32]) -> std::collections::HashSet<u32> {
    numbers.iter().copied().collect()
}

fn millis(len: usize) -> Millis {
    Millis::try_from(len).unwrap_or(Millis::MAX)
}
