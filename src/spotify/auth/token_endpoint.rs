//! `POST /api/token`: exchanges a code or a refresh token for an access token.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::token_text::{is_usable, without_tokens};
use crate::spotify::answer::{AnswerVerdict, judge};
use crate::spotify::error::{SpotifyError, quote};
use crate::spotify::gate::{Limit, RateLimitRefusal};
use crate::spotify::http::Http;
use crate::spotify::transport::HttpAnswer;

/// The lifetime of an access token if the answer contains none, or an invalid one.
const USUAL_LIFE: Duration = Duration::from_hours(1);
/// Shorter lifetimes would cost a refresh for every few requests; if one is real, a 401 shows it.
const SHORTEST_LIFE: Duration = Duration::from_mins(5);
/// Longer claims are not needed: replacing a token early costs one request.
const LONGEST_LIFE: Duration = Duration::from_hours(24);
/// The longest refresh token, and the longest list of scopes, that fits into a login's file.
const LONGEST_TEXT: usize = 4 * 1024;

/// The grant of the endpoint.
pub(super) struct TokenGrant {
    pub(super) access_token: SecretString,
    /// Since mid-2026 a refresh usually returns none: the old one stays valid.
    pub(super) refresh_token: Option<SecretString>,
    /// The lifetime of the access token.
    pub(super) life: Duration,
    pub(super) scope: Option<String>,
}

