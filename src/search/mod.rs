//! A list in memory, filtered and sorted while a person types.
//!
//! Owns: what a filter means, and the order of rows. Must not know: where rows come from, what
//! requests them, how they are drawn. Pure, and fast enough to answer every key for a hundred
//! thousand rows.
//!
//! | file | one idea |
//! |---|---|
//! | `fold` | text as it is compared: without accents, in lower case |
//! | `filter` | what was typed, as terms that must all be found |
//! | `shelf` | the rows of one list, ready to be searched and put in order |
//! | `plays` | plays and what is known of the time between them, by day |

mod filter;
mod fold;
mod list_index;
mod plays;

pub use list_index::ListIndex;
pub use plays::lines as plays_by_day;
