//! The names in rows of exports, each stored once: what was played, and how.
//!
//! Owns: `export_items` and `export_circumstances`, and the cache of their keys during an import.
//! Must not know: rows.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use by_address::ByAddress;
use hashbrown::{Equivalent, HashMap, HashSet};

use crate::domain::{Circumstances, ExportItem, ExportKind, ExportRow};
use crate::store::db::sqlite::{self, Tx};
use crate::store::plays::played_items::NUMBER_ITEMS;
use crate::store::{Result, StoreError};

/// How many items and circumstances have their keys cached; this limits the memory of an import.
const REMEMBERED: usize = 40_000;
/// Bytes of their names and uris; real ones need less.
const REMEMBERED_BYTES: usize = 8 << 20;

#[derive(serde::Serialize)]
struct NamedItemColumns {
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

impl NamedItemColumns {
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

/// Adds the items of the rows to the catalogue, as far as rows describe them; the fields from a
/// list or an answer are kept. Another export may have a name that one export lost.
const ITEMS: &str = "
insert into tracks (track_id, uri, name, artists, credits, album_name, is_local)
select value ->> 'track_id', value ->> 'uri', value ->> 'title', value ->> 'maker', value ->> 'credits',
       value ->> 'album', value ->> 'is_local'
from jsonb_each(?1) where value ->> 'track_id' is not null
on conflict do update set name = excluded.name, artists = excluded.artists, credits = excluded.credits,
    album_name = coalesce(album_name, excluded.album_name)
where name = '' and excluded.name <> '';
insert into episodes (episode_id, uri, name, show_name)
select value ->> 'episode_id', value ->> 'uri', value ->> 'title', nullif(value ->> 'maker', '')
from jsonb_each(?1) where value ->> 'episode_id' is not null
on conflict do update set name = excluded.name, show_name = coalesce(show_name, excluded.show_name)
where name = '' and excluded.name <> '';
insert into export_items (names, uri, track_id, episode_id, item_id)
select value ->> 'names', value ->> 'uri', value ->> 'track_id', value ->> 'episode_id',
       (select i.item_id from stats_items i where i.uri = value ->> 'uri')
from jsonb_each(?1) where true on conflict do nothing";

/// The database keys of items, by the item that the rows share.
pub(super) type Keys<T, K> = HashMap<ByAddress<Arc<T>>, K>;

/// Keys that are cached from batch to batch. The cache also keeps the items alive.
#[derive(Debug)]
pub(super) struct RememberedKeys<T, K> {
    pub(super) keys: Keys<T, K>,
    bytes: usize,
}

impl<T: Weigh, K> RememberedKeys<T, K> {
    pub(super) fn new() -> Self {
        Self { keys: Keys::new(), bytes: 0 }
    }

    /// Caches keys for later rows.
    pub(super) fn remember(&mut self, new: Keys<T, K>) {
        let bytes = new.keys().map(|thing| thing.bytes()).sum::<usize>();
        if self.keys.len() + new.len() > REMEMBERED || self.bytes + bytes > REMEMBERED_BYTES {
            self.keys = Keys::new();
            self.bytes = 0;
        }
        self.bytes += bytes;
        self.keys.extend(new);
    }
}

/// How much memory the texts of an item need.
pub(super) trait Weigh {
    /// Bytes of the texts, and of the uri that may be built from them.
    fn bytes(&self) -> usize;
}

impl Weigh for ExportItem {
    fn bytes(&self) -> usize {
        let names = self.names().into_iter().flatten().map(String::len).sum::<usize>();
        // A uri that is built from names is stored twice, and each letter of it may be written as
        // three.
        let is_told = [&self.track_uri, &self.episode_uri].into_iter().any(Option::is_some);
        if is_told { 2 * names } else { 7 * names }
    }
}

impl Weigh for Circumstances {
    fn bytes(&self) -> usize {
        let texts = [&self.platform, &self.conn_country, &self.reason_start, &self.reason_end, &self.unknown];
        texts.into_iter().flatten().map(String::len).sum()
    }
}

/// An item for a lookup. A reference count that changed for each row would be contended by two
/// threads.
struct At<'a, T>(&'a T);

impl<T> Hash for At<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        ByAddress(self.0).hash(state);
    }
}

