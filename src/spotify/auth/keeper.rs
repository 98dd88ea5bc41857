//! The token that each request carries: loaded, refreshed in time, saved before it is used.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::token_endpoint::{Grant, TokenFailure, ask_for_token};
use crate::clock::SharedClock;
use crate::domain::Bucket;
use crate::spotify::client::ClientSettings;
use crate::spotify::error::SpotifyError;
use crate::spotify::gate::{Ask, Gate};
use crate::spotify::http::Http;
use crate::spotify::patience::{Patience, with_grace};
use crate::spotify::ports::{StoredToken, TokenStore};

/// An access token that ends sooner is replaced before it is used.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(60);
/// How long an answer of the token endpoint is still awaited after a cancel: an unsaved new refresh token
/// would cost the person a login.
const GRACE: Duration = Duration::from_secs(4);

/// What lets us in.
pub(in crate::spotify) enum Credentials {
    /// A bearer token used as it is.
    Fixed(SecretString),
    /// A person's login.
    Login(Box<Keeper>),
}

/// For whom a token is wanted.
pub(in crate::spotify) struct Errand<'a> {
    /// Where the request goes that will carry it.
    pub(in crate::spotify) bucket: Bucket,
    /// How its caller wants to be treated.
    pub(in crate::spotify) ask: &'a Ask,
    /// The access token that was just answered with 401, if one was.
    pub(in crate::spotify) spoiled: Option<&'a SecretString>,
}

impl Credentials {
    pub(in crate::spotify) fn new(
        settings: ClientSettings,
        http: Http,
        gate: Gate,
        tokens: Arc<dyn TokenStore>,
        clock: SharedClock,
    ) -> Self {
        if let Some(token) = settings.fixed_token {
            return Self::Fixed(token);
        }
        let (client_id, kept) = (settings.client_id, Mutex::default());
        Self::Login(Box::new(Keeper { http, client_id, gate, tokens, clock, kept }))
    }

    /// An access token that is neither `spoiled` nor about to end.
    pub(in crate::spotify) async fn bearer(&self, errand: &Errand<'_>) -> Result<SecretString, SpotifyError> {
        match self {
            Self::Fixed(_) if errand.spoiled.is_some() => Err(needs_login(
                "Spotify does not accept the token in PHONOLOG_ACCESS_TOKEN; set a valid one, or unset it and run `phonolog login`",
            )),
            Self::Fixed(token) => Ok(token.clone()),
            Self::Login(keeper) => keeper.bearer(errand).await,
        }
    }

    /// When the person's consent ends, where a login tells it.
    pub(in crate::spotify) async fn consent_ends_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Fixed(_) => None,
            Self::Login(keeper) => keeper.tokens.load().await.ok()??.consent_ends_at(),
        }
    }
}

/// A login and the only one who refreshes it.
pub(in crate::spotify) struct Keeper {
    http: Http,
    client_id: Option<String>,
    gate: Gate,
    tokens: Arc<dyn TokenStore>,
    clock: SharedClock,
    kept: Mutex<Kept>,
}

/// The login as last seen.
#[derive(Default)]
struct Kept {
    token: Option<StoredToken>,
    /// `token` could not be saved yet, and is not used before it is.
    unsaved: bool,
}

impl Keeper {
    async fn bearer(&self, errand: &Errand<'_>) -> Result<SecretString, SpotifyError> {
        let mut kept = self.kept.lock().await;
        if let Some(token) = kept.token.as_ref().filter(|_| !kept.unsaved)
            && self.is_good(token, errand.spoiled)
        {
            return Ok(token.access_token.clone());
        }
        self.catch_up(&mut kept).await?;
        let token = self.usable(kept.token.as_ref())?;
        if self.is_good(token, errand.spoiled) {
            return Ok(token.access_token.clone());
        }
        self.refresh(&mut kept, errand).await
    }

