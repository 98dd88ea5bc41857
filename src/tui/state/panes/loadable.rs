//! What came of a pane's questions: the newest answer, which may be of an earlier one, and why a newer one
//! did not come.

/// What is at hand, and what is wrong since.
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
    /// The newest answer; `None` until the first came.
    pub const fn newest(&self) -> Option<&T> {
        self.newest.as_ref()
    }

    /// Why newer ones did not come.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Takes an answer, which ends the trouble.
    pub fn take(&mut self, answer: T) {
        self.newest = Some(answer);
        self.trouble = None;
    }

    /// Learns that none came; what is at hand stays.
    pub fn fail(&mut self, why: String) {
        self.trouble = Some(why);
    }
}
