//! What privacy exports said of the listening.
//!
//! Owns: `export_rows` with `export_items` and `export_circumstances`, and `plays_unsettled`: rows of an
//! extended history are plays at once, and until they are settled a play that the API told, too, is there
//! twice. Must not know: files and their formats.
//!
//! It may write beside an engine: every transaction is a batch or a week.

use std::collections::HashMap;
use std::hash::Hash;

use chrono::{DateTime, Utc};

use super::coverage::{self, Span};
use super::settle::{self, Outcome};
use super::sqlite::{self, Tx};
use super::{Result, Store, stats};
use crate::domain::{AccountId, Circumstances, ExportItem, ExportKind, ExportRow, REACH_MS};

/// Things and circumstances whose keys are remembered; the memory of an import is bounded by it.
const REMEMBERED: usize = 40_000;
/// How much of the history is settled in one transaction.
const STRETCH_MS: i64 = 7 * 86_400_000;

/// Writes rows of exports, batch by batch.
#[derive(Debug)]
pub struct ExportWriter {
    store: Store,
    account: AccountId,
    items: HashMap<ExportItem, i64>,
    circumstances: HashMap<Circumstances, i64>,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Rows that were not known.
    pub new: u64,
}

/// What became of all that was not settled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Rows that tell a play which something else told, too.
    pub matched: u64,
}

/// A row as one parameter.
type Columns<'a> = (&'a str, i64, Option<i64>, i64, i64, Option<i64>);

impl ExportWriter {
    /// A writer for this account.
    #[must_use]
    pub fn new(store: Store, account: AccountId) -> Self {
        Self { store, account, items: HashMap::new(), circumstances: HashMap::new() }
    }

    /// Stores the rows that are not known yet. One transaction.
    pub async fn write(&mut self, rows: &[ExportRow]) -> Result<Stored> {
        let ended = rows.iter().map(|row| row.ended_ms);
        let (Some(first), Some(last)) = (ended.clone().min(), ended.max()) else {
            return Ok(Stored { new: 0 });
        };
        let mut tx = self.store.begin().await?;
        let items = new_items(&mut tx, rows, &self.items).await?;
        let circumstances = new_circumstances(&mut tx, rows, &self.circumstances).await?;
        let columns: Vec<Columns<'_>> = rows
            .iter()
            .filter_map(|row| {
                let item = self.items.get(&row.item).or_else(|| items.get(&row.item))?;
                let known = self.circumstances.get(&row.circumstances);
                let how = known.or_else(|| circumstances.get(&row.circumstances))?;
                let format = row.format.as_str();
                Some((format, row.ended_ms, row.ms_played, *item, *how, row.offline_timestamp))
            })
            .collect();
        let before: i64 =
            sqlx::query_scalar("select coalesce(max(id), 0) from export_rows").fetch_one(&mut *tx).await?;
        let insert = "insert into export_rows
                          (account_id, format, ended_ms, ms_played, item_id, circumstances_id, offline_timestamp)
                      select ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
                      from jsonb_each(?2) where true on conflict do nothing";
        let stored =
            sqlx::query(insert).bind(self.account.0).bind(sqlite::rows(&columns)?).execute(&mut *tx).await?;
        let new = stored.rows_affected();
        if new > 0 {
            sqlx::query(PLAYS).bind(before).execute(&mut *tx).await?;
            unsettled(&mut tx, self.account, Span::of_millis(first, last)).await?;
        }
        tx.commit().await?;
        remember(&mut self.items, items);
        remember(&mut self.circumstances, circumstances);
        Ok(Stored { new })
    }
}

/// Every row of an extended history is a play; the others wait to be settled.
const PLAYS: &str = "
insert into plays (account_id, played_at, uri, track_id, episode_id, ms_played, source, skipped, counts,
                   export_row_id)
select r.account_id, strftime('%Y-%m-%dT%H:%M:%S', r.ended_ms / 1000, 'unixepoch') || printf('.%03dZ', r.ended_ms % 1000),
       i.uri, i.track_id, i.episode_id, r.ms_played, r.format, c.fields ->> 'skipped',
       ifnull(r.ms_played, 30000) >= 30000, r.id
from export_rows r
join export_items i on i.id = r.item_id
join export_circumstances c on c.id = r.circumstances_id
where r.id > ?1 and r.format = 'extended'
order by r.id";

