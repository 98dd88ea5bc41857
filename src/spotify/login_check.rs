//! Verifies the user of each login before any other request with it.
//!
//! A login may be replaced at any time, even while an engine runs. So the check belongs to the
//! login, not to the process: no answer to an unverified login ever leaves the client.

use std::sync::{Arc, Mutex, PoisonError};

use super::auth::Bearer;
use super::client::SpotifyClient;
use super::error::SpotifyError;
use super::gate::RequestOptions;
use super::ports::{AccountVerifier, LoginId, Verification};
use crate::domain::User;

/// The logins that were verified, and how they are verified.
pub(super) struct LoginCheck {
    verifier: Arc<dyn AccountVerifier>,
    /// The login in use, once it is verified.
    verified: Mutex<Option<LoginId>>,
    /// Held during a check, so that no second one runs.
    asking: tokio::sync::Mutex<()>,
}

impl LoginCheck {
    pub(super) fn new(verifier: Arc<dyn AccountVerifier>) -> Self {
        Self { verifier, verified: Mutex::default(), asking: tokio::sync::Mutex::default() }
    }

    pub(super) fn is_verified(&self, login: LoginId) -> bool {
        *self.verified.lock().unwrap_or_else(PoisonError::into_inner) == Some(login)
    }

    fn remember(&self, login: LoginId) {
        *self.verified.lock().unwrap_or_else(PoisonError::into_inner) = Some(login);
    }
}

impl SpotifyClient {
    /// A client that verifies each login by `/me` before it sends anything else with it.
    #[must_use]
    pub fn verified_by(mut self, verifier: Arc<dyn AccountVerifier>) -> Self {
        self.login_check = Some(Arc::new(LoginCheck::new(verifier)));
        self
    }

    /// Makes sure that the current login belongs to the database's owner; returns whether a request
    /// was sent. While `/me` cannot be requested, a login that was verified before is accepted; any
    /// other one must wait.
    pub async fn verify_login(&self, ask: &RequestOptions) -> Result<bool, SpotifyError> {
        let Some(check) = &self.login_check else { return Ok(false) };
        let _turn = tokio::select! {
            turn = check.asking.lock() => turn,
            () = ask.cancel.cancelled() => return Err(SpotifyError::Cancelled),
        };
        let login = self.credentials.login().await?;
        if check.is_verified(login) {
            return Ok(false);
        }
        match self.who(ask).await {
            Ok((user, bearer)) => self.hold_against_record(check, &user, &bearer).await.map(|()| true),
            Err(error) if error.may_pass() && check.verifier.was_verified(login).await? => {
                tracing::info!(%error, "skipped the check of the login's account; it was verified before");
                check.remember(login);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    async fn hold_against_record(
        &self,
        check: &LoginCheck,
        user: &User,
        bearer: &Bearer,
    ) -> Result<(), SpotifyError> {
        match check.verifier.verify(bearer.login, user).await? {
            Verification::Owner => {
                check.remember(bearer.login);
                Ok(())
            }
            Verification::Stranger(why) => Err(self.credentials.refuse_for_good(bearer, &why)),
        }
    }
}
