//! Which token Spotify rejected, and when it may be tried again.
//!
//! A rejected token nearly always stays rejected until a person logs in again. So it is not sent
//! again before the login changes, except for an occasional probe: Spotify has rejected good tokens
//! for hours.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::spotify::error::SpotifyError;
use crate::spotify::ports::LoginId;

/// The time between a rejection and the next probe of the same login; the last one repeats.
const PROBE_AFTER: [Duration; 3] =
    [Duration::from_mins(15), Duration::from_hours(1), Duration::from_hours(6)];
/// A token younger than this is tried a second time before it is replaced, so there is at most one
/// forced refresh per 30 s.
const YOUNG: Duration = Duration::from_secs(30);

/// An access token and its login.
#[derive(Clone)]
pub(in crate::spotify) struct Bearer {
    pub(in crate::spotify) token: SecretString,
    pub(in crate::spotify) login: LoginId,
}

impl Bearer {
    fn is(&self, other: &Self) -> bool {
        self.login == other.login && self.token.expose_secret() == other.token.expose_secret()
    }
}

/// What Spotify last said about the current login.
#[derive(Default)]
pub(super) struct Acceptance {
    refusal: Option<LoginRefusal>,
    fetched: Option<FetchedToken>,
}

/// The token that was fetched last.
struct FetchedToken {
    bearer: Bearer,
    at: Duration,
    was_let_in: bool,
}

/// What is known about a token that was answered with 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::spotify) enum TokenAge {
    /// Just fetched and never accepted: another one will be rejected, too.
    Untried,
    /// Just fetched and accepted since: it is most likely good.
    Young,
    /// It may have expired.
    Old,
}

struct LoginRefusal {
    of: Bearer,
    why: SpotifyError,
    /// How many probes of this login failed.
    probes: usize,
    /// When it may be tried again; `None`: only after it has changed.
    until: Option<Duration>,
}

impl Acceptance {
    /// Fails if this token was rejected and no probe is due. Times are those of the monotonic
    /// clock.
    pub(super) fn check(&self, bearer: &Bearer, now: Duration) -> Result<(), SpotifyError> {
        match self.refusal.as_ref().filter(|refusal| refusal.of.is(bearer)) {
            Some(refusal) if refusal.until.is_none_or(|until| now < until) => Err(refusal.why.clone()),
            _ => Ok(()),
        }
    }

    /// Whether this token was rejected.
    pub(super) fn was_refused(&self, bearer: &Bearer) -> bool {
        self.refusal.as_ref().is_some_and(|refusal| refusal.of.is(bearer))
    }

    /// Spotify rejected it.
    pub(super) fn refuse(&mut self, bearer: &Bearer, why: SpotifyError, now: Duration) {
        let before = self.refusal.as_ref().filter(|refusal| refusal.of.login == bearer.login);
        let probes = before.map_or(0, |before| before.probes + 1);
        let pause = PROBE_AFTER.get(probes).or(PROBE_AFTER.last()).copied().unwrap_or_default();
        self.refusal = Some(LoginRefusal { of: bearer.clone(), why, probes, until: Some(now + pause) });
    }

    /// It cannot be used here, whatever Spotify says about it.
    pub(super) fn refuse_for_good(&mut self, bearer: &Bearer, why: SpotifyError) {
        self.refusal = Some(LoginRefusal { of: bearer.clone(), why, probes: 0, until: None });
    }

    /// Spotify accepted it.
    pub(super) fn accept(&mut self, bearer: &Bearer) {
        self.refusal = None;
        if let Some(fetched) = self.fetched.as_mut().filter(|fetched| fetched.bearer.is(bearer)) {
            fetched.was_let_in = true;
        }
    }

    /// Spotify has just issued it.
    pub(super) fn fetched(&mut self, bearer: Bearer, now: Duration) {
        self.fetched = Some(FetchedToken { bearer, at: now, was_let_in: false });
    }

    /// Its age.
    pub(super) fn age(&self, bearer: &Bearer, now: Duration) -> TokenAge {
        match self.fetched.as_ref().filter(|fetched| fetched.bearer.is(bearer)) {
            Some(fetched) if now.saturating_sub(fetched.at) >= YOUNG => TokenAge::Old,
            Some(fetched) if fetched.was_let_in => TokenAge::Young,
            Some(_) => TokenAge::Untried,
            None => TokenAge::Old,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn bearer(token: &str, login: i64) -> Bearer {
        let login = LoginId::Made(DateTime::from_timestamp(login, 0).unwrap());
        Bearer { token: token.into(), login }
    }

    fn why() -> SpotifyError {
        SpotifyError::NeedsLogin { why: "no".to_owned() }
    }

    #[test]
    fn probes_of_one_login_grow_rare_whatever_its_token_and_begin_anew_with_the_next() {
        let mut acceptance = Acceptance::default();
        let mut now = Duration::ZERO;
        for (token, pause) in [("a", 15), ("b", 60), ("c", 360), ("d", 360)] {
            acceptance.refuse(&bearer(token, 1), why(), now);
            let pause = Duration::from_mins(pause);
            let shortly_before = now + pause.saturating_sub(Duration::from_secs(1));
            assert!(acceptance.check(&bearer(token, 1), shortly_before).is_err(), "{token}");
            assert!(acceptance.check(&bearer("other", 1), now).is_ok(), "it has changed");
            now += pause;
            assert!(acceptance.check(&bearer(token, 1), now).is_ok(), "{token}");
        }
        acceptance.refuse(&bearer("e", 2), why(), now);
        assert!(acceptance.check(&bearer("e", 2), now + Duration::from_mins(15)).is_ok());
    }

    #[test]
    fn what_is_refused_for_good_is_never_probed_and_what_is_let_in_is_forgotten() {
        let mut acceptance = Acceptance::default();
        acceptance.refuse_for_good(&bearer("a", 1), why());
        assert!(acceptance.check(&bearer("a", 1), Duration::from_hours(9_999)).is_err());
        assert!(acceptance.was_refused(&bearer("a", 1)) && !acceptance.was_refused(&bearer("b", 1)));
        acceptance.accept(&bearer("a", 1));
        assert!(acceptance.check(&bearer("a", 1), Duration::ZERO).is_ok());
    }

    #[test]
    fn a_token_that_was_let_in_is_young_for_half_a_minute() {
        let mut acceptance = Acceptance::default();
        let token = bearer("a", 1);
        acceptance.fetched(token.clone(), Duration::from_secs(5));
        assert_eq!(acceptance.age(&token, Duration::from_secs(35)), TokenAge::Old);
        acceptance.accept(&bearer("b", 1));
        assert_eq!(acceptance.age(&token, Duration::from_secs(6)), TokenAge::Untried);
        acceptance.accept(&token);
        assert_eq!(acceptance.age(&token, Duration::from_secs(34)), TokenAge::Young);
        assert_eq!(acceptance.age(&token, Duration::from_secs(35)), TokenAge::Old);
        assert_eq!(acceptance.age(&bearer("b", 1), Duration::from_secs(6)), TokenAge::Old);
    }
}
