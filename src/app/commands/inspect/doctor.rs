//! `phonolog doctor`: checks whether everything works, one line per check. It never prints any part
//! of a token, and sends nothing to Spotify's API.

mod database;
mod places;
mod spotify;

use std::fmt;
use std::io::IsTerminal;

use color_eyre::Result;
use serde::Serialize;

use crate::api::AttachError;
use crate::config::Config;
use crate::domain::display_line;
use crate::store::{DatabaseLock, LockPurpose};

use crate::app::output::print;
use crate::app::runtime::connect;

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum CheckState {
    Ok,
    /// Needs attention.
    Warning,
    /// Prevents phonolog from working, or is unsafe.
    Bad,
}

impl fmt::Display for CheckState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Bad => "BAD",
        })
    }
}

/// A check and its result.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    state: CheckState,
    /// The result and, if something is wrong, the next step.
    message: String,
}

impl Finding {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, state: CheckState::Ok, message: message.into() }
    }

    fn warning(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, state: CheckState::Warning, message: message.into() }
    }

    fn bad(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, state: CheckState::Bad, message: message.into() }
    }
}

/// Checks everything and prints the results; the exit status shows whether something is bad.
pub async fn examine(config: Result<Config>, as_json: bool) -> Result<u8> {
    let findings = match config {
        Ok(config) => look(&config).await,
        Err(error) => vec![Finding::bad("config", error.to_string())],
    };
    for finding in &findings {
        if as_json {
            print::json(finding)?;
        } else {
            let message = display_line(&finding.message.replace('\n', ", "));
            print::line(&format!("{:<8} {:<13} {message}", finding.state, finding.check));
        }
    }
    let is_bad = findings.iter().any(|finding| finding.state == CheckState::Bad);
    Ok(u8::from(is_bad))
}

async fn look(config: &Config) -> Vec<Finding> {
    let file = &config.paths.config_file;
    let found = if file.exists() { "is valid" } else { "does not exist; using the defaults" };
    let mut findings = vec![Finding::ok("config", format!("{} {found}", file.display()))];
    findings.extend(places::look(config));
    findings.push(engine(config).await);
    if config.is_exposed() {
        findings.push(Finding::warning("api", crate::domain::EXPOSED));
    }
    findings.extend(database::look(config).await);
    findings.push(spotify::login(config));
    findings.extend(spotify::reach(config).await);
    findings.push(terminal());
    findings
}

async fn engine(config: &Config) -> Finding {
    let check = "engine";
    match connect::attach(config).await {
        Ok(handle) => {
            let snapshot = handle.snapshot();
            let host = snapshot.host.map_or("another process", crate::domain::Host::as_str);
            Finding::ok(check, format!("runs in a {host}, version {}", snapshot.version))
        }
        Err(AttachError::Nobody) => match DatabaseLock::holder(&config.paths.database) {
            Some(holder) if holder.purpose.is_some_and(|purpose| purpose != LockPurpose::Engine) => {
                Finding::warning(check, format!("none is running; {holder} is running"))
            }
            Some(_) => Finding::bad(check, "holds the lock but does not respond; stop it and start it again"),
            None => Finding::warning(
                check,
                "none is running, so nothing is recorded; `phonolog daemon --install` installs a service",
            ),
        },
        Err(error) => Finding::bad(check, error.to_string()),
    }
}

fn terminal() -> Finding {
    let check = "terminal";
    if !std::io::stdout().is_terminal() {
        return Finding::ok(check, "standard output is not a terminal");
    }
    let kind = std::env::var("TERM").unwrap_or_else(|_| "unknown".to_owned());
    let text =
        if crate::config::locale_is_utf8() { "UTF-8" } else { "ASCII (set LANG to a UTF-8 locale for more)" };
    match crate::tui::columns() {
        Some(columns) if columns < 40 => {
            Finding::warning(check, format!("{kind}, {columns} columns: the screen needs 40"))
        }
        Some(columns) => Finding::ok(check, format!("{kind}, {columns} columns, {text}")),
        None => Finding::warning(check, format!("{kind} does not report its size")),
    }
}
