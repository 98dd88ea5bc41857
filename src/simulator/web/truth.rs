//! The real account, which `GET /sim/truth` returns, each list in the order of the API.

use serde_json::{Value, json};

use super::render::Render;
use crate::simulator::content::account::{SimAccount, SimSaved, SimSlot};
use crate::simulator::content::ids::IdKind;
use crate::simulator::time::{in_millis, in_seconds};

/// The whole account.
pub(in crate::simulator) fn truth(render: Render<'_>) -> Value {
    let account = render.account;
    let artists: Vec<Value> = account
        .artists
        .iter()
        .map(|artist| json!({ "uri": account.ids.uri(IdKind::Artist, *artist) }))
        .collect();
    let plays = account.plays.iter().rev().map(|play| {
        json!({ "uri": account.ids.uri(IdKind::Track, play.track), "played_at": in_millis(play.played_at) })
    });
    json!({
        "tracks": saved(account, IdKind::Track, &account.tracks),
        "albums": saved(account, IdKind::Album, &account.albums),
        "artists": artists,
        "playlists": playlists(render),
        "plays": plays.collect::<Vec<Value>>(),
    })
}

fn saved(account: &SimAccount, kind: IdKind, rows: &[SimSaved]) -> Vec<Value> {
    let row = |row: &SimSaved| json!({ "uri": account.ids.uri(kind, row.number), "added_at": in_seconds(row.added_at) });
    rows.iter().map(row).collect()
}

fn playlists(render: Render<'_>) -> Vec<Value> {
    let account = render.account;
    let lists = account.playlists.iter().map(|list| {
        let items = list.rows.iter().map(|row| {
            json!({
                "uri": account.slot_uri(&row.slot),
                "kind": kind(&row.slot),
                "added_at": row.added_at.map(in_seconds),
            })
        });
        json!({
            "id": account.ids.id(IdKind::Playlist, list.number),
            "name": list.name,
            "snapshot_id": account.snapshot_id(list),
            "readable": render.is_readable(list),
            "items": items.collect::<Vec<Value>>(),
        })
    });
    lists.collect()
}

const fn kind(slot: &SimSlot) -> &'static str {
    match slot {
        SimSlot::Track(_) => "track",
        SimSlot::Episode(_) => "episode",
        SimSlot::Local(_) => "local",
        SimSlot::Unreadable => "unavailable",
    }
}
