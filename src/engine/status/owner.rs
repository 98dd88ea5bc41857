//! The owner of the database: each login is checked against the database's account, so that one
//! person's library is never written into another's database.

use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use crate::clock::SharedClock;
use crate::domain::{User, display_safe};
use crate::spotify::{AccountVerifier, LoginId, PortError, Verification};
use crate::store::{Store, StoreError};

use crate::engine::report::EngineReport;

/// What the database says about a login.
pub struct RecordOwner {
    pub store: Store,
    pub clock: SharedClock,
    pub reports: mpsc::Sender<EngineReport>,
}

impl AccountVerifier for RecordOwner {
    fn was_verified(&self, login: LoginId) -> BoxFuture<'_, Result<bool, PortError>> {
        Box::pin(async move {
            match login {
                // A login that was passed as a token is new in each process.
                LoginId::Given => Ok(false),
                LoginId::Made(at) => {
                    self.store.settings().was_login_verified(at).await.map_err(|error| trouble(&error))
                }
            }
        })
    }

    fn verify<'a>(
        &'a self,
        login: LoginId,
        user: &'a User,
    ) -> BoxFuture<'a, Result<Verification, PortError>> {
        Box::pin(async move {
            let verification = hold_against(&self.store, &self.clock, login, user).await;
            let verification = verification.map_err(|error| trouble(&error))?;
            if verification == Verification::Owner {
                let _ = self.reports.send(EngineReport::Account(user.clone())).await;
            }
            Ok(verification)
        })
    }
}

/// Assigns the database to `user`, or returns the account that it belongs to. The verified login is
/// stored, so that a later process need not wait for `/me`.
pub async fn hold_against(
    store: &Store,
    clock: &SharedClock,
    login: LoginId,
    user: &User,
) -> Result<Verification, StoreError> {
    match store.accounts().adopt(user, clock.now()).await {
        Ok(_) => {}
        Err(StoreError::OtherAccount { known, asked }) => {
            return Ok(Verification::Stranger(format!(
                "the login belongs to {}, but the database holds the library of {}; run `phonolog login` as its owner, or name another database",
                display_safe(&asked),
                display_safe(&known)
            )));
        }
        Err(error) => return Err(error),
    }
    if let LoginId::Made(at) = login {
        store.settings().remember_verified_login(at).await?;
    }
    Ok(Verification::Owner)
}

fn trouble(error: &StoreError) -> PortError {
    PortError(error.to_string())
}