fn remember<T: Eq + Hash>(known: &mut HashMap<T, i64>, new: HashMap<T, i64>) {
    if known.len() + new.len() > REMEMBERED {
        known.clear();
    }
    known.extend(new);
}

async fn unsettled(tx: &mut Tx, account: AccountId, span: Span) -> Result<()> {
    let sql = "insert into plays_unsettled as old (account_id, from_at, to_at) values (?1, ?2, ?3)
               on conflict do update set from_at = min(old.from_at, excluded.from_at),
                                         to_at = max(old.to_at, excluded.to_at)
               where excluded.from_at < old.from_at or excluded.to_at > old.to_at";
    sqlx::query(sql)
        .bind(account.0)
        .bind(sqlite::millis(span.from))
        .bind(sqlite::millis(span.to))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[derive(serde::Serialize)]
struct ItemColumns {
    names: String,
    uri: String,
    track_id: Option<String>,
    episode_id: Option<String>,
    title: String,
    maker: String,
    credits: String,
    album: Option<String>,
    is_local: bool,
}

impl ItemColumns {
    fn of(item: &ExportItem) -> Result<Self> {
        let (title, maker) = item.title_and_maker();
        let credits = if maker.is_empty() { Vec::new() } else { vec![(None::<&str>, maker)] };
        let uri = item.uri();
        Ok(Self {
            names: sqlite::rows(&item.names())?,
            track_id: item.track_id().map(|id| id.as_str().to_owned()),
            episode_id: item.episode_id().map(|id| id.as_str().to_owned()),
            title: title.to_owned(),
            maker: maker.to_owned(),
            credits: sqlite::rows(&credits)?,
            album: item.album.clone().filter(|_| item.kind() == ExportKind::Track),
            is_local: uri.starts_with("spotify:local:"),
            uri,
        })
    }
}

/// Makes the catalogue know what the rows name, as far as rows can tell; what a list or an answer said of
/// a track stands.
const ITEMS: &str = "
insert into tracks (track_id, uri, name, artists, credits, album_name, is_local)
select value ->> 'track_id', value ->> 'uri', value ->> 'title', value ->> 'maker', value ->> 'credits',
       value ->> 'album', value ->> 'is_local'
from jsonb_each(?1) where value ->> 'track_id' is not null on conflict do nothing;
insert into episodes (episode_id, uri, name, show_name)
select value ->> 'episode_id', value ->> 'uri', value ->> 'title', nullif(value ->> 'maker', '')
from jsonb_each(?1) where value ->> 'episode_id' is not null on conflict do nothing;
insert into export_items (names, uri, track_id, episode_id)
select value ->> 'names', value ->> 'uri', value ->> 'track_id', value ->> 'episode_id'
from jsonb_each(?1) where true on conflict do nothing";

async fn new_items(
    tx: &mut Tx,
    rows: &[ExportRow],
    known: &HashMap<ExportItem, i64>,
) -> Result<HashMap<ExportItem, i64>> {
    let mut new = distinct(rows.iter().map(|row| &row.item), known);
    if new.is_empty() {
        return Ok(HashMap::new());
    }
    let columns: Vec<_> = new.keys().map(ItemColumns::of).collect::<Result<_>>()?;
    sqlx::query(ITEMS).bind(sqlite::rows(&columns)?).execute(&mut **tx).await?;
    let names: Vec<_> = columns.iter().map(|item| &item.names).collect();
    let sql =
        "select i.id, i.names from jsonb_each(?1) as asked join export_items i on i.names = asked.value";
    for (id, names) in keys(tx, sql, &names).await? {
        let item = ExportItem::from_names(sqlite::from_json(&names)?);
        new.insert(item, id);
    }
    Ok(new)
}

async fn new_circumstances(
    tx: &mut Tx,
    rows: &[ExportRow],
    known: &HashMap<Circumstances, i64>,
) -> Result<HashMap<Circumstances, i64>> {
    let new = distinct(rows.iter().map(|row| &row.circumstances), known);
    if new.is_empty() {
        return Ok(new);
    }
    let mut by_fields = HashMap::new();
    for how in new.into_keys() {
        by_fields.insert(sqlite::rows(&how)?, how);
    }
    let fields: Vec<_> = by_fields.keys().cloned().collect();
    let insert = "insert into export_circumstances (fields) select value from jsonb_each(?1) where true
                  on conflict do nothing";
    sqlx::query(insert).bind(sqlite::rows(&fields)?).execute(&mut **tx).await?;
    let sql = "select c.id, c.fields from jsonb_each(?1) as asked
               join export_circumstances c on c.fields = asked.value";
    let keys = keys(tx, sql, &fields).await?.into_iter();
    Ok(keys.filter_map(|(id, fields)| Some((by_fields.remove(&fields)?, id))).collect())
}

fn distinct<'a, T: Eq + Hash + Clone + 'a>(
    of_rows: impl Iterator<Item = &'a T>,
    known: &HashMap<T, i64>,
) -> HashMap<T, i64> {
    let mut new = HashMap::new();
    for thing in of_rows {
        if !known.contains_key(thing) && !new.contains_key(thing) {
            new.insert(thing.clone(), 0);
        }
    }
    new
}

async fn keys<T: serde::Serialize>(tx: &mut Tx, sql: &'static str, asked: &T) -> Result<Vec<(i64, String)>> {
    Ok(sqlx::query_as(sql).bind(sqlite::rows(asked)?).fetch_all(&mut **tx).await?)
}

impl Store {
    /// Matches rows of exports that an import stored with what other sources said, and finds which of
    /// them tell a play that was known. Without such rows it only looks.
    pub async fn settle_exports(&self, account: AccountId) -> Result<Settled> {
        let mut settled = Settled::default();
        let sql = "select from_at, to_at from plays_unsettled where account_id = ?1";
        let open: Option<(String, String)> =
            sqlx::query_as(sql).bind(account.0).fetch_optional(&self.readers).await?;
        let Some((from, to)) = open else { return Ok(settled) };
        let (whole, to) = (sqlite::time(&from)?, sqlite::time(&to)?);
        let mut from = whole.timestamp_millis();
        let last = to.timestamp_millis();
        while let Some(next) = self.next_told_otherwise(account, from, last).await? {
            let end = (next + STRETCH_MS).min(last);
            let mut tx = self.begin().await?;
            let Outcome { taken_over, .. } = settle::settle(&mut tx, account, next, end).await?;
            settled.matched += u64::from(taken_over);
            tx.commit().await?;
            from = end + 1;
        }
        let mut tx = self.begin().await?;
        stats::touched(&mut tx, account, whole, to).await?;
        // What another import stored meanwhile is not settled.
        let clear = "delete from plays_unsettled where account_id = ?1 and from_at >= ?2 and to_at <= ?3";
        sqlx::query(clear)
            .bind(account.0)
            .bind(sqlite::millis(whole))
            .bind(sqlite::millis(to))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(settled)
    }

    /// The first statement from `from` on that may speak of the same play as a row of an extended history;
    /// one that reaches into `from..=to` from outside counts as `from`.
    async fn next_told_otherwise(&self, account: AccountId, from: i64, to: i64) -> Result<Option<i64>> {
        if from > to {
            return Ok(None);
        }
        let sql = "select min(at) from (
                       select min(ended_ms) as at from export_rows
                       where account_id = ?1 and format = 'account_data' and ended_ms between ?2 and ?3
                       union all
                       select cast(round(unixepoch(min(played_at), 'subsec') * 1000) as integer)
                       from play_observations where account_id = ?1 and played_at between ?4 and ?5)";
        let at: Option<i64> = sqlx::query_scalar(sql)
            .bind(account.0)
            .bind(from - REACH_MS)
            .bind(to + REACH_MS)
            .bind(sqlite::millis(sqlite::at_millis(from - REACH_MS)))
            .bind(sqlite::millis(sqlite::at_millis(to + REACH_MS)))
            .fetch_one(&self.readers)
            .await?;
        Ok(at.map(|at| (at - REACH_MS).clamp(from, to)))
    }

    /// Notes that exports told everything of these intervals.
    pub async fn cover_by_import(
        &self,
        account: AccountId,
        spans: &[(DateTime<Utc>, DateTime<Utc>)],
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        coverage::update(&mut tx, account, |coverage| {
            for (from, to) in spans {
                coverage.imported(from.timestamp_millis(), to.timestamp_millis());
            }
        })
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Writes the database as it is into another file, so that something can be tried out on it.
    pub async fn copy_to(&self, path: &std::path::Path) -> Result<()> {
        sqlx::query("vacuum into ?1")
            .bind(path.to_string_lossy().into_owned())
            .execute(&self.readers)
            .await
            .map_err(|error| sqlite::at(path, error))?;
        Ok(())
    }
}
