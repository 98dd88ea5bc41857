//! The loopback end of the login: the browser is redirected here with the code.
//!
//! Any page in a browser on this machine can send requests here, too. So a request is an answer
//! only if it has the attempt's `state`, which no other page knows. Every other request is refused,
//! and the login continues to wait.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{Method, StatusCode};
use axum::response::Html;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::spotify::{AuthCode, LoginAttempt, LoginError};

/// Requests that may wait for a check. A browser sends one; more of them are refused.
const WAITING: usize = 4;

/// How long the last page may take.
const LAST_PAGE: Duration = Duration::from_secs(1);

const PAGE: &str = "<!doctype html><meta charset=utf-8><title>phonolog</title>\
<p style=\"font:1.1em sans-serif;margin:3em\">phonolog received the answer. You can close this page and go back to the terminal.";

const TURNED_AWAY: &str = "<!doctype html><meta charset=utf-8><title>phonolog</title>\
<p style=\"font:1.1em sans-serif;margin:3em\">This is not the answer that phonolog is waiting for. Open the address that it shows, and agree there.";

/// The requests of browsers to the redirect address.
pub struct Redirects {
    arrived: mpsc::Receiver<Redirect>,
    server: tokio::task::JoinHandle<()>,
    stop: CancellationToken,
}

/// A request that may be the answer. The browser waits for a page until this is checked.
pub struct Redirect {
    /// Path and query.
    target: String,
    is_answer: oneshot::Sender<bool>,
}

impl Redirect {
    /// The answer to this attempt: a code, or a refusal. `None` if it is no answer to this attempt.
    pub fn answer(self, attempt: &LoginAttempt) -> Option<Result<AuthCode, LoginError>> {
        let answer = match attempt.read_redirect(&self.target) {
            Err(LoginError::WrongState | LoginError::NoCode | LoginError::NotAUrl) => None,
            answer => Some(answer),
        };
        // It fails if the browser has gone.
        let _ = self.is_answer.send(answer.is_some());
        answer
    }
}

impl Redirects {
    /// Listens at the redirect address.
    pub async fn listen(redirect_uri: &Url) -> std::io::Result<Self> {
        let addresses = redirect_uri.socket_addrs(|| None)?;
        let listener = TcpListener::bind(addresses.as_slice()).await?;
        let (sender, arrived) = mpsc::channel(WAITING);
        let expected = redirect_uri.clone();
        let router = Router::new().fallback(async move |request: Request| {
            let target = is_expected(&request, &expected).then(|| request.uri().to_string());
            drop(request);
            match target {
                Some(target) => receive(target, &sender).await,
                None => turn_away(),
            }
        });
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await {
                tracing::warn!(%error, "cannot receive the redirect any more");
            }
        });
        Ok(Self { arrived, server, stop })
    }

    /// Stops listening, once the browser has its page.
    pub async fn close(mut self) {
        self.stop.cancel();
        let _ = tokio::time::timeout(LAST_PAGE, &mut self.server).await;
    }

    /// The next request that looks like an answer.
    pub async fn next(&mut self) -> Option<Redirect> {
        self.arrived.recv().await
    }
}

impl Drop for Redirects {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type Page = (StatusCode, Html<&'static str>);

/// A redirected browser requests this address directly: no script sends the request, and no other
/// host name is used.
fn is_expected(request: &Request, expected: &Url) -> bool {
    let authority = match (expected.host_str(), expected.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    request.method() == Method::GET
        && request.uri().path() == expected.path()
        && host.is_some_and(|host| host.eq_ignore_ascii_case(&authority))
        && !request.headers().contains_key(ORIGIN)
}

async fn receive(target: String, redirects: &mpsc::Sender<Redirect>) -> Page {
    let (is_answer, verdict) = oneshot::channel();
    if redirects.try_send(Redirect { target, is_answer }).is_err() {
        return turn_away();
    }
    match verdict.await {
        Ok(true) => (StatusCode::OK, Html(PAGE)),
        _ => turn_away(),
    }
}

const fn turn_away() -> Page {
    (StatusCode::NOT_FOUND, Html(TURNED_AWAY))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::browser("GET", "/callback?code=c", "127.0.0.1:8888", None, true)]
    #[case::post("POST", "/callback?code=c", "127.0.0.1:8888", None, false)]
    #[case::head("HEAD", "/callback?code=c", "127.0.0.1:8888", None, false)]
    #[case::other_path("GET", "/callback/x?code=c", "127.0.0.1:8888", None, false)]
    #[case::icon("GET", "/favicon.ico", "127.0.0.1:8888", None, false)]
    #[case::other_name("GET", "/callback?code=c", "evil.example:8888", None, false)]
    #[case::other_port("GET", "/callback?code=c", "127.0.0.1", None, false)]
    #[case::script("GET", "/callback?code=c", "127.0.0.1:8888", Some("https://evil.example"), false)]
    #[case::sandboxed("GET", "/callback?code=c", "127.0.0.1:8888", Some("null"), false)]
    fn only_a_browser_that_was_sent_here_is_listened_to(
        #[case] method: &str,
        #[case] target: &str,
        #[case] host: &str,
        #[case] origin: Option<&str>,
        #[case] expected: bool,
    ) {
        let mut request = Request::builder().method(method).uri(target).header(HOST, host);
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        let request = request.body(Body::empty()).unwrap();
        let url = Url::parse("http://127.0.0.1:8888/callback").unwrap();
        assert_eq!(is_expected(&request, &url), expected);
    }
}
