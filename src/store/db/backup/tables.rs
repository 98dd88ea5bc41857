//! Checks whether a database has every table and view that its migrations create.

use std::collections::BTreeSet;

use sqlx::{Connection, SqliteConnection};

use super::{Result, migrate};

/// Every table, view, index and trigger with its columns. Objects that a person has added are
/// ignored.
const OBJECTS: &str = "
    select o.type || ' ' || o.name || coalesce('(' || (
        select group_concat(name, ',') from (select name from pragma_table_info(o.name) order by name)
        where o.type in ('table', 'view')) || ')', '')
    from sqlite_schema as o where o.name not like 'sqlite\\_%' escape '\\'";

/// One sentence for each object that is missing or lacks a column.
pub(super) async fn missing(connection: &mut SqliteConnection) -> Result<Vec<String>> {
    let mut model = SqliteConnection::connect("sqlite::memory:").await?;
    migrate::repeat(connection, &mut model).await?;
    let expected = objects(&mut model).await?;
    model.close().await?;
    let found = objects(connection).await?;
    let name = |object: &String| object.split('(').next().unwrap_or(object).to_owned();
    let names: BTreeSet<_> = found.iter().map(name).collect();
    let faults = expected.difference(&found).map(|object| {
        let name = name(object);
        let is_there = names.contains(&name);
        if is_there { format!("the {name} lacks a column") } else { format!("the {name} is missing") }
    });
    let mut faults: Vec<_> = faults.collect();
    // If its table is missing, an index is missing, too.
    faults.sort_by_key(|fault| !fault.contains("the table "));
    Ok(faults)
}

async fn objects(connection: &mut SqliteConnection) -> Result<BTreeSet<String>> {
    let objects: Vec<String> = sqlx::query_scalar(OBJECTS).fetch_all(connection).await?;
    Ok(objects.into_iter().collect())
}
