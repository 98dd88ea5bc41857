//! The state of a pane's requests: the newest answer, which may be for an earlier request, and why
//! a newer one did not come.

/// The loaded value, and the error since then.
#[derive(Debug, Clone, PartialEq)]
pub struct Loadable<T> {
    newest: Option<T>,
    trouble: Option<String>,
}

impl<T> Default for Loadable<T> {
    fn default() -> Self {
        Self { newest: None, trouble: None }
    }
}

impl<T> Loadable<T> {
    /// The newest answer; `None` before the first one.
    pub const fn newest(&self) -> Option<&T> {
        self.newest.as_ref()
    }

    /// Why newer ones did not come.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Stores an answer, which clears the error.
    pub fn take(&mut self, answer: T) {
        self.newest = Some(answer);
        self.trouble = None;
    }

    /// Stores that a request failed; the loaded value stays.
    pub fn fail(&mut self, why: String) {
        self.trouble = Some(why);
    }
}
