//! A login as it is stored.

use std::fmt;

use chrono::{DateTime, Months, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use super::ports::LoginId;

/// A login. `Debug` shows no secret. Serializing it does, but only for the token file.
#[derive(Clone, Serialize, Deserialize)]
pub struct StoredToken {
    /// Sent with each request; lives an hour.
    #[serde(serialize_with = "in_the_clear")]
    pub access_token: SecretString,
    /// Used to get the next access token; lives six months from `authorized_at`.
    #[serde(serialize_with = "in_the_clear")]
    pub refresh_token: SecretString,
    /// When the access token expires.
    pub expires_at: DateTime<Utc>,
    /// When the person consented; a refresh does not change it.
    pub authorized_at: DateTime<Utc>,
    /// The scopes that were granted, separated by spaces.
    pub scope: String,
    /// The app that it was granted to.
    pub client_id: String,
    /// Spotify answered `invalid_grant`: it is kept but not used until a person logs in again.
    #[serde(default)]
    pub suspect: bool,
    /// How often it was renewed. Of two copies of one login the one with more renewals is newer,
    /// whatever the clock showed.
    #[serde(default)]
    pub renewals: u32,
}

/// Months from consent to the end of a refresh token; refreshing does not prolong it.
/// Source: <https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration>
const CONSENT_MONTHS: Months = Months::new(6);

impl StoredToken {
    /// Which login it is.
    #[must_use]
    pub const fn login(&self) -> LoginId {
        LoginId::Made(self.authorized_at)
    }

    /// Whether it is the same login with the same refresh token.
    #[must_use]
    pub fn is_same_grant(&self, other: &Self) -> bool {
        self.login() == other.login()
            && self.refresh_token.expose_secret() == other.refresh_token.expose_secret()
    }

    /// Whether it is a later copy of the same login.
    #[must_use]
    pub fn is_newer_than(&self, other: &Self) -> bool {
        self.login() == other.login() && (self.renewals, self.expires_at) > (other.renewals, other.expires_at)
    }

    /// When the person has to log in again.
    #[must_use]
    pub fn consent_ends_at(&self) -> Option<DateTime<Utc>> {
        self.authorized_at.checked_add_months(CONSENT_MONTHS)
    }
}

impl fmt::Debug for StoredToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredToken")
            .field("expires_at", &self.expires_at)
            .field("authorized_at", &self.authorized_at)
            .field("scope", &self.scope)
            .field("client_id", &self.client_id)
            .field("suspect", &self.suspect)
            .field("renewals", &self.renewals)
            .finish_non_exhaustive()
    }
}

fn in_the_clear<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> StoredToken {
        StoredToken {
            access_token: "acc3ss".into(),
            refresh_token: "r3fresh".into(),
            expires_at: DateTime::from_timestamp(3_600, 0).unwrap(),
            authorized_at: DateTime::from_timestamp(0, 0).unwrap(),
            scope: "user-library-read".to_owned(),
            client_id: "c1".to_owned(),
            suspect: true,
            renewals: 3,
        }
    }

    #[test]
    fn the_newer_copy_of_a_login_is_told_by_its_renewals_and_then_by_its_end() {
        let old = token();
        let later = StoredToken { expires_at: DateTime::from_timestamp(3_601, 0).unwrap(), ..old.clone() };
        assert!(later.is_newer_than(&old) && !old.is_newer_than(&later) && !old.is_newer_than(&old));
        let renewed = StoredToken { renewals: 4, ..old.clone() };
        assert!(renewed.is_newer_than(&later), "a clock that was set back");
        let another =
            StoredToken { authorized_at: DateTime::from_timestamp(1, 0).unwrap(), ..renewed.clone() };
        assert!(!another.is_newer_than(&old) && !another.is_same_grant(&renewed));
    }

    #[test]
    fn it_serializes_whole_and_shows_no_secret() {
        let json = serde_json::to_string(&token()).unwrap();
        let back: StoredToken = serde_json::from_str(&json).unwrap();
        assert_eq!(back.access_token.expose_secret(), "acc3ss");
        assert_eq!(back.refresh_token.expose_secret(), "r3fresh");
        assert!(back.suspect && back.renewals == 3);
        // The format of older versions.
        let older: StoredToken = serde_json::from_str(&json.replace(",\"renewals\":3", "")).unwrap();
        assert_eq!(older.renewals, 0);
        let shown = format!("{back:?}");
        assert!(!shown.contains("acc3ss") && !shown.contains("r3fresh"), "{shown}");
        assert!(shown.contains("c1"));
    }

    #[test]
    fn consent_ends_six_months_after_login() {
        assert_eq!(token().consent_ends_at().unwrap().to_rfc3339(), "1970-07-01T00:00:00+00:00");
    }
}
