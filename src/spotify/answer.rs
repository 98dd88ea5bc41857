//! The meaning of an answer, by its status: Spotify's errors are JSON, other JSON, or plain text.

use serde_json::Value;

use super::error::{SpotifyError, quote};
use super::gate::{Limit, RateLimitRefusal, retry_after};
use super::transport::HttpAnswer;

/// An interpreted answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AnswerVerdict {
    /// 2xx, with its body.
    Body(String),
    /// 429.
    Refused(RateLimitRefusal),
    /// 401: the access token is not accepted, or no longer.
    Unauthorized {
        /// Spotify says that the request had no token, although every request has one.
        is_missing: bool,
    },
    /// Anything else.
    Failed(SpotifyError),
}

/// Spotify's mark of a quota refusal, in `error.reason`. Source:
/// <https://developer.spotify.com/blog/2026-07-23-web-api-quota-updates>
const QUOTA_EXCEEDED: &str = "QUOTA_EXCEEDED";

/// Interprets an answer of the Web API.
pub(super) fn judge(answer: HttpAnswer, host: &str) -> AnswerVerdict {
    let status = answer.status;
    match status {
        200..=299 => AnswerVerdict::Body(answer.body),
        401 => AnswerVerdict::Unauthorized { is_missing: says_missing(&message(&answer)) },
        429 => AnswerVerdict::Refused(RateLimitRefusal {
            retry_after: retry_after(answer.retry_after.as_deref()),
            limit: if answer.body.contains(QUOTA_EXCEEDED) { Limit::Quota } else { Limit::Unnamed },
        }),
        403 => AnswerVerdict::Failed(forbidden(message(&answer))),
        404 => AnswerVerdict::Failed(SpotifyError::NotFound),
        408 | 425 | 300..=399 | 500..=599 => AnswerVerdict::Failed(SpotifyError::Unavailable {
            host: host.to_owned(),
            cause: format!("answered {status}"),
            status: Some(status),
        }),
        _ => AnswerVerdict::Failed(SpotifyError::BadRequest { message: message(&answer) }),
    }
}

/// The cause of a 403, by its words. Observed: "Active premium subscription required for the owner
/// of the app", "the user may not be registered" in the developer dashboard. A message about one
/// endpoint or a scope says nothing about the app.
fn forbidden(message: String) -> SpotifyError {
    let words = message.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    let names_app =
        words.split(|c: char| !c.is_alphanumeric()).any(|word| matches!(word, "app" | "application"));
    let is_of_one_thing = has(&["scope", "endpoint", "resource"]);
    if has(&["premium", "not registered", "not be registered", "dashboard"]) || names_app && !is_of_one_thing
    {
        SpotifyError::AppRefused { message }
    } else {
        SpotifyError::Forbidden { message }
    }
}

/// "No token provided", "Access token missing": observed with good tokens, and gone with the next
/// try.
fn says_missing(message: &str) -> bool {
    let message = message.to_lowercase();
    message.contains("token")
        && ["no token", "missing", "not provided"].iter().any(|words| message.contains(words))
}

