//! One typed call per endpoint.
//!
//! Every call waits at the gate, carries a token, and returns domain types or one [`SpotifyError`].
//! Failures that may pass after a moment are retried here: a 429 within the caller's longest wait,
//! and one 401 with a new token. The caller must retry all others.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use url::Url;

use super::answer::{AnswerVerdict, judge};
use super::auth::{Bearer, Credentials, TokenAge, TokenRequest};
use super::error::SpotifyError;
use super::gate::{Permit, RequestGate, RequestOptions};
use super::http::{Get, Http, leads_elsewhere};
use super::login_check::LoginCheck;
use super::max_wait::{RemainingWait, with_grace};
use super::ports::TokenStore;
use super::transport::{HttpAnswer, Transport};
use super::wire::{self, BadBody};
use crate::clock::SharedClock;
use crate::domain::{
    Album, Artist, ArtistId, Bucket, CursorPage, NowPlaying, Page, Play, Playlist, PlaylistId, PlaylistItem,
    Row, Saved, SnapshotId, Track, User,
};

/// Spotify's addresses and the app.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// `https://api.spotify.com/v1`
    pub api_url: Url,
    /// `https://accounts.spotify.com`
    pub accounts_url: Url,
    /// The user's own Spotify app.
    pub client_id: Option<String>,
    /// A bearer token that is used without change and never refreshed; it counts as the login.
    pub fixed_token: Option<SecretString>,
}

/// The path for the contents of a playlist; which one works depends on the app's age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemsPath {
    /// `/playlists/{id}/items`, the name since 2026.
    Items,
    /// `/playlists/{id}/tracks`, the older name.
    Tracks,
}

/// The path for questions about the library; which one works depends on the app's age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContainsPath {
    /// `/me/library/contains`, for all kinds, since 2026.
    Library,
    /// `/me/tracks/contains` and similar ones for the other kinds, before 2026.
    Legacy,
}

/// The kinds of items in a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LibraryKind {
    /// A saved track.
    Track,
    /// A saved album.
    Album,
    /// A followed artist.
    Artist,
    /// An own or a followed playlist.
    Playlist,
}

impl ContainsPath {
    /// How many items one question may name; `None` if this kind cannot be asked about here.
    #[must_use]
    pub const fn most(self, kind: LibraryKind) -> Option<usize> {
        match (self, kind) {
            (Self::Library, _) => Some(40),
            (Self::Legacy, LibraryKind::Track | LibraryKind::Artist) => Some(50),
            (Self::Legacy, LibraryKind::Album) => Some(20),
            (Self::Legacy, LibraryKind::Playlist) => None,
        }
    }
}

impl LibraryKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Album => "album",
            Self::Artist => "artist",
            Self::Playlist => "playlist",
        }
    }

    const fn legacy_path(self) -> &'static [&'static str] {
        match self {
            Self::Track => &["me", "tracks", "contains"],
            Self::Album => &["me", "albums", "contains"],
            Self::Artist | Self::Playlist => &["me", "following", "contains"],
        }
    }
}

/// The most plays that Spotify lists, and all that it keeps.
const ALL_PLAYS: &str = "50";
/// How long to wait for an answer after a cancel.
const GRACE: Duration = Duration::from_secs(2);

/// The part of Spotify's Web API that phonolog uses. Cloning is cheap.
#[derive(Clone)]
pub struct SpotifyClient {
    http: Http,
    pub(super) credentials: Arc<Credentials>,
    pub(super) login_check: Option<Arc<LoginCheck>>,
    gate: RequestGate,
    clock: SharedClock,
}

impl SpotifyClient {
    /// A client that has not sent a request yet. Fails if this machine does not support TLS.
    pub fn new(
        settings: ClientSettings,
        gate: RequestGate,
        tokens: Arc<dyn TokenStore>,
        clock: SharedClock,
    ) -> Result<Self, SpotifyError> {
        let http = Http::new(&settings.api_url, Arc::clone(&clock))?;
        let accounts = Http::new(&settings.accounts_url, Arc::clone(&clock))?;
        Ok(Self::joined(settings, http, accounts, gate, tokens, clock))
    }

    /// A client with another transport than the network.
    #[must_use]
    pub fn over(
        transport: &Arc<dyn Transport>,
        settings: ClientSettings,
        gate: RequestGate,
        tokens: Arc<dyn TokenStore>,
        clock: SharedClock,
    ) -> Self {
        let http = |base| Http::over(Arc::clone(transport), base, Arc::clone(&clock));
        let (api, accounts) = (http(&settings.api_url), http(&settings.accounts_url));
        Self::joined(settings, api, accounts, gate, tokens, clock)
    }

