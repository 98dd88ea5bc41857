//! `phonolog backup` and `restore`: writes a verified copy of the whole database, and restores one.

use std::io::IsTerminal;

use color_eyre::Result;
use serde_json::json;

use crate::cli;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::files::Size;
use crate::store::{Access, DatabaseLock, LockPurpose, Store, swap_in};

use crate::app::Failure;
use crate::app::output::{confirm, print};
use crate::app::runtime::logging;
use crate::app::runtime::own_files::refuse_own_file;

/// Writes a copy.
pub async fn write(config: &Config, args: &cli::Backup) -> Result<u8> {
    let file = &args.file;
    refuse_own_file(config, file)?;
    if file.exists() && !args.force {
        return Err(Failure::failed(format!(
            "{} already exists; name another file, or overwrite it with --force",
            file.display()
        ))
        .into());
    }
    let store = Store::open(&config.paths.database_url(), Access::ReadOnly).await?;
    let written = store.back_up(file).await;
    store.close().await;
    written?;
    let bytes = std::fs::metadata(file).map_or(0, |found| found.len());
    if args.json {
        print::json(&json!({ "file": file, "bytes": bytes, "verified": true }))?;
    } else {
        print::line(&format!(
            "Wrote {} ({}) and verified it; the login is not in it.",
            file.display(),
            Size(bytes)
        ));
    }
    Ok(0)
}

/// Replaces the database with a copy.
pub async fn restore(config: &Config, args: &cli::Restore) -> Result<u8> {
    let database = &config.paths.database;
    if is_same(&args.file, database) {
        return Err(
            Failure::failed("that is the database itself; name a file that `phonolog backup` wrote").into()
        );
    }
    if let Some(dir) = database.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        logging::private_dir(dir)?;
    }
    let _lock = DatabaseLock::acquire(database, LockPurpose::Restore)?;
    if !args.yes && !args.json && std::io::stdin().is_terminal() && database.exists() {
        print::line(&format!("This replaces {}; it is kept beside the new one.", database.display()));
        if !confirm::types("restore", "replace it") {
            return Err(Failure::failed("nothing was restored").into());
        }
    }
    let stamp = SystemClock::shared().now().format("%Y%m%dT%H%M%S%3fZ").to_string();
    let kept = swap_in(&args.file, database, &stamp).await?;
    if args.json {
        print::json(&json!({ "database": database, "kept": kept }))?;
        return Ok(0);
    }
    print::line(&format!("Restored {} from {}.", database.display(), args.file.display()));
    if let Some(kept) = kept {
        print::line(&format!("The old database is kept in {}.", kept.display()));
    }
    Ok(0)
}

fn is_same(one: &std::path::Path, other: &std::path::Path) -> bool {
    match (std::fs::canonicalize(one), std::fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
