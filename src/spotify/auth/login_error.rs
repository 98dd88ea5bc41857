//! The errors of a login, each as one sentence with the next step.

use crate::spotify::error::SpotifyError;

/// Why a login failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// There is no app to log in with.
    #[error(
        "no client id is set; create an app at https://developer.spotify.com/dashboard and set PHONOLOG_CLIENT_ID"
    )]
    NoClientId,
    /// The configured redirect is not a URL.
    #[error(
        "the redirect URI `{0}` is not a URL; set login.redirect_uri to the one registered with your Spotify app"
    )]
    BadRedirectUri(String),
    /// The machine returned no random bytes.
    #[error("this machine provides no random numbers ({0}), so a login would not be safe")]
    NoRandomness(String),
    /// The pasted text is something else.
    #[error(
        "that is not the address that the browser shows at the end; paste the whole line from its address bar"
    )]
    NotAUrl,
    /// It belongs to another attempt.
    #[error(
        "that address belongs to another login attempt; open the URL above again and paste the address it leads to"
    )]
    WrongState,
    /// The person refused.
    #[error("the login was declined at Spotify; run `phonolog login` again to allow it")]
    Denied,
    /// Spotify's page ended with another error.
    #[error("Spotify ended the login with `{0}`; run `phonolog login` again")]
    Refused(String),
    /// Neither a code nor an error.
    #[error(
        "that address contains no code; log in with the URL above first, then paste the address it leads to"
    )]
    NoCode,
    /// The app is unknown.
    #[error(
        "Spotify does not know the client id `{0}`; compare PHONOLOG_CLIENT_ID with your app at https://developer.spotify.com/dashboard"
    )]
    UnknownClient(String),
    /// The code was used, too old, or for another redirect.
    #[error(
        "Spotify no longer accepts this code ({0}); a code is valid for ten minutes and once: run `phonolog login` again"
    )]
    CodeRefused(String),
    /// Too many requests.
    #[error("Spotify received too many requests{}; run `phonolog login` again later", .0.map_or_else(|| " for now".to_owned(), |seconds| format!(" for another {seconds} s")))]
    Busy(Option<u64>),
    /// The answer lacked the refresh token.
    #[error(
        "Spotify sent no refresh token, so the login would last only an hour; run `phonolog login` again"
    )]
    NoRefreshToken,
    /// The token endpoint failed.
    #[error("the login failed: {0}")]
    Unavailable(SpotifyError),
}
