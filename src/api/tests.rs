//! One contract for a local handle and an attached one; and how a server treats hostile clients.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::task::JoinHandle;

use super::server::SOCKET_CONNECTIONS;
use super::wire::PROTOCOL_HEADER;
use super::{ApiBackend, ApiToken, AttachError, Reloaded, Server, SocketPlace, attach, plan, reload};
use crate::domain::{Entity, PROTOCOL, RunId, RunView, Snapshot, Trigger};
use crate::handle::{Accepted, CommandRefused, EngineCommand, EngineEnd, Handle, Link, SyncRequest};

const PATIENCE: Duration = Duration::from_secs(20);

fn snapshot(stored: u64) -> Snapshot {
    let mut snapshot = Snapshot::nothing_recorded("sqlite:/x/phonolog.db", 300, DateTime::UNIX_EPOCH);
    snapshot.plays.stored = stored;
    snapshot
}

fn sync(trigger: Trigger) -> EngineCommand {
    EngineCommand::Sync(SyncRequest {
        entities: vec![Entity::Tracks],
        full: true,
        allow_removals: false,
        trigger,
    })
}

/// The engine's side: gives scripted answers and records the commands.
fn engine(
    mut end: EngineEnd,
    answers: Vec<Result<Accepted, CommandRefused>>,
) -> JoinHandle<(EngineEnd, Vec<EngineCommand>)> {
    tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let ask = end.commands.recv().await.unwrap();
            asked.push(ask.command);
            ask.answer.send(answer).unwrap();
        }
        (end, asked)
    })
}

struct Desk;

impl ApiBackend for Desk {
    fn plan(&self, request: SyncRequest) -> BoxFuture<'_, Result<Value, String>> {
        Box::pin(async move { Ok(json!({ "full": request.full, "entities": request.entities })) })
    }

    fn runs(&self, limit: u32) -> BoxFuture<'_, Result<Vec<RunView>, String>> {
        Box::pin(async move { Err(format!("no more than {limit} of them")) })
    }

    fn reload(&self) -> BoxFuture<'_, Result<Reloaded, String>> {
        let changed = vec!["gate.wait".to_owned()];
        Box::pin(async { Ok(Reloaded { changed, needs_restart: Vec::new() }) })
    }
}

/// A server for a handle, in a folder of its own.
struct Stage {
    dir: TempDir,
    server: Server,
}

fn place(dir: &Path) -> SocketPlace {
    SocketPlace::of(&dir.join("phonolog.db"), None, dir)
}

impl Stage {
    fn over(handle: Handle) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(handle, Arc::new(Desk), place(dir.path())).unwrap();
        Self { dir, server }
    }

    fn place(&self) -> SocketPlace {
        place(self.dir.path())
    }

    /// Sends raw bytes; returns what came until the other side closed.
    async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = UnixStream::connect(self.place().socket()).await.unwrap();
        // The other side may have closed already.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn post(&self, path: &str, body: &str) -> String {
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}", body.len());
        self.raw(format!("{head}\r\n\r\n{body}").as_bytes()).await
    }

    async fn get(&self, path: &str) -> String {
        self.raw(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).await
    }
}

