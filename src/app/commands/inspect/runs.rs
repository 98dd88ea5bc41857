//! `phonolog runs`: the newest syncs.

use chrono::Local;
use color_eyre::Result;

use crate::cli;
use crate::config::Config;
use crate::domain::{RunId, RunView, display_line};
use crate::store::{Access, Store};

use crate::app::output::print::{self, Lines};

/// Shows the newest runs, the newest first.
pub async fn show(config: &Config, args: &cli::Runs) -> Result<u8> {
    let runs = read(config, args.limit).await?;
    if runs.is_empty() && !args.json {
        print::line("No sync has run yet.");
        return Ok(0);
    }
    print_result(&runs, args.json).map(|()| 0)
}

async fn read(config: &Config, limit: u32) -> Result<Vec<RunView>> {
    if !config.paths.database.exists() {
        return Ok(Vec::new());
    }
    let store = Store::open(&config.paths.database_url(), Access::ReadOnly).await?;
    let runs = match store.accounts().current().await? {
        Some(account) => store.account(account.id).runs().newest(limit).await?,
        None => Vec::new(),
    };
    store.close().await;
    Ok(runs)
}

/// The row of one run; `None` if there is none.
pub(in crate::app) async fn find(config: &Config, id: RunId) -> Result<Option<RunView>> {
    let store = Store::open(&config.paths.database_url(), Access::ReadOnly).await?;
    let run = match store.accounts().current().await? {
        Some(account) => store.account(account.id).runs().get(id).await?,
        None => None,
    };
    store.close().await;
    Ok(run)
}

fn print_result(runs: &[RunView], as_json: bool) -> Result<()> {
    let mut lines = Lines::new();
    if !as_json {
        lines.line(&format!(
            "{:>5}  {:<16}  {:<11}  {:<11}  {:<8}  {:>8}  changes",
            "run", "began", "ended", "mode", "by", "requests"
        ))?;
    }
    for run in runs {
        if as_json {
            lines.json(run)?;
        } else {
            lines.line(&line(run))?;
        }
    }
    lines.flush()
}

fn line(run: &RunView) -> String {
    let error = run.error.as_ref().map(|why| format!("  {}", display_line(why))).unwrap_or_default();
    format!(
        "{:>5}  {:<16}  {:<11}  {:<11}  {:<8}  {:>8}  +{} -{} ~{}{error}",
        run.id.0,
        run.started_at.with_timezone(&Local).format("%Y-%m-%d %H:%M"),
        run.status,
        run.mode,
        run.trigger,
        run.requests,
        run.added,
        run.removed,
        run.changed,
    )
}
