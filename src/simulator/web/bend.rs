//! Faults that change how lists and answers are shown: older copies, hidden rows, pages in a loop
//! or without an end, wrong totals, small pages, wrong answers of `contains`.
//!
//! Owns: the effect of such faults on the shown account, on the request and on its answer. They
//! combine with each other and with any other fault.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde_json::{Value, json};

use super::answer::{ErrorReply, Reply};
use super::query::UrlQuery;
use super::routes::is_contains;
use crate::simulator::content::account::{SimAccount, SimSaved};
use crate::simulator::content::ids::IdKind;
use crate::simulator::failures::fault_kind::FaultKind;
use crate::simulator::failures::faults::Fault;
use crate::simulator::failures::late;
use crate::simulator::failures::strikes::Bend;
use crate::simulator::time::Millis;

/// The lists that can be changed: those of a person's library, and the contents of playlists.
const LISTS: [&str; 6] = [
    "/me/tracks",
    "/me/albums",
    "/me/following",
    "/me/playlists",
    "/playlists/{id}/items",
    "/playlists/{id}/tracks",
];
/// A playlist with its contents can be an older copy, too.
const PLAYLIST: &str = "/playlists/{id}";
const RECENTLY_PLAYED: &str = "/me/player/recently-played";
/// The number of earlier states of the account that are stored.
const REMEMBERED: usize = 8;
/// Rows of small pages by default.
const FEW_ROWS: u32 = 20;

/// The account before the last edits, newest first.
#[derive(Debug, Default)]
pub(in crate::simulator) struct PastAccounts(VecDeque<Arc<SimAccount>>);

impl PastAccounts {
    /// Stores the state that an edit replaces.
    pub(in crate::simulator) fn remember(&mut self, account: SimAccount) {
        self.0.push_front(Arc::new(account));
        self.0.truncate(REMEMBERED);
    }

    fn before(&self, edits: usize) -> Option<&SimAccount> {
        let oldest = self.0.len().checked_sub(1)?;
        self.0.get(edits.checked_sub(1)?.min(oldest)).map(Arc::as_ref)
    }
}

/// The account as the answer at `path` shows it.
pub(in crate::simulator) fn shown<'a>(
    bends: &[Bend],
    path: &str,
    account: &'a SimAccount,
    past: &'a PastAccounts,
    now: Millis,
) -> Cow<'a, SimAccount> {
    let mut shown = Cow::Borrowed(account);
    let is_list = LISTS.contains(&path);
    for bend in bends {
        match bend.fault.kind {
            FaultKind::Stale if is_list || path == PLAYLIST => {
                if let Some(old) = past.before(bend.fault.edits.unwrap_or(1)) {
                    shown = Cow::Borrowed(old);
                }
            }
            FaultKind::HiddenRow if is_list => hide(shown.to_mut(), &bend.fault.uris),
            _ if path == RECENTLY_PLAYED => late::list(bend, &mut shown, now),
            _ => {}
        }
    }
    shown
}

fn hide(account: &mut SimAccount, uris: &[String]) {
    let hidden: Vec<(IdKind, u32)> = uris.iter().filter_map(|uri| account.known(uri)).collect();
    let is_shown = |kind: IdKind, number: u32| !hidden.contains(&(kind, number));
    let retain = |list: &mut Vec<SimSaved>, kind: IdKind| list.retain(|row| is_shown(kind, row.number));
    retain(&mut account.tracks, IdKind::Track);
    retain(&mut account.albums, IdKind::Album);
    account.artists.retain(|artist| is_shown(IdKind::Artist, *artist));
    account.playlists.retain(|list| is_shown(IdKind::Playlist, list.number));
}

/// The faults of one kind, if the path is a list.
fn of<'a>(bends: &'a [Bend], path: &str, kind: FaultKind) -> impl Iterator<Item = &'a Fault> + use<'a> {
    let is_list = LISTS.contains(&path);
    bends.iter().map(|bend| &bend.fault).filter(move |fault| is_list && fault.kind == kind)
}

fn fewest_rows<'a>(faults: impl Iterator<Item = &'a Fault>) -> Option<u32> {
    faults.map(|fault| fault.rows.unwrap_or(FEW_ROWS).max(1)).min()
}

/// Whether a page is the first one of its list.
fn is_first(query: &UrlQuery) -> bool {
    query.get("after").is_none() && query.get("offset").is_none_or(|offset| offset == "0")
}

