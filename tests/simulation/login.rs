//! A login at the simulator's accounts service, and where it lies.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use phonolog::clock::Clock;
use phonolog::simulator::Simulator;
use phonolog::spotify::{HttpAnswer, Outgoing, PortError, StoredToken, TokenCommit, TokenSlot, TokenStore};
use secrecy::ExposeSecret;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tower::ServiceExt;
use url::Url;

use crate::clock::SimClock;
use crate::story::Whose;

pub const CLIENT_ID: &str = "simulation";
const REDIRECT: &str = "http://127.0.0.1:8888/callback";
const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";

/// The token file's stand-in: it outlives the engine.
#[derive(Default, Clone)]
pub struct Keyring {
    token: Arc<Mutex<Option<StoredToken>>>,
    /// Tokens of another person's logins.
    strangers: Arc<Mutex<HashSet<String>>>,
}

impl Keyring {
    fn token(&self) -> MutexGuard<'_, Option<StoredToken>> {
        self.token.lock().unwrap()
    }

    /// A person logs in; `false` where Spotify's answer is none that a login could be made of.
    pub fn log_in(&self, simulator: &Simulator, clock: &SimClock, whose: Whose) -> bool {
        let code = consent(simulator, clock);
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={REDIRECT}&client_id={CLIENT_ID}&code_verifier={VERIFIER}"
        );
        let request = Request::post("/api/token").header("content-type", "application/x-www-form-urlencoded");
        let grant = ask(simulator, clock, request.body(Body::from(form)).unwrap()).1;
        let now = clock.now();
        let text = |name: &str| grant[name].as_str().unwrap_or_default().to_owned();
        if text("access_token").is_empty() || text("refresh_token").is_empty() {
            return false;
        }
        if whose == Whose::Stranger {
            self.strangers().extend([text("access_token"), text("refresh_token")]);
        }
        *self.token() = Some(StoredToken {
            access_token: text("access_token").into(),
            refresh_token: text("refresh_token").into(),
            expires_at: now + TimeDelta::seconds(grant["expires_in"].as_i64().unwrap_or(3600)),
            authorized_at: now,
            scope: text("scope"),
            client_id: CLIENT_ID.to_owned(),
            suspect: false,
            renewals: 0,
        });
        true
    }
}

/// Spotify knows one person here. Another one is made of it by the answers that their tokens get.
impl Keyring {
    fn strangers(&self) -> MutexGuard<'_, HashSet<String>> {
        self.strangers.lock().unwrap()
    }

    /// Whether the login that is stored is another person's.
    pub fn holds_a_strangers(&self) -> bool {
        let token = self.token();
        token.as_ref().is_some_and(|token| self.strangers().contains(token.access_token.expose_secret()))
    }

    fn is_strangers(&self, request: &Outgoing) -> bool {
        let strangers = self.strangers();
        match request {
            Outgoing::Get { bearer, .. } => strangers.contains(bearer.expose_secret()),
            Outgoing::Post { form, .. } => strangers.iter().any(|token| form.expose_secret().contains(token)),
        }
    }

    /// What another person's login is told. It must ask whose it is, and nothing else.
    pub fn introduce(&self, request: &Outgoing, answer: HttpAnswer) -> HttpAnswer {
        if !self.is_strangers(request) {
            return answer;
        }
        let Ok(mut body) = serde_json::from_str::<Value>(&answer.body) else {
            return answer;
        };
        if let Outgoing::Post { .. } = request {
            let tokens = ["access_token", "refresh_token"].map(|name| body[name].as_str().map(str::to_owned));
            self.strangers().extend(tokens.into_iter().flatten());
            return answer;
        }
        let path = request.url().path();
        assert!(path.ends_with("/v1/me"), "{path} was asked with another person's login");
        if answer.status == 200 {
            body["id"] = Value::from("stranger");
            body["account_id"] = Value::from("stranger");
            return HttpAnswer { body: body.to_string(), ..answer };
        }
        answer
    }
}

fn consent(simulator: &Simulator, clock: &SimClock) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let query = format!(
        "response_type=code&client_id={CLIENT_ID}&redirect_uri={REDIRECT}&scope=user-library-read&code_challenge_method=S256&code_challenge={challenge}"
    );
    let request = Request::get(format!("/authorize?{query}")).body(Body::empty()).unwrap();
    let location = Url::parse(&ask(simulator, clock, request).0).unwrap();
    let code = location.query_pairs().find(|(name, _)| name == "code");
    code.unwrap().1.into_owned()
}

/// `Location` and body of what the simulator answers, while nobody else is awake.
pub fn ask(simulator: &Simulator, clock: &SimClock, request: Request<Body>) -> (String, Value) {
    let mut answer = pin!(async {
        let response = simulator.router().oneshot(request).await.unwrap();
        let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default();
        (location.unwrap_or_default(), serde_json::from_slice(&body).unwrap_or_default())
    });
    loop {
        if let Some(answer) = answer.as_mut().now_or_never() {
            return answer;
        }
        assert!(clock.move_on(), "the simulator waits for more than time");
    }
}

impl TokenStore for Keyring {
    fn load(&self) -> BoxFuture<'_, Result<Option<StoredToken>, PortError>> {
        Box::pin(async { Ok(self.token().clone()) })
    }

    fn reserve(&self) -> BoxFuture<'_, Result<Box<dyn TokenSlot>, PortError>> {
        Box::pin(async { Ok(Box::new(self.clone()) as Box<dyn TokenSlot>) })
    }
}

impl TokenSlot for Keyring {
    fn commit(
        self: Box<Self>,
        old: StoredToken,
        new: StoredToken,
    ) -> BoxFuture<'static, Result<TokenCommit, PortError>> {
        Box::pin(async move {
            let mut stored = self.token();
            if !stored.as_ref().is_some_and(|stored| stored.is_same_grant(&old)) {
                return Ok(TokenCommit::Superseded);
            }
            *stored = Some(new);
            Ok(TokenCommit::Stored)
        })
    }
}
