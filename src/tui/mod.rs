//! The only place that knows ratatui and crossterm.
//!
//! Owns: the screens, the keys, the colours. Must not know: how an engine works; it sees a `Handle`.