/// The request as it is handled: a looping list shows its first page, whichever is requested, and
/// small pages have fewer rows than requested.
pub(in crate::simulator) fn understood<'a>(
    bends: &[Bend],
    path: &str,
    query: &'a UrlQuery,
) -> Cow<'a, UrlQuery> {
    let mut query = Cow::Borrowed(query);
    if of(bends, path, FaultKind::CursorLoop).next().is_some() {
        query = Cow::Owned(query.without(&["after", "offset"]));
    }
    let whole = of(bends, path, FaultKind::WholePage).filter(|_| is_first(&query));
    let rows = fewest_rows(of(bends, path, FaultKind::ShortPages).chain(whole));
    let asked: Option<u32> = query.get("limit").and_then(|limit| limit.parse().ok());
    if let Some(rows) = rows.filter(|rows| asked.is_some_and(|asked| asked > *rows)) {
        query = Cow::Owned(query.with("limit", &rows.to_string()));
    }
    query
}

/// Why a page is refused, if it is.
pub(in crate::simulator) fn refused(bends: &[Bend], path: &str, query: &UrlQuery) -> Option<ErrorReply> {
    let largest = fewest_rows(of(bends, path, FaultKind::LargestPage))?;
    let asked: u32 = query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or_default();
    (asked > largest).then(|| ErrorReply::bad_request("Invalid limit"))
}

/// The answer with wrong data about its page, and about what is in the library.
pub(in crate::simulator) fn told(
    bends: &[Bend],
    path: &str,
    query: &UrlQuery,
    lagging: &mut HashMap<String, Value>,
    reply: Reply,
) -> Reply {
    let Reply::Json(mut body) = reply else {
        return reply;
    };
    if is_contains(path) {
        for bend in bends {
            contradict(&bend.fault, query, &mut body);
        }
    }
    let page = if body.get("artists").is_some() { body.get_mut("artists") } else { Some(&mut body) };
    if let Some(page) = page {
        if is_first(query) && of(bends, path, FaultKind::WholePage).next().is_some() {
            call_whole(page);
        }
        if of(bends, path, FaultKind::EndlessPages).next().is_some() {
            go_on(page, query);
        }
        if of(bends, path, FaultKind::LaggingTotal).next().is_some() {
            // Every list of contents has its own count.
            let list = page.get("href").and_then(Value::as_str).unwrap_or(path);
            let list = format!("total {}", list.split('?').next().unwrap_or(path));
            let now = page.get("total").cloned().unwrap_or_default();
            set(page, "total", lagging.entry(list).or_insert(now).clone());
        }
        let offset = of(bends, path, FaultKind::TotalOffset).map(|fault| fault.offset.unwrap_or(1)).sum();
        add_to_total(page, offset);
    }
    Reply::Json(body)
}

fn add_to_total(page: &mut Value, offset: i64) {
    if let Some(total) = page.get_mut("total").filter(|_| offset != 0) {
        let told = total.as_i64().unwrap_or_default().saturating_add(offset).max(0);
        *total = Value::from(told);
    }
}

fn rows(page: &Value) -> usize {
    page.get("items").and_then(Value::as_array).map_or(0, Vec::len)
}

fn call_whole(page: &mut Value) {
    let rows = rows(page);
    set(page, "total", json!(rows));
    set(page, "next", Value::Null);
    if page.get("cursors").is_some() {
        set(page, "cursors", json!({ "after": null }));
    }
}

/// Names a next page after this one. A list with cursors has no next page at its end, so it names
/// its first one.
fn go_on(page: &mut Value, query: &UrlQuery) {
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<usize>().ok()).unwrap_or_default();
    if let Some(cursors) = page.get("cursors") {
        if cursors.get("after").is_none_or(Value::is_null) {
            let first = page.pointer("/items/0/id").cloned().unwrap_or_default();
            let href = page.get("href").and_then(Value::as_str).unwrap_or_default();
            let next = format!("{href}&after={}", first.as_str().unwrap_or_default());
            set(page, "cursors", json!({ "after": first }));
            set(page, "next", json!(next));
        }
        return;
    }
    let (end, limit) = (number("offset") + rows(page), number("limit").max(1));
    let href = page.get("href").and_then(Value::as_str).unwrap_or_default();
    let path = href.split('?').next().unwrap_or_default();
    let next = format!("{path}?offset={end}&limit={limit}");
    let total = page.get("total").and_then(Value::as_u64).unwrap_or_default();
    set(page, "next", json!(next));
    set(page, "total", json!(total.max((end + limit) as u64)));
}

/// Answers as the fault says whether items are in the library.
fn contradict(fault: &Fault, query: &UrlQuery, body: &mut Value) {
    let asked = query.get("uris").or_else(|| query.get("ids")).unwrap_or_default();
    let answers = body.as_array_mut().into_iter().flatten();
    for (asked, answer) in asked.split(',').map(str::trim).zip(answers) {
        let is_meant = |uri: &String| uri == asked || uri.rsplit(':').next() == Some(asked);
        let is_its = fault.uris.is_empty() || fault.uris.iter().any(is_meant);
        if fault.kind == FaultKind::Contains && is_its {
            *answer = Value::Bool(fault.says);
        }
    }
}

fn set(page: &mut Value, name: &str, value: Value) {
    if let Some(fields) = page.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}
