//! Playlists: those in the library, one by id, its rows.

use serde_json::Value;

use super::Call;
use super::library::person;
use crate::simulator::content::account::SimPlaylist;
use crate::simulator::content::catalogue::count;
use crate::simulator::content::ids::IdKind;
use crate::simulator::web::answer::{Answer, ErrorReply, Reply};
use crate::simulator::web::render::ContentsName;

/// The largest offset that `/me/playlists` accepts (Spotify's own limit).
const LAST_OFFSET: u32 = 100_000;

pub(super) fn mine(call: &Call<'_>) -> Answer {
    listed(call, "/me/playlists", &call.render.account.playlists.iter().collect::<Vec<_>>())
}

pub(super) fn of_user(call: &Call<'_>) -> Answer {
    let owner = person(call).ok_or_else(ErrorReply::not_found)?;
    let lists = call.render.account.playlists.iter().filter(|list| list.owner == owner && list.public);
    listed(call, &format!("/users/{}/playlists", call.id), &lists.collect::<Vec<_>>())
}

fn listed(call: &Call<'_>, path: &str, lists: &[&SimPlaylist]) -> Answer {
    let span = call.query.span(20, 50)?;
    if span.offset > LAST_OFFSET {
        return Err(ErrorReply::bad_request("Invalid offset"));
    }
    let total = count(lists.len());
    let range = span.of(total);
    let page = lists.get(range.start as usize..range.end as usize).unwrap_or_default();
    let items = page.iter().map(|list| call.render.listed_playlist(list)).collect();
    Ok(Reply::Json(call.render.page(path, span, total, items)))
}

pub(super) fn one(call: &Call<'_>) -> Answer {
    Ok(Reply::Json(call.render.playlist(find(call)?)))
}

pub(super) fn items(call: &Call<'_>) -> Answer {
    rows(call, ContentsName::Items, 20)
}

/// The old name of `items`, which accepts pages of 100.
pub(super) fn tracks(call: &Call<'_>) -> Answer {
    rows(call, ContentsName::Tracks, 100)
}

fn rows(call: &Call<'_>, name: ContentsName, default: u32) -> Answer {
    let list = find(call)?;
    if !call.render.is_readable(list) {
        return Err(ErrorReply::forbidden());
    }
    let span = call.query.span(default, name.largest_page())?;
    Ok(Reply::Json(call.render.playlist_rows(list, name, span)))
}

pub(super) fn images(call: &Call<'_>) -> Answer {
    let cover = call.render.playlist(find(call)?).get("images").cloned();
    Ok(Reply::Json(cover.filter(Value::is_array).unwrap_or_else(|| Value::Array(vec![]))))
}

pub(super) fn find<'a>(call: &Call<'a>) -> Result<&'a SimPlaylist, ErrorReply> {
    let account = call.render.account;
    let number = account.find(IdKind::Playlist, call.id);
    number.and_then(|number| account.playlist(number)).ok_or_else(ErrorReply::not_found)
}
