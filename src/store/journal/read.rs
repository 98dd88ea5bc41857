//! The journal in forward direction, for people and programs.
//!
//! Owns: which lines match a filter, and how a line is put into words. Must not know: how lines are
//! displayed.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer, ser};
use serde_json::Value;
use serde_json::value::RawValue;
use sqlx::FromRow;
use sqlx::sqlite::SqliteRow;

use crate::domain::{AccountId, ChangeLine, Entity, PlaylistId};
use crate::store::db::sqlite;
use crate::store::{HistoryStore, Result, Store};

/// Which lines of the journal are requested; the default is all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangeFilter {
    /// Seen at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Seen before this time.
    pub until: Option<DateTime<Utc>>,
    /// Of one of these entities; of any entity if the list is empty.
    pub entities: Vec<Entity>,
    /// About this playlist or its contents.
    pub playlist: Option<PlaylistId>,
    /// At most this many lines, the newest ones.
    pub limit: Option<u32>,
}

/// A line of the journal. As JSON it has the columns of `v_library_changes`; `detail`, which is
/// JSON already, is included without change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct ChangeRow {
    /// Ascending, in the order in which changes were seen.
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// When a sync saw it, in milliseconds.
    pub observed_at: String,
    /// The entity.
    pub entity_type: String,
    /// added, removed, changed or moved.
    pub change: String,
    /// The uri of the item, if it has one.
    pub uri: Option<String>,
    /// The name of the item when the line was written.
    pub name: String,
    /// Places, times and old values, as JSON.
    #[serde(serialize_with = "as_it_is")]
    pub detail: String,
    /// The run that saw it.
    pub run_id: i64,
}

fn as_it_is<S: Serializer>(json: &str, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serde_json::from_str::<&RawValue>(json).map_err(ser::Error::custom)?.serialize(serializer)
}

impl ChangeRow {
    /// The line for a screen: time and entity are parsed, and the detail becomes a few words.
    pub fn line(self) -> Result<ChangeLine> {
        let entity_type = sqlite::word(&self.entity_type)?;
        Ok(ChangeLine {
            observed_at: sqlite::time(&self.observed_at)?,
            entity_type,
            detail: words(entity_type, &self.change, &self.detail),
            change: self.change,
            name: self.name,
        })
    }
}

/// The detail in a few words.
fn words(entity: Entity, change: &str, detail: &str) -> Option<String> {
    let detail: Value = serde_json::from_str(detail).ok()?;
    match (entity, change) {
        (Entity::PlaylistItems, _) => {
            let playlist = detail.get("playlist")?.as_str()?.to_owned();
            Some(match places(&detail).filter(|_| change == "moved") {
                Some(places) => format!("{playlist}, {places}"),
                None => playlist,
            })
        }
        (_, "moved") => places(&detail),
        (Entity::Playlists, _) => {
            let fields = detail.get("changes")?.as_object()?.iter();
            let words: Vec<String> = fields.map(|(field, values)| field_words(field, values)).collect();
            Some(words.join(", "))
        }
        (_, "changed") if detail.get("relinked").is_some() => Some("the same under another id".to_owned()),
        (_, "changed") => Some("saved again".to_owned()),
        _ => None,
    }
}

/// From where to where an item moved, counted from 1; `None` if other items moved around it.
fn places(detail: &Value) -> Option<String> {
    let place = |index| Some(detail.get("position")?.get(index)?.as_u64()? + 1);
    let (from, to) = (place(0)?, place(1)?);
    (from != to).then(|| format!("place {from} to {to}"))
}

fn field_words(field: &str, values: &Value) -> String {
    let is_now = values.get(1).and_then(Value::as_bool) == Some(true);
    match (field, values.get(0).and_then(Value::as_str)) {
        ("name", Some(old)) => format!("was {old}"),
        ("owner_id", _) => "another owner".to_owned(),
        ("owner_name", Some(old)) => format!("owner was named {old}"),
        ("collaborative" | "public", _) if !is_now => format!("no longer {field}"),
        _ => field.to_owned(),
    }
}

