//! The four current lists: what is in the library now.
//!
//! Owns: reading and writing `saved_tracks`, `saved_albums`, `followed_artists` and `playlists` by
//! slot. Must not know: why a slot is added or removed.

use std::collections::HashSet;

use crate::domain::{AccountId, Entity, Playlist, PlaylistId, SnapshotId};
use crate::store::db::sqlite::{self, Tx};
use crate::store::{LibraryStore, Result, StoreError};

/// A slot of a list, current or staged.
#[derive(Debug, Clone, PartialEq, Eq, Default, sqlx::FromRow)]
pub(in crate::store) struct ListSlot {
    /// Its order key: ascending from the top, with gaps.
    pub(in crate::store) ord: i64,
    /// Its item; `None` for a null row.
    pub(in crate::store) key: Option<String>,
    /// When the item was saved, as the database stores it.
    pub(in crate::store) added_at: Option<String>,
    /// In the list of playlists, the playlist as JSON.
    pub(in crate::store) payload: Option<String>,
}

/// A list that is mirrored slot by slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum LibraryList {
    Tracks,
    Albums,
    Artists,
    Playlists,
}

impl LibraryList {
    /// The list of an entity.
    pub(in crate::store) fn of(entity: Entity) -> Result<Self> {
        match entity {
            Entity::Tracks => Ok(Self::Tracks),
            Entity::Albums => Ok(Self::Albums),
            Entity::Artists => Ok(Self::Artists),
            Entity::Playlists => Ok(Self::Playlists),
            Entity::PlaylistItems | Entity::Details | Entity::Plays => Err(StoreError::NoList(entity)),
        }
    }

    /// The entity of a list.
    pub(in crate::store) const fn entity(self) -> Entity {
        match self {
            Self::Tracks => Entity::Tracks,
            Self::Albums => Entity::Albums,
            Self::Artists => Entity::Artists,
            Self::Playlists => Entity::Playlists,
        }
    }

    /// Whether null rows have slots of their own: only if the order is reliable.
    pub(in crate::store) const fn keeps_null_rows(self) -> bool {
        match self {
            Self::Tracks => true,
            Self::Albums | Self::Artists | Self::Playlists => false,
        }
    }

    /// Whether Spotify's order of the list has a meaning, so that the journal records it.
    pub(in crate::store) const fn keeps_order(self) -> bool {
        match self {
            Self::Tracks | Self::Playlists => true,
            Self::Albums | Self::Artists => false,
        }
    }

    /// The slots in the form that this list can store. No item may be in it twice: if a walk found
    /// an item at two places, it was saved again meanwhile, and the topmost place is right.
    pub(in crate::store) fn without_repeats(self, mut slots: Vec<ListSlot>) -> Vec<ListSlot> {
        let mut seen = HashSet::new();
        slots.retain(|slot| match &slot.key {
            Some(key) => seen.insert(key.clone()),
            None => self.keeps_null_rows(),
        });
        slots
    }

    /// Every current slot, from the top.
    pub(in crate::store) async fn load(self, tx: &mut Tx, account: AccountId) -> Result<Vec<ListSlot>> {
        let sql = match self {
            Self::Tracks => {
                "select ord, track_id as key, added_at, null as payload
                 from saved_tracks where account_id = ?1 order by ord"
            }
            Self::Albums => {
                "select ord, album_id as key, added_at, null as payload
                 from saved_albums where account_id = ?1 order by ord"
            }
            Self::Artists => {
                "select ord, artist_id as key, null as added_at, null as payload
                 from followed_artists where account_id = ?1 order by ord"
            }
            Self::Playlists => {
                "select ord, playlist_id as key, null as added_at, null as payload
                 from playlists where account_id = ?1 and removed_at is null order by ord"
            }
        };
        Ok(sqlx::query_as(sql).bind(account.0).fetch_all(&mut **tx).await?)
    }

