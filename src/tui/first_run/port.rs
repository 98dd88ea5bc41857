//! The two channel ends between the screen and whoever logs in.

use tokio::sync::mpsc;

use crate::domain::ClientId;

/// Messages that may wait at either end. The screen has one wish at a time; what a login says is taken at once.
const WAITING: usize = 8;

/// Where the person agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The address.
    pub url: String,
    /// Whether the browser is awaited here, so that nothing need be pasted if it runs on this machine.
    pub is_awaited: bool,
}

/// What the screen asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Keep this client id, and log in with it.
    UseApp(ClientId),
    /// The browser ended at this address, a person says.
    Redirected(String),
}

/// What a login has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Here the person agrees.
    Invited(Invitation),
    /// The browser brought an answer, of which Spotify is being asked.
    Checking,
    /// It does not go on like this: why, and what to do.
    Refused(String),
    /// There is a login.
    Connected,
}

/// What the screen holds of whoever logs in.
pub struct LoginPort {
    /// Where wishes go.
    pub wishes: mpsc::Sender<Wish>,
    /// What comes of them.
    pub news: mpsc::Receiver<News>,
}

/// The other end of a [`LoginPort`].
pub struct LoginEnd {
    /// What the screen asks for; ends with the screen.
    pub wishes: mpsc::Receiver<Wish>,
    /// Where news goes.
    pub news: mpsc::Sender<News>,
}

impl LoginPort {
    /// A port and the end that serves it.
    #[must_use]
    pub fn pair() -> (Self, LoginEnd) {
        let (wishes, asked) = mpsc::channel(WAITING);
        let (told, news) = mpsc::channel(WAITING);
        (Self { wishes, news }, LoginEnd { wishes: asked, news: told })
    }
}
