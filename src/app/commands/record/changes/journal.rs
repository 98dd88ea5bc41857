//! The journal as lines: a day and its changes, or one JSON object per change.

use chrono::{DateTime, Local, NaiveDate, Utc};
use color_eyre::Result;

use crate::cli;
use crate::domain::ChangeLine;
use crate::store::ChangeFilter;

use super::{ChangesOutput, RecordReader, playlist};
use crate::app::output::layout::Paper;
use crate::app::output::print::{self, Lines};

/// Which changes are requested.
pub struct JournalRequest<'a> {
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// The current time.
    pub now: DateTime<Utc>,
    pub args: &'a cli::ChangesArgs,
}

/// Prints the changes, oldest first.
pub async fn show(record: &RecordReader, asked: JournalRequest<'_>, output: &ChangesOutput) -> Result<()> {
    let playlist = match &asked.args.playlist {
        Some(called) => Some(playlist::find(record, called, asked.now).await?.id),
        None => None,
    };
    let filter = ChangeFilter {
        since: asked.since,
        until: asked.until,
        entities: asked.args.entities.clone(),
        playlist,
        limit: asked.args.limit,
    };
    let mut changes = record.history().changes(&filter).await?;
    let mut lines = Lines::new();
    let mut day = None;
    loop {
        let more = changes.more().await?;
        if more.is_empty() {
            break;
        }
        for row in more {
            match output {
                ChangesOutput::Json => lines.json(&row)?,
                ChangesOutput::Text(paper) => print_change(&mut lines, *paper, &mut day, &row.line()?)?,
            }
        }
        lines.flush()?;
    }
    if day.is_none() && matches!(output, ChangesOutput::Text(_)) {
        print::line(no_change(&filter));
    }
    Ok(())
}

fn no_change(filter: &ChangeFilter) -> &'static str {
    if *filter == ChangeFilter::default() {
        "no changes recorded; the contents found by the first sync do not count as changes"
    } else {
        "no matching changes"
    }
}

/// The width of time, change and entity, including the spaces around them.
const BEFORE_THE_NAME: usize = 37;

fn print_change(
    lines: &mut Lines,
    paper: Paper,
    day: &mut Option<NaiveDate>,
    change: &ChangeLine,
) -> Result<()> {
    let seen = change.observed_at.with_timezone(&Local);
    if *day != Some(seen.date_naive()) {
        if day.is_some() {
            lines.line("")?;
        }
        lines.line(&seen.format("%a %Y-%m-%d").to_string())?;
        *day = Some(seen.date_naive());
    }
    let what = paper.name_and_note(&change.name, change.detail.as_deref(), BEFORE_THE_NAME);
    let ChangeLine { change, entity_type, .. } = change;
    lines.line(&format!("  {}  {change:<7}  {entity_type:<14}  {what}", seen.format("%H:%M:%S")))
}
