//! Connections: how many there may be, how slow they may be, and how they end.
//!
//! The server never waits for the engine, and the engine never waits for the server. It reads the
//! engine's snapshots and puts commands into its channel, so a slow or hostile client costs a task
//! and a few kilobytes, and nothing else.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::auth::{self, ApiToken};
use super::guests::{Guest, Guests};
use super::routes::{self, Api};
use super::socket_path::user;
use super::{ApiBackend, PlaceError, SocketPlace};
use crate::handle::Handle;

/// The most connections over the socket at once. Further ones wait to be accepted. Slow ones are
/// closed after [`HEADERS_WITHIN`], so the wait is short.
pub(super) const SOCKET_CONNECTIONS: usize = 256;
/// How long a client may take to send its headers; also how long an idle connection is kept.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);
/// How much of a request is in memory at once; its headers must fit.
const BUFFER: usize = 32 * 1024;
/// How long running answers may take when the server ends.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// The pause after a failed accept, for example when no file descriptor is left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// A running server.
#[derive(Debug)]
pub struct Server {
    place: SocketPlace,
    router: Router,
    watchers: Watchers,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// No socket.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// No port.
    #[error(
        "api.listen is {address}, but cannot listen there ({source}); choose another address or remove the key"
    )]
    Tcp {
        /// The configured address.
        address: SocketAddr,
        /// The system's own words.
        source: io::Error,
    },
}

/// How many screens follow the snapshots at the moment.
#[derive(Debug, Clone, Default)]
pub struct Watchers(Arc<AtomicUsize>);

/// One follower; dropping it ends the count.
#[derive(Debug)]
pub struct Watcher(Watchers);

impl Watchers {
    pub fn enter(&self) -> Watcher {
        self.0.fetch_add(1, Ordering::Relaxed);
        Watcher(self.clone())
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Server {
    /// Serves `handle` at `place`. The caller holds the lock of the database.
    pub fn start(
        handle: Handle,
        backend: Arc<dyn ApiBackend>,
        place: SocketPlace,
    ) -> Result<Self, ServeError> {
        let listener = place.listen()?;
        let (stop, watchers) = (CancellationToken::new(), Watchers::default());
        let api = Api { handle, backend, watchers: watchers.clone(), stop: stop.clone() };
        let server = Self { place, router: routes::router(api), watchers, tasks: TaskTracker::new(), stop };
        let desk = server.desk(server.router.clone(), SOCKET_CONNECTIONS);
        server.tasks.spawn(accept_unix(listener, desk));
        Ok(server)
    }

    /// Serves on TCP, too, for clients with the token.
    pub async fn listen(&self, address: SocketAddr, token: ApiToken) -> Result<SocketAddr, ServeError> {
        let refused = |source| ServeError::Tcp { address, source };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let bound = listener.local_addr().map_err(refused)?;
        let guarded = auth::guard(self.router.clone(), token);
        // `Guests` limits the number of connections.
        self.tasks.spawn(accept_tcp(listener, self.desk(guarded, Semaphore::MAX_PERMITS)));
        Ok(bound)
    }

    fn desk(&self, router: Router, connections: usize) -> ServerState {
        let slots = Arc::new(Semaphore::new(connections));
        ServerState { router, slots, tasks: self.tasks.clone(), stop: self.stop.clone() }
    }

    /// The path of the socket.
    #[must_use]
    pub fn place(&self) -> &SocketPlace {
        &self.place
    }

    /// How many screens follow the snapshots; they would take over from an engine that ends.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.watchers.count()
    }

    /// Ends every connection and removes the socket, while the lock is still held.
    pub async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(2 * LAST_WORDS, self.tasks.wait()).await.is_err() {
            tracing::warn!("a connection of the local API did not end in time");
        }
        self.place.remove();
    }
}

/// What a listener needs to serve its connections.
struct ServerState {
    router: Router,
    slots: Arc<Semaphore>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl ServerState {
    /// Serves one connection in a task of its own. First it waits until there is room.
    async fn take<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else { return };
        let (router, stop) = (self.router.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            serve(stream, router, stop).await;
            drop(slot);
        });
    }
}

async fn accept_unix(listener: UnixListener, desk: ServerState) {
    loop {
        let accepted = tokio::select! {
            () = desk.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            // The folder keeps other users out; root is allowed, because it has access anyway.
            Ok((stream, _)) if stream.peer_cred().is_ok_and(|peer| [user(), 0].contains(&peer.uid())) => {
                desk.take_until_stopped(stream).await;
            }
            Ok(_) => tracing::warn!("rejected another user on the socket"),
            Err(error) => rest(&error).await,
        }
    }
}

async fn accept_tcp(listener: TcpListener, desk: ServerState) {
    let guests = Guests::default();
    loop {
        let accepted = tokio::select! {
            () = desk.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, from)) => {
                if let Some(guest) = guests.take_in(from.ip()) {
                    desk.take_guest(stream, guest, guests.clone());
                } else {
                    tracing::debug!(%from, "too many connections over TCP");
                }
            }
            Err(error) => rest(&error).await,
        }
    }
}

impl ServerState {
    /// Serves a connection over TCP in a task of its own, until it must give way.
    fn take_guest(&self, stream: TcpStream, guest: Guest, guests: Guests) {
        let router = self.router.clone().layer(Extension(guest.clone()));
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = serve(stream, router, stop) => {}
                () = guest.must_leave() => {}
            }
            guests.has_left(&guest);
        });
    }

    async fn take_until_stopped<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = self.take(stream) => {}
        }
    }
}

async fn rest(error: &io::Error) {
    tracing::warn!(%error, "a connection to the local API could not be accepted");
    tokio::time::sleep(ACCEPT_AGAIN).await;
}

async fn serve<S>(stream: S, router: Router, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            // A client that does not read its answer must not delay the end.
            tokio::time::timeout(LAST_WORDS, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the local API failed");
    }
}
