//! Tokens: refreshed in time, stored before use, given up only when Spotify says so.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use secrecy::ExposeSecret;
use tokio::sync::Notify;

use super::ManualClock;
use super::server::{Asked, Scripted, Server, answer, refusal};
use super::support::{Stage, ask, client, login};
use crate::clock::{Clock, SharedClock};
use crate::spotify::{LoginAttempt, LoginError, SpotifyError, exchange};

const ME: &str = r#"{"id":"smith"}"#;
/// Spotify's answer to a refresh since mid-2026: no new refresh token.
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

/// Calls that fail because there is no login, without a request.
async fn refuses_in_silence(stage: &Stage) {
    let before = stage.server.asked().len();
    for _ in 0..3 {
        why(&stage.client.me(&ask(0)).await.unwrap_err());
    }
    assert_eq!(stage.server.asked().len(), before);
}

#[tokio::test]
async fn a_second_401_needs_a_person_and_is_probed_ever_more_rarely() {
    let stage = Stage::logged_in(90_000, vec![answer(401, ""), answer(200, RENEWED), answer(401, "")]).await;
    let error = stage.client.me(&ask(0)).await.unwrap_err();
    assert!(why(&error).contains("phonolog login"));
    assert_eq!(stage.server.asked().len(), 3);
    let first = [answer(401, ""), answer(200, RENEWED), answer(401, "")];
    // Later the token has expired, and its replacement is rejected, too.
    let later = || [answer(200, RENEWED), answer(401, "")];
    let probes = [(15, first.into_iter().collect()), (60, Vec::from(later())), (360, Vec::from(later()))];
    for (minutes, script) in probes {
        refuses_in_silence(&stage).await;
        stage.clock.permit(Duration::from_mins(minutes).saturating_sub(Duration::from_secs(1)));
        refuses_in_silence(&stage).await;
        stage.clock.permit(Duration::from_secs(1));
        let asked = stage.server.asked().len() + script.len();
        for scripted in script {
            stage.server.then(scripted);
        }
        why(&stage.client.me(&ask(0)).await.unwrap_err());
        assert_eq!(stage.server.asked().len(), asked, "{minutes}");
    }
    stage.clock.permit(Duration::from_hours(6));
    for scripted in [answer(200, RENEWED), answer(200, ME), answer(200, ME)] {
        stage.server.then(scripted);
    }
    stage.client.me(&ask(0)).await.unwrap();
    stage.client.me(&ask(0)).await.unwrap();
}

#[tokio::test]
async fn a_login_that_was_refused_is_tried_at_once_when_it_has_changed() {
    let stage = Stage::logged_in(3_600, vec![answer(401, ""), answer(200, RENEWED), answer(401, "")]).await;
    why(&stage.client.me(&ask(0)).await.unwrap_err());
    let mut newer = login(&stage.clock, 3_600);
    newer.authorized_at = stage.clock.now();
    *stage.tokens.token.lock().unwrap() = Some(newer);
    stage.server.then(answer(200, ME));
    stage.client.me(&ask(0)).await.unwrap();
}

#[tokio::test]
async fn a_fixed_token_is_never_refreshed_and_once_refused_only_probed() {
    let stage = Stage::new(vec![answer(401, "")]).await;
    let error = stage.client.me(&ask(0)).await.unwrap_err();
    assert!(why(&error).contains("PHONOLOG_ACCESS_TOKEN"));
    assert_eq!(stage.server.asked(), [asked_me("fixed")]);
    assert_eq!(stage.log.counted.lock().unwrap().len(), 1);
    assert_eq!(stage.client.consent_ends_at().await, None);
    stage.clock.permit(Duration::from_secs(899));
    refuses_in_silence(&stage).await;
    stage.clock.permit(Duration::from_secs(1));
    stage.server.then(answer(401, ""));
    why(&stage.client.me(&ask(0)).await.unwrap_err());
    stage.clock.permit(Duration::from_secs(3_599));
    refuses_in_silence(&stage).await;
    stage.clock.permit(Duration::from_secs(1));
    stage.server.then(answer(200, ME));
    stage.server.then(answer(200, ME));
    stage.client.me(&ask(0)).await.unwrap();
    stage.client.me(&ask(0)).await.unwrap();
}

#[tokio::test]
async fn a_401_that_misses_the_token_is_tried_again_with_it() {
    let missing = r#"{"error":{"status":401,"message":"No token provided"}}"#;
    let stage = Stage::logged_in(3_600, vec![answer(401, missing), answer(200, ME)]).await;
    stage.client.me(&ask(0)).await.unwrap();
    assert_eq!(stage.server.asked(), [asked_me("old-access"), asked_me("old-access")]);
    let stage = Stage::new(vec![answer(401, missing), answer(200, ME)]).await;
    stage.client.me(&ask(0)).await.unwrap();
    let stage = Stage::new(vec![answer(401, missing), answer(401, missing)]).await;
    why(&stage.client.me(&ask(0)).await.unwrap_err());
    let script = vec![answer(401, missing), answer(401, missing), answer(200, RENEWED), answer(200, ME)];
    let stage = Stage::logged_in(3_600, script).await;
    stage.client.me(&ask(0)).await.unwrap();
}