    fn joined(
        settings: ClientSettings,
        http: Http,
        accounts: Http,
        gate: RequestGate,
        tokens: Arc<dyn TokenStore>,
        clock: SharedClock,
    ) -> Self {
        let credentials = Credentials::new(settings, accounts, gate.clone(), tokens, Arc::clone(&clock));
        Self { http, credentials: Arc::new(credentials), login_check: None, gate, clock }
    }

    /// `GET /me`: the user of the token.
    pub async fn me(&self, ask: &RequestOptions) -> Result<User, SpotifyError> {
        self.who(ask).await.map(|(user, _)| user)
    }

    /// The same, and the token of that request.
    pub(super) async fn who(&self, ask: &RequestOptions) -> Result<(User, Bearer), SpotifyError> {
        let (body, bearer) = self.fetch(ask, Get { bucket: Bucket::Me, path: &["me"], query: &[] }).await?;
        Ok((self.read(wire::user(&body))?, bearer))
    }

    /// `GET /me/tracks`, newest first; at most 50 a page.
    pub async fn saved_tracks(
        &self,
        ask: &RequestOptions,
        offset: u32,
        limit: u32,
    ) -> Result<Page<Saved<Track>>, SpotifyError> {
        let span = OffsetSpan::new(offset, limit);
        let body = self.get(ask, Bucket::Tracks, &["me", "tracks"], &span.query()).await?;
        self.read(wire::saved_tracks(&body, offset))
    }

    /// `GET /me/albums`, in no reliable order; at most 50 a page.
    pub async fn saved_albums(
        &self,
        ask: &RequestOptions,
        offset: u32,
        limit: u32,
    ) -> Result<Page<Saved<Album>>, SpotifyError> {
        let span = OffsetSpan::new(offset, limit);
        let body = self.get(ask, Bucket::Albums, &["me", "albums"], &span.query()).await?;
        self.read(wire::saved_albums(&body, offset))
    }

    /// `GET /me/following?type=artist`; at most 50 a page.
    pub async fn followed_artists(
        &self,
        ask: &RequestOptions,
        after: Option<&ArtistId>,
        limit: u32,
    ) -> Result<CursorPage<Artist>, SpotifyError> {
        let limit = limit.to_string();
        let mut query = vec![("type", "artist"), ("limit", limit.as_str())];
        query.extend(after.map(|after| ("after", after.as_str())));
        let body = self.get(ask, Bucket::Following, &["me", "following"], &query).await?;
        self.read(wire::followed_artists(&body))
    }

    /// `GET /artists/{id}`. It returns a row, because an unreadable artist is stored as it came.
    pub async fn artist(&self, ask: &RequestOptions, id: &ArtistId) -> Result<Row<Artist>, SpotifyError> {
        let body = self.get(ask, Bucket::Catalogue, &["artists", id.as_str()], &[]).await?;
        self.read(wire::artist(&body))
    }

    /// `GET /artists?ids=`, at most 50 at once, in the requested order; null if an id is unknown.
    /// Apps made since February 2026 do not have it.
    pub async fn artists(
        &self,
        ask: &RequestOptions,
        ids: &[ArtistId],
    ) -> Result<Vec<Row<Artist>>, SpotifyError> {
        let asked: Vec<_> = ids.iter().map(ArtistId::as_str).filter(|id| can_be_listed(id)).collect();
        if asked.is_empty() {
            return Ok(ids.iter().map(|_| Row::Null).collect());
        }
        let joined = asked.join(",");
        let body = self.get(ask, Bucket::Catalogue, &["artists"], &[("ids", joined.as_str())]).await?;
        let rows = self.read(wire::artists(&body))?;
        if rows.len() != asked.len() {
            let what = format!("{} artists instead of the {} requested", rows.len(), asked.len());
            return Err(SpotifyError::Unreadable { what });
        }
        let mut rows = rows.into_iter();
        let mut row = |id: &ArtistId| can_be_listed(id.as_str()).then(|| rows.next()).flatten();
        Ok(ids.iter().map(|id| row(id).unwrap_or(Row::Null)).collect())
    }

    /// `GET /me/playlists`; at most 50 a page.
    pub async fn playlists(
        &self,
        ask: &RequestOptions,
        offset: u32,
        limit: u32,
    ) -> Result<Page<Playlist>, SpotifyError> {
        let span = OffsetSpan::new(offset, limit);
        let body = self.get(ask, Bucket::Playlists, &["me", "playlists"], &span.query()).await?;
        self.read(wire::playlists(&body, offset))
    }