/// Lines per statement; enough that a statement costs little beside its rows.
const LINES: u32 = 500;

/// Lines between two ids, by time, entity and playlist. The plus prevents the use of the index by
/// list: lines come from the table itself in their order, without sorting.
macro_rules! matching {
    () => {
        "from library_changes
         where +account_id = ?1 and id between ?2 and ?3
           and (?4 is null or observed_at >= ?4) and (?5 is null or observed_at < ?5)
           and (?6 is null or entity_type in (select value from jsonb_each(?6)))
           and (?7 is null or playlist_id = ?7 or entity_type = 'playlists' and item_key = ?7)"
    };
}

pub(in crate::store) const PIECE: &str = concat!(
    "select id, account_id, observed_at, entity_type, change, uri, name, detail, run_id ",
    matching!(),
    " order by id limit ?8"
);

pub(in crate::store) const NEWEST: &str =
    concat!("select min(id) from (select id ", matching!(), " order by id desc limit ?8)");

pub(in crate::store) const TAIL: &str =
    "select id, account_id, observed_at, entity_type, change, uri, name, detail, run_id
     from library_changes where +account_id = ?1 order by id desc limit ?2";

/// Lines of the journal, returned page by page with nothing open in between. The caller may take
/// any time, and lines that are written meanwhile are not included.
#[derive(Debug)]
pub struct ChangePage<'a> {
    store: &'a Store,
    account: AccountId,
    since: Option<String>,
    until: Option<String>,
    entities: Option<String>,
    playlist: Option<String>,
    /// The first line that may not have been returned yet.
    next: i64,
    last: i64,
}

impl ChangePage<'_> {
    async fn ask<T>(&self, sql: &'static str, limit: u32) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        Ok(sqlx::query_as(sql)
            .bind(self.account.0)
            .bind(self.next)
            .bind(self.last)
            .bind(&self.since)
            .bind(&self.until)
            .bind(&self.entities)
            .bind(&self.playlist)
            .bind(limit)
            .fetch_all(&self.store.readers)
            .await?)
    }

    /// The next lines, oldest first; empty at the end.
    pub async fn more(&mut self) -> Result<Vec<ChangeRow>> {
        let rows: Vec<ChangeRow> = self.ask(PIECE, LINES).await?;
        self.next = rows.last().map_or(self.last, |row| row.id) + 1;
        Ok(rows)
    }
}

impl<'a> HistoryStore<'a> {
    /// The lines of the journal that match `filter`, up to the newest line at this moment.
    pub async fn changes(self, filter: &ChangeFilter) -> Result<ChangePage<'a>> {
        let Self { store, account } = self;
        let last = "select coalesce(max(id), 0) from library_changes";
        let entities: Vec<&str> = filter.entities.iter().map(|entity| entity.as_str()).collect();
        let mut changes = ChangePage {
            store,
            account,
            since: filter.since.map(sqlite::millis),
            until: filter.until.map(sqlite::millis),
            entities: (!entities.is_empty()).then(|| sqlite::rows(&entities)).transpose()?,
            playlist: filter.playlist.as_ref().map(|playlist| playlist.as_str().to_owned()),
            next: 0,
            last: sqlx::query_scalar(last).fetch_one(&store.readers).await?,
        };
        if let Some(limit) = filter.limit {
            let newest: Vec<(Option<i64>,)> = changes.ask(NEWEST, limit).await?;
            changes.next = newest.first().and_then(|row| row.0).unwrap_or(changes.last + 1);
        }
        Ok(changes)
    }

    /// The newest lines of the journal, newest first.
    pub async fn journal_tail(self, limit: u32) -> Result<Vec<ChangeLine>> {
        let Self { store, account } = self;
        let rows: Vec<ChangeRow> =
            sqlx::query_as(TAIL).bind(account.0).bind(limit).fetch_all(&store.readers).await?;
        rows.into_iter().map(ChangeRow::line).collect()
    }
}
