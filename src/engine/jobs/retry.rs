//! Retries after a failure that may pass: later, with jitter, and with a smaller page. A row at
//! which the server always fails is skipped.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use crate::clock::SharedClock;
use crate::spotify::{RequestOptions, SpotifyError};

/// The number of tries before the entity is left for a later run.
const TRIES: u32 = 5;
/// Pages are not halved below this size, because a request costs more than its rows.
const SMALLEST_PAGE: u32 = 5;
/// The wait before the second try; it doubles with each try.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Requests a page of `limit` rows until an answer comes, at most [`TRIES`] times.
pub async fn with_smaller_pages<T, F, Answer>(
    clock: &SharedClock,
    ask: &RequestOptions,
    limit: u32,
    fetch: F,
) -> Result<T, SpotifyError>
where
    F: Fn(u32) -> Answer,
    Answer: Future<Output = Result<T, SpotifyError>>,
{
    let mut limit = limit;
    let mut attempt = 1;
    loop {
        match fetch(limit).await {
            Err(error) if error.is_transient() && attempt < TRIES => {
                tracing::info!(%error, attempt, limit, "a temporary failure; trying again");
                wait(clock, ask, attempt).await?;
                attempt += 1;
                limit = (limit / 2).clamp(SMALLEST_PAGE.min(limit), limit);
            }
            answer => return answer,
        }
    }
}

/// The rows of a list that are requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowSpan {
    /// The first row, from 0.
    pub offset: u32,
    /// The number of rows.
    pub limit: u32,
    /// Length of the list, if it is known.
    pub total: Option<u32>,
}

/// The result of requesting a [`RowSpan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageOrGap<T> {
    /// Its rows, or the first of them.
    Page(T),
    /// The server fails whenever a page includes the first row.
    Unreadable {
        /// A page with the row after it, or with the row before it if the list ends there. It is
        /// not requested if the row is already known to be unreadable.
        beside: Option<T>,
    },
}

/// Requests a page of `span.limit` rows with `page`, which retries if that may help. If the server
/// fails with every page, `once` requests smaller and smaller pages, down to the first row alone
/// and the row beside it. Thus one row that cannot be served hides no other row. Both functions
/// receive an offset and a limit. This is a known problem of Spotify:
/// <https://github.com/spotify/web-api/issues/275>.
pub async fn around_unreadable_rows<T, P, Page, F, Answer>(
    span: RowSpan,
    places: &UnreadablePlaces,
    page: P,
    once: F,
) -> Result<PageOrGap<T>, SpotifyError>
where
    P: Fn(u32, u32) -> Page,
    Page: Future<Output = Result<T, SpotifyError>>,
    F: Fn(u32, u32) -> Answer,
    Answer: Future<Output = Result<T, SpotifyError>>,
{
    let offset = span.offset;
    if places.is_known(offset) {
        return match once(offset, 1).await {
            Err(error) if error.is_of_the_server() => Ok(PageOrGap::Unreadable { beside: None }),
            answer => answer.map(PageOrGap::Page),
        };
    }
    match page(offset, places.limit_at(offset, span.limit)).await {
        Err(error) if error.is_of_the_server() => find_unreadable(span, once, error).await,
        answer => answer.map(PageOrGap::Page),
    }
}

/// Requests smaller and smaller pages after a `failure` of the server, down to the first row alone
/// and the row beside it.
async fn find_unreadable<T, F, Answer>(
    span: RowSpan,
    once: F,
    failure: SpotifyError,
) -> Result<PageOrGap<T>, SpotifyError>
where
    F: Fn(u32, u32) -> Answer,
    Answer: Future<Output = Result<T, SpotifyError>>,
{
    let RowSpan { offset, total, .. } = span;
    for limit in [2, 1] {
        match once(offset, limit).await {
            Err(error) if error.is_of_the_server() => {}
            answer => return answer.map(PageOrGap::Page),
        }
    }
    // Never request a row beyond the end: the server fails there, too.
    let beside = match total {
        Some(total) if offset + 1 >= total => offset.checked_sub(1),
        _ => Some(offset + 1),
    };
    let Some(beside) = beside else { return Err(failure) };
    let beside = once(beside, 1).await?;
    match once(offset, 1).await {
        Err(error) if error.is_of_the_server() => {
            tracing::warn!(offset, %error, "the server fails at one position of a list; continuing after it");
            Ok(PageOrGap::Unreadable { beside: Some(beside) })
        }
        answer => answer.map(PageOrGap::Page),
    }
}

