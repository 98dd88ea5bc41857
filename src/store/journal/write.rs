//! What changed in the library, observed when, by which run; append-only.
//!
//! Owns: `library_changes` and the JSON of its `detail`, which carries what replaying a change backwards
//! needs: places, times and old values. Must not know: how a change was found.
//!
//! The lines of one run about one list, seen at one time, are a *batch*: the list before it follows from
//! the list after it (see `replay`). So a batch names every row that came, went, changed or stands
//! elsewhere among those it does not name, which keep their order. Places are those of the views: from 0
//! at the top, null rows not counted; where there are two, the one before and the one after the batch.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use crate::domain::{AccountId, Entity, RunId};
use crate::store::Result;
use crate::store::db::sqlite::{self, Tx};

/// What happened to a thing.
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

    /// The change behind a word of the journal.
    pub(in crate::store) fn of(word: &str) -> Option<Self> {
        [Self::Added, Self::Removed, Self::Changed, Self::Moved].into_iter().find(|it| it.as_str() == word)
    }
}

/// What kind of thing it is: where its name stands.
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
    /// The thing's id, or the uri of a local file.
    pub(in crate::store) key: Option<&'a str>,
    /// Its uri, where what stood in the list says it; else it is looked up by the key.
    pub(in crate::store) uri: Option<&'a str>,
    pub(in crate::store) detail: Value,
}

/// A thing of a list with its place and, in a list that has it, the time at which it was put there.
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

    /// Something new.
    pub(in crate::store) fn added(kind: JournalKind, key: Option<&'a str>, stands: Stood<'_>) -> Self {
        Self::new(JournalChange::Added, kind, key, stands.detail())
    }

    /// Something that is gone.
    pub(in crate::store) fn removed(kind: JournalKind, key: Option<&'a str>, stood: Stood<'_>) -> Self {
        Self::new(JournalChange::Removed, kind, key, stood.detail())
    }

    /// Something saved at another time than it was, wherever it stood.
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

    /// A saved track whose slot Spotify fills with another id: `[old, new]`. Nothing came or went.
    pub(in crate::store) fn relinked(ids: [&'a str; 2], before: Stood<'_>, now: Stood<'_>) -> Self {
        let detail = json!({
            "position": [before.position, now.position],
            "relinked": ids,
            "added_at": [before.added_at, now.added_at],
        });
        let [_, new] = ids;
        Self::new(JournalChange::Changed, JournalKind::Track, Some(new), detail)
    }

    /// Something that stands elsewhere among those that no line names.
    pub(in crate::store) fn moved(kind: JournalKind, key: Option<&'a str>, from: u32, to: u32) -> Self {
        Self::new(JournalChange::Moved, kind, key, json!({ "position": [from, to] }))
    }

    /// A playlist that says something else of itself: old and new value by field. It may have moved
    /// besides, which is a line of its own.
    pub(in crate::store) fn described_anew(key: Option<&'a str>, changes: &Map<String, Value>) -> Self {
        Self::new(JournalChange::Changed, JournalKind::Playlist, key, json!({ "changes": changes }))
    }
}

/// When and by which run something was seen.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct ObservedAt {
    pub(in crate::store) account: AccountId,
    pub(in crate::store) run: RunId,
    pub(in crate::store) at: DateTime<Utc>,
}

/// Writes lines, in their order. Names are taken as they stand in the database now, so the lines come
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

/// When these lines are said to be seen: lines of one run with one time are one batch to whoever goes back,
/// so that two batches of a list that came within a millisecond are told apart by one.
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
