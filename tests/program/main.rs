//! The program as people and scripts meet it: the real binary, the simulator over real HTTP, a real
//! database read by nobody's code but SQLite's.

mod bad_input;
mod browser;
mod commands;
mod endings;
mod holds;
mod kills;
mod screen;
mod support;
mod terminal;
mod truth;
