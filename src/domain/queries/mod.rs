//! What a screen requests from the database, and the answers: windows of lists, and details.
//!
//! A screen asks one [`RecordQuestion`] at a time, which follows from what it shows; only the
//! newest one counts. An [`Answered`] contains its question, so that a late answer is recognised.
//! Rows have cells in named [`Column`]s, so that the same code filters, sorts and draws every list.

mod cell;
mod details;
mod figures;
mod home;
mod list;
mod plays;
mod question;
mod version;

pub use cell::{Cell, ChangeKind, ItemKind, ListStanding, TableRow};
pub use details::{Details, Fact, Section};
pub use figures::{Amount, Figure, MonthRow, PeriodKind, PeriodOf, ShownFigures, StatsFigures, TopRow};
pub use home::{EarlierDay, HomeFigures, HomeRank, HomeSpan, Movement, OverdueTrack};
pub use list::{BrowseList, Column, PastOf};
pub use plays::{Anchor, ListedPlay, MarkKind, PlayMark, PlaysLine, PlaysPage, RemainingPlays};
pub use question::{Answered, QueryAnswer, RecordQuery, RecordQuestion, RowPage, RowWindow, SortOrder};
pub use version::VersionId;
