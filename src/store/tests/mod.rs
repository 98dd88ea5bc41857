//! The guarantees of the store, tested on real files.

mod db;
mod details;
mod history;
mod library;
mod playlists;
mod plays;
mod queries;
mod state;
pub(in crate::store) mod stats;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use sqlx::sqlite::SqliteRow;
use tempfile::TempDir;

use super::*;
use crate::domain::*;

/// A store on a file of its own, with an account and a run.
pub struct Bench {
    pub dir: TempDir,
    pub store: Store,
    pub account: AccountId,
    pub run: RunId,
}

pub fn url(dir: &TempDir) -> String {
    format!("sqlite:{}", dir.path().join("phonolog.db").display())
}

pub fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
}

pub fn user(id: &str) -> User {
    User { id: id.to_owned(), account_id: None, display_name: Some(id.to_uppercase()) }
}

impl Bench {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&url(&dir), Access::ReadWrite).await.unwrap();
        let account = store.accounts().adopt(&user("ann"), at(0)).await.unwrap().id;
        let run = store.account(account).runs().begin(Mode::Initial, Trigger::Cli, at(0)).await.unwrap().id;
        Self { dir, store, account, run }
    }

    /// The stored data of the account.
    pub const fn stored(&self) -> AccountStore<'_> {
        self.store.account(self.account)
    }

    /// Rows of a statement, as a reader sees them.
    pub async fn rows<T>(&self, sql: &'static str) -> Vec<T>
    where
        T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        sqlx::query_as(sql).fetch_all(&self.store.readers).await.unwrap()
    }

    /// The first column of every row.
    pub async fn texts(&self, sql: &'static str) -> Vec<String> {
        let rows: Vec<(String,)> = self.rows(sql).await;
        rows.into_iter().map(|row| row.0).collect()
    }

    pub async fn number(&self, sql: &'static str) -> i64 {
        let rows: Vec<(i64,)> = self.rows(sql).await;
        rows[0].0
    }

    pub async fn state(&self, entity: Entity) -> SyncState {
        self.stored().sync_state().of(entity).await.unwrap()
    }

    pub async fn begin(&self, entity: Entity, mode: Mode) {
        self.stored().library().begin_reading(entity, &checkpoint(mode, 0)).await.unwrap();
    }

    pub async fn page(&self, rows: ListRows, first_ord: i64, visible: bool) -> CommittedPage {
        let page = StagedPage { rows, first_ord, visible, checkpoint: checkpoint(Mode::Initial, 1) };
        self.stored().library().stage_page(self.run, &page).await.unwrap().outcome
    }

    pub async fn finish(&self, entity: Entity, baseline: bool, remote: u32) -> Finished {
        self.finish_allowing(entity, baseline, remote, None).await
    }

    pub async fn finish_allowing(
        &self,
        entity: Entity,
        baseline: bool,
        remote: u32,
        allow_removals: Option<u32>,
    ) -> Finished {
        let consented = self.missing(entity, allow_removals).await;
        let finish = FinishWalk {
            baseline,
            allow_removals,
            still_there: HashSet::new(),
            consented,
            remote,
            surplus: None,
            at: at(60),
            next_due_at: Some(at(3660)),
        };
        self.stored().library().finish_walk(self.run, entity, &finish).await.unwrap().outcome
    }

    /// Everything that the staged list lacks, as if Spotify had said that it is gone.
    pub async fn missing(&self, entity: Entity, allow_removals: Option<u32>) -> HashSet<String> {
        let missing = self.stored().library().missing(entity, allow_removals).await.unwrap();
        missing.gone.into_iter().map(|gone| gone.id).collect()
    }

    /// Reads a whole list in one page: the first time as the baseline, later as a change to it.
    pub async fn walk(&self, rows: ListRows, baseline: bool) -> Finished {
        let entity = rows.entity();
        let mode = if baseline { Mode::Initial } else { Mode::Full };
        self.begin(entity, mode).await;
        let staged = self.page(rows, 0, baseline).await.staged;
        self.finish(entity, baseline, staged).await
    }

    /// Sets the state of a playlist's contents.
    pub async fn mark_contents(&self, id: &PlaylistId, state: ContentsState) {
        let mark = ContentsMark { state, why: Some("a reason".to_owned()), retry_at: None };
        self.stored().playlists().mark_contents(id, &mark).await.unwrap();
    }

    /// Every row of a view as JSON, with its columns and values unchanged; JSON values are included
    /// as JSON.
    pub async fn json_of(&self, view: &str) -> Vec<String> {
        let columns: Vec<String> = sqlx::query_scalar("select name from pragma_table_info(?1)")
            .bind(view)
            .fetch_all(&self.store.readers)
            .await
            .unwrap();
        let pairs: Vec<String> = columns
            .iter()
            .map(|name| {
                if name == "detail" {
                    "'detail', json(detail)".to_owned()
                } else {
                    format!("'{name}', {name}")
                }
            })
            .collect();
        let sql = format!("select json_object({}) from {view}", pairs.join(", "));
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&self.store.readers).await.unwrap()
    }

    /// The same file, closed and opened again.
    pub async fn reopened(self) -> Self {
        let Self { dir, store, account, run } = self;
        store.close().await;
        let store = Store::open(&url(&dir), Access::ReadWrite).await.unwrap();
        Self { dir, store, account, run }
    }

    /// Resets the counters.
    pub async fn forget_writes(&self) {
        let mut tx = self.store.begin().await.unwrap();
        sqlx::raw_sql("delete from temp.writes").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// From now on counts the writer's changes to the tables of the mirror.
    pub async fn watch_writes(&self) {
        let mut tx = self.store.begin().await.unwrap();
        sqlx::raw_sql(WATCH).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The writes since [`Bench::watch_writes`], one word per row.
    pub async fn writes(&self) -> Vec<String> {
        let mut tx = self.store.begin().await.unwrap();
        let writes = sqlx::query_scalar("select what from temp.writes").fetch_all(&mut *tx).await.unwrap();
        // A connection that is returned to the pool in a transaction is closed, and its temporary
        // table is gone.
        tx.rollback().await.unwrap();
        writes
    }
}

/// One trigger for each way a mirrored row can be written.
const WATCH: &str = "
create temp table writes (what text);
create temp trigger t1 after insert on main.tracks begin insert into writes values ('tracks'); end;
create temp trigger t2 after update on main.tracks begin insert into writes values ('tracks'); end;
create temp trigger t6 after insert on main.albums begin insert into writes values ('albums'); end;
create temp trigger t7 after update on main.albums begin insert into writes values ('albums'); end;
create temp trigger ta after insert on main.artists begin insert into writes values ('artists'); end;
create temp trigger tb after update on main.artists begin insert into writes values ('artists'); end;
create temp trigger tc after insert on main.saved_tracks begin insert into writes values ('saved_tracks'); end;
create temp trigger td after update on main.saved_tracks begin insert into writes values ('saved_tracks'); end;
create temp trigger te after delete on main.saved_tracks begin insert into writes values ('saved_tracks'); end;
create temp trigger tf after insert on main.saved_albums begin insert into writes values ('saved_albums'); end;
create temp trigger tg after update on main.saved_albums begin insert into writes values ('saved_albums'); end;
create temp trigger th after delete on main.saved_albums begin insert into writes values ('saved_albums'); end;
create temp trigger ti after insert on main.followed_artists begin insert into writes values ('followed'); end;
create temp trigger tj after update on main.followed_artists begin insert into writes values ('followed'); end;
create temp trigger tk after insert on main.playlists begin insert into writes values ('playlists'); end;
create temp trigger tl after update on main.playlists begin insert into writes values ('playlists'); end;
create temp trigger tm after insert on main.playlist_items begin insert into writes values ('items'); end;
create temp trigger tn after update on main.playlist_items begin insert into writes values ('items'); end;
create temp trigger to_ after delete on main.playlist_items begin insert into writes values ('items'); end;
create temp trigger tp after insert on main.library_changes begin insert into writes values ('journal'); end;
create temp trigger tq after insert on main.set_aside begin insert into writes values ('set_aside'); end;
create temp trigger tr after insert on main.play_rows begin insert into writes values ('plays'); end;
create temp trigger ts after insert on main.play_coverage begin insert into writes values ('coverage'); end;
create temp trigger tt after delete on main.play_coverage begin insert into writes values ('coverage'); end;
";

pub fn checkpoint(mode: Mode, processed: u32) -> Checkpoint {
    Checkpoint { mode, cursor: Some(format!("{{\"offset\":{processed}}}")), processed, remote: Some(100) }
}

pub fn artist_ref(name: &str) -> ArtistRef {
    ArtistRef { id: Some(ArtistId::new(format!("artist-{name}"))), name: name.to_owned() }
}

pub fn track(name: &str) -> Track {
    Track {
        id: TrackId::new(name),
        uri: format!("spotify:track:{name}"),
        name: format!("Song {name}"),
        artists: vec![artist_ref("A"), artist_ref("B")],
        album: Some(AlbumRef {
            id: Some(AlbumId::new("album-1")),
            uri: Some("spotify:album:album-1".to_owned()),
            name: "Record".to_owned(),
            release_date: Some("1999".to_owned()),
            total_tracks: Some(12),
            artists: vec![artist_ref("A")],
        }),
        isrc: Some(format!("ISRC{name}")),
        duration_ms: Some(180_000),
        explicit: Some(false),
        disc_number: Some(1),
        track_number: Some(3),
        is_local: false,
    }
}

/// A saved track, saved at its own second.
pub fn saved(name: &str, second: i64) -> Row<Saved<Track>> {
    Row::Readable(Saved { added_at: Some(at(second)), item: track(name) })
}

/// `a1 b2 - !` is track a saved at second 1, b at 2, a null row and an unreadable one.
pub fn tracks(text: &str) -> ListRows {
    let row = |word: &str| match word {
        "-" => Row::Null,
        "!" => unreadable("{\"odd\":true}"),
        word => saved(&word[..1], word[1..].parse().unwrap()),
    };
    ListRows::Tracks(text.split_whitespace().map(row).collect())
}

/// `count` saved tracks, the newest first.
pub fn many_tracks(numbers: std::ops::Range<i64>) -> ListRows {
    let row = |number: i64| saved(&format!("t{number:05}"), 1_000_000 - number);
    ListRows::Tracks(numbers.map(row).collect())
}

pub fn unreadable<T>(raw: &str) -> Row<T> {
    Row::SetAside { raw: raw.to_owned(), why: "a number stands where a name should".to_owned() }
}

pub fn album(name: &str, second: i64) -> Row<Saved<Album>> {
    Row::Readable(Saved {
        added_at: Some(at(second)),
        item: Album {
            id: AlbumId::new(name),
            uri: format!("spotify:album:{name}"),
            name: format!("Album {name}"),
            artists: vec![artist_ref("A")],
            album_type: Some("album".to_owned()),
            release_date: Some("2001-02".to_owned()),
            total_tracks: Some(9),
            upc: None,
        },
    })
}

pub fn artist(name: &str, genres: Option<&[&str]>) -> Row<Artist> {
    Row::Readable(Artist {
        id: ArtistId::new(format!("artist-{name}")),
        uri: format!("spotify:artist:{name}"),
        name: name.to_owned(),
        genres: genres.map(|genres| genres.iter().map(ToString::to_string).collect()),
        pictures: None,
    })
}

pub fn playlist(name: &str, snapshot: &str, items: u32) -> Playlist {
    Playlist {
        id: PlaylistId::new(name),
        uri: format!("spotify:playlist:{name}"),
        name: format!("List {name}"),
        description: None,
        owner_id: "ann".to_owned(),
        owner_name: None,
        collaborative: Some(false),
        public: Some(true),
        snapshot_id: Some(SnapshotId::new(snapshot)),
        item_count: Some(items),
    }
}

pub fn playlists(lists: &[Playlist]) -> ListRows {
    ListRows::Playlists(lists.iter().cloned().map(Row::Readable).collect())
}

/// Reads the changes from the journal, oldest first.
pub async fn journal(bench: &Bench) -> Vec<String> {
    bench.texts("select change || ' ' || coalesce(item_key, '?') from library_changes order by id").await
}
