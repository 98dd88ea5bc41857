//! The slots of one playlist: staged page by page, stored whole.
//!
//! Owns: `playlist_items` and `staged_items`. Must not know: when a playlist is to be read.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::catalogue::Catalogue;
use super::diff::diff;
use super::journal::{Change, Entry, Kind};
use super::sqlite::{self, Tx};
use super::{ContentsPage, Result};
use crate::domain::{AccountId, PlaylistContent, PlaylistId, PlaylistItem, Row};

/// A slot of a playlist as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash, sqlx::FromRow)]
pub(super) struct Item {
    pub(super) position: i64,
    kind: String,
    key: Option<String>,
    uri: Option<String>,
    added_at: Option<String>,
    added_by: Option<String>,
}

/// By what a slot is the same in two versions of a playlist.
type Identity<'a> = (&'a str, Option<&'a str>);

impl Item {
    fn identity(&self) -> Identity<'_> {
        (&self.kind, self.uri.as_deref())
    }

    fn journal_kind(&self) -> Kind {
        match self.kind.as_str() {
            "track" | "local" => Kind::Track,
            "episode" => Kind::Episode,
            _ => Kind::Unavailable,
        }
    }
}

/// The slots of a page. What cannot be read holds its place as `unavailable`.
pub(super) fn of_page(page: &ContentsPage) -> Vec<Item> {
    of_rows(page.first_position, &page.rows)
}

/// These rows as slots, the first at `first_position`.
pub(super) fn of_rows(first_position: u32, rows: &[Row<PlaylistItem>]) -> Vec<Item> {
    (i64::from(first_position)..).zip(rows).map(|(position, row)| item(position, row.readable())).collect()
}

fn item(position: i64, item: Option<&PlaylistItem>) -> Item {
    let (kind, key, uri) = match item.map(|item| &item.content) {
        Some(PlaylistContent::Track(track)) => ("track", Some(track.id.as_str()), Some(&track.uri)),
        Some(PlaylistContent::Local(track)) => ("local", Some(track.id.as_str()), Some(&track.uri)),
        Some(PlaylistContent::Episode(episode)) => ("episode", Some(episode.id.as_str()), Some(&episode.uri)),
        Some(PlaylistContent::Unavailable) | None => ("unavailable", None, None),
    };
    Item {
        position,
        kind: kind.to_owned(),
        key: key.map(ToOwned::to_owned),
        uri: uri.cloned(),
        added_at: item.and_then(|item| item.added_at).map(sqlite::seconds),
        // An empty id is how old rows say that nobody is known.
        added_by: item.and_then(|item| item.added_by.clone()).filter(|user| !user.is_empty()),
    }
}

/// Whether a slot of `old` is missing from `new`, or one of `new` stands there twice. Equal are slots that
/// hold the same since the same time.
pub(super) fn look_torn(old: &[Item], new: &[Item]) -> bool {
    let identity = |item: &Item| (item.uri.clone(), item.added_at.clone());
    let mut counts: HashMap<_, i32> = HashMap::with_capacity(new.len());
    for item in new.iter().filter(|item| item.uri.is_some()) {
        *counts.entry(identity(item)).or_default() += 1;
    }
    let twice = counts.values().any(|count| *count > 1);
    let missing = old.iter().filter(|item| item.uri.is_some()).any(|item| {
        let count = counts.entry(identity(item)).or_default();
        *count -= 1;
        *count < 0
    });
    twice || missing
}

/// What a page describes.
pub(super) fn catalogue(rows: &[Row<PlaylistItem>]) -> Result<Catalogue<'_>> {
    let mut catalogue = Catalogue::default();
    for item in rows.iter().filter_map(Row::readable) {
        match &item.content {
            PlaylistContent::Track(track) | PlaylistContent::Local(track) => catalogue.track(track)?,
            PlaylistContent::Episode(episode) => catalogue.episode(episode),
            PlaylistContent::Unavailable => {}
        }
    }
    Ok(catalogue)
}

/// Drops what is staged of one playlist, or of all.
pub(super) async fn clear_stage(
    tx: &mut Tx,
    account: AccountId,
    playlist: Option<&PlaylistId>,
) -> Result<()> {
    let sql = "delete from staged_items where account_id = ?1 and (?2 is null or playlist_id = ?2)";
    sqlx::query(sql).bind(account.0).bind(playlist.map(PlaylistId::as_str)).execute(&mut **tx).await?;
    Ok(())
}

/// Keeps slots until the list is read to its end; a place that is read again takes the newer slot.
pub(super) async fn stage(
    tx: &mut Tx,
    account: AccountId,
    playlist: &PlaylistId,
    items: &[Item],
) -> Result<()> {
    write(tx, STAGE, account, playlist, items).await
}

