//! The program as people and scripts meet it: the real binary, the simulator over real HTTP, a real
//! database read by nobody's code but SQLite's.

mod bad_input;
mod commands;
mod holds;
mod kills;
mod support;
mod truth;
