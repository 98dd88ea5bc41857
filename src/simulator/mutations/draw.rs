//! Edits of playlists: rows added, removed and moved, and a new name.

use super::apply::Editor;
use crate::simulator::content::account::{Person, SimPlaylist, SimRow, SimSlot};
use crate::simulator::content::generate::favourite;
use crate::simulator::content::ids::IdKind;
use crate::simulator::content::mutation::{MutationError, PlaylistEdit, RowPick};
use crate::simulator::rng::{index, shuffle};

/// Performs the edit on each playlist that it names or the seed chooses, and returns their uris.
pub(in crate::simulator) fn playlists(
    editor: &mut Editor<'_>,
    edit: &PlaylistEdit,
) -> Result<Vec<String>, MutationError> {
    let lists = which(editor, edit)?;
    lists.into_iter().map(|number| one(editor, edit, number)).collect()
}

/// The snapshot id changes if anything else did.
fn one(editor: &mut Editor<'_>, edit: &PlaylistEdit, number: u32) -> Result<String, MutationError> {
    let uri = editor.account.ids.uri(IdKind::Playlist, number);
    let before = editor.account.playlist(number).cloned().ok_or_else(|| unknown(&uri))?;
    let mut list = before.clone();
    if let Some(rows) = &edit.remove {
        remove(editor, &mut list, rows);
    }
    match &edit.add {
        Some(RowPick::Count(count)) => add_tracks(editor, &mut list, *count),
        Some(RowPick::Uris(uris)) => {
            for slot in slots(editor, uris)? {
                let row = new_row(editor, &before, slot);
                list.rows.push(row);
            }
        }
        None if edit.says_nothing() => add_tracks(editor, &mut list, 1),
        None => {}
    }
    for _ in 0..edit.moves.unwrap_or(0) {
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

/// Inserts `count` tracks chosen by the seed at random places of the list.
pub(in crate::simulator) fn add_tracks(editor: &mut Editor<'_>, list: &mut SimPlaylist, count: u32) {
    for _ in 0..count {
        let track = favourite(editor.account, &mut editor.rng);
        let at = index(&mut editor.rng, list.rows.len() + 1);
        let row = new_row(editor, list, SimSlot::Track(track));
        list.rows.insert(at, row);
    }
}

fn which(editor: &mut Editor<'_>, edit: &PlaylistEdit) -> Result<Vec<u32>, MutationError> {
    let named: Vec<&String> = edit.id.iter().chain(edit.uris.iter().flatten()).collect();
    if !named.is_empty() {
        return named.into_iter().map(|name| listed(editor, name)).collect();
    }
    let own = editor.account.playlists.iter().filter(|list| list.owner == Person::Me);
    let mut own: Vec<u32> = own.map(|list| list.number).collect();
    if own.is_empty() {
        return Err(MutationError::NoOwnPlaylist);
    }
    shuffle(&mut editor.rng, &mut own);
    own.truncate(edit.count.unwrap_or(1) as usize);
    Ok(own)
}

/// The playlist of the library with this id or uri.
fn listed(editor: &Editor<'_>, name: &str) -> Result<u32, MutationError> {
    let id = name.strip_prefix("spotify:playlist:").unwrap_or(name);
    let number = editor.account.find(IdKind::Playlist, id);
    number.filter(|number| editor.account.contains(IdKind::Playlist, *number)).ok_or_else(|| unknown(name))
}

fn unknown(uri: &str) -> MutationError {
    MutationError::Unknown { uri: uri.to_owned(), what: "playlist in the library" }
}

fn slots(editor: &Editor<'_>, uris: &[String]) -> Result<Vec<SimSlot>, MutationError> {
    let slot = |uri: &String| {
        let what = "track, episode or local file";
        editor.account.slot_of(uri).ok_or_else(|| MutationError::Unknown { uri: uri.clone(), what })
    };
    uris.iter().map(slot).collect()
}

fn new_row(editor: &Editor<'_>, list: &SimPlaylist, slot: SimSlot) -> SimRow {
    let by = if list.is_mine_or_shared() { Person::Me } else { list.owner };
    SimRow { slot, added_at: Some(editor.now.div_euclid(1000)), added_by: Some(by) }
}

fn remove(editor: &mut Editor<'_>, list: &mut SimPlaylist, rows: &RowPick) {
    match rows {
        RowPick::Count(count) => {
            for _ in 0..(*count as usize).min(list.rows.len()) {
                let at = index(&mut editor.rng, list.rows.len());
                list.rows.remove(at);
            }
        }
        RowPick::Uris(uris) => {
            let is_meant =
                |row: &SimRow| editor.account.slot_uri(&row.slot).is_some_and(|uri| uris.contains(&uri));
            list.rows.retain(|row| !is_meant(row));
        }
    }
}

/// Removes a row and inserts it at another place.
fn move_one(editor: &mut Editor<'_>, list: &mut SimPlaylist) {
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
