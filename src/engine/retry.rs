//! Coming back after a failure that may pass: later, with jitter, and with a smaller page.

use std::future::Future;
use std::time::Duration;

use crate::clock::SharedClock;
use crate::spotify::{Ask, SpotifyError};

/// Tries in all before the entity is left for later.
const TRIES: u32 = 5;
/// Pages are not halved below this: a request costs more than its rows.
const SMALLEST_PAGE: u32 = 5;
/// Wait before the second try; doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Asks for a page of `limit` rows until an answer comes, at most [`TRIES`] times.
pub async fn page<T, F, Answer>(
    clock: &SharedClock,
    ask: &Ask,
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
                tracing::info!(%error, attempt, limit, "a passing failure; trying again");
                wait(clock, ask, attempt).await?;
                attempt += 1;
                limit = (limit / 2).clamp(SMALLEST_PAGE.min(limit), limit);
            }
            answer => return answer,
        }
    }
}

/// Waits before try number `attempt + 1`, between once and twice the nominal time.
async fn wait(clock: &SharedClock, ask: &Ask, attempt: u32) -> Result<(), SpotifyError> {
    let nominal = FIRST_WAIT * 2_u32.saturating_pow(attempt.saturating_sub(1));
    // Two processes that failed together must not come back together: the nanoseconds since each began
    // see to that, and a simulation stays repeatable.
    let jitter = f64::from(clock.elapsed().subsec_nanos()) / 1e9;
    tokio::select! {
        () = ask.cancel.cancelled() => Err(SpotifyError::Cancelled),
        () = clock.sleep(nominal.mul_f64(1.0 + jitter)) => Ok(()),
    }
}
