//! What changed in the library, observed when, by which run; append-only.
//!
//! Owns: `library_changes` and the JSON of its `detail`, which carries what replaying a change backwards
//! needs: places, times and old values. Must not know: how a change was found.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::sqlite::{self, Tx};
use super::{Result, Store};
use crate::domain::{AccountId, ChangeLine, Entity, RunId};

/// What happened to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Added,
    Removed,
    Changed,
    Moved,
}

impl Change {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Moved => "moved",
        }
    }
}

/// What kind of thing it is: where its name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Track,
    Album,
    Artist,
    Playlist,
    Episode,
    Unavailable,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Album => "album",
            Self::Artist => "artist",
            Self::Playlist => "playlist",
            Self::Episode => "episode",
            Self::Unavailable => "unavailable",
        }
    }
}

/// A line to write.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry<'a> {
    pub(super) change: Change,
    pub(super) kind: Kind,
    /// The thing's id, or the uri of a local file.
    pub(super) key: Option<&'a str>,
    pub(super) detail: Value,
}

/// When and by which run something was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) account: AccountId,
    pub(super) run: RunId,
    pub(super) at: DateTime<Utc>,
}

/// Writes lines, in their order. Names are taken as they stand in the database now, so the lines come
/// after the rows.
pub(super) async fn write(tx: &mut Tx, seen: Seen, entity: Entity, entries: &[Entry<'_>]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| (entry.change.as_str(), entry.kind.as_str(), entry.key, entry.detail.to_string()))
        .collect();
    sqlx::query(WRITE)
        .bind(seen.account.0)
        .bind(seen.run.0)
        .bind(sqlite::millis(seen.at))
        .bind(entity.as_str())
        .bind(sqlite::rows(&rows)?)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

const WRITE: &str = "
insert into library_changes
    (account_id, run_id, observed_at, entity_type, change, item_key, uri, name, detail)
select ?1, ?2, ?3, ?4, j.value ->> 0, j.value ->> 2,
       coalesce(t.uri, a.uri, r.uri, e.uri, p.uri), coalesce(t.name, a.name, r.name, e.name, p.name, ''),
       j.value ->> 3
from jsonb_each(?5) j
left join tracks t on j.value ->> 1 = 'track' and t.track_id = j.value ->> 2
left join albums a on j.value ->> 1 = 'album' and a.album_id = j.value ->> 2
left join artists r on j.value ->> 1 = 'artist' and r.artist_id = j.value ->> 2
left join episodes e on j.value ->> 1 = 'episode' and e.episode_id = j.value ->> 2
left join playlists p on j.value ->> 1 = 'playlist' and p.account_id = ?1 and p.playlist_id = j.value ->> 2
order by j.key";

/// The detail in a few words, for a line on the screen.
fn words(entity: Entity, change: &str, detail: &str) -> Option<String> {
    let detail: Value = serde_json::from_str(detail).ok()?;
    match (entity, change) {
        (Entity::PlaylistItems, _) => Some(detail.get("playlist")?.as_str()?.to_owned()),
        (Entity::Playlists, "changed") => {
            let fields = detail.get("changes")?.as_object()?.iter();
            let words: Vec<String> = fields.map(|(field, values)| field_words(field, values)).collect();
            Some(words.join(", "))
        }
        (Entity::Tracks | Entity::Albums, "changed") => Some("saved again".to_owned()),
        _ => None,
    }
}

fn field_words(field: &str, values: &Value) -> String {
    match (field, values.get(0).and_then(Value::as_str)) {
        ("name", Some(old)) => format!("was {old}"),
        _ => field.to_owned(),
    }
}

impl Store {
    /// The newest lines of the journal, newest first.
    pub async fn journal_tail(&self, account: AccountId, limit: u32) -> Result<Vec<ChangeLine>> {
        let sql = "select observed_at, entity_type, change, name, detail
                   from library_changes where account_id = ?1 order by id desc limit ?2";
        let rows: Vec<(String, String, String, String, String)> =
            sqlx::query_as(sql).bind(account.0).bind(limit).fetch_all(&self.readers).await?;
        rows.into_iter()
            .map(|(observed_at, entity, change, name, detail)| {
                let entity_type = sqlite::word(&entity)?;
                Ok(ChangeLine {
                    observed_at: sqlite::time(&observed_at)?,
                    entity_type,
                    detail: words(entity_type, &change, &detail),
                    change,
                    name,
                })
            })
            .collect()
    }
}
