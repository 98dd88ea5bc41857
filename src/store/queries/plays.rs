//! Plays in pages: from a place in the history on, by the index of their times, however many there
//! are.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;

use super::played;
use crate::domain::queries::{Anchor, Cell, Details, Fact, ListedPlay, MarkKind, PlayMark, Section};
use crate::store::db::sqlite;
use crate::store::play_columns::facts::{PlayFacts, PlaySource, export_row_of_play};
use crate::store::play_columns::time_id;
use crate::store::{QueryStore, Result};

/// Names of plays that some statement has selected.
macro_rules! named {
    ($chosen:literal) => {
        concat!(
            "select p.id, case when i.uri glob 'spotify:*' then i.uri end as uri,
                    coalesce(t.name, e.name, i.name) as name,
                    coalesce(t.artists, e.show_name, (
                        select group_concat(a.name, ', ') from (
                            select s.name from json_each(i.artists) j
                            cross join stats_artists s on s.artist_id = j.value order by j.key) a)) as artists,
                    p.ms_played, p.facts
             from (",
            $chosen,
            ") p
             join stats_items i on i.item_id = p.item_id
             left join tracks t on t.track_id = i.track_id
             left join episodes e on e.episode_id = i.episode_id"
        )
    };
}

pub(super) use named;

pub(in crate::store) const OLDER: &str =
    named!("select * from play_rows where account_id = ?1 and id < ?2 order by id desc limit ?3");

pub(in crate::store) const NEWER: &str =
    named!("select * from play_rows where account_id = ?1 and id >= ?2 order by id limit ?3");

pub(in crate::store) const MARKS: &str = "
select from_at, to_at, state from v_play_coverage
where account_id = ?1 and state <> 'complete' and to_at > ?2 and to_at <= ?3";

#[derive(FromRow)]
pub(super) struct PlayColumns {
    id: i64,
    uri: Option<String>,
    name: Option<String>,
    artists: Option<String>,
    ms_played: Option<i64>,
    facts: i64,
}

impl PlayColumns {
    fn row(self) -> ListedPlay {
        let PlayFacts { skipped, counts, .. } = PlayFacts::of_bits(self.facts);
        ListedPlay {
            id: self.id,
            played_at: time_id::ended_at(self.id),
            uri: self.uri.map(Into::into),
            name: self.name.map(Into::into),
            artists: self.artists.map(Into::into),
            ms_played: self.ms_played,
            skipped,
            counts,
        }
    }
}

/// Plays around a place, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaysAround {
    /// The plays.
    pub plays: Vec<ListedPlay>,
    /// How many of them are newer than the place; they are above it.
    pub above: usize,
    /// Whether there are newer ones than these.
    pub newer: bool,
    /// Whether there are older ones.
    pub older: bool,
    /// What is known about the time between them and, if no play follows, after them.
    pub marks: Vec<PlayMark>,
}

/// A shorter unknown time gets no line.
const LEAST_UNKNOWN: TimeDelta = TimeDelta::hours(1);

/// Later than every possible time.
const END_OF_TIME: &str = "9999";

/// Where a page begins: plays below the anchor have smaller numbers than this, all others have not.
pub(super) fn place_of(anchor: Anchor) -> i64 {
    match anchor {
        Anchor::Newest => i64::MAX,
        Anchor::Oldest => i64::MIN,
        Anchor::Before(at) => time_id::first_id(at.timestamp_millis().saturating_add(1)),
        Anchor::Play { id, .. } => id.saturating_add(1),
    }
}

impl PlaysAround {
    /// The plays on both sides of a place, starting there, still without the time between them.
    pub(super) fn of(
        mut newer: Vec<PlayColumns>,
        mut older: Vec<PlayColumns>,
        has_newer: bool,
        has_older: bool,
    ) -> Self {
        newer.reverse();
        let above = newer.len();
        newer.append(&mut older);
        let plays = newer.into_iter().map(PlayColumns::row).collect();
        Self { plays, above, newer: has_newer, older: has_older, marks: Vec::new() }
    }
}

impl QueryStore<'_> {
    /// At most `each` plays on either side of a place in the history.
    pub async fn plays_around(self, anchor: Anchor, each: u32) -> Result<PlaysAround> {
        let place = place_of(anchor);
        let mut newer = self.plays_beside(NEWER, place, each).await?;
        let mut older = self.plays_beside(OLDER, place, each).await?;
        let (has_newer, has_older) = (cut(&mut newer, each), cut(&mut older, each));
        let around = PlaysAround::of(newer, older, has_newer, has_older);
        let marks = self.marks(&around.plays, has_newer, has_older).await?;
        Ok(PlaysAround { marks, ..around })
    }

    /// One play more than requested, which shows whether there are more.
    async fn plays_beside(self, sql: &'static str, place: i64, limit: u32) -> Result<Vec<PlayColumns>> {
        let Self { store, account } = self;
        Ok(sqlx::query_as(sql)
            .bind(account.0)
            .bind(place)
            .bind(limit.saturating_add(1))
            .fetch_all(&store.readers)
            .await?)
    }

    async fn marks(self, plays: &[ListedPlay], newer: bool, older: bool) -> Result<Vec<PlayMark>> {
        let Self { store, account } = self;
        let millis = |play: &ListedPlay| sqlite::millis(play.played_at);
        let from = plays.last().filter(|_| older).map(millis).unwrap_or_default();
        let to = plays.first().filter(|_| newer).map_or_else(|| END_OF_TIME.to_owned(), millis);
        let found: Vec<(String, String, String)> =
            sqlx::query_as(MARKS).bind(account.0).bind(from).bind(to).fetch_all(&store.readers).await?;
        let mark = |(from, to, state): (String, String, String)| {
            let kind = match state.as_str() {
                "gap" => MarkKind::Gap,
                "imported" => MarkKind::Imported,
                _ => MarkKind::Unknown,
            };
            Ok(PlayMark { kind, from: sqlite::time(&from)?, to: sqlite::time(&to)? })
        };
        let marks = found.into_iter().map(mark).collect::<Result<Vec<_>>>()?;
        // There is always a short unknown time between the newest play and the last poll.
        let is_told =
            |mark: &PlayMark| mark.kind != MarkKind::Unknown || mark.to - mark.from >= LEAST_UNKNOWN;
        Ok(marks.into_iter().filter(is_told).collect())
    }
}

