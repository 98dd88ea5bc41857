//! A person's own program, which gets the message.

use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::AlertMessage;

/// A program and its arguments; never a shell command line, so that no word of a message becomes a
/// command.
pub struct Program(Vec<String>);

impl Program {
    pub const fn new(argv: Vec<String>) -> Self {
        Self(argv)
    }

    /// Runs it to its end; it is killed when the future is dropped, so that a hanging program does
    /// not stay.
    pub async fn deliver(&self, message: &AlertMessage) -> Result<(), String> {
        let Some((program, arguments)) = self.0.split_first() else { return Ok(()) };
        let mut child = Command::new(program)
            .args(arguments)
            .env("PHONOLOG_ALERT_KIND", message.kind())
            .env("PHONOLOG_ALERT_STATE", message.state())
            .env("PHONOLOG_ALERT_TEXT", message.text())
            // The program must not see the login.
            .env_remove("PHONOLOG_ACCESS_TOKEN")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{program} cannot be run ({error})"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program may ignore its input.
            let _ = stdin.write_all(format!("{}\n", message.json()).as_bytes()).await;
        }
        let status = child.wait().await.map_err(|error| format!("cannot wait for {program} ({error})"))?;
        if status.success() { Ok(()) } else { Err(format!("{program} ended with {status}")) }
    }
}
