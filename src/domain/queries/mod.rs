//! What a screen asks of the record, and what it is answered: lists by windows, and details.
//!
//! A screen poses one [`Question`] at a time, which follows from what it shows; the newest one counts. An
//! [`Answered`] carries its question, so that one that came too late is known as such. Rows are told by
//! cells under named [`Column`]s, so that every list is filtered, sorted and drawn by the same code.

mod cell;
mod details;
mod figures;
mod list;
mod plays;
mod question;
mod version;

pub use cell::{Cell, ChangeKind, Row, Standing, Thing};
pub use details::{Details, Fact, Section};
pub use figures::{Amount, Figure, Figures, MonthRow, PeriodKind, PeriodOf, Shown, TopRow};
pub use list::{Column, List, PastOf};
pub use plays::{Anchor, Left, Mark, MarkKind, PlayRow, PlaysLine, PlaysPage};
pub use question::{Answer, Answered, Page, Query, Question, Sort, Window};
pub use version::VersionId;
