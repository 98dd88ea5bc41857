//! Generates the account: years of saving, following and listing, from the seed and a fixed date.
//!
//! Owns: the distributions of a realistic library. Nothing here reads a clock, so equal seeds give
//! equal libraries.

use std::collections::HashMap;

use rand::RngExt;

use super::account::{SimAccount, SimPlay, SimSaved};
use super::catalogue::{EPISODES_PER_SHOW, SHOWS, SimCatalogue, VARIOUS_ARTISTS};
use super::ids::{IdKind, Ids};
use super::playlists;
use crate::simulator::config::SimConfig;
use crate::simulator::rng::{Chance, Stream, Subject, index, one_in_hundred, shuffle};

/// The end of all generated times: 2026-02-01T18:30:07Z.
pub(in crate::simulator) const END: i64 = 1_769_970_607;
/// How far back saved things go, in seconds.
const YEARS: i64 = 9 * 365 * 86_400;
const DAY: i64 = 86_400;

/// A complete account for `config`.
pub(in crate::simulator) fn account(config: &SimConfig) -> SimAccount {
    let chance = Chance::new(config.seed);
    let catalogue = SimCatalogue::with_at_least(
        chance.clone(),
        config.tracks + config.tracks / 4 + 200,
        config.albums + config.albums / 5 + 20,
        config.artists + config.artists / 5 + 12,
    );
    let mut account = SimAccount {
        ids: Ids::new(config.seed),
        catalogue,
        tracks: vec![],
        albums: vec![],
        artists: vec![],
        shows: vec![],
        episodes: vec![],
        playlists: vec![],
        unfollowed: HashMap::new(),
        playlists_made: 0,
        plays: vec![],
        stamped_at: super::mutation::StampedAt::default(),
        playing: None,
    };
    let library = |part| chance.of(Subject::Library, part);
    account.tracks = saved_tracks(&account.catalogue, config.tracks as usize, &mut library(1));
    account.albums = saved_albums(&account.catalogue, config.albums as usize, &mut library(2));
    account.artists = followed(&account, config.artists as usize, &mut library(3));
    account.shows = spread(&mut library(4), (0..SHOWS).take(3).collect());
    account.episodes = spread(&mut library(5), (0..5).map(|n| n * EPISODES_PER_SHOW + n).collect());
    playlists::fill(&mut account, config.playlists, config.playlist_rows, &mut library(6));
    account.plays = plays(&account, config.plays as usize, &mut library(7));
    account
}

/// Saved tracks, newest first. Often a whole album is saved at once, and then all its tracks have
/// the same second.
fn saved_tracks(catalogue: &SimCatalogue, wanted: usize, rng: &mut Stream) -> Vec<SimSaved> {
    let mut albums: Vec<u32> = (0..catalogue.albums()).collect();
    shuffle(rng, &mut albums);
    let mut later = Vec::new();
    let mut groups: Vec<Vec<u32>> = Vec::new();
    for album in albums.iter().filter_map(|album| catalogue.album(*album)) {
        let tracks: Vec<u32> = (album.first_track..album.first_track + album.tracks).collect();
        if one_in_hundred(rng, 35) {
            groups.push(tracks);
            continue;
        }
        let some = rng.random_range(1..=5);
        for (place, track) in tracks.into_iter().enumerate() {
            if place < some {
                groups.push(vec![track]);
            } else {
                later.push(vec![track]);
            }
        }
    }
    let mut count = 0;
    let mut chosen: Vec<Vec<u32>> = groups
        .into_iter()
        .chain(later)
        .map_while(|mut group| {
            group.truncate(wanted - count);
            count += group.len();
            (!group.is_empty()).then_some(group)
        })
        .collect();
    shuffle(rng, &mut chosen);
    let gaps = dates(rng, chosen.len());
    let rows = chosen.into_iter().zip(gaps).flat_map(|(group, added_at)| {
        // Among tracks saved in one second, the last of the album comes first.
        group.into_iter().rev().map(move |number| SimSaved { number, added_at })
    });
    rows.collect()
}

