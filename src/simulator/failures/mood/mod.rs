//! How Spotify behaves as a whole: a mood is a set of the same faults that can be set one by one.
//!
//! Owns: the words for moods, and the sources of every mood's faults: the seed and the account.

mod field;
mod hostile;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::fault_kind::FaultKind;
use super::faults::Fault;
use crate::simulator::content::account::SimAccount;
use crate::simulator::content::ids::IdKind;
use crate::simulator::rng::{Stream, index};

/// How Spotify behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// Every answer is right and immediate.
    #[default]
    Kind,
    /// The problems that people report about the real Spotify, about as often as they report them.
    Field,
    /// Every possible fault, often.
    Hostile,
}

impl Mood {
    /// Every mood.
    pub const ALL: [Self; 3] = [Self::Kind, Self::Field, Self::Hostile];

    /// Its faults.
    pub(in crate::simulator) fn faults(self, account: &SimAccount, rng: &mut Stream) -> Vec<Fault> {
        match self {
            Self::Kind => Vec::new(),
            Self::Field => field::faults(account, rng),
            Self::Hostile => hostile::faults(account, rng),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Field => "field",
            Self::Hostile => "hostile",
        }
    }
}

impl fmt::Display for Mood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A word that is no mood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a mood; use kind, field or hostile")]
pub struct UnknownMood(String);

impl FromStr for Mood {
    type Err = UnknownMood;

    fn from_str(word: &str) -> Result<Self, UnknownMood> {
        Self::ALL.into_iter().find(|mood| mood.word() == word).ok_or_else(|| UnknownMood(word.to_owned()))
    }
}

/// A fault that hits one of `requests` requests.
fn one_in(requests: f64, matching: &str, kind: FaultKind) -> Fault {
    Fault { probability: Some((1e6 / requests).round() / 1e6), ..Fault::new(matching, kind) }
}

/// A fault that occurs once in `every` and lasts `lasts`.
fn now_and_then(every: Duration, lasts: Duration, fault: Fault) -> Fault {
    Fault { every: Some(every), lasts: Some(lasts), ..fault }
}

/// An error answer.
fn status(matching: &str, status: u16) -> Fault {
    Fault { status: Some(status), ..Fault::new(matching, FaultKind::Status) }
}

/// One of the account's saved tracks or albums, or of its followed artists.
fn one_of(account: &SimAccount, kind: IdKind, rng: &mut Stream) -> Option<String> {
    let numbers: Vec<u32> = match kind {
        IdKind::Track => account.tracks.iter().map(|row| row.number).collect(),
        IdKind::Album => account.albums.iter().map(|row| row.number).collect(),
        IdKind::Artist => account.artists.clone(),
        IdKind::Playlist => account.playlists.iter().map(|list| list.number).collect(),
        _ => Vec::new(),
    };
    let number = numbers.get(index(rng, numbers.len()))?;
    Some(account.ids.uri(kind, *number))
}

/// The id of one of the account's playlists.
fn a_playlist(account: &SimAccount, rng: &mut Stream) -> Option<String> {
    let uri = one_of(account, IdKind::Playlist, rng)?;
    uri.rsplit(':').next().map(str::to_owned)
}

/// Whether an event with probability `times` in `of` happens.
fn is_so(rng: &mut Stream, times: u32, of: u32) -> bool {
    rng.random_ratio(times, of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::config::SimConfig;
    use crate::simulator::content::generate;
    use crate::simulator::rng::{Chance, Subject};

    fn drawn(mood: Mood, seed: u64) -> Vec<Fault> {
        let account = generate::account(&SimConfig { tracks: 30, ..SimConfig::DEFAULT });
        mood.faults(&account, &mut Chance::new(seed).of(Subject::Mood, 0))
    }

    #[test]
    fn a_mood_is_drawn_from_the_seed_and_each_of_its_faults_can_be_set_by_itself() {
        assert_eq!(drawn(Mood::Kind, 1), []);
        for mood in [Mood::Field, Mood::Hostile] {
            for seed in 0..50 {
                let faults = drawn(mood, seed);
                assert_eq!(faults, drawn(mood, seed));
                for fault in faults {
                    assert_eq!(fault.complaint(), None, "{fault:?}");
                    let text = serde_json::to_string(&fault).unwrap();
                    assert_eq!(serde_json::from_str::<Fault>(&text).unwrap(), fault, "{text}");
                }
            }
            assert_ne!(drawn(mood, 1), drawn(mood, 2));
        }
    }

    #[test]
    fn hostile_draws_every_kind_of_fault_within_a_few_seeds() {
        let drawn: Vec<Fault> = (0..200).flat_map(|seed| drawn(Mood::Hostile, seed)).collect();
        let words: std::collections::BTreeSet<String> =
            drawn.iter().map(|fault| serde_json::to_string(&fault.kind).unwrap()).collect();
        assert_eq!(words.len(), FaultKind::ALL.len(), "{words:?}");
    }

    #[test]
    fn words_for_moods_read_back_and_others_are_refused() {
        for mood in Mood::ALL {
            assert_eq!(mood.to_string().parse(), Ok(mood));
        }
        assert_eq!(
            "kinder".parse::<Mood>().unwrap_err().to_string(),
            "`kinder` is not a mood; use kind, field or hostile"
        );
    }
}
