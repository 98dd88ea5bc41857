//! Refusals of the account's own lists: decides whether a refusal concerns one list or the whole
//! app.
//!
//! Owns: when several refusals have one cause. Pure. Must not know: how a list is requested, or
//! what is written.

use crate::store::ContentsJob;

/// This many refusals in a row of lists that were open before are no coincidence.
const OF_THE_APP: usize = 3;
/// This many refusals in a row, whatever is known of the lists.
const OF_ANY_APP: usize = 10;

/// An own list that Spotify refused, and Spotify's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedList {
    pub list: ContentsJob,
    pub said: String,
}

/// What the refusals concern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefusalVerdict {
    /// It is too early to decide.
    Unclear,
    /// Each refusal is a state of its list.
    Lists(Vec<RefusedList>),
    /// The app: none of the refusals concerns a single list.
    App {
        /// Spotify's words.
        said: String,
    },
}

/// The refusals since an own list was last shown in this run.
#[derive(Debug, Default)]
pub struct Refusals {
    in_a_row: Vec<RefusedList>,
    has_shown: bool,
}

impl Refusals {
    /// Adds a refusal. A list that was already refused in an earlier run adds no information.
    pub fn refused(&mut self, list: &ContentsJob, said: String) -> RefusalVerdict {
        let refused = RefusedList { list: list.clone(), said };
        if list.attempts.count > 0 {
            return RefusalVerdict::Lists(vec![refused]);
        }
        self.in_a_row.push(refused);
        let were_open = self.in_a_row.iter().filter(|refused| refused.list.synced_at.is_some()).count();
        if were_open >= OF_THE_APP || self.in_a_row.len() >= OF_ANY_APP {
            return self.of_the_app();
        }
        RefusalVerdict::Unclear
    }

    /// An own list was shown: the refusals before it concern only their own lists.
    pub fn shown(&mut self) -> Vec<RefusedList> {
        self.has_shown = true;
        std::mem::take(&mut self.in_a_row)
    }

    /// No list is left to request.
    pub fn end(&mut self) -> RefusalVerdict {
        if !self.has_shown && self.in_a_row.len() >= OF_THE_APP {
            return self.of_the_app();
        }
        RefusalVerdict::Lists(std::mem::take(&mut self.in_a_row))
    }

    fn of_the_app(&mut self) -> RefusalVerdict {
        let said = self.in_a_row.drain(..).next_back().map(|refused| refused.said);
        RefusalVerdict::App { said: said.unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::{ContentsState, PlaylistId};
    use crate::store::Attempts;

    fn list(id: &str, was_open: bool) -> ContentsJob {
        ContentsJob {
            id: PlaylistId::new(id),
            name: String::new(),
            snapshot_id: None,
            item_count: None,
            stored_count: None,
            owner_id: String::new(),
            collaborative: false,
            state: ContentsState::Pending,
            synced_at: was_open.then_some(DateTime::UNIX_EPOCH),
            attempts: Attempts::default(),
            is_of_old_generation: false,
        }
    }

    fn names(refused: &[RefusedList]) -> Vec<&str> {
        refused.iter().map(|refused| refused.list.id.as_str()).collect()
    }

    #[test]
    fn three_in_a_row_on_what_was_open_are_the_apps_and_no_lists() {
        let mut refusals = Refusals::default();
        for id in ["a", "b"] {
            assert_eq!(refusals.refused(&list(id, true), String::new()), RefusalVerdict::Unclear);
        }
        let third = refusals.refused(&list("c", true), "Forbidden".to_owned());
        assert_eq!(third, RefusalVerdict::App { said: "Forbidden".to_owned() });
        assert_eq!(refusals.end(), RefusalVerdict::Lists(Vec::new()));
    }

    #[test]
    fn a_list_that_is_shown_parts_them() {
        let mut refusals = Refusals::default();
        refusals.refused(&list("a", true), String::new());
        refusals.refused(&list("b", true), String::new());
        assert_eq!(names(&refusals.shown()), ["a", "b"]);
        refusals.refused(&list("c", true), String::new());
        let RefusalVerdict::Lists(rest) = refusals.end() else { panic!() };
        assert_eq!(names(&rest), ["c"]);
    }

    #[test]
    fn lists_that_were_never_open_are_the_apps_only_where_none_is_shown() {
        let mut refusals = Refusals::default();
        for id in ["a", "b", "c", "d"] {
            assert_eq!(refusals.refused(&list(id, false), String::new()), RefusalVerdict::Unclear);
        }
        assert!(matches!(refusals.end(), RefusalVerdict::App { .. }));
        for id in ["a", "b", "c", "d"] {
            refusals.refused(&list(id, false), String::new());
        }
        assert_eq!(refusals.shown().len(), 4);
        let all = (0..OF_ANY_APP).map(|_| refusals.refused(&list("x", false), String::new())).last();
        assert!(matches!(all, Some(RefusalVerdict::App { .. })), "the rest is not asked for one by one");
    }

    #[test]
    fn what_was_refused_before_is_no_sign_of_the_app() {
        let mut known = list("a", true);
        known.attempts.count = 1;
        let mut refusals = Refusals::default();
        for _ in 0..9 {
            assert!(matches!(refusals.refused(&known, String::new()), RefusalVerdict::Lists(_)));
        }
        assert_eq!(refusals.end(), RefusalVerdict::Lists(Vec::new()));
    }
}
