//! The files of the database: who may write beside whom, what a kill leaves, and what happens when they are moved,
//! full or read-only.

mod migrations;
mod mounts;
mod places;
mod statistics;
mod vanished;
mod writers;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use serde_json::json;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::support::Home;

pub const LIBRARY: [&str; 10] =
    ["--tracks", "60", "--albums", "12", "--artists", "9", "--playlists", "6", "--plays", "4"];

/// Nobody answers there.
pub const NOWHERE: &str = "http://127.0.0.1:9";

pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A privacy export of so many rows.
pub fn export(home: &Home, rows: usize) -> PathBuf {
    let path = home.dir.path().join("endsong_0.json");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    let mut between = "[";
    for number in 0..rows {
        let at = chrono::DateTime::from_timestamp(1_500_000_000 + 200 * i64::try_from(number).unwrap(), 0)
            .unwrap();
        let row = json!({
            "ts": at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), "ms_played": 199_000,
            "spotify_track_uri": format!("spotify:track:{}", number % 500), "master_metadata_track_name": "Song",
            "master_metadata_album_artist_name": "Somebody",
        });
        write!(file, "{between}{row}").unwrap();
        between = ",";
    }
    file.write_all(b"]").unwrap();
    file.into_inner().unwrap();
    path
}

/// A process that is killed where the test ends before it.
pub struct Running(pub Child);

impl Running {
    pub fn start(mut command: Command) -> Self {
        Self(command.spawn().unwrap())
    }

    pub fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A database of an older phonolog with so many plays.
pub async fn older(home: &Home, plays: i64) -> i64 {
    std::fs::create_dir_all(home.data_dir()).unwrap();
    let options = SqliteConnectOptions::new().filename(home.database()).create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let all = Migrator::new(folder).await.unwrap();
    let some: Vec<_> = all.iter().take(7).cloned().collect();
    let version = some.last().unwrap().version;
    Migrator::with_migrations(some).run(&pool).await.unwrap();
    sqlx::raw_sql(
        "insert into accounts (account_id, user_id, created_at) values (1, 'sim-user', '');
         insert into export_items (id, names, uri) values (1, '{}', 'spotify:track:x');
         insert into export_circumstances (id, fields) values (1, '{}');",
    )
    .execute(&pool)
    .await
    .unwrap();
    let rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?1)
                insert into export_rows (id, account_id, format, ended_ms, ms_played, item_id, circumstances_id)
                select i, 1, 'extended', 1500000000000 + i * 200000, 199000, 1, 1 from n";
    sqlx::query(rows).bind(plays).execute(&pool).await.unwrap();
    sqlx::raw_sql(
        "insert into plays (account_id, played_at, uri, ms_played, source, export_row_id)
         select 1, strftime('%Y-%m-%dT%H:%M:%S.000Z', ended_ms / 1000, 'unixepoch'), 'spotify:track:x', ms_played,
                'extended', id
         from export_rows",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
    version
}

pub async fn number(home: &Home, sql: &'static str) -> i64 {
    home.query(sql).await[0]["n"].as_i64().unwrap()
}

pub async fn version(home: &Home) -> i64 {
    number(home, "select max(version) as n from _sqlx_migrations").await
}
