//! The accounts service: consent and tokens, by authorization code with PKCE.
//!
//! Source: Spotify's "Authorization Code with PKCE Flow"; RFC 6749 4.1 and 5.2, RFC 7636.

use axum::extract::{RawQuery, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::Response;
use serde_json::json;
use url::{Host, Url};

use super::answer::{Reply, json_response, text_response};
use super::fault_response::instead;
use super::query::UrlQuery;
use super::server::with_fault;
use super::tokens::{AuthError, Issued, SimGrant, TOKEN_SECONDS};
use crate::simulator::Simulator;

/// `GET /authorize`: the person agrees at once, or declines if the query contains `deny=1`.
pub(in crate::simulator) async fn authorize(
    State(simulator): State<Simulator>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = UrlQuery::read(query.as_deref().unwrap_or_default());
    let (grant, mut target) = match read_grant(&query) {
        Ok(read) => read,
        Err(complaint) => return text_response(400, complaint),
    };
    if query.get("deny").is_some_and(|deny| deny != "0") {
        target.query_pairs_mut().append_pair("error", "access_denied");
    } else {
        target.query_pairs_mut().append_pair("code", &simulator.consent(grant));
    }
    if let Some(state) = query.get("state") {
        target.query_pairs_mut().append_pair("state", state);
    }
    let mut response = text_response(302, "");
    *response.status_mut() = StatusCode::FOUND;
    if let Ok(location) = HeaderValue::from_str(target.as_str()) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

fn read_grant(query: &UrlQuery) -> Result<(SimGrant, Url), &'static str> {
    let client_id =
        query.get("client_id").filter(|id| is_client_id(id)).ok_or("INVALID_CLIENT: Invalid client")?;
    let redirect_uri = query.get("redirect_uri").ok_or("INVALID_CLIENT: Invalid redirect URI")?;
    let target = read_redirect(redirect_uri).ok_or("INVALID_CLIENT: Insecure redirect URI")?;
    if query.get("response_type") != Some("code") {
        return Err("response_type must be code");
    }
    if query.get("code_challenge_method") != Some("S256") {
        return Err("code_challenge_method must be S256");
    }
    let challenge = query.get("code_challenge").filter(|challenge| challenge.len() == 43);
    let grant = SimGrant {
        client_id: client_id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        challenge: challenge.ok_or("code_challenge must be a base64url SHA-256")?.to_owned(),
        scope: query.get("scope").unwrap_or_default().to_owned(),
    };
    Ok((grant, target))
}

/// Whether the app is known. Spotify's own client ids are 32 letters and digits. Scripts may use
/// any other id of these characters; an id with other characters, such as a blank, is an unknown
/// app.
fn is_client_id(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(is_word)
}

/// The allowed redirect addresses: https anywhere, http only with a loopback address, never
/// `localhost`.
fn read_redirect(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_loopback = match url.host()? {
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
        Host::Domain(_) => false,
    };
    let is_allowed = match url.scheme() {
        "https" => url.host_str() != Some("localhost"),
        "http" => is_loopback,
        _ => false,
    };
    is_allowed.then_some(url)
}

/// `POST /api/token`: exchanges a code or a refresh token for an access token.
pub(in crate::simulator) async fn token(
    State(simulator): State<Simulator>,
    uri: Uri,
    body: String,
) -> Response {
    let arrival = simulator.arrive_at_accounts(uri.path());
    simulator.pass(arrival.wait).await;
    simulator.promise(&arrival);
    if let Some(response) = arrival.fault.as_ref().and_then(|fault| instead(fault, true, simulator.now())) {
        return response;
    }
    match simulator.grant(&UrlQuery::read(&body)) {
        Ok(issued) => with_fault(&arrival, Reply::Json(issued_body(&issued)), &simulator),
        Err(AuthError { error, description }) => {
            json_response(400, &json!({ "error": error, "error_description": description }))
        }
    }
}

impl Simulator {
    fn consent(&self, grant: SimGrant) -> String {
        let mut world = self.world();
        let now = world.now(self.time());
        world.tokens.code(grant, now)
    }

    fn grant(&self, form: &UrlQuery) -> Result<Issued, AuthError> {
        let client_id = form.get("client_id").filter(|id| is_client_id(id));
        let client_id =
            client_id.ok_or(AuthError { error: "invalid_client", description: "Invalid client" })?;
        let field = |name: &str, description| {
            form.get(name).ok_or(AuthError { error: "invalid_request", description })
        };
        let mut world = self.world();
        let now = world.now(self.time());
        match form.get("grant_type") {
            Some("authorization_code") => {
                let code = field("code", "code must be supplied")?;
                let redirect_uri = field("redirect_uri", "redirect_uri must be supplied")?;
                let verifier = field("code_verifier", "code_verifier must be supplied")?;
                world.tokens.exchange(code, redirect_uri, client_id, verifier, now)
            }
            Some("refresh_token") => {
                let refresh_token = field("refresh_token", "refresh_token must be supplied")?;
                world.tokens.renew(refresh_token, client_id, now)
            }
            _ => Err(AuthError {
                error: "unsupported_grant_type",
                description: "grant_type must be authorization_code or refresh_token",
            }),
        }
    }
}

fn issued_body(issued: &Issued) -> serde_json::Value {
    let mut body = json!({
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": issued.scope,
    });
    if let (Some(token), Some(fields)) = (&issued.refresh_token, body.as_object_mut()) {
        fields.insert("refresh_token".into(), token.clone().into());
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_go_to_https_or_a_loopback_address() {
        for good in ["http://127.0.0.1:8888/callback", "http://[::1]/cb", "https://example.org/cb?x=1"] {
            assert!(read_redirect(good).is_some(), "{good}");
        }
        for bad in
            ["http://localhost:8888/", "https://localhost/", "http://example.org/", "ftp://127.0.0.1/", "cb"]
        {
            assert!(read_redirect(bad).is_none(), "{bad}");
        }
    }
}
