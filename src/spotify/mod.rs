//! The only place that knows Spotify's HTTP.
//!
//! Owns: requests, authorization, the gate that every request passes, the wire format and what an error
//! means. Must not know: the store, the engine, the screen.
//!
//! ```text
//! client ─▶ gate ─────▶ auth ─────▶ http ─▶ Transport (network) ─▶ Spotify
//!   ▲        │            │          │
//!   │      HoldLog    TokenStore     ▼
//!   └───── domain ◀── wire ◀────── answer ─▶ SpotifyError
//! ```

mod answer;
mod auth;
mod client;
mod error;
mod gate;
mod http;
mod login_check;
mod max_wait;
mod network;
mod ports;
mod stored_token;
#[cfg(test)]
mod tests;
mod transport;
mod wire;

pub use auth::{AuthCode, LoginAttempt, LoginError, exchange, missing_scopes};
pub use client::{ClientSettings, ContainsPath, ItemsPath, LibraryKind, SpotifyClient};
pub use error::{PortError, SpotifyError};
pub use gate::{GateSettings, Priority, RequestGate, RequestOptions};
pub use ports::{AccountVerifier, HoldLog, LoginId, TokenCommit, TokenSlot, TokenStore, Verification};
pub use stored_token::StoredToken;
pub use transport::{Broken, HttpAnswer, Outgoing, Transport};
#[doc(hidden)]
pub use wire::read_as_each_answer;
