//! How often and when something was played, from the sums of the statistics: few rows, however many
//! plays there are.

use chrono::{DateTime, TimeZone, Utc};

use crate::domain::queries::{Cell, Fact, Section};
use crate::store::db::sqlite;
use crate::store::stats::{Period, PeriodParts};
use crate::store::{QueryStore, Result};

/// A track with this uri, or with another uri of its ISRC, because its id may have changed.
pub(super) const TRACK: &str = "select item_id from stats_items where uri = ?2
     union
     select item_id from stats_items
     where isrc = (select isrc from tracks where uri = ?2 and isrc is not null)";

/// The tracks of an album, which statistics identify by its name and its first artist.
pub(super) const ALBUM: &str =
    "select i.item_id from stats_items i join stats_albums b on b.album_id = i.album_id
     join albums a on a.name = b.name and a.credits ->> '$[0][1]' = b.artist
     where a.album_id = ?2";

/// The tracks of an artist, whom statistics identify by name.
pub(super) const ARTIST: &str = "select i.item_id from stats_items i, json_each(i.artists) r
     join stats_artists s on s.artist_id = r.value
     where s.name = (select name from artists where artist_id = ?2)";

/// An episode with this uri.
pub(super) const EPISODE: &str = "select item_id from stats_items where uri = ?2";

/// How often, how long and when one of the items of a statement was played.
pub(super) async fn section(
    queries: QueryStore<'_>,
    sql: &'static str,
    key: &str,
) -> Result<Option<Section>> {
    let items: Vec<(i64,)> = queries.about(sql, key).await?;
    let items: Vec<i64> = items.into_iter().map(|(item,)| item).collect();
    let ever = Period { from: DateTime::UNIX_EPOCH, to: end_of_time() };
    let statistics = queries.store.account(queries.account).statistics();
    let heard = statistics.listening(ever, PeriodParts::Everything).await?.of_items(&items);
    let time = |millis| Cell::Time(sqlite::at_millis(millis));
    let of_plays = heard.between.map(|(first, last)| {
        [
            Fact::new("for", Cell::number(i64::try_from(heard.tally.ms).ok()).as_length()),
            Fact::new("first", time(first)),
            Fact::new("last", time(last)),
        ]
    });
    let plays = i64::try_from(heard.tally.plays).unwrap_or(i64::MAX);
    let facts = [Fact::new("plays", Cell::Number(plays))].into_iter().chain(of_plays.into_iter().flatten());
    Ok(Section::of("played", facts.collect()))
}

/// Later than every play.
fn end_of_time() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2100, 1, 1, 0, 0, 0).single().unwrap_or(DateTime::<Utc>::MAX_UTC)
}
