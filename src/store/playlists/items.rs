//! The slots of one playlist: staged page by page, stored whole.
//!
//! Owns: `playlist_items` and `staged_items`. Must not know: when a playlist is read.

use std::collections::{HashMap, HashSet};

use crate::domain::{AccountId, PlaylistContent, PlaylistId, PlaylistItem, Row};
use crate::store::catalog::describe::CatalogueWriter;
use crate::store::db::sqlite::{self, Tx};
use crate::store::journal::write::JournalKind;
use crate::store::{ContentsPage, Result};

/// The content of a playlist slot, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash, sqlx::FromRow)]
pub(in crate::store) struct Item {
    pub(in crate::store) kind: String,
    pub(in crate::store) key: Option<String>,
    pub(in crate::store) uri: Option<String>,
    pub(in crate::store) added_at: Option<String>,
    pub(in crate::store) added_by: Option<String>,
}

/// A slot and its place. While the list is read, the place is its position; in the stored list it
/// is an order key, ascending with gaps.
#[derive(Debug, Clone, PartialEq, Eq, Hash, sqlx::FromRow)]
pub(in crate::store) struct PlacedItem {
    pub(in crate::store) ord: i64,
    #[sqlx(flatten)]
    pub(in crate::store) item: Item,
}

const UNAVAILABLE: &str = "unavailable";
/// Only in staged rows: a place that the server could not serve.
const UNREAD: &str = "unread";

/// What makes a slot the same in two versions of a playlist.
pub(in crate::store) type Identity<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

impl Item {
    pub(in crate::store) fn identity(&self) -> Identity<'_> {
        (&self.kind, self.key.as_deref(), self.uri.as_deref())
    }

    pub(in crate::store) fn journal_kind(&self) -> JournalKind {
        match self.kind.as_str() {
            "track" | "local" => JournalKind::Track,
            "episode" => JournalKind::Episode,
            _ => JournalKind::Unavailable,
        }
    }
}

/// The slots of a page. An unreadable row becomes a slot with the kind `unavailable`.
pub(in crate::store) fn of_page(page: &ContentsPage) -> Vec<PlacedItem> {
    of_rows(page.first_position, &page.rows)
}

/// These rows as slots, the first at `first_position`.
pub(in crate::store) fn of_rows(first_position: u32, rows: &[Row<PlaylistItem>]) -> Vec<PlacedItem> {
    let places = i64::from(first_position)..;
    places.zip(rows).map(|(ord, row)| PlacedItem { ord, item: item(row.readable()) }).collect()
}

fn item(item: Option<&PlaylistItem>) -> Item {
    let (kind, key, uri) = match item.map(|item| &item.content) {
        Some(PlaylistContent::Track(track)) => ("track", Some(track.id.as_str()), Some(&track.uri)),
        Some(PlaylistContent::Local(track)) => ("local", Some(track.id.as_str()), Some(&track.uri)),
        Some(PlaylistContent::Episode(episode)) => ("episode", Some(episode.id.as_str()), Some(&episode.uri)),
        Some(PlaylistContent::Unread) => (UNREAD, None, None),
        Some(PlaylistContent::Unavailable) | None => (UNAVAILABLE, None, None),
    };
    Item {
        kind: kind.to_owned(),
        key: key.map(ToOwned::to_owned),
        uri: uri.cloned(),
        added_at: item.and_then(|item| item.added_at).map(sqlite::seconds),
        // Old rows use an empty id for an unknown user.
        added_by: item.and_then(|item| item.added_by.clone()).filter(|user| !user.is_empty()),
    }
}

/// Fills the places that could not be read with their previous contents, after the same neighbour,
/// if those were not read elsewhere; otherwise they are unavailable. Returns their positions.
pub(in crate::store) fn fill_unread(read: &mut [PlacedItem], stored: &[PlacedItem]) -> Vec<u32> {
    let unread = |slot: &PlacedItem| slot.item.kind == UNREAD;
    if !read.iter().any(unread) {
        return Vec::new();
    }
    let mut left: HashMap<Item, u32> = HashMap::new();
    for slot in stored {
        *left.entry(slot.item.clone()).or_default() += 1;
    }
    for slot in read.iter() {
        left.entry(slot.item.clone()).and_modify(|count| *count = count.saturating_sub(1));
    }
    let (mut places, mut before): (Vec<u32>, Option<Item>) = (Vec::new(), None);
    for slot in read.iter_mut() {
        if unread(slot) {
            places.push(u32::try_from(slot.ord).unwrap_or(u32::MAX));
            let stood =
                behind(stored, before.as_ref()).filter(|item| left.get(*item).is_some_and(|n| *n > 0));
            slot.item = stood.cloned().unwrap_or_else(|| item(None));
            left.entry(slot.item.clone()).and_modify(|count| *count = count.saturating_sub(1));
        }
        before = Some(slot.item.clone());
    }
    places
}

/// The slot after `before` in a stored version; without `before`, the first slot.
fn behind<'a>(stored: &'a [PlacedItem], before: Option<&Item>) -> Option<&'a Item> {
    let next = match before {
        None => 0,
        Some(before) => stored.iter().position(|slot| slot.item == *before)? + 1,
    };
    stored.get(next).map(|slot| &slot.item)
}

