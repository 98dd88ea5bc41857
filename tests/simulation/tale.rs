//! What happened, told line by line, so that a seed that fails leaves its story behind: the instant of a
//! crash in the middle of `SQLite`'s work cannot be repeated to the microsecond.

use std::cell::RefCell;
use std::io::Write;
use std::path::{Path, PathBuf};

thread_local! {
    /// The story that this thread is in.
    static TALE: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A new story begins.
pub fn begin() {
    TALE.with_borrow_mut(Vec::clear);
}

/// One more line.
pub fn tell(line: String) {
    TALE.with_borrow_mut(|tale| tale.push(line));
}

/// Writes the story where it can be read.
pub fn keep(seed: u64) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = dir.join(format!("seed-{seed}.txt"));
    let mut file = std::fs::File::create(&path).unwrap();
    TALE.with_borrow(|tale| tale.iter().for_each(|line| writeln!(file, "{line}").unwrap()));
    path
}