    /// Writes slots into the list; an equal slot is not written again.
    pub(in crate::store) async fn put(
        self,
        tx: &mut Tx,
        account: AccountId,
        slots: &[ListSlot],
    ) -> Result<()> {
        if slots.is_empty() {
            return Ok(());
        }
        let rows = slots.iter().map(|slot| (slot.ord, &slot.key, &slot.added_at, &slot.payload));
        let rows = sqlite::rows(&rows.collect::<Vec<_>>())?;
        let statements: &[&'static str] = match self {
            Self::Tracks => &[PUT_TRACKS],
            Self::Albums => &[PUT_ALBUMS],
            Self::Artists => &[PUT_ARTISTS],
            Self::Playlists => &[PUT_PLAYLISTS, CONTENTS_STATES],
        };
        for sql in statements {
            sqlx::query(*sql).bind(account.0).bind(&rows).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// How many of these slots have an item that is not in the list yet.
    pub(in crate::store) async fn count_new(
        self,
        tx: &mut Tx,
        account: AccountId,
        slots: &[ListSlot],
    ) -> Result<u32> {
        let sql = match self {
            Self::Tracks => {
                "select count(*) from jsonb_each(?2) j where not exists
                     (select 1 from saved_tracks where account_id = ?1 and track_id = j.value)"
            }
            Self::Albums => {
                "select count(*) from jsonb_each(?2) j where not exists
                     (select 1 from saved_albums where account_id = ?1 and album_id = j.value)"
            }
            Self::Artists => {
                "select count(*) from jsonb_each(?2) j where not exists
                     (select 1 from followed_artists where account_id = ?1 and artist_id = j.value)"
            }
            Self::Playlists => {
                "select count(*) from jsonb_each(?2) j where not exists
                     (select 1 from playlists
                      where account_id = ?1 and playlist_id = j.value and removed_at is null)"
            }
        };
        let keys: Vec<&String> = slots.iter().filter_map(|slot| slot.key.as_ref()).collect();
        let new: i64 =
            sqlx::query_scalar(sql).bind(account.0).bind(sqlite::rows(&keys)?).fetch_one(&mut **tx).await?;
        Ok(sqlite::count(new))
    }

    /// Deletes slots from the list. A playlist is kept with its contents and marked as gone at
    /// `at`.
    pub(in crate::store) async fn take_out(
        self,
        tx: &mut Tx,
        account: AccountId,
        slots: &[&ListSlot],
        at: &str,
    ) -> Result<()> {
        if slots.is_empty() {
            return Ok(());
        }
        let sql = match self {
            Self::Tracks => {
                "delete from saved_tracks
                 where account_id = ?1 and ord in (select value ->> 0 from jsonb_each(?2))"
            }
            Self::Albums => {
                "delete from saved_albums
                 where account_id = ?1 and album_id in (select value ->> 1 from jsonb_each(?2))"
            }
            Self::Artists => {
                "delete from followed_artists
                 where account_id = ?1 and artist_id in (select value ->> 1 from jsonb_each(?2))"
            }
            Self::Playlists => {
                "update playlists set removed_at = ?3
                 where account_id = ?1 and playlist_id in (select value ->> 1 from jsonb_each(?2))"
            }
        };
        let rows: Vec<_> = slots.iter().map(|slot| (slot.ord, &slot.key)).collect();
        let query = sqlx::query(sql).bind(account.0).bind(sqlite::rows(&rows)?);
        let query = match self {
            Self::Playlists => query.bind(at),
            _ => query,
        };
        query.execute(&mut **tx).await?;
        Ok(())
    }
}

impl LibraryStore<'_> {
    /// The keys of an entity's list, from the top; `None` for a null row that has a slot of its
    /// own.
    pub async fn stored_keys(self, entity: Entity) -> Result<Vec<Option<String>>> {
        let Self { store, account } = self;
        let mut tx = store.readers.begin().await?;
        let slots = LibraryList::of(entity)?.load(&mut tx, account).await?;
        Ok(slots.into_iter().map(|slot| slot.key).collect())
    }
}

/// Every playlist that was ever listed, as last listed.
pub(in crate::store) async fn playlists(tx: &mut Tx, account: AccountId) -> Result<Vec<Playlist>> {
    let sql = "select playlist_id, uri, name, description, owner_id, owner_name, collaborative, public,
                      snapshot_id, item_count
               from playlists where account_id = ?1";
    let rows: Vec<ListedPlaylistColumns> = sqlx::query_as(sql).bind(account.0).fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(Playlist::from).collect())
}

#[derive(sqlx::FromRow)]
struct ListedPlaylistColumns {
    playlist_id: String,
    uri: String,
    name: String,
    description: Option<String>,
    owner_id: String,
    owner_name: Option<String>,
    collaborative: bool,
    public: Option<bool>,
    snapshot_id: Option<String>,
    item_count: Option<i64>,
}

impl From<ListedPlaylistColumns> for Playlist {
    fn from(row: ListedPlaylistColumns) -> Self {
        Self {
            id: PlaylistId::new(row.playlist_id),
            uri: row.uri,
            name: row.name,
            description: row.description,
            owner_id: row.owner_id,
            owner_name: row.owner_name,
            collaborative: Some(row.collaborative),
            public: row.public,
            snapshot_id: row.snapshot_id.map(SnapshotId::new),
            item_count: row.item_count.map(sqlite::count),
        }
    }
}

