//! Rows that could not be read, stored as they came.
//!
//! Owns: `set_aside`. Must not know: why a row could not be read; the reader gives the reason in
//! one sentence.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::domain::{AccountId, Entity, Row};
use crate::store::db::sqlite::{self, Tx, count};
use crate::store::{Result, SyncStateStore};

/// Where unreadable rows were found.
#[derive(Clone, Copy)]
pub(in crate::store) struct RejectedPlace<'a> {
    /// The account.
    pub(in crate::store) account: AccountId,
    /// The entity.
    pub(in crate::store) entity: Entity,
    /// The playlist; empty for other lists.
    pub(in crate::store) context: &'a str,
    /// When they were read, in the database's format; the start of the run if a page has no time.
    pub(in crate::store) seen_at: SeenAt<'a>,
}

/// When a page was read.
#[derive(Clone, Copy)]
pub(in crate::store) enum SeenAt<'a> {
    /// At this time.
    Time(&'a str),
    /// During this run.
    Run(crate::domain::RunId),
}

/// The fields that identify a row. All other fields may differ from one reading to the next: signed
/// addresses of pictures, numbers of followers, where an item can be played.
const IDENTITY: [&str; 7] = ["id", "uri", "type", "name", "added_at", "played_at", "isrc"];

/// Identifies a row that was read before.
fn digest(raw: &str) -> String {
    let identity = serde_json::from_str::<Value>(raw).ok();
    let identity = identity.as_ref().and_then(|row| identity_of(row).or_else(|| steady(row)));
    hash(&identity.map_or_else(|| raw.to_owned(), |identity| identity.to_string()))
}

/// The fields that identify a row, with their places; `None` if it has none.
fn identity_of(value: &Value) -> Option<Value> {
    match value {
        Value::Object(fields) => {
            let kept: Map<String, Value> = fields
                .iter()
                .filter_map(|(name, value)| {
                    let is_named = IDENTITY.contains(&name.as_str()) && !value.is_null();
                    let value =
                        if is_named && !is_nested(value) { Some(value.clone()) } else { identity_of(value) };
                    Some((name.clone(), value?))
                })
                .collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(values) => {
            let kept: Vec<Value> = values.iter().filter_map(identity_of).collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        _ => None,
    }
}

const fn is_nested(value: &Value) -> bool {
    matches!(value, Value::Object(_) | Value::Array(_))
}

/// A row without identifying fields, without its addresses and numbers; `None` if nothing else is
/// left.
fn steady(value: &Value) -> Option<Value> {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter_map(|(name, value)| Some((name.clone(), steady(value)?)));
            let kept: Map<String, Value> = kept.collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(values) => {
            let kept: Vec<Value> = values.iter().filter_map(steady).collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        Value::String(text) => (!text.contains("://")).then(|| value.clone()),
        Value::Bool(_) => Some(value.clone()),
        Value::Number(_) | Value::Null => None,
    }
}

fn hash(raw: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(raw.as_bytes()).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

/// Stores the unreadable ones among `rows`, each once however often it is read.
pub(in crate::store) async fn keep<T>(tx: &mut Tx, place: RejectedPlace<'_>, rows: &[Row<T>]) -> Result<()> {
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
               from jsonb_each(?6) j
               where not exists (select 1 from set_aside
                                 where account_id = ?1 and entity_type = ?2 and context = ?3
                                   and raw = j.value ->> 1)
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

impl SyncStateStore<'_> {
    /// The number of unreadable rows that were stored.
    pub async fn set_aside_count(self) -> Result<u32> {
        let Self { store, account } = self;
        let sql = "select count(*) from set_aside where account_id = ?1";
        let rows: i64 = sqlx::query_scalar(sql).bind(account.0).fetch_one(&store.readers).await?;
        Ok(count(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_the_same_whatever_its_volatile_fields_say() {
        let row = |signature: &str, followers: u32| {
            format!(
                r#"{{"added_at":"2025-01-02T03:04:05Z","track":{{"name":"Song","popularity":{followers},
                    "album":{{"images":[{{"url":"https://i.example/a?sig={signature}"}}]}}}}}}"#
            )
        };
        assert_eq!(digest(&row("one", 1)), digest(&row("two", 2)));
        let nameless = |url: &str| format!(r#"{{"a":[true,{{"b":"https://{url}","c":"kept"}}],"d":1}}"#);
        assert_eq!(digest(&nameless("one")), digest(&nameless("two")));
    }

    #[test]
    fn what_is_another_thing_is_another_row() {
        for [one, other] in [
            [r#"{"track":{"name":"a"}}"#, r#"{"track":{"name":"b"}}"#],
            [r#"{"added_at":"2025-01-01"}"#, r#"{"added_at":"2025-01-02"}"#],
            [r#"{"a":"x"}"#, r#"{"a":"y"}"#],
            ["7", "8"],
            ["{", "["],
        ] {
            assert_ne!(digest(one), digest(other), "{one}");
        }
    }
}
