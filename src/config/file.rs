//! The config file: parses TOML into optional values. Unknown keys are refused, not ignored: a
//! misspelt interval that silently keeps its default is worse than an error.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::theme::{self, Palette};
use super::{ConfigError, KeyChoice, keys, values};
use crate::files::{self, Links};

/// The largest config file; the sample has 8 kB, and every byte needs about twenty bytes of memory
/// to parse.
pub const LARGEST: u64 = 256 * 1024;

/// The file as written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FileConfig {
    pub client_id: Option<String>,
    pub data_dir: Option<String>,
    pub database_url: Option<String>,
    pub api_url: Option<String>,
    pub accounts_url: Option<String>,
    pub sync: FileSync,
    pub gate: FileGate,
    pub stats: FileStats,
    pub login: FileLogin,
    pub api: FileApi,
    pub alerts: FileAlerts,
    pub ui: FileUi,
    pub log: FileLog,
    pub keys: BTreeMap<String, FileKeys>,
}

/// `[sync]`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FileSync {
    library_interval: Option<String>,
    playback_interval: Option<String>,
    full_interval: Option<String>,
    initial_batch: Option<i64>,
    incremental_batch: Option<i64>,
}

/// `[gate]`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FileGate {
    requests_per_second: Option<f64>,
    burst: Option<i64>,
    daily_budget: Option<i64>,
    wait: Option<String>,
}

/// `[stats]`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FileStats {
    time_zone: Option<String>,
    counts_from: Option<String>,
}

/// `[login]`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FileLogin {
    pub redirect_uri: Option<String>,
}

/// `[api]`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FileApi {
    pub listen: Option<String>,
}

/// `[alerts]`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FileAlerts {
    command: Option<Vec<String>>,
    webhook: Option<String>,
}

/// `[ui]`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FileUi {
    color: Option<bool>,
    truecolor: Option<bool>,
    ascii: Option<bool>,
    theme: Option<String>,
    mouse: Option<bool>,
}

/// `[log]`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FileLog {
    pub filter: Option<String>,
}

/// One line of `[keys]`
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a key such as \"R\", or a list of keys such as [\"q\", \"ctrl-q\"]")]
pub enum FileKeys {
    One(String),
    Several(Vec<String>),
}

impl FileKeys {
    /// Each as a list.
    pub fn choices(written: BTreeMap<String, Self>) -> Vec<KeyChoice> {
        let choice = |(action, keys)| {
            let keys = match keys {
                Self::One(key) => vec![key],
                Self::Several(keys) => keys,
            };
            KeyChoice { action, keys }
        };
        written.into_iter().map(choice).collect()
    }
}

impl FileConfig {
    /// Reads the file; a missing file counts as empty, unless it was named explicitly.
    pub fn read(path: &Path, asked_for: bool) -> Result<Self, ConfigError> {
        match files::read_text(path, Links::Follow, LARGEST) {
            Ok(text) => Self::parse(&text, path),
            Err(error) if error.is_missing() && !asked_for => Ok(Self::default()),
            Err(error) if error.is_missing() => Err(ConfigError::NoSuchFile { path: path.to_owned() }),
            Err(why) => Err(ConfigError::Unreadable { path: path.to_owned(), why }),
        }
    }

    fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let malformed = |error: &toml::de::Error| ConfigError::Malformed {
            path: path.to_owned(),
            line: error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.lines().count().max(1)),
            why: error.message().lines().collect::<Vec<_>>().join(", "),
        };
        let table: toml::Table = text.parse().map_err(|error| malformed(&error))?;
        refuse_unknown_keys(&table, path)?;
        toml::from_str(text).map_err(|error| malformed(&error))
    }
}

fn refuse_unknown_keys(table: &toml::Table, path: &Path) -> Result<(), ConfigError> {
    for (name, value) in table {
        let names = match value {
            toml::Value::Table(inner) if name != keys::TABLE_OF_KEYS => {
                inner.keys().map(|key| format!("{name}.{key}")).collect()
            }
            _ => vec![name.clone()],
        };
        for key in names {
            if !keys::KEYS.iter().any(|known| **known == key) {
                let nearest = keys::nearest(&key);
                return Err(ConfigError::UnknownKey { path: path.to_owned(), key, nearest });
            }
        }
    }
    Ok(())
}

impl FileSync {
    /// With defaults and within bounds.
    pub fn check(&self, loopback: bool) -> Result<super::SyncConfig, ConfigError> {
        let interval = |name, written: &Option<String>, default| {
            values::interval(name, written.as_deref().unwrap_or(default), loopback)
        };
        Ok(super::SyncConfig {
            library_interval: interval("sync.library_interval", &self.library_interval, "1h")?,
            playback_interval: interval("sync.playback_interval", &self.playback_interval, "30m")?,
            full_interval: interval("sync.full_interval", &self.full_interval, "30d")?,
            initial_batch: values::batch("sync.initial_batch", self.initial_batch.unwrap_or(50))?,
            incremental_batch: values::batch("sync.incremental_batch", self.incremental_batch.unwrap_or(20))?,
        })
    }
}

impl FileGate {
    /// With defaults and within bounds.
    pub fn check(&self, loopback: bool) -> Result<super::GateConfig, ConfigError> {
        Ok(super::GateConfig {
            requests_per_second: values::pace(self.requests_per_second.unwrap_or(2.0), loopback)?,
            burst: values::whole(
                "gate.burst",
                self.burst.unwrap_or(5),
                1,
                50,
                "it must be between 1 and 50",
            )?,
            daily_budget: values::whole(
                "gate.daily_budget",
                self.daily_budget.unwrap_or(300),
                1,
                100_000,
                "it must be between 1 and 100000",
            )?,
            wait: values::duration("gate.wait", self.wait.as_deref().unwrap_or("60s"))?,
        })
    }
}

impl FileAlerts {
    /// Within bounds.
    pub fn check(self) -> Result<super::AlertsConfig, ConfigError> {
        Ok(super::AlertsConfig {
            command: self.command.map(values::command).transpose()?,
            webhook: self.webhook.as_deref().map(values::webhook).transpose()?,
        })
    }
}

impl FileUi {
    /// With defaults, and reduced to what the terminal can show.
    pub fn check(&self, env: super::ReadEnv<'_>, config_dir: &Path) -> Result<super::Ui, ConfigError> {
        // A wrong name is refused even if the terminal could not show the theme.
        let theme = Palette::named(self.theme.as_deref().unwrap_or("ansi"), config_dir)?;
        let is_shown = self.truecolor.unwrap_or_else(|| theme::speaks_truecolor(env));
        let color = self.color.unwrap_or(true) && !theme::is_colorless(env);
        Ok(super::Ui {
            color,
            truecolor: color && is_shown,
            theme: theme.filter(|_| is_shown),
            ascii: self.ascii.unwrap_or_else(|| !values::speaks_utf8(env)),
            mouse: self.mouse.unwrap_or(true),
        })
    }
}

impl FileStats {
    /// With defaults and within bounds.
    pub fn check(&self, env: super::ReadEnv<'_>) -> Result<super::StatsConfig, ConfigError> {
        Ok(super::StatsConfig {
            time_zone: values::time_zone("stats.time_zone", self.time_zone.as_deref(), env)?,
            counts_from: values::counts_from(
                "stats.counts_from",
                self.counts_from.as_deref().unwrap_or("30s"),
            )?,
        })
    }
}
