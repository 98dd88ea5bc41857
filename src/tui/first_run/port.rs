//! The two channel ends between the screen and the login.

use tokio::sync::mpsc;

use crate::domain::ClientId;

/// Messages that may wait at either end. The screen has one wish at a time, and takes news at once.
const WAITING: usize = 8;

/// Where the person agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The address.
    pub url: String,
    /// Whether this process waits for the browser, so that nothing must be pasted if the browser
    /// runs on this machine.
    pub is_awaited: bool,
}

/// What the screen requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Store this client id, and log in with it.
    UseApp(ClientId),
    /// The person says that the browser ended at this address.
    Redirected(String),
}

/// What the login reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// The person must agree here.
    Invited(Invitation),
    /// The browser returned an answer, which is being checked with Spotify.
    Checking,
    /// The step failed: why, and what to do.
    Refused(String),
    /// The login succeeded.
    Connected,
}

/// The screen's end.
pub struct LoginPort {
    /// Where wishes are sent.
    pub wishes: mpsc::Sender<Wish>,
    /// Where news arrives.
    pub news: mpsc::Receiver<News>,
}

/// The login's end, the other side of a [`LoginPort`].
pub struct LoginEnd {
    /// The wishes; the channel closes with the screen.
    pub wishes: mpsc::Receiver<Wish>,
    /// Where news is sent.
    pub news: mpsc::Sender<News>,
}

impl LoginPort {
    /// A port and its other end.
    #[must_use]
    pub fn pair() -> (Self, LoginEnd) {
        let (wishes, asked) = mpsc::channel(WAITING);
        let (told, news) = mpsc::channel(WAITING);
        (Self { wishes, news }, LoginEnd { wishes: asked, news: told })
    }
}
