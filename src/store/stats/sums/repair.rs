//! Whether sums are valid, and how they are computed again if they are not: everything in them is
//! derived from plays.

use super::{credits, encoding, settings};
use crate::store::stats::saved;
use crate::store::{Result, StatisticsStore, StoreError};

/// Every row of sums with the number of plays that count in its time; empty if the sums are about
/// to be computed again.
const SUMS: &str = "
with s(what, from_at, to_at, sums) as (
    select 'the month ' || month, from_at, to_at, sums from stats_months where account_id = ?1
    union all select 'the year ' || year, from_at, to_at, sums from stats_years where account_id = ?1
    union all select 'the day of ' || from_at, from_at, to_at, sums from stats_days where account_id = ?1)
select what, sums, (select count(*) from play_rows p where p.account_id = ?1 and p.facts & 16
                    and p.id >= unixepoch(substr(s.from_at, 1, 19)) * 1000 + substr(s.from_at, 21, 3) << 20
                    and p.id < unixepoch(substr(s.to_at, 1, 19)) * 1000 + substr(s.to_at, 21, 3) << 20)
from s where not exists (select 1 from stats_dirty where account_id = ?1)";

impl StatisticsStore<'_> {
    /// Refuses sums that do not match the plays. It reads all sums.
    pub async fn examine_sums(self) -> Result<()> {
        let Self { store, account } = self;
        let rows: Vec<(String, Vec<u8>, i64)> =
            sqlx::query_as(SUMS).bind(account.0).fetch_all(&store.readers).await?;
        for (what, packed, plays) in rows {
            if i64::try_from(encoding::plays_of(&packed)?) != Ok(plays) {
                return Err(StoreError::DamagedSums(format!("{what} does not match the stored plays")));
            }
        }
        let mut reader = store.readers.acquire().await?;
        credits::read(&mut reader).await?;
        saved::read(&mut reader, account).await.map(drop)
    }

    /// Deletes every sum, so that [`StatisticsStore::settle`] computes all of them again.
    #[tracing::instrument(level = "error", skip_all)]
    pub async fn drop_sums(self) -> Result<()> {
        let Self { store, account } = self;
        let mut tx = store.begin().await?;
        settings::mark_everything(&mut tx, account).await?;
        for sql in [
            "delete from stats_months where account_id = ?1",
            "delete from stats_years where account_id = ?1",
            "delete from stats_days where account_id = ?1",
            "delete from stats_saved where account_id = ?1",
        ] {
            sqlx::query(sql).bind(account.0).execute(&mut *tx).await?;
        }
        sqlx::query("delete from stats_makers").execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }
}
