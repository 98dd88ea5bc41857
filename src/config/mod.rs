//! What the user may write, made into a valid `Config`; paths; secrets.
//!
//! Owns: names, defaults and bounds of every setting. Must not know: what is done with them.
