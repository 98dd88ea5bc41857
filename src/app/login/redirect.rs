//! The loopback end of the login: the browser is sent here with the code.

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::response::Html;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use url::Url;

/// Answers that may wait. A browser sends one; strays beyond these are turned away.
const WAITING: usize = 4;

const PAGE: &str = "<!doctype html><meta charset=utf-8><title>phonolog</title>\
<p style=\"font:1.1em sans-serif;margin:3em\">phonolog has its answer. You can close this page and go back to the terminal.";

/// What browsers bring to the redirect address.
pub struct Redirects {
    targets: mpsc::Receiver<String>,
    server: tokio::task::JoinHandle<()>,
}

impl Redirects {
    /// Listens where the redirect leads.
    pub async fn listen(redirect_uri: &Url) -> std::io::Result<Self> {
        let addresses = redirect_uri.socket_addrs(|| None)?;
        let listener = TcpListener::bind(addresses.as_slice()).await?;
        let (sender, targets) = mpsc::channel(WAITING);
        let path = redirect_uri.path().to_owned();
        let router = Router::new().fallback(async move |uri: Uri| receive(&uri, &path, &sender));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::warn!(%error, "the redirect can no longer be received");
            }
        });
        Ok(Self { targets, server })
    }

    /// The next `path?query` that looks like an answer.
    pub async fn next(&mut self) -> Option<String> {
        self.targets.recv().await
    }
}

impl Drop for Redirects {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Browsers ask for icons and prefetch: only what carries a code or an error is an answer.
fn receive(uri: &Uri, path: &str, answers: &mpsc::Sender<String>) -> (StatusCode, Html<&'static str>) {
    let query = uri.query().unwrap_or_default();
    let is_answer = uri.path() == path && (query.contains("code=") || query.contains("error="));
    if is_answer && answers.try_send(uri.to_string()).is_ok() {
        (StatusCode::OK, Html(PAGE))
    } else {
        (StatusCode::NOT_FOUND, Html("not here"))
    }
}
