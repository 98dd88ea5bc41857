//! Nothing is recorded as removed without consent: Spotify said that it is no longer in the library, or, where
//! nobody may ask, two readings of the list in a row did not show it.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::check::query;
use crate::life::World;

use super::answers::{List, ShownPage};
use super::holds;

/// How often things were denied, and how long they were not shown.
#[derive(Default)]
pub struct Consent {
    /// Answers that said that a thing is not in the library.
    denials: HashMap<String, usize>,
    /// Things that Spotify said are in the library, perhaps because another edition of them is.
    vouched: HashSet<String>,
    /// Whether somebody was refused to ask.
    is_closed: bool,
    /// Readings of each list that began.
    begun: HashMap<String, usize>,
    sightings: HashMap<(String, String), Sightings>,
    /// The newest line of the journal that was judged.
    judged: i64,
    removals: HashMap<String, usize>,
}

#[derive(Default)]
struct Sightings {
    /// Readings that had begun when it was seen last.
    last: usize,
    /// The most readings that began between two sightings.
    longest_absence: usize,
}

impl Consent {
    pub fn shown(&mut self, page: &ShownPage) {
        if matches!(page.list, List::Contents(_)) {
            return;
        }
        let entity = page.list.entity();
        let begun = self.begun.entry(entity.to_owned()).or_default();
        *begun += usize::from(page.is_first);
        for uri in page.rows.iter().filter_map(|row| row.uri.clone()) {
            let seen = self.sightings.entry((entity.to_owned(), uri)).or_default();
            // A reading that shows it has begun, too.
            let absence = begun.saturating_sub(seen.last + 1);
            seen.longest_absence = seen.longest_absence.max(absence);
            seen.last = *begun;
        }
    }

    pub fn told(&mut self, answers: &[(String, bool)]) {
        for (uri, is_there) in answers {
            if *is_there {
                self.vouched.insert(uri.clone());
            } else {
                *self.denials.entry(uri.clone()).or_default() += 1;
            }
        }
    }

    pub fn refused(&mut self) {
        self.is_closed = true;
    }

    pub const fn is_refused(&self) -> bool {
        self.is_closed
    }

    pub fn judge(&mut self, world: &World) {
        let lines = query(
            world,
            "select id, entity_type, uri from v_library_changes
             where change = 'removed' and entity_type <> 'playlist_items' order by id",
        );
        let truth = world.simulator.truth();
        let has_relinks = world.script.lock().unwrap().relinks;
        let is_another_edition = |uri: &str| {
            let tracks = truth["tracks"].as_array().expect("a list");
            has_relinks && tracks.iter().all(|row| row["uri"] != uri)
        };
        self.judge_lines(&lines, is_another_edition);
    }

    /// The number in the journal of the newest removal that was judged.
    pub const fn last_judged(&self) -> i64 {
        self.judged
    }

    /// Whatever stands behind this number in the journal is new.
    pub const fn go_back_to(&mut self, last_judged: i64) {
        self.judged = last_judged;
    }

    /// Spotify vouches for every edition of a recording that is saved. Where ids are relinked, `is_another_edition` says
    /// that the account itself no longer has this one.
    fn judge_lines(&mut self, lines: &[Value], is_another_edition: impl Fn(&str) -> bool) {
        for line in lines {
            let (id, entity) = (line["id"].as_i64().unwrap(), line["entity_type"].as_str().unwrap());
            if id <= self.judged {
                continue;
            }
            self.judged = id;
            let uri = line["uri"].as_str().unwrap_or_default();
            let removals = self.removals.entry(uri.to_owned()).or_default();
            *removals += 1;
            let removals = *removals;
            let is_denied = self.denials.get(uri).is_some_and(|denials| *denials >= removals);
            let is_outlived = self.vouched.contains(uri) && is_another_edition(uri);
            holds(is_denied || is_outlived || self.was_missing_twice(entity, uri), || {
                format!(
                    "{entity}: {uri} is called removed for the time no. {removals}; Spotify said {} times that it is gone",
                    self.denials.get(uri).unwrap_or(&0)
                )
            });
        }
    }

    fn was_missing_twice(&self, entity: &str, uri: &str) -> bool {
        let begun = self.begun.get(entity).copied().unwrap_or_default();
        let absence = |seen: &Sightings| seen.longest_absence.max(begun - seen.last);
        let seen = self.sightings.get(&(entity.to_owned(), uri.to_owned()));
        self.is_closed && seen.is_none_or(|seen| absence(seen) >= 2)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn removal(id: i64, uri: &str) -> Value {
        json!({ "id": id, "entity_type": "tracks", "uri": uri })
    }

    /// Track `a` is denied and removed.
    fn after_one_removal() -> Consent {
        let mut consent = Consent::default();
        consent.told(&[("a".to_owned(), false)]);
        consent.judge_lines(&[removal(7, "a")], |_| false);
        consent
    }

    #[test]
    fn a_removal_is_judged_once() {
        let mut consent = after_one_removal();
        consent.judge_lines(&[removal(7, "a")], |_| false);
        consent.go_back_to(6);
        consent.told(&[("a".to_owned(), false)]);
        consent.judge_lines(&[removal(7, "a")], |_| false);
    }

    #[test]
    #[should_panic(expected = "a is called removed for the time no. 2")]
    fn what_is_removed_again_after_a_restore_needs_another_denial() {
        let mut consent = after_one_removal();
        consent.go_back_to(6);
        consent.judge_lines(&[removal(7, "a")], |_| false);
    }

    #[test]
    #[should_panic(expected = "b is called removed")]
    fn what_is_removed_after_a_restore_needs_a_denial_of_its_own() {
        let mut consent = after_one_removal();
        consent.go_back_to(6);
        consent.judge_lines(&[removal(7, "b")], |_| false);
    }
}