    /// Somebody may have logged in or out since: the store is right, except about what it failed to save.
    async fn catch_up(&self, kept: &mut Kept) -> Result<(), SpotifyError> {
        // A login that cannot be had is for a person to mend, like one that is not there.
        let stored = self.tokens.load().await.map_err(|error| needs_login(&error.to_string()))?;
        let is_of_this_login = |ours: &StoredToken| {
            stored.as_ref().is_some_and(|stored| stored.authorized_at == ours.authorized_at)
        };
        if kept.unsaved && kept.token.as_ref().is_some_and(is_of_this_login) {
            return self.save(kept).await;
        }
        *kept = Kept { token: stored, unsaved: false };
        Ok(())
    }

    fn is_good(&self, token: &StoredToken, spoiled: Option<&SecretString>) -> bool {
        let is_spoiled = spoiled.is_some_and(|old| old.expose_secret() == token.access_token.expose_secret());
        !token.suspect && !is_spoiled && token.expires_at - self.clock.now() > FRESH_FOR
    }

    /// The login, unless only a person can help.
    fn usable<'a>(&self, token: Option<&'a StoredToken>) -> Result<&'a StoredToken, SpotifyError> {
        let token =
            token.ok_or_else(|| needs_login("nobody is logged in to Spotify; run `phonolog login`"))?;
        if self.client_id.as_ref().is_some_and(|id| *id != token.client_id) {
            return Err(needs_login(
                "the login belongs to another client id than the configured one; run `phonolog login`",
            ));
        }
        if token.suspect {
            return Err(over(token));
        }
        Ok(token)
    }

    async fn refresh(&self, kept: &mut Kept, errand: &Errand<'_>) -> Result<SecretString, SpotifyError> {
        let old = self.usable(kept.token.as_ref())?.clone();
        let token = match self.fetch(&old, errand).await? {
            Some(grant) => self.renewed(&old, grant),
            None => StoredToken { suspect: true, ..old },
        };
        kept.token = Some(token);
        kept.unsaved = true;
        self.save(kept).await?;
        let token = self.usable(kept.token.as_ref())?;
        Ok(token.access_token.clone())
    }

    /// A new access token, or `None` where Spotify no longer accepts the login. Asks until it gets another
    /// answer than 429; the gate says how long to wait in between, or not to.
    async fn fetch(&self, old: &StoredToken, errand: &Errand<'_>) -> Result<Option<Grant>, SpotifyError> {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", old.refresh_token.expose_secret()),
            ("client_id", old.client_id.as_str()),
        ];
        let mut patience = Patience::of(errand.ask);
        loop {
            let pass = self.gate.enter_for_token(errand.bucket, patience.ask()).await?;
            let asking = ask_for_token(&self.http, &form);
            let answer = with_grace(asking, errand.ask, &self.clock, GRACE).await;
            match answer.ok_or(SpotifyError::Cancelled)? {
                Ok(grant) => return Ok(Some(grant)),
                Err(TokenFailure::InvalidGrant(said)) => {
                    tracing::warn!(said, "Spotify no longer accepts the login; it is kept aside");
                    return Ok(None);
                }
                Err(TokenFailure::InvalidClient) => return Err(unknown_client(&old.client_id)),
                Err(TokenFailure::Other(error)) => return Err(error),
                Err(TokenFailure::Refused(refusal)) => {
                    pass.refused(refusal).await?;
                    patience.refused();
                }
            }
        }
    }

    fn renewed(&self, old: &StoredToken, grant: Grant) -> StoredToken {
        StoredToken {
            expires_at: self.clock.now() + grant.life(),
            access_token: grant.access_token,
            refresh_token: grant.refresh_token.unwrap_or_else(|| old.refresh_token.clone()),
            authorized_at: old.authorized_at,
            scope: grant.scope.unwrap_or_else(|| old.scope.clone()),
            client_id: old.client_id.clone(),
            suspect: false,
        }
    }

    async fn save(&self, kept: &mut Kept) -> Result<(), SpotifyError> {
        if let Some(token) = &kept.token {
            self.tokens.save(token).await?;
        }
        kept.unsaved = false;
        Ok(())
    }
}

fn needs_login(why: &str) -> SpotifyError {
    SpotifyError::NeedsLogin { why: why.to_owned() }
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
