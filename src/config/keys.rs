//! The list of all keys; the sample describes each one and its default.

/// The sample that `phonolog config --write` creates; it contains every key, commented out.
pub const SAMPLE: &str = include_str!("../../assets/config.toml");

/// The table of keyboard settings: the screen knows its names.
pub const TABLE_OF_KEYS: &str = "keys";

/// Every key. A test compares this list, the sample and the parser.
pub const KEYS: &[&str] = &[
    "client_id",
    "data_dir",
    "database_url",
    "api_url",
    "accounts_url",
    "sync.library_interval",
    "sync.playback_interval",
    "sync.full_interval",
    "sync.initial_batch",
    "sync.incremental_batch",
    "gate.requests_per_second",
    "gate.burst",
    "gate.daily_budget",
    "gate.wait",
    "stats.time_zone",
    "stats.counts_from",
    "login.redirect_uri",
    "api.listen",
    "alerts.command",
    "alerts.webhook",
    "ui.color",
    "ui.truecolor",
    "ui.theme",
    "ui.ascii",
    "ui.mouse",
    "log.filter",
    TABLE_OF_KEYS,
];

/// The key most similar to `written`, if one is near enough to be meant.
pub fn nearest(written: &str) -> Option<&'static str> {
    crate::domain::nearest(written, KEYS.iter().copied())
}
