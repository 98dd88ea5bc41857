//! Accounts, runs, alerts and rate limits.

mod alerts;
mod rate_limits;
mod small;
