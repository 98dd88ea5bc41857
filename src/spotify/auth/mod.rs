//! Who we are to Spotify: the login, and the token that each request carries.
//!
//! Owns: the authorization code flow with PKCE, the token endpoint, and when a token is refreshed. Must
//! not know: where the login is kept, or how a person is asked; it serves no HTTP of its own.

mod keeper;
mod login;
mod login_error;
mod token_endpoint;

pub(super) use keeper::{Credentials, Errand};
pub use login::{AuthCode, LoginAttempt, exchange, missing_scopes};
pub use login_error::LoginError;
