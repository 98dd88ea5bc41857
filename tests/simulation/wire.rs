//! From the client straight into the simulator: no socket, so nothing but `SQLite` is ever waited for in
//! real time. Here the story strikes: edits and crashes come between and inside requests.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::{Request, Response};
use futures_util::future::BoxFuture;
use phonolog::clock::Clock;
use phonolog::spotify::{Broken, HttpAnswer, Outgoing, Transport};
use secrecy::ExposeSecret;
use tower::ServiceExt;

use crate::life::World;
use crate::story::Death;
use crate::trace::Who::Spotify;

/// As long as the network's.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The way into the simulator.
pub struct Wire(pub Arc<World>);

impl Transport for Wire {
    fn exchange(&self, request: Outgoing) -> BoxFuture<'_, Result<HttpAnswer, Broken>> {
        Box::pin(async move {
            let death = self.0.request_begins(&request).await;
            if death == Some(Death::Before) {
                return self.0.die().await;
            }
            let answered = async {
                let response = self.0.router.clone().oneshot(http(&request)).await.unwrap();
                read(response).await
            };
            let answer = tokio::select! {
                answer = answered => answer,
                () = self.0.clock.sleep(TIMEOUT) => Err(Broken::TimedOut { seconds: TIMEOUT.as_secs() }),
            };
            self.0.trace(Spotify, || outcome(&request, &answer));
            let answer = answer.map(|answer| self.0.keyring.introduce(&request, answer));
            if let Ok(answer) = &answer {
                let mut oracle = self.0.oracle.lock().unwrap();
                oracle.answered(&request, answer, self.0.clock.elapsed());
                if self.0.disk.may_fail() {
                    oracle.last_answer_may_be_lost();
                }
            } else {
                self.0.oracle.lock().unwrap().not_answered(self.0.clock.elapsed());
            }
            if death == Some(Death::Unanswered) {
                return self.0.die().await;
            }
            if answer.as_ref().is_ok_and(|answer| answer.status == 429) {
                self.0.hear_refusal();
            }
            answer
        })
    }
}

/// The status; of a question about single rows the answers, too.
fn outcome(request: &Outgoing, answer: &Result<HttpAnswer, Broken>) -> String {
    match answer {
        Ok(answer) if answer.status == 200 && request.url().path().ends_with("/contains") => {
            format!("200 {}", answer.body)
        }
        Ok(answer) => format!("{} {}", answer.status, answer.retry_after.as_deref().unwrap_or_default()),
        Err(broken) => format!("{broken:?}"),
    }
}

fn http(request: &Outgoing) -> Request<Body> {
    let url = request.url();
    let path = url[url::Position::BeforePath..].to_owned();
    let builder = Request::builder().method(request.method()).uri(path).header("host", "spotify.test");
    match request {
        Outgoing::Get { bearer, .. } => builder
            .header("authorization", format!("Bearer {}", bearer.expose_secret()))
            .body(Body::empty())
            .unwrap(),
        Outgoing::Post { form, .. } => builder
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.expose_secret().to_owned()))
            .unwrap(),
    }
}

/// What the network would make of the answer: half of it is none, unless it is an error's.
async fn read(response: Response<Body>) -> Result<HttpAnswer, Broken> {
    let status = response.status();
    let (retry_after, is_packed) = head(response.headers());
    let mut body = response.into_body();
    let mut text = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await {
        match frame {
            Ok(frame) => text.extend_from_slice(&frame.into_data().unwrap_or_default()),
            Err(_) if text.is_empty() => return Err(Broken::Lost("reset".to_owned())),
            Err(_) if status.is_success() => return Err(Broken::CutOff),
            Err(_) => break,
        }
    }
    if is_packed {
        text = unpacked(&text)?;
    }
    Ok(HttpAnswer { status: status.as_u16(), retry_after, body: String::from_utf8(text).unwrap() })
}

/// Retry-After in seconds, and whether the body is packed.
fn head(headers: &axum::http::HeaderMap) -> (Option<String>, bool) {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let retry_after = header("retry-after").map(|after| in_seconds(after, header("date").as_deref()));
    (retry_after, header("content-encoding").is_some())
}

/// Retry-After in seconds, where it is a date by the clock that wrote the answer.
fn in_seconds(retry_after: String, date: Option<&str>) -> String {
    let instant = |text: &str| httpdate::parse_http_date(text).ok();
    match (instant(&retry_after), date.and_then(instant)) {
        (Some(until), Some(now)) => until.duration_since(now).unwrap_or_default().as_secs().to_string(),
        _ => retry_after,
    }
}

fn unpacked(packed: &[u8]) -> Result<Vec<u8>, Broken> {
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut text).map_err(|_| Broken::CutOff)?;
    Ok(text)
}
