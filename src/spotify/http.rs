//! Sending one request and taking its answer apart: status, Retry-After, body. What they mean is judged
//! elsewhere.

use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{ACCEPT, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;

use super::error::{SpotifyError, quote};
use crate::clock::SharedClock;
use crate::domain::Bucket;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const WHOLE_TIMEOUT: Duration = Duration::from_secs(30);
/// A page of 50 saved albums with markets is 2 MB; nothing Spotify sends comes near this.
const LARGEST_BODY: usize = 32 * 1024 * 1024;

/// One of Spotify's two hosts.
#[derive(Clone)]
pub(super) struct Http {
    client: reqwest::Client,
    base: Url,
    host: String,
    clock: SharedClock,
}

/// What is asked of the Web API.
#[derive(Clone, Copy)]
pub(super) struct Get<'a> {
    /// What it counts against.
    pub(super) bucket: Bucket,
    /// Segments behind the base; escaped when sent.
    pub(super) path: &'a [&'a str],
    pub(super) query: &'a [(&'a str, &'a str)],
}

/// An answer as it came.
pub(super) struct Answer {
    pub(super) status: u16,
    /// The header, unread.
    pub(super) retry_after: Option<String>,
    /// The text; of an error answer as much of it as arrived.
    pub(super) body: String,
}

impl Http {
    pub(super) fn new(base: &Url, clock: SharedClock) -> Result<Self, SpotifyError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("phonolog/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(WHOLE_TIMEOUT)
            // Neither host redirects; following one would carry the request to somebody else.
            .redirect(Policy::none());
        if base.scheme() == "http" {
            // The simulator, on this machine: no proxy stands between, and no certificates are needed.
            builder = builder.no_proxy().tls_certs_only([]);
        }
        let host = host_of(base);
        let client = builder.build().map_err(|error| SpotifyError::Unavailable {
            host: host.clone(),
            cause: format!("cannot be reached safely from this machine ({})", innermost(&error)),
            status: None,
        })?;
        Ok(Self { client, base: base.clone(), host, clock })
    }

    /// Who is asked, for messages.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// `GET`, with the bearer token.
    pub(super) async fn get(&self, what: Get<'_>, bearer: &SecretString) -> Result<Answer, SpotifyError> {
        let url = self.url(what.path);
        let request = self.client.get(url.clone()).query(what.query);
        let request = request.bearer_auth(bearer.expose_secret());
        self.logged("GET", &url, what.bucket.as_str(), request).await
    }

    /// `POST` of a form.
    pub(super) async fn post<F: Serialize>(&self, path: &[&str], form: &F) -> Result<Answer, SpotifyError> {
        let url = self.url(path);
        let request = self.client.post(url.clone()).form(form);
        self.logged("POST", &url, "none", request).await
    }

    /// The base with `path` behind it; each segment is escaped.
    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    async fn logged(
        &self,
        method: &str,
        url: &Url,
        bucket: &str,
        request: RequestBuilder,
    ) -> Result<Answer, SpotifyError> {
        let began = self.clock.elapsed();
        let outcome = self.exchange(request).await;
        let ms = self.clock.elapsed().saturating_sub(began).as_millis();
        let (status, error) = match &outcome {
            Ok(answer) => (Some(answer.status), None),
            Err(error) => (None, Some(error.to_string())),
        };
        tracing::debug!(method, path = url.path(), bucket, status, error, ms, "request");
        outcome
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<Answer, SpotifyError> {
        let request = request.header(ACCEPT, "application/json");
        let response = request.send().await.map_err(|error| self.unavailable(&error))?;
        let status = response.status();
        let header = response.headers().get(RETRY_AFTER);
        let retry_after = header.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut body = Vec::new();
        let read = self.read(response, &mut body).await;
        if status.is_success() {
            read?;
        }
        Ok(Answer {
            status: status.as_u16(),
            retry_after,
            body: String::from_utf8(body)
                .unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned()),
        })
    }

    async fn read(&self, mut response: Response, body: &mut Vec<u8>) -> Result<(), SpotifyError> {
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unavailable(&error))? {
            if body.len() + chunk.len() > LARGEST_BODY {
                return Err(SpotifyError::Unreadable {
                    what: format!("more than {} MB in one answer", LARGEST_BODY / (1024 * 1024)),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(())
    }

    fn unavailable(&self, error: &reqwest::Error) -> SpotifyError {
        let cause = if error.is_timeout() {
            format!("did not answer within {} s", WHOLE_TIMEOUT.as_secs())
        } else if error.is_connect() {
            format!("could not be reached ({})", innermost(error))
        } else if error.is_body() || error.is_decode() {
            "cut off its answer".to_owned()
        } else {
            format!("broke the connection ({})", innermost(error))
        };
        SpotifyError::Unavailable { host: self.host.clone(), cause, status: None }
    }
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("Spotify");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The last link of a chain of errors says what happened; the ones before it say who was asked, query
/// included.
fn innermost(error: &reqwest::Error) -> String {
    let mut last: Option<&(dyn std::error::Error + 'static)> = None;
    let mut next = error.source();
    while let Some(cause) = next {
        last = Some(cause);
        next = cause.source();
    }
    last.map_or_else(|| "no reason given".to_owned(), |cause| quote(&cause.to_string()))
}
