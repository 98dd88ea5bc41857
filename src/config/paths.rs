//! All paths: one data directory, one database file in it, one config file.

use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};

use super::ConfigError;

/// All paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The config file, which need not exist.
    pub config_file: PathBuf,
    /// The folder of token and logs, and of the database if no other path is given.
    pub data_dir: PathBuf,
    /// The database file.
    pub database: PathBuf,
}

impl Paths {
    /// The given data directory, otherwise the XDG one; the given database, otherwise the one in
    /// it.
    pub fn resolve(
        config_file: PathBuf,
        data_dir: Option<&str>,
        database: Option<&str>,
    ) -> Result<Self, ConfigError> {
        let data_dir = match data_dir {
            Some(named) => PathBuf::from(named),
            None => base()?.data_dir().join("phonolog"),
        };
        let database = database.map_or_else(|| Ok(data_dir.join("phonolog.db")), sqlite_path)?;
        Ok(Self { config_file, data_dir, database })
    }

    /// The database as a URL, for people and programs.
    #[must_use]
    pub fn database_url(&self) -> String {
        format!("sqlite:{}", self.database.display())
    }

    /// The file of the login, readable by its owner only.
    #[must_use]
    pub fn token_file(&self) -> PathBuf {
        self.data_dir.join("token.json")
    }

    /// The file with the token of the local API's TCP port, readable by its owner only.
    #[must_use]
    pub fn api_token_file(&self) -> PathBuf {
        self.data_dir.join("api-token")
    }

    /// The folder of the rolling logs.
    #[must_use]
    pub fn log_dir(&self) -> PathBuf {
        self.data_dir.join("logs")
    }
}

/// The given config file, otherwise the XDG one.
pub fn config_file(named: Option<&str>) -> Result<PathBuf, ConfigError> {
    match named {
        Some(named) => Ok(PathBuf::from(named)),
        None => Ok(base()?.config_dir().join("phonolog").join("config.toml")),
    }
}

fn base() -> Result<impl BaseStrategy, ConfigError> {
    choose_base_strategy().map_err(|_| ConfigError::NoHome)
}

/// `sqlite:PATH` or `sqlite://PATH` names a file; anything else is refused with the reason.
fn sqlite_path(url: &str) -> Result<PathBuf, ConfigError> {
    const NAME: &str = "PHONOLOG_DATABASE_URL";
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        return Err(ConfigError::NotBuilt { name: NAME, what: "PostgreSQL storage" });
    }
    url.strip_prefix("sqlite://")
        .or_else(|| url.strip_prefix("sqlite:"))
        .filter(|path| !path.is_empty() && !path.contains('?') && *path != ":memory:")
        .map(|path| Path::new(path).to_owned())
        .ok_or_else(|| ConfigError::OutOfBounds {
            name: NAME,
            value: hide_password(url),
            rule: "it must be sqlite:PATH",
        })
}

/// A URL may contain a password; a message must not.
fn hide_password(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, _)) => format!("{scheme}://..."),
        None => url.to_owned(),
    }
}
