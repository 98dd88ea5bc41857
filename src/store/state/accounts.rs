//! The account of the database.
//!
//! Owns: the rows of `accounts`. Must not know: how a login works. The tables have an account
//! everywhere; this release stores one account per database.

use chrono::{DateTime, Utc};
use sqlx::SqliteExecutor;

use crate::domain::{Account, AccountId, User, plain_user_id};
use crate::store::db::sqlite;
use crate::store::{AccountsStore, Result, StoreError};

type Columns = (i64, String, Option<String>, Option<String>);

async fn read(executor: impl SqliteExecutor<'_>) -> Result<Option<Account>> {
    let sql = "select account_id, user_id, spotify_account_id, display_name
               from accounts order by account_id limit 1";
    let row: Option<Columns> = sqlx::query_as(sql).fetch_optional(executor).await?;
    Ok(row.map(|(id, user_id, account_id, display_name)| Account {
        id: AccountId(id),
        user: User { id: user_id, account_id, display_name },
    }))
}

/// Whether `known` may become `user`: the same person, by either id, or an account that no login
/// has claimed.
fn is_same(known: &User, user: &User) -> bool {
    known.is_local()
        || plain_user_id(&known.id) == plain_user_id(&user.id)
        || (known.account_id.is_some() && known.account_id == user.account_id)
}

impl AccountsStore<'_> {
    /// The account of the database, if there is one.
    pub async fn current(self) -> Result<Option<Account>> {
        let store = self.store;
        read(&store.readers).await
    }

    /// The account of the database. If there is none, creates one that no login has claimed, so
    /// that everything can be recorded under a permanent key.
    pub async fn ensure(self, now: DateTime<Utc>) -> Result<Account> {
        if let Some(account) = self.current().await? {
            return Ok(account);
        }
        let nobody = User { id: User::LOCAL.to_owned(), account_id: None, display_name: None };
        self.adopt(&nobody, now).await
    }

    /// Assigns the database to `user`, who has just logged in: a new account, the known one with an
    /// updated name, or the account `local`, which `user` takes over. A login of another person is
    /// refused.
    #[tracing::instrument(name = "adopt_account", level = "error", skip_all)]
    pub async fn adopt(self, user: &User, now: DateTime<Utc>) -> Result<Account> {
        let store = self.store;
        let mut tx = store.begin().await?;
        let known = read(&mut *tx).await?;
        if let Some(known) = known.as_ref().filter(|known| !is_same(&known.user, user)) {
            return Err(StoreError::OtherAccount { known: known.user.id.clone(), asked: user.id.clone() });
        }
        // A field that an answer omits does not erase an earlier value.
        let sql = "insert into accounts (account_id, user_id, spotify_account_id, display_name, created_at)
                   values (?1, ?2, ?3, ?4, ?5)
                   on conflict (account_id) do update set
                       user_id = excluded.user_id,
                       spotify_account_id = coalesce(excluded.spotify_account_id, spotify_account_id),
                       display_name = coalesce(excluded.display_name, display_name)
                   where (user_id, spotify_account_id, display_name) is not
                         (excluded.user_id, coalesce(excluded.spotify_account_id, spotify_account_id),
                          coalesce(excluded.display_name, display_name))";
        sqlx::query(sql)
            .bind(known.map(|known| known.id.0))
            .bind(&user.id)
            .bind(&user.account_id)
            .bind(&user.display_name)
            .bind(sqlite::millis(now))
            .execute(&mut *tx)
            .await?;
        let account = read(&mut *tx).await?;
        tx.commit().await?;
        account.ok_or_else(|| StoreError::Damaged("an account was not kept".to_owned()))
    }
}
