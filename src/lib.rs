//! phonolog keeps a complete, local, provable record of a person's Spotify library and listening,
//! and shows its work live in a terminal.
//!
//! ```text
//!            ┌──────────────────────────── app ────────────────────────────┐
//!            │             (one file per command, joins all)            │
//!   Spotify ──▶ spotify ──▶ engine ──▶ store ──▶ SQLite                    │
//!   (HTTP)   │  client      jobs       one transaction per page            │
//!            │  gate        actor ──▶ handle ──▶ tui ──▶ terminal          │
//!            │                        ▲ snapshots out, commands in         │
//!            │                        └─▶ api ══ socket ══ others          │
//!            └─────────────────────────────────────────────────────────────┘
//! ```
//!
//! How a track gets into the record: `spotify::client` requests a page through the `spotify::gate`
//! and maps `wire` to `domain`. A job of `engine` passes it to `store`, which commits rows,
//! checkpoint and counters in one transaction. The job reports the stored row of progress to the engine's actor, which
//! puts it into the one `Snapshot` that all screens show. `tui` draws it. `docs/architecture.md` names the folders and
//! follows five journeys through them.
//!
//! | module | knows |
//! |---|---|
//! | [`domain`] | the domain types and their rules; no IO |
//! | `cli` | commands and their arguments |
//! | [`clock`] | the time, and waiting |
//! | [`search`] | a list in memory, filtered and sorted while a person types |
//! | `json` | JSON fields that never fail |
//! | [`files`] | small files that others wrote: opened without waiting, and read up to a limit |
//! | [`config`] | what the user may write, converted to a valid `Config` |
//! | [`spotify`] | Spotify's HTTP, and only that |
//! | [`store`] | SQL, and only that |
//! | [`engine`] | how a library is mirrored |
//! | [`import`] | privacy exports, row by row |
//! | [`handle`] | the two channel ends for all communication with an engine |
//! | [`api`] | the local API over a socket: serves a handle, and provides one to clients |
//! | [`tui`] | the terminal, and only that |
//! | [`simulator`] | a simulated Spotify, for the demo, tests and benchmarks |
//! | [`app`] | every command, composed from the above |

#![forbid(unsafe_code)]

pub mod api;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod engine;
pub mod files;
pub mod handle;
pub mod import;
pub(crate) mod json;
pub mod search;
pub mod simulator;
pub mod spotify;
pub mod store;
pub mod tui;