/// `many` dates, strictly decreasing from [`END`], at most [`YEARS`] back.
fn dates(rng: &mut Stream, many: usize) -> Vec<i64> {
    let mean = (YEARS / i64::try_from(many.max(1)).unwrap_or(YEARS)).clamp(2, 6 * DAY);
    let mut at = END;
    let mut dates = Vec::with_capacity(many);
    for _ in 0..many {
        dates.push(at);
        at -= rng.random_range(1..2 * mean);
    }
    dates
}

/// These numbers with decreasing dates.
fn spread(rng: &mut Stream, numbers: Vec<u32>) -> Vec<SimSaved> {
    let dates = dates(rng, numbers.len());
    numbers.into_iter().zip(dates).map(|(number, added_at)| SimSaved { number, added_at }).collect()
}

/// Saved albums in an order that Spotify was observed to return: rows 2 to 4 are older than those
/// that follow, some dates are the hour of a release, and one is before Spotify existed.
fn saved_albums(catalogue: &SimCatalogue, wanted: usize, rng: &mut Stream) -> Vec<SimSaved> {
    let mut albums: Vec<u32> = (0..catalogue.albums()).collect();
    shuffle(rng, &mut albums);
    albums.truncate(wanted);
    let mut rows = spread(rng, albums);
    for row in &mut rows {
        if one_in_hundred(rng, 6) {
            row.added_at = row.added_at / DAY * DAY + 22 * 3600;
        }
    }
    if rows.len() >= 8 {
        let old = [rows.len() / 2, rows.len() / 2 + 1, rows.len() - 2];
        for (place, from) in old.into_iter().enumerate() {
            let row = rows.remove(from);
            rows.insert(1 + place, row);
        }
    }
    if let Some(last) = rows.last_mut().filter(|_| wanted >= 20) {
        last.added_at = 893_980_800;
    }
    rows
}

fn followed(account: &SimAccount, wanted: usize, rng: &mut Stream) -> Vec<u32> {
    let mut artists: Vec<u32> = (VARIOUS_ARTISTS + 1..account.catalogue.artists()).collect();
    shuffle(rng, &mut artists);
    artists.truncate(wanted);
    artists.sort_by_cached_key(|artist| account.ids.id(IdKind::Artist, *artist));
    artists
}

/// Plays before the start, oldest first: evenings of one track after another, with some skips.
fn plays(account: &SimAccount, wanted: usize, rng: &mut Stream) -> Vec<SimPlay> {
    let mut at = END * 1000 + 417;
    let mut plays = Vec::with_capacity(wanted);
    while plays.len() < wanted {
        let track = favourite(account, rng);
        let Some(traits) = account.catalogue.track_traits(track) else {
            break;
        };
        plays.push(SimPlay { track, played_at: at, context: context(account, track, rng) });
        at -= i64::from(traits.duration_ms) + rng.random_range(40..2_600);
        if one_in_hundred(rng, 6) {
            at -= rng.random_range(1..14 * 3_600_000);
        }
    }
    plays.reverse();
    plays
}

/// A track that the account might play: mostly a saved one.
pub(in crate::simulator) fn favourite(account: &SimAccount, rng: &mut Stream) -> u32 {
    if account.tracks.is_empty() || one_in_hundred(rng, 20) {
        return super::catalogue::count(index(rng, account.catalogue.tracks() as usize));
    }
    account.tracks.get(index(rng, account.tracks.len())).map_or(0, |row| row.number)
}

/// The context that a track was played from; for some sources Spotify gives none.
pub(in crate::simulator) fn context(
    account: &SimAccount,
    track: u32,
    rng: &mut Stream,
) -> Option<(IdKind, u32)> {
    match rng.random_range(0..100_u32) {
        0..=34 => account.catalogue.album_of(track).map(|album| (IdKind::Album, album)),
        35..=64 => {
            let list = account.playlists.get(index(rng, account.playlists.len()))?;
            Some((IdKind::Playlist, list.number))
        }
        65..=74 => {
            let artists = account.catalogue.track_traits(track)?.artists;
            Some((IdKind::Artist, *artists.first()?))
        }
        _ => None,
    }
}
