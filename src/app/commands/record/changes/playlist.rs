//! Finds the playlist that a person means.

use chrono::{DateTime, Utc};
use color_eyre::Result;

use crate::domain::nearest;
use crate::store::PlaylistName;

use super::RecordReader;
use crate::app::Failure;

/// How many playlists of one name a message lists.
const CHOICES: usize = 4;

/// The playlist with an id, a uri, a web address at Spotify, or the exact name that it had at `at`
/// or has now.
pub async fn find(record: &RecordReader, called: &str, at: DateTime<Utc>) -> Result<PlaylistName> {
    let known = record.history().playlist_names(at).await?;
    Ok(choose(&known, called)?)
}

fn choose(known: &[PlaylistName], called: &str) -> Result<PlaylistName, Failure> {
    let id = called.strip_prefix("https://open.spotify.com/playlist/").unwrap_or(called);
    let id = id.split_once('?').map_or(id, |(id, _)| id);
    let is_meant = |list: &&PlaylistName| list.id.as_str() == id || list.uri == called;
    if let Some(list) = known.iter().find(is_meant) {
        return Ok(list.clone());
    }
    let of_that_name = |name: fn(&PlaylistName) -> &str| -> Vec<&PlaylistName> {
        known.iter().filter(|list| name(list) == called).collect()
    };
    for of_that_name in [of_that_name(|list| &list.then), of_that_name(|list| &list.now)] {
        match of_that_name.as_slice() {
            [] => {}
            [list] => return Ok((*list).clone()),
            several => return Err(Failure::failed(ambiguous(several, called))),
        }
    }
    Err(Failure::failed(unknown(known, called)))
}

fn ambiguous(lists: &[&PlaylistName], called: &str) -> String {
    let ids: Vec<&str> = lists.iter().take(CHOICES).map(|list| list.id.as_str()).collect();
    let more = match lists.len().saturating_sub(CHOICES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{} playlists are named `{called}`; use an id: {}{more}", lists.len(), ids.join(", "))
}

fn unknown(known: &[PlaylistName], called: &str) -> String {
    if known.is_empty() {
        return format!("no playlist is named `{called}`, and none is known yet; run `phonolog sync` first");
    }
    // Of several equal ones the last is used, which is a name of that time.
    let names = known.iter().map(|list| &list.now).chain(known.iter().map(|list| &list.then));
    let near = nearest(called, names.map(String::as_str));
    let id_of =
        |name: &str| known.iter().find(|list| list.then == name || list.now == name).map(|list| &list.id);
    match near.and_then(|name| Some((name, id_of(name)?))) {
        Some((name, id)) => format!("no playlist is named `{called}`; did you mean `{name}` ({id})?"),
        None => format!("no playlist is named `{called}`; `phonolog export playlists` lists all of them"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PlaylistId;

    fn known() -> Vec<PlaylistName> {
        let list = |id: &str, then: &str, now: &str| PlaylistName {
            id: PlaylistId::new(id),
            uri: format!("spotify:playlist:{id}"),
            then: then.to_owned(),
            now: now.to_owned(),
        };
        vec![
            list("1a", "Road trip", "Trip"),
            list("2b", "Mix", "Mix"),
            list("3c", "Mix", "Other"),
            list("4d", "1a", "Road trip"),
        ]
    }

    fn chosen(called: &str) -> Result<String, String> {
        let list = choose(&known(), called).map_err(|error| error.to_string())?;
        Ok(list.id.as_str().to_owned())
    }

    #[test]
    fn ids_go_before_names_and_the_name_it_had_before_the_one_it_has() {
        for (called, id) in [
            ("1a", "1a"),
            ("spotify:playlist:3c", "3c"),
            ("https://open.spotify.com/playlist/2b?si=abc", "2b"),
            ("Road trip", "1a"),
            ("Trip", "1a"),
            ("Other", "3c"),
        ] {
            assert_eq!(chosen(called).as_deref(), Ok(id), "{called}");
        }
    }

    #[test]
    fn a_name_that_several_have_or_none_has_is_a_sentence_with_choices() {
        assert_eq!(chosen("Mix").unwrap_err(), "2 playlists are named `Mix`; use an id: 2b, 3c");
        let near = "no playlist is named `raod Trip`; did you mean `Road trip` (1a)?";
        assert_eq!(chosen("raod Trip").unwrap_err(), near);
        let far = "no playlist is named `Nope`; `phonolog export playlists` lists all of them";
        assert_eq!(chosen("Nope").unwrap_err(), far);
        let mix = |n: u8| PlaylistName { id: PlaylistId::new(n.to_string()), ..known().remove(1) };
        let said = choose(&(0..6).map(mix).collect::<Vec<_>>(), "Mix").unwrap_err().to_string();
        assert_eq!(said, "6 playlists are named `Mix`; use an id: 0, 1, 2, 3 and 2 more");
        let said = choose(&[], "Mix").unwrap_err().to_string();
        assert_eq!(said, "no playlist is named `Mix`, and none is known yet; run `phonolog sync` first");
    }
}
