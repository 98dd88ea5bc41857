//! The journal as lists, and one line of it in full.

use serde_json::Value;

use super::lists::time;
use crate::domain::RunId;
use crate::domain::queries::{Cell, ChangeKind, Details, Fact, ItemKind, Section, TableRow};
use crate::store::db::sqlite;
use crate::store::journal::read::ChangeRow;
use crate::store::{QueryStore, Result};

/// The number of lines that can be filtered; a last row says that there are older ones.
const LINES: u32 = 100_000;

const OF_RUN: &str = "
select id, account_id, observed_at, entity_type, change, uri, name, detail, run_id
from library_changes where +account_id = ?1 and run_id = ?2 order by id";

/// The journal, the newest line first.
pub(super) async fn all(queries: QueryStore<'_>) -> Result<Vec<TableRow>> {
    let lines: Vec<ChangeRow> = sqlx::query_as(crate::store::journal::read::TAIL)
        .bind(queries.account.0)
        .bind(LINES)
        .fetch_all(&queries.store.readers)
        .await?;
    let is_cut = sqlite::len(&lines) == LINES;
    let of_run = |line: &ChangeRow| Some(Cell::Text(line.run_id.to_string().into()));
    let mut rows = lines.into_iter().map(|line| row(line, of_run)).collect::<Result<Vec<_>>>()?;
    if is_cut {
        rows.push(older());
    }
    Ok(rows)
}

/// The lines of one run, in their order.
pub(super) async fn of_run(queries: QueryStore<'_>, run: RunId) -> Result<Vec<TableRow>> {
    let lines: Vec<ChangeRow> =
        sqlx::query_as(OF_RUN).bind(queries.account.0).bind(run.0).fetch_all(&queries.store.readers).await?;
    lines.into_iter().map(|line| row(line, |_| None)).collect()
}

fn row(line: ChangeRow, last: impl Fn(&ChangeRow) -> Option<Cell>) -> Result<TableRow> {
    let (id, uri, last) = (line.id, line.uri.clone(), last(&line));
    let line = line.line()?;
    let change: ChangeKind = sqlite::word(&line.change)?;
    let cells = [
        Cell::Time(line.observed_at),
        Cell::Change(change),
        Cell::Text(line.entity_type.as_str().into()),
        Cell::Text(line.name.into()),
        Cell::text(line.detail),
    ];
    Ok(TableRow {
        thing: Some(ItemKind::Change(id)),
        uri: uri.map(Into::into),
        cells: cells.into_iter().chain(last).collect(),
    })
}

/// The row below the last line that was read.
fn older() -> TableRow {
    let name = "`phonolog changes --until` shows older changes";
    let cells =
        [Cell::None, Cell::None, Cell::None, Cell::Text(name.into()), Cell::None, Cell::None].into_iter();
    TableRow { thing: None, uri: None, cells: cells.collect() }
}

const ONE: &str = "
select id, account_id, observed_at, entity_type, change, uri, name, detail, run_id
from library_changes where account_id = ?1 and id = ?2";

/// The content of one line of the journal.
pub(super) async fn line(queries: QueryStore<'_>, id: i64) -> Result<Option<Details>> {
    let found: Option<ChangeRow> =
        sqlx::query_as(ONE).bind(queries.account.0).bind(id).fetch_optional(&queries.store.readers).await?;
    let Some(line) = found else {
        return Ok(None);
    };
    let detail: Value = sqlite::from_json(&line.detail)?;
    let what = Section::of(
        "",
        vec![
            Fact::new("what", Cell::Text(line.name.as_str().into())),
            Fact::new("change", Cell::Change(sqlite::word(&line.change)?)),
            Fact::new("entity", Cell::Text(line.entity_type.as_str().into())),
            Fact::new("playlist", Cell::text(text(detail.get("playlist")))),
            Fact::new("seen", time(Some(&line.observed_at))?),
            Fact::new("by run", Cell::Number(line.run_id)),
            Fact::new("uri", Cell::text(line.uri.as_deref())),
        ],
    );
    let sections = [
        what,
        Section::of("in its list", places(&detail)?),
        Section::of("before and after", fields(&detail)),
    ];
    Ok(Some(Details { name: line.name, uri: line.uri, sections: sections.into_iter().flatten().collect() }))
}

/// Where it was and when it was added: one value, or the values before and after.
fn places(detail: &Value) -> Result<Vec<Fact>> {
    let place = |place: &Value| Cell::number(place.as_i64().map(|place| place + 1));
    let position = detail.get("position");
    let mut facts = match position.and_then(Value::as_array).map(Vec::as_slice) {
        Some([from, to]) => {
            vec![Fact::new("position before", place(from)), Fact::new("position after", place(to))]
        }
        _ => vec![Fact::new("place", position.map_or(Cell::None, place))],
    };
    let added = detail.get("added_at");
    match added.and_then(Value::as_array).map(Vec::as_slice) {
        Some([from, to]) if from != to => {
            facts.push(Fact::new("added before", time(from.as_str())?));
            facts.push(Fact::new("added after", time(to.as_str())?));
        }
        Some([at, _]) => facts.push(Fact::new("added", time(at.as_str())?)),
        _ => facts.push(Fact::new("added", time(added.and_then(Value::as_str))?)),
    }
    if let Some([from, to]) = detail.get("relinked").and_then(Value::as_array).map(Vec::as_slice) {
        facts.push(Fact::new("id before", Cell::text(text(Some(from)))));
        facts.push(Fact::new("id after", Cell::text(text(Some(to)))));
    }
    Ok(facts)
}

/// The playlist's own fields.
fn fields(detail: &Value) -> Vec<Fact> {
    let changes = detail.get("changes").and_then(Value::as_object);
    let told = |value: Option<&Value>| Cell::Text(text(value).unwrap_or_else(|| "nothing".to_owned()).into());
    let fact = |(field, values): (&String, &Value)| Fact {
        label: field.replace('_', " "),
        values: vec![told(values.get(0)), told(values.get(1))],
    };
    changes.into_iter().flatten().map(fact).collect()
}

/// A value of the journal as text.
fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(is_so) => Some(if *is_so { "yes" } else { "no" }.to_owned()),
        other => Some(other.to_string()),
    }
}
