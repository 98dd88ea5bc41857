//! The number of everything that was ever played.
//!
//! Owns: which items `stats_items` has. Their names are added when the statistics are brought up to
//! date. Must not know: plays.

use serde::Serialize;

use super::evidence::PlayedThing;
use crate::store::Result;
use crate::store::db::sqlite::{self, Tx};

#[derive(Serialize)]
struct PlayedItemColumns<'a> {
    uri: &'a str,
    track_id: Option<&'a str>,
    episode_id: Option<&'a str>,
}

/// Items that have no number yet get one. `?1` is a JSON array of objects with `uri`, `track_id` and
/// `episode_id`.
pub(in crate::store) const NUMBER_ITEMS: &str = "
insert into stats_items (uri, kind, artists, track_id, episode_id, is_stale)
select value ->> 'uri',
       iif(value ->> 'episode_id' is not null or value ->> 'uri' glob 'spotify:episode:*', 'episode', 'track'),
       '[]', value ->> 'track_id', value ->> 'episode_id', 1
from jsonb_each(?1) where true
on conflict (uri) do update set track_id = coalesce(track_id, excluded.track_id),
    episode_id = coalesce(episode_id, excluded.episode_id)
where track_id is null and excluded.track_id is not null or episode_id is null and excluded.episode_id is not null";

impl<'a> From<&'a PlayedThing> for PlayedItemColumns<'a> {
    fn from(thing: &'a PlayedThing) -> Self {
        Self { uri: &thing.uri, track_id: thing.track_id.as_deref(), episode_id: thing.episode_id.as_deref() }
    }
}

/// Gives these items their numbers.
pub(in crate::store) async fn number(tx: &mut Tx, things: impl Iterator<Item = &PlayedThing>) -> Result<()> {
    let items: Vec<PlayedItemColumns<'_>> = things.map(Into::into).collect();
    sqlx::query(NUMBER_ITEMS).bind(sqlite::rows(&items)?).execute(&mut **tx).await?;
    Ok(())
}
