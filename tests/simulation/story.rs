//! A story as data: the setting, and what happens, step by step. It is drawn from a seed, printed and read
//! again as JSON, made smaller by leaving things out, and played by `play`.
//!
//! Each step has a number, and what a step leaves open (which tracks an edit removes) is drawn from the
//! stream of its number. So a step that is taken out leaves the others as they are.

use std::collections::BTreeMap;

use phonolog::domain::Entity;
use phonolog::handle::SyncRequest;
use phonolog::simulator::Fault;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::disk::DiskTrouble;
use crate::edits::Edit;
use crate::setting::Setting;

/// Everything that a story is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    pub setting: Setting,
    /// Steps by their number, which is their stream of chance, too.
    pub steps: BTreeMap<u32, Step>,
    pub ending: Ending,
}

/// One thing that happens while no engine lives, or the life of an engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// So many seconds pass.
    Wait(u64),
    /// So many songs are played one after the other, and the time that this takes passes.
    Listen(u32),
    /// The machine's clock is set by so many seconds.
    SetClock(i64),
    /// Something happens to every token.
    Tokens(Tokens),
    /// From now on Spotify has these faults and no others.
    Faults(Vec<Fault>),
    /// The library is remembered, and compared in the end with the past that the journal tells.
    Picture,
    /// The database is backed up; only the newest backup is kept.
    BackUp,
    /// The newest backup takes the database's place.
    Restore,
    /// An engine lives.
    Live(Living),
}

/// What Spotify does with every token that it gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    pub fate: Fate,
    /// Whether refreshes are answered without a new refresh token.
    pub omit_refresh: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    Expire,
    Revoke,
}

/// How an engine lives, and what happens meanwhile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Living {
    pub life: Life,
    /// By the number of the request, counted in this life from 1, before which it happens.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub during: BTreeMap<u64, Incident>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// One run, asked for by a person.
    Once(SyncRequest),
    /// By its schedule, for so many minutes.
    Minutes(u64),
}

/// Something that happens at a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Incident {
    /// The person edits the account at another device.
    Edit(Vec<Edit>),
    /// The engine dies. At request 0 it dies while it starts.
    Die(Death),
    /// The machine's clock is set by so many seconds.
    SetClock(i64),
    /// The machine sleeps for so many seconds: only the wall clock goes on.
    Suspend(u64),
    Tokens(Tokens),
    /// Somebody asks the engine for something.
    Wish(Wish),
    /// From now on so many screens are open.
    Screens(u8),
    /// Other processes want the database.
    OtherProcesses,
    /// Another process stores a new login.
    Login(Whose),
    /// Another process imports so many rows of an export.
    Import(u32),
    /// The disk begins to fail, until it has failed often enough or the engine ends.
    Disk(DiskTrouble),
}

/// What a person wants of an engine that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    Sync(Vec<Entity>),
    Cancel,
    Pause,
    Resume,
}

/// Whose login it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The same person's as ever.
    Owner,
    Stranger,
}

/// When an engine dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Death {
    /// Before the request is sent.
    Before,
    /// Spotify answers, and nobody hears it.
    Unanswered,
    /// When the runtime has come to rest so often after the request began.
    Rests(u32),
}

/// The number of what follows the last step.
pub const ENDING: u32 = u32::MAX;

/// What follows when the account stands still and Spotify is well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// Whether a full resync has to show the same again.
    pub looks_again: bool,
    /// How the account changes once more: the schedule alone has to notice it.
    pub edits: Vec<Edit>,
}

impl Story {
    /// One step a line.
    pub fn to_text(&self) -> String {
        let steps: Vec<String> =
            self.steps.iter().map(|(n, step)| format!("  \"{n}\":{}", json(step))).collect();
        let (setting, ending) = (json(&self.setting), json(&self.ending));
        let steps = steps.join(",\n");
        format!("{{\"setting\":{setting},\n\"steps\":{{\n{steps}\n}},\n\"ending\":{ending}}}\n")
    }
}

/// The stream of step `n` in the story of a seed.
pub fn stream(seed: u64, n: u32) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(u64::from(n));
    rng
}

fn json(part: &impl Serialize) -> String {
    serde_json::to_string(part).unwrap()
}

#[cfg(test)]
mod tests {
    use super::Story;
    use crate::draw;

    #[test]
    fn a_story_is_the_same_after_it_was_printed_and_read() {
        for seed in 1..200 {
            let story = draw::story(seed);
            let read: Story = serde_json::from_str(&story.to_text()).unwrap();
            assert_eq!(read, story);
        }
    }

    #[test]
    fn a_seed_has_one_story() {
        assert_eq!(draw::story(7), draw::story(7));
        assert_ne!(draw::story(7), draw::story(8));
    }
}
