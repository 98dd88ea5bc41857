//! The local API: an engine's [`Handle`](crate::handle::Handle) over a socket.
//!
//! Owns: HTTP between two processes of one person, its version, and access control. Must not know:
//! the engine, the database, Spotify, the screen; it uses them through a `Handle` and the small
//! port [`ApiBackend`], which `app` implements.
//!
//! ```text
//!  engine ─ Handle ─▶ server ══ Unix socket, HTTP/1.1, JSON ══▶ client ─ Handle ─▶ screen, command
//! ```
//!
//! | file | idea |
//! |---|---|
//! | `socket_path` | the path of the socket, and its protection from other users |
//! | `wire` | the formats of requests and answers, all with the protocol number |
//! | `server` | connections: their number, their time limits, their end |
//! | `routes` | what each call does |
//! | `auth`, `guests` | access control over TCP, and its limit of connections |
//! | `metrics` | the snapshot for Prometheus |
//! | `client`, `sse` | the client side: a `Handle` that finds its engine again |

mod auth;
mod client;
mod guests;
mod metrics;
mod routes;
mod server;
mod socket_path;
#[doc(hidden)]
pub mod sse;
#[cfg(test)]
mod tests;
mod wire;

use futures_util::future::BoxFuture;

use serde_json::Value;

use crate::domain::RunView;
use crate::handle::SyncRequest;

pub use auth::{ApiToken, TokenError};
pub use client::{AttachError, attach, plan, reload};
pub use server::{ServeError, Server};
pub use socket_path::{PlaceError, SocketPlace};
pub use wire::Reloaded;

/// What the server needs from other modules; `app` implements it.
pub trait ApiBackend: Send + Sync + 'static {
    /// The newest runs, newest first, at most `limit`; or an error in one sentence.
    fn runs(&self, limit: u32) -> BoxFuture<'_, Result<Vec<RunView>, String>>;

    /// What a sync would cost and change, as JSON that only `app` can parse; or an error in one
    /// sentence.
    fn plan(&self, request: SyncRequest) -> BoxFuture<'_, Result<Value, String>>;

    /// Reads the config again and applies what can change at runtime; or an error in one sentence.
    fn reload(&self) -> BoxFuture<'_, Result<Reloaded, String>>;
}
