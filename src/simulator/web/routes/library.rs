//! The account's own data: profile, saved items, followed artists, favourites.

use std::collections::HashMap;

use serde_json::Value;

use super::Call;
use crate::simulator::content::account::{Person, SimSaved};
use crate::simulator::content::catalogue::count;
use crate::simulator::content::ids::IdKind;
use crate::simulator::time::{Millis, in_seconds};
use crate::simulator::web::answer::{Answer, ErrorReply, Reply};
use crate::simulator::web::render::object;

const DAY: Millis = 86_400_000;

pub(super) fn me(call: &Call<'_>) -> Answer {
    Ok(Reply::Json(call.render.me()))
}

pub(super) fn user(call: &Call<'_>) -> Answer {
    let person = person(call).ok_or_else(ErrorReply::not_found)?;
    Ok(Reply::Json(call.render.public_user(person)))
}

/// The person whose user id is in the path.
pub(super) fn person(call: &Call<'_>) -> Option<Person> {
    let others = call.render.account.playlists.iter().map(|list| list.owner);
    let mut people = others.chain([Person::Me, Person::Spotify]);
    people.find(|person| person.user_id() == call.id)
}

pub(super) fn tracks(call: &Call<'_>) -> Answer {
    saved(call, "/me/tracks", "track", &call.render.account.tracks, |track| call.render.track(track))
}

pub(super) fn albums(call: &Call<'_>) -> Answer {
    saved(call, "/me/albums", "album", &call.render.account.albums, |album| call.render.album(album))
}

pub(super) fn shows(call: &Call<'_>) -> Answer {
    saved(call, "/me/shows", "show", &call.render.account.shows, |show| call.render.show_ref(show))
}

pub(super) fn episodes(call: &Call<'_>) -> Answer {
    saved(call, "/me/episodes", "episode", &call.render.account.episodes, |episode| {
        call.render.episode(episode)
    })
}

/// This account has no audiobooks.
pub(super) fn audiobooks(call: &Call<'_>) -> Answer {
    saved(call, "/me/audiobooks", "audiobook", &[], |_| Value::Null)
}

/// A page of saved items, each in its wrapper.
fn saved(
    call: &Call<'_>,
    path: &str,
    wrapper: &str,
    rows: &[SimSaved],
    show: impl Fn(u32) -> Value,
) -> Answer {
    let span = call.query.span(20, 50)?;
    let total = count(rows.len());
    let range = span.of(total);
    let rows = rows.get(range.start as usize..range.end as usize).unwrap_or_default();
    let items = rows
        .iter()
        .map(|row| object([("added_at", in_seconds(row.added_at).into()), (wrapper, show(row.number))]));
    Ok(Reply::Json(call.render.page(path, span, total, items.collect())))
}

/// Followed artists, by cursor: `after` is the last artist that was returned, and it need not be
/// followed any more.
pub(super) fn following(call: &Call<'_>) -> Answer {
    if call.query.required("type")? != "artist" {
        return Err(ErrorReply::bad_request("Invalid type"));
    }
    let limit = call.query.limit(20, 50)?;
    let account = call.render.account;
    let id = |artist: &u32| account.ids.id(IdKind::Artist, *artist);
    let after = call.query.get("after");
    if let Some(after) = after.filter(|after| account.ids.read(IdKind::Artist, after).is_none()) {
        return Err(ErrorReply::bad_request(format!("Invalid cursor: {after}")));
    }
    let start =
        after.map_or(0, |after| account.artists.partition_point(|artist| id(artist).as_str() <= after));
    let rest = account.artists.get(start..).unwrap_or_default();
    let page: Vec<u32> = rest.iter().copied().take(limit as usize).collect();
    let next = page.last().filter(|_| rest.len() > page.len()).map(id);

    let path = format!("{}/me/following?type=artist&limit={limit}", call.render.base);
    let link = |after: &str| format!("{path}&after={after}");
    let page = object([
        ("href", after.map_or_else(|| path.clone(), link).into()),
        ("limit", limit.into()),
        ("next", next.as_deref().map(link).into()),
        ("cursors", object([("after", next.into())])),
        ("total", account.artists.len().into()),
        ("items", page.iter().map(|artist| call.render.artist(*artist)).collect()),
    ]);
    Ok(Reply::Json(object([("artists", page)])))
}

/// What was played most in the requested time.
pub(super) fn top(call: &Call<'_>) -> Answer {
    let span = call.query.span(20, 50)?;
    let days = match call.query.get("time_range").unwrap_or("medium_term") {
        "short_term" => 28,
        "medium_term" => 182,
        "long_term" => 365,
        _ => return Err(ErrorReply::bad_request("Invalid time range")),
    };
    let account = call.render.account;
    let recent = account.plays.iter().filter(|play| play.played_at > call.now - days * DAY);
    let (ranked, show): (Vec<u32>, &dyn Fn(u32) -> Value) = match call.id {
        "tracks" => (by_plays(recent.map(|play| play.track)), &|track| call.render.track(track)),
        "artists" => {
            let traits = recent.filter_map(|play| account.catalogue.track_traits(play.track));
            (by_plays(traits.flat_map(|traits| traits.artists)), &|artist| call.render.artist(artist))
        }
        _ => return Err(ErrorReply::bad_request("Invalid type")),
    };
    let total = count(ranked.len());
    let range = span.of(total);
    let page = ranked.get(range.start as usize..range.end as usize).unwrap_or_default();
    let items = page.iter().map(|number| show(*number)).collect();
    Ok(Reply::Json(call.render.page(&format!("/me/top/{}", call.id), span, total, items)))
}

fn by_plays(played: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut plays: HashMap<u32, u32> = HashMap::new();
    for number in played {
        *plays.entry(number).or_default() += 1;
    }
    let mut ranked: Vec<(u32, u32)> = plays.into_iter().collect();
    ranked.sort_by_key(|(number, plays)| (std::cmp::Reverse(*plays), *number));
    ranked.into_iter().map(|(number, _)| number).collect()
}
