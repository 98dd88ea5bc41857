//! What a screen asks of the record, and what it is answered: lists by windows, and details.
//!
//! A screen poses one [`RecordQuestion`] at a time, which follows from what it shows; the newest one counts. An
//! [`Answered`] carries its question, so that one that came too late is known as such. Rows are told by
//! cells under named [`Column`]s, so that every list is filtered, sorted and drawn by the same code.

mod cell;
mod details;
mod figures;
mod list;
mod plays;
mod question;
mod version;

pub use cell::{Cell, ChangeKind, ItemKind, ListStanding, TableRow};
pub use details::{Details, Fact, Section};
pub use figures::{Amount, Figure, MonthRow, PeriodKind, PeriodOf, ShownFigures, StatsFigures, TopRow};
pub use list::{BrowseList, Column, PastOf};
pub use plays::{Anchor, ListedPlay, MarkKind, PlayMark, PlaysLine, PlaysPage, RemainingPlays};
pub use question::{Answered, QueryAnswer, RecordQuery, RecordQuestion, RowPage, RowWindow, SortOrder};
pub use version::VersionId;
