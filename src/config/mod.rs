//! Converts what the user may write to a valid [`Config`]; paths; secrets.
//!
//! Owns: names, defaults and bounds of every setting, and their precedence: flags override the
//! environment, which overrides the file. Must not know: how they are used.

mod describe;
mod error;
mod file;
mod keys;
mod paths;
mod theme;
mod values;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

pub use describe::describe;
pub use error::ConfigError;
pub use file::LARGEST as LARGEST_CONFIG;
pub use keys::{KEYS, SAMPLE};
pub use paths::{Paths, config_file};
pub use theme::{Ink, Palette, Rgb, theme_names};

use crate::domain::Zone;
use file::{FileConfig, FileKeys};

/// Every setting, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The paths.
    pub paths: Paths,
    /// The user's own Spotify app.
    pub client_id: Option<String>,
    /// A bearer token that is used without change; it counts as the login.
    pub access_token: Option<SecretString>,
    /// `https://api.spotify.com/v1` or a substitute.
    pub api_url: Url,
    /// `https://accounts.spotify.com` or a substitute.
    pub accounts_url: Url,
    /// When and how much is read.
    pub sync: SyncConfig,
    /// How fast requests may follow each other.
    pub gate: GateConfig,
    /// The address of the local API, besides its socket.
    pub api_listen: Option<SocketAddr>,
    /// The receivers of alerts.
    pub alerts: AlertsConfig,
    /// How plays are counted.
    pub stats: StatsConfig,
    /// The redirect address of the login; loopback.
    pub redirect_uri: Url,
    /// The appearance of the screen.
    pub ui: Ui,
    /// The keys that differ from the defaults.
    pub keys: Vec<KeyChoice>,
    /// The tracing filter.
    pub log_filter: String,
}

/// When and how much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncConfig {
    /// The interval between two syncs of the library.
    pub library_interval: Duration,
    /// The interval between two polls of the play history.
    pub playback_interval: Duration,
    /// Rows per request in a walk of a whole list, 1 to 50.
    pub initial_batch: u32,
    /// Rows per request when only new rows are read from the top, 1 to 50.
    pub incremental_batch: u32,
    /// Every entity is read again in full within this time.
    pub full_interval: Duration,
}

/// How fast requests may follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateConfig {
    /// The steady pace; 0 disables pacing, on loopback only.
    pub requests_per_second: f64,
    /// Requests that may go at once after a pause.
    pub burst: u32,
    /// Requests per bucket in any 24 h that phonolog allows itself for work that can wait.
    pub daily_budget: u32,
    /// The longest refusal that a run waits out.
    pub wait: Duration,
}

/// How plays are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatsConfig {
    /// The time zone of days and hours.
    pub time_zone: Zone,
    /// A play counts if it lasted at least this long.
    pub counts_from: Duration,
}

/// The receivers of alerts, besides the screens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertsConfig {
    /// A program and its arguments; never a shell command line.
    pub command: Option<Vec<String>>,
    /// The URL to which JSON is posted. Its path may be a secret.
    pub webhook: Option<Url>,
}

/// The appearance of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a key of its own")]
pub struct Ui {
    /// Whether to use colours; also off if `NO_COLOR` is set, or the terminal has none.
    pub color: bool,
    /// The colours by meaning, if the terminal shows 24-bit colours; otherwise the sixteen ANSI
    /// colours.
    pub theme: Option<Palette>,
    /// Whether the terminal shows 24-bit colours, so that another theme can be chosen.
    pub truecolor: bool,
    /// Whether to draw with ASCII only.
    pub ascii: bool,
    /// Whether to capture the mouse.
    pub mouse: bool,
}

/// The keys that a person chose for an action. They are plain words, because only the screen knows
/// the actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChoice {
    /// The action.
    pub action: String,
    /// The keys, as written.
    pub keys: Vec<String>,
}

/// The settings of the command line; they override everything else.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--data-dir`
    pub data_dir: Option<String>,
    /// `--database`
    pub database: Option<String>,
    /// `--config`
    pub config: Option<String>,
}

/// Reads one environment variable.
pub type ReadEnv<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Config {
    /// Reads flags, environment and file, in this order of precedence, and checks everything.
    pub fn load(flags: &Flags, env: ReadEnv<'_>) -> Result<Self, ConfigError> {
        let env = |name: &str| env(name).filter(|value| !value.is_empty());
        let named = flags.config.clone().or_else(|| env("PHONOLOG_CONFIG"));
        let config_file = paths::config_file(named.as_deref())?;
        let file = FileConfig::read(&config_file, named.is_some())?;
        let data_dir =
            flags.data_dir.clone().or_else(|| env("PHONOLOG_DATA_DIR")).or_else(|| file.data_dir.clone());
        let database = flags
            .database
            .clone()
            .or_else(|| env("PHONOLOG_DATABASE_URL"))
            .or_else(|| file.database_url.clone());
        let config_dir = config_file.parent().map(Path::to_owned).unwrap_or_default();
        let paths = Paths::resolve(config_file, data_dir.as_deref(), database.as_deref())?;
        let api_url = values::spotify_url(
            "PHONOLOG_API_URL",
            env("PHONOLOG_API_URL").or_else(|| file.api_url.clone()).as_deref().unwrap_or(values::API_URL),
        )?;
        let accounts_url = values::spotify_url(
            "PHONOLOG_ACCOUNTS_URL",
            env("PHONOLOG_ACCOUNTS_URL")
                .or_else(|| file.accounts_url.clone())
                .as_deref()
                .unwrap_or(values::ACCOUNTS_URL),
        )?;
        let loopback = values::is_loopback(&api_url);
        Ok(Self {
            paths,
            client_id: env("PHONOLOG_CLIENT_ID").or(file.client_id).filter(|id| !id.is_empty()),
            access_token: env("PHONOLOG_ACCESS_TOKEN").map(SecretString::from),
            api_url,
            accounts_url,
            sync: file.sync.check(loopback)?,
            gate: file.gate.check(loopback)?,
            api_listen: file.api.listen.as_deref().map(values::listen).transpose()?,
            alerts: file.alerts.check()?,
            stats: file.stats.check(&env)?,
            redirect_uri: values::redirect_uri(file.login.redirect_uri.as_deref())?,
            ui: file.ui.check(&env, &config_dir)?,
            keys: FileKeys::choices(file.keys),
            log_filter: env("PHONOLOG_LOG")
                .or(file.log.filter)
                .unwrap_or_else(|| "phonolog=info,warn".to_owned()),
        })
    }
}

impl Config {
    /// Whether the local API listens on every address of this machine, and so on every network that
    /// it is connected to.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        self.api_listen.is_some_and(|address| address.ip().to_canonical().is_unspecified())
    }
}

/// Whether the locale of this process can show more than ASCII.
#[must_use]
pub fn locale_is_utf8() -> bool {
    values::speaks_utf8(&process_env)
}

/// Whether the terminal of this process shows 24-bit colours, as far as it says so.
#[must_use]
pub fn terminal_is_truecolor() -> bool {
    theme::speaks_truecolor(&process_env) && !theme::is_colorless(&process_env)
}

/// A variable of this process; an empty one counts as not set.
fn process_env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests;
