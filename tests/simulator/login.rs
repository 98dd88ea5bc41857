//! The accounts service: PKCE, refresh, and every way in which they are refused.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use phonolog::simulator::Shape;
use rstest::rstest;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::support::{Answer, Sim, config, read};

const CLIENT: &str = "0123456789abcdef0123456789abcdef";
const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more~";
const REDIRECT: &str = "http://127.0.0.1:8888/callback";

async fn sim() -> Sim {
    Sim::start(config(Shape::New2026)).await
}

fn authorize(changes: &[(&str, &str)]) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("scope", "user-library-read user-follow-read"),
        ("state", "s/1"),
        ("code_challenge_method", "S256"),
        ("code_challenge", &challenge),
    ];
    pairs.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    pairs.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("/authorize?{query}")
}

async fn code(sim: &Sim) -> String {
    let answer = sim.bare(&authorize(&[]), None).await;
    assert_eq!(answer.status(), 302);
    let target = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    assert!(target.as_str().starts_with(REDIRECT));
    let pairs: Vec<(String, String)> = target.query_pairs().into_owned().collect();
    assert_eq!((pairs[0].0.as_str(), &pairs[1]), ("code", &("state".to_owned(), "s/1".to_owned())));
    pairs[0].1.clone()
}

async fn exchange(sim: &Sim, code: &str, changes: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("client_id", CLIENT),
        ("code_verifier", VERIFIER),
    ];
    form.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    form.extend(changes);
    read(sim.bare("/api/token", Some(&form)).await).await
}

async fn refresh(sim: &Sim, token: &str) -> Answer {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", CLIENT)];
    read(sim.bare("/api/token", Some(&form)).await).await
}

fn text<'a>(body: &'a Value, key: &str) -> &'a str {
    body[key].as_str().unwrap_or_else(|| panic!("no {key} in {body}"))
}

#[tokio::test]
async fn a_login_gives_tokens_that_live_an_hour_of_the_accounts_time() {
    let sim = sim().await;
    let issued = exchange(&sim, &code(&sim).await, &[]).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    assert_eq!((&issued.body["expires_in"], &issued.body["token_type"]), (&json!(3600), &json!("Bearer")));
    assert_eq!(text(&issued.body, "scope"), "user-library-read user-follow-read");
    let access = text(&issued.body, "access_token");
    sim.control("/sim/clock", json!({ "advance": "59m" })).await;
    assert_eq!(sim.with_token("/v1/me", access).await.status, 200);
    sim.control("/sim/clock", json!({ "advance": "1m" })).await;
    assert_eq!(sim.with_token("/v1/me", access).await.status, 401);

    let renewed = refresh(&sim, text(&issued.body, "refresh_token")).await;
    assert_eq!(renewed.status, 200);
    assert_eq!(sim.with_token("/v1/me", text(&renewed.body, "access_token")).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_is_replaced_or_kept_as_it_is_told() {
    let sim = sim().await;
    let first =
        exchange(&sim, &code(&sim).await, &[]).await.body["refresh_token"].as_str().unwrap().to_owned();
    let second = refresh(&sim, &first).await.body["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    let reused = refresh(&sim, &first).await;
    assert_eq!(reused.status, 400);
    assert_eq!(
        reused.body,
        json!({ "error": "invalid_grant", "error_description": "Refresh token revoked" })
    );

    sim.control("/sim/token", json!({ "omit_refresh": true })).await;
    for _ in 0..2 {
        let renewed = refresh(&sim, &second).await;
        assert_eq!((renewed.status, renewed.body.get("refresh_token")), (200, None));
    }
    sim.control("/sim/token", json!({ "revoke": true })).await;
    assert_eq!(refresh(&sim, &second).await.body["error"], json!("invalid_grant"));
}

#[tokio::test]
async fn a_code_is_good_once_and_for_ten_minutes() {
    let sim = sim().await;
    let used = code(&sim).await;
    assert_eq!(exchange(&sim, &used, &[]).await.status, 200);
    assert_eq!(exchange(&sim, &used, &[]).await.body["error"], json!("invalid_grant"));
    let stale = code(&sim).await;
    sim.control("/sim/clock", json!({ "advance": "11m" })).await;
    assert_eq!(exchange(&sim, &stale, &[]).await.body["error"], json!("invalid_grant"));
}

#[rstest]
#[case("code_verifier", "another-verifier-of-forty-three-characters-at-least", "invalid_grant")]
#[case("code_verifier", "short", "invalid_grant")]
#[case("redirect_uri", "http://127.0.0.1:8888/elsewhere", "invalid_grant")]
#[case("client_id", "ffffffffffffffffffffffffffffffff", "invalid_grant")]
#[case("client_id", "not a client", "invalid_client")]
#[case("grant_type", "password", "unsupported_grant_type")]
#[tokio::test]
async fn an_exchange_that_does_not_fit_its_consent_is_refused(
    #[case] field: &str,
    #[case] value: &str,
    #[case] error: &str,
) {
    let sim = sim().await;
    let refused = exchange(&sim, &code(&sim).await, &[(field, value)]).await;
    assert_eq!((refused.status, text(&refused.body, "error")), (400, error));
    assert!(refused.body["error_description"].is_string());
}

#[rstest]
#[case(&[("client_id", "not a client")])]
#[case(&[("client_id", "")])]
#[case(&[("response_type", "token")])]
#[case(&[("redirect_uri", "http://localhost:8888/callback")])]
#[case(&[("redirect_uri", "http://example.org/callback")])]
#[case(&[("code_challenge_method", "plain")])]
#[case(&[("code_challenge", "short")])]
#[tokio::test]
async fn a_consent_that_is_asked_for_wrongly_is_no_redirect(#[case] changes: &[(&str, &str)]) {
    assert_eq!(sim().await.bare(&authorize(changes), None).await.status(), 400);
}

#[tokio::test]
async fn a_person_may_decline() {
    let answer = sim().await.bare(&authorize(&[("deny", "1")]), None).await;
    let target = answer.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(target, format!("{REDIRECT}?error=access_denied&state=s%2F1"));
}

#[tokio::test]
async fn faults_strike_the_token_endpoint_in_its_own_form() {
    let sim = sim().await;
    sim.control("/sim/faults", json!([
        { "match": "/api/token", "kind": "status", "status": 400, "reason": "invalid_client", "count": 1 },
        { "match": "/api/token", "kind": "status", "status": 503, "count": 1 },
    ]))
    .await;
    let code = code(&sim).await;
    let refused = exchange(&sim, &code, &[]).await;
    assert_eq!((refused.status, text(&refused.body, "error")), (400, "invalid_client"));
    assert_eq!(exchange(&sim, &code, &[]).await.status, 503);
    assert_eq!(exchange(&sim, &code, &[]).await.status, 200, "a fault uses up no code");
}
