//! Nothing is stored that Spotify did not show: every row with its date, once, and every slot of a playlist at the
//! place where it was shown.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::check::query;
use crate::life::World;

use super::answers::{List, ShownPage, ShownRow};
use super::holds;

/// Uri and kind of a slot.
type Slot = (Option<String>, &'static str);

/// How often a row was shown with each date.
type Dates = HashMap<Option<String>, u32>;

/// What was shown in this story.
#[derive(Default)]
pub struct Shown {
    /// Every row by its uri, by list.
    rows: HashMap<&'static str, HashMap<String, Dates>>,
    /// Uri and kind of every slot, by playlist and place.
    slots: HashMap<(String, u64), HashSet<Slot>>,
    /// Places at which an answer ended, by playlist.
    ends: HashMap<String, HashSet<u64>>,
    /// Playlists of which Spotify failed to show a place that it was asked for alone: it may be leapt over.
    with_bad_places: HashSet<String>,
}

impl Shown {
    pub fn shown(&mut self, page: &ShownPage) {
        let List::Contents(id) = &page.list else {
            let list = self.rows.entry(page.list.entity()).or_default();
            for ShownRow { uri, added_at, .. } in &page.rows {
                if let Some(uri) = uri {
                    *list.entry(uri.clone()).or_default().entry(added_at.clone()).or_default() += 1;
                }
            }
            return;
        };
        for (place, row) in (page.offset..).zip(&page.rows) {
            let slot = (row.uri.clone(), row.kind);
            self.slots.entry((id.clone(), place)).or_default().insert(slot);
        }
        let end = page.offset + page.rows.len() as u64;
        self.ends.entry(id.clone()).or_default().insert(end);
    }

    pub fn has_a_bad_place(&mut self, list: &List) {
        if let List::Contents(id) = list {
            self.with_bad_places.insert(id.clone());
        }
    }

    pub fn judge(&self, world: &World) {
        for (list, sql) in LISTS {
            self.judge_list(list, &query(world, sql));
        }
        self.judge_contents(world);
    }

    fn judge_list(&self, list: &str, stored: &[Value]) {
        let shown = self.rows.get(list);
        let mut stored_times: HashMap<(&str, Option<String>), u32> = HashMap::new();
        for row in stored {
            let Some(uri) = row["uri"].as_str() else { continue };
            let dates = shown.and_then(|rows| rows.get(uri));
            holds(dates.is_some(), || format!("{list}: {uri} is stored and was never shown"));
            let added_at = row["added_at"].as_str().map(str::to_owned);
            let times = stored_times.entry((uri, added_at.clone())).or_default();
            *times += 1;
            let shown_times = match (&added_at, dates) {
                (None, Some(dates)) => dates.values().sum(),
                (Some(_), Some(dates)) => dates.get(&added_at).copied().unwrap_or_default(),
                (_, None) => 0,
            };
            // A first reading of a list that moves has some rows twice until it is settled, but none without cause.
            holds(*times <= shown_times, || {
                format!("{list}: {uri} of {added_at:?} is stored {times} times and was shown with {dates:?}")
            });
        }
    }

    fn judge_contents(&self, world: &World) {
        let stored = query(
            world,
            "select playlist_id, position, kind, uri from v_playlist_items order by playlist_id, position",
        );
        let mut lengths: HashMap<&str, u64> = HashMap::new();
        for row in &stored {
            let (list, place) = (row["playlist_id"].as_str().unwrap(), row["position"].as_u64().unwrap());
            *lengths.entry(list).or_default() += 1;
            let shown = self.slots.get(&(list.to_owned(), place));
            let (uri, kind) = (row["uri"].as_str().map(str::to_owned), row["kind"].as_str().unwrap());
            let was_shown = shown.is_some_and(|shown| {
                shown.iter().any(|(its_uri, its_kind)| *its_uri == uri && *its_kind == kind)
            });
            let is_leapt_over = uri.is_none() && kind == "unavailable" && self.with_bad_places.contains(list);
            holds(was_shown || is_leapt_over, || {
                format!("playlist {list}: {uri:?} ({kind}) is stored at {place}, where {shown:?} was shown")
            });
        }
        for (list, length) in lengths {
            let shown = self.ends.get(list);
            let is_an_end = shown.is_some_and(|shown| shown.contains(&length));
            holds(is_an_end || self.with_bad_places.contains(list), || {
                format!("playlist {list}: {length} slots are stored; answers ended at {shown:?}")
            });
        }
    }
}

const LISTS: [(&str, &str); 4] = [
    ("tracks", "select uri, added_at from v_saved_tracks"),
    ("albums", "select uri, added_at from v_saved_albums"),
    ("artists", "select uri, null as added_at from v_followed_artists"),
    ("playlists", "select 'spotify:playlist:' || playlist_id as uri, null as added_at from v_playlists"),
];
