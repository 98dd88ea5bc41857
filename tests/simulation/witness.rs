//! Records every edit, and so knows what was ever removed and may be recorded as removed.

use std::collections::{BTreeSet, HashMap};

use phonolog::simulator::{Mutation, Simulator};
use serde_json::Value;

/// What was removed from the account at any time.
#[derive(Default)]
pub struct Witness {
    removed: HashMap<&'static str, BTreeSet<String>>,
    /// Uris of the same saved track, where it was relinked.
    relinked: HashMap<String, String>,
    /// Playlist id and uri, where a list held fewer of it after an edit than before.
    fewer: BTreeSet<(String, String)>,
}

impl Witness {
    /// Does an edit, picking by the stream of `place`, remembers what it removed, and says what it touched.
    pub fn edit(&mut self, simulator: &Simulator, place: u64, edit: &Mutation) -> Vec<String> {
        let tells_too_little = matches!(edit, Mutation::EditPlaylist(_) | Mutation::RelinkTracks(_));
        let before = tells_too_little.then(|| simulator.truth());
        // Nothing left to edit is no error of the story.
        let Ok(done) = simulator.mutate_from(place, std::slice::from_ref(edit)) else {
            return Vec::new();
        };
        let touched = done.iter().flat_map(|done| done.uris.clone()).collect();
        for mut done in done {
            let entity = match done.op {
                "remove_tracks" => "tracks",
                "remove_albums" => "albums",
                "unfollow_artists" => "artists",
                "delete_playlists" => "playlists",
                _ => continue,
            };
            let others: Vec<_> = done.uris.iter().filter_map(|uri| self.relinked.get(uri).cloned()).collect();
            done.uris.extend(others);
            self.removed.entry(entity).or_default().extend(done.uris);
        }
        if let Some(before) = before {
            self.compare(&before, &simulator.truth());
        }
        touched
    }

    fn compare(&mut self, before: &Value, after: &Value) {
        let (old, new) = (slots(before), slots(after));
        let fewer = old.into_iter().filter(|(slot, count)| new.get(slot).unwrap_or(&0) < count);
        self.fewer.extend(fewer.map(|(slot, _)| slot));
        let tracks = |truth: &Value| -> Vec<String> {
            let rows = truth["tracks"].as_array().unwrap().iter();
            rows.map(|row| row["uri"].as_str().unwrap().to_owned()).collect()
        };
        for (old, new) in tracks(before).into_iter().zip(tracks(after)).filter(|(old, new)| old != new) {
            self.relinked.insert(old.clone(), new.clone());
            self.relinked.insert(new, old);
        }
    }

    /// Tracks that were ever removed.
    pub fn removed_tracks(&self) -> Vec<String> {
        self.removed.get("tracks").into_iter().flatten().cloned().collect()
    }

    /// Whether a thing was ever gone.
    pub fn saw_go(&self, entity: &str, uri: &str) -> bool {
        self.removed.get(entity).is_some_and(|gone| gone.contains(uri))
    }

    /// Whether a playlist ever lost a slot of this uri.
    pub fn saw_fewer(&self, playlist: &str, uri: &str) -> bool {
        self.fewer.contains(&(playlist.to_owned(), uri.to_owned()))
    }
}

/// How often each playlist holds each uri.
fn slots(truth: &Value) -> HashMap<(String, String), u32> {
    let mut slots = HashMap::new();
    for list in truth["playlists"].as_array().unwrap() {
        for item in list["items"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            *slots.entry((text(&list["id"]), text(&item["uri"]))).or_default() += 1;
        }
    }
    slots
}
