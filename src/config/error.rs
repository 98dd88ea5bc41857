//! What may be wrong with a setting, in one sentence with the next step.

use std::path::PathBuf;

use crate::files::FileError;

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file named by flag or environment is not there.
    #[error("there is no config file at {path}; check the path or omit --config")]
    NoSuchFile {
        /// Where it was expected.
        path: PathBuf,
    },
    /// The file is there but cannot be read.
    #[error("the config file {path} cannot be read: {why}; {}", why.next_step())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The reason.
        why: FileError,
    },
    /// The file is no TOML, or a value has the wrong type.
    #[error("the config file {path} is malformed at line {line}: {why}; correct that line")]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The parser's words, on one line.
        why: String,
    },
    /// A key that phonolog does not have.
    #[error("the config file {path} has an unknown key `{key}`{}; `phonolog config --sample` lists them all", meant(.nearest.as_ref()))]
    UnknownKey {
        /// Which file.
        path: PathBuf,
        /// As written, with its table.
        key: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// A value out of bounds.
    #[error("{name} is `{value}`, but {rule}; correct it in the config file or the environment")]
    OutOfBounds {
        /// Key or environment variable.
        name: &'static str,
        /// As written.
        value: String,
        /// What holds of valid ones.
        rule: &'static str,
    },
    /// No zone of the IANA database.
    #[error("{name} is set, but {unknown}; correct it, or remove it to use this machine's time zone")]
    UnknownZone {
        /// Key.
        name: &'static str,
        /// What was written, and the nearest name.
        unknown: crate::domain::UnknownZone,
    },
    /// No theme has that name.
    #[error("ui.theme is `{name}`, which is not a theme (did you mean `{nearest}`?); name a theme or a file")]
    UnknownTheme {
        /// As written.
        name: String,
        /// What was probably meant.
        nearest: &'static str,
    },
    /// A theme's file cannot be used.
    #[error("the theme `{name}` cannot be used: {why}; correct it, or set ui.theme to another one")]
    Theme {
        /// Its name or path.
        name: String,
        /// The system's or the parser's words.
        why: String,
    },
    /// A feature that a later release brings.
    #[error("{name} is set, but {what} is not built yet; remove it")]
    NotBuilt {
        /// Key or environment variable.
        name: &'static str,
        /// The feature.
        what: &'static str,
    },
    /// Neither a flag nor a home directory says where to put things.
    #[error("no home directory is known; set PHONOLOG_DATA_DIR and PHONOLOG_CONFIG")]
    NoHome,
}

fn meant(key: Option<&&'static str>) -> String {
    key.map(|key| format!(" (did you mean `{key}`?)")).unwrap_or_default()
}
