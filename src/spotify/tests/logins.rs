//! Tokens: refreshed in time, saved before use, given up only when Spotify says so.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use secrecy::ExposeSecret;

use super::server::{Asked, Scripted, Server, answer, refusal};
use super::support::{Stage, ask, client, login};
use crate::clock::{Clock, SharedClock};
use crate::spotify::tests::ManualClock;
use crate::spotify::{LoginAttempt, LoginError, SpotifyError, exchange};

const ME: &str = r#"{"id":"smith"}"#;
/// As Spotify answers a refresh since mid-2026: no new refresh token.
const RENEWED: &str =
    r#"{"access_token":"new-access","token_type":"Bearer","expires_in":3600,"scope":"all"}"#;
const ROTATED: &str =
    r#"{"access_token":"new-access","refresh_token":"new-refresh","expires_in":3600,"scope":"all"}"#;
const INVALID_GRANT: &str = r#"{"error":"invalid_grant","error_description":"Refresh token revoked"}"#;

fn asked_me(token: &str) -> Asked {
    Asked { what: "GET /v1/me".to_owned(), with: format!("Bearer {token}") }
}

fn asked_token() -> Asked {
    Asked {
        what: "POST /api/token".to_owned(),
        with: "grant_type=refresh_token&refresh_token=old-refresh&client_id=app".to_owned(),
    }
}