const PUT_TRACKS: &str = "
insert into saved_tracks as old (account_id, ord, track_id, added_at)
select ?1, value ->> 0, value ->> 1, value ->> 2 from jsonb_each(?2) where true
on conflict do update set track_id = excluded.track_id, added_at = excluded.added_at
where (old.track_id, old.added_at) is not (excluded.track_id, excluded.added_at)";

const PUT_ALBUMS: &str = "
insert into saved_albums as old (account_id, ord, album_id, added_at)
select ?1, value ->> 0, value ->> 1, value ->> 2 from jsonb_each(?2) where true
on conflict do update set ord = excluded.ord, added_at = excluded.added_at
where (old.ord, old.added_at) is not (excluded.ord, excluded.added_at)";

const PUT_ARTISTS: &str = "
insert into followed_artists as old (account_id, ord, artist_id)
select ?1, value ->> 0, value ->> 1 from jsonb_each(?2) where true
on conflict do update set ord = excluded.ord where old.ord <> excluded.ord";

/// A field that an answer omits keeps its value. Contents that Spotify hid are requested again if
/// it may now show them: the owner changed, or the list is now open to others.
const PUT_PLAYLISTS: &str = "
insert into playlists as old
    (account_id, ord, playlist_id, uri, name, description, owner_id, owner_name, collaborative, public,
     snapshot_id, item_count)
select ?1, value ->> 0, value ->> 1, value ->> 3 ->> 'uri', value ->> 3 ->> 'name',
       value ->> 3 ->> 'description', value ->> 3 ->> 'owner_id', value ->> 3 ->> 'owner_name',
       coalesce(value ->> 3 ->> 'collaborative',
                (select collaborative from playlists where account_id = ?1 and playlist_id = value ->> 1), 0),
       value ->> 3 ->> 'public', value ->> 3 ->> 'snapshot_id', value ->> 3 ->> 'item_count'
from jsonb_each(?2) where true
on conflict do update set
    ord = excluded.ord, uri = excluded.uri, name = coalesce(nullif(excluded.name, ''), old.name),
    description = coalesce(excluded.description, old.description),
    owner_id = coalesce(nullif(excluded.owner_id, ''), old.owner_id),
    owner_name = coalesce(excluded.owner_name, old.owner_name),
    collaborative = excluded.collaborative, public = coalesce(excluded.public, old.public),
    snapshot_id = excluded.snapshot_id, item_count = coalesce(excluded.item_count, old.item_count),
    contents_state = iif(old.contents_state = 'hidden'
                         and (old.owner_id, old.collaborative) is not
                             (coalesce(nullif(excluded.owner_id, ''), old.owner_id), excluded.collaborative),
                         'pending', old.contents_state),
    removed_at = null
where (old.ord, old.uri, old.name, old.description, old.owner_id, old.owner_name, old.collaborative,
       old.public, old.snapshot_id, old.item_count, old.removed_at) is not
      (excluded.ord, excluded.uri, coalesce(nullif(excluded.name, ''), old.name),
       coalesce(excluded.description, old.description), coalesce(nullif(excluded.owner_id, ''), old.owner_id),
       coalesce(excluded.owner_name, old.owner_name), excluded.collaborative,
       coalesce(excluded.public, old.public), excluded.snapshot_id,
       coalesce(excluded.item_count, old.item_count), null)";

/// Contents either belong to the listed version and have the listed number of slots, or they must
/// be read. If no version is given, they must always be read. A contradiction ends when the listing
/// is as it was before.
const CONTENTS_STATES: &str = "
with listed as (
    select playlist_id,
           coalesce(snapshot_id = contents_snapshot_id, 0)
               and coalesce(item_count in (contents_count, contents_count + contents_difference), 1) as is_stored
    from playlists where account_id = ?1 and playlist_id in (select value ->> 1 from jsonb_each(?2)))
update playlists set
    contents_state = iif(is_stored, 'complete', 'pending'), contents_error = null, contents_doubt = null,
    contents_doubt_run = null
from listed
where playlists.account_id = ?1 and playlists.playlist_id = listed.playlist_id
  and case contents_state
          when 'complete' then not is_stored
          when 'pending' then is_stored
          when 'failed' then is_stored and contents_doubt is not null
      end";
