//! The client side of the socket: a `Handle` like that of an engine in this process.
//!
//! A task follows the engine's snapshots and republishes them on the handle's own channel. If the
//! engine goes away, the last snapshot stays, the link shows that, and commands are refused at
//! once. The task then looks for the engine until it is back or the handle is dropped. The request
//! says whether a screen is open on this side, so a new stream starts when that changes.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::routes::PLANNED_WITHIN;
use super::socket_path::{PlaceError, SocketPlace};
use super::sse::SseEvents;
use super::wire::{
    AcceptedCommand, ApiRefusal, PROTOCOL_HEADER, PlanAnswer, ReloadAnswer, Reloaded, SyncBody,
};
use crate::domain::{PROTOCOL, Snapshot};
use crate::handle::{
    Accepted, CommandRefused, CommandRequest, EngineCommand, EngineEnd, Handle, Link, SyncRequest,
};

/// How long an engine on the same machine may take to answer.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// How long a command may wait for the engine's answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);
/// The server sends a sign of life every 15 s; after this time without one it is considered gone.
const SILENCE: Duration = Duration::from_secs(40);
/// The pauses between attempts to find the engine again; the last one repeats.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];
/// Larger than any answer except the stream of snapshots.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;

/// Why a client could not attach to an engine.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// There is no socket, or no process listens on it.
    #[error("no engine responds; start one with `phonolog` or `phonolog daemon`")]
    Nobody,
    /// The socket's folder is not safe.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The other side has another protocol version.
    #[error("the running engine speaks protocol {theirs} and this phonolog {PROTOCOL}; {}", which_side(*theirs))]
    Protocol {
        /// The other side's version.
        theirs: u32,
    },
    /// The other side is no phonolog engine, or the connection broke.
    #[error("cannot understand the running engine ({0}); restart it")]
    Broken(String),
}

fn which_side(theirs: u32) -> &'static str {
    if theirs < PROTOCOL {
        "restart the engine to run this version"
    } else {
        "close this one and start the engine's newer version"
    }
}

/// Attaches to the engine at `place`. The handle already has the engine's newest snapshot.
pub async fn attach(place: &SocketPlace) -> Result<Handle, AttachError> {
    let line = ResponseLine::to(place)?;
    let mut stream = line.follow(false).await?;
    let first = stream.next().await?;
    let (handle, end) = Handle::pair(first);
    end.links.send_replace(Link::Attached);
    tokio::spawn(ApiClient { line, end }.work(stream));
    Ok(handle)
}

/// Makes the engine at `place` read its config again.
pub async fn reload(place: &SocketPlace) -> Result<Result<Reloaded, CommandRefused>, AttachError> {
    let line = ResponseLine::to(place)?;
    let request = line.http.post("http://phonolog/v1/reload").timeout(ANSWERED_WITHIN);
    let answer = request.send().await.map_err(|error| unreachable(&error))?;
    check_protocol(&answer)?;
    if answer.status().is_success() {
        let answer: ReloadAnswer = json(answer).await?;
        return Ok(Ok(answer.reloaded));
    }
    Ok(Err(json::<ApiRefusal>(answer).await?.into_refused()))
}

/// What a sync would cost and change, according to the engine at `place`; only `app` can parse it.
pub async fn plan(
    place: &SocketPlace,
    request: &SyncRequest,
) -> Result<Result<Value, CommandRefused>, AttachError> {
    let line = ResponseLine::to(place)?;
    if !line.place.look()? {
        return Err(AttachError::Nobody);
    }
    let asked = line.http.post("http://phonolog/v1/plan").json(&SyncBody::from(request));
    let answer = asked.timeout(PLANNED_WITHIN + CONNECT_WITHIN).send().await;
    let answer = answer.map_err(|error| unreachable(&error))?;
    check_protocol(&answer)?;
    match answer.status() {
        StatusCode::NOT_FOUND => Ok(Err(CommandRefused::Failed(
            "the running engine is older and cannot make plans; restart it to run this version".to_owned(),
        ))),
        status if status.is_success() => Ok(Ok(json::<PlanAnswer>(answer).await?.plan)),
        _ => Ok(Err(json::<ApiRefusal>(answer).await?.into_refused())),
    }
}

/// The connection to a socket.
struct ResponseLine {
    http: reqwest::Client,
    place: SocketPlace,
}

