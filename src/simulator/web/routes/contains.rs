//! Whether items are in the library.

use serde_json::{Value, json};

use super::Call;
use super::playlists::find;
use crate::simulator::content::ids::IdKind;
use crate::simulator::web::answer::{Answer, ErrorReply, Reply};

/// The most uris in one question.
const URIS: usize = 40;
/// The most ids in one question of the old calls.
const IDS: usize = 50;
/// The kinds that may be asked about.
const KINDS: [&str; 8] = ["track", "album", "artist", "playlist", "show", "episode", "audiobook", "user"];

/// The one call that 2026 kept: any uris.
pub(super) fn library(call: &Call<'_>) -> Answer {
    let account = call.render.account;
    let answers = call.query.list("uris", URIS)?.into_iter().map(|uri| {
        let parts: Vec<&str> = uri.split(':').collect();
        match parts.as_slice() {
            ["spotify", kind, id] if KINDS.contains(kind) && !id.is_empty() => {
                Ok(account.known(uri).is_some_and(|(kind, number)| account.contains(kind, number)))
            }
            _ => Err(ErrorReply::bad_request(format!("Invalid uri: {uri}"))),
        }
    });
    Ok(Reply::Json(json!(answers.collect::<Result<Vec<bool>, ErrorReply>>()?)))
}

pub(super) fn tracks(call: &Call<'_>) -> Answer {
    of_kind(call, IdKind::Track)
}

pub(super) fn albums(call: &Call<'_>) -> Answer {
    of_kind(call, IdKind::Album)
}

pub(super) fn shows(call: &Call<'_>) -> Answer {
    of_kind(call, IdKind::Show)
}

pub(super) fn episodes(call: &Call<'_>) -> Answer {
    of_kind(call, IdKind::Episode)
}

/// This account has no audiobooks.
pub(super) fn audiobooks(call: &Call<'_>) -> Answer {
    let asked = call.query.list("ids", IDS)?;
    Ok(Reply::Json(Value::Array(vec![Value::Bool(false); asked.len()])))
}

pub(super) fn following(call: &Call<'_>) -> Answer {
    match call.query.required("type")? {
        "artist" => of_kind(call, IdKind::Artist),
        "user" => Ok(Reply::Json(Value::Array(vec![Value::Bool(false); call.query.list("ids", IDS)?.len()]))),
        _ => Err(ErrorReply::bad_request("Invalid type")),
    }
}

/// Whether the account follows a playlist.
pub(super) fn playlist_followers(call: &Call<'_>) -> Answer {
    let list = find(call)?;
    Ok(Reply::Json(json!([call.render.account.contains(IdKind::Playlist, list.number)])))
}

fn of_kind(call: &Call<'_>, kind: IdKind) -> Answer {
    let account = call.render.account;
    let holds = |id: &str| account.find(kind, id).is_some_and(|number| account.contains(kind, number));
    let answers: Vec<bool> = call.query.list("ids", IDS)?.into_iter().map(holds).collect();
    Ok(Reply::Json(json!(answers)))
}
