//! A login that has just been made and is not on disk yet: it is held against the database before it replaces
//! the one that is there.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use color_eyre::Result;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::app::Failure;
use crate::app::runtime::engine_host::{self, Connection};
use crate::config::Config;
use crate::domain::User;
use crate::engine::verify_owner;
use crate::spotify::{
    PortError, Priority, RequestOptions, SpotifyError, StoredToken, TokenCommit, TokenSlot, TokenStore,
    Verification,
};
use crate::store::LockPurpose;

/// Whose login it is.
pub enum LoginOwner {
    /// This person's, who owns the database.
    Known(User),
    /// It could not be asked just now, for this reason; whoever uses the login asks first.
    Unknown(String),
}

/// A login in memory; clones are one.
#[derive(Clone)]
pub struct NewLogin(Arc<Mutex<StoredToken>>);

impl NewLogin {
    pub fn new(token: StoredToken) -> Self {
        Self(Arc::new(Mutex::new(token)))
    }

    /// The login as it is by now.
    pub fn token(&self) -> StoredToken {
        self.lock().clone()
    }

    /// Asks Spotify whose login it is and gives the database to that account. Fails where it must not be used:
    /// it is somebody else's, or Spotify does not let it in.
    pub async fn owner(&self, config: &Config) -> Result<LoginOwner> {
        // A token from the environment would answer for another login than the one just made.
        let config = Config { access_token: None, ..config.clone() };
        let connecting = engine_host::connect(&config, Arc::new(self.clone()), LockPurpose::Login);
        let connection = match connecting.await {
            Ok(connection) => connection,
            Err(error) => return Ok(LoginOwner::Unknown(error.to_string())),
        };
        let ask = RequestOptions {
            priority: Priority::Now,
            max_wait: config.gate.wait,
            cancel: CancellationToken::new(),
        };
        let owner = self.ask(&connection, &ask).await;
        connection.store.close().await;
        owner
    }

    async fn ask(&self, connection: &Connection, ask: &RequestOptions) -> Result<LoginOwner> {
        let user = match connection.client.me(ask).await {
            Ok(user) => user,
            Err(SpotifyError::Held { .. }) => {
                return Ok(LoginOwner::Unknown("Spotify asks for a pause at the moment".to_owned()));
            }
            Err(error) if error.may_pass() => return Ok(LoginOwner::Unknown(error.to_string())),
            Err(error) => return Err(error.into()),
        };
        match verify_owner(&connection.store, &connection.clock, self.token().login(), &user).await {
            Ok(Verification::Owner) => Ok(LoginOwner::Known(user)),
            Ok(Verification::Stranger(why)) => Err(Failure::failed(why).into()),
            Err(error) => Ok(LoginOwner::Unknown(error.to_string())),
        }
    }

    fn lock(&self) -> MutexGuard<'_, StoredToken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for NewLogin {
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredToken>, PortError>> {
        Box::pin(async { Ok(Some(self.token())) })
    }

    fn reserve(&self) -> BoxFuture<'_, Result<Box<dyn TokenSlot>, PortError>> {
        Box::pin(async { Ok(Box::new(self.clone()) as Box<dyn TokenSlot>) })
    }
}

impl TokenSlot for NewLogin {
    fn commit(
        self: Box<Self>,
        _: StoredToken,
        new: StoredToken,
    ) -> BoxFuture<'static, Result<TokenCommit, PortError>> {
        Box::pin(async move {
            *self.lock() = new;
            Ok(TokenCommit::Stored)
        })
    }
}