impl ResponseLine {
    fn to(place: &SocketPlace) -> Result<Self, AttachError> {
        let http = reqwest::Client::builder()
            .unix_socket(place.socket())
            .no_proxy()
            // Nothing is encrypted between two processes of one user, so no certificates are
            // loaded.
            .tls_certs_only([])
            .connect_timeout(CONNECT_WITHIN)
            .build()
            .map_err(|error| AttachError::Broken(error.to_string()))?;
        Ok(Self { http, place: place.clone() })
    }

    /// Starts to follow the snapshots, either for an open screen or only for the state.
    async fn follow(&self, for_screen: bool) -> Result<SnapshotStream, AttachError> {
        if !self.place.look()? {
            return Err(AttachError::Nobody);
        }
        let url = format!("http://phonolog/v1/events?screen={for_screen}");
        let sent = timeout(CONNECT_WITHIN, self.http.get(url).send()).await;
        let answer = sent.map_err(|_| AttachError::Nobody)?.map_err(|error| unreachable(&error))?;
        check_protocol(&answer)?;
        if answer.status() != StatusCode::OK {
            return Err(AttachError::Broken(format!("it answered {}", answer.status())));
        }
        Ok(SnapshotStream { answer, events: SseEvents::default(), for_screen })
    }

    /// Sends a command to the engine, and returns its answer.
    async fn send(&self, command: &EngineCommand) -> Result<Accepted, CommandRefused> {
        let (path, body) = match command {
            EngineCommand::Sync(request) => ("v1/sync", Some(SyncBody::from(request))),
            EngineCommand::Pause => ("v1/pause", None),
            EngineCommand::Resume => ("v1/resume", None),
            EngineCommand::Cancel => ("v1/cancel", None),
            EngineCommand::Ping => return self.ping().await,
        };
        let mut request = self.http.post(format!("http://phonolog/{path}")).timeout(ANSWERED_WITHIN);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.map_err(|_| CommandRefused::Gone)?;
        check_protocol(&answer).map_err(|error| CommandRefused::Failed(error.to_string()))?;
        if answer.status().is_success() {
            let taken: AcceptedCommand = json(answer).await.map_err(|_| CommandRefused::Gone)?;
            return Ok(taken.run.map_or(Accepted::Done, Accepted::Run));
        }
        let refusal: ApiRefusal = json(answer).await.map_err(|_| CommandRefused::Gone)?;
        Err(refusal.into_refused())
    }

    async fn ping(&self) -> Result<Accepted, CommandRefused> {
        let asked = self.http.get("http://phonolog/healthz").timeout(ANSWERED_WITHIN).send().await;
        let is_well = asked.is_ok_and(|answer| answer.status().is_success());
        if is_well { Ok(Accepted::Done) } else { Err(CommandRefused::Gone) }
    }
}

fn unreachable(error: &reqwest::Error) -> AttachError {
    if error.is_connect() {
        AttachError::Nobody
    } else {
        AttachError::Broken("it closed the connection".to_owned())
    }
}

/// Checks the protocol before anything of an answer is parsed.
fn check_protocol(answer: &Response) -> Result<(), AttachError> {
    let header = answer.headers().get(PROTOCOL_HEADER).and_then(|value| value.to_str().ok());
    match header.map(str::parse::<u32>) {
        Some(Ok(PROTOCOL)) => Ok(()),
        Some(Ok(theirs)) => Err(AttachError::Protocol { theirs }),
        Some(Err(_)) | None => Err(AttachError::Broken("it names no protocol".to_owned())),
    }
}

async fn json<T: DeserializeOwned>(mut answer: Response) -> Result<T, AttachError> {
    let broken = || AttachError::Broken("it closed the connection".to_owned());
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|_| broken())? {
        body.extend_from_slice(&piece);
        if body.len() > LARGEST_ANSWER {
            return Err(broken());
        }
    }
    serde_json::from_slice(&body).map_err(|_| AttachError::Broken("its answer is malformed".to_owned()))
}

/// The stream of snapshots.
struct SnapshotStream {
    answer: Response,
    events: SseEvents,
    /// Whether it was opened for a screen.
    for_screen: bool,
}

