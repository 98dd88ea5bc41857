//! `POST /api/token`: a code or a refresh token in, an access token out.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::spotify::answer::{Verdict, judge};
use crate::spotify::error::{SpotifyError, quote};
use crate::spotify::gate::{Limit, Refusal};
use crate::spotify::http::Http;
use crate::spotify::ports::Answer;

/// What an access token lives where the answer does not say.
const USUAL_LIFE: Duration = Duration::from_hours(1);
/// Longer claims are not needed: replacing a token early costs one request.
const LONGEST_LIFE: Duration = Duration::from_hours(24);

/// What the endpoint gave.
#[derive(Deserialize)]
pub(super) struct Grant {
    pub(super) access_token: SecretString,
    /// Since mid-2026 a refresh usually brings none: the old one stays.
    #[serde(default)]
    pub(super) refresh_token: Option<SecretString>,
    #[serde(default)]
    expires_in: Option<f64>,
    #[serde(default)]
    pub(super) scope: Option<String>,
}

impl Grant {
    /// How long the access token lives.
    pub(super) fn life(&self) -> Duration {
        let told = self.expires_in.map(Duration::try_from_secs_f64);
        told.and_then(Result::ok).unwrap_or(USUAL_LIFE).min(LONGEST_LIFE)
    }
}

/// Why the endpoint gave nothing.
#[derive(Debug)]
pub(super) enum TokenFailure {
    /// The code or the refresh token is not, or no longer, accepted; in Spotify's words.
    InvalidGrant(String),
    /// There is no such app.
    InvalidClient,
    /// 429.
    Refused(Refusal),
    /// Anything else.
    Other(SpotifyError),
}

/// Asks for a token. Errors are the OAuth codes of RFC 6749 section 5.2.
pub(super) async fn ask_for_token<F: Serialize>(http: &Http, form: &F) -> Result<Grant, TokenFailure> {
    let answer = http.post(&["api", "token"], form).await.map_err(TokenFailure::Other)?;
    read(answer, http.host())
}

fn read(answer: Answer, host: &str) -> Result<Grant, TokenFailure> {
    if matches!(answer.status, 400 | 401) {
        return Err(oauth_failure(&answer));
    }
    match judge(answer, host) {
        Verdict::Body(body) => serde_json::from_str(&body).map_err(|_| {
            // The parser's own words could quote a token.
            TokenFailure::Other(SpotifyError::Unreadable {
                what: "a token answer without a usable access token".to_owned(),
            })
        }),
        Verdict::Refused(refusal) => Err(TokenFailure::Refused(Refusal { limit: Limit::Tokens, ..refusal })),
        Verdict::Failed(error) => Err(TokenFailure::Other(error)),
        Verdict::Unauthorized => Err(TokenFailure::InvalidClient),
    }
}

fn oauth_failure(answer: &Answer) -> TokenFailure {
    let json = serde_json::from_str::<Value>(&answer.body).unwrap_or_default();
    let said = |key| json.get(key).and_then(Value::as_str).map(quote);
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
