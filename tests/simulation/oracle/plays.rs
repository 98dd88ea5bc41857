//! Every play that was listed is stored, nothing else is, no play that Spotify did not list lies in a time that is
//! called complete, and one that got lost between two answers lies in a time that is called a gap.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;

use crate::check::query;
use crate::life::World;

use super::holds;

/// Uri and end of a play, as Spotify writes them.
type Play = (String, String);

/// Songs that follow each other are no further apart than this.
const PAUSE_BETWEEN_SONGS: TimeDelta = TimeDelta::minutes(1);

/// The plays that the engine was told.
#[derive(Default, Clone)]
pub struct ListedPlays {
    listed: BTreeSet<Play>,
    /// Listed only in answers after which the engine died before it could store them.
    perhaps: BTreeSet<Play>,
    /// What the newest answer added to `listed`.
    newest: BTreeSet<Play>,
    /// Told by an export, whatever the account's history says.
    exported: BTreeSet<Play>,
    /// How long tracks last, in milliseconds.
    lengths: HashMap<String, i64>,
    /// The times between two answers in a row that have no play in common, as the newest play before and the oldest
    /// one after.
    jumps: Vec<(String, String)>,
    /// Whether the newest answer added the last of them.
    newest_is_jump: bool,
    /// Plays that an answer left out although it lists older and newer ones: Spotify said that they were not.
    left_out_of: Vec<BTreeSet<Play>>,
}

impl ListedPlays {
    pub fn answered(&mut self, body: &Value) {
        let rows = || body["items"].as_array().into_iter().flatten();
        let page: BTreeSet<Play> = rows().filter_map(|row| play(&row["track"], row)).collect();
        for track in rows().map(|row| &row["track"]) {
            if let (Some(uri), Some(length)) = (track["uri"].as_str(), track["duration_ms"].as_i64()) {
                self.lengths.insert(uri.to_owned(), length);
            }
        }
        let jump = self.jump_to(&page);
        self.newest_is_jump = jump.is_some();
        self.jumps.extend(jump);
        self.newest = page.difference(&self.listed).cloned().collect();
        self.listed.extend(page.iter().cloned());
        self.left_out_of.push(page);
    }

    /// The time between the newest play known and a page that holds none that is known.
    fn jump_to(&self, page: &BTreeSet<Play>) -> Option<(String, String)> {
        let oldest = page.iter().map(|(_, end)| end).min()?;
        let known = || self.listed.iter().chain(&self.perhaps);
        let is_known =
            |play: &Play| known().any(|its| its == play || self.other_ends(play).any(|end| *its == end));
        let newest = known().map(|(_, end)| end).filter(|end| *end < oldest).max()?;
        // Where nothing is stored for certain, this may be the first answer.
        let has_before = self.listed.iter().any(|(_, end)| end < oldest);
        (has_before && !page.iter().any(is_known)).then(|| (newest.clone(), oldest.clone()))
    }

    /// An export told these plays, and they are stored.
    pub fn imported(&mut self, plays: Vec<Play>) {
        self.listed.extend(plays.iter().cloned());
        self.exported.extend(plays);
    }

    /// The engine died or its disk failed: whether it stored the newest answer is not known.
    pub fn last_answer_may_be_lost(&mut self) {
        if std::mem::take(&mut self.newest_is_jump) {
            self.jumps.pop();
        }
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
        let truth: BTreeSet<Play> = true_plays(world);
        // Where answers date some plays by their start, one play may be known by either end.
        let told = self.listed.iter().chain(&self.perhaps);
        let has_starts = told.filter(|play| !self.exported.contains(*play)).any(|play| !truth.contains(play));
        let is_kept = |play: &&Play| {
            stored.contains(*play) || has_starts && self.other_ends(play).any(|play| stored.contains(&play))
        };
        let newest = world.clock.account_time() + TimeDelta::days(1);
        let is_dated = |play: &&Play| instant(&play.1).is_some_and(|at| at < newest);
        let lost: Vec<_> = self.listed.iter().filter(is_dated).filter(|play| !is_kept(play)).collect();
        holds(lost.is_empty(), || format!("listed plays that are not stored: {lost:?}"));
        for (uri, plays) in count(&stored).into_iter().filter(|(uri, _)| !self.is_exported(uri)) {
            // Two answers that date one play by its two ends are told of two plays, each of which may be one.
            let most = truth.iter().filter(|(its, _)| *its == uri).count() * if has_starts { 2 } else { 1 };
            holds(plays <= most, || format!("{uri} was played {most} times and is stored {plays} times"));
        }
        let made_up: Vec<_> = stored
            .iter()
            .filter(|play| !self.listed.contains(*play) && !self.perhaps.contains(*play))
            .collect();
        holds(made_up.is_empty(), || format!("stored plays that were never listed: {made_up:?}"));
        let missing: Vec<&Play> = truth
            .iter()
            .filter(|play| {
                !stored.contains(*play) && !self.other_ends(play).any(|play| stored.contains(&play))
            })
            .filter(|play| !has_starts || !self.is_repeated(&truth, play))
            .collect();
        self.coverage_claims_no_more(world, &missing, has_starts);
        if !has_starts {
            self.what_was_lost_lies_in_a_gap(world, &missing);
        }
    }

