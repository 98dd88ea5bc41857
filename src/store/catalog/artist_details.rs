//! Which artists of the library are described next, and what an answer says about them.
//!
//! Owns: `artists.details_at`. An artist with this time counts as described, whatever the answer
//! contained. Must not know: how artists are requested, or how many a day.

use chrono::{DateTime, Utc};

use super::describe::CatalogueWriter;
use crate::domain::{Artist, ArtistId, Entity, Row, RunId, SyncState};
use crate::store::db::sqlite::{self, Tx, count};
use crate::store::state::rejected_rows::{self, RejectedPlace, SeenAt};
use crate::store::state::sync_state::{self, sync_state_columns};
use crate::store::{Checkpoint, Committed, Delta, DetailsStore, Result};

/// The library's artists, by whether they are described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailsTodo {
    /// The artists to request, the most important first: artists that were never described come
    /// before those with an old description, and artists that are only in playlists come last.
    /// Within these groups they are ordered by plays, then by how much of theirs is in the library.
    pub artists: Vec<ArtistId>,
    /// Artists that were ever described.
    pub described: u32,
    /// Artists of the library.
    pub total: u32,
}

/// An answer about artists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailsAnswer {
    /// The requested artists; all of them count as described from now on.
    pub asked: Vec<ArtistId>,
    /// The rows of the answer, in the same order; a null row is an artist that Spotify does not
    /// know.
    pub rows: Vec<Row<Artist>>,
    /// The time of the answer.
    pub at: DateTime<Utc>,
    /// The checkpoint after this answer. `processed` is the number of artists that were described
    /// before; artists that are described for the first time are added here.
    pub checkpoint: Checkpoint,
}

/// How a turn ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishDetails {
    /// Artists that were ever described.
    pub described: u32,
    /// Artists of the library.
    pub total: u32,
    /// No artist is left to describe.
    pub whole: bool,
    /// Why some artists are left, in one sentence; `None` if they only wait for their turn.
    pub reason: Option<String>,
    /// The time of the end.
    pub at: DateTime<Utc>,
    /// When the next turn is due.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// Credits are JSON. Parsing those of every track costs less than storing them separately would, at
/// one turn an hour.
const TODO: &str = "
with counted (track_id, saved, listed, plays) as (
    select track_id, 1, 0, 0 from saved_tracks where account_id = ?1 and track_id is not null
    union all
    select i.item_key, 0, 1, 0 from playlist_items i
    join playlists p on p.account_id = i.account_id and p.playlist_id = i.playlist_id
    where i.account_id = ?1 and i.kind = 'track' and p.removed_at is null
    union all
    select i.track_id, 0, 0, 1 from play_rows p join stats_items i on i.item_id = p.item_id
    where p.account_id = ?1 and p.facts & 16 and i.track_id is not null),
heard as materialized (
    select track_id, sum(saved) as saved, sum(listed) as listed, sum(plays) as plays
    from counted group by track_id),
named (artist_id, saved, listed, plays) as (
    select artist_id, 1, 0, 0 from followed_artists where account_id = ?1
    union all
    select c.value ->> 0, 1, 0, 0
    from saved_albums s join albums a on a.album_id = s.album_id, json_each(a.credits) c
    where s.account_id = ?1
    union all
    select c.value ->> 0, h.saved, h.listed, h.plays
    from heard h join tracks t on t.track_id = h.track_id, json_each(t.credits) c),
library as (
    select artist_id, sum(saved) as saved, sum(listed) as listed, sum(plays) as plays
    from named where artist_id is not null group by artist_id having sum(saved) + sum(listed) > 0),
standing as (
    select l.*, a.details_at,
           a.details_at is null
               or coalesce(a.details_at < ?3, 0)
               -- By a clock that was ahead: that was not since then.
               or ?3 is not null and a.details_at > ?2
               -- After 68 to 90 days, by the end of the id: who was described on one day is spread over
               -- three weeks the next time.
               or julianday(?2) - julianday(a.details_at)
                  > 90 - (7 * unicode(substr(l.artist_id, -1)) + unicode(substr(l.artist_id, -2, 1))) % 23
               as is_due
    from library l join artists a on a.artist_id = l.artist_id)
select count(*), count(details_at),
       json_group_array(artist_id order by details_at is not null, saved = 0, plays desc,
                                           saved + listed desc, artist_id) filter (where is_due)
