//! Access control: authorization codes with their PKCE challenge, access and refresh tokens.
//!
//! Owns: which tokens were issued, and which expired or were revoked. Until then every bearer token
//! counts as the account's, so that a client can use the simulator without a login. Nothing here is
//! secret.

use std::collections::{HashMap, HashSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngExt;
use sha2::{Digest, Sha256};

use super::answer::ErrorReply;
use crate::simulator::rng::{Chance, Subject};
use crate::simulator::time::Millis;

/// Lifetime of an access token.
pub(in crate::simulator) const TOKEN_SECONDS: u32 = 3600;
/// Lifetime of an authorization code.
const CODE_MILLIS: Millis = 600_000;

/// The parameters of a request to `/authorize`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) struct SimGrant {
    pub(in crate::simulator) client_id: String,
    pub(in crate::simulator) redirect_uri: String,
    pub(in crate::simulator) challenge: String,
    pub(in crate::simulator) scope: String,
}

/// An error of the token endpoint: `{"error","error_description"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulator) struct AuthError {
    pub(in crate::simulator) error: &'static str,
    pub(in crate::simulator) description: &'static str,
}

/// The result of a successful exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) struct Issued {
    pub(in crate::simulator) access_token: String,
    pub(in crate::simulator) refresh_token: Option<String>,
    pub(in crate::simulator) scope: String,
}

#[derive(Debug, Clone)]
struct Refresh {
    client_id: String,
    scope: String,
    revoked: bool,
}

/// The target of a control: one token, or all that were issued or used so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) enum Which {
    All,
    One(String),
}

#[derive(Debug, Clone)]
pub(in crate::simulator) struct Tokens {
    chance: Chance,
    made: u64,
    codes: HashMap<String, (SimGrant, Millis)>,
    /// Access tokens issued here, with their end.
    ends: HashMap<String, Millis>,
    /// Bearer tokens that were used, issued here or not.
    used: HashSet<String>,
    expired: HashSet<String>,
    revoked: HashSet<String>,
    refresh: HashMap<String, Refresh>,
    /// Whether refresh answers have no new refresh token, as since mid-2026.
    pub(in crate::simulator) omit_refresh: bool,
}

const BAD_CODE: AuthError = AuthError { error: "invalid_grant", description: "Invalid authorization code" };

impl Tokens {
    pub(in crate::simulator) fn new(chance: Chance) -> Self {
        Self {
            chance,
            made: 0,
            codes: HashMap::new(),
            ends: HashMap::new(),
            used: HashSet::new(),
            expired: HashSet::new(),
            revoked: HashSet::new(),
            refresh: HashMap::new(),
            omit_refresh: false,
        }
    }

    /// A code for a consent that was just given.
    pub(in crate::simulator) fn code(&mut self, grant: SimGrant, now: Millis) -> String {
        let code = self.make("AQ");
        self.codes.insert(code.clone(), (grant, now));
        code
    }

    /// Exchanges a code for tokens; a code works only once, whatever the result is.
    pub(in crate::simulator) fn exchange(
        &mut self,
        code: &str,
        redirect_uri: &str,
        client_id: &str,
        verifier: &str,
        now: Millis,
    ) -> Result<Issued, AuthError> {
        let (grant, made_at) = self.codes.remove(code).ok_or(BAD_CODE)?;
        if now - made_at > CODE_MILLIS {
            return Err(AuthError { description: "Authorization code expired", ..BAD_CODE });
        }
        if grant.client_id != client_id {
            return Err(BAD_CODE);
        }
        if grant.redirect_uri != redirect_uri {
            return Err(AuthError { description: "Invalid redirect URI", ..BAD_CODE });
        }
        if !is_verifier(verifier) || grant.challenge != challenge(verifier) {
            return Err(AuthError { description: "code_verifier was incorrect", ..BAD_CODE });
        }
        let refresh_token = self.issue_refresh(client_id, &grant.scope);
        Ok(self.issue_access(grant.scope, Some(refresh_token), now))
    }

    /// A new access token for a refresh token; the refresh token is replaced unless configured
    /// otherwise.
    pub(in crate::simulator) fn renew(
        &mut self,
        refresh_token: &str,
        client_id: &str,
        now: Millis,
    ) -> Result<Issued, AuthError> {
        let invalid = AuthError { error: "invalid_grant", description: "Invalid refresh token" };
        let known = self.refresh.get_mut(refresh_token).filter(|known| known.client_id == client_id);
        let known = known.ok_or(invalid)?;
        if known.revoked {
            return Err(AuthError { description: "Refresh token revoked", ..invalid });
        }
        known.revoked = !self.omit_refresh;
        let scope = known.scope.clone();
        let next = (!self.omit_refresh).then(|| self.issue_refresh(client_id, &scope));
        Ok(self.issue_access(scope, next, now))
    }

    /// Accepts a bearer token, or says why not.
    pub(in crate::simulator) fn check(
        &mut self,
        bearer: Option<&str>,
        now: Millis,
    ) -> Result<(), ErrorReply> {
        let Some(token) = bearer.filter(|token| !token.is_empty()) else {
            return Err(ErrorReply::new(401, "No token provided"));
        };
        if self.revoked.contains(token) {
            return Err(ErrorReply::new(401, "Invalid access token"));
        }
        let has_ended = self.ends.get(token).is_some_and(|end| *end <= now);
        if has_ended || self.expired.contains(token) {
            return Err(ErrorReply::new(401, "The access token expired"));
        }
        if !self.used.contains(token) {
            self.used.insert(token.to_owned());
        }
        Ok(())
    }

    /// Expires access tokens.
    pub(in crate::simulator) fn expire(&mut self, which: Which) {
        let tokens = self.access_tokens(which);
        self.expired.extend(tokens);
    }

    /// Revokes access tokens and refresh tokens, as a person does who withdraws the consent.
    pub(in crate::simulator) fn revoke(&mut self, which: Which) {
        for (token, refresh) in &mut self.refresh {
            refresh.revoked |= match &which {
                Which::All => true,
                Which::One(one) => one == token,
            };
        }
        let tokens = self.access_tokens(which);
        self.revoked.extend(tokens);
    }

    fn access_tokens(&self, which: Which) -> Vec<String> {
        match which {
            Which::All => self.ends.keys().chain(&self.used).cloned().collect(),
            Which::One(token) => vec![token],
        }
    }

    fn issue_access(&mut self, scope: String, refresh_token: Option<String>, now: Millis) -> Issued {
        let access_token = self.make("BQ");
        self.ends.insert(access_token.clone(), now + Millis::from(TOKEN_SECONDS) * 1000);
        Issued { access_token, refresh_token, scope }
    }

    fn issue_refresh(&mut self, client_id: &str, scope: &str) -> String {
        let token = self.make("AQ");
        let refresh = Refresh { client_id: client_id.to_owned(), scope: scope.to_owned(), revoked: false };
        self.refresh.insert(token.clone(), refresh);
        token
    }

    fn make(&mut self, head: &str) -> String {
        self.made += 1;
        let mut bytes = [0_u8; 66];
        self.chance.of(Subject::Token, self.made).fill(&mut bytes);
        format!("{head}{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// 43 to 128 unreserved characters (RFC 7636, 4.1).
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

/// The S256 challenge of a verifier (RFC 7636, 4.2).
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}
