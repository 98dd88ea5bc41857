//! One login: from the URL that a person opens to the token that it results in.
//!
//! Source of the flow: <https://developer.spotify.com/documentation/web-api/tutorials/code-pkce-flow>

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

use super::login_error::LoginError;
use super::token_endpoint::{TokenFailure, ask_for_token};
use crate::clock::SharedClock;
use crate::spotify::client::ClientSettings;
use crate::spotify::error::quote;
use crate::spotify::http::Http;
use crate::spotify::stored_token::StoredToken;

/// The permissions that phonolog requests: only reading. The two scopes of the player are for the
/// current track; requesting them later would cost every user a second login.
const SCOPES: &str = "user-library-read user-follow-read playlist-read-private \
                      playlist-read-collaborative user-read-recently-played \
                      user-read-currently-playing user-read-playback-state";

/// The scopes that phonolog requests and that are not among the `granted`, separated by spaces.
#[must_use]
pub fn missing_scopes(granted: &str) -> Vec<&'static str> {
    let is_granted = |scope: &&str| granted.split_whitespace().any(|given| given == *scope);
    SCOPES.split_whitespace().filter(|scope| !is_granted(scope)).collect()
}

/// The code at the end of a successful login; it works once, for ten minutes.
#[derive(Debug, Clone)]
pub struct AuthCode(SecretString);

/// One login attempt; its code is worthless without it.
pub struct LoginAttempt {
    client_id: String,
    /// As registered: Spotify compares it character by character.
    redirect_uri: String,
    /// The base of relative paths.
    redirect_base: Url,
    verifier: SecretString,
    state: String,
    authorize_url: Url,
}

impl LoginAttempt {
    /// Generates the secrets of a new attempt.
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

    /// The URL where the person logs in.
    #[must_use]
    pub const fn authorize_url(&self) -> &Url {
        &self.authorize_url
    }

    /// Parses the address where the browser ended: the whole URL, or path and query as a listener
    /// receives them. After `NoCode` a listener continues to listen, because browsers request icons
    /// too.
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
        let url = if pasted.starts_with('/') { self.redirect_base.join(pasted) } else { Url::parse(pasted) };
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

/// Exchanges the code for a login. Nothing is stored yet; the caller must store it before using it.
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
    let grant = ask_for_token(&http, &form).await.map_err(|failure| attempt.explain(failure))?;
    let now = clock.now();
    Ok(StoredToken {
        expires_at: now + grant.life,
        authorized_at: now,
        access_token: grant.access_token,
        refresh_token: grant.refresh_token.ok_or(LoginError::NoRefreshToken)?,
        scope: grant.scope.unwrap_or_else(|| SCOPES.to_owned()),
        client_id: attempt.client_id.clone(),
        suspect: false,
        renewals: 0,
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const REDIRECT: &str = "http://127.0.0.1:8888/callback";

    fn settings(client_id: Option<&str>) -> ClientSettings {
        ClientSettings {
            api_url: Url::parse("https://api.example/v1").unwrap(),
            accounts_url: Url::parse("https://accounts.example").unwrap(),
            client_id: client_id.map(str::to_owned),
            fixed_token: None,
        }
    }

    fn attempt() -> LoginAttempt {
        // The verifier of RFC 7636 appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        LoginAttempt::with(&settings(Some("app")), REDIRECT, verifier, "st4te".to_owned()).unwrap()
    }

    #[test]
    fn the_url_carries_the_challenge_of_the_rfc_and_what_is_asked_for() {
        let url = attempt().authorize_url().clone();
        assert_eq!((url.host_str(), url.path()), (Some("accounts.example"), "/authorize"));
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        let named = |name: &str| pairs.iter().find(|(key, _)| key == name).unwrap().1.as_str();
        assert_eq!(named("code_challenge"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert_eq!(named("code_challenge_method"), "S256");
        assert_eq!(named("response_type"), "code");
        assert_eq!((named("client_id"), named("redirect_uri")), ("app", REDIRECT));
        assert_eq!(named("state"), "st4te");
        assert!(named("scope").split(' ').any(|scope| scope == "user-read-recently-played"));
        assert!(!named("scope").contains("  "));
    }

    #[test]
    fn each_attempt_has_secrets_of_its_own() {
        let (one, two) = (
            LoginAttempt::new(&settings(Some("app")), REDIRECT).unwrap(),
            LoginAttempt::new(&settings(Some("app")), REDIRECT).unwrap(),
        );
        assert_ne!(one.state, two.state);
        assert_ne!(one.verifier.expose_secret(), two.verifier.expose_secret());
        assert_ne!(one.state, one.verifier.expose_secret());
        assert_eq!(one.verifier.expose_secret().len(), 43);
    }

    #[rstest]
    #[case::whole("http://127.0.0.1:8888/callback?code=c0de&state=st4te", Ok("c0de"))]
    #[case::spaced("  http://127.0.0.1:8888/callback?state=st4te&code=c0de\n", Ok("c0de"))]
    #[case::escaped("http://127.0.0.1:8888/callback?code=c%2Bd&state=st4te#_=_", Ok("c+d"))]
    #[case::path("/callback?code=c0de&state=st4te", Ok("c0de"))]
    #[case::icon("/favicon.ico", Err(LoginError::NoCode))]
    #[case::too_early("https://accounts.example/authorize?state=st4te", Err(LoginError::NoCode))]
    #[case::empty_code("/callback?code=&state=st4te", Err(LoginError::NoCode))]
    #[case::other_attempt("/callback?code=c0de&state=other", Err(LoginError::WrongState))]
    #[case::no_state("/callback?code=c0de", Err(LoginError::WrongState))]
    #[case::declined("/callback?error=access_denied&state=st4te", Err(LoginError::Denied))]
    #[case::declined_elsewhere("/callback?error=access_denied&state=x", Err(LoginError::WrongState))]
    #[case::odd_error("/callback?error=server_error&state=st4te", Err(LoginError::Refused("server_error".into())))]
    #[case::words("yes please", Err(LoginError::NotAUrl))]
    #[case::nothing("", Err(LoginError::NotAUrl))]
    fn what_was_pasted_is_a_code_or_one_clear_sentence(
        #[case] pasted: &str,
        #[case] expected: Result<&str, LoginError>,
    ) {
        let read = attempt().read_redirect(pasted);
        let read = read.map(|code| code.0.expose_secret().to_owned());
        assert_eq!(read, expected.map(str::to_owned));
    }

    #[test]
    fn a_login_needs_an_app_and_a_redirect() {
        let no_app = LoginAttempt::new(&settings(None), REDIRECT).unwrap_err();
        assert_eq!(no_app, LoginError::NoClientId);
        let no_url = LoginAttempt::new(&settings(Some("app")), "callback").unwrap_err();
        assert_eq!(no_url, LoginError::BadRedirectUri("callback".to_owned()));
    }

    #[test]
    fn debug_shows_no_secret() {
        let attempt = attempt();
        let code = attempt.read_redirect("/callback?code=c0de&state=st4te").unwrap();
        let shown = format!("{attempt:?} {code:?}");
        for secret in ["dBjftJeZ4CVP", "st4te", "c0de"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