from standing";

impl DetailsStore<'_> {
    /// The library's artists, and which of them are to be described at `now`. With `since`: all
    /// artists that were not described since then.
    pub async fn todo(self, now: DateTime<Utc>, since: Option<DateTime<Utc>>) -> Result<DetailsTodo> {
        let Self { store, account } = self;
        let (total, described, due): (i64, i64, String) = sqlx::query_as(TODO)
            .bind(account.0)
            .bind(sqlite::millis(now))
            .bind(since.map(sqlite::millis))
            .fetch_one(&store.readers)
            .await?;
        let artists = sqlite::from_json(&due)?;
        Ok(DetailsTodo { artists, described: count(described), total: count(total) })
    }

    /// Corrects descriptions with a time after `now`, which come from a clock that was ahead: they
    /// count as made now. Otherwise they would not age until that time. Requesting all of them
    /// again would cost as many requests as before.
    pub async fn correct_later(self, now: DateTime<Utc>) -> Result<()> {
        let store = self.store;
        store
            .execute(
                sqlx::query("update artists set details_at = ?1 where details_at > ?1")
                    .bind(sqlite::millis(now)),
            )
            .await
    }

    /// Stores an answer with its checkpoint and counters, in one transaction.
    #[tracing::instrument(name = "commit_details", level = "error", skip_all)]
    pub async fn commit(self, run: RunId, answer: &DetailsAnswer) -> Result<Committed<Delta>> {
        let Self { store, account } = self;
        let mut catalogue = CatalogueWriter::default();
        answer.rows.iter().filter_map(Row::readable).try_for_each(|artist| catalogue.artist(artist))?;
        let at = sqlite::millis(answer.at);
        let place = RejectedPlace {
            account,
            entity: Entity::Details,
            context: "",
            seen_at: SeenAt::Time(at.as_str()),
        };
        let mut tx = store.begin().await?;
        catalogue.write(&mut tx).await?;
        rejected_rows::keep(&mut tx, place, &answer.rows).await?;
        let delta = describe(&mut tx, &answer.asked, &at).await?;
        let checkpoint = Checkpoint {
            processed: answer.checkpoint.processed.saturating_add(delta.added),
            ..answer.checkpoint.clone()
        };
        let state = sync_state::piece(&mut tx, (account, run), Entity::Details, &checkpoint, delta).await?;
        tx.commit().await?;
        Ok(Committed { outcome: delta, state })
    }

    /// Ends a turn; returns the entity's row.
    pub async fn finish(self, finish: &FinishDetails) -> Result<SyncState> {
        let Self { store, account } = self;
        let sql = concat!(
            "update sync_state set
                       state = 'idle', total_processed = ?2, total_remote = ?3, last_error = ?4,
                       failures = 0, failed_beyond = 0,
                       is_initial_complete = is_initial_complete or ?5,
                       mode = iif(is_initial_complete or ?5, 'incremental', 'initial'),
                       last_synced_at = iif(?5 or last_added + last_changed > 0, ?6, last_synced_at),
                       next_due_at = ?7
                   where account_id = ?1 and entity_type = 'details' returning ",
            sync_state_columns!()
        );
        let statement = sqlx::query(sql)
            .bind(account.0)
            .bind(finish.described)
            .bind(finish.total)
            .bind(&finish.reason)
            .bind(finish.whole)
            .bind(sqlite::millis(finish.at))
            .bind(finish.next_due_at.map(sqlite::millis));
        sync_state::write_alone(store, statement, Entity::Details).await
    }
}

/// Stores when these artists were described. Returns how many were described for the first time and
/// how many again.
async fn describe(tx: &mut Tx, asked: &[ArtistId], at: &str) -> Result<Delta> {
    let asked = sqlite::rows(&asked)?;
    let sql = "select count(*) filter (where details_at is null), count(details_at) from artists
               where artist_id in (select value from json_each(?1))";
    let (added, changed): (i64, i64) = sqlx::query_as(sql).bind(&asked).fetch_one(&mut **tx).await?;
    let sql = "update artists set details_at = ?2 where artist_id in (select value from json_each(?1))";
    sqlx::query(sql).bind(&asked).bind(at).execute(&mut **tx).await?;
    Ok(Delta { added: count(added), removed: 0, changed: count(changed) })
}
