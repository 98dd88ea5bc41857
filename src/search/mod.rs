//! A list in memory, filtered and sorted while a person types.
//!
//! Owns: what a filter means, and the order of rows. Must not know: where rows come from, what
//! requests them, how they are drawn. Pure, and fast enough to answer every key for a hundred
//! thousand rows.
//!
//! | file | one idea |
//! |---|---|
//! | `fold` | text in the form in which it is compared: without accents, in lower case |
//! | `filter` | parses a filter into terms |
//! | `list_index` | the rows of one list, ready for filtering and sorting |
//! | `rank` | how well a row fits the words of a search |
//! | `plays` | plays by day, with marks for the time between them |

mod filter;
mod fold;
mod list_index;
mod plays;
mod rank;

pub use list_index::ListIndex;
pub use plays::lines as plays_by_day;
