//! The current settings as text.

use std::fmt::Write;

use super::{Config, Ui};

/// The host of a webhook, without the parts that may be secret.
fn webhook(config: &Config) -> String {
    let Some(url) = &config.alerts.webhook else { return "\"\"  # off".to_owned() };
    format!("\"{}://{}/...\"  # not shown in full", url.scheme(), url.host_str().unwrap_or_default())
}

fn of_the_screen(ui: &Ui) -> [(&'static str, String); 4] {
    let theme = if ui.theme.is_some() { "# one with 24-bit colours" } else { "# the sixteen ANSI colours" };
    [
        ("ui.color", ui.color.to_string()),
        ("ui.theme", theme.to_owned()),
        ("ui.ascii", ui.ascii.to_string()),
        ("ui.mouse", ui.mouse.to_string()),
    ]
}

/// The current settings, in the form of a config file, without secrets.
#[must_use]
pub fn describe(config: &Config) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name} = {value}");
    };
    let quoted = |value: String| format!("{value:?}");
    let time = |duration| quoted(humantime::format_duration(duration).to_string());
    line("# config file", config.paths.config_file.display().to_string());
    line("data_dir", quoted(config.paths.data_dir.display().to_string()));
    line("database_url", quoted(config.paths.database_url()));
    line("client_id", config.client_id.clone().map_or_else(|| "\"\"  # not set".to_owned(), quoted));
    line("api_url", quoted(config.api_url.to_string()));
    line("accounts_url", quoted(config.accounts_url.to_string()));
    line("sync.library_interval", time(config.sync.library_interval));
    line("sync.playback_interval", time(config.sync.playback_interval));
    line("sync.full_interval", time(config.sync.full_interval));
    line("sync.initial_batch", config.sync.initial_batch.to_string());
    line("sync.incremental_batch", config.sync.incremental_batch.to_string());
    line("gate.requests_per_second", config.gate.requests_per_second.to_string());
    line("gate.burst", config.gate.burst.to_string());
    line("gate.daily_budget", config.gate.daily_budget.to_string());
    line("gate.wait", time(config.gate.wait));
    let listen = config.api_listen.map(|at| quoted(at.to_string()));
    line("api.listen", listen.unwrap_or_else(|| "\"\"  # off".to_owned()));
    let command = config.alerts.command.as_ref().map(|argv| format!("{argv:?}"));
    line("alerts.command", command.unwrap_or_else(|| "[]".to_owned()));
    line("alerts.webhook", webhook(config));
    line("stats.time_zone", quoted(config.stats.time_zone.to_string()));
    line("stats.counts_from", time(config.stats.counts_from));
    line("login.redirect_uri", quoted(config.redirect_uri.to_string()));
    for (name, value) in of_the_screen(&config.ui) {
        line(name, value);
    }
    for choice in &config.keys {
        line(&format!("keys.{}", choice.action), format!("{:?}", choice.keys));
    }
    line("log.filter", quoted(config.log_filter.clone()));
    text
}
