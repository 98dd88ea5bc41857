//! A simulator, a data directory, and the binary joined to both.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use tempfile::TempDir;

use super::database::Reader;

pub const BINARY: &str = env!("CARGO_BIN_EXE_phonolog");

/// Big and slow enough that a sync can be cut off in the middle of any entity.
pub const SLOW_LIBRARY: [&str; 12] = [
    "--tracks",
    "520",
    "--albums",
    "110",
    "--artists",
    "105",
    "--playlists",
    "20",
    "--plays",
    "5",
    "--latency-ms",
    "15",
];

/// The same, so slow that a command started in the middle of a sync still meets it.
pub const SLOWER_LIBRARY: [&str; 12] = [
    "--tracks",
    "520",
    "--albums",
    "110",
    "--artists",
    "105",
    "--playlists",
    "20",
    "--plays",
    "5",
    "--latency-ms",
    "150",
];

/// `phonolog simulate` in a process of its own, ended with the test.
pub struct Simulator {
    child: Child,
    pub base: String,
    http: reqwest::Client,
}

impl Simulator {
    pub fn start(args: &[&str]) -> Self {
        let mut child = Command::new(BINARY)
            .args(["simulate", "--listen", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, base, http: reqwest::Client::new() }
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}{path}", self.base)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) {
        let answer = self.http.post(format!("{}{path}", self.base)).json(&body).send().await.unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{path}: {status} {}", answer.text().await.unwrap());
    }

    pub async fn delete(&self, path: &str) {
        assert!(self.http.delete(format!("{}{path}", self.base)).send().await.unwrap().status().is_success());
    }

    /// Requests under `/v1` and `/api/token` so far.
    pub async fn requests(&self) -> u64 {
        self.get("/sim/requests").await["total"].as_u64().unwrap()
    }

    pub async fn early(&self) -> u64 {
        self.get("/sim/requests").await["early"].as_u64().unwrap()
    }

    pub async fn fault(&self, fault: Value) {
        self.post("/sim/faults", fault).await;
    }

    pub async fn mutate(&self, ops: Value) {
        self.post("/sim/mutate", ops).await;
    }

    /// Waits until the simulator has been asked `count` times.
    pub async fn wait_for_requests(&self, count: u64) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.requests().await < count {
            assert!(Instant::now() < deadline, "the simulator was not asked {count} times within a minute");
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A person's machine: a data directory and a config, and nothing of the environment the tests run in.
pub struct Home {
    pub dir: TempDir,
    api: String,
}

impl Home {
    pub fn new(simulator: &Simulator) -> Self {
        Self::at(&simulator.base)
    }

    /// A home whose Spotify is at `base`.
    pub fn at(base: &str) -> Self {
        let home = Self { dir: tempfile::tempdir().unwrap(), api: base.to_owned() };
        std::fs::create_dir(home.runtime_dir()).unwrap();
        home.configure("[gate]\nrequests_per_second = 0\n");
        home
    }

    pub fn configure(&self, text: &str) {
        std::fs::write(self.dir.path().join("config.toml"), text).unwrap();
    }

    pub fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The folder that a session gives: sockets lie in it.
    pub fn runtime_dir(&self) -> PathBuf {
        self.dir.path().join("run")
    }

    /// The socket of the engine of this home's database.
    pub fn socket(&self) -> PathBuf {
        let found = std::fs::read_dir(self.runtime_dir().join("phonolog")).unwrap();
        found
            .map(|entry| entry.unwrap().path())
            .find(|path| path.extension().is_some_and(|ext| ext == "sock"))
            .unwrap()
    }

    pub fn database(&self) -> PathBuf {
        self.data_dir().join("phonolog.db")
    }

    /// The binary with this home, logged in by a token of the environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.anonymous(args);
        command.env("PHONOLOG_ACCESS_TOKEN", "secret-of-the-tests");
        command
    }

    /// The binary with this home and no login.
    pub fn anonymous(&self, args: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(args)
            .env_clear()
            .env("HOME", self.dir.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("XDG_RUNTIME_DIR", self.runtime_dir())
            .env("XDG_CONFIG_HOME", self.dir.path().join("xdg"))
            .env("PHONOLOG_CONFIG", self.dir.path().join("config.toml"))
            .env("PHONOLOG_DATA_DIR", self.data_dir())
            .env("PHONOLOG_API_URL", format!("{}/v1", self.api))
            .env("PHONOLOG_ACCOUNTS_URL", &self.api)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the binary to its end without blocking the test's runtime.
    pub async fn run(&self, args: &[&str]) -> Ended {
        ended(self.command(args)).await
    }

    /// Runs `phonolog sync` and expects it to succeed.
    pub async fn sync(&self) {
        let ended = self.run(&["sync"]).await;
        assert_eq!(ended.status, 0, "{ended:?}");
    }

    /// Changes the database behind the program's back.
    pub async fn execute(&self, sql: &'static str) {
        let options = SqliteConnectOptions::new().filename(self.database());
        let pool: SqlitePool =
            SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        sqlx::query(sql).execute(&pool).await.unwrap();
        pool.close().await;
    }

    /// Reads the database.
    pub async fn query(&self, sql: &'static str) -> Vec<Value> {
        let mut database = Reader::open(&self.database()).await;
        let rows = database.query(sql).await;
        database.close().await;
        rows
    }
}

/// A finished process.
#[derive(Debug)]
pub struct Ended {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

pub async fn ended(mut command: Command) -> Ended {
    let output: Output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    Ended {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
