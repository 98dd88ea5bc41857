//! The only place that knows Spotify's HTTP.
//!
//! Owns: requests, authorization, the gate that every request passes, the wire format and what an error
//! means. Must not know: the store, the engine, the screen.
//!
//! ```text
//! Client::saved_tracks ─▶ Gate ─▶ Keeper (token) ─▶ Http ─▶ Spotify
//!                          │                          │
//!                       HoldLog            wire ─▶ domain, or SpotifyError
//! ```

mod auth;
mod client;
mod error;
mod gate;
mod ports;

pub use auth::{AuthCode, LoginAttempt, LoginError, exchange};
pub use client::{Client, ClientSettings, ItemsPath};
pub use error::{PortError, SpotifyError};
pub use gate::{Ask, Gate, GateSettings, Lane};
pub use ports::{HoldLog, StoredToken, TokenStore};
