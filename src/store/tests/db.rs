//! The file: opened, upgraded, cut off, and read by other programs.

mod faults;
mod migrations;
mod open;
mod views;
