//! The errors of a setting, in one sentence with the next step.

use std::path::PathBuf;

use crate::files::FileError;

/// An invalid setting.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that a flag or the environment names does not exist.
    #[error("there is no config file at {path}; check the path or omit --config")]
    NoSuchFile {
        /// The expected path.
        path: PathBuf,
    },
    /// The file exists but cannot be read.
    #[error("the config file {path} cannot be read: {why}; {}", why.next_step())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The reason.
        why: FileError,
    },
    /// The file is not valid TOML, or a value has the wrong type.
    #[error("the config file {path} is malformed at line {line}: {why}; correct that line")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The parser's words, on one line.
        why: String,
    },
    /// An unknown key.
    #[error("the config file {path} has an unknown key `{key}`{}; `phonolog config --sample` lists them all", meant(.nearest.as_ref()))]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// As written, with its table.
        key: String,
        /// The probable meaning.
        nearest: Option<&'static str>,
    },
    /// A value out of bounds.
    #[error("{name} is `{value}`, but {rule}; correct it in the config file or the environment")]
    OutOfBounds {
        /// Key or environment variable.
        name: &'static str,
        /// As written.
        value: String,
        /// What is true of valid values.
        rule: &'static str,
    },
    /// No zone of the IANA database.
    #[error("{name} is set, but {unknown}; correct it, or remove it to use this machine's time zone")]
    UnknownZone {
        /// Key.
        name: &'static str,
        /// The written name, and the most similar one.
        unknown: crate::domain::UnknownZone,
    },
    /// There is no theme of that name.
    #[error("ui.theme is `{name}`, which is not a theme (did you mean `{nearest}`?); name a theme or a file")]
    UnknownTheme {
        /// As written.
        name: String,
        /// The probable meaning.
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
    /// A feature of a later release.
    #[error("{name} is set, but {what} is not supported yet; remove it")]
    NotBuilt {
        /// Key or environment variable.
        name: &'static str,
        /// The feature.
        what: &'static str,
    },
    /// Neither a flag nor a home directory says where to store files.
    #[error("no home directory is known; set PHONOLOG_DATA_DIR and PHONOLOG_CONFIG")]
    NoHome,
}

fn meant(key: Option<&&'static str>) -> String {
    key.map(|key| format!(" (did you mean `{key}`?)")).unwrap_or_default()
}
