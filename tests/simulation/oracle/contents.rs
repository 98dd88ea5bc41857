//! The stored contents of a playlist are a version that the account really had, never a mix of two.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::check::query;
use crate::life::World;

use super::answers::List;
use super::holds;
use super::untrue::Untrue;

/// Uri and kind of each slot, in order.
type Slots = Vec<(Option<String>, String)>;

/// The versions that each playlist ever had, by its id.
#[derive(Default)]
pub struct ContentsVersions {
    all: HashMap<String, HashSet<Slots>>,
    /// Playlists whose stored contents were true once.
    were_true: HashSet<String>,
}

impl ContentsVersions {
    pub fn remember(&mut self, truth: &Value) {
        for list in truth["playlists"].as_array().unwrap() {
            let slots = list["items"].as_array().unwrap().iter().map(slot).collect();
            self.all.entry(list["id"].as_str().unwrap().to_owned()).or_default().insert(slots);
        }
    }

    /// Rows that were never there, or pages of several versions, make contents that the account never had.
    ///
    /// One thing is forgiven, as the documentation says: nothing vouches for the first reading of a list. If the list is
    /// edited between two of its pages, the record has a mix until the next listing shows another version.
    pub fn judge(&mut self, world: &World, untrue: &Untrue) {
        let complete = query(
            world,
            "select playlist_id, snapshot_id from v_playlists where contents_state = 'complete'",
        );
        let truth = world.simulator.truth();
        let versions_now = versions_now(&truth);
        let is_outdated = |list: &str| {
            let listed =
                complete.iter().find(|row| row["playlist_id"] == list).map(|row| &row["snapshot_id"]);
            listed != versions_now.get(list).copied()
        };
        let rows = query(
            world,
            "select playlist_id, uri, kind from v_playlist_items order by playlist_id, position",
        );
        let mut stored: HashMap<&str, Slots> = HashMap::new();
        for list in &complete {
            stored.insert(list["playlist_id"].as_str().unwrap(), Slots::new());
        }
        for row in &rows {
            if let Some(slots) = stored.get_mut(row["playlist_id"].as_str().unwrap()) {
                slots.push(slot(row));
            }
        }
        for (list, slots) in stored {
            if untrue.has(&List::Contents(list.to_owned())) {
                continue;
            }
            let versions = self.all.get(list);
            let is_true = versions.is_some_and(|versions| versions.contains(&slots));
            if is_true {
                self.were_true.insert(list.to_owned());
            }
            holds(is_true || !self.were_true.contains(list) && is_outdated(list), || {
                format!(
                    "playlist {list} is called complete with contents that it never had: {slots:?}; it had {versions:?}"
                )
            });
        }
    }
}

/// The version of each playlist of the account.
fn versions_now(truth: &Value) -> HashMap<&str, &Value> {
    let lists = truth["playlists"].as_array().unwrap();
    lists.iter().map(|list| (list["id"].as_str().unwrap(), &list["snapshot_id"])).collect()
}

fn slot(row: &Value) -> (Option<String>, String) {
    (row["uri"].as_str().map(str::to_owned), row["kind"].as_str().unwrap().to_owned())
}
