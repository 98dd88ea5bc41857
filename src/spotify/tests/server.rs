//! A server that gives scripted answers and records its requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::{StreamExt, stream};
use tokio::sync::{Notify, watch};
use url::Url;

use crate::spotify::ClientSettings;

/// The server's next answer.
pub(super) enum Scripted {
    Answer(u16, &'static str, String),
    /// A status and half a body, then a broken connection.
    CutOff(u16, &'static str),
    /// An answer that comes when the test allows it.
    Later(Arc<Notify>, u16, &'static str),
    /// The same with a body.
    Held(Arc<Notify>, u16, &'static str),
}

pub(super) fn answer(status: u16, body: impl Into<String>) -> Scripted {
    Scripted::Answer(status, "", body.into())
}

pub(super) fn refusal(retry_after: &'static str) -> Scripted {
    Scripted::Answer(429, retry_after, "Too many requests".to_owned())
}

/// A request to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// Method, path and query.
    pub(super) what: String,
    /// The authorization header, or the form.
    pub(super) with: String,
}

/// A server that gives scripted answers and records its requests.
#[derive(Clone, Default)]
pub(super) struct Server {
    script: Arc<Mutex<VecDeque<Scripted>>>,
    asked: watch::Sender<Vec<Asked>>,
    url: String,
}

impl Server {
    pub(super) async fn start(script: Vec<Scripted>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            script: Arc::new(Mutex::new(script.into())),
            url: format!("http://{}", listener.local_addr().unwrap()),
            asked: watch::Sender::default(),
        };
        let router = Router::new().fallback(reply).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.borrow().clone()
    }

    /// Waits until this many requests have come.
    pub(super) async fn wait_for_requests(&self, requests: usize) {
        let mut asked = self.asked.subscribe();
        asked.wait_for(|asked| asked.len() >= requests).await.unwrap();
    }

    pub(super) fn then(&self, scripted: Scripted) {
        self.script.lock().unwrap().push_back(scripted);
    }

    pub(super) fn settings(&self) -> ClientSettings {
        ClientSettings {
            api_url: Url::parse(&format!("{}/v1", self.url)).unwrap(),
            accounts_url: Url::parse(&self.url).unwrap(),
            client_id: Some("app".to_owned()),
            fixed_token: Some("fixed".into()),
        }
    }
}

async fn reply(State(server): State<Server>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let form = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let bearer = head.headers.get("authorization");
    let asked = Asked {
        what: format!("{} {}", head.method, head.uri),
        with: bearer.map_or_else(
            || String::from_utf8(form.to_vec()).unwrap(),
            |bearer| bearer.to_str().unwrap().to_owned(),
        ),
    };
    server.asked.send_modify(|all| all.push(asked));
    let next = server.script.lock().unwrap().pop_front();
    let (status, retry_after, body) = match next.expect("the script is over") {
        Scripted::Answer(status, retry_after, body) => (status, retry_after, Body::from(body)),
        Scripted::Later(when, status, retry_after) => {
            when.notified().await;
            (status, retry_after, Body::from("{}"))
        }
        Scripted::Held(when, status, body) => {
            when.notified().await;
            (status, "", Body::from(body))
        }
        Scripted::CutOff(status, retry_after) => {
            let half = stream::once(async { Ok(Bytes::from_static(b"{\"items\":[nul")) });
            // Yielding sends the first half before the connection breaks.
            let cut = stream::once(async {
                tokio::task::yield_now().await;
                Err(std::io::Error::other("cut"))
            });
            (status, retry_after, Body::from_stream(half.chain(cut)))
        }
    };
    let response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    let response =
        if retry_after.is_empty() { response } else { response.header("retry-after", retry_after) };
    response.body(body).unwrap()
}
