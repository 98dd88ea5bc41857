//! The user of a login is checked before any other request with it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::server::{Asked, Scripted, answer, refusal};
use super::support::{Stage, ask, login};
use crate::clock::Clock;
use crate::domain::User;
use crate::spotify::{AccountVerifier, LoginId, PortError, SpotifyError, Verification};

const ME: &str = r#"{"id":"smith"}"#;
const STRANGER: &str = r#"{"id":"jones"}"#;
const PLAYS: &str = r#"{"items":[]}"#;

/// A database that belongs to smith.
#[derive(Default)]
struct Record {
    verified: Mutex<Option<LoginId>>,
    is_broken: Mutex<bool>,
}

impl AccountVerifier for Record {
    fn was_verified(&self, login: LoginId) -> BoxFuture<'_, Result<bool, PortError>> {
        Box::pin(async move { Ok(*self.verified.lock().unwrap() == Some(login)) })
    }

    fn verify<'a>(
        &'a self,
        login: LoginId,
        user: &'a User,
    ) -> BoxFuture<'a, Result<Verification, PortError>> {
        Box::pin(async move {
            if *self.is_broken.lock().unwrap() {
                return Err(PortError("the disk is full".to_owned()));
            }
            if user.id != "smith" {
                return Ok(Verification::Stranger(format!("this is {}'s", user.id)));
            }
            *self.verified.lock().unwrap() = Some(login);
            Ok(Verification::Owner)
        })
    }
}

/// A client with a login that writes into smith's database.
async fn stage(script: Vec<Scripted>) -> (Stage, Arc<Record>) {
    let mut stage = Stage::logged_in(86_400, script).await;
    let record = Arc::new(Record::default());
    stage.client = stage.client.verified_by(record.clone());
    (stage, record)
}

fn replace_login(stage: &Stage, access_token: &str) {
    let mut newer = login(&stage.clock, 86_400);
    newer.authorized_at = stage.clock.now();
    newer.access_token = access_token.into();
    *stage.tokens.token.lock().unwrap() = Some(newer);
}

/// The last segment of each requested path, and the token.
fn paths(stage: &Stage) -> Vec<(String, String)> {
    let of = |asked: Asked| {
        let end = asked.what.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
        (end, asked.with.trim_start_matches("Bearer ").to_owned())
    };
    stage.server.asked().into_iter().map(of).collect()
}

fn sent(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(what, with)| ((*what).to_owned(), (*with).to_owned())).collect()
}

#[tokio::test]
async fn each_login_is_verified_once_before_anything_else_is_asked_with_it() {
    let (stage, _) = stage(vec![
        answer(200, ME),
        answer(200, PLAYS),
        answer(200, PLAYS),
        answer(200, ME),
        answer(200, PLAYS),
    ])
    .await;
    assert!(stage.client.verify_login(&ask(0)).await.unwrap());
    assert!(!stage.client.verify_login(&ask(0)).await.unwrap());
    stage.client.recently_played(&ask(0)).await.unwrap();
    stage.client.recently_played(&ask(0)).await.unwrap();
    replace_login(&stage, "newer");
    stage.client.recently_played(&ask(0)).await.unwrap();
    let (old, new) = ("old-access", "newer");
    assert_eq!(
        paths(&stage),
        sent(&[
            ("me", old),
            ("recently-played", old),
            ("recently-played", old),
            ("me", new),
            ("recently-played", new)
        ])
    );
}

#[tokio::test]
async fn a_stranger_s_login_is_asked_nothing_more_until_it_changes() {
    let (stage, _) = stage(vec![answer(200, STRANGER)]).await;
    for _ in 0..3 {
        let error = stage.client.recently_played(&ask(0)).await.unwrap_err();
        assert_eq!(error, SpotifyError::NeedsLogin { why: "this is jones's".to_owned() });
        stage.client.verify_login(&ask(0)).await.unwrap_err();
        stage.clock.permit(Duration::from_hours(7));
    }
    assert_eq!(stage.server.asked().len(), 1);
    replace_login(&stage, "newer");
    stage.server.then(answer(200, ME));
    stage.server.then(answer(200, PLAYS));
    stage.client.recently_played(&ask(0)).await.unwrap();
}

#[tokio::test]
async fn while_me_is_held_only_a_login_that_was_verified_before_goes_on() {
    let (stage, record) = stage(vec![refusal("3600")]).await;
    let error = stage.client.recently_played(&ask(0)).await.unwrap_err();
    assert!(matches!(error, SpotifyError::Held { .. }), "{error:?}");
    assert_eq!(paths(&stage), sent(&[("me", "old-access")]));

    let old = stage.tokens.token.lock().unwrap().clone().unwrap().login();
    *record.verified.lock().unwrap() = Some(old);
    stage.server.then(answer(200, PLAYS));
    stage.clock.permit(Duration::from_secs(3_599));
    // The hold of `me` does not hold the player; this login is verified.
    stage.client.recently_played(&ask(0)).await.unwrap();
    replace_login(&stage, "newer");
    let error = stage.client.recently_played(&ask(0)).await.unwrap_err();
    assert!(matches!(error, SpotifyError::Held { .. }), "{error:?}");
    assert_eq!(stage.server.asked().len(), 2);
}

#[tokio::test]
async fn a_record_that_cannot_be_asked_lets_nobody_in() {
    let (stage, record) = stage(vec![answer(200, ME)]).await;
    *record.is_broken.lock().unwrap() = true;
    let error = stage.client.recently_played(&ask(0)).await.unwrap_err();
    assert_eq!(error.to_string(), "the disk is full");
    *record.is_broken.lock().unwrap() = false;
    stage.server.then(answer(200, ME));
    stage.server.then(answer(200, PLAYS));
    stage.client.recently_played(&ask(0)).await.unwrap();
}
