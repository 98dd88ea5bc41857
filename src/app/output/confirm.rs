//! Asks a person before something is replaced or erased.

use std::io::BufRead;

use super::print;

/// Whether the person types the word. Everything else means no.
pub fn types(word: &str, what_for: &str) -> bool {
    print::line(&format!("Type `{word}` to {what_for}; anything else cancels:"));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == word
}