impl<T> Equivalent<ByAddress<Arc<T>>> for At<'_, T> {
    fn equivalent(&self, kept: &ByAddress<Arc<T>>) -> bool {
        std::ptr::eq(self.0, Arc::as_ptr(kept))
    }
}

/// The key of the names of an item, and the number that plays use for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ItemKey {
    pub(super) id: i64,
    pub(super) item_id: i64,
}

/// Stores the items of the rows whose keys are not known; returns their keys.
pub(super) async fn new_items(
    tx: &mut Tx,
    rows: &[ExportRow],
    known: &Keys<ExportItem, ItemKey>,
) -> Result<Keys<ExportItem, ItemKey>> {
    let new = unknown(rows.iter().map(|row| &row.item), known);
    if new.is_empty() {
        return Ok(Keys::new());
    }
    let columns: Vec<_> = new.iter().map(|item| NamedItemColumns::of(item)).collect::<Result<_>>()?;
    let rows = sqlite::rows(&columns)?;
    for sql in [NUMBER_ITEMS, ITEMS] {
        sqlx::query(sql).bind(&rows).execute(&mut **tx).await?;
    }
    let names: Vec<_> = columns.iter().map(|item| item.names.as_str()).collect();
    let sql = "select i.names, i.id, i.item_id
               from jsonb_each(?1) as asked join export_items i on i.names = asked.value";
    let keys = keys_of(tx, sql, &names, |(names, id, item_id)| (names, ItemKey { id, item_id })).await?;
    Ok(new.into_iter().map(ByAddress).zip(keys).collect())
}

/// The same for how the rows were played.
pub(super) async fn new_circumstances(
    tx: &mut Tx,
    rows: &[ExportRow],
    known: &Keys<Circumstances, i64>,
) -> Result<Keys<Circumstances, i64>> {
    let new = unknown(rows.iter().map(|row| &row.circumstances), known);
    if new.is_empty() {
        return Ok(Keys::new());
    }
    let fields: Vec<_> = new.iter().map(|how| sqlite::rows(&**how)).collect::<Result<_>>()?;
    let insert = "insert into export_circumstances (fields, skipped)
                  select value, value ->> 'skipped' from jsonb_each(?1) where true on conflict do nothing";
    sqlx::query(insert).bind(sqlite::rows(&fields)?).execute(&mut **tx).await?;
    let sql = "select c.fields, c.id from jsonb_each(?1) as asked
               join export_circumstances c on c.fields = asked.value";
    let ids = keys_of(tx, sql, &fields, |found: (String, i64)| found).await?;
    Ok(new.into_iter().map(ByAddress).zip(ids).collect())
}

/// What is not known yet, each once. Equal items may occur several times; their texts lead to one
/// key.
fn unknown<'a, T: 'a, K>(of_rows: impl Iterator<Item = &'a Arc<T>>, known: &Keys<T, K>) -> Vec<Arc<T>> {
    let mut new = HashSet::new();
    let unknown = of_rows
        .filter(|thing| !known.contains_key(&At(&***thing)) && new.insert(ByAddress(Arc::clone(thing))));
    unknown.cloned().collect()
}

/// Finds keys by the texts that identify them in the database; `split` takes a row of the statement
/// apart.
async fn keys_of<R, K: Copy>(
    tx: &mut Tx,
    sql: &'static str,
    texts: &[impl AsRef<str> + serde::Serialize],
    split: impl Fn(R) -> (String, K),
) -> Result<Vec<K>>
where
    R: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
{
    let found: Vec<R> = sqlx::query_as(sql).bind(sqlite::rows(&texts)?).fetch_all(&mut **tx).await?;
    let keys: HashMap<String, K> = found.into_iter().map(split).collect();
    texts.iter().map(|text| keys.get(text.as_ref()).copied().ok_or_else(missing)).collect()
}

/// The key of something that a row names.
pub(super) fn key_of<'a, T, K>(known: &'a Keys<T, K>, new: &'a Keys<T, K>, thing: &Arc<T>) -> Result<&'a K> {
    known.get(&At(&**thing)).or_else(|| new.get(&At(&**thing))).ok_or_else(missing)
}

/// Everything that rows name is stored before the rows, so nothing may be missing.
fn missing() -> StoreError {
    StoreError::Damaged("what a row of an export names is not there".to_owned())
}
