//! Which stories are played: one that is given, those of some seeds, or as many as there is time for.

use std::time::{Duration, Instant};

use crate::draw;
use crate::story::Story;

/// When a run without instructions begins its last story, on a developer's machine and where changes are checked.
const LOCAL_TIME: Duration = Duration::from_secs(3);
const CI_TIME: Duration = Duration::from_mins(2);
/// And the least it must do, however slow the machine is.
const LEAST: u64 = 4;
/// And the most: all machines play the same stories, so that no change is blamed for a story that nobody played
/// before. New stories are for the nightly run.
const MOST: u64 = 90;

pub enum Wanted {
    /// The story in a file.
    File(String),
    Seed(u64),
    Seeds(u64),
    Until(Instant),
}

impl Wanted {
    pub fn from_env() -> Self {
        let text = |name| std::env::var(name).ok().filter(|text| !text.is_empty());
        let number = |name| {
            text(name).map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
        };
        let time = if is_ci() { CI_TIME } else { LOCAL_TIME };
        match (text("PHONOLOG_STORY"), number("PHONOLOG_SEED"), number("PHONOLOG_SEEDS")) {
            (Some(path), ..) => Self::File(path),
            (None, Some(seed), _) => Self::Seed(seed),
            (None, None, Some(seeds)) => Self::Seeds(seeds),
            (None, None, None) => Self::Until(Instant::now() + time),
        }
    }

    /// Whether one story is looked at, and its trace is wanted although it ends well.
    pub const fn is_one(&self) -> bool {
        matches!(self, Self::File(_) | Self::Seed(_))
    }

    /// The story number `n`, counted from 0, and its name.
    pub fn get(&self, n: u64) -> Option<(String, Story)> {
        match self {
            Self::File(path) => (n == 0).then(|| ("story".to_owned(), read(path))),
            Self::Seed(seed) => (n == 0).then(|| of_seed(*seed)),
            Self::Seeds(seeds) => (n < *seeds).then(|| of_seed(first() + n)),
            Self::Until(end) => {
                (n < LEAST || n < MOST && Instant::now() < *end).then(|| of_seed(first() + n))
            }
        }
    }
}

/// Whether changes are checked here: then more is played.
pub fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "false")
}

/// Whether there is time for line `n` of the corpus: a developer waits for the first few only.
pub fn has_time_for_line(n: u64, began: Instant) -> bool {
    is_ci() || n < LEAST || began.elapsed() < LOCAL_TIME
}

fn of_seed(seed: u64) -> (String, Story) {
    (format!("seed-{seed}"), draw::story(seed))
}

fn read(path: &str) -> Story {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path} is no story: {error}"))
}

/// Where counting begins: other machines may look at other seeds.
fn first() -> u64 {
    std::env::var("PHONOLOG_FIRST_SEED").map_or(1, |text| text.parse().expect("a number"))
}
