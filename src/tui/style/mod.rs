//! Colours by role, glyphs, columns, times.

pub(super) mod combining_marks;
pub(super) mod glyphs;
pub(super) mod settings;
pub(super) mod text;
pub(super) mod theme;
pub(super) mod times;
pub(super) mod words;
pub(super) mod zone;
