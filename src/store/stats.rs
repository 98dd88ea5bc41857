//! What statistics keep beside the plays.
//!
//! Owns: `stats_dirty`. Must not know: how plays come about.

use chrono::{DateTime, Utc};

use super::Result;
use super::sqlite::{self, Tx};
use crate::domain::AccountId;

/// Plays that ended between `from` and `to` came, went or changed; to be called in the same transaction.
pub(super) async fn touched(
    tx: &mut Tx,
    account: AccountId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<()> {
    let sql = "insert into stats_dirty as old (account_id, from_at, to_at) values (?1, ?2, ?3)
               on conflict do update set from_at = min(old.from_at, excluded.from_at),
                                         to_at = max(old.to_at, excluded.to_at)";
    sqlx::query(sql)
        .bind(account.0)
        .bind(sqlite::millis(from))
        .bind(sqlite::millis(to))
        .execute(&mut **tx)
        .await?;
    Ok(())
}
