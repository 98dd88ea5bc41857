//! Everything that is known about one item.

use super::Cell;

/// Everything that is known about one item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    /// Its name.
    pub name: String,
    /// Its uri, if it has one.
    pub uri: Option<String>,
    /// The known facts, by topic.
    pub sections: Vec<Section>,
}

/// Facts under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Their topic; empty for the item itself.
    pub heading: String,
    /// One per line.
    pub facts: Vec<Fact>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What the value is; may be text from outside.
    pub label: String,
    /// Its values.
    pub values: Vec<Cell>,
}

impl Fact {
    /// A fact with one value.
    #[must_use]
    pub fn new(label: impl Into<String>, value: Cell) -> Self {
        Self { label: label.into(), values: vec![value] }
    }

    /// A sentence, shown completely in as many lines as it needs.
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

    /// Whether it has a value.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.values.iter().any(|value| *value != Cell::None)
    }
}

impl Section {
    /// A section with the known facts; `None` if there are none.
    #[must_use]
    pub fn of(heading: &str, facts: Vec<Fact>) -> Option<Self> {
        let facts: Vec<_> = facts.into_iter().filter(Fact::is_known).collect();
        (!facts.is_empty()).then(|| Self { heading: heading.to_owned(), facts })
    }
}
