//! Requests over the network. Must not know: what is requested, or what an answer means.

use std::error::Error as _;
use std::time::Duration;

use chrono::Utc;
use futures_util::future::BoxFuture;
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response};
use secrecy::ExposeSecret;
use url::Url;

use super::error::{SpotifyError, quote};
use super::gate::seconds_until;
use super::http::host_of;
use super::transport::{Broken, HttpAnswer, Outgoing, Transport};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const WHOLE_TIMEOUT: Duration = Duration::from_secs(30);
/// A page of 50 saved albums with markets is 2 MB; no answer of Spotify comes near this limit.
const LARGEST_BODY: usize = 32 * 1024 * 1024;

/// The network.
pub(super) struct Network {
    client: reqwest::Client,
}

impl Network {
    /// Connections to the host of `base`. Fails if this machine does not support TLS.
    pub(super) fn new(base: &Url) -> Result<Self, SpotifyError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("phonolog/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(WHOLE_TIMEOUT)
            // Neither host redirects; following a redirect would send the request to another
            // server.
            .redirect(Policy::none());
        if base.scheme() == "http" {
            // The simulator, on this machine: there is no proxy in between, and no certificates are
            // needed.
            builder = builder.no_proxy().tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| SpotifyError::Unavailable {
            host: host_of(base),
            cause: format!("cannot be reached safely from this machine ({})", innermost(&error)),
            status: None,
        })?;
        Ok(Self { client })
    }

    fn request(&self, outgoing: Outgoing) -> RequestBuilder {
        let request = match outgoing {
            Outgoing::Get { url, bearer } => self.client.get(url).bearer_auth(bearer.expose_secret()),
            Outgoing::Post { url, form } => self
                .client
                .post(url)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.expose_secret().to_owned()),
        };
        request.header(ACCEPT, "application/json")
    }
}

impl Transport for Network {
    fn exchange(&self, request: Outgoing) -> BoxFuture<'_, Result<HttpAnswer, Broken>> {
        Box::pin(async move {
            let response = self.request(request).send().await.map_err(|error| broken(&error))?;
            let status = response.status();
            let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
            let retry_after = header(RETRY_AFTER).map(|after| in_seconds(after, header(DATE)));
            let mut body = Vec::new();
            let read = read(response, &mut body).await;
            if status.is_success() {
                read?;
            }
            Ok(HttpAnswer { status: status.as_u16(), retry_after, body: text(body) })
        })
    }
}

async fn read(mut response: Response, body: &mut Vec<u8>) -> Result<(), Broken> {
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
        if body.len() + chunk.len() > LARGEST_BODY {
            return Err(Broken::TooLong { megabytes: LARGEST_BODY / (1024 * 1024) });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(())
}

fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned())
}

/// Retry-After as it came, or in seconds if it is a date. The seconds are counted by the clock that
/// wrote the date, if the answer has its time, and not by ours.
fn in_seconds(retry_after: &str, date: Option<&str>) -> String {
    seconds_until(retry_after, date, Utc::now())
        .map_or_else(|| retry_after.to_owned(), |seconds| seconds.to_string())
}

fn broken(error: &reqwest::Error) -> Broken {
    // First, because a connection that took too long is a timeout, too, and nothing was sent over
    // it.
    if error.is_connect() {
        Broken::Unreachable(innermost(error))
    } else if error.is_timeout() {
        Broken::TimedOut { seconds: WHOLE_TIMEOUT.as_secs() }
    } else if error.is_body() || error.is_decode() {
        Broken::CutOff
    } else {
        Broken::Lost(innermost(error))
    }
}

/// The last error of a chain says what happened; the ones before it contain the URL, including the
/// query.
fn innermost(error: &reqwest::Error) -> String {
    let mut last: Option<&(dyn std::error::Error + 'static)> = None;
    let mut next = error.source();
    while let Some(cause) = next {
        last = Some(cause);
        next = cause.source();
    }
    last.map_or_else(|| "no reason given".to_owned(), |cause| quote(&cause.to_string()))
}
