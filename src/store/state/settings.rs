//! Small values that outlive the process: a person's switches, and what was learned about the app.
//!
//! Owns: `settings` and `capabilities`. Must not know: how they are used.

use chrono::{DateTime, Utc};

use crate::domain::Capability;
use crate::store::db::sqlite;
use crate::store::{CapabilityStore, Result, SettingsStore};

/// A switch that a person set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// The library sync is stopped; plays are still recorded.
    Paused,
}

impl Flag {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
        }
    }
}

/// The name under which the time of the last verified login is stored.
const VERIFIED_LOGIN: &str = "verified_login";

/// What was last learned about a capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapabilityState {
    /// Whether the app has it.
    pub open: bool,
    /// When that was learned.
    pub checked_at: DateTime<Utc>,
}

impl SettingsStore<'_> {
    /// Stores a value under a name.
    pub(in crate::store) async fn set(self, name: &str, value: &str) -> Result<()> {
        let store = self.store;
        let sql = "insert into settings (name, value) values (?1, ?2)
                   on conflict do update set value = excluded.value where value <> excluded.value";
        store.execute(sqlx::query(sql).bind(name).bind(value)).await
    }

    /// The value under a name, if there is one.
    pub(in crate::store) async fn get(self, name: &str) -> Result<Option<String>> {
        let store = self.store;
        let sql = "select value from settings where name = ?1";
        Ok(sqlx::query_scalar(sql).bind(name).fetch_optional(&store.readers).await?)
    }

    /// Whether a switch is on; it is off until it is set.
    pub async fn flag(self, name: Flag) -> Result<bool> {
        Ok(self.get(name.as_str()).await?.as_deref() == Some("on"))
    }

    /// Sets a switch.
    pub async fn set_flag(self, name: Flag, on: bool) -> Result<()> {
        self.set(name.as_str(), if on { "on" } else { "off" }).await
    }

    /// Stores that the login made at `at` belongs to the database's owner.
    pub async fn remember_verified_login(self, at: DateTime<Utc>) -> Result<()> {
        self.set(VERIFIED_LOGIN, &at.to_rfc3339()).await
    }

    /// Whether the login made at `at` was the last one that was verified as the owner's.
    pub async fn was_login_verified(self, at: DateTime<Utc>) -> Result<bool> {
        Ok(self.get(VERIFIED_LOGIN).await? == Some(at.to_rfc3339()))
    }
}

impl CapabilityStore<'_> {
    /// What is known about a capability; `None` before the first answer.
    pub async fn of(self, name: Capability) -> Result<Option<CapabilityState>> {
        let Self { store, account } = self;
        let sql = "select state = 'open', checked_at from capabilities where account_id = ?1 and name = ?2";
        let row: Option<(bool, String)> =
            sqlx::query_as(sql).bind(account.0).bind(name.as_str()).fetch_optional(&store.readers).await?;
        row.map(|(open, checked_at)| {
            let checked_at = sqlite::time(&checked_at)?;
            Ok(CapabilityState { open, checked_at })
        })
        .transpose()
    }

    /// Every capability that is known, in the order of [`Capability::ALL`].
    pub async fn all(self) -> Result<Vec<(Capability, CapabilityState)>> {
        let mut learnt = Vec::new();
        for name in Capability::ALL {
            learnt.extend(self.of(*name).await?.map(|state| (*name, state)));
        }
        Ok(learnt)
    }

    /// Stores what an answer revealed. When [`Capability::ForeignContents`] opens after it was
    /// closed, the lists that were hidden because of it are pending again.
    #[tracing::instrument(name = "learn_capability", level = "error", skip_all)]
    pub async fn learn(self, name: Capability, state: CapabilityState) -> Result<()> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        if name == Capability::ForeignContents && state.open {
            let sql = "update playlists set contents_state = 'pending', contents_error = null
                       where account_id = ?1 and contents_state = 'hidden' and not collaborative
                         and owner_id <> (select user_id from accounts where account_id = ?1)
                         and exists (select 1 from capabilities
                                     where account_id = ?1 and name = ?2 and state = 'closed')";
            sqlx::query(sql).bind(account.0).bind(name.as_str()).execute(&mut *tx).await?;
        }
        let sql = "insert into capabilities (account_id, name, state, checked_at) values (?1, ?2, ?3, ?4)
                   on conflict do update set state = excluded.state, checked_at = excluded.checked_at";
        sqlx::query(sql)
            .bind(account.0)
            .bind(name.as_str())
            .bind(if state.open { "open" } else { "closed" })
            .bind(sqlite::millis(state.checked_at))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}
