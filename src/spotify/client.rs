//! One typed call per endpoint.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use url::Url;

use super::error::SpotifyError;
use super::gate::{Ask, Gate};
use super::ports::TokenStore;
use crate::clock::SharedClock;
use crate::domain::{
    Album, Artist, ArtistId, CursorPage, Page, Play, Playlist, PlaylistId, PlaylistItem, Row, Saved, Track,
    User,
};

/// Where Spotify is and who asks.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// `https://api.spotify.com/v1`
    pub api_url: Url,
    /// `https://accounts.spotify.com`
    pub accounts_url: Url,
    /// The user's own Spotify app.
    pub client_id: Option<String>,
    /// A bearer token used as it is and never refreshed; it counts as the login.
    pub fixed_token: Option<SecretString>,
}

/// Where the contents of a playlist are asked for; which one works depends on the app's age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemsPath {
    /// `/playlists/{id}/items`, the name since 2026.
    Items,
    /// `/playlists/{id}/tracks`, the name before.
    Tracks,
}

/// Spotify's Web API as far as phonolog reads it; clone it freely.
#[derive(Clone)]
pub struct Client {
    gate: Gate,
}

fn unbuilt<T>() -> Result<T, SpotifyError> {
    Err(SpotifyError::Unreadable {
        what: "unbuilt".to_owned(),
    })
}

impl Client {
    /// A client that has not asked for anything yet.
    pub fn new(
        _settings: ClientSettings,
        gate: Gate,
        _tokens: Arc<dyn TokenStore>,
        _clock: SharedClock,
    ) -> Result<Self, SpotifyError> {
        Ok(Self { gate })
    }

    /// `GET /me`: whose token it is.
    pub async fn me(&self, _ask: &Ask) -> Result<User, SpotifyError> {
        let _ = self.gate.holds();
        unbuilt()
    }

    /// `GET /me/tracks`, newest first; at most 50 a page.
    pub async fn saved_tracks(
        &self,
        _ask: &Ask,
        _offset: u32,
        _limit: u32,
    ) -> Result<Page<Saved<Track>>, SpotifyError> {
        unbuilt()
    }

    /// `GET /me/albums`, in no order to be trusted; at most 50 a page.
    pub async fn saved_albums(
        &self,
        _ask: &Ask,
        _offset: u32,
        _limit: u32,
    ) -> Result<Page<Saved<Album>>, SpotifyError> {
        unbuilt()
    }

    /// `GET /me/following?type=artist`; at most 50 a page.
    pub async fn followed_artists(
        &self,
        _ask: &Ask,
        _after: Option<&ArtistId>,
        _limit: u32,
    ) -> Result<CursorPage<Artist>, SpotifyError> {
        unbuilt()
    }

    /// `GET /me/playlists`; at most 50 a page.
    pub async fn playlists(
        &self,
        _ask: &Ask,
        _offset: u32,
        _limit: u32,
    ) -> Result<Page<Playlist>, SpotifyError> {
        unbuilt()
    }

    /// `GET /playlists/{id}/items` or `/tracks`.
    pub async fn playlist_items(
        &self,
        _ask: &Ask,
        _id: &PlaylistId,
        _path: ItemsPath,
        _offset: u32,
        _limit: u32,
    ) -> Result<Page<PlaylistItem>, SpotifyError> {
        unbuilt()
    }

    /// `GET /me/player/recently-played?limit=50`.
    pub async fn recently_played(&self, _ask: &Ask) -> Result<Vec<Row<Play>>, SpotifyError> {
        unbuilt()
    }

    /// When the person's consent ends, if a login tells it.
    pub async fn consent_ends_at(&self) -> Option<DateTime<Utc>> {
        None
    }
}
