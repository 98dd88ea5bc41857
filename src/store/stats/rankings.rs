//! What was played most, by track, artist, album or genre; what is skipped; and what is only in the
//! library or only in the plays.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use hashbrown::HashMap;
use serde::Serialize;
use sqlx::FromRow;

use super::Listening;
use super::saved::{self, SavedSince};
use super::sums::credits::{self, Makers};
use super::totals::{Heard, PlayTally};
use crate::store::db::sqlite;
use crate::store::{Result, StatisticsStore};

/// What is ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopRequest {
    /// Tracks, by uri.
    Tracks,
    /// Artists, by name; a track counts for each of its artists.
    Artists,
    /// Albums, by name and first artist: editions of an album are one.
    Albums,
    /// Genres; a track counts once for each genre of its artists.
    Genres,
}

/// What is ranked by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RankedItem {
    /// A track.
    Track,
    /// An artist.
    Artist,
    /// An album.
    Album,
}

impl RankedItem {
    /// Genres have no number.
    const fn of(top: TopRequest) -> Option<Self> {
        match top {
            TopRequest::Tracks => Some(Self::Track),
            TopRequest::Artists => Some(Self::Artist),
            TopRequest::Albums => Some(Self::Album),
            TopRequest::Genres => None,
        }
    }
}

/// A place in a ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranked {
    /// The name of the track, artist, album or genre.
    pub name: String,
    /// The artists of a track, or the first artist of an album.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artists: Option<String>,
    /// The album of a track.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
    /// The uri of a track, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The amount.
    #[serde(flatten)]
    pub tally: PlayTally,
    /// The share of skipped plays, if it is known for any play.
    pub skip_rate: Option<f64>,
    /// The first play in the period that counts.
    pub first_played_at: Option<String>,
    /// The last one.
    pub last_played_at: Option<String>,
}

/// A saved track that was not played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct NeverPlayed {
    /// Its uri.
    pub uri: String,
    /// Its name.
    pub name: String,
    /// Its artists.
    pub artists: String,
    /// Its album.
    pub album: Option<String>,
    /// When it was saved.
    pub added_at: Option<String>,
}

#[derive(Debug, Clone, Default, FromRow)]
struct Names {
    id: i64,
    name: Option<String>,
    artists: Option<String>,
    album: Option<String>,
    uri: Option<String>,
}

/// Items that appear in no list of tracks: spoken content, and plays without a name. Both count in
/// totals.
pub(in crate::store) const UNRANKED: &str = "
select json_group_array(item_id) from stats_items where kind = 'episode' or trim(name) = ''";

pub(in crate::store) const GENRES: &str = "
select json_group_array(json_array(s.artist_id, json(a.genres)))
from artists a cross join stats_artists s on s.name = a.name where a.genres <> '[]'";

pub(in crate::store) const TRACK_NAMES: &str = "
select i.item_id as id, i.name,
       (select group_concat(a.name, ', ') from (
            select s.name from json_each(i.artists) j cross join stats_artists s on s.artist_id = j.value
            order by j.key) a) as artists,
       b.name as album, case when i.uri glob 'spotify:*' then i.uri end as uri
from jsonb_each(?1) r cross join stats_items i on i.item_id = r.value
left join stats_albums b on b.album_id = i.album_id";

pub(in crate::store) const ARTIST_NAMES: &str = "
select artist_id as id, name, null as artists, null as album, null as uri
from jsonb_each(?1) r cross join stats_artists on artist_id = r.value";

pub(in crate::store) const ALBUM_NAMES: &str = "
select album_id as id, name, artist as artists, null as album, null as uri
from jsonb_each(?1) r cross join stats_albums on album_id = r.value";

pub(in crate::store) const SAVED_TRACKS: &str = "
select t.uri, t.name, t.artists, t.album_name as album, s.added_at
from jsonb_each(?2) j
cross join saved_tracks s on s.account_id = ?1 and s.ord = j.value
join tracks t on t.track_id = s.track_id
order by s.ord";

/// Which of two items ranks higher.
pub(super) type By = fn(&PlayTally) -> (u64, u64);

pub(super) const BY_PLAYS: By = |tally| (tally.plays, tally.ms);
const BY_SKIPS: By = |tally| (tally.skips, tally.judged);

/// In order, without items that count nothing.
pub(super) fn ranked<K: Copy + Ord>(heard: impl IntoIterator<Item = (K, Heard)>, by: By) -> Vec<(K, Heard)> {
    let some = heard.into_iter().filter(|(_, heard)| by(&heard.tally).0 > 0);
    let mut rows: Vec<_> = some.collect();
    rows.sort_unstable_by_key(|(key, heard)| (Reverse(by(&heard.tally)), *key));
    rows
}