/// The contract of a handle, wherever the engine runs.
async fn contract(handle: Handle, end: EngineEnd) -> EngineEnd {
    assert!(handle.link().is_up());
    assert_eq!(handle.snapshot().plays.stored, 1, "the newest snapshot is there from the beginning");

    let mut snapshots = handle.snapshots();
    end.snapshots.send_replace(Arc::new(snapshot(2)));
    end.snapshots.send_replace(Arc::new(snapshot(3)));
    let newest = snapshots.wait_for(|snapshot| snapshot.plays.stored == 3);
    tokio::time::timeout(PATIENCE, newest).await.unwrap().unwrap();
    assert_eq!(*handle.snapshot(), snapshot(3), "whole and unchanged");

    let mut screens = end.screens.clone();
    assert_eq!(*screens.borrow_and_update(), 0, "whoever only holds a handle is no screen");
    let open = (handle.open_screen(), handle.open_screen());
    tokio::time::timeout(PATIENCE, screens.wait_for(|open| *open > 0)).await.unwrap().unwrap();
    drop(open);
    tokio::time::timeout(PATIENCE, screens.wait_for(|open| *open == 0)).await.unwrap().unwrap();

    let answers = vec![
        Ok(Accepted::Run(RunId(7))),
        Err(CommandRefused::Busy),
        Ok(Accepted::Done),
        Ok(Accepted::Done),
        Err(CommandRefused::Idle),
        Err(CommandRefused::Paused),
        Err(CommandRefused::Failed("the disk is full; free some space".to_owned())),
        Ok(Accepted::Done),
    ];
    let commands = vec![
        sync(Trigger::Key),
        sync(Trigger::Cli),
        EngineCommand::Pause,
        EngineCommand::Resume,
        EngineCommand::Cancel,
        sync(Trigger::Api),
        EngineCommand::Pause,
        EngineCommand::Ping,
    ];
    let engine = engine(end, answers.clone());
    for (command, answer) in commands.iter().zip(answers) {
        assert_eq!(handle.send(command.clone()).await, answer, "{command:?}");
    }
    let (end, asked) = engine.await.unwrap();
    assert_eq!(asked, commands);
    end
}

#[tokio::test]
async fn a_local_handle_holds_the_contract() {
    let (handle, end) = Handle::pair(snapshot(1));
    drop(contract(handle.clone(), end).await);
    assert_eq!(handle.send(EngineCommand::Pause).await, Err(CommandRefused::Gone));
}

#[tokio::test]
async fn an_attached_handle_holds_the_contract() {
    let (local, end) = Handle::pair(snapshot(1));
    let stage = Stage::over(local);
    let handle = attach(&stage.place()).await.unwrap();
    assert_eq!(handle.link(), Link::Attached);
    assert_eq!(stage.server.watchers(), 0, "whoever only follows goes on in nobody's place");
    let open = handle.open_screen();
    let mut screens = end.screens.clone();
    tokio::time::timeout(PATIENCE, screens.wait_for(|open| *open == 1)).await.unwrap().unwrap();
    assert_eq!(stage.server.watchers(), 1);
    drop(open);
    tokio::time::timeout(PATIENCE, screens.wait_for(|open| *open == 0)).await.unwrap().unwrap();
    drop(contract(handle.clone(), end).await);
    let mut links = handle.links();
    let away = links.wait_for(|link| !link.is_up());
    tokio::time::timeout(PATIENCE, away).await.unwrap().unwrap();
    assert_eq!(handle.send(EngineCommand::Pause).await, Err(CommandRefused::Gone));
    assert_eq!(handle.snapshot().plays.stored, 3, "the last it said stays");
}

#[tokio::test]
async fn an_engine_that_comes_back_is_found_again() {
    let (local, _end) = Handle::pair(snapshot(1));
    let stage = Stage::over(local);
    let handle = attach(&stage.place()).await.unwrap();
    let (mut snapshots, mut links) = (handle.snapshots(), handle.links());
    stage.server.close().await;
    assert!(!place(stage.dir.path()).socket().exists());
    let away = links.wait_for(|link| matches!(link, Link::Reconnecting { .. }));
    tokio::time::timeout(PATIENCE, away).await.unwrap().unwrap();
    assert_eq!(
        handle.send(EngineCommand::Pause).await,
        Err(CommandRefused::Gone),
        "at once, not after a wait"
    );

    let (local, end) = Handle::pair(snapshot(5));
    let _server = Server::start(local, Arc::new(Desk), place(stage.dir.path())).unwrap();
    let back = links.wait_for(|link| *link == Link::Attached);
    tokio::time::timeout(PATIENCE, back).await.unwrap().unwrap();
    let news = snapshots.wait_for(|snapshot| snapshot.plays.stored == 5);
    tokio::time::timeout(PATIENCE, news).await.unwrap().unwrap();
    let engine = engine(end, vec![Ok(Accepted::Done)]);
    assert_eq!(handle.send(EngineCommand::Pause).await, Ok(Accepted::Done));
    assert_eq!(engine.await.unwrap().1, [EngineCommand::Pause]);
}