/// The message of an error answer, in its own words.
fn message(answer: &HttpAnswer) -> String {
    let said = match serde_json::from_str::<Value>(&answer.body) {
        Ok(json) => json.pointer("/error/message").and_then(Value::as_str).map(quote),
        // Plain text is from Spotify; an HTML page is from a server in between and says nothing.
        Err(_) if answer.body.trim_start().starts_with('<') => None,
        Err(_) => Some(quote(&answer.body)),
    };
    said.filter(|said| !said.is_empty())
        .unwrap_or_else(|| format!("status {} without a reason", answer.status))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn verdict(status: u16, retry_after: Option<&str>, body: &str) -> AnswerVerdict {
        let answer =
            HttpAnswer { status, retry_after: retry_after.map(str::to_owned), body: body.to_owned() };
        judge(answer, "api.example")
    }

    fn refused(retry_after: Option<u64>, limit: Limit) -> AnswerVerdict {
        AnswerVerdict::Refused(RateLimitRefusal { retry_after, limit })
    }

    #[test]
    fn the_two_kinds_of_429_are_told_apart_also_as_bare_text() {
        let plain = r#"{"error":{"status":429,"message":"API rate limit exceeded"}}"#;
        assert_eq!(verdict(429, Some("5"), plain), refused(Some(5), Limit::Unnamed));
        assert_eq!(verdict(429, None, "Too many requests"), refused(None, Limit::Unnamed));
        let quota = r#"{"error":{"status":429,"message":"Too many requests","reason":"QUOTA_EXCEEDED"}}"#;
        assert_eq!(verdict(429, Some("9"), quota), refused(Some(9), Limit::Quota));
        assert_eq!(verdict(429, Some("0"), ""), refused(None, Limit::Unnamed));
    }

    #[rstest]
    #[case::json(
        r#"{"error":{"status":403,"message":"Insufficient client scope"}}"#,
        "Insufficient client scope"
    )]
    #[case::html("<html><body>Forbidden</body></html>", "status 403 without a reason")]
    #[case::empty("", "status 403 without a reason")]
    #[case::other_json("[]", "status 403 without a reason")]
    #[case::cut(r#"{"error":{"status":4"#, r#"{"error":{"status":4"#)]
    fn a_403_is_passed_on_in_spotifys_words(#[case] body: &str, #[case] message: &str) {
        assert_eq!(
            verdict(403, None, body),
            AnswerVerdict::Failed(SpotifyError::Forbidden { message: message.to_owned() })
        );
    }

    #[rstest]
    #[case("Active premium subscription required for the owner of the app.\n", true)]
    #[case(r#"{"error":{"status":403,"message":"User not registered in the Developer Dashboard"}}"#, true)]
    #[case("Check settings on developer.spotify.com/dashboard, the user may not be registered.", true)]
    #[case(r#"{"error":{"status":403,"message":"This app was disabled"}}"#, true)]
    #[case(r#"{"error":{"status":403,"message":"Forbidden"}}"#, false)]
    #[case(r#"{"error":{"status":403,"message":"Insufficient client scope"}}"#, false)]
    #[case("This endpoint is not open to your application", false)]
    #[case("What happened", false)]
    fn a_403_that_speaks_of_the_app_is_one_of_the_app(#[case] body: &str, #[case] of_the_app: bool) {
        let is_of_the_app =
            matches!(verdict(403, None, body), AnswerVerdict::Failed(SpotifyError::AppRefused { .. }));
        assert_eq!(is_of_the_app, of_the_app);
    }

    #[rstest]
    #[case(r#"{"error":{"status":401,"message":"No token provided"}}"#, true)]
    #[case(r#"{"error":{"status":401,"message":"Access token missing"}}"#, true)]
    #[case("Missing token", true)]
    #[case(r#"{"error":{"status":401,"message":"The access token expired"}}"#, false)]
    #[case(r#"{"error":{"status":401,"message":"Invalid access token"}}"#, false)]
    #[case("", false)]
    fn a_401_that_misses_the_token_is_told_from_one_that_refuses_it(
        #[case] body: &str,
        #[case] is_missing: bool,
    ) {
        assert_eq!(verdict(401, None, body), AnswerVerdict::Unauthorized { is_missing });
    }

    #[test]
    fn what_may_pass_by_itself_is_transient_and_the_rest_is_not() {
        for status in [302, 408, 500, 502, 503, 504] {
            match verdict(status, None, "Bad gateway") {
                AnswerVerdict::Failed(error) => {
                    assert!(error.is_transient());
                    assert_eq!(
                        error.to_string(),
                        format!("api.example answered {status}; trying again later may help")
                    );
                }
                other => panic!("{other:?}"),
            }
        }
        let bad = r#"{"error":{"status":400,"message":"Invalid limit"}}"#;
        match verdict(400, None, bad) {
            AnswerVerdict::Failed(error @ SpotifyError::BadRequest { .. }) => {
                assert!(!error.is_transient());
                assert!(error.to_string().contains("Invalid limit"));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(verdict(404, None, ""), AnswerVerdict::Failed(SpotifyError::NotFound));
        assert_eq!(verdict(401, None, ""), AnswerVerdict::Unauthorized { is_missing: false });
        assert_eq!(verdict(204, None, ""), AnswerVerdict::Body(String::new()));
    }
}
