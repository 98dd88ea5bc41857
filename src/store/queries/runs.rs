//! Every run, and everything about one run.

use super::journal;
use crate::domain::queries::{Cell, Details, Fact, ItemKind, Section, TableRow};
use crate::domain::{RunId, RunView};
use crate::store::{QueryStore, Result};

/// Changes that are shown beside a run; all of them are a list of their own.
const BESIDE: usize = 20;

/// The newest first.
pub(super) async fn all(queries: QueryStore<'_>) -> Result<Vec<TableRow>> {
    let runs = queries.store.account(queries.account).runs().newest(u32::MAX).await?;
    Ok(runs.into_iter().map(row).collect())
}

fn row(run: RunView) -> TableRow {
    let took = run.finished_at.map(|end| (end - run.started_at).num_milliseconds());
    TableRow {
        thing: Some(ItemKind::Run(run.id)),
        uri: None,
        cells: Box::new([
            Cell::Time(run.started_at),
            Cell::Run(run.status),
            Cell::Text(run.mode.as_str().into()),
            Cell::Text(run.trigger.as_str().into()),
            Cell::Number(run.requests.into()),
            Cell::Number(run.added.into()),
            Cell::Number(run.removed.into()),
            Cell::Number(run.changed.into()),
            Cell::number(took).as_length(),
            Cell::text(run.error),
        ]),
    }
}

/// Its result, its full error, and the first of its changes.
pub(super) async fn run(queries: QueryStore<'_>, id: RunId) -> Result<Option<Details>> {
    let Some(run) = queries.store.account(queries.account).runs().get(id).await? else {
        return Ok(None);
    };
    let error = run.error.clone();
    let sections = [
        facts(&run),
        error.and_then(|error| Section::of("error", vec![Fact::prose(error)])),
        Section::of("changes", changes(queries, &run).await?),
    ];
    let name = format!("run {}", id.0);
    Ok(Some(Details { name, uri: None, sections: sections.into_iter().flatten().collect() }))
}

fn facts(run: &RunView) -> Option<Section> {
    let took = run.finished_at.map(|end| (end - run.started_at).num_milliseconds());
    Section::of(
        "",
        vec![
            Fact::new("run", Cell::Number(run.id.0)),
            Fact::new("ended", Cell::Run(run.status)),
            Fact::new("mode", Cell::Text(run.mode.as_str().into())),
            Fact::new("started by", Cell::Text(run.trigger.as_str().into())),
            Fact::new("from", Cell::Time(run.started_at)),
            Fact::new("to", Cell::time(run.finished_at)),
            Fact::new("took", Cell::number(took).as_length()),
            Fact::new("requests", Cell::Number(run.requests.into())),
            Fact::new("added", Cell::Number(run.added.into())),
            Fact::new("removed", Cell::Number(run.removed.into())),
            Fact::new("changed", Cell::Number(run.changed.into())),
        ],
    )
}

/// A first reading is the baseline: its rows are in no journal.
async fn changes(queries: QueryStore<'_>, run: &RunView) -> Result<Vec<Fact>> {
    let rows = journal::of_run(queries, run.id).await?;
    let all = rows.len();
    let mut facts: Vec<Fact> = rows.into_iter().take(BESIDE).filter_map(|row| fact(&row)).collect();
    if all > BESIDE {
        facts.push(Fact::prose(format!("and {} more; Enter lists all {all}", all - BESIDE)));
    } else if all == 0 {
        facts.push(Fact::prose(match run.added {
            0 => "nothing",
            _ => "nothing; the contents found by a first sync do not count as changes",
        }));
    }
    Ok(facts)
}

fn fact(row: &TableRow) -> Option<Fact> {
    let [_, change, entity, name, detail, ..] = &*row.cells else {
        return None;
    };
    let Cell::Text(name) = name else {
        return None;
    };
    Some(Fact { label: name.to_string(), values: vec![change.clone(), entity.clone(), detail.clone()] })
}
