//! A person's own program, run with a message.

use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::AlertMessage;

/// A program and its arguments; never a shell's line, so that no word of a message is ever a command.
pub struct Program(Vec<String>);

impl Program {
    pub const fn new(argv: Vec<String>) -> Self {
        Self(argv)
    }

    /// Runs it to its end; dropped with the future, so that one that hangs does not stay.
    pub async fn deliver(&self, message: &AlertMessage) -> Result<(), String> {
        let Some((program, arguments)) = self.0.split_first() else { return Ok(()) };
        let mut child = Command::new(program)
            .args(arguments)
            .env("PHONOLOG_ALERT_KIND", message.kind())
            .env("PHONOLOG_ALERT_STATE", message.state())
            .env("PHONOLOG_ALERT_TEXT", message.text())
            // A login is nobody else's business.
            .env_remove("PHONOLOG_ACCESS_TOKEN")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{program} cannot be run ({error})"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // Not every program reads what it is given.
            let _ = stdin.write_all(format!("{}\n", message.json()).as_bytes()).await;
        }
        let status = child.wait().await.map_err(|error| format!("cannot wait for {program} ({error})"))?;
        if status.success() { Ok(()) } else { Err(format!("{program} ended with {status}")) }
    }
}
