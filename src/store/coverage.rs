//! For which time the listening history is known.
//!
//! Owns: `play_coverage`, and what one poll proves. Complete means: all that Spotify listed. What lies
//! in no interval is unknown. Must not know: the plays themselves.

use chrono::{DateTime, Utc};

use super::Result;
use super::sqlite::{self, Tx};
use crate::domain::AccountId;

/// Plays that a full answer of `recently-played` lists; Spotify keeps no more.
pub(super) const FULL_PAGE: usize = 50;

/// A span of time, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

/// What an answer spans. A play that came in late stands above newer ones and says nothing of the time
/// before it, so rows with a newer one below them do not count.
pub(super) fn spanned(played_at: impl DoubleEndedIterator<Item = DateTime<Utc>>) -> Option<Span> {
    let mut span: Option<Span> = None;
    for at in played_at.rev() {
        span = match span {
            None => Some(Span { from: at, to: at }),
            Some(span) => Some(Span { to: span.to.max(at), ..span }),
        };
    }
    span
}

/// Between which instants plays were lost: a full page that names nothing known leaves everything open
/// from the newest play known before it.
pub(super) fn gap(
    page: Span,
    listed: usize,
    overlaps: bool,
    newest_before: Option<DateTime<Utc>>,
) -> Option<Span> {
    let from = newest_before.filter(|_| listed >= FULL_PAGE && !overlaps)?;
    Some(Span { from, to: page.from })
}

/// Notes that everything Spotify listed in `span` is known: joins the intervals that it touches, and
/// takes the time out of gaps.
pub(super) async fn complete(tx: &mut Tx, account: AccountId, span: Span) -> Result<()> {
    let touched = "select min(from_at), max(to_at) from play_coverage
                   where account_id = ?1 and state = 'complete' and from_at <= ?3 and to_at >= ?2";
    let (from, to) = (sqlite::millis(span.from), sqlite::millis(span.to));
    let (first, last): (Option<String>, Option<String>) =
        sqlx::query_as(touched).bind(account.0).bind(&from).bind(&to).fetch_one(&mut **tx).await?;
    let from = first.filter(|first| *first < from).unwrap_or(from);
    let to = last.filter(|last| *last > to).unwrap_or(to);
    for sql in COMPLETE {
        sqlx::query(*sql).bind(account.0).bind(&from).bind(&to).execute(&mut **tx).await?;
    }
    Ok(())
}

/// The parts of gaps before and after the span are kept, what lies in it is replaced by the span.
const COMPLETE: &[&str] = &[
    "insert into play_coverage (account_id, from_at, to_at, state)
     select account_id, from_at, ?2, 'gap' from play_coverage
     where account_id = ?1 and state = 'gap' and from_at < ?2 and to_at > ?2 on conflict do nothing",
    "insert into play_coverage (account_id, from_at, to_at, state)
     select account_id, ?3, to_at, 'gap' from play_coverage
     where account_id = ?1 and state = 'gap' and from_at < ?3 and to_at > ?3 on conflict do nothing",
    "delete from play_coverage
     where account_id = ?1 and state = 'gap' and from_at < ?3 and to_at > ?2",
    "delete from play_coverage
     where account_id = ?1 and state = 'complete' and from_at >= ?2 and to_at <= ?3
       and (from_at, to_at) is not (?2, ?3)",
    "insert into play_coverage (account_id, from_at, to_at, state)
     values (?1, ?2, ?3, 'complete') on conflict do nothing",
];

/// Notes that plays were lost in `span`.
pub(super) async fn lost(tx: &mut Tx, account: AccountId, span: Span) -> Result<()> {
    let sql = "insert into play_coverage (account_id, from_at, to_at, state)
               values (?1, ?2, ?3, 'gap') on conflict do nothing";
    sqlx::query(sql)
        .bind(account.0)
        .bind(sqlite::millis(span.from))
        .bind(sqlite::millis(span.to))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn span(from: i64, to: i64) -> Span {
        Span { from: at(from), to: at(to) }
    }

    #[test]
    fn a_late_arrival_does_not_stretch_what_an_answer_spans() {
        let listed = |seconds: &[i64]| {
            spanned(seconds.iter().map(|second| at(*second)).collect::<Vec<_>>().into_iter())
        };
        assert_eq!(listed(&[]), None);
        assert_eq!(listed(&[9, 7, 5]), Some(span(5, 9)));
        assert_eq!(listed(&[1, 9, 7, 5]), Some(span(5, 9)));
        assert_eq!(listed(&[9, 1, 7, 5]), Some(span(5, 9)));
    }

    #[test]
    fn only_a_full_page_that_names_nothing_known_leaves_a_gap() {
        let page = span(100, 200);
        assert_eq!(gap(page, 50, false, Some(at(40))), Some(span(40, 100)));
        assert_eq!(gap(page, 50, true, Some(at(40))), None);
        assert_eq!(gap(page, 49, false, Some(at(40))), None);
        assert_eq!(gap(page, 50, false, None), None);
    }
}