/// What is staged of a playlist, in order.
pub(super) async fn staged(tx: &mut Tx, account: AccountId, playlist: &PlaylistId) -> Result<Vec<Item>> {
    let sql = "select position, kind, item_key as key, uri, added_at, added_by
               from staged_items where account_id = ?1 and playlist_id = ?2 order by position";
    read(tx, sql, account, playlist).await
}

/// What is stored of a playlist, in order.
pub(super) async fn stored(tx: &mut Tx, account: AccountId, playlist: &PlaylistId) -> Result<Vec<Item>> {
    let sql = "select position, kind, item_key as key, uri, added_at, added_by
               from playlist_items where account_id = ?1 and playlist_id = ?2 order by position";
    read(tx, sql, account, playlist).await
}

async fn read(
    tx: &mut Tx,
    sql: &'static str,
    account: AccountId,
    playlist: &PlaylistId,
) -> Result<Vec<Item>> {
    Ok(sqlx::query_as(sql).bind(account.0).bind(playlist.as_str()).fetch_all(&mut **tx).await?)
}

/// Makes the stored slots equal to `items`, writing only what differs.
pub(super) async fn replace(
    tx: &mut Tx,
    account: AccountId,
    playlist: &PlaylistId,
    items: &[Item],
) -> Result<()> {
    let sql = "delete from playlist_items where account_id = ?1 and playlist_id = ?2 and position >= ?3";
    sqlx::query(sql)
        .bind(account.0)
        .bind(playlist.as_str())
        .bind(sqlite::len(items))
        .execute(&mut **tx)
        .await?;
    write(tx, STORE, account, playlist, items).await
}

async fn write(
    tx: &mut Tx,
    sql: &'static str,
    account: AccountId,
    playlist: &PlaylistId,
    items: &[Item],
) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = items
        .iter()
        .map(|item| (item.position, &item.kind, &item.key, &item.uri, &item.added_at, &item.added_by))
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
insert into playlist_items as old
    (account_id, playlist_id, position, kind, item_key, uri, added_at, added_by)
select ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
from jsonb_each(?3) where true
on conflict do update set
    kind = excluded.kind, item_key = excluded.item_key, uri = excluded.uri,
    added_at = excluded.added_at, added_by = excluded.added_by
where (old.kind, old.item_key, old.uri, old.added_at, old.added_by) is not
      (excluded.kind, excluded.item_key, excluded.uri, excluded.added_at, excluded.added_by)";

/// The journal's lines for a new version of a playlist. A removed slot says all that it held, so that
/// the version before can be had back from the one after.
pub(super) fn edits<'a>(
    playlist: &PlaylistId,
    name: &str,
    old: &'a [Item],
    new: &'a [Item],
) -> Vec<Entry<'a>> {
    let identities = |items: &'a [Item]| items.iter().map(Item::identity).collect::<Vec<_>>();
    let diff = diff(&identities(old), &identities(new));
    let line = |change, item: &'a Item, position: Value, before: Option<&Item>| Entry {
        change,
        kind: item.journal_kind(),
        key: item.key.as_deref(),
        detail: detail(playlist, name, position, item, before),
    };
    let pair = |(from, to): &(usize, usize)| Some((*from, *to, old.get(*from)?, new.get(*to)?));

    let mut edits = Vec::new();
    edits.extend(diff.removed.iter().filter_map(|from| {
        let item = old.get(*from)?;
        Some(line(Change::Removed, item, json!(from), None))
    }));
    edits.extend(diff.added.iter().filter_map(|to| {
        let item = new.get(*to)?;
        Some(line(Change::Added, item, json!(to), None))
    }));
    edits.extend(diff.moved.iter().filter_map(|places| {
        let (from, to, before, item) = pair(places)?;
        Some(line(Change::Moved, item, json!([from, to]), Some(before)))
    }));
    edits.extend(diff.kept.iter().filter_map(|places| {
        let (from, to, before, item) = pair(places)?;
        let touched = (&before.added_at, &before.added_by) != (&item.added_at, &item.added_by);
        touched.then(|| line(Change::Changed, item, json!([from, to]), Some(before)))
    }));
    edits
}

/// Where a slot stood and what it held; `[old, new]` where that is two things.
fn detail(playlist: &PlaylistId, name: &str, position: Value, item: &Item, before: Option<&Item>) -> Value {
    let value = |get: fn(&Item) -> &Option<String>| match before.filter(|old| get(old) != get(item)) {
        Some(old) => json!([get(old), get(item)]),
        None => json!(get(item)),
    };
    Value::Object(Map::from_iter([
        ("playlist_id".to_owned(), json!(playlist)),
        ("playlist".to_owned(), json!(name)),
        ("position".to_owned(), position),
        ("kind".to_owned(), json!(item.kind)),
        ("added_at".to_owned(), value(|item| &item.added_at)),
        ("added_by".to_owned(), value(|item| &item.added_by)),
    ]))
}
