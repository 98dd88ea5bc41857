//! Everything that is known of one thing.

use super::Cell;

/// Everything that is known of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    /// What it is called.
    pub name: String,
    /// Its uri, where it has one.
    pub uri: Option<String>,
    /// What is known, by what it is about.
    pub sections: Vec<Section>,
}

/// Facts under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What they are about; empty for the thing itself.
    pub heading: String,
    /// One a line.
    pub facts: Vec<Fact>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is; may come from outside.
    pub label: String,
    /// Its values.
    pub values: Vec<Cell>,
}

impl Fact {
    /// A fact of one value.
    #[must_use]
    pub fn new(label: impl Into<String>, value: Cell) -> Self {
        Self { label: label.into(), values: vec![value] }
    }

    /// A sentence, shown whole in as many lines as it takes.
    #[must_use]
    pub fn prose(text: impl Into<String>) -> Self {
        Self::new("", Cell::Text(text.into().into()))
    }

    /// The sentence, if it is one.
    #[must_use]
    pub fn as_prose(&self) -> Option<&str> {
        match self.values.as_slice() {
            [Cell::Text(text)] if self.label.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Whether there is anything to tell.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.values.iter().any(|value| *value != Cell::None)
    }
}

impl Section {
    /// What is known of it; `None` where that is nothing.
    #[must_use]
    pub fn of(heading: &str, facts: Vec<Fact>) -> Option<Self> {
        let facts: Vec<_> = facts.into_iter().filter(Fact::is_known).collect();
        (!facts.is_empty()).then(|| Self { heading: heading.to_owned(), facts })
    }
}
