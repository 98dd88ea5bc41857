//! When something was played, from the months of the statistics: few rows, however many plays there
//! are.

use sqlx::FromRow;

use crate::domain::queries::{Cell, Fact, Section};
use crate::store::db::sqlite;
use crate::store::{QueryStore, Result};

/// The items of `wanted`, in the months in which one of them occurs. Their numbers are searched for
/// in the text of a month before it is parsed.
macro_rules! played {
    ($wanted:literal) => {
        concat!(
            "with wanted (item_id) as materialized (",
            $wanted,
            ")
             select sum(j.value ->> 1) as plays, sum(j.value ->> 2) as ms, min(j.value ->> 6) as first,
                    max(j.value ->> 7) as last
             from stats_months m, json_each(m.items) j
             where m.account_id = ?1
               and exists (select 1 from wanted w where instr(m.items, '[' || w.item_id || ','))
               and j.value ->> 0 in (select item_id from wanted)"
        )
    };
}

/// A track with this uri, or with another uri of its ISRC, because its id may have changed.
pub(super) const TRACK: &str = played!(
    "select item_id from stats_items where uri = ?2
     union
     select item_id from stats_items
     where isrc = (select isrc from tracks where uri = ?2 and isrc is not null)"
);

/// The tracks of an album, which statistics identify by its name and its first artist.
pub(super) const ALBUM: &str = played!(
    "select i.item_id from stats_items i join stats_albums b on b.album_id = i.album_id
     join albums a on a.name = b.name and a.credits ->> '$[0][1]' = b.artist
     where a.album_id = ?2"
);

/// The tracks of an artist, whom statistics identify by name.
pub(super) const ARTIST: &str = played!(
    "select i.item_id from stats_items i, json_each(i.artists) r
     join stats_artists s on s.artist_id = r.value
     where s.name = (select name from artists where artist_id = ?2)"
);

/// An episode with this uri.
pub(super) const EPISODE: &str = played!("select item_id from stats_items where uri = ?2");

#[derive(FromRow)]
struct PlayedCounts {
    plays: Option<i64>,
    ms: Option<i64>,
    first: Option<i64>,
    last: Option<i64>,
}

/// How often, how long and when it was played, by one of the statements above.
pub(super) async fn section(
    queries: QueryStore<'_>,
    sql: &'static str,
    key: &str,
) -> Result<Option<Section>> {
    let found: Vec<PlayedCounts> = queries.about(sql, key).await?;
    let played = found.into_iter().next();
    let plays = played.as_ref().and_then(|played| played.plays).unwrap_or_default();
    let time = |millis: Option<i64>| Cell::time(millis.map(sqlite::at_millis));
    let of_plays = played.filter(|_| plays > 0).map(|played| {
        [
            Fact::new("for", Cell::number(played.ms).as_length()),
            Fact::new("first", time(played.first)),
            Fact::new("last", time(played.last)),
        ]
    });
    let facts = [Fact::new("plays", Cell::Number(plays))].into_iter().chain(of_plays.into_iter().flatten());
    Ok(Section::of("played", facts.collect()))
}
