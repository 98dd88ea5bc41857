//! The one list of keys; the sample says what each means and what it is by default.

/// The sample that `phonolog config --write` puts in place; every key stands in it, commented out.
pub const SAMPLE: &str = include_str!("../../assets/config.toml");

/// The table of what the keyboard does: the screen knows the names in it.
pub const TABLE_OF_KEYS: &str = "keys";

/// Every key. A test holds this list, the sample and the reader together.
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

/// The key most like `written`, if one is near enough to be meant.
pub fn nearest(written: &str) -> Option<&'static str> {
    crate::domain::nearest(written, KEYS.iter().copied())
}
