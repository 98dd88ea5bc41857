//! Pages of lists that are read by offset.

use serde_json::Value;

use super::{Render, object};

/// The requested part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulator) struct PageSpan {
    pub(in crate::simulator) offset: u32,
    pub(in crate::simulator) limit: u32,
}

impl PageSpan {
    /// The places of this span in a list of `total`.
    pub(in crate::simulator) fn of(self, total: u32) -> std::ops::Range<u32> {
        self.offset.min(total)..self.offset.saturating_add(self.limit).min(total)
    }
}

impl Render<'_> {
    /// A page object; `path` is what follows `/v1`.
    pub(in crate::simulator) fn page(
        &self,
        path: &str,
        span: PageSpan,
        total: u32,
        items: Vec<Value>,
    ) -> Value {
        self.page_up_to(path, span, span.limit, total, items)
    }

    /// A page whose neighbours have at most `largest` rows. The page itself may have more: a whole
    /// playlist contains more rows than a client may request.
    pub(super) fn page_up_to(
        &self,
        path: &str,
        span: PageSpan,
        largest: u32,
        total: u32,
        items: Vec<Value>,
    ) -> Value {
        let PageSpan { offset, limit } = span;
        let link = |offset: u32| {
            let limit = limit.min(largest);
            Value::from(format!("{}{path}?offset={offset}&limit={limit}", self.base))
        };
        let end = offset.saturating_add(limit);
        let next = (end < total).then(|| link(end));
        let previous = (offset > 0).then(|| link(offset.saturating_sub(limit)));
        object([
            ("href", link(offset)),
            ("limit", limit.into()),
            ("offset", offset.into()),
            ("total", total.into()),
            ("next", next.into()),
            ("previous", previous.into()),
            ("items", Value::Array(items)),
        ])
    }
}
