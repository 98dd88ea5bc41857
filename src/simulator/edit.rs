//! Edits of one playlist: rows added, removed and moved, and a new name.

use super::account::{Person, Playlist, Row, Slot};
use super::chance::index;
use super::generate::favourite;
use super::ids::Kind;
use super::mutate::Editor;
use super::mutation::{MutationError, PlaylistEdit, Rows};

/// Does the edit and gives the playlist's uri. Its snapshot id changes if anything else did.
pub(super) fn playlist(editor: &mut Editor<'_>, edit: &PlaylistEdit) -> Result<String, MutationError> {
    let number = which(editor, edit.id.as_deref())?;
    let adds = match &edit.add {
        Rows::Uris(uris) => slots(editor, uris)?,
        Rows::Count(_) => vec![],
    };
    let uri = editor.account.ids.uri(Kind::Playlist, number);
    let Some(mut list) = editor.account.playlist_mut(number).cloned() else {
        return Err(unknown(&uri));
    };
    let before = list.clone();
    remove(editor, &mut list, &edit.remove);
    match &edit.add {
        Rows::Count(count) => add_tracks(editor, &mut list, *count),
        Rows::Uris(_) => list
            .rows
            .extend(adds.into_iter().map(|slot| new_row(editor, &before, slot))),
    }
    for _ in 0..edit.moves {
        move_one(editor, &mut list);
    }
    if let Some(name) = &edit.name {
        list.name.clone_from(name);
    }
    if list != before {
        list.revision += 1;
        if let Some(place) = editor.account.playlist_mut(number) {
            *place = list;
        }
    }
    Ok(uri)
}

/// Puts `count` tracks picked by the seed anywhere into the list.
pub(super) fn add_tracks(editor: &mut Editor<'_>, list: &mut Playlist, count: u32) {
    for _ in 0..count {
        let track = favourite(editor.account, &mut editor.rng);
        let at = index(&mut editor.rng, list.rows.len() + 1);
        let row = new_row(editor, list, Slot::Track(track));
        list.rows.insert(at, row);
    }
}

fn which(editor: &mut Editor<'_>, id: Option<&str>) -> Result<u32, MutationError> {
    if let Some(id) = id {
        let id = id.strip_prefix("spotify:playlist:").unwrap_or(id);
        let number = editor.account.find(Kind::Playlist, id);
        return number
            .filter(|number| editor.account.contains(Kind::Playlist, *number))
            .ok_or_else(|| unknown(id));
    }
    let own = editor
        .account
        .playlists
        .iter()
        .filter(|list| list.owner == Person::Me)
        .map(|list| list.number);
    let own: Vec<u32> = own.collect();
    own.get(index(&mut editor.rng, own.len()))
        .copied()
        .ok_or(MutationError::NoOwnPlaylist)
}

fn unknown(uri: &str) -> MutationError {
    MutationError::Unknown {
        uri: uri.to_owned(),
        what: "playlist in the library",
    }
}

fn slots(editor: &Editor<'_>, uris: &[String]) -> Result<Vec<Slot>, MutationError> {
    let slot = |uri: &String| {
        let what = "track, episode or local file";
        editor.account.slot_of(uri).ok_or_else(|| MutationError::Unknown {
            uri: uri.clone(),
            what,
        })
    };
    uris.iter().map(slot).collect()
}

fn new_row(editor: &Editor<'_>, list: &Playlist, slot: Slot) -> Row {
    let by = if list.is_mine_or_shared() {
        Person::Me
    } else {
        list.owner
    };
    Row {
        slot,
        added_at: Some(editor.now.div_euclid(1000)),
        added_by: Some(by),
    }
}

fn remove(editor: &mut Editor<'_>, list: &mut Playlist, rows: &Rows) {
    match rows {
        Rows::Count(count) => {
            for _ in 0..(*count as usize).min(list.rows.len()) {
                let at = index(&mut editor.rng, list.rows.len());
                list.rows.remove(at);
            }
        }
        Rows::Uris(uris) => {
            let is_meant = |row: &Row| {
                editor
                    .account
                    .slot_uri(&row.slot)
                    .is_some_and(|uri| uris.contains(&uri))
            };
            list.rows.retain(|row| !is_meant(row));
        }
    }
}

/// Takes a row out and puts it back at another place.
fn move_one(editor: &mut Editor<'_>, list: &mut Playlist) {
    if list.rows.len() < 2 {
        return;
    }
    let from = index(&mut editor.rng, list.rows.len());
    let row = list.rows.remove(from);
    let mut to = index(&mut editor.rng, list.rows.len());
    if to >= from {
        to += 1;
    }
    list.rows.insert(to, row);
}
