//! What may be known of the account, worked out from the simulated Spotify's answers and edits alone.
//!
//! Owns: the plays that were listed, the versions that each playlist ever had, and the number of requests.
//! Must not know: how the engine or the store work. It reads the documented views and shares no code with
//! what it judges.

mod contents;
mod plays;
mod requests;

use std::sync::Arc;

use phonolog::spotify::{Answer, Outgoing};
use serde_json::Value;

use crate::life::{Ended, World};

pub use contents::ContentsVersions;
pub use plays::ListedPlays;
pub use requests::{assert_quiet_run_is_cheap, least_of};

/// The evidence of one story.
#[derive(Default)]
pub struct Oracle {
    plays: plays::ListedPlays,
    contents: ContentsVersions,
    polls: u64,
}

impl Oracle {
    /// The engine received an answer.
    pub fn answered(&mut self, request: &Outgoing, answer: &Answer) {
        if answer.status != 200 {
            return;
        }
        let Ok(body) = serde_json::from_str::<Value>(&answer.body) else {
            return;
        };
        if request.url().path().ends_with("/me/player/recently-played") {
            self.polls += 1;
            self.plays.answered(&body);
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
    // Rows that are null or left out make contents that the account never had.
    if !world.script.lock().unwrap().has_damaged_contents {
        oracle.contents.judge(world);
    }
}
