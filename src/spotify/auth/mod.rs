//! Our identity for Spotify: the login, and the token that each request carries.
//!
//! Owns: the authorization code flow with PKCE, the token endpoint, when a token is refreshed and
//! when it is no longer sent. Must not know: where the login is stored, or how a person is asked;
//! it serves no HTTP itself.

mod acceptance;
mod credentials;
mod login;
mod login_error;
mod login_tokens;
mod token_endpoint;
mod token_text;

pub(super) use acceptance::{Bearer, TokenAge};
pub(super) use credentials::{Credentials, TokenRequest};
pub use login::{AuthCode, LoginAttempt, exchange, missing_scopes};
pub use login_error::LoginError;
