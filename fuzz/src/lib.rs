//! Reads bytes from outside as the program does, for the fuzz targets and for the test that plays their corpus.
//!
//! Each function tells in a few words what the bytes were read as, and panics where an answer cannot be true.

use std::fs;

use phonolog::api::sse::SseEvents;
use phonolog::config::{Config, Flags};
use phonolog::import::{self, Event, ReadControl};
use phonolog::spotify::{ClientSettings, LoginAttempt, read_as_each_answer};
use url::Url;

/// Stands for the attempt's own `state` in the bytes for [`redirect`].
pub const STATE: &str = "STATE";

/// Answers of Spotify: every kind that the text can be read as.
#[must_use]
pub fn wire(input: &[u8]) -> String {
    let kinds = read_as_each_answer(&String::from_utf8_lossy(input));
    let told: Vec<_> = kinds.into_iter().map(|(kind, rows)| format!("{kind} {rows}")).collect();
    told.join(", ")
}

/// A file of a privacy export, packed or not.
#[must_use]
pub fn export(input: &[u8]) -> String {
    let dir = tempfile::tempdir().expect("no temporary folder");
    let is_zip = input.starts_with(b"PK");
    let path =
        dir.path().join(if is_zip { "my_spotify_data.zip" } else { "Streaming_History_Audio_2024_0.json" });
    fs::write(&path, input).expect("no temporary file");
    let (mut kept, mut told) = (0, Vec::new());
    let read = import::read(&path, &ReadControl::default(), &mut |event| {
        match event {
            Event::Source { .. } | Event::SourceEnd | Event::Known { .. } => {}
            Event::File { .. } => kept = 0,
            Event::Rows(batch) => kept += batch.rows.len() as u64,
            Event::End(ending) => {
                let rejected: u64 = ending.rejected.values().map(|rejected| rejected.rows).sum();
                assert_eq!(ending.rows, kept + rejected, "a row is neither kept nor rejected");
                let end = if ending.broken.is_some() { ", broken" } else { "" };
                told.push(format!("{kept} kept, {rejected} rejected{end}"));
            }
            Event::Skipped { .. } => told.push("skipped".to_owned()),
        }
        true
    });
    if read.is_ok() { told.join("; ") } else { "unreadable".to_owned() }
}

/// The config file.
#[must_use]
pub fn config(input: &[u8]) -> String {
    let dir = tempfile::tempdir().expect("no temporary folder");
    let path = dir.path().join("config.toml");
    fs::write(&path, input).expect("no temporary file");
    let text = |path: &std::path::Path| Some(path.display().to_string());
    let flags = Flags { config: text(&path), data_dir: text(dir.path()), database: None };
    match Config::load(&flags, &|_| None) {
        Ok(config) => {
            let is_safe = |url: &Url| url.scheme() == "https" || url.host_str().is_some_and(is_loopback);
            assert!(
                is_safe(&config.api_url) && is_safe(&config.accounts_url),
                "a login would go out in the clear"
            );
            "accepted".to_owned()
        }
        Err(error) => {
            assert!(!error.to_string().is_empty(), "an error without a word");
            "refused".to_owned()
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.starts_with("127.")
}

/// The stream of snapshots of the local API, in pieces whose size is the first byte.
#[must_use]
pub fn events(input: &[u8]) -> String {
    let Some((size, stream)) = input.split_first() else { return String::new() };
    let mut events = SseEvents::default();
    let mut snapshots = 0;
    for piece in stream.chunks(usize::from(*size).max(1)) {
        match events.take(piece) {
            Ok(Some(_)) => snapshots += 1,
            Ok(None) => {}
            Err(_) => return format!("{snapshots} snapshots, garbled"),
        }
    }
    format!("{snapshots} snapshots")
}

/// Where a browser ended after a login.
#[must_use]
pub fn redirect(input: &[u8]) -> String {
    let url = |text: &str| Url::parse(text).expect("no address");
    let settings = ClientSettings {
        api_url: url("https://api.example/v1"),
        accounts_url: url("https://accounts.example"),
        client_id: Some("app".to_owned()),
        fixed_token: None,
    };
    let attempt = LoginAttempt::new(&settings, "http://127.0.0.1:8888/callback").expect("no attempt");
    let mut pairs = attempt.authorize_url().query_pairs();
    let (_, state) = pairs.find(|(name, _)| name == "state").expect("no state");
    let pasted = String::from_utf8_lossy(input);
    match attempt.read_redirect(&pasted.replace(STATE, &state)) {
        Ok(_) => {
            assert!(pasted.contains(STATE), "a code of another attempt was taken");
            "code".to_owned()
        }
        Err(error) => format!("{error:?}").split(['(', ' ']).next().unwrap_or_default().to_owned(),
    }
}
