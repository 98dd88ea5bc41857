//! `phonolog import --undo`: takes an import back.

use chrono::Utc;
use color_eyre::Result;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::prepared_account;
use crate::app::Failure;
use crate::app::output::print;
use crate::config::Config;
use crate::domain::display_line;
use crate::store::{ImportId, Store, UndoOutcome};

/// An import that was taken back.
#[derive(Debug)]
pub struct Undone {
    id: ImportId,
    file: String,
    outcome: UndoOutcome,
}

#[derive(Serialize)]
struct UndoneJson<'a> {
    dry_run: bool,
    id: ImportId,
    file: &'a str,
    removed: u64,
    kept: u64,
}

/// Takes the import back, and sums up the statistics.
pub async fn take_back(store: &Store, config: &Config, id: i64, stop: &CancellationToken) -> Result<Undone> {
    let account = prepared_account(store, config).await?;
    let plays = store.account(account).plays();
    let statistics = store.account(account).statistics();
    let id = ImportId(id);
    let undoing = plays.undo_import(id, Utc::now());
    let Some(outcome) = stop.run_until_cancelled(undoing).await else {
        print::note("interrupted; run the same command again to finish");
        return Err(Failure::Interrupted.into());
    };
    // Also after a refusal: an interrupted attempt may have left only this.
    while !stop.is_cancelled() && statistics.settle_step().await? {}
    let outcome = outcome?;
    let file = plays.imports().await?.into_iter().find(|import| import.id == id.0);
    Ok(Undone { id, file: file.map(|import| import.file).unwrap_or_default(), outcome })
}

/// Prints what became of it.
pub fn print(undone: &Undone, dry_run: bool, as_json: bool) -> Result<u8> {
    let Undone { id, file, outcome: UndoOutcome { gone, kept } } = undone;
    if as_json {
        print::json(&UndoneJson { dry_run, id: *id, file, removed: *gone, kept: *kept })?;
        return Ok(0);
    }
    let kept =
        if *kept > 0 { format!("; {kept} stay, because other files have them, too") } else { String::new() };
    print::line(&format!("import {} ({}) undone: {gone} rows removed{kept}", id.0, display_line(file)));
    if dry_run {
        print::line("dry run: nothing was changed");
    }
    Ok(0)
}
