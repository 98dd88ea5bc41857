//! All evidence about the listening in a span of time, read for [`settle`](super::derive).
//!
//! Owns: nothing. Must not know: how the evidence is used.

use crate::domain::{
    AccountId, ExportFormat, ExportItem, ExportedPlay, PollAnswer, Song, Stamp, was_skipped,
};
use crate::store::db::sqlite::{self, Tx};
use crate::store::play_columns::facts::{PlayFacts, PlaySource, unpacked_row};
use crate::store::play_columns::time_id;
use crate::store::plays::imported::{format_number, sighted_in};
use crate::store::{Result, StoreError};

/// All evidence between two times, and the current plays there.
#[derive(Default)]
pub(in crate::store) struct Statements {
    pub(in crate::store) stamps: Vec<StampRow>,
    pub(in crate::store) answers: Vec<PollAnswer>,
    pub(in crate::store) rows: Vec<ExportedRow>,
    pub(in crate::store) plays: Vec<EvidenceRow>,
}

/// A stamp, and the fields that a play takes from it.
pub(in crate::store) struct StampRow {
    pub(in crate::store) stamp: Stamp,
    pub(in crate::store) thing: PlayedThing,
    pub(in crate::store) context_uri: Option<String>,
    pub(in crate::store) first_poll: i64,
}

/// A row of an export, with the same fields.
pub(in crate::store) struct ExportedRow {
    pub(in crate::store) row: ExportedPlay,
    pub(in crate::store) thing: PlayedThing,
    pub(in crate::store) was_skipped: Option<bool>,
    /// Its key in `export_items`.
    pub(in crate::store) item: i64,
    pub(in crate::store) how: How,
    pub(in crate::store) offline_timestamp: Option<i64>,
    /// JSON array of the files that contain it, if they are known.
    pub(in crate::store) files: Option<String>,
    /// The row that describes the same play better.
    pub(in crate::store) superseded_by: Option<i64>,
}

