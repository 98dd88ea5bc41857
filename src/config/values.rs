//! Checks single values.

use std::net::SocketAddr;
use std::time::Duration;

use url::{Host, Url};

use super::ConfigError;
use crate::domain::Zone;

/// Spotify's API.
pub const API_URL: &str = "https://api.spotify.com/v1";
/// Spotify's accounts service.
pub const ACCOUNTS_URL: &str = "https://accounts.spotify.com";
/// The redirect address; Spotify refuses `localhost`, but accepts the literal address.
const REDIRECT_URI: &str = "http://127.0.0.1:8888/callback";

fn out_of_bounds(name: &'static str, value: &(impl ToString + ?Sized), rule: &'static str) -> ConfigError {
    ConfigError::OutOfBounds { name, value: value.to_string(), rule }
}

/// A duration such as `90s`, `30m`, `1h` or `30d`.
pub fn duration(name: &'static str, written: &str) -> Result<Duration, ConfigError> {
    humantime::parse_duration(written)
        .map_err(|_| out_of_bounds(name, written, "it must be a duration such as 90s, 30m, 1h or 30d"))
}

/// An interval between requests to Spotify: at least a minute, or a second with a substitute for
/// Spotify.
pub fn interval(name: &'static str, written: &str, loopback: bool) -> Result<Duration, ConfigError> {
    let interval = duration(name, written)?;
    let least = Duration::from_secs(if loopback { 1 } else { 60 });
    if interval < least {
        return Err(out_of_bounds(name, written, "it must be at least 1m"));
    }
    if interval > Duration::from_hours(366 * 24) {
        return Err(out_of_bounds(name, written, "it must be at most a year"));
    }
    Ok(interval)
}

/// Rows per request; Spotify allows 1 to 50.
pub fn batch(name: &'static str, written: i64) -> Result<u32, ConfigError> {
    whole(name, written, 1, 50, "Spotify allows 1 to 50 rows a request")
}

/// A whole number between two bounds, both included.
pub fn whole(
    name: &'static str,
    written: i64,
    least: u32,
    most: u32,
    rule: &'static str,
) -> Result<u32, ConfigError> {
    u32::try_from(written)
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| out_of_bounds(name, &written, rule))
}

/// Requests per second; pacing can be disabled only with a substitute for Spotify.
pub fn pace(written: f64, loopback: bool) -> Result<f64, ConfigError> {
    const NAME: &str = "gate.requests_per_second";
    if written == 0.0 && !loopback {
        return Err(out_of_bounds(NAME, &written, "0 (no pacing) is allowed only for a server on loopback"));
    }
    if (0.0..=10.0).contains(&written) || loopback && written.is_finite() && written >= 0.0 {
        return Ok(written);
    }
    Err(out_of_bounds(NAME, &written, "it must be between 0 and 10"))
}

/// A base URL that receives tokens: https, or loopback.
pub fn spotify_url(name: &'static str, written: &str) -> Result<Url, ConfigError> {
    const RULE: &str = "it must be an https URL, or http on loopback, without a query";
    let url = Url::parse(written.trim_end_matches('/')).map_err(|_| out_of_bounds(name, written, RULE))?;
    let safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url);
    if !safe || url.cannot_be_a_base() || url.query().is_some() || !url.username().is_empty() {
        return Err(out_of_bounds(name, written, RULE));
    }
    Ok(url)
}

/// The redirect address: this machine, by a literal address and with a port.
pub fn redirect_uri(written: Option<&str>) -> Result<Url, ConfigError> {
    const NAME: &str = "login.redirect_uri";
    const RULE: &str = "it must be http://127.0.0.1:PORT/PATH, as registered with your Spotify app";
    let written = written.unwrap_or(REDIRECT_URI);
    let url = Url::parse(written).map_err(|_| out_of_bounds(NAME, written, RULE))?;
    let literal = matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
    if url.scheme() != "http"
        || !literal
        || !is_loopback(&url)
        || url.port().is_none()
        || url.query().is_some()
    {
        return Err(out_of_bounds(NAME, written, RULE));
    }
    Ok(url)
}

/// A program and its arguments.
pub fn command(written: Vec<String>) -> Result<Vec<String>, ConfigError> {
    let is_usable = written.first().is_some_and(|program| !program.trim().is_empty())
        && written.iter().all(|word| !word.contains('\0'));
    if is_usable {
        return Ok(written);
    }
    let rule = "it must name a program and its arguments, as in [\"notify-send\", \"phonolog\"]";
    Err(out_of_bounds("alerts.command", &format!("{written:?}"), rule))
}

/// The URL for alerts: https, or this machine.
pub fn webhook(written: &str) -> Result<Url, ConfigError> {
    // It may contain a secret, so it is not repeated.
    let refused =
        || out_of_bounds("alerts.webhook", "(not shown)", "it must be an https URL, or http on loopback");
    let url = Url::parse(written).map_err(|_| refused())?;
    let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url);
    if is_safe && url.host().is_some() { Ok(url) } else { Err(refused()) }
}

/// An address and a port, both as numbers.
pub fn listen(written: &str) -> Result<SocketAddr, ConfigError> {
    let rule = "it must be an address and a port such as 127.0.0.1:7433";
    written.parse().map_err(|_| out_of_bounds("api.listen", written, rule))
}

/// Whether the URL stays on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whether the locale can show more than ASCII; POSIX precedence of the variables.
pub fn speaks_utf8(env: &dyn Fn(&str) -> Option<String>) -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| env(name)).is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// The given zone, otherwise the machine's. If the machine's zone has no known name, UTC is used.
pub fn time_zone(
    name: &'static str,
    written: Option<&str>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Zone, ConfigError> {
    if let Some(written) = written {
        return written.trim().parse().map_err(|unknown| ConfigError::UnknownZone { name, unknown });
    }
    let of_process = env("TZ").and_then(|zone| zone.trim_start_matches(':').parse().ok());
    let of_machine = || iana_time_zone::get_timezone().ok()?.parse().ok();
    Ok(of_process.or_else(of_machine).unwrap_or(Zone::UTC))
}

/// The length from which a play counts; no longer than songs are.
pub fn counts_from(name: &'static str, written: &str) -> Result<Duration, ConfigError> {
    let from = duration(name, written)?;
    if from > Duration::from_mins(10) {
        return Err(out_of_bounds(name, written, "it must be at most 10m"));
    }
    Ok(from)
}
