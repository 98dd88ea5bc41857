//! The first screen of a user without a login: how to create a Spotify app, its client id, the
//! address at which to agree, and the address at which the browser ended; or the demo.
//!
//! Owns: what is typed and shown. Must not know: how a login works; that code is at the other end
//! of a [`LoginPort`].
//!
//! | file | one idea |
//! |---|---|
//! | `port` | the two channel ends between this screen and whoever logs in |
//! | `model`, `update` | what the screen knows; a message in, an effect out; pure |
//! | `keys` | the one table of its keys: keymap and footer |
//! | `view`, `qr` | the picture; the address for a camera |
//! | `run` | the one `select!` |

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
