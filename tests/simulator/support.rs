//! A simulator on a free port and a client for it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use phonolog::simulator::{Shape, SimConfig, Simulator, TimeSource, Wait};
use reqwest::{Client, Method, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A time that stands still, a month after everything generated: only `/sim/clock` moves the account's.
struct Still;

impl TimeSource for Still {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_513)
    }

    fn wait(&self, duration: Duration) -> Wait {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A running simulator; it stops when this is dropped.
pub struct Sim {
    pub host: String,
    client: Client,
    _stop: DropGuard,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub retry_after: Option<String>,
    pub body: Value,
}

pub fn config(shape: Shape) -> SimConfig {
    SimConfig {
        tracks: 130,
        albums: 60,
        artists: 55,
        playlists: 24,
        plays: 60,
        shape,
        ..SimConfig::default()
    }
}

impl Sim {
    pub async fn start(config: SimConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let stop = CancellationToken::new();
        let simulator = Simulator::with_time(config, Arc::new(Still));
        tokio::spawn(simulator.serve(listener, stop.clone()));
        let client =
            Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { host, client, _stop: stop.drop_guard() }
    }

    /// Sends a request; `path` may be a whole URL.
    pub async fn send(&self, method: Method, path: &str, body: Option<String>) -> reqwest::Result<Response> {
        let url =
            if path.starts_with("http") { path.to_owned() } else { format!("http://{}{path}", self.host) };
        let request = self.client.request(method, url).bearer_auth("anything");
        match body {
            Some(body) => request.body(body).send().await,
            None => request.send().await,
        }
    }

    /// An answer to whatever comes, JSON or not.
    pub async fn answer(&self, path: &str) -> Answer {
        read(self.send(Method::GET, path, None).await.unwrap()).await
    }

    /// The body of an answer that must be 200.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.answer(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    pub async fn status(&self, path: &str) -> u16 {
        self.answer(path).await.status
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        read(self.send(Method::POST, path, Some(body.to_string())).await.unwrap()).await
    }

    /// Posts to a control that must agree.
    pub async fn control(&self, path: &str, body: Value) -> Value {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    pub async fn delete(&self, path: &str) -> Value {
        read(self.send(Method::DELETE, path, None).await.unwrap()).await.body
    }

    /// A request without a token, form-encoded where there is a body.
    pub async fn bare(&self, path: &str, form: Option<&[(&str, &str)]>) -> Response {
        let url = format!("http://{}{path}", self.host);
        let request = match form {
            Some(form) => self.client.post(url).form(form),
            None => self.client.get(url),
        };
        request.send().await.unwrap()
    }

    /// A request with this bearer token.
    pub async fn with_token(&self, path: &str, token: &str) -> Answer {
        let url = format!("http://{}{path}", self.host);
        read(self.client.get(url).bearer_auth(token).send().await.unwrap()).await
    }

    /// Every row of a list that is read by `next`, from its first page on.
    pub async fn rows(&self, first: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut next = Some(first.to_owned());
        while let Some(url) = next {
            let body = self.get(&url).await;
            let page = body.get("artists").unwrap_or(&body);
            rows.extend(page["items"].as_array().unwrap().iter().cloned());
            next = page["next"].as_str().map(str::to_owned);
        }
        rows
    }

    pub async fn truth(&self) -> Value {
        self.get("/sim/truth").await
    }

    pub async fn requests(&self) -> Value {
        self.get("/sim/requests").await
    }
}

pub async fn read(response: Response) -> Answer {
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").map(|text| text.to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, retry_after, body }
}

/// The value at `key` of every object of a list.
pub fn each(list: &Value, key: &str) -> Vec<Value> {
    list.as_array().unwrap().iter().map(|row| row[key].clone()).collect()
}

/// The texts at `key` of every object of a list.
pub fn texts(list: &Value, key: &str) -> Vec<String> {
    each(list, key).iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}
