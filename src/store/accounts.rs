//! Whose library is in the database.

use chrono::{DateTime, Utc};

use super::{Result, Store};
use crate::domain::{Account, User};

impl Store {
    /// The account whose library is in the database, once there is one.
    pub async fn account(&self) -> Result<Option<Account>> {
        todo!()
    }

    /// Makes the database `user`'s, who has just logged in: a new account, the known one with its name
    /// brought up to date, or the one called `local` taken over. Somebody else's login is refused.
    pub async fn adopt_account(&self, user: &User, now: DateTime<Utc>) -> Result<Account> {
        todo!("{user:?} {now}")
    }
}
