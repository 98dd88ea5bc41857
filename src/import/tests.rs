//! Exports as they should and should not be; and the helper with which all tests read them.

mod packing;
mod rows;
mod texts;

use std::fs;
use std::io::Write;
use std::path::Path;

use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use super::*;
use crate::domain::{ExportFormat, ExportKind};

const ROW: &str = r#"{"ts":"2024-05-01T10:00:00Z","platform":"linux","ms_played":180000,"conn_country":"SE",
    "ip_addr":"192.0.2.7","user_agent_decrypted":"unknown","username":"smith",
    "master_metadata_track_name":"Jóga","master_metadata_album_artist_name":"Björk",
    "master_metadata_album_album_name":"Homogenic","spotify_track_uri":"spotify:track:a","episode_name":null,
    "reason_start":"trackdone","reason_end":"trackdone","shuffle":false,"skipped":null,"offline":false,
    "offline_timestamp":1714557420,"incognito_mode":true}"#;

const COARSE: &str =
    r#"{"endTime":"2024-05-01 10:00","artistName":"Björk","trackName":"Jóga","msPlayed":180000}"#;

/// The result: rows, endings and skipped files, in order.
#[derive(Default)]
struct Seen {
    rows: Vec<ExportRow>,
    lacks: Vec<usize>,
    endings: Vec<Ending>,
    skipped: Vec<String>,
}

fn seen(path: &Path) -> Result<Seen, ImportError> {
    let mut seen = Seen::default();
    read(path, &ReadControl::default(), &mut |event| {
        match event {
            Event::Source { .. } | Event::SourceEnd | Event::Known { .. } | Event::File { .. } => {}
            Event::Rows(batch) => {
                seen.lacks.extend(batch.lacks.iter().map(|place| seen.rows.len() + place));
                seen.rows.extend(batch.rows);
            }
            Event::End(ending) => seen.endings.push(ending),
            Event::Skipped { why, .. } => seen.skipped.push(why),
        }
        true
    })?;
    Ok(seen)
}

fn of_text(text: &str) -> Seen {
    of_bytes(text.as_bytes())
}

fn of_bytes(text: &[u8]) -> Seen {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("Streaming_History_Audio_2024_0.json");
    fs::write(&path, text).unwrap();
    seen(&path).unwrap()
}

fn archive(dir: &TempDir, files: &[(&str, &str)]) -> std::path::PathBuf {
    let path = dir.path().join("my_spotify_data.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    path
}

fn row_at(minute: u32) -> String {
    ROW.replace("10:00:00Z", &format!("10:{minute:02}:00Z"))
}

/// Six rows, each with its own value in another field.
fn rows(from: u32) -> Vec<String> {
    (from..from + 6).map(row_at).collect()
}

fn ends(seen: &Seen) -> Vec<i64> {
    let mut ends: Vec<i64> = seen.rows.iter().map(|row| (row.ended_ms / 60_000) % 60).collect();
    ends.sort_unstable();
    ends
}
