//! Standard output and standard error of the commands. A reader that has left (`| head`) is no fault.

use std::io::Write;

use crate::domain::display_safe;

/// One line for people or programs.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// One JSON object on a line of its own.
pub fn say_json(value: &impl serde::Serialize) -> color_eyre::Result<()> {
    say(&serde_json::to_string(value)?);
    Ok(())
}

/// One sentence about what went wrong.
pub fn complain(sentence: &str) {
    let _ = writeln!(std::io::stderr().lock(), "phonolog: {}", display_safe(&sentence.replace('\n', ", ")));
}
