//! A database as anybody's `sqlite3` reads it.

use std::path::Path;

use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{Column, ConnectOptions, Connection, Row, TypeInfo, ValueRef};

/// One connection that only reads, with nobody's code but that of `SQLite`. Reading the schema anew for
/// each question would take longer than most answers.
pub struct Reader(SqliteConnection);

impl Reader {
    pub async fn open(database: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(database).read_only(true);
        Self(options.connect().await.unwrap())
    }

    /// Rows as JSON objects.
    pub async fn query(&mut self, sql: &'static str) -> Vec<Value> {
        let rows = sqlx::query(sql).fetch_all(&mut self.0).await.unwrap();
        rows.iter().map(row_to_json).collect()
    }

    pub async fn close(self) {
        self.0.close().await.unwrap();
    }
}

fn row_to_json(row: &SqliteRow) -> Value {
    let cell = |i: usize| {
        let raw = row.try_get_raw(i).unwrap();
        match (raw.is_null(), raw.type_info().name()) {
            (true, _) => Value::Null,
            (false, "INTEGER" | "BOOLEAN") => json!(row.get::<i64, _>(i)),
            (false, "BLOB") => json!(row.get::<Vec<u8>, _>(i)),
            (false, _) => json!(row.get_unchecked::<String, _>(i)),
        }
    };
    row.columns().iter().map(|column| (column.name().to_owned(), cell(column.ordinal()))).collect()
}
