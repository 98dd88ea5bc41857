//! `phonolog search`: everything that has a name, by words of it.

use chrono::Local;
use color_eyre::Result;
use serde::Serialize;

use crate::app::Failure;
use crate::app::output::failure::NO_RECORD;
use crate::app::output::layout::Paper;
use crate::app::output::print::Lines;
use crate::cli;
use crate::config::Config;
use crate::domain::display_line;
use crate::domain::queries::{BrowseList, Cell, Column, RowWindow, SortOrder, TableRow};
use crate::search::ListIndex;
use crate::store::{Access, Store};

/// A hit as JSON.
#[derive(Serialize)]
struct Hit<'a> {
    kind: &'a str,
    name: &'a str,
    artists: Option<&'a str>,
    album: Option<&'a str>,
    year: Option<&'a str>,
    plays: Option<i64>,
    state: Option<&'a str>,
    uri: Option<&'a str>,
}

/// Prints what has all of the words.
pub async fn find(config: &Config, args: &cli::Search) -> Result<u8> {
    let rows = read(config).await?;
    let mut index =
        ListIndex::new(BrowseList::Everything.columns(), rows, |at| at.with_timezone(&Local).date_naive())
            .ranked();
    let window = RowWindow { first: 0, rows: usize::try_from(args.limit).unwrap_or(usize::MAX) };
    let page = index.page(&args.words.join(" "), SortOrder::default(), window);
    let mut lines = Lines::new();
    let paper = Paper::of(config);
    for row in &page.rows {
        if args.json {
            lines.json(&Hit::of(row))?;
        } else {
            lines.line(&line(&Hit::of(row), paper))?;
        }
    }
    if !args.json && page.total > page.rows.len() {
        lines.line(&format!("{} of {} hits; `--limit` shows more", page.rows.len(), page.total))?;
    }
    if !args.json && page.total == 0 {
        lines.line("nothing has all of these words")?;
    }
    lines.flush()?;
    // As with grep, so that a script can tell.
    Ok(u8::from(page.total == 0))
}

async fn read(config: &Config) -> Result<Vec<TableRow>> {
    if !config.paths.database.exists() {
        return Err(Failure::failed(NO_RECORD).into());
    }
    let store = Store::open(&config.paths.database_url(), Access::ReadOnly).await?;
    let rows = match store.accounts().current().await? {
        Some(account) => store.account(account.id).queries().browse(&BrowseList::Everything).await?,
        None => Vec::new(),
    };
    store.close().await;
    Ok(rows)
}

impl<'a> Hit<'a> {
    fn of(row: &'a TableRow) -> Self {
        let cell = |column: Column| {
            let place = BrowseList::Everything.columns().iter().position(|shown| *shown == column);
            place.and_then(|place| row.cells.get(place))
        };
        let text = |column| match cell(column) {
            Some(Cell::Text(text)) => Some(&**text),
            _ => None,
        };
        let plays = match cell(Column::Plays) {
            Some(Cell::Number(plays)) => Some(*plays),
            _ => None,
        };
        Self {
            kind: text(Column::Kind).unwrap_or_default(),
            name: text(Column::Name).unwrap_or_default(),
            artists: text(Column::Artists),
            album: text(Column::Album),
            year: text(Column::Year),
            plays,
            state: text(Column::State),
            uri: row.uri.as_deref(),
        }
    }
}

fn line(hit: &Hit<'_>, paper: Paper) -> String {
    let plays =
        hit.plays.filter(|plays| *plays > 0).map_or_else(String::new, |plays| format!("{plays} plays"));
    let state = display_line(hit.state.unwrap_or_default());
    let what = paper.name_and_more(hit.name, hit.artists.unwrap_or_default(), 40);
    format!("{:<8}  {state:<13}  {plays:>12}  {what}", display_line(hit.kind))
}
