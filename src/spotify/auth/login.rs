//! One login: from the URL that a person opens to the token that it brings.
//!
//! Source of the flow: <https://developer.spotify.com/documentation/web-api/tutorials/code-pkce-flow>

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

use super::token_endpoint::{TokenFailure, ask_for_token};
use crate::clock::SharedClock;
use crate::spotify::client::ClientSettings;
use crate::spotify::error::{SpotifyError, quote};
use crate::spotify::http::Http;
use crate::spotify::ports::StoredToken;

/// What phonolog asks a person to allow: reading, nothing else. The two of the player are for what is
/// playing now; asking later would cost everybody a second login.
const SCOPES: &str = "user-library-read user-follow-read playlist-read-private \
                      playlist-read-collaborative user-read-recently-played \
                      user-read-currently-playing user-read-playback-state";

/// Why a login did not come about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// There is no app to log in with.
    #[error(
        "no client id is set; make an app at https://developer.spotify.com/dashboard and set PHONOLOG_CLIENT_ID"
    )]
    NoClientId,
    /// The configured redirect is no URL.
    #[error(
        "the redirect URI `{0}` is not a URL; set login.redirect_uri to the one registered with your Spotify app"
    )]
    BadRedirectUri(String),
    /// The machine gave no random bytes.
    #[error("this machine gives no random numbers ({0}), so a login would not be safe")]
    NoRandomness(String),
    /// What was pasted is something else.
    #[error("that is not the address the browser ended on; paste the whole line from its address bar")]
    NotAUrl,
    /// It belongs to another attempt.
    #[error(
        "that address belongs to another login attempt; open the URL above again and paste where it leads"
    )]
    WrongState,
    /// The person said no.
    #[error("the login was declined at Spotify; run `phonolog login` again to allow it")]
    Denied,
    /// Spotify's page ended with another error.
    #[error("Spotify ended the login with `{0}`; run `phonolog login` again")]
    Refused(String),
    /// Neither a code nor an error.
    #[error("that address carries no code; log in with the URL above first, then paste where it leads")]
    NoCode,
    /// The app is unknown.
    #[error(
        "Spotify does not know the client id `{0}`; compare PHONOLOG_CLIENT_ID with your app at https://developer.spotify.com/dashboard"
    )]
    UnknownClient(String),
    /// The code was used, too old, or for another redirect.
    #[error(
        "Spotify no longer takes this code ({0}); it lives ten minutes and works once: run `phonolog login` again"
    )]
    CodeRefused(String),
    /// Too many requests.
    #[error("Spotify has had too many requests{}; run `phonolog login` again then", .0.map_or_else(|| " for now".to_owned(), |seconds| format!(" for another {seconds} s")))]
    Busy(Option<u64>),
    /// The answer lacked what later logins need.
    #[error(
        "Spotify gave no refresh token, so the login would last an hour only; run `phonolog login` again"
    )]
    NoRefreshToken,
    /// The token endpoint did not do its work.
    #[error("the login did not come about: {0}")]
    Unavailable(SpotifyError),
}

/// The code that a successful login ends with; works once, for ten minutes.
#[derive(Debug, Clone)]
pub struct AuthCode(SecretString);

/// One try to log in; the code that it brings is worthless without it.
pub struct LoginAttempt {
    client_id: String,
    /// As registered: Spotify compares it letter by letter.
    redirect_uri: String,
    /// What paths are relative to.
    redirect_base: Url,
    verifier: SecretString,
    state: String,
    authorize_url: Url,
}

impl LoginAttempt {
    /// Draws the secrets of a new attempt.
    pub fn new(settings: &ClientSettings, redirect_uri: &str) -> Result<Self, LoginError> {
        Self::with(settings, redirect_uri, random_text()?, random_text()?)
    }

