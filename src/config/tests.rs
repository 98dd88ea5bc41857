use std::collections::BTreeSet;
use std::time::Duration;

use rstest::rstest;

use super::{Config, ConfigError, Flags, KEYS, SAMPLE};

fn load_with(text: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    std::fs::write(&file, text).unwrap();
    let flags = Flags { config: Some(file.display().to_string()), ..Flags::default() };
    let env: Vec<(String, String)> = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Config::load(&flags, &|name| {
        env.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).or_else(|| match name {
            "HOME" => Some("/home/somebody".to_owned()),
            _ => None,
        })
    })
}

fn load(text: &str) -> Result<Config, ConfigError> {
    load_with(text, &[])
}

#[test]
fn an_empty_file_gives_the_documented_defaults() {
    let config = load("").unwrap();
    assert_eq!(config.sync.library_interval, Duration::from_hours(1));
    assert_eq!(config.sync.playback_interval, Duration::from_mins(30));
    assert_eq!((config.sync.initial_batch, config.sync.incremental_batch), (50, 20));
    assert_eq!((config.gate.burst, config.gate.daily_budget), (5, 300));
    assert!((config.gate.requests_per_second - 2.0).abs() < f64::EPSILON);
    assert_eq!(config.gate.wait, Duration::from_mins(1));
    assert_eq!(config.stats.counts_from, Duration::from_secs(30));
    assert_eq!(config.api_url.as_str(), "https://api.spotify.com/v1");
    assert_eq!(config.redirect_uri.as_str(), "http://127.0.0.1:8888/callback");
}

#[test]
fn who_is_told_of_alerts_is_a_program_without_a_shell_or_a_safe_url() {
    assert_eq!(load("").unwrap().alerts, super::AlertsConfig::default());
    let text =
        "[alerts]\ncommand = [\"notify-send\", \"phonolog\"]\nwebhook = \"https://x.example/secret-topic\"";
    let alerts = load(text).unwrap().alerts;
    assert_eq!(alerts.command.unwrap(), ["notify-send", "phonolog"]);
    assert_eq!(alerts.webhook.unwrap().as_str(), "https://x.example/secret-topic");
    assert!(load("[alerts]\nwebhook = \"http://127.0.0.1:9/x\"").is_ok());
    for (faulty, why) in [
        ("command = []", "a program and its arguments"),
        ("command = [\" \"]", "a program and its arguments"),
        ("command = \"notify-send phonolog\"", "malformed at line 2"),
        ("webhook = \"http://x.example/secret-topic\"", "an https URL, or http on loopback"),
        ("webhook = \"file:///etc/secret-topic\"", "an https URL"),
        ("webhook = \"secret-topic\"", "an https URL"),
    ] {
        let error = load(&format!("[alerts]\n{faulty}")).unwrap_err().to_string();
        assert!(error.contains(why) && !error.contains("secret-topic"), "{faulty}: {error}");
    }
}

#[test]
fn flags_beat_environment_beats_file() {
    let text = "data_dir = \"/from/file\"\ndatabase_url = \"sqlite:/from/file.db\"";
    assert_eq!(load(text).unwrap().paths.database.to_str(), Some("/from/file.db"));
    let env = [("PHONOLOG_DATABASE_URL", "sqlite:/from/env.db"), ("PHONOLOG_DATA_DIR", "/from/env")];
    let config = load_with(text, &env).unwrap();
    assert_eq!(config.paths.database.to_str(), Some("/from/env.db"));
    assert_eq!(config.paths.token_file().to_str(), Some("/from/env/token.json"));
    let flags = Flags { database: Some("sqlite:/from/flag.db".to_owned()), ..Flags::default() };
    let config =
        Config::load(&flags, &|name| (name == "PHONOLOG_DATABASE_URL").then(|| "sqlite:/x".to_owned()));
    assert_eq!(config.unwrap().paths.database.to_str(), Some("/from/flag.db"));
}

