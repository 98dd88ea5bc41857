//! What is left behind of a story that failed: its trace, the story, and the smallest one that fails like it.

use std::path::{Path, PathBuf};

use crate::attempt::Failure;
use crate::corpus::Line;
use crate::shrink::{self, Shrunk};
use crate::story::Story;

fn write(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Keeps a trace where it can be read.
pub fn keep_trace(name: &str, trace: &str) -> PathBuf {
    write(&format!("{name}.trace"), trace)
}

/// Makes a failing story smaller, and says where everything is.
pub fn of(name: &str, story: Story, failure: Failure) -> String {
    let whole = write(&format!("{name}.story"), &story.to_text());
    let trace = keep_trace(name, &failure.trace);
    let before = story.steps.len();
    let Shrunk { story, failure, tries } = shrink::story(story, failure);
    let small = write(&format!("{name}.small.story"), &story.to_text());
    let small_trace = keep_trace(&format!("{name}.small"), &failure.trace);
    let line = Line { found: "(what was wrong)".to_owned(), story: story.clone() };
    let line = write(&format!("{name}.line"), &serde_json::to_string(&line).unwrap());
    format!(
        "{name} failed at {}: {}\n  the story: {}\n  its trace: {}\n  {tries} tries left {} of {before} steps: {}\n  their trace: {}\n{}\n  a line for the corpus: {}\n  again: PHONOLOG_STORY={} cargo test --test simulation\n",
        failure.place,
        failure.message,
        whole.display(),
        trace.display(),
        story.steps.len(),
        small.display(),
        small_trace.display(),
        story.to_text(),
        line.display(),
        small.display()
    )
}
