//! A person's login: read for each request, refreshed in time, stored before it is used.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::acceptance::Bearer;
use super::credentials::{SharedAcceptance, TokenRequest, needs_login};
use super::token_endpoint::{TokenFailure, TokenGrant, ask_for_token};
use super::token_text::is_usable;
use crate::clock::SharedClock;
use crate::spotify::error::{PortError, SpotifyError};
use crate::spotify::gate::RequestGate;
use crate::spotify::http::Http;
use crate::spotify::max_wait::{RemainingWait, with_grace};
use crate::spotify::ports::{TokenCommit, TokenSlot, TokenStore};
use crate::spotify::stored_token::StoredToken;

/// An access token that expires sooner than this is replaced before it is used.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(60);
/// How long to wait for an answer of the token endpoint after a cancel: an unsaved new refresh
/// token would cost the person a login.
const GRACE: Duration = Duration::from_secs(4);
/// How often the stored login may change during one request.
const MOST_CHANGES: u32 = 3;

/// A login; this process refreshes it only here.
pub(super) struct LoginTokens {
    client_id: Option<String>,
    http: Http,
    gate: RequestGate,
    tokens: Arc<dyn TokenStore>,
    clock: SharedClock,
    acceptance: SharedAcceptance,
    /// A fetched login that may not be used before it is stored.
    unsaved: Mutex<Option<Renewal>>,
}

/// A login before and after a refresh.
#[derive(Clone)]
struct Renewal {
    old: StoredToken,
    new: StoredToken,
}

impl LoginTokens {
    pub(super) fn new(
        client_id: Option<String>,
        http: Http,
        gate: RequestGate,
        tokens: Arc<dyn TokenStore>,
        clock: SharedClock,
        acceptance: SharedAcceptance,
    ) -> Self {
        Self { client_id, http, gate, tokens, clock, acceptance, unsaved: Mutex::default() }
    }

    pub(super) async fn bearer(&self, request: &TokenRequest<'_>) -> Result<Bearer, SpotifyError> {
        let mut unsaved = self.unsaved.lock().await;
        if let Some(renewal) = unsaved.clone() {
            let slot = self.tokens.reserve().await?;
            self.commit(&mut unsaved, slot, renewal).await?;
        }
        for _ in 0..MOST_CHANGES {
            let token = self.usable().await?;
            if self.is_good(&token, request.rejected) {
                return Ok(bearer_of(&token));
            }
            // A full disk must be noticed while the old refresh token is still valid. After the
            // room was made, the login is read again, since a login left by a killed process may
            // have been found.
            let slot = self.tokens.reserve().await?;
            let token = self.usable().await?;
            if self.is_good(&token, request.rejected) {
                return Ok(bearer_of(&token));
            }
            if let Some(renewal) = self.renew(token, request).await? {
                let bearer = bearer_of(&renewal.new);
                let is_good = !renewal.new.suspect;
                if self.commit(&mut unsaved, slot, renewal).await? == TokenCommit::Stored && is_good {
                    return Ok(bearer);
                }
            }
        }
        Err(PortError(
            "the login changed while it was being renewed; the next try uses the new one".to_owned(),
        )
        .into())
    }

    /// The login on disk. A person may have logged in or out since the last read.
    pub(super) async fn stored(&self) -> Result<StoredToken, SpotifyError> {
        // A login that cannot be read needs a person, like a missing one.
        let stored = self.tokens.load().await.map_err(|error| needs_login(&error.to_string()))?;
        stored.ok_or_else(|| needs_login("you are not logged in to Spotify; run `phonolog login`"))
    }

    /// The login on disk, unless it needs a person.
    async fn usable(&self) -> Result<StoredToken, SpotifyError> {
        let token = self.stored().await?;
        if self.client_id.as_ref().is_some_and(|id| *id != token.client_id) {
            return Err(needs_login(
                "the login belongs to another client id than the configured one; run `phonolog login`",
            ));
        }
        if token.refresh_token.expose_secret().is_empty() {
            return Err(over(&token));
        }
        let (bearer, now) = (bearer_of(&token), self.clock.elapsed());
        let mut acceptance = self.acceptance.lock();
        if token.suspect && !acceptance.was_refused(&bearer) {
            acceptance.refuse(&bearer, over(&token), now);
        }
        acceptance.check(&bearer, now)?;
        Ok(token)
    }