/// Whether a slot of `old` is missing from `new`, or a slot of `new` occurs more often. Slots are
/// equal if they have the same item with the same time.
pub(in crate::store) fn look_torn(old: &[PlacedItem], new: &[PlacedItem]) -> bool {
    // An unreadable slot is identified by its time, if it has one.
    let tells_itself = |slot: &&PlacedItem| slot.item.uri.is_some() || slot.item.added_at.is_some();
    let count = |slots: &[PlacedItem]| {
        let mut counts: HashMap<(Option<String>, Option<String>), u32> = HashMap::with_capacity(slots.len());
        for PlacedItem { item, .. } in slots.iter().filter(tells_itself) {
            *counts.entry((item.uri.clone(), item.added_at.clone())).or_default() += 1;
        }
        counts
    };
    let (old, new) = (count(old), count(new));
    let times = |counts: &HashMap<_, u32>, slot| counts.get(slot).copied().unwrap_or(0);
    let twice = new.iter().any(|(slot, count)| *count > times(&old, slot).max(1));
    twice || old.iter().any(|(slot, count)| times(&new, slot) < *count)
}

/// The catalogue entries of a page.
pub(in crate::store) fn catalogue(rows: &[Row<PlaylistItem>]) -> Result<CatalogueWriter<'_>> {
    let mut catalogue = CatalogueWriter::default();
    for item in rows.iter().filter_map(Row::readable) {
        match &item.content {
            PlaylistContent::Track(track) | PlaylistContent::Local(track) => catalogue.track(track)?,
            PlaylistContent::Episode(episode) => catalogue.episode(episode),
            PlaylistContent::Unavailable | PlaylistContent::Unread => {}
        }
    }
    Ok(catalogue)
}

/// Drops the staged rows of one playlist, or of all.
pub(in crate::store) async fn clear_stage(
    tx: &mut Tx,
    account: AccountId,
    playlist: Option<&PlaylistId>,
) -> Result<()> {
    let sql = "delete from staged_items where account_id = ?1 and (?2 is null or playlist_id = ?2)";
    sqlx::query(sql).bind(account.0).bind(playlist.map(PlaylistId::as_str)).execute(&mut **tx).await?;
    Ok(())
}

/// Stores slots until the list is read to its end; a place that is read again gets the newer slot.
pub(in crate::store) async fn stage(
    tx: &mut Tx,
    account: AccountId,
    playlist: &PlaylistId,
    items: &[PlacedItem],
) -> Result<()> {
    write(tx, STAGE, account, playlist, &items.iter().collect::<Vec<_>>()).await
}

/// The staged slots of a playlist, in order.
pub(in crate::store) async fn staged(
    tx: &mut Tx,
    account: AccountId,
    playlist: &PlaylistId,
) -> Result<Vec<PlacedItem>> {
    let sql = "select position as ord, kind, item_key as key, uri, added_at, added_by
               from staged_items where account_id = ?1 and playlist_id = ?2 order by position";
    read(tx, sql, account, playlist).await
}

/// The stored slots of a playlist, in order.
pub(in crate::store) async fn stored(
    tx: &mut Tx,
    account: AccountId,
    playlist: &PlaylistId,
) -> Result<Vec<PlacedItem>> {
    let sql = "select ord, kind, item_key as key, uri, added_at, added_by
               from playlist_items where account_id = ?1 and playlist_id = ?2 order by ord";
    read(tx, sql, account, playlist).await
}

async fn read(
    tx: &mut Tx,
    sql: &'static str,
    account: AccountId,
    playlist: &PlaylistId,
) -> Result<Vec<PlacedItem>> {
    Ok(sqlx::query_as(sql).bind(account.0).bind(playlist.as_str()).fetch_all(&mut **tx).await?)
}

/// Replaces the old slots with the new ones, writing only what differs.
pub(in crate::store) async fn replace(
    tx: &mut Tx,
    account: AccountId,
    playlist: &PlaylistId,
    old: &[PlacedItem],
    new: &[PlacedItem],
) -> Result<()> {
    let taken: HashSet<i64> = new.iter().map(|slot| slot.ord).collect();
    let out: Vec<i64> = old.iter().map(|slot| slot.ord).filter(|ord| !taken.contains(ord)).collect();
    if !out.is_empty() {
        let sql = "delete from playlist_items
                   where account_id = ?1 and playlist_id = ?2 and ord in (select value from jsonb_each(?3))";
        sqlx::query(sql)
            .bind(account.0)
            .bind(playlist.as_str())
            .bind(sqlite::rows(&out)?)
            .execute(&mut **tx)
            .await?;
    }
    let held: HashMap<i64, &Item> = old.iter().map(|slot| (slot.ord, &slot.item)).collect();
    let differs = |slot: &&PlacedItem| held.get(&slot.ord) != Some(&&slot.item);
    let new: Vec<&PlacedItem> = new.iter().filter(differs).collect();
    write(tx, STORE, account, playlist, &new).await
}

async fn write(
    tx: &mut Tx,
    sql: &'static str,
    account: AccountId,
    playlist: &PlaylistId,
    items: &[&PlacedItem],
) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = items
        .iter()
        .map(|PlacedItem { ord, item }| {
            (ord, &item.kind, &item.key, &item.uri, &item.added_at, &item.added_by)
        })
        .collect();
    sqlx::query(sql)
        .bind(account.0)
        .bind(playlist.as_str())
        .bind(sqlite::rows(&rows)?)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

const STAGE: &str = "
insert or replace into staged_items
    (account_id, playlist_id, position, kind, item_key, uri, added_at, added_by)
select ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
from jsonb_each(?3)";

const STORE: &str = "
insert or replace into playlist_items
    (account_id, playlist_id, ord, kind, item_key, uri, added_at, added_by)
select ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
from jsonb_each(?3)";