/// Places of a list at which the server failed when it was last read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnreadablePlaces(BTreeSet<u32>);

impl UnreadablePlaces {
    /// These, counted from 0.
    pub fn new(places: impl IntoIterator<Item = u32>) -> Self {
        Self(places.into_iter().collect())
    }

    fn is_known(&self, offset: u32) -> bool {
        self.0.contains(&offset)
    }

    /// Rows from `offset` on before the next such place, at most `limit`.
    fn limit_at(&self, offset: u32, limit: u32) -> u32 {
        let next = self.0.range(offset..).next();
        next.map_or(limit, |place| limit.min((place - offset).max(1)))
    }
}

/// Waits before try number `attempt + 1`, between once and twice the nominal time.
async fn wait(clock: &SharedClock, ask: &RequestOptions, attempt: u32) -> Result<(), SpotifyError> {
    let nominal = FIRST_WAIT * 2_u32.saturating_pow(attempt.saturating_sub(1));
    // Two processes that failed together must not retry together. The nanoseconds since each one
    // started prevent that, and a simulation stays repeatable.
    let jitter = f64::from(clock.elapsed().subsec_nanos()) / 1e9;
    tokio::select! {
        () = ask.cancel.cancelled() => Err(SpotifyError::Cancelled),
        () = clock.sleep(nominal.mul_f64(1.0 + jitter)) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::clock::{Clock, Sleep};
    use crate::engine::tests::kit::HastyClock;
    use crate::spotify::Priority;

    /// A list of `total` rows whose server fails at the places that `fails` names. Returns what is
    /// read of it, with `-` for a place that cannot be read, and the requests.
    async fn read(total: u32, known: &[u32], fails: impl Fn(u32) -> bool) -> (Result<String, ()>, usize) {
        let ask = RequestOptions {
            priority: Priority::Listing,
            max_wait: Duration::ZERO,
            cancel: CancellationToken::new(),
        };
        let clock: SharedClock = Arc::new(Arc::new(HastyClock::new()));
        let asked = Mutex::new(Vec::new());
        let fetch = |offset: u32, limit: u32| {
            let end = (offset + limit).min(total);
            assert!(offset < total, "asked behind the end");
            asked.lock().unwrap().push((offset, limit));
            let rows = if (offset..end).any(&fails) { Err(failure()) } else { Ok(end - offset) };
            std::future::ready(rows)
        };
        let (mut text, mut offset) = (String::new(), 0);
        let places = UnreadablePlaces::new(known.iter().copied());
        while offset < total {
            let span = RowSpan { offset, limit: 4, total: Some(total) };
            let patient =
                |offset, limit| with_smaller_pages(&clock, &ask, limit, move |limit| fetch(offset, limit));
            match around_unreadable_rows(span, &places, patient, fetch).await {
                Ok(PageOrGap::Page(rows)) => {
                    text.push_str(&"x".repeat(rows as usize));
                    offset += rows;
                }
                Ok(PageOrGap::Unreadable { .. }) => {
                    text.push('-');
                    offset += 1;
                }
                Err(_) => return (Err(()), asked.into_inner().unwrap().len()),
            }
        }
        (Ok(text), asked.into_inner().unwrap().len())
    }

    fn failure() -> SpotifyError {
        SpotifyError::Unavailable { host: String::new(), cause: String::new(), status: Some(502) }
    }

    #[tokio::test]
    async fn one_place_that_cannot_be_served_hides_no_other_wherever_it_is() {
        for place in 0..9 {
            let (text, _) = read(9, &[], |row| row == place).await;
            let wanted: String = (0..9).map(|row| if row == place { '-' } else { 'x' }).collect();
            assert_eq!(text.unwrap(), wanted);
            let (again, requests) = read(9, &[place], |row| row == place).await;
            assert_eq!(
                (again.unwrap(), requests <= 5),
                (wanted, true),
                "{requests} requests where it is known"
            );
        }
        let (healed, _) = read(9, &[4], |_| false).await;
        assert_eq!(healed.unwrap(), "xxxxxxxxx");
    }

    /// Requests a page of `limit` rows from a server that fails `failures` times. Returns the
    /// requested limits, the waits and whether an answer came.
    async fn insist(limit: u32, failures: usize, error: fn() -> SpotifyError) -> (Vec<u32>, Vec<u64>, bool) {
        let clock = Arc::new(HastyClock::new());
        let shared: SharedClock = Arc::new(Arc::clone(&clock));
        let ask = RequestOptions {
            priority: Priority::Listing,
            max_wait: Duration::ZERO,
            cancel: CancellationToken::new(),
        };
        let asked = Mutex::new(Vec::new());
        let answer = with_smaller_pages(&shared, &ask, limit, |limit| {
            let mut asked = asked.lock().unwrap();
            asked.push(limit);
            std::future::ready(if asked.len() > failures { Ok(()) } else { Err(error()) })
        });
        let is_answered = answer.await.is_ok();
        let waits = clock.waits().iter().map(|wait| u64::try_from(wait.as_millis()).unwrap()).collect();
        (asked.into_inner().unwrap(), waits, is_answered)
    }

    /// Whether each wait is between once and twice its nominal time.
    fn is_as_long(waits: &[u64], nominal: &[u64]) -> bool {
        let fits = |(wait, nominal): (&u64, &u64)| (*nominal..=2 * nominal).contains(wait);
        waits.len() == nominal.len() && waits.iter().zip(nominal).all(fits)
    }

    #[tokio::test]
    async fn a_passing_failure_is_tried_again_later_and_with_a_smaller_page_but_not_for_ever() {
        assert_eq!(insist(50, 0, failure).await, (vec![50], vec![], true));
        let (asked, waits, is_answered) = insist(50, 3, failure).await;
        assert_eq!((asked, is_answered), (vec![50, 25, 12, 6], true));
        assert!(is_as_long(&waits, &[500, 1000, 2000]), "{waits:?}");
        assert_eq!(insist(50, 4, failure).await.0, [50, 25, 12, 6, 5], "a page has five rows at least");
        let (asked, waits, is_answered) = insist(3, 99, failure).await;
        assert_eq!((asked, is_answered), (vec![3; 5], false));
        assert!(is_as_long(&waits, &[500, 1000, 2000, 4000]), "{waits:?}");
    }

    #[tokio::test]
    async fn what_does_not_pass_is_not_tried_again() {
        assert_eq!(insist(50, 1, || SpotifyError::NotFound).await, (vec![50], vec![], false));
        assert_eq!(insist(50, 1, || SpotifyError::Cancelled).await, (vec![50], vec![], false));
    }

    /// A clock on which no wait ever ends.
    struct Still;
    impl Clock for Still {
        fn now(&self) -> chrono::DateTime<chrono::Utc> {
            chrono::DateTime::UNIX_EPOCH
        }

        fn elapsed(&self) -> Duration {
            Duration::ZERO
        }

        fn sleep(&self, _: Duration) -> Sleep {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test]
    async fn whoever_cancels_waits_for_no_other_try() {
        let cancel = CancellationToken::new();
        cancel.cancel();
        let ask = RequestOptions { priority: Priority::Listing, max_wait: Duration::ZERO, cancel };
        let clock: SharedClock = Arc::new(Still);
        let answer =
            with_smaller_pages(&clock, &ask, 50, |_| std::future::ready(Err::<(), _>(failure()))).await;
        assert!(matches!(answer, Err(SpotifyError::Cancelled)));
    }

    #[tokio::test]
    async fn a_server_that_fails_at_large_is_no_unreadable_place() {
        assert!(read(9, &[], |_| true).await.0.is_err());
        assert!(read(9, &[], |row| row > 3).await.0.is_err());
        assert!(read(1, &[], |_| true).await.0.is_err(), "nothing stands beside it");
    }
}