/// Rows of exports as [`RowColumns`], from a table or join with the alias `r`.
macro_rules! exported_rows {
    ($of:literal) => {
        concat!(
            "select r.id, r.format, r.played_ms, r.ms_played, r.offline_timestamp, r.item_id,
                    r.superseded_by, i.uri, i.track_id, i.episode_id, i.names, c.fields, t.isrc,
                    case when r.file_id is not null then (
                        select json_group_array(file_id) from (select r.file_id as file_id union all ",
            sighted_in!(),
            ")) end as files
             from ",
            $of,
            " join export_items i on i.id = r.item_id
             join export_circumstances c on c.id = r.circumstances_id
             left join tracks t on t.track_id = i.track_id"
        )
    };
}
pub(in crate::store) use exported_rows;

/// The played item, by its keys in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct PlayedThing {
    pub(in crate::store) uri: String,
    pub(in crate::store) track_id: Option<String>,
    pub(in crate::store) episode_id: Option<String>,
}

/// A row of `play_rows`: the fields of a play that follow from evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct EvidenceRow {
    /// Its number, if it is stored.
    pub(in crate::store) id: Option<i64>,
    pub(in crate::store) ended_ms: i64,
    pub(in crate::store) thing: PlayedThing,
    pub(in crate::store) ms_played: Option<i64>,
    pub(in crate::store) source: PlaySource,
    pub(in crate::store) context_uri: Option<String>,
    pub(in crate::store) skipped: Option<bool>,
    pub(in crate::store) observation_id: Option<i64>,
    pub(in crate::store) export_row_id: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct StoredPlayColumns {
    id: i64,
    uri: String,
    track_id: Option<String>,
    episode_id: Option<String>,
    ms_played: Option<i64>,
    facts: i64,
    context_uri: Option<String>,
    observation_id: Option<i64>,
    export_row_id: Option<i64>,
}

impl From<StoredPlayColumns> for EvidenceRow {
    fn from(row: StoredPlayColumns) -> Self {
        let PlayFacts { source, skipped, has_own_row, .. } = PlayFacts::of_bits(row.facts);
        Self {
            id: Some(row.id),
            ended_ms: time_id::ended_ms(row.id),
            thing: PlayedThing { uri: row.uri, track_id: row.track_id, episode_id: row.episode_id },
            ms_played: row.ms_played,
            source,
            context_uri: row.context_uri,
            skipped,
            observation_id: row.observation_id,
            export_row_id: unpacked_row(row.id, has_own_row, row.export_row_id),
        }
    }
}

impl Statements {
    /// Reads all evidence from `from` to `to`, in milliseconds since 1970.
    pub(in crate::store) async fn read(tx: &mut Tx, account: AccountId, from: i64, to: i64) -> Result<Self> {
        let between = Between {
            account: account.0,
            from,
            to,
            from_at: sqlite::millis(sqlite::at_millis(from)),
            to_at: sqlite::millis(sqlite::at_millis(to)),
        };
        let stamps = between.stamps(tx).await?;
        if stamps.is_empty() && !between.has_account_data(tx).await? {
            return Ok(Self::default());
        }
        Ok(Self {
            stamps,
            answers: between.answers(tx).await?,
            rows: between.rows(tx).await?,
            plays: between.plays(tx).await?,
        })
    }
}

struct Between {
    account: i64,
    from: i64,
    to: i64,
    from_at: String,
    to_at: String,
}

#[derive(sqlx::FromRow)]
struct StampColumns {
    id: i64,
    played_at: String,
    uri: String,
    track_id: Option<String>,
    episode_id: Option<String>,
    context_uri: Option<String>,
    first_poll: i64,
    isrc: Option<String>,
    title: Option<String>,
    maker: Option<String>,
    duration_ms: Option<i64>,
}

/// The circumstances of a row that are used.
#[derive(serde::Deserialize)]
pub(in crate::store) struct How {
    pub(in crate::store) skipped: Option<bool>,
    pub(in crate::store) offline: Option<bool>,
    reason_end: Option<String>,
}

/// A row of an export as read by [`exported_rows`].
#[derive(sqlx::FromRow)]
pub(in crate::store) struct RowColumns {
    id: i64,
    format: i64,
    played_ms: Option<i64>,
    ms_played: Option<i64>,
    offline_timestamp: Option<i64>,
    item_id: i64,
    superseded_by: Option<i64>,
    uri: String,
    track_id: Option<String>,
    episode_id: Option<String>,
    names: String,
    fields: String,
    isrc: Option<String>,
    files: Option<String>,
}

impl Between {
    async fn stamps(&self, tx: &mut Tx) -> Result<Vec<StampRow>> {
        let sql = "select o.id, o.played_at, o.uri, o.track_id, o.episode_id, o.context_uri, o.first_poll,
                          t.isrc, coalesce(t.name, e.name) as title,
                          coalesce(t.credits ->> '$[0][1]', e.show_name) as maker,
                          coalesce(t.duration_ms, e.duration_ms) as duration_ms
                   from play_observations o
                   left join tracks t on t.track_id = o.track_id
                   left join episodes e on e.episode_id = o.episode_id
                   where o.account_id = ?1 and o.played_at between ?2 and ?3";
        let rows: Vec<StampColumns> = sqlx::query_as(sql)
            .bind(self.account)
            .bind(&self.from_at)
            .bind(&self.to_at)
            .fetch_all(&mut **tx)
            .await?;
        rows.into_iter().map(StampRow::of).collect()
    }

    async fn has_account_data(&self, tx: &mut Tx) -> Result<bool> {
        let sql = "select exists(select 1 from export_rows
                   where account_id = ?1 and format = 2 and id >= ?2 and id < ?3)";
        Ok(sqlx::query_scalar(sql)
            .bind(self.account)
            .bind(time_id::first_id(self.from))
            .bind(time_id::first_id(self.to.saturating_add(1)))
            .fetch_one(&mut **tx)
            .await?)
    }

    async fn answers(&self, tx: &mut Tx) -> Result<Vec<PollAnswer>> {
        let sql = "select window_from, newest_at, observations from play_polls
                   where account_id = ?1 and newest_at >= ?2 and oldest_at <= ?3
                     and observations is not null";
        let rows: Vec<(Option<String>, String, String)> = sqlx::query_as(sql)
            .bind(self.account)
            .bind(&self.from_at)
            .bind(&self.to_at)
            .fetch_all(&mut **tx)
            .await?;
        let answers = rows.into_iter().map(|(window_from, newest_at, observations)| {
            let to = sqlite::time_millis(&newest_at)?;
            let window =
                window_from.map(|from| Ok::<_, crate::store::StoreError>((sqlite::time_millis(&from)?, to)));
            Ok(PollAnswer { window: window.transpose()?, listed: sqlite::from_json(&observations)? })
        });
        answers.collect()
    }

    /// Rows about a play that ended, or was reported, in this span.
    async fn rows(&self, tx: &mut Tx) -> Result<Vec<ExportedRow>> {
        let sql = exported_rows!(
            "(select id from export_rows where account_id = ?1 and id >= ?4 and id < ?5
              union select id from export_rows
              where account_id = ?1 and played_ms between ?2 and ?3 and played_ms is not null) wanted
             cross join export_rows r on r.id = wanted.id and r.superseded_by is null"
        );
        let rows: Vec<RowColumns> = sqlx::query_as(sql)
            .bind(self.account)
            .bind(self.from)
            .bind(self.to)
            .bind(time_id::first_id(self.from))
            .bind(time_id::first_id(self.to.saturating_add(1)))
            .fetch_all(&mut **tx)
            .await?;
        rows.into_iter().map(ExportedRow::of).collect()
    }

    async fn plays(&self, tx: &mut Tx) -> Result<Vec<EvidenceRow>> {
        let sql = "select p.id, i.uri, i.track_id, i.episode_id, p.ms_played, p.facts, p.context_uri,
                          p.observation_id, p.export_row_id
                   from play_rows p join stats_items i on i.item_id = p.item_id
                   where p.account_id = ?1 and p.id >= ?2 and p.id < ?3";
        let rows: Vec<StoredPlayColumns> = sqlx::query_as(sql)
            .bind(self.account)
            .bind(time_id::first_id(self.from))
            .bind(time_id::first_id(self.to.saturating_add(1)))
            .fetch_all(&mut **tx)
            .await?;
        Ok(rows.into_iter().map(EvidenceRow::from).collect())
    }
}

