//! Rows of several exports about one play: the row with the newest format provides the play, and
//! the others stay as evidence.
//!
//! Owns: `superseded_by` of `export_rows`, and which rows of extended histories have a play of
//! their own. Must not know: what the API said.

use std::collections::{HashMap, HashSet};

use crate::domain::{AccountId, ExportFormat, ToldRow, duplicates};
use crate::store::db::sqlite::{self, Tx};
use crate::store::play_columns::facts::export_row_of_play;
use crate::store::play_columns::time_id;
use crate::store::plays::coverage::CoverageSpan;
use crate::store::plays::derive;
use crate::store::plays::evidence::{ExportedRow, exported_rows};
use crate::store::plays::imported::sighted_in;
use crate::store::{PlayStore, Result, stats};

/// How many times with several reported plays are processed in one transaction.
const INSTANTS: u32 = 1_000;

/// All rows of the times that several rows share, beginning with the first such time in a span.
const SHARED: &str = exported_rows!(
    "(select id >> 20 << 20 as instant from export_rows
      where account_id = ?1 and id >= ?2 and id < ?3
      group by 1 having count(*) > 1 order by 1 limit ?4) shared
     cross join export_rows r
     on r.account_id = ?1 and r.id >= shared.instant and r.id < shared.instant + 1048576"
);

impl PlayStore<'_> {
    /// Finds which rows that were reported from `from` to `to` describe one play; returns how many
    /// rows lost their own play.
    #[tracing::instrument(level = "error", skip_all)]
    pub(super) async fn settle_duplicates(self, from: i64, to: i64) -> Result<u64> {
        let Self { store, account } = self;
        let (mut from, mut found) = (from, 0);
        loop {
            let mut tx = store.begin().await?;
            let rows = sqlx::query_as(SHARED)
                .bind(account.0)
                .bind(time_id::first_id(from))
                .bind(time_id::first_id(to.saturating_add(1)))
                .bind(INSTANTS);
            let rows: Vec<ExportedRow> =
                rows.fetch_all(&mut *tx).await?.into_iter().map(ExportedRow::of).collect::<Result<_>>()?;
            let Some(last) = rows.iter().map(|row| row.row.reported).max() else { return Ok(found) };
            found += tell_once(&mut tx, account, rows).await?;
            tx.commit().await?;
            from = last + 1;
        }
    }
}

/// Makes these rows, which are all rows of their times, describe each play once.
pub(super) async fn tell_once(tx: &mut Tx, account: AccountId, rows: Vec<ExportedRow>) -> Result<u64> {
    let rows: Vec<ExportedRow> =
        rows.into_iter().filter(|row| row.superseded_by != Some(row.row.key)).collect();
    let told: Vec<ToldRow> = rows.iter().map(ExportedRow::told).collect::<Result<_>>()?;
    let told_by = duplicates(&told);
    let is_news = |row: &&ExportedRow| told_by.get(&row.row.key).copied() != row.superseded_by;
    let changed: Vec<&ExportedRow> = rows.iter().filter(is_news).collect();
    if changed.is_empty() {
        return Ok(0);
    }
    let links: Vec<_> = changed.iter().map(|row| (row.row.key, told_by.get(&row.row.key))).collect();
    let update = "update export_rows set superseded_by = j.value ->> 1
                  from jsonb_each(?1) j where export_rows.id = j.value ->> 0";
    sqlx::query(update).bind(sqlite::rows(&links)?).execute(&mut **tx).await?;
    let (gone, come): (Vec<&ExportedRow>, Vec<_>) =
        changed.iter().partition(|row| told_by.contains_key(&row.row.key));
    forget_plays(tx, account, &gone).await?;
    // A row that provides a play again. Rows of account data are matched later.
    let come = come.iter().filter(|row| row.row.format == ExportFormat::Extended);
    derive::insert(tx, account, &come.map(|row| derive::play_of(row)).collect::<Vec<_>>()).await?;
    rename(tx, &rows, &told_by.values().copied().collect(), &gone).await?;
    let ends = changed.iter().map(|row| row.row.ended);
    if let (Some(first), Some(last)) = (ends.clone().min(), ends.max()) {
        let CoverageSpan { from, to } = CoverageSpan::of_millis(first, last);
        stats::touched(tx, account, from, to).await?;
    }
    Ok(gone.iter().filter(|row| row.superseded_by.is_none()).count() as u64)
}

