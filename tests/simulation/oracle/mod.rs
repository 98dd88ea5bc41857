//! What may be known of the account, worked out from the simulated Spotify's answers and edits alone.
//!
//! Owns: the rows and plays that were listed, the versions that each playlist ever had, what Spotify said of what is
//! gone, and what was spent. Must not know: how the engine or the store work. It reads the documented views and
//! shares no code with what it judges.

mod answers;
mod consent;
mod contents;
mod costs;
mod plays;
mod requests;
mod shown;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use phonolog::spotify::{Answer, Outgoing};
use serde_json::Value;

use crate::life::{Ended, World};

pub use contents::ContentsVersions;
pub use plays::ListedPlays;
pub use requests::{assert_quiet_run_is_cheap, least_of};

/// Judgements in this process.
static JUDGEMENTS: AtomicU64 = AtomicU64::new(0);

/// One judgement: what must hold, and what to say where it does not.
pub fn holds(is_so: bool, what: impl FnOnce() -> String) {
    JUDGEMENTS.fetch_add(1, Ordering::Relaxed);
    assert!(is_so, "{}", what());
}

/// How often something was judged so far.
pub fn judgements() -> u64 {
    JUDGEMENTS.load(Ordering::Relaxed)
}

/// The evidence of one story.
#[derive(Default)]
pub struct Oracle {
    plays: plays::ListedPlays,
    contents: ContentsVersions,
    shown: shown::Shown,
    consent: consent::Consent,
    costs: costs::Costs,
    polls: u64,
}

impl Oracle {
    /// The engine received an answer, at this time since the beginning.
    pub fn answered(&mut self, request: &Outgoing, answer: &Answer, at: Duration) {
        self.costs.answered(answer, at);
        if answers::refuses_contains(request, answer) {
            self.consent.refused();
        }
        if let Some(list) = answers::list(request).filter(|_| answer.status >= 500) {
            self.shown.failed(&list);
        }
        if let Some(page) = answers::page(request, answer) {
            self.shown.shown(&page);
            self.consent.shown(&page);
        }
        if let Some(told) = answers::contains(request, answer) {
            self.consent.told(&told);
        }
        if answer.status == 200 && request.url().path().ends_with("/me/player/recently-played") {
            self.polls += 1;
            if let Ok(body) = serde_json::from_str::<Value>(&answer.body) {
                self.plays.answered(&body);
            }
        }
    }

    /// How often recently played tracks were listed.
    pub const fn polls(&self) -> u64 {
        self.polls
    }

    /// Another process stored plays of an export.
    pub fn imported(&mut self, plays: Vec<(String, String)>) {
        self.plays.imported(plays);
    }

    /// The plays that are known now.
    pub fn plays(&self) -> ListedPlays {
        self.plays.clone()
    }

    /// The record is again what it was when these plays were known.
    pub fn go_back_to(&mut self, plays: ListedPlays) {
        self.plays = plays;
    }

    /// The account was edited, or is looked at for the first time.
    pub fn account_is(&mut self, truth: &Value) {
        self.contents.remember(truth);
    }
}

/// Judges the record after every life of the engine, whatever became of it.
pub fn judge(world: &Arc<World>, ended: &Ended) {
    let oracle = &mut *world.oracle.lock().unwrap();
    if matches!(ended, Ended::Crashed) {
        oracle.plays.last_answer_may_be_lost();
    }
    oracle.plays.judge(world);
    oracle.shown.judge(world);
    oracle.consent.judge(world);
    oracle.costs.judge(world, matches!(ended, Ended::Crashed));
    // Rows that are null or left out make contents that the account never had.
    if !world.script.lock().unwrap().has_damaged_contents {
        oracle.contents.judge(world);
    }
}