impl StampRow {
    fn of(row: StampColumns) -> Result<Self> {
        let names = Song::names(&row.title.unwrap_or_default(), &row.maker.unwrap_or_default());
        let song = Song { uri: row.uri.clone(), isrc: row.isrc, names };
        Ok(Self {
            stamp: Stamp {
                key: row.id,
                at: sqlite::time_millis(&row.played_at)?,
                song,
                duration_ms: row.duration_ms,
            },
            thing: PlayedThing { uri: row.uri, track_id: row.track_id, episode_id: row.episode_id },
            context_uri: row.context_uri,
            first_poll: row.first_poll,
        })
    }
}

impl ExportedRow {
    pub(in crate::store) fn of(row: RowColumns) -> Result<Self> {
        let item = ExportItem::from_names(sqlite::from_json(&row.names)?);
        let how: How = sqlite::from_json(&row.fields)?;
        let (title, maker) = item.title_and_maker();
        let song = Song { uri: row.uri.clone(), isrc: row.isrc, names: Song::names(title, maker) };
        let format = [ExportFormat::Extended, ExportFormat::AccountData]
            .into_iter()
            .find(|format| format_number(*format) == row.format)
            .ok_or_else(|| {
                StoreError::Damaged(format!("a row of an export has the format {}", row.format))
            })?;
        let reported = time_id::ended_ms(row.id);
        let was_skipped = was_skipped(reported, how.skipped, how.reason_end.as_deref());
        Ok(Self {
            row: ExportedPlay {
                key: row.id,
                format,
                ended: row.played_ms.unwrap_or(reported),
                reported,
                ms_played: row.ms_played,
                song,
                rest: format!("{} {:?}", row.fields, row.offline_timestamp),
            },
            thing: PlayedThing { uri: row.uri, track_id: row.track_id, episode_id: row.episode_id },
            was_skipped,
            item: row.item_id,
            how,
            offline_timestamp: row.offline_timestamp,
            files: row.files,
            superseded_by: row.superseded_by,
        })
    }
}
