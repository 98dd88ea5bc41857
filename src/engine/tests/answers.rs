//! Answers of Spotify, made from words.

use serde_json::{Value, json};

use super::kit::{Asked, Reply, ok};

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// The requested page of a list. Each row is made from a word; `-` is a null row.
pub fn page(asked: &Asked, rows: &str, row: impl Fn(&str) -> Value) -> Reply {
    let all = words(rows);
    page_of(asked, rows, all.len(), row)
}

/// The same if Spotify gives another length.
pub fn page_of(asked: &Asked, rows: &str, total: usize, row: impl Fn(&str) -> Value) -> Reply {
    let (offset, limit) = (asked.number("offset"), asked.number("limit"));
    let all = words(rows);
    let items: Vec<Value> = all
        .iter()
        .skip(offset)
        .take(limit)
        .map(|word| if *word == "-" { Value::Null } else { row(word) })
        .collect();
    let next = (offset + items.len() < all.len()).then_some("http://spotify.test/next");
    ok(&json!({"items": items, "total": total, "offset": offset, "limit": limit, "next": next}))
}

pub fn album(id: &str) -> Value {
    json!({"added_at": "2026-01-01T00:00:00Z", "album": {"id": id, "uri": format!("spotify:album:{id}"), "name": id}})
}

pub fn saved_track(id: &str) -> Value {
    json!({"added_at": "2026-01-01T00:00:00Z", "track": track(id)})
}

fn track(id: &str) -> Value {
    json!({"type": "track", "id": id, "uri": format!("spotify:track:{id}"), "name": id,
           "artists": [{"id": "x", "name": "x"}], "duration_ms": 200_000, "external_ids": {"isrc": id}})
}

pub fn slot(id: &str) -> Value {
    json!({"added_at": "2026-01-01T00:00:00Z", "added_by": {"id": "ann"}, "item": track(id)})
}

/// `id:version:slots`, with `:owner` if it belongs to another person.
pub fn playlist(word: &str) -> Value {
    let parts: Vec<&str> = word.split(':').collect();
    json!({"id": parts[0], "name": parts[0], "snapshot_id": parts[1], "collaborative": false,
           "owner": {"id": parts.get(3).unwrap_or(&"ann")}, "items": {"total": parts[2].parse::<u32>().unwrap()}})
}

/// The answer of `contains` if the library has these items.
pub fn contains(asked: &Asked, library: &str) -> Reply {
    let ids = asked.query.get("uris").or_else(|| asked.query.get("ids")).unwrap();
    let library = words(library);
    let is_there = |id: &str| library.contains(&id.rsplit(':').next().unwrap());
    ok(&ids.split(',').map(is_there).collect())
}
