//! The file: opened, upgraded, interrupted, and read by other programs.

mod faults;
mod migrations;
mod open;
mod views;
