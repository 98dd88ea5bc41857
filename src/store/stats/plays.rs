//! Plays of a span of time, read in pieces of one JSON text each: returning one row per play would
//! take longer than all the work that follows.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::SqliteConnection;

use super::totals::{CountedPlay, Heard};
use crate::domain::AccountId;
use crate::store::Result;
use crate::store::db::sqlite;

/// Plays in one piece.
const PIECE: u32 = 5_000;

/// A play as it is stored.
#[derive(Debug, Deserialize)]
pub(super) struct StoredPlay<'a> {
    pub(super) id: i64,
    #[serde(borrow)]
    pub(super) played_at: &'a str,
    #[serde(borrow)]
    pub(super) uri: Cow<'a, str>,
    pub(super) ms_played: Option<i64>,
    /// The length of the played item, if the play does not say how long it lasted.
    pub(super) length_ms: Option<i64>,
    pub(super) skipped: Option<i64>,
    pub(super) local_day: Option<i32>,
    pub(super) local_hour: Option<u8>,
    pub(super) counts: i64,
}

impl StoredPlay<'_> {
    /// The end of the play.
    pub(super) fn at(&self) -> Result<DateTime<Utc>> {
        sqlite::time(self.played_at)
    }

    /// What the play adds; it ended at `at_ms`.
    pub(super) fn heard(&self, at_ms: i64, counts_from_ms: i64) -> Heard {
        let Self { ms_played, length_ms, .. } = *self;
        CountedPlay { at_ms, ms_played, length_ms, skipped: self.skipped.map(|skipped| skipped != 0) }
            .heard(counts_from_ms)
    }
}

pub(in crate::store) const SQL: &str = "
select json_group_array(json_array(
           id, played_at, uri, ms_played,
           case when ms_played is null then coalesce(
               (select duration_ms from tracks t where t.track_id = p.track_id),
               (select duration_ms from episodes e where e.episode_id = p.episode_id)) end,
           skipped, local_day, local_hour, counts)),
       count(*)
from (select id, played_at, uri, ms_played, track_id, episode_id, skipped, local_day, local_hour, counts
      from plays where account_id = ?1 and (played_at, id) > (?2, ?3) and played_at < ?4
      order by played_at, id limit ?5) p";

/// Where reading continues.
#[derive(Debug)]
pub(super) struct PlaysReading {
    account: AccountId,
    after: (String, i64),
    to: String,
    whole: bool,
}

impl PlaysReading {
    /// Plays from `from` on, up to but excluding `to`.
    pub(super) fn of(account: AccountId, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self { account, after: (sqlite::millis(from), -1), to: sqlite::millis(to), whole: false }
    }

    /// The next piece, for [`parse`]; `None` at the end.
    pub(super) async fn next(&mut self, connection: &mut SqliteConnection) -> Result<Option<String>> {
        if self.whole {
            return Ok(None);
        }
        let (text, rows): (String, u32) = sqlx::query_as(SQL)
            .bind(self.account.0)
            .bind(&self.after.0)
            .bind(self.after.1)
            .bind(&self.to)
            .bind(PIECE)
            .fetch_one(connection)
            .await?;
        self.whole = rows < PIECE;
        Ok((rows > 0).then_some(text))
    }

    /// Continues after this play.
    pub(super) fn go_on_after(&mut self, play: &StoredPlay<'_>) {
        self.after = (play.played_at.to_owned(), play.id);
    }
}

/// The plays of a piece.
pub(super) fn parse(piece: &str) -> Result<Vec<StoredPlay<'_>>> {
    serde_json::from_str(piece).map_err(|error| crate::store::StoreError::Damaged(error.to_string()))
}