impl StatisticsStore<'_> {
    /// What was played most in a period, at most `limit` items.
    pub async fn top(self, listening: &Listening, top: TopRequest, limit: usize) -> Result<Vec<Ranked>> {
        let Some(item) = RankedItem::of(top) else { return self.top_genres(listening, limit).await };
        let mut rows = ranked(self.heard(listening, item).await?, BY_PLAYS);
        rows.truncate(limit);
        self.named(item, rows).await
    }

    /// How each item was heard.
    pub(super) async fn heard(self, listening: &Listening, item: RankedItem) -> Result<Vec<(i64, Heard)>> {
        Ok(match item {
            RankedItem::Track => self.tracks_of(listening).await?.collect(),
            RankedItem::Artist => self.by_makers(listening, false).await?.into_iter().collect(),
            RankedItem::Album => self.by_makers(listening, true).await?.into_iter().collect(),
        })
    }

    /// The tracks that were skipped most.
    pub async fn most_skipped(self, listening: &Listening, limit: usize) -> Result<Vec<Ranked>> {
        let mut tracks = ranked(self.tracks_of(listening).await?, BY_SKIPS);
        tracks.truncate(limit);
        self.named(RankedItem::Track, tracks).await
    }

    /// Tracks that were played and are not saved, the most played first.
    pub async fn not_saved(self, listening: &Listening, limit: usize) -> Result<Vec<Ranked>> {
        let saved: HashSet<i64> = self.saved().await?.into_iter().filter_map(|(_, item)| item).collect();
        let tracks = ranked(self.tracks_of(listening).await?, BY_PLAYS).into_iter();
        self.named(RankedItem::Track, tracks.filter(|(id, _)| !saved.contains(id)).take(limit).collect())
            .await
    }

    /// Saved tracks without a play that counts in the period, the newest first; at most `limit` of
    /// them, and the number of all.
    pub async fn never_played(
        self,
        listening: &Listening,
        limit: usize,
    ) -> Result<(Vec<NeverPlayed>, usize)> {
        let Self { store, account } = self;
        let heard = &listening.totals.items;
        let mut was_played: BTreeMap<i64, bool> = BTreeMap::new();
        for (ord, item) in self.saved().await? {
            let heard = item.and_then(|item| heard.get(item));
            *was_played.entry(ord).or_default() |= heard.is_some_and(|heard| heard.tally.plays > 0);
        }
        let never: Vec<i64> = was_played.into_iter().filter(|(_, was)| !was).map(|(ord, _)| ord).collect();
        let first = never.get(..limit.min(never.len())).unwrap_or_default();
        let rows = sqlx::query_as(SAVED_TRACKS).bind(account.0).bind(sqlite::rows(&first)?);
        Ok((rows.fetch_all(&store.readers).await?, never.len()))
    }

    async fn saved(self) -> Result<Vec<SavedSince>> {
        let Self { store, account } = self;
        saved::read(&mut *store.readers.acquire().await?, account).await
    }

    async fn tracks_of(self, listening: &Listening) -> Result<impl Iterator<Item = (i64, Heard)>> {
        let store = self.store;
        let unranked: String = sqlx::query_scalar(UNRANKED).fetch_one(&store.readers).await?;
        let unranked: HashSet<i64> = sqlite::from_json(&unranked)?;
        let items = listening.totals.items.iter().map(|(item, heard)| (item, *heard));
        Ok(items.filter(move |(item, _)| !unranked.contains(item)))
    }

    async fn makers(self) -> Result<Vec<Makers>> {
        let store = self.store;
        credits::read(&mut *store.readers.acquire().await?).await
    }

    async fn by_makers(self, listening: &Listening, of_albums: bool) -> Result<HashMap<i64, Heard>> {
        let mut sums: HashMap<i64, Heard> = HashMap::new();
        for (item, artists, album) in self.makers().await? {
            let Some(heard) = listening.totals.items.get(item) else { continue };
            let makers = if of_albums { album.into_iter().collect() } else { artists };
            for maker in makers {
                sums.entry(maker).or_default().add(heard);
            }
        }
        Ok(sums)
    }

    async fn top_genres(self, listening: &Listening, limit: usize) -> Result<Vec<Ranked>> {
        let store = self.store;
        let genres: String = sqlx::query_scalar(GENRES).fetch_one(&store.readers).await?;
        let genres: Vec<(i64, Vec<std::borrow::Cow<'_, str>>)> = serde_json::from_str(&genres)
            .map_err(|error| crate::store::StoreError::Damaged(error.to_string()))?;
        let mut genres_of: HashMap<i64, Vec<&str>> = HashMap::new();
        for (artist, of_artist) in &genres {
            genres_of.entry(*artist).or_default().extend(of_artist.iter().map(AsRef::as_ref));
        }
        let mut sums: HashMap<&str, Heard> = HashMap::new();
        for (item, artists, _) in self.makers().await? {
            let Some(heard) = listening.totals.items.get(item) else { continue };
            let of_track: HashSet<&str> =
                artists.iter().filter_map(|artist| genres_of.get(artist)).flatten().copied().collect();
            for genre in of_track {
                sums.entry(genre).or_default().add(heard);
            }
        }
        let rows = ranked(sums, BY_PLAYS).into_iter().take(limit);
        Ok(rows
            .map(|(genre, heard)| row(Names { name: Some(genre.to_owned()), ..Names::default() }, &heard))
            .collect())
    }

    pub(super) async fn named(self, item: RankedItem, rows: Vec<(i64, Heard)>) -> Result<Vec<Ranked>> {
        let store = self.store;
        let sql = match item {
            RankedItem::Track => TRACK_NAMES,
            RankedItem::Artist => ARTIST_NAMES,
            RankedItem::Album => ALBUM_NAMES,
        };
        let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
        let names: Vec<Names> =
            sqlx::query_as(sql).bind(sqlite::rows(&ids)?).fetch_all(&store.readers).await?;
        let mut names: HashMap<i64, Names> = names.into_iter().map(|names| (names.id, names)).collect();
        Ok(rows.iter().map(|(id, heard)| row(names.remove(id).unwrap_or_default(), heard)).collect())
    }
}

fn row(names: Names, heard: &Heard) -> Ranked {
    let Names { name, artists, album, uri, .. } = names;
    let instant = |ms| chrono::DateTime::from_timestamp_millis(ms).map(sqlite::millis);
    Ranked {
        name: name.unwrap_or_default(),
        artists,
        album,
        uri,
        tally: heard.tally,
        skip_rate: heard.tally.skip_rate(),
        first_played_at: heard.between.and_then(|(first, _)| instant(first)),
        last_played_at: heard.between.and_then(|(_, last)| instant(last)),
    }
}
