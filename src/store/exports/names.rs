//! What rows of exports name, kept once: what was played, and how.
//!
//! Owns: `export_items` and `export_circumstances`, and the keys that an import remembers of them. Must not
//! know: rows.

use std::collections::HashMap;
use std::hash::Hash;

use super::super::Result;
use super::super::sqlite::{self, Tx};
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

pub(super) async fn new_items(
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

pub(super) async fn new_circumstances(
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

/// Keeps new keys for the rows to come.
pub(super) fn remember<T: Eq + Hash>(known: &mut HashMap<T, i64>, new: HashMap<T, i64>) {
    if known.len() + new.len() > REMEMBERED {
        known.clear();
    }
    known.extend(new);
}
