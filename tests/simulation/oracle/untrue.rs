//! Which lists Spotify showed otherwise than the account had them at that moment. What only such an answer can cause
//! is forgiven for its list, and for no other.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::answers::{List, ShownPage, ShownRow};

/// What the account has, and which answers did not tell it.
#[derive(Default)]
pub struct Untrue {
    account: HashMap<List, Vec<ShownRow>>,
    lists: HashSet<List>,
    /// Things that are in the library and that Spotify denied.
    denied: HashSet<String>,
    /// Answers that were not true.
    answers: u64,
}

impl Untrue {
    /// The account was edited, or is looked at for the first time.
    pub fn account_is(&mut self, truth: &Value) {
        let rows = |rows: &Value| rows.as_array().unwrap().iter().map(true_row).collect();
        // A playlist that was deleted is shown as it was to whoever knows its id.
        self.account.extend([
            (List::Tracks, rows(&truth["tracks"])),
            (List::Albums, rows(&truth["albums"])),
            (List::Artists, rows(&truth["artists"])),
            (List::Playlists, truth["playlists"].as_array().unwrap().iter().map(true_playlist).collect()),
        ]);
        for list in truth["playlists"].as_array().unwrap() {
            let id = list["id"].as_str().unwrap().to_owned();
            self.account.insert(List::Contents(id), rows(&list["items"]));
        }
    }

    pub fn shown(&mut self, page: &ShownPage) {
        if !self.is_true(page) {
            self.answers += 1;
            self.lists.insert(page.list.clone());
        }
    }

    pub fn has_a_bad_place(&mut self, list: List) {
        self.answers += 1;
        self.lists.insert(list);
    }

    pub fn told(&mut self, answers: &[(String, bool)]) {
        for (uri, _) in answers.iter().filter(|(_, is_there)| !is_there) {
            let is_it = |row: &ShownRow| row.uri.as_ref() == Some(uri);
            let lists = [List::Tracks, List::Albums, List::Artists];
            if lists.iter().filter_map(|list| self.account.get(list)).flatten().any(is_it) {
                self.answers += 1;
                self.denied.insert(uri.clone());
            }
        }
    }

    /// Whether a list was shown otherwise than it was.
    pub fn has(&self, list: &List) -> bool {
        self.lists.contains(list)
    }

    /// Whether the contents of any playlist were.
    pub fn has_contents(&self) -> bool {
        self.lists.iter().any(|list| matches!(list, List::Contents(_)))
    }

    /// Whether Spotify denied a thing that was in the library.
    pub fn denied(&self, uri: &str) -> bool {
        self.denied.contains(uri)
    }

    /// How many answers were not true so far.
    pub const fn answers(&self) -> u64 {
        self.answers
    }

    /// A page shows the rows that stand at its place, and does not call itself the end before the end. One without
    /// rows tells nothing that could be taken for a row.
    fn is_true(&self, page: &ShownPage) -> bool {
        let Some(rows) = self.account.get(&page.list) else { return page.rows.is_empty() };
        let start = page.after.as_deref().map_or(usize::try_from(page.offset).unwrap(), |after| {
            rows.partition_point(|row| id(row) <= after)
        });
        let end = start + page.rows.len();
        let ends_too_early = page.total == Some(end as u64) && end < rows.len();
        page.rows.is_empty() || rows.get(start..end) == Some(&page.rows) && !ends_too_early
    }
}

fn id(row: &ShownRow) -> &str {
    row.uri.as_deref().and_then(|uri| uri.rsplit(':').next()).unwrap_or_default()
}

fn true_row(row: &Value) -> ShownRow {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let kind = match row["kind"].as_str() {
        Some("episode") => "episode",
        Some("local") => "local",
        Some("unavailable") => "unavailable",
        _ => "track",
    };
    ShownRow { uri: text(&row["uri"]), added_at: text(&row["added_at"]), kind }
}

fn true_playlist(list: &Value) -> ShownRow {
    let uri = format!("spotify:playlist:{}", list["id"].as_str().unwrap());
    ShownRow { uri: Some(uri), added_at: None, kind: "track" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(id: &str) -> ShownRow {
        ShownRow { uri: Some(format!("spotify:artist:{id}")), added_at: None, kind: "track" }
    }

    /// Whether a page of the artists a, c, e and g is true.
    fn is_true(offset: u64, after: Option<&str>, ids: &[&str], total: u64) -> bool {
        let mut untrue = Untrue::default();
        let artists: Vec<Value> =
            ["a", "c", "e", "g"].iter().map(|id| json!({ "uri": format!("spotify:artist:{id}") })).collect();
        untrue.account_is(&json!({ "tracks": [], "albums": [], "artists": artists, "playlists": [] }));
        untrue.shown(&ShownPage {
            list: List::Artists,
            offset,
            after: after.map(str::to_owned),
            is_first: offset == 0 && after.is_none(),
            rows: ids.iter().map(|id| row(id)).collect(),
            total: Some(total),
        });
        !untrue.has(&List::Artists)
    }

    #[test]
    fn a_page_is_true_where_it_shows_what_stands_at_its_place() {
        assert!(is_true(0, None, &["a", "c"], 4));
        assert!(is_true(2, None, &["e", "g"], 4));
        assert!(is_true(0, Some("d"), &["e", "g"], 4), "whoever is named by a cursor may be gone");
        assert!(is_true(0, None, &[], 0), "what shows nothing is not believed");
        assert!(!is_true(0, None, &["a", "e"], 4), "one is left out");
        assert!(!is_true(1, None, &["a", "c"], 4), "a page of another place");
        assert!(!is_true(2, None, &["e", "g", "h"], 5), "one that the account does not have");
        assert!(!is_true(0, None, &["a", "c"], 2), "it calls itself the end");
    }
}