impl TokenGrant {
    /// The usable part of an answer; `None` without a usable access token.
    fn read(body: &str) -> Option<Self> {
        let wire: TokenWire = serde_json::from_str(body).ok()?;
        let text = |value: Option<Value>| match value {
            Some(Value::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        };
        let access_token = wire.access_token;
        let refresh_token = text(wire.refresh_token);
        if !is_usable(&access_token) || refresh_token.as_ref().is_some_and(|text| text.len() > LONGEST_TEXT) {
            return None;
        }
        let scope = text(wire.scope).filter(|scope| scope.len() <= LONGEST_TEXT);
        Some(Self {
            access_token,
            refresh_token: refresh_token.map(SecretString::from),
            life: life(wire.expires_in.as_ref()),
            scope,
        })
    }
}

/// The answer as it comes; fields that may differ from the documentation are parsed by hand.
#[derive(Deserialize)]
struct TokenWire {
    access_token: SecretString,
    #[serde(default)]
    refresh_token: Option<Value>,
    #[serde(default)]
    expires_in: Option<Value>,
    #[serde(default)]
    scope: Option<Value>,
}

/// The lifetime of an access token, from the seconds in the answer.
fn life(told: Option<&Value>) -> Duration {
    let seconds = match told {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    match seconds {
        Some(seconds) if seconds.is_finite() && seconds > 0.0 => {
            let life = Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_LIFE);
            life.clamp(SHORTEST_LIFE, LONGEST_LIFE)
        }
        _ => USUAL_LIFE,
    }
}

/// Why the endpoint returned no token.
#[derive(Debug)]
pub(super) enum TokenFailure {
    /// The code or the refresh token is not accepted, or no longer; in Spotify's words.
    InvalidGrant(String),
    /// The app does not exist.
    InvalidClient,
    /// 429.
    Refused(RateLimitRefusal),
    /// Any other failure.
    Other(SpotifyError),
}

/// Requests a token. Errors are the OAuth codes of RFC 6749 section 5.2.
pub(super) async fn ask_for_token<F: Serialize>(http: &Http, form: &F) -> Result<TokenGrant, TokenFailure> {
    let answer = http.post(&["api", "token"], form).await.map_err(TokenFailure::Other)?;
    read(answer, http.host())
}

fn read(answer: HttpAnswer, host: &str) -> Result<TokenGrant, TokenFailure> {
    if matches!(answer.status, 400 | 401) {
        return Err(oauth_failure(&answer));
    }
    match judge(answer, host) {
        // The parser's message could quote a token.
        AnswerVerdict::Body(body) => TokenGrant::read(&body).ok_or_else(|| {
            TokenFailure::Other(SpotifyError::Unreadable {
                what: "a token answer without a usable access token".to_owned(),
            })
        }),
        AnswerVerdict::Refused(refusal) => {
            Err(TokenFailure::Refused(RateLimitRefusal { limit: Limit::Tokens, ..refusal }))
        }
        AnswerVerdict::Failed(error) => Err(TokenFailure::Other(error)),
        AnswerVerdict::Unauthorized { .. } => Err(TokenFailure::InvalidClient),
    }
}

fn oauth_failure(answer: &HttpAnswer) -> TokenFailure {
    let json = serde_json::from_str::<Value>(&answer.body).unwrap_or_default();
    let said = |key| json.get(key).and_then(Value::as_str).map(|text| quote(&without_tokens(text)));
    let description = said("error_description");
    match said("error").as_deref() {
        Some("invalid_grant") => {
            TokenFailure::InvalidGrant(description.unwrap_or_else(|| "invalid_grant".to_owned()))
        }
        Some("invalid_client") => TokenFailure::InvalidClient,
        code => TokenFailure::Other(SpotifyError::BadRequest {
            message: description
                .or_else(|| code.map(str::to_owned))
                .unwrap_or_else(|| format!("the token endpoint answered {}", answer.status)),
        }),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::whole(json!(3600), 3600)]
    #[case::float(json!(3600.0), 3600)]
    #[case::text(json!("3600"), 3600)]
    #[case::spaced_text(json!(" 1800.5 "), 1800)]
    #[case::zero(json!(0), 3600)]
    #[case::zero_text(json!("0"), 3600)]
    #[case::negative(json!(-5), 3600)]
    #[case::short(json!(30), 300)]
    #[case::absurd(json!(1e300), 86_400)]
    #[case::infinite(json!("inf"), 3600)]
    #[case::not_a_number(json!("NaN"), 3600)]
    #[case::words(json!("an hour"), 3600)]
    #[case::null(json!(null), 3600)]
    #[case::list(json!([3600]), 3600)]
    fn a_life_is_never_so_short_that_each_request_costs_a_refresh(#[case] told: Value, #[case] seconds: u64) {
        let body = json!({ "access_token": "a", "expires_in": told }).to_string();
        assert_eq!(TokenGrant::read(&body).unwrap().life.as_secs(), seconds);
    }

    #[test]
    fn what_is_missing_or_odd_beside_the_access_token_leaves_what_was_there() {
        let grant = TokenGrant::read(r#"{"access_token":"a"}"#).unwrap();
        assert!(grant.refresh_token.is_none() && grant.scope.is_none() && grant.life == USUAL_LIFE);
        let grant = TokenGrant::read(r#"{"access_token":"a","refresh_token":"","scope":""}"#).unwrap();
        assert!(grant.refresh_token.is_none() && grant.scope.is_none());
        let grant = TokenGrant::read(r#"{"access_token":"a","refresh_token":7,"scope":["b"]}"#).unwrap();
        assert!(grant.refresh_token.is_none() && grant.scope.is_none());
        let grant = TokenGrant::read(r#"{"access_token":"a","refresh_token":"r","scope":"b"}"#).unwrap();
        assert_eq!(grant.refresh_token.unwrap().expose_secret(), "r");
        assert_eq!(grant.scope.as_deref(), Some("b"));
        let scope = "s".repeat(LONGEST_TEXT + 1);
        let body = json!({ "access_token": "a", "scope": scope }).to_string();
        assert!(TokenGrant::read(&body).unwrap().scope.is_none(), "it would not fit into the file");
    }

    #[test]
    fn an_answer_whose_tokens_cannot_be_used_is_none() {
        let long = "x".repeat(1_000_000);
        for body in [
            json!({}),
            json!({ "access_token": "" }),
            json!({ "access_token": null }),
            json!({ "access_token": "a\nb" }),
            json!({ "access_token": "a\u{0}b" }),
            json!({ "access_token": long }),
            json!({ "access_token": "a", "refresh_token": long }),
        ] {
            assert!(TokenGrant::read(&body.to_string()).is_none());
        }
    }

    #[test]
    fn a_description_that_quotes_a_token_is_shown_without_it() {
        let body =
            r#"{"error":"invalid_grant","error_description":"AQDx8l-_jZ0123456789abcdef was revoked"}"#;
        let failure = oauth_failure(&HttpAnswer { status: 400, retry_after: None, body: body.to_owned() });
        assert!(
            matches!(&failure, TokenFailure::InvalidGrant(said) if said == "… was revoked"),
            "{failure:?}"
        );
    }
}
