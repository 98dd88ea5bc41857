//! What rows of exports name, kept once: what was played, and how.
//!
//! Owns: `export_items` and `export_circumstances`, and the keys that an import remembers of them. Must not
//! know: rows.

use std::sync::Arc;

use by_address::ByAddress;
use hashbrown::{HashMap, HashSet};

use super::super::sqlite::{self, Tx};
use super::super::{Result, StoreError};
use crate::domain::{Circumstances, ExportItem, ExportKind, ExportRow};

/// Things and circumstances whose keys are remembered; the memory of an import is bounded by it.
const REMEMBERED: usize = 40_000;

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

/// Keys in the database, by the thing that the rows share.
pub(super) type Keys<T> = HashMap<ByAddress<Arc<T>>, i64>;

/// Keeps the items that the rows name and whose keys are not known; answers theirs.
pub(super) async fn new_items(
    tx: &mut Tx,
    rows: &[ExportRow],
    known: &Keys<ExportItem>,
) -> Result<Keys<ExportItem>> {
    let new = unknown(rows.iter().map(|row| &row.item), known);
    if new.is_empty() {
        return Ok(Keys::new());
    }
    let columns: Vec<_> = new.iter().map(|item| ItemColumns::of(item)).collect::<Result<_>>()?;
    sqlx::query(ITEMS).bind(sqlite::rows(&columns)?).execute(&mut **tx).await?;
    let names: Vec<_> = columns.into_iter().map(|item| item.names).collect();
    let sql =
        "select i.id, i.names from jsonb_each(?1) as asked join export_items i on i.names = asked.value";
    keys(tx, sql, new, &names).await
}

/// The same of how the rows were played.
pub(super) async fn new_circumstances(
    tx: &mut Tx,
    rows: &[ExportRow],
    known: &Keys<Circumstances>,
) -> Result<Keys<Circumstances>> {
    let new = unknown(rows.iter().map(|row| &row.circumstances), known);
    if new.is_empty() {
        return Ok(Keys::new());
    }
    let fields: Vec<_> = new.iter().map(|how| sqlite::rows(&**how)).collect::<Result<_>>()?;
    let insert = "insert into export_circumstances (fields, skipped)
                  select value, value ->> 'skipped' from jsonb_each(?1) where true on conflict do nothing";
    sqlx::query(insert).bind(sqlite::rows(&fields)?).execute(&mut **tx).await?;
    let sql = "select c.id, c.fields from jsonb_each(?1) as asked
               join export_circumstances c on c.fields = asked.value";
    keys(tx, sql, new, &fields).await
}

/// What is not known yet, each once. Things that are equal may be several; their texts find one key.
fn unknown<'a, T: 'a>(of_rows: impl Iterator<Item = &'a Arc<T>>, known: &Keys<T>) -> Vec<Arc<T>> {
    let mut new = HashSet::new();
    let unknown = of_rows.filter(|thing| {
        let thing = ByAddress(Arc::clone(thing));
        !known.contains_key(&thing) && new.insert(thing)
    });
    unknown.cloned().collect()
}

/// Finds the keys of things by the texts that stand for them in the database.
async fn keys<T>(tx: &mut Tx, sql: &'static str, things: Vec<Arc<T>>, texts: &[String]) -> Result<Keys<T>> {
    let found: Vec<(i64, String)> =
        sqlx::query_as(sql).bind(sqlite::rows(&texts)?).fetch_all(&mut **tx).await?;
    let keys: HashMap<String, i64> = found.into_iter().map(|(key, text)| (text, key)).collect();
    let key = |(thing, text)| Some((ByAddress(thing), *keys.get::<String>(text)?));
    things.into_iter().zip(texts).map(|of| key(of).ok_or_else(missing)).collect()
}

/// The key of something that a row names.
pub(super) fn key_of<T>(known: &Keys<T>, new: &Keys<T>, thing: &Arc<T>) -> Result<i64> {
    let thing = ByAddress(Arc::clone(thing));
    known.get(&thing).or_else(|| new.get(&thing)).copied().ok_or_else(missing)
}

/// Everything that rows name is kept before they are; for want of it none may go missing.
fn missing() -> StoreError {
    StoreError::Damaged("what a row of an export names is not there".to_owned())
}

/// Remembers keys for the rows to come.
pub(super) fn remember<T>(known: &mut Keys<T>, new: Keys<T>) {
    if known.len() + new.len() > REMEMBERED {
        known.clear();
    }
    known.extend(new);
}
