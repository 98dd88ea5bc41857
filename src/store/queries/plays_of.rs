//! Plays of certain items, in pages. The months of the statistics show what was played in them. So
//! only months that contain one of the items are searched, by the index of their times, and also
//! whatever is not summed up yet.

use std::collections::HashSet;

use sqlx::FromRow;

use super::plays::{PlayColumns, PlaysAround, cut, named, place_of};
use crate::domain::AccountId;
use crate::domain::queries::{Anchor, Cell, TableRow};
use crate::store::db::sqlite;
use crate::store::play_columns::time_id;
use crate::store::stats::{is_at_work, items_of};
use crate::store::{QueryStore, Result, Store};

pub(in crate::store) const OLDER_OF: &str = named!(
    "select * from play_rows where account_id = ?1 and id < ?2 and id >= ?3
     and item_id in (select value from jsonb_each(?5)) order by id desc limit ?4"
);

pub(in crate::store) const NEWER_OF: &str = named!(
    "select * from play_rows where account_id = ?1 and id >= ?2 and id < ?3
     and item_id in (select value from jsonb_each(?5)) order by id limit ?4"
);

const ITEMS: &str = "
select i.uri, coalesce(t.name, e.name, i.name) as name,
       coalesce(t.artists, e.show_name, (
           select group_concat(a.name, ', ') from (
               select s.name from json_each(i.artists) j
               cross join stats_artists s on s.artist_id = j.value order by j.key) a)) as artists,
       coalesce(t.album_name, b.name) as album
from stats_items i
left join tracks t on t.track_id = i.track_id
left join episodes e on e.episode_id = i.episode_id
left join stats_albums b on b.album_id = i.album_id";

#[derive(FromRow)]
struct ItemColumns {
    uri: String,
    name: Option<String>,
    artists: Option<String>,
    album: Option<String>,
}

/// Every item that was ever played, each once.
pub(super) async fn items(queries: QueryStore<'_>) -> Result<Vec<TableRow>> {
    let found: Vec<ItemColumns> = sqlx::query_as(ITEMS).fetch_all(&queries.store.readers).await?;
    let row = |item: ItemColumns| TableRow {
        thing: None,
        uri: Some(item.uri.into()),
        cells: [item.name, item.artists, item.album].map(Cell::text).into(),
    };
    Ok(found.into_iter().map(row).collect())
}

/// What was played in which month, according to the statistics.
#[derive(Debug)]
pub struct PlayedMonths {
    /// In their order.
    months: Vec<PlayedMonth>,
    /// Whether every play is summed up in one of them.
    pub settled: bool,
}

#[derive(Debug)]
struct PlayedMonth {
    /// Numbers of plays.
    from: i64,
    to: i64,
    /// In the order of their numbers.
    items: Vec<i64>,
}

/// The first number of a play and the end; the end is excluded.
type Span = (i64, i64);

impl PlayedMonths {
    /// The spans of time in which one of the items may have been played, in order. Each is one
    /// month, so that no search takes long.
    fn spans(&self, items: &HashSet<i64>) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut begins = i64::MIN;
        for month in &self.months {
            if begins < month.from {
                spans.push((begins, month.from));
            }
            if !self.settled || month.items.iter().any(|item| items.contains(item)) {
                spans.push((month.from, month.to));
            }
            begins = month.to;
        }
        spans.push((begins, i64::MAX));
        spans
    }
}

const MONTHS: &str = "select from_at, to_at, sums from stats_months where account_id = ?1 order by from_at";

const ITEM_IDS: &str = "
select json_group_array(i.item_id) from jsonb_each(?1) j cross join stats_items i on i.uri = j.value";

/// Some items, and where they may be found.
struct Looking<'a> {
    store: &'a Store,
    account: AccountId,
    /// A JSON array of their numbers.
    items: String,
    spans: Vec<Span>,
    /// At most this many on each side.
    each: u32,
}

impl Looking<'_> {
    async fn older(&self, place: i64) -> Result<Vec<PlayColumns>> {
        let mut found = Vec::new();
        for (from, to) in self.spans.iter().rev().filter(|(from, _)| *from < place) {
            self.look(OLDER_OF, (place.min(*to), *from), &mut found).await?;
        }
        Ok(found)
    }

    async fn newer(&self, place: i64) -> Result<Vec<PlayColumns>> {
        let mut found = Vec::new();
        for (from, to) in self.spans.iter().filter(|(_, to)| *to > place) {
            self.look(NEWER_OF, (place.max(*from), *to), &mut found).await?;
        }
        Ok(found)
    }

    /// Adds the plays between two numbers; one more than requested shows that there are more.
    async fn look(
        &self,
        sql: &'static str,
        (begin, end): (i64, i64),
        found: &mut Vec<PlayColumns>,
    ) -> Result<()> {
        let wanted = (self.each as usize + 1).saturating_sub(found.len());
        if wanted == 0 {
            return Ok(());
        }
        let more: Vec<PlayColumns> = sqlx::query_as(sql)
            .bind(self.account.0)
            .bind(begin)
            .bind(end)
            .bind(i64::try_from(wanted).unwrap_or(i64::MAX))
            .bind(&self.items)
            .fetch_all(&self.store.readers)
            .await?;
        found.extend(more);
        Ok(())
    }
}

impl QueryStore<'_> {
    /// What was played in which month.
    pub async fn played_months(self) -> Result<PlayedMonths> {
        let Self { store, account } = self;
        // One transaction: a month that is summed up meanwhile must not be missed.
        let mut tx = store.readers.begin().await?;
        let found: Vec<(String, String, Vec<u8>)> =
            sqlx::query_as(MONTHS).bind(account.0).fetch_all(&mut *tx).await?;
        let settled = !is_at_work(&mut tx, account).await?;
        tx.rollback().await?;
        let month = |(from, to, sums): (String, String, Vec<u8>)| {
            let [from, to] = [from, to].map(|at| sqlite::time(&at).map(time_id::first_id_at));
            Ok(PlayedMonth { from: from?, to: to?, items: items_of(&sums)? })
        };
        Ok(PlayedMonths { months: found.into_iter().map(month).collect::<Result<_>>()?, settled })
    }

    /// At most `each` plays of these items on either side of a place in the history. It does not
    /// say what is known about the time between plays that are not adjacent.
    pub async fn plays_of(
        self,
        uris: &[Box<str>],
        months: &PlayedMonths,
        anchor: Anchor,
        each: u32,
    ) -> Result<PlaysAround> {
        let Self { store, account } = self;
        let uris = sqlite::rows(&uris)?;
        // As one value: there may be tens of thousands.
        let items: String = sqlx::query_scalar(ITEM_IDS).bind(&uris).fetch_one(&store.readers).await?;
        let spans = months.spans(&sqlite::from_json(&items)?);
        let looking = Looking { store, account, items, spans, each };
        let place = place_of(anchor);
        let mut newer = looking.newer(place).await?;
        let mut older = looking.older(place).await?;
        let (has_newer, has_older) = (cut(&mut newer, each), cut(&mut older, each));
        Ok(PlaysAround::of(newer, older, has_newer, has_older))
    }
}
