//! The first screen of a user without a login: how to create a Spotify app, its client id, the
//! address at which to agree, and the address at which the browser ended; or the demo.
//!
//! Owns: what is typed and shown. Must not know: how a login works; that code is at the other end
//! of a [`LoginPort`].
//!
//! | file | one idea |
//! |---|---|
//! | `port` | the two channel ends between this screen and the login |
//! | `model`, `update` | the state of the screen; turns a message into an effect; pure |
//! | `keys` | the table of its keys, for the keymap and the footer |
//! | `view`, `qr` | draws the screen; the address as a QR code |
//! | `run` | the single `select!` |

mod keys;
mod model;
mod port;
mod qr;
mod run;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use port::{Invitation, LoginEnd, LoginPort, News, Wish};
pub use run::{FirstRunExit, Start, welcome};
