//! The login, the connection to Spotify, and the clock. The request goes to the accounts service's
//! home page, without a login, so it uses nothing of the app's quota.

use std::time::Duration;

use chrono::{DateTime, Local, Utc};
use reqwest::header::DATE;

use crate::clock::SystemClock;
use crate::config::Config;
use crate::spotify::missing_scopes;

use super::Finding;
use crate::app::runtime::token_file::TokenFile;

const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// A clock that is wrong by more than this makes ages and holds look wrong.
const CLOCK_MAY_BE_OFF: i64 = 60;
/// With this many days left, the end of the consent needs attention.
const CONSENT_SOON_DAYS: i64 = 30;

/// Who is logged in and for how long; nothing of the token itself.
pub fn login(config: &Config) -> Finding {
    let check = "login";
    if config.access_token.is_some() {
        return Finding::ok(check, "uses the token in PHONOLOG_ACCESS_TOKEN");
    }
    let token = match TokenFile::new(config.paths.token_file()).read() {
        Ok(Some(token)) => token,
        Ok(None) => return Finding::bad(check, "you are not logged in; run `phonolog login`"),
        Err(error) => return Finding::bad(check, error.to_string()),
    };
    if token.suspect {
        return Finding::bad(check, "Spotify no longer accepts it; run `phonolog login`");
    }
    let missing = missing_scopes(&token.scope);
    if !missing.is_empty() {
        return Finding::bad(check, format!("lacks {}; run `phonolog login`", missing.join(", ")));
    }
    if config.client_id.as_ref().is_some_and(|id| *id != token.client_id) {
        return Finding::bad(
            check,
            "belongs to a client id that differs from the one that is set; run `phonolog login`",
        );
    }
    let Some(end) = token.consent_ends_at() else {
        return Finding::ok(check, "has every scope");
    };
    let days = (end - SystemClock::shared().now()).num_days();
    let told =
        format!("has every scope; the consent ends on {}", end.with_timezone(&Local).format("%Y-%m-%d"));
    if days < CONSENT_SOON_DAYS {
        Finding::warning(check, format!("{told}, in {days} days; `phonolog login` renews it"))
    } else {
        Finding::ok(check, told)
    }
}

/// Whether Spotify is reachable, and whether its clock agrees with ours.
pub async fn reach(config: &Config) -> Vec<Finding> {
    let url = &config.accounts_url;
    let host = url.host_str().unwrap_or_default();
    let answer = match ask(config).await {
        Ok(answer) => answer,
        Err(error) => {
            let why = if error.is_timeout() { "no answer in time" } else { "no connection" };
            let told = format!("{host} cannot be reached ({why}); check the network, proxy and firewall");
            return vec![Finding::bad("reachability", told)];
        }
    };
    let mut findings = vec![Finding::ok("reachability", format!("{host} answers"))];
    let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
    let theirs = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    findings.push(match theirs {
        Some(theirs) => clock(theirs.to_utc(), SystemClock::shared().now()),
        None => Finding::ok("clock", "could not be compared; the server sent no time"),
    });
    findings
}

async fn ask(config: &Config) -> reqwest::Result<reqwest::Response> {
    let redirects = reqwest::redirect::Policy::none();
    let mut builder = reqwest::Client::builder().timeout(ANSWERED_WITHIN).redirect(redirects);
    if config.accounts_url.scheme() == "http" {
        // The simulator, on this machine: as in normal use, no proxy is used.
        builder = builder.no_proxy();
    }
    let http = builder.build()?;
    http.get(config.accounts_url.clone()).send().await
}

fn clock(theirs: DateTime<Utc>, ours: DateTime<Utc>) -> Finding {
    match (ours - theirs).num_seconds() {
        off if off.abs() > CLOCK_MAY_BE_OFF => {
            let way = if off > 0 { "ahead" } else { "behind" };
            Finding::bad(
                "clock",
                format!("is {} s {way}; set it, e.g. with `timedatectl set-ntp true`", off.abs()),
            )
        }
        off => Finding::ok("clock", format!("is correct to within {} s", off.abs().max(1))),
    }
}
