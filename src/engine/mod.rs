//! Joins Spotify and the store: the actor, the schedule, one job per entity, the play tracker.
//!
//! Owns: what is read when, and what becomes of it. Must not know: the screen, SQL, HTTP.
