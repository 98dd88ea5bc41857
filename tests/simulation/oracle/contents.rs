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
pub struct ContentsVersions(HashMap<String, HashSet<Slots>>);

impl ContentsVersions {
    pub fn remember(&mut self, truth: &Value) {
        for list in truth["playlists"].as_array().unwrap() {
            let slots = list["items"].as_array().unwrap().iter().map(slot).collect();
            self.0.entry(list["id"].as_str().unwrap().to_owned()).or_default().insert(slots);
        }
    }

    /// Rows that were never there, or pages of several versions, make contents that the account never had.
    pub fn judge(&self, world: &World, untrue: &Untrue) {
        let complete = query(world, "select playlist_id from v_playlists where contents_state = 'complete'");
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
            let versions = self.0.get(list);
            holds(versions.is_some_and(|versions| versions.contains(&slots)), || {
                format!(
                    "playlist {list} is called complete with contents that it never had: {slots:?}; it had {versions:?}"
                )
            });
        }
    }
}

fn slot(row: &Value) -> (Option<String>, String) {
    (row["uri"].as_str().map(str::to_owned), row["kind"].as_str().unwrap().to_owned())
}