    /// `GET /playlists/{id}/items`, at most 50 a page, or `/tracks`, at most 100. An answer without
    /// rows, or with other rows than requested, is `Unreadable`, never a refusal.
    pub async fn playlist_items(
        &self,
        ask: &RequestOptions,
        id: &PlaylistId,
        path: ItemsPath,
        offset: u32,
        limit: u32,
    ) -> Result<Page<PlaylistItem>, SpotifyError> {
        let name = match path {
            ItemsPath::Items => "items",
            ItemsPath::Tracks => "tracks",
        };
        let span = OffsetSpan::new(offset, limit);
        let [first, second] = span.query();
        // Without it, episodes look like tracks.
        let query = [first, second, ("additional_types", "track,episode")];
        let path = ["playlists", id.as_str(), name];
        let body = self.get(ask, Bucket::PlaylistItems, &path, &query).await?;
        let page = self.read(wire::playlist_items(&body, offset))?;
        if page.offset != offset {
            let what = format!("rows from {} on instead of the requested rows from {offset} on", page.offset);
            return Err(SpotifyError::Unreadable { what });
        }
        Ok(page)
    }

    /// `GET /playlists/{id}`, with only the version requested; `None` if the answer has none.
    pub async fn playlist_version(
        &self,
        ask: &RequestOptions,
        id: &PlaylistId,
    ) -> Result<Option<SnapshotId>, SpotifyError> {
        let path = ["playlists", id.as_str()];
        let body = self.get(ask, Bucket::PlaylistItems, &path, &[("fields", "id,snapshot_id")]).await?;
        self.read(wire::playlist_version(&body))
    }

    /// `GET /me/library/contains`, or its older counterpart: for each id whether it is in the
    /// library. At most [`ContainsPath::most`] ids. An id that cannot be asked about counts as
    /// contained, because nothing speaks against it.
    pub async fn contains(
        &self,
        ask: &RequestOptions,
        path: ContainsPath,
        kind: LibraryKind,
        ids: &[&str],
    ) -> Result<Vec<bool>, SpotifyError> {
        let asked: Vec<_> = ids.iter().copied().filter(|id| can_be_listed(id)).collect();
        if asked.is_empty() {
            return Ok(vec![true; ids.len()]);
        }
        let body = match path {
            ContainsPath::Library => {
                let uris: Vec<_> = asked.iter().map(|id| format!("spotify:{}:{id}", kind.word())).collect();
                let query = [("uris", uris.join(","))];
                let query = query.each_ref().map(|(name, value)| (*name, value.as_str()));
                self.get(ask, Bucket::Contains, &["me", "library", "contains"], &query).await?
            }
            ContainsPath::Legacy => {
                let joined = asked.join(",");
                let mut query = vec![("ids", joined.as_str())];
                query.extend((kind == LibraryKind::Artist).then_some(("type", "artist")));
                self.get(ask, Bucket::Contains, kind.legacy_path(), &query).await?
            }
        };
        let mut told = self.read(wire::contains(&body, asked.len()))?.into_iter();
        Ok(ids.iter().map(|id| !can_be_listed(id) || told.next().unwrap_or(true)).collect())
    }

    /// `GET /me/player/recently-played?limit=50`: all that Spotify lists, newest first. It uses no
    /// cursor, because late plays are inserted out of order.
    pub async fn recently_played(&self, ask: &RequestOptions) -> Result<Vec<Row<Play>>, SpotifyError> {
        let path = ["me", "player", "recently-played"];
        let body = self.get(ask, Bucket::Player, &path, &[("limit", ALL_PLAYS)]).await?;
        self.read(wire::plays(&body))
    }

    /// `GET /me/player/currently-playing`: what is playing now, if anything.
    pub async fn currently_playing(&self, ask: &RequestOptions) -> Result<Option<NowPlaying>, SpotifyError> {
        let path = ["me", "player", "currently-playing"];
        let query = [("additional_types", "track,episode")];
        let body = self.get(ask, Bucket::Player, &path, &query).await?;
        self.read(wire::now_playing(&body, self.clock.now()))
    }

    /// When the person's consent ends, if the login contains that.
    pub async fn consent_ends_at(&self) -> Option<DateTime<Utc>> {
        self.credentials.consent_ends_at().await
    }

    /// The wall clock was set, or the machine slept: holds end by the wall clock.
    pub async fn clock_changed(&self) {
        self.gate.clock_changed().await;
    }

