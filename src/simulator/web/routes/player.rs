//! The player: the history, and the current item.

use serde_json::{Value, json};

use super::Call;
use crate::simulator::content::account::SimPlay;
use crate::simulator::time::Millis;
use crate::simulator::web::answer::{Answer, ErrorReply, Reply};

/// The most plays that Spotify returns in all.
const DEPTH: usize = 50;

/// The last plays, newest first. `after` and `before` are exclusive, in Unix milliseconds.
pub(super) fn recently_played(call: &Call<'_>) -> Answer {
    let limit = call.query.limit(20, 50)?;
    let (after, before) = (cursor(call, "after")?, cursor(call, "before")?);
    if after.is_some() && before.is_some() {
        return Err(ErrorReply::bad_request("Only one of before and after may be specified"));
    }
    let within = |play: &&SimPlay| {
        after.is_none_or(|after| play.played_at > after)
            && before.is_none_or(|before| play.played_at < before)
    };
    let history = call.render.account.plays.iter().rev().take(DEPTH);
    let page: Vec<&SimPlay> = history.filter(within).take(limit as usize).collect();

    let path = format!("{}/me/player/recently-played", call.render.base);
    let cursors = page.first().zip(page.last()).map(|(newest, oldest)| (newest.played_at, oldest.played_at));
    // A full page names a next one even if nothing is left; that one is empty.
    let next = cursors.filter(|_| page.len() == limit as usize);
    let asked = [("after", after), ("before", before)];
    let asked = asked.iter().find_map(|(name, at)| at.map(|at| format!("&{name}={at}"))).unwrap_or_default();
    Ok(Reply::Json(json!({
        "href": format!("{path}?limit={limit}{asked}"),
        "limit": limit,
        "next": next.map(|(_, oldest)| format!("{path}?limit={limit}&before={oldest}")),
        "cursors": cursors.map(|(newest, oldest)| json!({ "after": newest.to_string(), "before": oldest.to_string() })),
        "items": page.into_iter().map(|play| call.render.play(play)).collect::<Vec<Value>>(),
    })))
}

fn cursor(call: &Call<'_>, name: &str) -> Result<Option<Millis>, ErrorReply> {
    let text = call.query.get(name);
    let at = text
        .map(|text| text.parse().map_err(|_| ErrorReply::bad_request(format!("Invalid value for {name}"))));
    at.transpose()
}

pub(super) fn currently_playing(call: &Call<'_>) -> Answer {
    let playing = call.render.account.playing.as_ref();
    Ok(playing
        .map_or(Reply::Nothing, |playing| Reply::Json(call.render.currently_playing(playing, call.now))))
}

pub(super) fn state(call: &Call<'_>) -> Answer {
    let playing = call.render.account.playing.as_ref();
    Ok(playing.map_or(Reply::Nothing, |playing| Reply::Json(call.render.player(playing, call.now))))
}

pub(super) fn devices(call: &Call<'_>) -> Answer {
    Ok(Reply::Json(json!({ "devices": [call.render.device()] })))
}

/// The queue is always empty, because nothing here plays by itself.
pub(super) fn queue(call: &Call<'_>) -> Answer {
    let playing = call.render.account.playing.map(|playing| call.render.track(playing.track));
    Ok(Reply::Json(json!({ "currently_playing": playing, "queue": [] })))
}