impl SnapshotStream {
    /// The next snapshot; an error if the engine is gone.
    async fn next(&mut self) -> Result<Snapshot, AttachError> {
        loop {
            let Ok(Ok(Some(piece))) = timeout(SILENCE, self.answer.chunk()).await else {
                return Err(AttachError::Nobody);
            };
            let snapshot = self.events.take(&piece);
            match snapshot.map_err(|garbled| AttachError::Broken(garbled.to_string()))? {
                Some(snapshot) if snapshot.protocol == PROTOCOL => return Ok(snapshot),
                Some(snapshot) => return Err(AttachError::Protocol { theirs: snapshot.protocol }),
                None => {}
            }
        }
    }
}

/// The task behind an attached handle.
struct ApiClient {
    line: ResponseLine,
    end: EngineEnd,
}

/// The handle was dropped.
struct Dropped;

impl ApiClient {
    async fn work(mut self, first: SnapshotStream) {
        let line = Arc::new(self.line);
        let mut stream = Some(first);
        loop {
            let ended = match &mut stream {
                Some(stream) => follow(&line, &mut self.end, stream).await,
                None => match find_again(&line, &mut self.end).await {
                    Ok(Ok(found)) => {
                        stream = Some(found);
                        continue;
                    }
                    Ok(Err(error)) => Ok(error),
                    Err(Dropped) => Err(Dropped),
                },
            };
            match ended {
                Err(Dropped) => return,
                Ok(error @ AttachError::Protocol { .. }) => {
                    self.end.links.send_replace(Link::Lost { why: error.to_string() });
                    while let Some(ask) = self.end.commands.recv().await {
                        refuse(ask);
                    }
                    return;
                }
                Ok(error) => tracing::info!(%error, "engine not reachable"),
            }
            stream = None;
        }
    }
}

/// Republishes snapshots and sends commands, until the engine goes away.
async fn follow(
    line: &Arc<ResponseLine>,
    end: &mut EngineEnd,
    stream: &mut SnapshotStream,
) -> Result<AttachError, Dropped> {
    end.links.send_if_modified(|link| {
        let was_up = link.is_up();
        *link = Link::Attached;
        !was_up
    });
    loop {
        tokio::select! {
            ask = end.commands.recv() => send(line, ask.ok_or(Dropped)?),
            () = end.snapshots.closed() => return Err(Dropped),
            Ok(()) = end.screens.changed() => {
                let for_screen = *end.screens.borrow_and_update() > 0;
                if for_screen != stream.for_screen {
                    match line.follow(for_screen).await {
                        Ok(anew) => *stream = anew,
                        Err(error) => return Ok(error),
                    }
                }
            }
            next = stream.next() => match next {
                Ok(snapshot) => drop(end.snapshots.send_replace(Arc::new(snapshot))),
                Err(error) => return Ok(error),
            },
        }
    }
}

/// Each command has a task of its own, so that a slow answer delays no snapshot.
fn send(line: &Arc<ResponseLine>, ask: CommandRequest) {
    let line = Arc::clone(line);
    tokio::spawn(async move {
        let answer = line.send(&ask.command).await;
        // The caller may have gone away meanwhile.
        let _ = ask.answer.send(answer);
    });
}

fn refuse(ask: CommandRequest) {
    let _ = ask.answer.send(Err(CommandRefused::Gone));
}

/// Looks for the engine until it is back; commands are refused meanwhile.
async fn find_again(
    line: &ResponseLine,
    end: &mut EngineEnd,
) -> Result<Result<SnapshotStream, AttachError>, Dropped> {
    let mut pauses = PAUSES.into_iter();
    let mut pause = Duration::ZERO;
    loop {
        pause = pauses.next().unwrap_or(pause);
        end.links.send_replace(Link::Reconnecting { at: Utc::now() + pause });
        let mut waited = std::pin::pin!(sleep(pause));
        loop {
            tokio::select! {
                ask = end.commands.recv() => refuse(ask.ok_or(Dropped)?),
                () = end.snapshots.closed() => return Err(Dropped),
                () = &mut waited => break,
            }
        }
        let for_screen = *end.screens.borrow_and_update() > 0;
        match line.follow(for_screen).await {
            Ok(stream) => return Ok(Ok(stream)),
            Err(error @ AttachError::Protocol { .. }) => return Ok(Err(error)),
            Err(_) => {}
        }
    }
}
