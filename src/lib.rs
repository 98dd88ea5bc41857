//! phonolog keeps a complete, local, provable record of a person's Spotify library and listening, and
//! shows the work live in a terminal.
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
//! The way of a track: `spotify::client` asks for a page through the `spotify::gate` and maps `wire` to
//! `domain`; a job of `engine` hands it to `store`, which commits rows, checkpoint and counters in one
//! transaction; the job reports counts to the engine's actor, which folds them into the one `Snapshot`
//! that everybody sees; `tui` draws it.
//!
//! | module | knows |
//! |---|---|
//! | [`domain`] | the nouns and their rules; no IO |
//! | [`clock`] | what time it is, and waiting |
//! | [`search`] | a list in memory, filtered and sorted while one types |
//! | [`files`] | small files of others, opened without waiting and read to a bound |
//! | [`config`] | what the user may write, made into a valid `Config` |
//! | [`spotify`] | Spotify's HTTP, alone |
//! | [`store`] | SQL, alone |
//! | [`engine`] | how a library is mirrored |
//! | [`import`] | privacy exports, row by row |
//! | [`handle`] | the two channel ends through which everything else talks to an engine |
//! | [`api`] | the local API over a socket: serves a handle, is a handle |
//! | [`tui`] | the terminal, alone |
//! | [`simulator`] | a Spotify in a box, for the demo, tests and benchmarks |
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
pub mod search;
pub mod simulator;
pub mod spotify;
pub mod store;
pub mod tui;