    fn is_good(&self, token: &StoredToken, rejected: Option<&SecretString>) -> bool {
        let access = &token.access_token;
        let is_spoiled = rejected.is_some_and(|old| old.expose_secret() == access.expose_secret());
        !token.suspect && !is_spoiled && is_usable(access) && token.expires_at - self.clock.now() > FRESH_FOR
    }

    /// The login with a new access token, or marked if Spotify no longer accepts it; `None` if it
    /// is marked already.
    async fn renew(
        &self,
        old: StoredToken,
        request: &TokenRequest<'_>,
    ) -> Result<Option<Renewal>, SpotifyError> {
        if let Some(grant) = self.fetch(&old, request).await? {
            let new = self.renewed(&old, grant);
            self.acceptance.lock().fetched(bearer_of(&new), self.clock.elapsed());
            return Ok(Some(Renewal { old, new }));
        }
        self.acceptance.lock().refuse(&bearer_of(&old), over(&old), self.clock.elapsed());
        let new = StoredToken { suspect: true, ..old.clone() };
        Ok((!old.suspect).then_some(Renewal { old, new }))
    }

    /// A new access token, or `None` if Spotify no longer accepts the login. Repeats the request
    /// until the answer is not 429; the gate decides how long to wait in between, or to stop.
    async fn fetch(
        &self,
        old: &StoredToken,
        request: &TokenRequest<'_>,
    ) -> Result<Option<TokenGrant>, SpotifyError> {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", old.refresh_token.expose_secret()),
            ("client_id", old.client_id.as_str()),
        ];
        let mut wait = RemainingWait::of(request.ask);
        loop {
            let permit = self.gate.enter_for_token(request.bucket, wait.ask()).await?;
            let asking = ask_for_token(&self.http, &form);
            let answer = with_grace(asking, request.ask, &self.clock, GRACE).await;
            match answer.ok_or(SpotifyError::Cancelled)? {
                Ok(grant) => return Ok(Some(grant)),
                Err(TokenFailure::InvalidGrant(said)) => {
                    tracing::warn!(said, "Spotify no longer accepts the login; it is kept aside");
                    return Ok(None);
                }
                Err(TokenFailure::InvalidClient) => {
                    let why = unknown_client(&old.client_id);
                    self.acceptance.lock().refuse(&bearer_of(old), why.clone(), self.clock.elapsed());
                    return Err(why);
                }
                Err(TokenFailure::Other(error)) => return Err(error),
                Err(TokenFailure::Refused(refusal)) => {
                    permit.refused(refusal).await?;
                    wait.refused();
                }
            }
        }
    }

    fn renewed(&self, old: &StoredToken, grant: TokenGrant) -> StoredToken {
        StoredToken {
            expires_at: self.clock.now() + grant.life,
            access_token: grant.access_token,
            refresh_token: grant.refresh_token.unwrap_or_else(|| old.refresh_token.clone()),
            authorized_at: old.authorized_at,
            scope: grant.scope.unwrap_or_else(|| old.scope.clone()),
            client_id: old.client_id.clone(),
            suspect: false,
            renewals: old.renewals.saturating_add(1),
        }
    }

    /// Stores a renewal. Drops it if the login on disk has changed meanwhile, because that one is
    /// right.
    async fn commit(
        &self,
        unsaved: &mut Option<Renewal>,
        slot: Box<dyn TokenSlot>,
        renewal: Renewal,
    ) -> Result<TokenCommit, SpotifyError> {
        *unsaved = Some(renewal.clone());
        let committed = slot.commit(renewal.old, renewal.new).await?;
        if committed == TokenCommit::Superseded {
            tracing::info!(
                "the login was replaced or deleted while it was being renewed; using the stored one"
            );
        }
        *unsaved = None;
        Ok(committed)
    }
}

fn bearer_of(token: &StoredToken) -> Bearer {
    Bearer { token: token.access_token.clone(), login: token.login() }
}

fn over(token: &StoredToken) -> SpotifyError {
    needs_login(&format!(
        "Spotify no longer accepts the login of {}; run `phonolog login`",
        token.authorized_at.format("%Y-%m-%d")
    ))
}

fn unknown_client(client_id: &str) -> SpotifyError {
    needs_login(&format!(
        "Spotify does not know the client id `{client_id}`; compare PHONOLOG_CLIENT_ID with your app at https://developer.spotify.com/dashboard, then run `phonolog login`"
    ))
}
