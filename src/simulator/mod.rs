//! A faithful Spotify in a box, for the demo, tests and benchmarks.
//!
//! Owns: a generated account and how Spotify answers for it. Must not know: anything of phonolog but ids.
