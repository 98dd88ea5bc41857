//! What may be known of the account, worked out from the simulated Spotify's answers and edits alone.
//!
//! Owns: the rows and plays that were listed, the versions that each playlist ever had, what Spotify said of what is
//! gone, and what was spent. Must not know: how the engine or the store work. It reads the documented views and
//! shares no code with what it judges.

mod answers;
mod consent;
mod contents;
mod costs;
mod log_lines;
mod plays;
mod requests;
mod shown;
mod untrue;

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use phonolog::spotify::{HttpAnswer, Outgoing};
use serde_json::Value;

use crate::check::has_tables;
use crate::life::{Ended, World};

use answers::List;

pub use contents::ContentsVersions;
pub use costs::most_spent;
use plays::ListedPlays;
pub use requests::{assert_quiet_run_is_cheap, least_of};
use untrue::Untrue;

thread_local! {
    /// Judgements of the stories that this thread played.
    static JUDGEMENTS: Cell<u64> = const { Cell::new(0) };
}

/// One judgement: what must hold, and what to say where it does not.
#[track_caller]
pub fn holds(is_so: bool, what: impl FnOnce() -> String) {
    JUDGEMENTS.set(JUDGEMENTS.get() + 1);
    assert!(is_so, "{}", what());
}

/// How often something was judged in this thread so far.
pub fn judgements() -> u64 {
    JUDGEMENTS.get()
}

/// The evidence of one story.
#[derive(Default)]
pub struct Oracle {
    plays: plays::ListedPlays,
    contents: ContentsVersions,
    shown: shown::Shown,
    consent: consent::Consent,
    costs: costs::Costs,
    untrue: Untrue,
    polls: u64,
    /// Artists that were described, in the order of the answers.
    described: Vec<String>,
}

/// What was known when a backup was written.
pub struct KnownThen {
    plays: ListedPlays,
    last_removal: i64,
}

impl Oracle {
    /// The engine received an answer, at this time since the beginning.
    pub fn answered(&mut self, request: &Outgoing, answer: &HttpAnswer, at: Duration) {
        self.costs.answered(answer, at);
        if answers::refuses_contains(request, answer) {
            self.consent.refused();
        }
        if let Some(list) = answers::list_with_a_bad_place(request, answer) {
            self.shown.has_a_bad_place(&list);
            self.untrue.has_a_bad_place(list);
        }
        if let Some(page) = answers::page(request, answer) {
            self.untrue.shown(&page);
            self.shown.shown(&page);
            self.consent.shown(&page);
        }
        if let Some(told) = answers::contains(request, answer) {
            self.untrue.told(&told);
            self.consent.told(&told);
        }
        self.described.extend(answers::described_artists(request, answer));
        if answer.status == 200 && request.url().path().ends_with("/me/player/recently-played") {
            self.polls += 1;
            if let Ok(body) = serde_json::from_str::<Value>(&answer.body) {
                self.plays.answered(&body);
            }
        }
    }

    /// The engine received no answer, or not all of one.
    pub fn not_answered(&mut self, at: Duration) {
        self.costs.not_answered(at);
    }

    /// Nobody knows whether the newest plays that were listed were stored.
    pub fn last_answer_may_be_lost(&mut self) {
        self.plays.last_answer_may_be_lost();
    }

    /// How often recently played tracks were listed.
    pub const fn polls(&self) -> u64 {
        self.polls
    }

    /// Artists that were described so far, in the order of the answers.
    pub fn described_artists(&self) -> &[String] {
        &self.described
    }

    /// Another process stored plays of an export.
    pub fn imported(&mut self, plays: Vec<(String, String)>) {
        self.plays.imported(plays);
    }

    /// What the record holds now.
    pub fn known_now(&self) -> KnownThen {
        KnownThen { plays: self.plays.clone(), last_removal: self.consent.last_judged() }
    }

    /// The record is again what it was then. What was removed since is no longer removed, and the next removals have
    /// the same numbers in the journal.
    pub fn go_back_to(&mut self, then: KnownThen) {
        self.plays = then.plays;
        self.consent.go_back_to(then.last_removal);
    }

    /// The account was edited, or is looked at for the first time.
    pub fn account_is(&mut self, truth: &Value) {
        self.contents.remember(truth);
        self.untrue.account_is(truth);
    }

    /// Whether the saved tracks were shown otherwise than they were: the middle of them is seen only by a full reading.
    pub fn has_untrue_tracks(&self) -> bool {
        self.untrue.has(&List::Tracks)
    }

    /// Whether a playlist was: it is read again only when its version changes, or in full.
    pub fn has_untrue_contents(&self) -> bool {
        self.untrue.has_contents()
    }

    /// How many answers were not true so far.
    pub const fn untrue_answers(&self) -> u64 {
        self.untrue.answers()
    }

    /// Whether a thing may be called removed although it stayed: Spotify denied it, or showed its list without it where
    /// nobody may ask. The same for a slot of a playlist of this id.
    pub fn may_be_called_removed(&self, entity: &str, uri: &str, playlist: Option<&str>) -> bool {
        if let Some(id) = playlist {
            return self.untrue.has(&List::Contents(id.to_owned()));
        }
        let lists = [List::Tracks, List::Albums, List::Artists, List::Playlists];
        let was_shown_untrue = lists.iter().any(|list| list.entity() == entity && self.untrue.has(list));
        self.untrue.denied(uri) || self.consent.is_refused() && was_shown_untrue
    }
}

/// Judges the record after every life of the engine, whatever became of it.
pub fn judge(world: &Arc<World>, ended: &Ended) {
    // An engine that died while it made the tables stored nothing.
    if !has_tables(world) {
        return;
    }
    let oracle = &mut *world.oracle.lock().unwrap();
    if matches!(ended, Ended::Crashed) {
        oracle.plays.last_answer_may_be_lost();
    }
    oracle.plays.judge(world);
    oracle.shown.judge(world);
    oracle.consent.judge(world);
    oracle.costs.judge(world, matches!(ended, Ended::Crashed));
    oracle.contents.judge(world, &oracle.untrue);
}