#[tokio::test]
async fn where_nobody_is_one_sentence_says_so() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(attach(&place(dir.path())).await, Err(AttachError::Nobody)));
    drop(place(dir.path()).listen().unwrap());
    assert!(matches!(attach(&place(dir.path())).await, Err(AttachError::Nobody)), "a dead socket");
}

/// Answers one request with `text`, whatever protocol it contains.
fn impostor(dir: &Path, text: &'static str) -> SocketPlace {
    let listener = place(dir).listen().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(text.as_bytes()).await;
        }
    });
    place(dir)
}

#[tokio::test]
async fn another_protocol_is_told_apart_and_which_side_is_to_restart() {
    for (text, expected) in [
        ("HTTP/1.1 200 OK\r\nphonolog-protocol: 99\r\n\r\nwhatever", "close this one"),
        ("HTTP/1.1 200 OK\r\nphonolog-protocol: 0\r\n\r\nwhatever", "restart the engine"),
        ("HTTP/1.1 200 OK\r\n\r\nhello", "cannot understand"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "cannot understand"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let error = attach(&impostor(dir.path(), text)).await.unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains('\n'), "{error}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_protocol_and_what_is_wrong_is_json() {
    let (local, _end) = Handle::pair(snapshot(1));
    let stage = Stage::over(local);
    let large = "x".repeat(10 * 1024 * 1024);
    let answers = [
        (stage.get("/v1/status").await, "200 OK"),
        (stage.get("/metrics").await, "200 OK"),
        (stage.get("/nowhere").await, "404"),
        (stage.get("/v1/sync").await, "405"),
        (stage.get("/v1/runs?limit=many").await, "400"),
        (stage.get("/v1/runs?limit=9").await, "500"),
        (stage.post("/v1/sync", "{\"entities\":").await, "400"),
        (stage.post("/v1/sync", "{\"entities\":[\"trakcs\"]}").await, "400"),
        (stage.post("/v1/sync", "{\"ful\":true}").await, "400"),
        (stage.post("/v1/sync", &large).await, "413"),
        (stage.post("/v1/reload", "").await, "200 OK"),
        (stage.get("/v1/plan").await, "405"),
        (stage.post("/v1/plan", "{\"ful\":true}").await, "400"),
        (stage.post("/v1/plan", "").await, "200 OK"),
    ];
    for (answer, status) in answers {
        let head = answer.lines().next().unwrap_or_default().to_owned();
        assert!(head.contains(status), "{status}: {head}");
        assert!(answer.contains(&format!("{PROTOCOL_HEADER}: {PROTOCOL}")), "{answer}");
        let is_json = answer.contains(&format!("\"protocol\":{PROTOCOL}"));
        assert!(is_json || answer.contains("# EOF"), "{answer}");
    }
    let reloaded = reload(&stage.place()).await.unwrap().unwrap();
    assert_eq!(reloaded.changed, ["gate.wait"]);
    let EngineCommand::Sync(request) = sync(Trigger::Cli) else { panic!("no sync") };
    let planned = plan(&stage.place(), &request).await.unwrap().unwrap();
    assert_eq!(planned, json!({ "full": true, "entities": ["tracks"] }));
}

#[tokio::test]
async fn metrics_and_health_tell_how_the_engine_is() {
    let (local, end) = Handle::pair(snapshot(4_321));
    let stage = Stage::over(local);
    let metrics = stage.get("/metrics").await;
    assert!(metrics.contains("phonolog_plays_stored 4321"), "{metrics}");
    assert!(metrics.contains("phonolog_entity_state{entity=\"tracks\",state=\"pending\"} 1"), "{metrics}");
    assert!(metrics.ends_with("# EOF\n"), "{metrics}");
    let engine = engine(end, vec![Ok(Accepted::Done)]);
    assert!(stage.get("/healthz").await.contains("200 OK"));
    drop(engine.await.unwrap());
    assert!(stage.get("/healthz").await.contains("503"));
}

#[tokio::test]
async fn a_hundred_slow_connections_are_cut_and_keep_nobody_waiting() {
    let (local, end) = Handle::pair(snapshot(1));
    let stage = Stage::over(local);
    let mut slow = Vec::new();
    for i in 0..100 {
        let mut stream = UnixStream::connect(stage.place().socket()).await.unwrap();
        // Some send nothing, some half a header, some announce a body that never comes.
        let said: &[u8] = match i % 3 {
            0 => b"",
            1 => b"GET /v1/status HTTP/1.1\r\nHo",
            _ => b"POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
        };
        stream.write_all(said).await.unwrap();
        slow.push(stream);
    }
    let handle = attach(&stage.place()).await.unwrap();
    drop(contract(handle, end).await);
    for mut stream in slow {
        let mut rest = Vec::new();
        let cut = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        assert!(cut.is_ok(), "a slow connection was kept");
    }
}

#[tokio::test]
async fn somebody_beyond_all_that_are_let_in_is_served_when_the_slow_are_cut() {
    let (local, end) = Handle::pair(snapshot(1));
    let stage = Stage::over(local);
    let mut slow = Vec::new();
    for _ in 0..SOCKET_CONNECTIONS + 20 {
        slow.push(UnixStream::connect(stage.place().socket()).await.unwrap());
    }
    let let_in = async {
        loop {
            match attach(&stage.place()).await {
                Ok(handle) => break handle,
                // It waited too long to be accepted; a client that needs an engine tries again.
                Err(error) => assert!(matches!(error, AttachError::Nobody), "{error}"),
            }
        }
    };
    let handle = tokio::time::timeout(PATIENCE, let_in).await.unwrap();
    drop(contract(handle, end).await);
}

#[tokio::test]
async fn over_tcp_only_the_token_opens_and_no_web_page_comes_near() {
    let (local, _end) = Handle::pair(snapshot(1));
    let stage = Stage::over(local);
    let file = stage.dir.path().join("api-token");
    let token = ApiToken::open(&file).unwrap();
    let address = stage.server.listen("127.0.0.1:0".parse().unwrap(), token).await.unwrap();
    let secret = std::fs::read_to_string(&file).unwrap().trim().to_owned();
    let bearer = format!("Authorization: Bearer {secret}");
    let own = format!("Host: {address}");
    let cases: [(&[&str], &str); 8] = [
        (&[&own, &bearer], "200"),
        (&["Host: localhost", &bearer], "200"),
        (&[&own], "401"),
        (&[&own, "Authorization: Bearer wrong"], "401"),
        (&["Host: evil.example", &bearer], "403"),
        (&[&own, &bearer, "Origin: https://evil.example"], "403"),
        (&[&own, &bearer, "Origin: null"], "403"),
        (&[&bearer], "4"),
    ];
    for (headers, status) in cases {
        for path in ["/v1/status", "/metrics", "/healthz", "/nowhere"] {
            let text =
                format!("GET {path} HTTP/1.1\r\n{}\r\nConnection: close\r\n\r\n", headers.join("\r\n"));
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            let head = answer.lines().next().unwrap_or_default();
            let is_let_in = status != "200" || path == "/v1/status";
            let wanted = head.starts_with(&format!("HTTP/1.1 {status}"));
            assert!(!is_let_in || wanted, "{headers:?} {path}: {head}");
            assert!(!answer.contains(&secret), "{answer}");
            assert!(status == "200" || !answer.contains("entities"), "{answer}");
        }
    }
}
