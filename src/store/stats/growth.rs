//! How many tracks were saved in each month.
//!
//! Each track counts from the time at which it was saved, according to Spotify. A removed one
//! counts until a sync saw its removal. A track that was saved again counts only from the last
//! time.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::{Month, Zone};
use crate::store::db::sqlite;
use crate::store::{Result, StatisticsStore};

/// A month in which tracks were saved or their removal was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SavedMonth {
    /// The month.
    pub month: Month,
    /// Tracks that were saved in it.
    pub came: u64,
    /// Tracks whose removal was seen in it.
    pub went: u64,
}

// Rounded to the minute, because no zone changes the month within a minute.
const NOW: &str = "
select substr(added_at, 1, 16), count(*) from saved_tracks
where account_id = ?1 and track_id is not null and added_at is not null group by 1";

/// Lines about removals: when the track was saved, and when its removal was seen.
const GONE: &str = "
select detail ->> 'added_at', observed_at from library_changes
where account_id = ?1 and entity_type = 'tracks' and change = 'removed'";

impl StatisticsStore<'_> {
    /// The growth of the saved tracks by month of a zone, the oldest first; months without any
    /// change are omitted.
    pub async fn saved_by_month(self, zone: Zone) -> Result<Vec<SavedMonth>> {
        let Self { store, account } = self;
        let now: Vec<(String, i64)> = sqlx::query_as(NOW).bind(account.0).fetch_all(&store.readers).await?;
        let gone: Vec<(Option<String>, String)> =
            sqlx::query_as(GONE).bind(account.0).fetch_all(&store.readers).await?;
        let mut months: BTreeMap<Month, (u64, u64)> = BTreeMap::new();
        for (minute, count) in now {
            let at: DateTime<Utc> = sqlite::time(&format!("{minute}:00Z"))?;
            months.entry(zone.month_at(at)).or_default().0 += u64::from(sqlite::count(count));
        }
        for (added_at, observed_at) in gone {
            let observed_at = sqlite::time(&observed_at)?;
            let added_at = sqlite::maybe_time(added_at.as_deref())?.unwrap_or(observed_at);
            months.entry(zone.month_at(added_at)).or_default().0 += 1;
            months.entry(zone.month_at(observed_at)).or_default().1 += 1;
        }
        Ok(months.into_iter().map(|(month, (came, went))| SavedMonth { month, came, went }).collect())
    }
}