/// Removes the one row too many; returns whether there was one.
pub(super) fn cut(rows: &mut Vec<PlayColumns>, limit: u32) -> bool {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    is_more
}

const PLAY: &str = concat!(
    "
select p.id, i.uri, coalesce(t.name, e.name, i.name) as name,
       coalesce(t.artists, e.show_name, (
           select group_concat(a.name, ', ') from (
               select s.name from json_each(i.artists) j
               cross join stats_artists s on s.artist_id = j.value order by j.key) a)) as artists,
       coalesce(t.album_name, b.name) as album, p.ms_played, coalesce(t.duration_ms, e.duration_ms) as length_ms,
       p.facts, p.context_uri, c.fields,
       (select l.name from playlists l
        where l.account_id = p.account_id and l.uri = p.context_uri) as playlist
from play_rows p
join stats_items i on i.item_id = p.item_id
left join tracks t on t.track_id = i.track_id
left join episodes e on e.episode_id = i.episode_id
left join stats_albums b on b.album_id = i.album_id
left join export_rows r on r.id = ",
    export_row_of_play!(),
    "
left join export_circumstances c on c.id = r.circumstances_id
where p.account_id = ?1 and p.id = ?2"
);

#[derive(FromRow)]
struct OneColumns {
    id: i64,
    uri: String,
    name: Option<String>,
    artists: Option<String>,
    album: Option<String>,
    ms_played: Option<i64>,
    length_ms: Option<i64>,
    facts: i64,
    context_uri: Option<String>,
    fields: Option<String>,
    playlist: Option<String>,
}

/// When it was played, what, for how long and how; and how often the same item was played in all.
pub(super) async fn play(queries: QueryStore<'_>, id: i64) -> Result<Option<Details>> {
    let found: Option<OneColumns> =
        sqlx::query_as(PLAY).bind(queries.account.0).bind(id).fetch_optional(&queries.store.readers).await?;
    let Some(play) = found else {
        return Ok(None);
    };
    let uri = play.uri.starts_with("spotify:").then(|| play.uri.clone());
    let name = play.name.clone().unwrap_or_default();
    let sections = [
        what(&play),
        Section::of("how", how(&play)?),
        played::section(queries, played::TRACK, &play.uri).await?,
    ];
    let sections = sections.into_iter().flatten().collect();
    Ok(Some(Details { name, uri, sections }))
}

fn what(play: &OneColumns) -> Option<Section> {
    let ended: DateTime<Utc> = time_id::ended_at(play.id);
    let began = play.ms_played.map(|ms| ended - TimeDelta::milliseconds(ms));
    let length = match play.ms_played {
        Some(ms) => Cell::Length(ms),
        None => Cell::Text("unknown; only exports contain how long a play lasted".into()),
    };
    Section::of(
        "",
        vec![
            Fact::new("title", Cell::text(play.name.as_deref())),
            Fact::new("artists", Cell::text(play.artists.as_deref())),
            Fact::new("album", Cell::text(play.album.as_deref())),
            Fact::new("began", Cell::time(began)),
            Fact::new("ended", Cell::Time(ended)),
            Fact::new("played", length),
            Fact::new("of", Cell::number(play.length_ms).as_length()),
            Fact::new("uri", Cell::text(Some(play.uri.as_str()).filter(|uri| uri.starts_with("spotify:")))),
        ],
    )
}

/// The circumstances, as far as any source gave them.
fn how(play: &OneColumns) -> Result<Vec<Fact>> {
    let fields: serde_json::Value = match &play.fields {
        Some(fields) => sqlite::from_json(fields)?,
        None => serde_json::Value::Null,
    };
    let text = |name: &str| Cell::text(fields.get(name).and_then(serde_json::Value::as_str));
    let flag = |name: &str| yes(fields.get(name).and_then(serde_json::Value::as_bool));
    let PlayFacts { source, skipped, counts, .. } = PlayFacts::of_bits(play.facts);
    let source = match source {
        PlaySource::Extended => "extended history of a privacy export",
        PlaySource::AccountData => "account data of a privacy export, to the minute",
        PlaySource::Api => "Spotify's list of recent plays",
    };
    Ok(vec![
        Fact::new("source", Cell::Text(source.into())),
        Fact::new("counts", yes(Some(counts))),
        Fact::new("skipped", yes(skipped)),
        Fact::new("from", Cell::text(play.playlist.clone().or_else(|| play.context_uri.clone()))),
        Fact::new("private", flag("incognito_mode")),
        Fact::new("shuffled", flag("shuffle")),
        Fact::new("offline", flag("offline")),
        Fact::new("start reason", text("reason_start")),
        Fact::new("end reason", text("reason_end")),
        Fact::new("on", text("platform")),
    ])
}

fn yes(is_so: Option<bool>) -> Cell {
    Cell::text(is_so.map(|is_so| if is_so { "yes" } else { "no" }))
}