    async fn get(
        &self,
        ask: &RequestOptions,
        bucket: Bucket,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<String, SpotifyError> {
        self.fetch(ask, Get { bucket, path, query }).await.map(|(body, _)| body)
    }

    /// The body of a successful answer, and the token of its request.
    async fn fetch(&self, ask: &RequestOptions, what: Get<'_>) -> Result<(String, Bearer), SpotifyError> {
        if leads_elsewhere(what.path) {
            return Err(SpotifyError::NotFound);
        }
        let mut wait = RemainingWait::of(ask);
        let (mut rejected, mut retried) = (None, false);
        loop {
            let permit = self.gate.enter(what.bucket, wait.ask()).await?;
            let request = TokenRequest { bucket: what.bucket, ask, rejected: rejected.as_ref() };
            let bearer = self.credentials.bearer(&request).await?;
            if what.bucket != Bucket::Me && !self.is_verified(&bearer) {
                drop(permit);
                Box::pin(self.verify_login(ask)).await?;
                continue;
            }
            let answer = self.send(ask, what, &permit, &bearer).await?;
            match judge(answer, self.http.host()) {
                AnswerVerdict::Body(body) => {
                    permit.succeeded().await;
                    self.credentials.accept(&bearer);
                    return Ok((body, bearer));
                }
                AnswerVerdict::Refused(refusal) => {
                    permit.refused(refusal).await?;
                    wait.refused();
                    rejected = None;
                }
                AnswerVerdict::Unauthorized { is_missing } => {
                    match self.after_401(&bearer, is_missing && !retried, !retried, rejected.is_none()) {
                        After401::Again => retried = true,
                        After401::Renew => rejected = Some(bearer.token),
                        After401::GiveUp => return Err(self.credentials.refuse(&bearer)),
                    }
                }
                AnswerVerdict::Failed(error) => return Err(error),
            }
        }
    }

    /// Sends one request. It counts unless it never left the machine.
    async fn send(
        &self,
        ask: &RequestOptions,
        what: Get<'_>,
        permit: &Permit,
        bearer: &Bearer,
    ) -> Result<HttpAnswer, SpotifyError> {
        let counted = permit.count().await?;
        let answer = with_grace(self.http.get(what, &bearer.token), ask, &self.clock, GRACE).await;
        match answer.ok_or(SpotifyError::Cancelled)? {
            Ok(answer) => Ok(answer),
            Err(broken) => {
                if broken.is_unsent() {
                    permit.uncount(counted).await?;
                }
                Err(broken.into_error(self.http.host()))
            }
        }
    }

    /// What to do after a 401: use the same token again if it is probably good, otherwise get one
    /// new token.
    fn after_401(&self, bearer: &Bearer, was_missing: bool, may_repeat: bool, may_renew: bool) -> After401 {
        match self.credentials.age(bearer) {
            _ if was_missing => After401::Again,
            TokenAge::Untried => After401::GiveUp,
            TokenAge::Young if may_repeat => After401::Again,
            _ if may_renew && self.credentials.can_renew() => After401::Renew,
            TokenAge::Young | TokenAge::Old => After401::GiveUp,
        }
    }

    fn is_verified(&self, bearer: &Bearer) -> bool {
        self.login_check.as_ref().is_none_or(|check| check.is_verified(bearer.login))
    }

    fn read<T>(&self, body: Result<T, BadBody>) -> Result<T, SpotifyError> {
        body.map_err(|bad| match bad {
            BadBody::Mangled => SpotifyError::Unavailable {
                host: self.http.host().to_owned(),
                cause: "sent an incomplete or foreign response".to_owned(),
                status: Some(200),
            },
            BadBody::Unknown(what) => SpotifyError::Unreadable { what },
            BadBody::NoRows => SpotifyError::Unreadable { what: "a page without `items`".to_owned() },
        })
    }
}

/// The next step after a 401.
enum After401 {
    Again,
    Renew,
    GiveUp,
}

/// Whether an id may be in a list of ids. Spotify's own ids are letters and digits. Anything else,
/// for example a comma, could be read as other ids, and one odd id must not spoil the answer about
/// the others.
fn can_be_listed(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// `offset` and `limit` as text.
struct OffsetSpan {
    offset: String,
    limit: String,
}

impl OffsetSpan {
    fn new(offset: u32, limit: u32) -> Self {
        Self { offset: offset.to_string(), limit: limit.to_string() }
    }

    fn query(&self) -> [(&'static str, &str); 2] {
        [("offset", self.offset.as_str()), ("limit", self.limit.as_str())]
    }
}
