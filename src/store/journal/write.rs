//! What changed in the library, when it was observed, and by which run; append-only.
//!
//! Owns: `library_changes` and the JSON of its `detail`, which contains what is needed to replay a
//! change backwards: places, times and old values. Must not know: how a change was found.
//!
//! The lines of one run about one list, seen at one time, are a *batch*: the list before it follows
//! from the list after it (see `replay`). So a batch names every row that was added, removed or
//! changed, and every row that moved among the unnamed rows, which keep their order. Places are
//! those of the views: from 0 at the top, null rows not counted. If there are two, they are the
//! places before and after the batch.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use crate::domain::{AccountId, Entity, RunId};
use crate::store::Result;
use crate::store::db::sqlite::{self, Tx};

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum JournalChange {
    Added,
    Removed,
    Changed,
    Moved,
}

impl JournalChange {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Moved => "moved",
        }
    }

    /// The change for a word of the journal.
    pub(in crate::store) fn of(word: &str) -> Option<Self> {
        [Self::Added, Self::Removed, Self::Changed, Self::Moved].into_iter().find(|it| it.as_str() == word)
    }
}

/// The kind of an item, which determines where its name is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum JournalKind {
    Track,
    Album,
    Artist,
    Playlist,
    Episode,
    Unavailable,
}

impl JournalKind {
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
pub(in crate::store) struct Entry<'a> {
    pub(in crate::store) change: JournalChange,
    pub(in crate::store) kind: JournalKind,
    /// The item's id, or the uri of a local file.
    pub(in crate::store) key: Option<&'a str>,
    /// Its uri, if the row of the list contains it; otherwise it is looked up by the key.
    pub(in crate::store) uri: Option<&'a str>,
    pub(in crate::store) detail: Value,
}

/// An item of a list with its place and, if the list has it, the time when it was added.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Stood<'a> {
    pub(in crate::store) position: u32,
    pub(in crate::store) added_at: Option<&'a str>,
}

impl Stood<'_> {
    fn detail(self) -> Value {
        let place = ("position".to_owned(), json!(self.position));
        let time = self.added_at.map(|added_at| ("added_at".to_owned(), json!(added_at)));
        Value::Object([place].into_iter().chain(time).collect())
    }
}

impl<'a> Entry<'a> {
    fn new(change: JournalChange, kind: JournalKind, key: Option<&'a str>, detail: Value) -> Self {
        Self { change, kind, key, uri: None, detail }
    }

    /// A new item.
    pub(in crate::store) fn added(kind: JournalKind, key: Option<&'a str>, stands: Stood<'_>) -> Self {
        Self::new(JournalChange::Added, kind, key, stands.detail())
    }

    /// A removed item.
    pub(in crate::store) fn removed(kind: JournalKind, key: Option<&'a str>, stood: Stood<'_>) -> Self {
        Self::new(JournalChange::Removed, kind, key, stood.detail())
    }

    /// An item that was saved at another time than before, wherever it was.
    pub(in crate::store) fn saved_again(
        kind: JournalKind,
        key: Option<&'a str>,
        before: Stood<'_>,
        now: Stood<'_>,
    ) -> Self {
        let detail = json!({
            "position": [before.position, now.position],
            "added_at": [before.added_at, now.added_at],
        });
        Self::new(JournalChange::Changed, kind, key, detail)
    }

    /// A saved track whose slot now has another id: `[old, new]`. Nothing was added or removed.
    pub(in crate::store) fn relinked(ids: [&'a str; 2], before: Stood<'_>, now: Stood<'_>) -> Self {
        let detail = json!({
            "position": [before.position, now.position],
            "relinked": ids,
            "added_at": [before.added_at, now.added_at],
        });
        let [_, new] = ids;
        Self::new(JournalChange::Changed, JournalKind::Track, Some(new), detail)
    }

    /// An item that moved among the items that no line names.
    pub(in crate::store) fn moved(kind: JournalKind, key: Option<&'a str>, from: u32, to: u32) -> Self {
        Self::new(JournalChange::Moved, kind, key, json!({ "position": [from, to] }))
    }

    /// A playlist whose own fields changed: old and new value by field. If it also moved, that is a
    /// separate line.
    pub(in crate::store) fn described_anew(key: Option<&'a str>, changes: &Map<String, Value>) -> Self {
        Self::new(JournalChange::Changed, JournalKind::Playlist, key, json!({ "changes": changes }))
    }
}

/// When and by which run a change was seen.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct ObservedAt {
    pub(in crate::store) account: AccountId,
    pub(in crate::store) run: RunId,
    pub(in crate::store) at: DateTime<Utc>,
}

/// Writes lines, in their order. Names are read from the database, so the lines must be written
/// after the rows.
pub(in crate::store) async fn write(
    tx: &mut Tx,
    seen: ObservedAt,
    entity: Entity,
    entries: &[Entry<'_>],
) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| {
            let detail = entry.detail.to_string();
            (entry.change.as_str(), entry.kind.as_str(), entry.key, detail, entry.uri)
        })
        .collect();
    sqlx::query(WRITE)
        .bind(seen.account.0)
        .bind(seen.run.0)
        .bind(sqlite::millis(apart(tx, seen, entity).await?))
        .bind(entity.as_str())
        .bind(sqlite::rows(&rows)?)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The observation time for these lines. All lines of one run with one time are one batch when they
/// are replayed. So if two batches of a list come within a millisecond, the later one gets a time
/// one millisecond later.
async fn apart(tx: &mut Tx, seen: ObservedAt, entity: Entity) -> Result<DateTime<Utc>> {
    let last: Option<String> = sqlx::query_scalar(LAST)
        .bind(seen.account.0)
        .bind(entity.as_str())
        .bind(seen.run.0)
        .fetch_optional(&mut **tx)
        .await?;
    let next = sqlite::maybe_time(last.as_deref())?.map(|last| last + TimeDelta::milliseconds(1));
    let is_taken = |next: &DateTime<Utc>| *next > seen.at && *next - seen.at <= TimeDelta::seconds(1);
    Ok(next.filter(is_taken).unwrap_or(seen.at))
}

/// The newest line about a list other than a playlist's contents, which a run stores once.
const LAST: &str = "
select observed_at from (
    select observed_at, run_id from library_changes
    where account_id = ?1 and entity_type = ?2 and playlist_id is null
    order by id desc limit 1)
where run_id = ?3";

const WRITE: &str = "
insert into library_changes
    (account_id, run_id, observed_at, entity_type, change, item_key, uri, name, detail)
select ?1, ?2, ?3, ?4, j.value ->> 0, j.value ->> 2,
       coalesce(j.value ->> 4, t.uri, a.uri, r.uri, e.uri, p.uri),
       coalesce(t.name, a.name, r.name, e.name, p.name, ''),
       j.value ->> 3
from jsonb_each(?5) j
left join tracks t on j.value ->> 1 = 'track' and t.track_id = j.value ->> 2
left join albums a on j.value ->> 1 = 'album' and a.album_id = j.value ->> 2
left join artists r on j.value ->> 1 = 'artist' and r.artist_id = j.value ->> 2
left join episodes e on j.value ->> 1 = 'episode' and e.episode_id = j.value ->> 2
left join playlists p on j.value ->> 1 = 'playlist' and p.account_id = ?1 and p.playlist_id = j.value ->> 2
order by j.key";
