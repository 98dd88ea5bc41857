//! Tracks that Spotify shows under another id than it did.
//!
//! Owns: what is known of a recording whatever its id. Must not know: which slots are in question.

use std::collections::HashMap;

use super::Result;
use super::sqlite::{self, Tx};

/// What some tracks have in common with their other editions.
#[derive(Default)]
pub(super) struct Recordings(HashMap<String, Recording>);

#[derive(sqlx::FromRow)]
struct Recording {
    track_id: String,
    isrc: Option<String>,
    name: String,
    artists: String,
    duration_ms: Option<i64>,
}

/// What is known of these tracks.
pub(super) async fn recordings(tx: &mut Tx, ids: &[String]) -> Result<Recordings> {
    let sql = "select track_id, isrc, name, artists, duration_ms from tracks
               where track_id in (select value from jsonb_each(?1))";
    let rows: Vec<Recording> = sqlx::query_as(sql).bind(sqlite::rows(&ids)?).fetch_all(&mut **tx).await?;
    Ok(Recordings(rows.into_iter().map(|row| (row.track_id.clone(), row)).collect()))
}

impl Recordings {
    /// Whether two tracks are one recording: by ISRC where both have one, else by all the rest.
    pub(super) fn are_alike(&self, one: &str, other: &str) -> bool {
        let Some((one, other)) = self.0.get(one).zip(self.0.get(other)) else {
            return false;
        };
        if let (Some(one), Some(other)) = (&one.isrc, &other.isrc) {
            return one == other;
        }
        let said = |it: &Recording| (it.name.clone(), it.artists.clone(), it.duration_ms);
        !one.name.is_empty() && one.duration_ms.is_some() && said(one) == said(other)
    }
}
