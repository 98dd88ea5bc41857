//! `phonolog imports`: the imported files.

use chrono::{DateTime, Local};
use color_eyre::Result;

use crate::app::output::print::{self, Lines};
use crate::config::Config;
use crate::domain::display_line;
use crate::store::{Access, ImportedFile, Store};

/// Lists the imported files, the newest first.
pub async fn list(config: &Config, as_json: bool) -> Result<u8> {
    let imports = read(config).await?;
    if imports.is_empty() && !as_json {
        print::line("nothing was imported yet; `phonolog import FILE` imports a privacy export");
        return Ok(0);
    }
    let mut lines = Lines::new();
    if !as_json {
        lines.line(&format!("{:>6}  {:<16}  {:>9}  {:>9}  file", "import", "imported", "rows", "plays"))?;
    }
    for import in &imports {
        if as_json {
            lines.json(import)?;
        } else {
            lines.line(&line(import))?;
        }
    }
    lines.flush()?;
    Ok(0)
}

async fn read(config: &Config) -> Result<Vec<ImportedFile>> {
    if !config.paths.database.exists() {
        return Ok(Vec::new());
    }
    let store = Store::open(&config.paths.database_url(), Access::ReadOnly).await?;
    let imports = match store.accounts().current().await? {
        Some(account) => store.account(account.id).plays().imports().await?,
        None => Vec::new(),
    };
    store.close().await;
    Ok(imports)
}

fn line(import: &ImportedFile) -> String {
    let note = match (&import.undone_at, import.plays, import.rows) {
        (Some(at), 0, _) => format!("  (undone {})", local(at)),
        (Some(_), ..) => {
            format!("  (partly undone; `phonolog import --undo {}` continues)", import.id)
        }
        (None, _, None) => "  (not read to its end)".to_owned(),
        (None, ..) => String::new(),
    };
    format!(
        "{:>6}  {:<16}  {:>9}  {:>9}  {}{note}",
        import.id,
        local(&import.imported_at),
        import.rows.map_or_else(|| "-".to_owned(), |rows| rows.to_string()),
        import.plays,
        display_line(&import.file),
    )
}

fn local(at: &str) -> String {
    DateTime::parse_from_rfc3339(at)
        .map_or_else(|_| at.to_owned(), |at| at.with_timezone(&Local).format("%Y-%m-%d %H:%M").to_string())
}
