//! The observed versions of a playlist, and the changes of each.

use serde_json::Value;
use sqlx::FromRow;

use super::lists;
use crate::domain::queries::{Cell, ChangeKind, ItemKind, TableRow, VersionId};
use crate::domain::{PlaylistId, RunId};
use crate::store::db::sqlite;
use crate::store::{QueryStore, Result};

// The lines of one run about one list, seen at one time, lead from one version to the next.
const VERSIONS: &str = "
select run_id, observed_at, sum(change = 'added') as came, sum(change = 'removed') as went,
       sum(change = 'moved') as moved, sum(change = 'changed') as changed
from library_changes
where account_id = ?1 and entity_type = 'playlist_items' and playlist_id = ?2
group by run_id, observed_at order by max(id) desc";

const BASELINE: &str = "
select contents_first_at, contents_count from playlists where account_id = ?1 and playlist_id = ?2";

#[derive(FromRow)]
struct VersionColumns {
    run_id: i64,
    observed_at: String,
    came: i64,
    went: i64,
    moved: i64,
    changed: i64,
}

/// The newest first; the last is the first reading, which has nothing before it.
pub(super) async fn all(queries: QueryStore<'_>, playlist: &PlaylistId) -> Result<Vec<TableRow>> {
    let found: Vec<VersionColumns> = queries.about(VERSIONS, playlist.as_str()).await?;
    let baseline: Vec<(Option<String>, Option<i64>)> = queries.about(BASELINE, playlist.as_str()).await?;
    let Some((Some(first_at), count)) = baseline.into_iter().next() else {
        return Ok(Vec::new());
    };
    let mut items = count.unwrap_or_default();
    let mut rows = Vec::with_capacity(found.len() + 1);
    for version in found {
        let seen_at = sqlite::time(&version.observed_at)?;
        let id = VersionId { playlist: playlist.clone(), run: RunId(version.run_id), seen_at };
        let counts = [version.came, version.went, version.moved, version.changed];
        let [came, went, moved, changed] = counts.map(Cell::Number);
        rows.push(TableRow {
            thing: Some(ItemKind::Version(id)),
            uri: None,
            cells: Box::new([Cell::Time(seen_at), came, went, moved, changed, Cell::Number(items)]),
        });
        items += version.went - version.came;
    }
    let first = lists::time(Some(&first_at))?;
    let nothing = || Cell::None;
    rows.push(TableRow {
        thing: None,
        uri: None,
        cells: Box::new([first, nothing(), nothing(), nothing(), nothing(), Cell::Number(items)]),
    });
    Ok(rows)
}

const VERSION: &str = "
select c.change, c.item_key as key, c.uri, c.name, coalesce(t.artists, e.show_name) as artists, c.detail
from library_changes c
left join tracks t on t.track_id = c.item_key
left join episodes e on e.episode_id = c.item_key
where c.account_id = ?1 and c.entity_type = 'playlist_items' and c.playlist_id = ?2
  and c.run_id = ?3 and c.observed_at = ?4
order by c.id";

#[derive(FromRow)]
struct LineColumns {
    change: String,
    key: Option<String>,
    uri: Option<String>,
    name: String,
    artists: Option<String>,
    detail: String,
}

/// The changes of one version: what was removed, added, moved and changed, each with its places.
pub(super) async fn one(queries: QueryStore<'_>, version: &VersionId) -> Result<Vec<TableRow>> {
    let lines: Vec<LineColumns> = sqlx::query_as(VERSION)
        .bind(queries.account.0)
        .bind(version.playlist.as_str())
        .bind(version.run.0)
        .bind(sqlite::millis(version.seen_at))
        .fetch_all(&queries.store.readers)
        .await?;
    lines.into_iter().map(line).collect()
}

fn line(line: LineColumns) -> Result<TableRow> {
    let detail: Value = sqlite::from_json(&line.detail)?;
    let change: ChangeKind = sqlite::word(&line.change)?;
    let kind = detail.get("kind").and_then(Value::as_str).unwrap_or("unavailable");
    let place = |place: &Value| place.as_i64().map(|place| place + 1);
    let position = detail.get("position");
    // One place, or the places before and after.
    let (before, now) = match (position.and_then(Value::as_array), change) {
        (Some(places), _) => (places.first().and_then(place), places.get(1).and_then(place)),
        (None, ChangeKind::Removed) => (position.and_then(place), None),
        (None, _) => (None, position.and_then(place)),
    };
    Ok(TableRow {
        thing: lists::of_slot(kind, line.key),
        uri: line.uri.map(Into::into),
        cells: Box::new([
            Cell::Change(change),
            Cell::number(before),
            Cell::number(now),
            Cell::text((kind != "unavailable").then_some(line.name)),
            Cell::text(line.artists),
        ]),
    })
}