#[test]
fn the_sample_is_valid_and_names_every_key() {
    load(SAMPLE).unwrap();
    let keys =
        |line: &'static str| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line);
    let uncommented = SAMPLE.lines().map(keys).collect::<Vec<_>>().join("\n");
    let table: toml::Table = uncommented.parse().unwrap();
    let mut named = BTreeSet::new();
    for (name, value) in &table {
        match value {
            toml::Value::Table(inner) if name != "keys" => {
                named.extend(inner.keys().map(|key| format!("{name}.{key}")));
            }
            _ => drop(named.insert(name.clone())),
        }
    }
    let known: BTreeSet<String> = KEYS.iter().map(|key| (*key).to_owned()).collect();
    assert_eq!(named, known);
}

#[rstest]
#[case("librar_interval = 1", "unknown key `librar_interval`")]
#[case("[sync]\nlibary_interval = \"1h\"", "did you mean `sync.library_interval`?")]
#[case("[sync]\nlibrary_interval = 3", "malformed at line 2")]
#[case("[sync\n", "malformed at line 1")]
#[case("[sync]\nlibrary_interval = \"5\"", "it must be a duration such as")]
#[case("[sync]\nlibrary_interval = \"10s\"", "it must be at least 1m")]
#[case("[sync]\ninitial_batch = 51", "Spotify allows 1 to 50")]
#[case("[gate]\nrequests_per_second = 0", "only for a server on loopback")]
#[case("[gate]\nrequests_per_second = nan", "between 0 and 10")]
#[case("[api]\nlisten = \"localhost\"", "such as 127.0.0.1:7433")]
#[case(
    "[stats]\ntime_zone = \"Europe/Berln\"",
    "`Europe/Berln` is not a time zone; the nearest is `Europe/Berlin`"
)]
#[case("[stats]\ncounts_from = \"11m\"", "it must be at most 10m")]
#[case("[stats]\ncounts_from = \"half\"", "it must be a duration such as")]
#[case("[stats]\ntimezone = \"UTC\"", "did you mean `stats.time_zone`?")]
#[case("api_url = \"http://example.com\"", "must be an https URL")]
#[case("database_url = \"postgres://u:secret@h/d\"", "PostgreSQL storage is not supported yet")]
#[case("database_url = \"mysql://u:secret@h/d\"", "`mysql://...`")]
#[case("[keys]\nresync = 1", "a key such as")]
#[case("[kyes]\nresync = \"x\"", "unknown key `kyes.resync` (did you mean `keys`?)")]
#[case("[login]\nredirect_uri = \"http://localhost:1/x\"", "http://127.0.0.1:PORT/PATH")]
fn what_is_wrong_is_one_sentence_that_names_it(#[case] text: &str, #[case] expected: &str) {
    let message = load(text).unwrap_err().to_string();
    assert!(message.contains(expected), "{message}");
    assert!(!message.contains("secret") && !message.contains('\n'), "{message}");
}

#[test]
fn the_zone_is_the_one_named_else_that_of_the_process() {
    let zone = |text: &str, tz: &str| load_with(text, &[("TZ", tz)]).unwrap().stats.time_zone.name();
    assert_eq!(zone("[stats]\ntime_zone = \"Asia/Kathmandu\"", "Europe/Berlin"), "Asia/Kathmandu");
    assert_eq!(zone("", ":Pacific/Apia"), "Pacific/Apia");
}

#[test]
fn pacing_may_be_off_on_loopback_only() {
    let text = "api_url = \"http://127.0.0.1:9/v1\"\n[gate]\nrequests_per_second = 0";
    assert!(load(text).unwrap().gate.requests_per_second.abs() < f64::EPSILON);
}

#[test]
fn a_secret_never_shows_in_debug() {
    let config = load_with("", &[("PHONOLOG_ACCESS_TOKEN", "very-secret")]).unwrap();
    assert!(!format!("{config:?}").contains("very-secret"));
}

#[test]
fn a_missing_file_is_an_error_only_when_it_was_named() {
    let flags = Flags { config: Some("/nowhere/config.toml".to_owned()), ..Flags::default() };
    assert!(matches!(Config::load(&flags, &|_| None), Err(ConfigError::NoSuchFile { .. })));
}
