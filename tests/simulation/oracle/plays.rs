//! Every play that was listed is stored, nothing else is, and no play that Spotify did not list lies in a
//! time that is called complete.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::check::query;
use crate::life::World;

/// Uri and end of a play, as Spotify writes them.
type Play = (String, String);

/// The plays that the engine was told.
#[derive(Default, Clone)]
pub struct ListedPlays {
    listed: BTreeSet<Play>,
    /// Listed only in answers after which the engine died before it could store them.
    perhaps: BTreeSet<Play>,
    /// What the newest answer added to `listed`.
    newest: BTreeSet<Play>,
    /// Plays that an answer left out although it lists older and newer ones: Spotify said that they were not.
    left_out_of: Vec<BTreeSet<Play>>,
}

impl ListedPlays {
    pub fn answered(&mut self, body: &Value) {
        let rows = body["items"].as_array().into_iter().flatten();
        let page: BTreeSet<Play> = rows.filter_map(|row| play(&row["track"], row)).collect();
        self.newest = page.difference(&self.listed).cloned().collect();
        self.listed.extend(page.iter().cloned());
        self.left_out_of.push(page);
    }

    /// An export told these plays, and they are stored.
    pub fn imported(&mut self, plays: Vec<Play>) {
        self.listed.extend(plays);
    }

    /// The engine died: whether it stored the newest answer is not known.
    pub fn last_answer_may_be_lost(&mut self) {
        for play in std::mem::take(&mut self.newest) {
            self.listed.remove(&play);
            self.perhaps.insert(play);
        }
    }

    pub fn judge(&self, world: &World) {
        let stored: BTreeSet<Play> = query(world, "select uri, played_at from v_plays")
            .iter()
            .map(|row| (text(&row["uri"]), text(&row["played_at"])))
            .collect();
        let lost: Vec<_> = self.listed.difference(&stored).collect();
        assert!(lost.is_empty(), "listed plays that are not stored: {lost:?}");
        let made_up: Vec<_> = stored
            .iter()
            .filter(|play| !self.listed.contains(*play) && !self.perhaps.contains(*play))
            .collect();
        assert!(made_up.is_empty(), "stored plays that were never listed: {made_up:?}");
        self.coverage_claims_no_more(world, &stored);
    }

    fn coverage_claims_no_more(&self, world: &World, stored: &BTreeSet<Play>) {
        let complete = query(
            world,
            "select from_at, to_at from v_play_coverage where state in ('complete', 'imported') order by from_at",
        );
        let truth = world.simulator.truth();
        let missing = truth["plays"].as_array().unwrap().iter().filter_map(|row| play(row, row));
        for (uri, at) in missing.filter(|play| !stored.contains(play)) {
            let claimed =
                complete.iter().find(|span| text(&span["from_at"]) <= at && at <= text(&span["to_at"]));
            let told_otherwise = self.left_out_of.iter().any(|page| skips(page, &at));
            assert!(
                claimed.is_none() || told_otherwise,
                "{uri} ended at {at}, was never listed, and its time is called complete: {claimed:?}"
            );
        }
    }
}

/// Whether a page lists plays on both sides of this end, but not a play of it.
fn skips(page: &BTreeSet<Play>, at: &str) -> bool {
    let ends = || page.iter().map(|(_, end)| end.as_str());
    ends().any(|end| end < at) && ends().any(|end| end > at) && ends().all(|end| end != at)
}

fn play(item: &Value, row: &Value) -> Option<Play> {
    Some((item["uri"].as_str()?.to_owned(), row["played_at"].as_str()?.to_owned()))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