#[tokio::test]
async fn a_storm_of_401s_costs_no_refresh_for_each() {
    let stage = Stage::logged_in(3_600, vec![answer(401, ""), answer(200, RENEWED), answer(200, ME)]).await;
    stage.client.me(&ask(0)).await.unwrap();
    for _ in 0..20 {
        stage.server.then(answer(401, ""));
        stage.server.then(answer(200, ME));
        stage.client.me(&ask(0)).await.unwrap();
        stage.clock.permit(Duration::from_secs(1));
    }
    let asked = stage.server.asked();
    assert_eq!(asked.iter().filter(|asked| asked.what.contains("token")).count(), 1);
    // An expired token is replaced, however young it is.
    for scripted in [answer(401, ""), answer(401, ""), answer(200, ROTATED), answer(200, ME)] {
        stage.server.then(scripted);
    }
    stage.client.me(&ask(0)).await.unwrap();
}

#[tokio::test]
async fn a_token_that_no_header_can_carry_is_never_sent() {
    let mut settings = Stage::new(Vec::new()).await.server.settings();
    settings.fixed_token = Some("a\r\nX-Other: 1".into());
    let stage = Stage::logged_in(3_600, vec![answer(200, ROTATED), answer(200, ME)]).await;
    let fixed = client(settings, &stage.log, &stage.tokens, &stage.clock).await;
    assert!(why(&fixed.me(&ask(0)).await.unwrap_err()).contains("invalid characters"));
    // An older version stored any token.
    stage.tokens.token.lock().unwrap().as_mut().unwrap().access_token = "a\nb".into();
    stage.client.me(&ask(0)).await.unwrap();
    assert_eq!(stage.server.asked(), [asked_token(), asked_me("new-access")]);
}

#[tokio::test]
async fn what_a_token_answer_cannot_say_leaves_the_login_as_it_was() {
    for body in [
        r#"{"access_token":"a\nb","refresh_token":"new-refresh","expires_in":3600}"#,
        r#"{"access_token":"","refresh_token":"new-refresh"}"#,
        r#"{"refresh_token":"new-refresh"}"#,
    ] {
        let stage = Stage::logged_in(0, vec![answer(200, body)]).await;
        let error = stage.client.me(&ask(0)).await.unwrap_err();
        assert!(error.to_string().contains("without a usable access token"), "{error}");
        assert_eq!(*stage.tokens.saves.lock().unwrap(), 0);
    }
    let empty = r#"{"access_token":"new-access","refresh_token":"","expires_in":"3600"}"#;
    let stage = Stage::logged_in(0, vec![answer(200, empty), answer(200, ME), answer(200, ME)]).await;
    stage.client.me(&ask(0)).await.unwrap();
    stage.client.me(&ask(0)).await.unwrap();
    let stored = stage.tokens.token.lock().unwrap().clone().unwrap();
    assert_eq!(stored.refresh_token.expose_secret(), "old-refresh");
    assert_eq!(stored.expires_at, stage.clock.now() + TimeDelta::seconds(3_600));
}

#[tokio::test]
async fn no_message_repeats_what_lets_us_in() {
    let quoting = r#"{"error":"invalid_scope","error_description":"old-refresh is not known"}"#;
    let stage = Stage::logged_in(0, vec![answer(400, quoting)]).await;
    let error = stage.client.me(&ask(0)).await.unwrap_err().to_string();
    assert!(error.contains("… is not known") && !error.contains("old-refresh"), "{error}");
    let quoting = r#"{"error":{"status":403,"message":"old-access may not do this"}}"#;
    let stage = Stage::logged_in(3_600, vec![answer(403, quoting)]).await;
    let error = stage.client.me(&ask(0)).await.unwrap_err().to_string();
    assert!(error.contains("… may not do this"), "{error}");
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

    // Spotify has rejected good logins for hours: there is another try, and another process does
    // not make it sooner.
    let mut settings = stage.server.settings();
    settings.fixed_token = None;
    let again = client(settings, &stage.log, &stage.tokens, &stage.clock).await;
    why(&again.me(&ask(0)).await.unwrap_err());
    stage.clock.permit(Duration::from_mins(15));
    stage.server.then(answer(400, INVALID_GRANT));
    why(&again.me(&ask(0)).await.unwrap_err());
    why(&again.me(&ask(0)).await.unwrap_err());
    assert_eq!(stage.server.asked().len(), 2);
    stage.clock.permit(Duration::from_hours(1));
    stage.server.then(answer(200, RENEWED));
    stage.server.then(answer(200, ME));
    again.me(&ask(0)).await.unwrap();
    assert!(!stage.tokens.token.lock().unwrap().clone().unwrap().suspect);

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
    stage.clock.permit(Duration::from_mins(10));
    stage.server.then(answer(200, RENEWED));
    stage.server.then(answer(200, ME));
    stage.client.me(&ask(60)).await.unwrap();
}

