//! Pictures of the library taken on the way, held in the end against what the journal gives back.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use phonolog::clock::Clock;
use phonolog::domain::{AccountId, PlaylistId};
use phonolog::store::{Access, PastList, Store, StoreError};
use serde_json::{Value, json};

use crate::check::{outside, query};
use crate::life::World;

/// Pictures, oldest first.
#[derive(Default)]
pub struct Album {
    pictures: Vec<Picture>,
    taken: usize,
    /// The machine's clock was set back from here: until then lines of the journal and pictures cannot be
    /// put in order.
    blind_until: Option<DateTime<Utc>>,
}

/// The views at one time.
struct Picture {
    number: usize,
    at: DateTime<Utc>,
    tracks: Vec<Value>,
    albums: Vec<Value>,
    artists: Vec<Value>,
    playlists: Vec<Value>,
    items: Vec<Value>,
}

/// A change and what came with it are dated a millisecond apart, so that the newest line may lie a little
/// ahead of the clock.
const AHEAD: Duration = Duration::from_millis(10);

/// Takes a picture: all that is known was dated before, and what follows comes later, so that its time is
/// exact.
pub fn take(world: &World) {
    world.clock.pass(AHEAD);
    let now = world.clock.now();
    if world.album.lock().unwrap().blind_until.is_some_and(|until| now <= until) {
        return;
    }
    let number = world.album.lock().unwrap().taken;
    let picture = Picture {
        number,
        at: now,
        tracks: query(world, "select uri, added_at from v_saved_tracks order by position"),
        albums: sorted(query(world, "select uri, added_at from v_saved_albums")),
        artists: sorted(query(world, "select uri from v_followed_artists")),
        playlists: query(world, "select playlist_id, name from v_playlists order by position"),
        items: query(
            world,
            "select playlist_id, kind, uri, added_at from v_playlist_items order by playlist_id, position",
        ),
    };
    {
        let mut album = world.album.lock().unwrap();
        album.pictures.push(picture);
        album.taken += 1;
    }
    world.clock.pass(Duration::from_millis(1));
}

/// The machine's clock is set.
pub fn step_clock(world: &World, seconds: i64) {
    let before = world.clock.now();
    world.clock.step(seconds);
    let now = world.clock.now();
    let mut album = world.album.lock().unwrap();
    album.pictures.retain(|picture| picture.at < now);
    if now < before {
        album.blind_until = album.blind_until.max(Some(before));
    }
}

impl Album {
    /// Pictures taken so far.
    pub const fn taken(&self) -> usize {
        self.taken
    }

    /// The record is again what it was when so many pictures were taken: it knows nothing of later ones.
    pub fn go_back_to(&mut self, taken: usize) {
        self.pictures.retain(|picture| picture.number < taken);
    }
}

/// Holds every picture against the past as it is told now.
pub fn compare(world: &Arc<World>) {
    let album = std::mem::take(&mut *world.album.lock().unwrap());
    outside(async {
        let store = Store::open(&world.url(), Access::ReadOnly).await.unwrap();
        if let Some(account) = store.accounts().current().await.unwrap() {
            for picture in &album.pictures {
                picture.compare(&store, account.id).await;
            }
        }
        store.close().await;
    });
}

impl Picture {
    async fn compare(&self, store: &Store, account: AccountId) {
        let past = async |list: PastList, fields: &[&str], then: &[Value], keeps_order: bool| {
            let past = match store.account(account).history().past(&list, self.at).await {
                Err(StoreError::NotKnownYet { .. } | StoreError::NeverKnown { .. }) => return,
                past => past.unwrap(),
            };
            let rows = store.account(account).history().past_rows(&past, 0..past.len()).await.unwrap();
            let rows = rows.iter().map(|row| only(&serde_json::to_value(row).unwrap(), fields)).collect();
            let rows = if keeps_order { rows } else { sorted(rows) };
            assert_eq!(rows, then, "{list:?} as of {}", self.at);
        };
        past(PastList::Tracks, &["uri", "added_at"], &self.tracks, true).await;
        past(PastList::Albums, &["uri", "added_at"], &self.albums, false).await;
        past(PastList::Artists, &["uri"], &self.artists, false).await;
        past(PastList::Playlists, &["playlist_id", "name"], &self.playlists, true).await;
        let fields = ["playlist_id", "kind", "uri", "added_at"];
        for list in &self.playlists {
            let id = PlaylistId::new(list["playlist_id"].as_str().unwrap());
            let of_list = self.items.iter().filter(|item| item["playlist_id"] == list["playlist_id"]);
            let then: Vec<Value> = of_list.cloned().collect();
            past(PastList::ItemsOf(id), &fields, &then, true).await;
        }
    }
}

fn only(row: &Value, fields: &[&str]) -> Value {
    fields.iter().map(|field| ((*field).to_owned(), json!(row[*field]))).collect()
}

fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    rows.sort_by_key(ToString::to_string);
    rows
}
