//! Rows that could not be read, kept as they came.
//!
//! Owns: `set_aside`. Must not know: why a row could not be read; the reader says so in one sentence.

use sha2::{Digest, Sha256};

use super::sqlite::{self, Tx, count};
use super::{Result, Store};
use crate::domain::{AccountId, Entity, Row};

/// Where unreadable rows stood.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// Whose.
    pub(super) account: AccountId,
    /// In which entity.
    pub(super) entity: Entity,
    /// In which playlist; empty elsewhere.
    pub(super) context: &'a str,
    /// When they were read, as the database keeps times; the run's beginning where a page has no time.
    pub(super) seen_at: SeenAt<'a>,
}

/// When a page was read.
#[derive(Clone, Copy)]
pub(super) enum SeenAt<'a> {
    /// Then.
    Time(&'a str),
    /// During this run.
    Run(crate::domain::RunId),
}

fn digest(raw: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(raw.as_bytes()).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

/// Keeps the unreadable ones among `rows`, each once however often it is read.
pub(super) async fn keep<T>(tx: &mut Tx, place: Place<'_>, rows: &[Row<T>]) -> Result<()> {
    let unreadable: Vec<_> = rows
        .iter()
        .filter_map(|row| match row {
            Row::SetAside { raw, why } => Some((digest(raw), raw, why)),
            Row::Readable(_) | Row::Null => None,
        })
        .collect();
    if unreadable.is_empty() {
        return Ok(());
    }
    let (time, run) = match place.seen_at {
        SeenAt::Time(time) => (Some(time), None),
        SeenAt::Run(run) => (None, Some(run.0)),
    };
    let sql = "insert into set_aside (account_id, entity_type, context, digest, raw, why, first_seen_at)
               select ?1, ?2, ?3, value ->> 0, value ->> 1, value ->> 2,
                      coalesce(?4, (select started_at from sync_runs where id = ?5))
               from jsonb_each(?6) where true
               on conflict do nothing";
    sqlx::query(sql)
        .bind(place.account.0)
        .bind(place.entity.as_str())
        .bind(place.context)
        .bind(time)
        .bind(run)
        .bind(sqlite::rows(&unreadable)?)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl Store {
    /// Rows that could not be read and were kept raw.
    pub async fn set_aside_count(&self, account: AccountId) -> Result<u32> {
        let sql = "select count(*) from set_aside where account_id = ?1";
        let rows: i64 = sqlx::query_scalar(sql).bind(account.0).fetch_one(&self.readers).await?;
        Ok(count(rows))
    }
}