fn why(error: &SpotifyError) -> String {
    assert!(matches!(error, SpotifyError::NeedsLogin { .. }), "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn a_401_refreshes_once_and_an_omitted_refresh_token_stays() {
    let stage = Stage::logged_in(3_600, vec![answer(401, ""), answer(200, RENEWED), answer(200, ME)]).await;
    stage.client.me(&ask(0)).await.unwrap();
    assert_eq!(stage.server.asked(), [asked_me("old-access"), asked_token(), asked_me("new-access")]);
    let stored = stage.tokens.token.lock().unwrap().clone().unwrap();
    assert_eq!(stored.access_token.expose_secret(), "new-access");
    assert_eq!(stored.refresh_token.expose_secret(), "old-refresh");
    assert_eq!(stored.expires_at, stage.clock.now() + TimeDelta::seconds(3_600));
    assert_eq!(stored.authorized_at, DateTime::from_timestamp(0, 0).unwrap());
    // The token endpoint counts against no bucket.
    assert_eq!(stage.log.counted.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_token_about_to_end_is_replaced_first_and_a_new_refresh_token_is_kept() {
    let stage = Stage::logged_in(60, vec![answer(200, ROTATED), answer(200, ME), answer(200, ME)]).await;
    stage.client.me(&ask(0)).await.unwrap();
    stage.client.me(&ask(0)).await.unwrap();
    let me = asked_me("new-access");
    assert_eq!(stage.server.asked(), [asked_token(), me.clone(), me]);
    let stored = stage.tokens.token.lock().unwrap().clone().unwrap();
    assert_eq!(stored.refresh_token.expose_secret(), "new-refresh");
}

#[tokio::test]
async fn a_second_401_needs_a_person() {
    let stage = Stage::logged_in(3_600, vec![answer(401, ""), answer(200, RENEWED), answer(401, "")]).await;
    let error = stage.client.me(&ask(0)).await.unwrap_err();
    assert!(why(&error).contains("phonolog login"));
    assert_eq!(stage.server.asked().len(), 3);
}

#[tokio::test]
async fn a_fixed_token_is_never_refreshed() {
    let stage = Stage::new(vec![answer(401, "")]).await;
    let error = stage.client.me(&ask(0)).await.unwrap_err();
    assert!(why(&error).contains("PHONOLOG_ACCESS_TOKEN"));
    assert_eq!(stage.server.asked(), [asked_me("fixed")]);
    assert_eq!(stage.log.counted.lock().unwrap().len(), 1);
    assert_eq!(stage.client.consent_ends_at().await, None);
}

#[tokio::test]
async fn an_invalid_grant_keeps_the_token_as_suspect_and_asks_no_more_until_a_login() {
    let stage = Stage::logged_in(0, vec![answer(400, INVALID_GRANT)]).await;
    for _ in 0..3 {
        let error = stage.client.me(&ask(0)).await.unwrap_err();
        assert_eq!(why(&error), "Spotify no longer accepts the login of 1970-01-01; run `phonolog login`");
    }
    assert_eq!(stage.server.asked().len(), 1);
    let stored = stage.tokens.token.lock().unwrap().clone().unwrap();
    assert!(stored.suspect);
    assert_eq!(stored.refresh_token.expose_secret(), "old-refresh");

    *stage.tokens.token.lock().unwrap() = Some(login(&stage.clock, 3_600));
    stage.server.then(answer(200, ME));
    stage.client.me(&ask(0)).await.unwrap();
}

#[tokio::test]
async fn trouble_at_the_token_endpoint_says_nothing_about_the_login() {
    let stage = Stage::logged_in(
        0,
        vec![answer(503, "down"), Scripted::CutOff(200, ""), answer(200, RENEWED), answer(200, ME)],
    )
    .await;
    for _ in 0..2 {
        assert!(stage.client.me(&ask(0)).await.unwrap_err().is_transient());
    }
    assert_eq!(*stage.tokens.saves.lock().unwrap(), 0);
    stage.client.me(&ask(0)).await.unwrap();
}

#[tokio::test]
async fn a_429_of_the_token_endpoint_is_obeyed_by_everybody_and_over_a_restart() {
    let stage = Stage::logged_in(0, vec![refusal("600")]).await;
    for _ in 0..3 {
        let error = stage.client.me(&ask(60)).await.unwrap_err();
        assert!(matches!(error, SpotifyError::Held { .. }), "{error:?}");
    }
    let mut settings = stage.server.settings();
    settings.fixed_token = None;
    let again = client(settings, &stage.log, &stage.tokens, &stage.clock).await;
    let error = again.recently_played(&ask(60)).await.unwrap_err();
    assert!(matches!(error, SpotifyError::Held { .. }), "{error:?}");
    assert_eq!(stage.server.asked().len(), 1);
    stage.clock.pass(Duration::from_mins(10));
    stage.server.then(answer(200, RENEWED));
    stage.server.then(answer(200, ME));
    stage.client.me(&ask(60)).await.unwrap();
}

#[tokio::test]
async fn a_token_is_not_used_before_it_is_saved_nor_fetched_twice() {
    let stage = Stage::logged_in(0, vec![answer(200, ROTATED)]).await;
    *stage.tokens.is_full.lock().unwrap() = true;
    for _ in 0..2 {
        assert_eq!(stage.client.me(&ask(0)).await.unwrap_err().to_string(), "the disk is full");
    }
    *stage.tokens.is_full.lock().unwrap() = false;
    stage.server.then(answer(200, ME));
    stage.client.me(&ask(0)).await.unwrap();
    assert_eq!(stage.server.asked(), [asked_token(), asked_me("new-access")]);
    let stored = stage.tokens.token.lock().unwrap().clone().unwrap();
    assert_eq!(stored.refresh_token.expose_secret(), "new-refresh");
}

#[tokio::test]
async fn a_login_made_meanwhile_is_taken_up_instead_of_overwritten() {
    let stage = Stage::logged_in(3_600, vec![answer(200, ME), answer(200, ME)]).await;
    stage.client.me(&ask(0)).await.unwrap();
    let mut newer = login(&stage.clock, 7_200);
    newer.access_token = "other-access".into();
    newer.authorized_at = stage.clock.now();
    *stage.tokens.token.lock().unwrap() = Some(newer);
    stage.clock.pass(Duration::from_secs(3_590));
    stage.client.me(&ask(0)).await.unwrap();
    assert_eq!(stage.server.asked()[1], asked_me("other-access"));
}

#[tokio::test]
async fn without_a_login_nothing_is_sent_and_the_next_step_is_named() {
    let stage = Stage::logged_in(3_600, Vec::new()).await;
    *stage.tokens.token.lock().unwrap() = None;
    let error = stage.client.me(&ask(0)).await.unwrap_err();
    assert_eq!(why(&error), "nobody is logged in to Spotify; run `phonolog login`");
    let mut foreign = login(&stage.clock, 3_600);
    foreign.client_id = "another app".to_owned();
    *stage.tokens.token.lock().unwrap() = Some(foreign);
    let error = stage.client.me(&ask(0)).await.unwrap_err();
    assert!(why(&error).contains("another client id"));
    assert!(stage.server.asked().is_empty());
    assert!(stage.log.counted.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_unknown_client_id_needs_a_person_but_spoils_no_token() {
    let unknown = r#"{"error":"invalid_client","error_description":"Invalid client"}"#;
    let stage = Stage::logged_in(0, vec![answer(400, unknown)]).await;
    let error = stage.client.me(&ask(0)).await.unwrap_err();
    assert!(why(&error).contains("client id `app`"), "{error}");
    assert!(!stage.tokens.token.lock().unwrap().clone().unwrap().suspect);
}

#[tokio::test]
async fn two_callers_refresh_once() {
    let stage = Stage::logged_in(0, vec![answer(200, RENEWED), answer(200, ME), answer(200, ME)]).await;
    let (first, second) = (ask(0), ask(0));
    let (one, two) = tokio::join!(stage.client.me(&first), stage.client.me(&second));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(stage.server.asked().len(), 3);
}

#[tokio::test]
async fn consent_ends_six_months_after_the_login() {
    let stage = Stage::logged_in(0, Vec::new()).await;
    assert_eq!(stage.client.consent_ends_at().await.unwrap().to_rfc3339(), "1970-07-01T00:00:00+00:00");
}

const REDIRECT: &str = "http://127.0.0.1:8888/callback";

/// Exchanges a code at a server that answers `scripted`.
async fn exchanged(scripted: Scripted) -> (Result<crate::spotify::StoredToken, LoginError>, String) {
    let server = Server::start(vec![scripted]).await;
    let clock: SharedClock = ManualClock::at(1_000);
    let attempt = LoginAttempt::new(&server.settings(), REDIRECT).unwrap();
    let state = attempt.authorize_url().query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
    let code = attempt.read_redirect(&format!("{REDIRECT}?code=c0de&state={state}")).unwrap();
    let outcome = exchange(&server.settings(), &attempt, &code, &clock).await;
    (outcome, server.asked()[0].with.clone())
}

#[tokio::test]
async fn a_code_becomes_a_login() {
    let (token, form) = exchanged(answer(200, ROTATED)).await;
    let token = token.unwrap();
    assert_eq!(token.refresh_token.expose_secret(), "new-refresh");
    assert_eq!(token.authorized_at.timestamp(), 1_000);
    assert_eq!(token.expires_at.timestamp(), 4_600);
    assert_eq!(token.client_id, "app");
    let form: Vec<_> = form.split('&').collect();
    assert_eq!(
        form[..4],
        [
            "grant_type=authorization_code",
            "code=c0de",
            "redirect_uri=http%3A%2F%2F127.0.0.1%3A8888%2Fcallback",
            "client_id=app",
        ]
    );
    let verifier = form[4].strip_prefix("code_verifier=").unwrap();
    assert!((43..=128).contains(&verifier.len()), "{verifier}");
}

#[tokio::test]
async fn a_failed_exchange_is_one_sentence_with_the_next_step() {
    let unknown = r#"{"error":"invalid_client"}"#;
    let spent = r#"{"error":"invalid_grant","error_description":"Invalid authorization code"}"#;
    for (scripted, words) in [
        (answer(400, unknown), "does not know the client id `app`"),
        (answer(400, spent), "no longer takes this code (Invalid authorization code)"),
        (answer(200, RENEWED), "gave no refresh token"),
        (refusal("9"), "for another 9 s"),
        (answer(503, ""), "answered 503"),
        (answer(200, r#"{"access_token":7}"#), "without a usable access token"),
    ] {
        let (outcome, _) = exchanged(scripted).await;
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(!error.contains("new-access"), "{error}");
    }
}