    fn with(
        settings: &ClientSettings,
        redirect_uri: &str,
        verifier: String,
        state: String,
    ) -> Result<Self, LoginError> {
        let client_id = settings.client_id.clone().ok_or(LoginError::NoClientId)?;
        let redirect_base =
            Url::parse(redirect_uri).map_err(|_| LoginError::BadRedirectUri(redirect_uri.to_owned()))?;
        let mut authorize_url = settings.accounts_url.clone();
        if let Ok(mut path) = authorize_url.path_segments_mut() {
            path.pop_if_empty().push("authorize");
        }
        authorize_url
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", SCOPES)
            .append_pair("state", &state)
            .append_pair("code_challenge_method", "S256")
            .append_pair("code_challenge", &challenge(&verifier));
        Ok(Self {
            client_id,
            redirect_uri: redirect_uri.to_owned(),
            redirect_base,
            verifier: verifier.into(),
            state,
            authorize_url,
        })
    }

    /// Where the person logs in.
    #[must_use]
    pub const fn authorize_url(&self) -> &Url {
        &self.authorize_url
    }

    /// Reads where the browser ended: the whole URL, or path and query as a listener sees them. A listener
    /// goes on listening at `NoCode`: browsers ask for icons too.
    pub fn read_redirect(&self, pasted: &str) -> Result<AuthCode, LoginError> {
        let url = self.parse(pasted.trim())?;
        let named = |name: &str| {
            let mut pairs = url.query_pairs().filter(|(key, _)| key == name);
            pairs.next().map(|(_, value)| value.into_owned())
        };
        let (code, error) = (named("code"), named("error"));
        if code.is_none() && error.is_none() {
            return Err(LoginError::NoCode);
        }
        if named("state").as_deref() != Some(&self.state) {
            return Err(LoginError::WrongState);
        }
        match (error.as_deref(), code) {
            (Some("access_denied"), _) => Err(LoginError::Denied),
            (Some(error), _) => Err(LoginError::Refused(quote(error))),
            (None, Some(code)) if !code.is_empty() => Ok(AuthCode(code.into())),
            (None, _) => Err(LoginError::NoCode),
        }
    }

    fn parse(&self, pasted: &str) -> Result<Url, LoginError> {
        let url = if pasted.starts_with('/') {
            self.redirect_base.join(pasted)
        } else {
            Url::parse(pasted)
        };
        url.map_err(|_| LoginError::NotAUrl)
    }
}

impl fmt::Debug for LoginAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginAttempt")
            .field("client_id", &self.client_id)
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}

/// Exchanges the code for a login. Nothing is kept yet: that is the caller's to do, before using it.
pub async fn exchange(
    settings: &ClientSettings,
    attempt: &LoginAttempt,
    code: &AuthCode,
    clock: &SharedClock,
) -> Result<StoredToken, LoginError> {
    let http = Http::new(&settings.accounts_url, Arc::clone(clock)).map_err(LoginError::Unavailable)?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.0.expose_secret()),
        ("redirect_uri", attempt.redirect_uri.as_str()),
        ("client_id", attempt.client_id.as_str()),
        ("code_verifier", attempt.verifier.expose_secret()),
    ];
    let grant = ask_for_token(&http, &form)
        .await
        .map_err(|failure| attempt.explain(failure))?;
    let now = clock.now();
    Ok(StoredToken {
        expires_at: now + grant.life(),
        authorized_at: now,
        access_token: grant.access_token,
        refresh_token: grant.refresh_token.ok_or(LoginError::NoRefreshToken)?,
        scope: grant.scope.unwrap_or_else(|| SCOPES.to_owned()),
        client_id: attempt.client_id.clone(),
        suspect: false,
    })
}

impl LoginAttempt {
    fn explain(&self, failure: TokenFailure) -> LoginError {
        match failure {
            TokenFailure::InvalidGrant(said) => LoginError::CodeRefused(said),
            TokenFailure::InvalidClient => LoginError::UnknownClient(self.client_id.clone()),
            TokenFailure::Refused(refusal) => LoginError::Busy(refusal.retry_after),
            TokenFailure::Other(error) => LoginError::Unavailable(error),
        }
    }
}

/// 32 random bytes as 43 unreserved characters: the least that RFC 7636 section 4.1 allows.
fn random_text() -> Result<String, LoginError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| LoginError::NoRandomness(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// RFC 7636 section 4.2, method S256.
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}
