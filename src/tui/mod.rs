//! The only place that knows ratatui and crossterm.
//!
//! Owns: the terminal while a screen is open, the screens, the keys, the colours. Must not know:
//! how an engine works, or whether it runs in this process; it uses a `Handle`, which provides
//! snapshots and takes commands.
//!
//! ```text
//!   signals ─┐
//!   keys ────┤          ┌─────────┐ Effect   a task sends the command; its answer
//!   answers ─┼─ Msg ───▶│ update  ├────────▶ returns as another Msg
//!   snapshots┤          └────┬────┘
//!   rows ────┘             Model ──▶ view(frame, &Model, now) ──▶ terminal
//!     ▲                      └─────▶ question() ──▶ the query service
//! ```
//!
//! | folder | contents |
//! |---|---|
//! | `runtime` | the single `select!`, the terminal, signals, when to redraw |
//! | `input` | the table of keys, typed text, named commands |
//! | `layout` | the positions of the parts of a screen |
//! | `state` | the model, the screens, the panes and what is open on them |
//! | `update` | turns a message into an effect; pure |
//! | `view` | draws the screen; one file for each part |
//! | `style` | themes, glyphs, columns, times |
//! | `first_run` | the screen without a login, with a loop of its own, because there is no engine yet |

mod first_run;
mod input;
mod layout;
mod runtime;
mod state;
mod style;
mod update;
mod view;

#[cfg(test)]
mod fixtures;

pub use first_run::{FirstRunExit, Invitation, LoginEnd, LoginPort, News, Start, Wish, welcome};
pub use input::keys::{Keymap, KeymapError};
pub use runtime::run::{ExitReason, KeepTheme, OpenInBrowser, Opening, Outside, TuiError, run};
pub use runtime::signals::TerminalSignals;
pub use runtime::terminal::{columns, restore};
pub use style::settings::{ColorChoice, UiSettings};
pub use style::text::{count, cut, left, width};
