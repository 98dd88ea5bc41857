//! Lists that are shown otherwise than they are: older copies, hidden rows, pages in a circle, odd totals, small
//! pages.
//!
//! Owns: what such faults do to the account that is shown, to the question and to its answer. They add to each
//! other and to whatever else strikes, and they concern lists alone: whoever asks whether something is in the
//! library is told the truth.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value;

use super::account::{Account, Saved};
use super::answer::{Refusal, Reply};
use super::faults::{Fault, FaultKind};
use super::ids::Kind;
use super::query::Query;

/// The lists of a person's library.
const LISTS: [&str; 4] = ["/me/tracks", "/me/albums", "/me/following", "/me/playlists"];
/// Earlier states of the account that are remembered.
const REMEMBERED: usize = 8;

/// The account as it was before the last edits, newest first.
#[derive(Debug, Default)]
pub(super) struct Past(VecDeque<Arc<Account>>);

impl Past {
    /// Remembers what an edit replaces.
    pub(super) fn remember(&mut self, account: Account) {
        self.0.push_front(Arc::new(account));
        self.0.truncate(REMEMBERED);
    }

    fn before(&self, edits: usize) -> Option<&Account> {
        let oldest = self.0.len().checked_sub(1)?;
        self.0.get(edits.checked_sub(1)?.min(oldest)).map(Arc::as_ref)
    }
}

/// The account as the list at `path` shows it.
pub(super) fn shown<'a>(
    bends: &[Fault],
    path: &str,
    account: &'a Account,
    past: &'a Past,
) -> Cow<'a, Account> {
    let mut shown = Cow::Borrowed(account);
    if !LISTS.contains(&path) {
        return shown;
    }
    for bend in bends {
        match bend.kind {
            FaultKind::Stale => {
                if let Some(old) = past.before(bend.edits.unwrap_or(1)) {
                    shown = Cow::Borrowed(old);
                }
            }
            FaultKind::HiddenRow => hide(shown.to_mut(), &bend.uris),
            _ => {}
        }
    }
    shown
}

fn hide(account: &mut Account, uris: &[String]) {
    let hidden: Vec<(Kind, u32)> = uris.iter().filter_map(|uri| account.known(uri)).collect();
    let is_shown = |kind: Kind, number: u32| !hidden.contains(&(kind, number));
    let retain = |list: &mut Vec<Saved>, kind: Kind| list.retain(|row| is_shown(kind, row.number));
    retain(&mut account.tracks, Kind::Track);
    retain(&mut account.albums, Kind::Album);
    account.artists.retain(|artist| is_shown(Kind::Artist, *artist));
    account.playlists.retain(|list| is_shown(Kind::Playlist, list.number));
}

/// The question as it is understood: a list in a circle shows its first page, whichever is asked for.
pub(super) fn understood<'a>(bends: &[Fault], path: &str, query: &'a Query) -> Cow<'a, Query> {
    let turns = bends.iter().any(|bend| bend.kind == FaultKind::CursorLoop);
    if turns && LISTS.contains(&path) {
        return Cow::Owned(query.without(&["after", "offset"]));
    }
    Cow::Borrowed(query)
}

/// Why a page is not shown, if it is not.
pub(super) fn refused(bends: &[Fault], path: &str, query: &Query) -> Option<Refusal> {
    let sizes = bends.iter().filter(|bend| bend.kind == FaultKind::LargestPage);
    let has_pages = LISTS.contains(&path) || path.starts_with("/playlists/");
    let largest = sizes.map(|bend| bend.rows.unwrap_or(20)).min().filter(|_| has_pages)?;
    let asked: u32 = query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or_default();
    (asked > largest).then(|| Refusal::bad_request("Invalid limit"))
}

/// Adds what is to be added to the total of a page.
pub(super) fn with_totals(bends: &[Fault], path: &str, reply: Reply) -> Reply {
    let offset: i64 = bends
        .iter()
        .filter(|bend| bend.kind == FaultKind::TotalOffset)
        .map(|bend| bend.offset.unwrap_or(1))
        .sum();
    let Reply::Json(mut body) = reply else {
        return reply;
    };
    if offset != 0 && LISTS.contains(&path) {
        let page = if body.get("artists").is_some() { body.get_mut("artists") } else { Some(&mut body) };
        let total = page.and_then(|page| page.get_mut("total"));
        if let Some(total) = total {
            let told = total.as_i64().unwrap_or_default().saturating_add(offset).max(0);
            *total = Value::from(told);
        }
    }
    Reply::Json(body)
}
