//! The only place that knows Spotify's HTTP.
//!
//! Owns: requests, authorization, the gate that every request passes, the wire format and what an error
//! means. Must not know: the store, the engine, the screen.
