//! A database as anybody's `sqlite3` reads it.

use std::path::Path;

use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{Column, Row, TypeInfo, ValueRef};

/// Rows as JSON objects, read with nobody's code but that of `SQLite`.
pub async fn query(database: &Path, sql: &'static str) -> Vec<Value> {
    let options = SqliteConnectOptions::new().filename(database).read_only(true);
    let pool: SqlitePool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let rows = sqlx::query(sql).fetch_all(&pool).await.unwrap();
    pool.close().await;
    rows.iter().map(row_to_json).collect()
}

fn row_to_json(row: &SqliteRow) -> Value {
    let cell = |i: usize| {
        let raw = row.try_get_raw(i).unwrap();
        match (raw.is_null(), raw.type_info().name()) {
            (true, _) => Value::Null,
            (false, "INTEGER" | "BOOLEAN") => json!(row.get::<i64, _>(i)),
            (false, _) => json!(row.get_unchecked::<String, _>(i)),
        }
    };
    row.columns().iter().map(|column| (column.name().to_owned(), cell(column.ordinal()))).collect()
}
