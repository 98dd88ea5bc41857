//! What is synced, in words that people know. The engine's own words are in JSON and in the engine
//! room.

use crate::domain::Entity;

/// The name of an entity.
pub const fn entity_words(entity: Entity) -> &'static str {
    match entity {
        Entity::Tracks => "songs",
        Entity::Albums => "albums",
        Entity::Artists => "artists",
        Entity::Playlists => "playlists",
        Entity::PlaylistItems => "songs in playlists",
        Entity::Details => "artist genres",
        Entity::Plays => "plays",
    }
}

/// How long was listened: `4 min`, `1 h 05 min`, `312 h`.
pub fn listening_time(ms: u64) -> String {
    match ms / 60_000 {
        minutes @ ..60 => format!("{minutes} min"),
        minutes @ 60..6000 => format!("{} h {:02} min", minutes / 60, minutes % 60),
        minutes => format!("{} h", super::text::count(minutes / 60)),
    }
}
