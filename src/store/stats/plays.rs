//! Plays of a span of time, read in pieces of one JSON text each: returning one row per play would
//! take longer than all the work that follows.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::SqliteConnection;

use super::totals::{CountedPlay, Heard};
use crate::domain::AccountId;
use crate::store::Result;
use crate::store::play_columns::facts::PlayFacts;
use crate::store::play_columns::time_id;

/// Plays in one piece.
const PIECE: u32 = 5_000;

/// A play as it is stored.
#[derive(Debug, Deserialize)]
pub(super) struct StoredPlay {
    pub(super) id: i64,
    pub(super) item_id: i64,
    pub(super) ms_played: Option<i64>,
    /// The length of the played item, if the play does not say how long it lasted.
    pub(super) length_ms: Option<i64>,
    pub(super) facts: i64,
    /// See [`LocalHour::since_1970`](crate::domain::LocalHour::since_1970).
    pub(super) hour: Option<i64>,
}

impl StoredPlay {
    /// The end of the play.
    pub(super) fn at(&self) -> DateTime<Utc> {
        time_id::ended_at(self.id)
    }

    /// What is known of the play besides.
    pub(super) const fn facts(&self) -> PlayFacts {
        PlayFacts::of_bits(self.facts)
    }

    /// What the play adds.
    pub(super) fn heard(&self, counts_from_ms: i64) -> Heard {
        let Self { ms_played, length_ms, .. } = *self;
        let at_ms = time_id::ended_ms(self.id);
        CountedPlay { at_ms, ms_played, length_ms, skipped: self.facts().skipped }.heard(counts_from_ms)
    }
}

pub(in crate::store) const SQL: &str = "
select json_group_array(json_array(
           id, item_id, ms_played,
           case when ms_played is null then coalesce(
               (select t.duration_ms from stats_items i join tracks t on t.track_id = i.track_id
                where i.item_id = p.item_id),
               (select e.duration_ms from stats_items i join episodes e on e.episode_id = i.episode_id
                where i.item_id = p.item_id)) end,
           facts, hour)),
       count(*)
from (select id, item_id, ms_played, facts, hour
      from play_rows where account_id = ?1 and id > ?2 and id < ?3 order by id limit ?4) p";

/// Where reading continues.
#[derive(Debug)]
pub(super) struct PlaysReading {
    account: AccountId,
    after: i64,
    to: i64,
    whole: bool,
}

impl PlaysReading {
    /// Plays from `from` on, up to but excluding `to`.
    pub(super) fn of(account: AccountId, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self { account, after: time_id::first_id_at(from) - 1, to: time_id::first_id_at(to), whole: false }
    }

    /// The next piece, for [`parse`]; `None` at the end.
    pub(super) async fn next(&mut self, connection: &mut SqliteConnection) -> Result<Option<String>> {
        if self.whole {
            return Ok(None);
        }
        let (text, rows): (String, u32) = sqlx::query_as(SQL)
            .bind(self.account.0)
            .bind(self.after)
            .bind(self.to)
            .bind(PIECE)
            .fetch_one(connection)
            .await?;
        self.whole = rows < PIECE;
        Ok((rows > 0).then_some(text))
    }

    /// Continues after this play.
    pub(super) const fn go_on_after(&mut self, play: &StoredPlay) {
        self.after = play.id;
    }
}

/// The plays of a piece.
pub(super) fn parse(piece: &str) -> Result<Vec<StoredPlay>> {
    serde_json::from_str(piece).map_err(|error| crate::store::StoreError::Damaged(error.to_string()))
}
