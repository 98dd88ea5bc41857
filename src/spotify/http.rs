//! Sends one request and splits its answer: status, Retry-After, body. Other files interpret them;
//! the transport is a port.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::{Url, form_urlencoded};

use super::error::SpotifyError;
use super::network::Network;
use super::transport::{Broken, HttpAnswer, Outgoing, Transport};
use crate::clock::SharedClock;
use crate::domain::Bucket;

/// A shorter text may occur in an answer for another reason.
const SHORTEST_SECRET: usize = 8;

/// One of Spotify's two hosts.
#[derive(Clone)]
pub(super) struct Http {
    transport: Arc<dyn Transport>,
    base: Url,
    host: String,
    clock: SharedClock,
}

/// A request to the Web API.
#[derive(Clone, Copy)]
pub(super) struct Get<'a> {
    /// The bucket that it counts against.
    pub(super) bucket: Bucket,
    /// Segments after the base; escaped when sent.
    pub(super) path: &'a [&'a str],
    pub(super) query: &'a [(&'a str, &'a str)],
}

impl Http {
    /// Over the network.
    pub(super) fn new(base: &Url, clock: SharedClock) -> Result<Self, SpotifyError> {
        Ok(Self::over(Arc::new(Network::new(base)?), base, clock))
    }

    /// Over another transport.
    pub(super) fn over(transport: Arc<dyn Transport>, base: &Url, clock: SharedClock) -> Self {
        Self { transport, base: base.clone(), host: host_of(base), clock }
    }

    /// The host, for messages.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// `GET`, with the bearer token.
    pub(super) async fn get(&self, what: Get<'_>, bearer: &SecretString) -> Result<HttpAnswer, Broken> {
        let mut url = self.url(what.path);
        if !what.query.is_empty() {
            url.query_pairs_mut().extend_pairs(what.query);
        }
        let request = Outgoing::Get { url, bearer: bearer.clone() };
        let answer = self.logged(request, what.bucket.as_str()).await?;
        Ok(without_secrets(answer, &[bearer.expose_secret()]))
    }

    /// `POST` of a form.
    pub(super) async fn post<F: Serialize>(
        &self,
        path: &[&str],
        form: &F,
    ) -> Result<HttpAnswer, SpotifyError> {
        let form = serde_urlencoded::to_string(form).map_err(|error| SpotifyError::Unreadable {
            what: format!("a form that cannot be written: {error}"),
        })?;
        let pairs: Vec<_> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let answer = self.logged(Outgoing::Post { url: self.url(path), form: form.into() }, "none").await;
        let answer = answer.map_err(|broken| broken.into_error(&self.host))?;
        let is_secret = |name: &str| matches!(name, "refresh_token" | "code" | "code_verifier");
        let secrets = pairs.iter().filter(|(name, _)| is_secret(name));
        let secrets: Vec<_> = secrets.map(|(_, value)| value.as_str()).collect();
        Ok(without_secrets(answer, &secrets))
    }

    /// The base followed by `path`; each segment is escaped.
    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    async fn logged(&self, request: Outgoing, bucket: &str) -> Result<HttpAnswer, Broken> {
        let began = self.clock.elapsed();
        let (method, path) = (request.method(), request.url().path().to_owned());
        let outcome = self.transport.exchange(request).await;
        let ms = self.clock.elapsed().saturating_sub(began).as_millis();
        let (status, error) = match &outcome {
            Ok(answer) => (Some(answer.status), None),
            Err(broken) => (None, Some(broken.clone().into_error(&self.host).to_string())),
        };
        tracing::debug!(method, path, bucket, status, error, ms, "request");
        outcome
    }
}

/// Whether a path would lead elsewhere than its segments say: no URL can contain an empty segment,
/// or one of one or two dots. Spotify has no such ids.
pub(super) fn leads_elsewhere(path: &[&str]) -> bool {
    path.iter().any(|segment| matches!(*segment, "" | "." | ".."))
}

/// The answer in the form that messages may quote: credentials that an error repeats are removed.
fn without_secrets(mut answer: HttpAnswer, secrets: &[&str]) -> HttpAnswer {
    if !(200..300).contains(&answer.status) {
        for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST_SECRET) {
            answer.body = answer.body.replace(secret, "…");
        }
    }
    answer
}

/// A host as messages name it.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("Spotify");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
