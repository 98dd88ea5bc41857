//! A new login that is not on disk yet: it is compared with the database before it replaces the old
//! one.

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

/// The owner of the login.
pub enum LoginOwner {
    /// This person, who owns the database.
    Known(User),
    /// Spotify could not be asked now, for this reason; the user of the login asks first.
    Unknown(String),
}

/// A login in memory; clones share it.
#[derive(Clone)]
pub struct NewLogin(Arc<Mutex<StoredToken>>);

impl NewLogin {
    pub fn new(token: StoredToken) -> Self {
        Self(Arc::new(Mutex::new(token)))
    }

    /// The current state of the login.
    pub fn token(&self) -> StoredToken {
        self.lock().clone()
    }

    /// Asks Spotify for the owner of the login and assigns the database to that account. Fails if
    /// the login must not be used: it belongs to another person, or Spotify rejects it.
    pub async fn owner(&self, config: &Config) -> Result<LoginOwner> {
        // A token from the environment belongs to another login than the new one.
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
