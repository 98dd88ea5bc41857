//! Stories that failed once, played first in every run. A line of `corpus.jsonl` holds the story itself and
//! not its seed, since a seed has another story as soon as anything is drawn in another way.

use serde::{Deserialize, Serialize};

use crate::story::Story;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What was wrong when it failed.
    pub found: String,
    pub story: Story,
}

pub fn lines() -> Vec<Line> {
    let lines = include_str!("corpus.jsonl").lines().filter(|line| !line.is_empty());
    lines
        .enumerate()
        .map(|(n, line)| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("line {} of the corpus: {error}", n + 1))
        })
        .collect()
}
