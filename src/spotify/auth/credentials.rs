//! Our credentials: a given token, or a person's login; and what Spotify last said about them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::acceptance::{Acceptance, Bearer, TokenAge};
use super::login_tokens::LoginTokens;
use super::token_text::is_usable;
use crate::clock::SharedClock;
use crate::domain::Bucket;
use crate::spotify::client::ClientSettings;
use crate::spotify::error::SpotifyError;
use crate::spotify::gate::{RequestGate, RequestOptions};
use crate::spotify::http::Http;
use crate::spotify::ports::{LoginId, TokenStore};
use crate::spotify::stored_token::StoredToken;

/// Our credentials.
pub(in crate::spotify) struct Credentials {
    source: TokenSource,
    acceptance: SharedAcceptance,
    clock: SharedClock,
}

enum TokenSource {
    /// A bearer token that is used without change.
    Fixed(SecretString),
    /// A person's login.
    Login(Box<LoginTokens>),
}

/// What Spotify last said about the login, shared by the code that receives answers and the code
/// that sends requests.
#[derive(Clone, Default)]
pub(super) struct SharedAcceptance(Arc<Mutex<Acceptance>>);

impl SharedAcceptance {
    pub(super) fn lock(&self) -> MutexGuard<'_, Acceptance> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a token is needed.
pub(in crate::spotify) struct TokenRequest<'a> {
    /// The bucket of the request that will carry it.
    pub(in crate::spotify) bucket: Bucket,
    /// The caller's options.
    pub(in crate::spotify) ask: &'a RequestOptions,
    /// The access token that was just answered with 401, if any.
    pub(in crate::spotify) rejected: Option<&'a SecretString>,
}

impl Credentials {
    pub(in crate::spotify) fn new(
        settings: ClientSettings,
        http: Http,
        gate: RequestGate,
        tokens: Arc<dyn TokenStore>,
        clock: SharedClock,
    ) -> Self {
        let acceptance = SharedAcceptance::default();
        let source = match settings.fixed_token {
            Some(token) => TokenSource::Fixed(token),
            None => TokenSource::Login(Box::new(LoginTokens::new(
                settings.client_id,
                http,
                gate,
                tokens,
                Arc::clone(&clock),
                acceptance.clone(),
            ))),
        };
        Self { source, acceptance, clock }
    }

    /// An access token that is neither `rejected` nor about to expire. Fails without a request if
    /// Spotify rejected the login and nothing has changed since.
    pub(in crate::spotify) async fn bearer(
        &self,
        request: &TokenRequest<'_>,
    ) -> Result<Bearer, SpotifyError> {
        match &self.source {
            TokenSource::Fixed(token) => {
                if !is_usable(token) {
                    return Err(needs_login(
                        "the token in PHONOLOG_ACCESS_TOKEN contains invalid characters; correct it, or unset it and run `phonolog login`",
                    ));
                }
                let bearer = Bearer { token: token.clone(), login: LoginId::Given };
                self.acceptance.lock().check(&bearer, self.clock.elapsed())?;
                Ok(bearer)
            }
            TokenSource::Login(tokens) => tokens.bearer(request).await,
        }
    }

    /// Which login is in use; this reads the file.
    pub(in crate::spotify) async fn login(&self) -> Result<LoginId, SpotifyError> {
        match &self.source {
            TokenSource::Fixed(_) => Ok(LoginId::Given),
            TokenSource::Login(tokens) => Ok(tokens.stored().await?.login()),
        }
    }

    /// What is known about a token that was answered with 401.
    pub(in crate::spotify) fn age(&self, bearer: &Bearer) -> TokenAge {
        self.acceptance.lock().age(bearer, self.clock.elapsed())
    }

    /// Whether a token that was answered with 401 can be replaced.
    pub(in crate::spotify) const fn can_renew(&self) -> bool {
        matches!(self.source, TokenSource::Login(_))
    }

    /// Spotify accepted it.
    pub(in crate::spotify) fn accept(&self, bearer: &Bearer) {
        self.acceptance.lock().accept(bearer);
    }

    /// Spotify rejected it for the last time; it is not sent again before it changes or a probe is
    /// due.
    pub(in crate::spotify) fn refuse(&self, bearer: &Bearer) -> SpotifyError {
        let why = needs_login(match self.source {
            TokenSource::Fixed(_) => {
                "Spotify does not accept the token in PHONOLOG_ACCESS_TOKEN; set a valid one, or unset it and run `phonolog login`"
            }
            TokenSource::Login(_) => {
                "Spotify does not accept the login even with a new token; run `phonolog login`"
            }
        });
        self.acceptance.lock().refuse(bearer, why.clone(), self.clock.elapsed());
        why
    }

    /// The login does not belong to the database; it is not used again before it changes.
    pub(in crate::spotify) fn refuse_for_good(&self, bearer: &Bearer, why: &str) -> SpotifyError {
        let why = needs_login(why);
        self.acceptance.lock().refuse_for_good(bearer, why.clone());
        why
    }

    /// When the person's consent ends, if the login contains that.
    pub(in crate::spotify) async fn consent_ends_at(&self) -> Option<DateTime<Utc>> {
        match &self.source {
            TokenSource::Fixed(_) => None,
            TokenSource::Login(tokens) => {
                tokens.stored().await.ok().as_ref().and_then(StoredToken::consent_ends_at)
            }
        }
    }
}

pub(super) fn needs_login(why: &str) -> SpotifyError {
    SpotifyError::NeedsLogin { why: why.to_owned() }
}