    /// Whether the same song was played right before or after this play. Where one answer dates by starts and another by
    /// ends, nobody can tell such plays apart.
    fn is_repeated(&self, truth: &BTreeSet<Play>, play @ (uri, at): &Play) -> bool {
        let length = self.lengths.get(uri).copied().unwrap_or_default();
        let near = TimeDelta::milliseconds(length) + PAUSE_BETWEEN_SONGS;
        let distance = |other: &Play| Some((instant(at)? - instant(&other.1)?).abs());
        let others = truth.iter().filter(|other| other.0 == *uri && *other != play);
        others.filter_map(distance).any(|distance| distance <= near)
    }

    /// In which way a play was listed, if it was.
    fn was_told(&self, play: &Play) -> &'static str {
        match (self.listed.contains(play), self.perhaps.contains(play)) {
            (true, _) => "listed",
            (false, true) => "listed in an answer that may be lost",
            (false, false) => "never listed",
        }
    }

    fn is_exported(&self, uri: &str) -> bool {
        self.exported.iter().any(|(its, _)| its == uri)
    }

    /// The time that a play would have by the other end of it.
    fn other_ends(&self, (uri, at): &Play) -> impl Iterator<Item = Play> {
        let length = self.lengths.get(uri).copied().unwrap_or_default();
        let shifted = [-length, length].map(|by| Some((uri.clone(), shifted(at, by)?)));
        shifted.into_iter().flatten()
    }

    /// Who was told nothing of a time knows that something may be missing there.
    fn what_was_lost_lies_in_a_gap(&self, world: &World, missing: &[&Play]) {
        let gaps =
            query(world, "select from_at, to_at from v_play_coverage where state = 'gap' order by from_at");
        let is_in_gap =
            |at: &str| gaps.iter().any(|gap| *text(&gap["from_at"]) <= *at && *at <= *text(&gap["to_at"]));
        for play @ (uri, at) in missing {
            let is_lost = self.jumps.iter().any(|(from, to)| from < at && at < to);
            let told_otherwise = self.left_out_of.iter().any(|page| skips(page, play));
            holds(!is_lost || told_otherwise || is_in_gap(at), || {
                format!(
                    "{uri} ended at {at} between two answers and was never listed, and no gap says so: {gaps:?}"
                )
            });
        }
    }

    /// An answer that dates plays by their starts begins where the play before it ended, and says nothing of that one.
    fn coverage_claims_no_more(&self, world: &World, missing: &[&Play], has_starts: bool) {
        let complete = query(
            world,
            "select from_at, to_at from v_play_coverage where state in ('complete', 'imported') order by from_at",
        );
        for play @ (uri, at) in missing {
            let is_claimed = |span: &&Value| {
                let (from, to) = (text(&span["from_at"]), text(&span["to_at"]));
                from <= *at && *at <= to && !(has_starts && from == *at)
            };
            let claimed = complete.iter().find(is_claimed);
            let told_otherwise = self.left_out_of.iter().any(|page| skips(page, play));
            holds(claimed.is_none() || told_otherwise, || {
                let pages: Vec<_> = self.left_out_of.iter().filter_map(|page| span(page)).collect();
                format!(
                    "{uri} ended at {at}, is not stored, and its time is called complete: {claimed:?}; it was {}, and \
                     the answers spanned {pages:?}",
                    self.was_told(play)
                )
            });
        }
    }
}

/// The first and the last end that a page lists.
fn span(page: &BTreeSet<Play>) -> Option<(&str, &str)> {
    let ends = || page.iter().map(|(_, end)| end.as_str());
    Some((ends().min()?, ends().max()?))
}

/// Whether a page lists plays on both sides of this one, but not this one. Another play may begin where this one ended.
fn skips(page: &BTreeSet<Play>, play: &Play) -> bool {
    let ends = || page.iter().map(|(_, end)| end);
    ends().any(|end| *end < play.1) && ends().any(|end| *end > play.1) && !page.contains(play)
}

fn play(item: &Value, row: &Value) -> Option<Play> {
    Some((item["uri"].as_str()?.to_owned(), row["played_at"].as_str()?.to_owned()))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The account's history.
fn true_plays(world: &World) -> BTreeSet<Play> {
    let truth = world.simulator.truth();
    truth["plays"].as_array().unwrap().iter().filter_map(|row| play(row, row)).collect()
}

fn count(plays: &BTreeSet<Play>) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    for (uri, _) in plays {
        *counts.entry(uri.as_str()).or_default() += 1;
    }
    counts
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

fn shifted(at: &str, by: i64) -> Option<String> {
    let at = instant(at)?.checked_add_signed(TimeDelta::milliseconds(by))?;
    Some(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}
