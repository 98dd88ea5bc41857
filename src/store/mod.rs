//! The only place that knows SQL.
//!
//! Owns: the schema and every statement. Must not know: Spotify, the engine, the screen.
