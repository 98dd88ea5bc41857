//! The composition root: one file per command.
//!
//! Owns: how the parts are joined. Used by `main` alone.
