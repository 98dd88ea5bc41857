//! Pages of lists that are read by offset.

use serde_json::{Value, json};

use super::Render;

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulator) struct Span {
    pub(in crate::simulator) offset: u32,
    pub(in crate::simulator) limit: u32,
}

impl Span {
    /// The places that this span covers in a list of `total`.
    pub(in crate::simulator) fn of(self, total: u32) -> std::ops::Range<u32> {
        self.offset.min(total)..self.offset.saturating_add(self.limit).min(total)
    }
}

impl Render<'_> {
    /// A page object; `path` is what follows `/v1`, and may carry a query of its own.
    pub(in crate::simulator) fn page(&self, path: &str, span: Span, total: u32, items: Vec<Value>) -> Value {
        let joint = if path.contains('?') { '&' } else { '?' };
        let link =
            |offset: u32, limit: u32| format!("{}{path}{joint}offset={offset}&limit={limit}", self.base);
        let Span { offset, limit } = span;
        let end = offset.saturating_add(limit);
        json!({
            "href": link(offset, limit),
            "limit": limit,
            "offset": offset,
            "total": total,
            "next": (end < total).then(|| link(end, limit)),
            "previous": (offset > 0).then(|| link(offset.saturating_sub(limit), limit)),
            "items": items,
        })
    }
}