/// The plays of the rows in `?2`, a JSON array of what [`place_of_play`] returns.
macro_rules! plays_of_rows {
    () => {
        concat!(
            "select p.id from jsonb_each(?2) j cross join play_rows p
             on p.account_id = ?1 and p.id >= j.value ->> 1 and p.id < j.value ->> 2
                and ",
            export_row_of_play!(),
            " = j.value ->> 0"
        )
    };
}
pub(super) use plays_of_rows;

/// A row, and between which two numbers its play is, if the row provides one that ended at
/// `ended_ms`. The API may provide the second of a play from account data.
pub(super) const fn place_of_play(row: i64, ended_ms: i64) -> (i64, i64, i64) {
    (row, time_id::first_id(ended_ms), time_id::first_id(ended_ms + 60_000))
}

/// Deletes the plays of rows that no longer provide one. What the API said about them is matched
/// with the others next.
async fn forget_plays(tx: &mut Tx, account: AccountId, rows: &[&ExportedRow]) -> Result<()> {
    let plays: Vec<_> = rows.iter().map(|row| place_of_play(row.row.key, row.row.ended)).collect();
    let sql = concat!("delete from play_rows where id in (", plays_of_rows!(), ")");
    sqlx::query(sql).bind(account.0).bind(sqlite::rows(&plays)?).execute(&mut **tx).await?;
    Ok(())
}

/// A track that only exports name gets its names from the row that provides the play.
async fn rename(
    tx: &mut Tx,
    rows: &[ExportedRow],
    telling: &HashSet<i64>,
    gone: &[&ExportedRow],
) -> Result<()> {
    let items: HashSet<i64> = gone.iter().map(|row| row.item).collect();
    let telling = rows.iter().filter(|row| telling.contains(&row.row.key));
    let by_track: HashMap<_, i64> = telling.map(|row| (&row.thing.track_id, row.item)).collect();
    let items: Vec<i64> = by_track.into_values().filter(|item| !items.contains(item)).collect();
    let sql = "update tracks set name = x.title, artists = x.artist, album_name = x.album,
                   credits = json_array(json_array(null, x.artist))
               from (select track_id, names ->> '$[1]' as title, coalesce(names ->> '$[2]', '') as artist,
                            names ->> '$[3]' as album
                     from jsonb_each(?1) j cross join export_items i on i.id = j.value) x
               where tracks.track_id = x.track_id and x.title <> '' and tracks.album_id is null
                 and tracks.isrc is null and tracks.duration_ms is null
                 and (tracks.name, tracks.artists, tracks.album_name) is not (x.title, x.artist, x.album)";
    if !items.is_empty() {
        sqlx::query(sql).bind(sqlite::rows(&items)?).execute(&mut **tx).await?;
    }
    Ok(())
}

impl ExportedRow {
    fn told(&self) -> Result<ToldRow> {
        let files = self.files.as_deref().map_or(Ok(Vec::new()), sqlite::from_json::<Vec<i64>>)?;
        Ok(ToldRow {
            key: self.row.key,
            files: files.into_iter().collect(),
            format: self.row.format,
            reported: self.row.reported,
            ms_played: self.row.ms_played,
            song: self.row.song.clone(),
            offline: self.how.offline == Some(true),
            offline_timestamp: self.offline_timestamp,
            judges_skips: self.how.skipped.is_some(),
        })
    }
}
