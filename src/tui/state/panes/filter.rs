//! The text that filters rows.

/// A filter, and whether it is being typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    text: String,
    is_typing: bool,
}

impl Filter {
    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether letters go into it.
    pub const fn is_typing(&self) -> bool {
        self.is_typing
    }

    /// Starts or stops typing.
    pub const fn type_in(&mut self, is_typing: bool) {
        self.is_typing = is_typing;
    }

    /// Changes it; returns whether it differs now.
    pub fn edit(&mut self, edit: impl FnOnce(&mut String)) -> bool {
        let before = self.text.clone();
        edit(&mut self.text);
        self.text != before
    }
}