#[tokio::test]
async fn a_token_is_not_used_before_it_is_saved_nor_fetched_twice() {
    let stage = Stage::logged_in(0, vec![answer(200, ROTATED)]).await;
    *stage.tokens.is_broken.lock().unwrap() = true;
    for _ in 0..2 {
        assert_eq!(stage.client.me(&ask(0)).await.unwrap_err().to_string(), "the disk is broken");
    }
    *stage.tokens.is_broken.lock().unwrap() = false;
    stage.server.then(answer(200, ME));
    stage.client.me(&ask(0)).await.unwrap();
    assert_eq!(stage.server.asked(), [asked_token(), asked_me("new-access")]);
    let stored = stage.tokens.token.lock().unwrap().clone().unwrap();
    assert_eq!(stored.refresh_token.expose_secret(), "new-refresh");
}

#[tokio::test]
async fn without_room_for_a_new_login_the_old_one_is_not_spent() {
    let stage = Stage::logged_in(0, Vec::new()).await;
    *stage.tokens.is_full.lock().unwrap() = true;
    assert_eq!(stage.client.me(&ask(0)).await.unwrap_err().to_string(), "the disk is full");
    assert!(stage.server.asked().is_empty());
}

/// Starts a refresh, changes the stored login meanwhile, and completes the refresh with `answered`.
async fn changed_during_a_refresh(
    answered: (u16, &'static str),
    change: impl FnOnce(&Stage),
) -> (Stage, Result<(), SpotifyError>) {
    let end = Arc::new(Notify::new());
    let (status, body) = answered;
    let stage =
        Stage::logged_in(0, vec![Scripted::Held(Arc::clone(&end), status, body), answer(200, ME)]).await;
    let meanwhile = async {
        stage.server.wait_for_requests(1).await;
        change(&stage);
        end.notify_one();
    };
    let asking = ask(0);
    let (outcome, ()) = tokio::join!(stage.client.me(&asking), meanwhile);
    (stage, outcome.map(drop))
}

#[tokio::test]
async fn a_refresh_under_way_replaces_no_login_made_meanwhile() {
    for answered in [(200, ROTATED), (400, INVALID_GRANT)] {
        let (stage, outcome) = changed_during_a_refresh(answered, |stage| {
            let mut newer = login(&stage.clock, 7_200);
            newer.access_token = "other-access".into();
            newer.refresh_token = "other-refresh".into();
            newer.authorized_at = stage.clock.now();
            *stage.tokens.token.lock().unwrap() = Some(newer);
        })
        .await;
        outcome.unwrap();
        assert_eq!(stage.server.asked(), [asked_token(), asked_me("other-access")]);
        let stored = stage.tokens.token.lock().unwrap().clone().unwrap();
        assert_eq!(stored.refresh_token.expose_secret(), "other-refresh");
        assert!(!stored.suspect);
    }
}

#[tokio::test]
async fn a_refresh_under_way_brings_no_login_back_that_was_dropped() {
    let dropped = |stage: &Stage| *stage.tokens.token.lock().unwrap() = None;
    let (stage, outcome) = changed_during_a_refresh((200, ROTATED), dropped).await;
    assert!(why(&outcome.unwrap_err()).contains("you are not logged in"));
    assert!(stage.tokens.token.lock().unwrap().is_none());
}

#[tokio::test]
async fn a_login_that_is_gone_is_not_used_any_longer() {
    let stage = Stage::logged_in(3_600, vec![answer(200, ME)]).await;
    stage.client.me(&ask(0)).await.unwrap();
    *stage.tokens.token.lock().unwrap() = None;
    why(&stage.client.me(&ask(0)).await.unwrap_err());
}

#[tokio::test]
async fn a_login_made_meanwhile_is_taken_up_instead_of_overwritten() {
    let stage = Stage::logged_in(3_600, vec![answer(200, ME), answer(200, ME)]).await;
    stage.client.me(&ask(0)).await.unwrap();
    let mut newer = login(&stage.clock, 7_200);
    newer.access_token = "other-access".into();
    newer.authorized_at = stage.clock.now();
    *stage.tokens.token.lock().unwrap() = Some(newer);
    stage.clock.permit(Duration::from_secs(3_590));
    stage.client.me(&ask(0)).await.unwrap();
    assert_eq!(stage.server.asked()[1], asked_me("other-access"));
}

#[tokio::test]
async fn without_a_login_nothing_is_sent_and_the_next_step_is_named() {
    let stage = Stage::logged_in(3_600, Vec::new()).await;
    *stage.tokens.token.lock().unwrap() = None;
    let error = stage.client.me(&ask(0)).await.unwrap_err();
    assert_eq!(why(&error), "you are not logged in to Spotify; run `phonolog login`");
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
    refuses_in_silence(&stage).await;
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
        (answer(400, spent), "no longer accepts this code (Invalid authorization code)"),
        (answer(200, RENEWED), "sent no refresh token"),
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
