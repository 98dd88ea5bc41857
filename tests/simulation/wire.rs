//! From the client straight into the simulator: no socket, so nothing but `SQLite` is ever waited for in
//! real time. Here the story strikes: edits and crashes come between and inside requests.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::{Request, Response};
use futures_util::future::BoxFuture;
use phonolog::clock::Clock;
use phonolog::spotify::{Answer, Broken, Outgoing, Transport};
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
    fn exchange(&self, request: Outgoing) -> BoxFuture<'_, Result<Answer, Broken>> {
        Box::pin(async move {
            let death = self.0.request_begins(&request);
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
            self.0.trace(Spotify, || outcome(&answer));
            if let Ok(answer) = &answer {
                self.0.oracle.lock().unwrap().answered(&request, answer);
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

fn outcome(answer: &Result<Answer, Broken>) -> String {
    match answer {
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
async fn read(response: Response<Body>) -> Result<Answer, Broken> {
    let status = response.status();
    let header = response.headers().get("retry-after");
    let retry_after = header.map(|value| value.to_str().unwrap().to_owned());
    let mut body = response.into_body();
    let mut text = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await {
        match frame {
            Ok(frame) => text.extend(frame.into_data().unwrap_or_default()),
            Err(_) if text.is_empty() => return Err(Broken::Lost("reset".to_owned())),
            Err(_) if status.is_success() => return Err(Broken::CutOff),
            Err(_) => break,
        }
    }
    Ok(Answer { status: status.as_u16(), retry_after, body: String::from_utf8(text).unwrap() })
}
