//! Conditions that should reach a person, and whether they were delivered.
//!
//! Owns: `alerts`. Must not know: the rules, and how alerts are delivered.

use chrono::{DateTime, Utc};
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use crate::domain::{AccountId, Alert, AlertChange, AlertTurn};
use crate::store::db::sqlite::{self, Tx};
use crate::store::{AlertStore, Result};

/// A raised or cleared alert that was not delivered yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndeliveredAlert {
    /// The row.
    id: i64,
    /// The alert.
    pub alert: Alert,
    /// Whether it was raised or cleared.
    pub turn: AlertTurn,
    /// The time.
    pub at: DateTime<Utc>,
}

impl UndeliveredAlert {
    /// An alert that was raised when it could no longer be stored.
    #[must_use]
    pub const fn unstored(alert: Alert) -> Self {
        let at = alert.since;
        Self { id: 0, alert, turn: AlertTurn::Raised, at }
    }
}

type AlertColumns = (String, String, String, String);
type UndeliveredColumns = (i64, String, String, String, String, String, String);

impl AlertStore<'_> {
    /// The raised alerts, the oldest first.
    pub async fn standing(self) -> Result<Vec<Alert>> {
        let Self { store, account } = self;
        let sql = "select kind, subject, raised_at, text from alerts
                   where account_id = ?1 and cleared_at is null order by alert_id";
        let rows: Vec<AlertColumns> = sqlx::query_as(sql).bind(account.0).fetch_all(&store.readers).await?;
        rows.into_iter().map(alert).collect()
    }

    /// Writes the alerts that were raised, cleared or reworded, all at once.
    #[tracing::instrument(name = "change_alert", level = "error", skip_all)]
    pub async fn change(self, change: &AlertChange, now: DateTime<Utc>) -> Result<()> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        for gone in &change.cleared {
            clear(&mut tx, account, gone, now).await?;
        }
        for retold in &change.retold {
            retell(&mut tx, account, retold).await?;
        }
        for come in &change.raised {
            raise(&mut tx, account, come).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The alerts that were not delivered yet, in the order in which they happened.
    pub async fn undelivered(self) -> Result<Vec<UndeliveredAlert>> {
        let Self { store, account } = self;
        let sql = "select alert_id, kind, subject, raised_at, text, 'raised' as turn, raised_at as at
                   from alerts where account_id = ?1 and raised_told_at is null
                   union all
                   select alert_id, kind, subject, raised_at, text, 'cleared', cleared_at
                   from alerts
                   where account_id = ?1 and cleared_at is not null and cleared_told_at is null
                   order by 7, 1, 6 desc";
        let rows: Vec<UndeliveredColumns> =
            sqlx::query_as(sql).bind(account.0).fetch_all(&store.readers).await?;
        let undelivered = rows.into_iter().map(|(id, kind, subject, since, text, turn, at)| {
            let alert = alert((kind, subject, since, text))?;
            Ok(UndeliveredAlert { id, alert, turn: sqlite::word(&turn)?, at: sqlite::time(&at)? })
        });
        undelivered.collect()
    }

    /// The alert was delivered, or its delivery was abandoned.
    pub async fn was_delivered(self, alert: &UndeliveredAlert, now: DateTime<Utc>) -> Result<()> {
        let store = self.store;
        let sql = match alert.turn {
            AlertTurn::Raised => "update alerts set raised_told_at = ?2 where alert_id = ?1",
            AlertTurn::Cleared => "update alerts set cleared_told_at = ?2 where alert_id = ?1",
        };
        store.execute(sqlx::query(sql).bind(alert.id).bind(sqlite::millis(now))).await
    }
}

/// A statement whose first three parameters identify the alert.
fn of_alert<'q>(
    sql: &'static str,
    account: AccountId,
    alert: &'q Alert,
) -> Query<'q, Sqlite, SqliteArguments> {
    sqlx::query(sql).bind(account.0).bind(alert.kind.as_str()).bind(&alert.subject)
}

async fn raise(tx: &mut Tx, account: AccountId, alert: &Alert) -> Result<()> {
    let sql = "insert into alerts (account_id, kind, subject, text, raised_at) values (?1, ?2, ?3, ?4, ?5)";
    let raise = of_alert(sql, account, alert).bind(&alert.text).bind(sqlite::millis(alert.since));
    raise.execute(&mut **tx).await?;
    Ok(())
}

async fn retell(tx: &mut Tx, account: AccountId, alert: &Alert) -> Result<()> {
    let sql = "update alerts set text = ?4
               where account_id = ?1 and kind = ?2 and subject = ?3 and cleared_at is null";
    of_alert(sql, account, alert).bind(&alert.text).execute(&mut **tx).await?;
    Ok(())
}

async fn clear(tx: &mut Tx, account: AccountId, alert: &Alert, now: DateTime<Utc>) -> Result<()> {
    let sql = "update alerts set cleared_at = ?4
               where account_id = ?1 and kind = ?2 and subject = ?3 and cleared_at is null";
    of_alert(sql, account, alert).bind(sqlite::millis(now)).execute(&mut **tx).await?;
    Ok(())
}

fn alert((kind, subject, since, text): AlertColumns) -> Result<Alert> {
    Ok(Alert { kind: sqlite::word(&kind)?, subject, since: sqlite::time(&since)?, text })
}
