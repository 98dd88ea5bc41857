//! What changed in the library, observed when, by which run; append-only.

use super::{Result, Store};
use crate::domain::{AccountId, ChangeLine};

impl Store {
    /// The newest lines of the journal, newest first.
    pub async fn journal_tail(&self, account: AccountId, limit: u32) -> Result<Vec<ChangeLine>> {
        todo!("{account:?} {limit}")
    }

    /// Rows that could not be read and were kept raw.
    pub async fn set_aside_count(&self, account: AccountId) -> Result<u32> {
        todo!("{account:?}")
    }
}
