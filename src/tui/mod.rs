//! The only place that knows ratatui and crossterm.
//!
//! Owns: the terminal while a screen is open, the screens, the keys, the colours. Must not know: how an
//! engine works, or whether it runs in this process; it sees a `Handle`: snapshots in, commands out.
//!
//! ```text
//!   signals ─┐
//!   keys ────┤          ┌─────────┐ Effect   a task sends the command; its answer
//!   answers ─┼─ Msg ───▶│ update  ├────────▶ comes back as one more Msg
//!   snapshots┤          └────┬────┘
//!   rows ────┘             Model ──▶ view(frame, &Model, now) ──▶ terminal
//!     ▲                      └─────▶ question() ──▶ whoever reads the record
//! ```
//!
//! | file | one idea |
//! |---|---|
//! | `run` | the one `select!`: what happens next, and when the picture is drawn |
//! | `model`, `update` | what the screen knows; a message in, an effect out; pure |
//! | `screens`, `browse` | the tabs; what lies open on each, and the question that follows from it |
//! | `commands` | the command line: names for what keys do |
//! | `prompt` | a date that is being typed |
//! | `mouse` | what stands where a button was pressed |
//! | `first_run` | the screen of somebody without a login, with a loop of its own: there is no engine yet |
//! | `input`, `signals` | what a person types, a frame's worth at a time; what the system asks of a screen |
//! | `next_change` | when the picture changes by itself |
//! | `keys` | the one table of keys: keymap, footer, help and docs |
//! | `view` | the picture; one file for each thing seen |
//! | `theme`, `glyphs` | colours by meaning; every glyph with its ASCII twin |
//! | `apart` | characters in cells of their own, where terminals put them there |
//! | `text`, `times` | columns that stay straight; ages, countdowns, wall-clock ends |
//! | `terminal` | entering and leaving, silently when the terminal is gone |

mod apart;
mod browse;
mod commands;
mod cost;
mod first_run;
mod glyphs;
mod input;
mod keys;
mod model;
mod mouse;
mod next_change;
mod prompt;
mod run;
mod screens;
mod settings;
mod signals;
mod terminal;
mod text;
mod theme;
mod times;
mod update;
mod view;

#[cfg(test)]
mod fixtures;

pub use first_run::{Invitation, LoginEnd, LoginPort, News, Start, Way, Wish, welcome};
pub use keys::{Keymap, KeymapError};
pub use run::{Left, OpenInBrowser, Opening, Outside, TuiError, run};
pub use settings::{ColorChoice, UiSettings};
pub use signals::Signals;
pub use terminal::{columns, restore};
pub use text::{cut, left, width};
