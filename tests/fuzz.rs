//! Plays the corpus of the fuzz targets on any toolchain: every file as it is, then changed in many ways that are the
//! same in every run. Nothing may panic or go on for ever, and each file is read as what it is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this is test, helpers included; clippy sees only the functions marked so"
)]

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Longer than anything takes, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_mins(1);
/// Changed forms of each file.
const CHANGED: usize = 100;
/// What changed forms are given besides bytes of their own.
const TOKENS: [&[u8]; 10] = [
    b"\0",
    b"\"",
    b"\\u d800",
    b"null",
    b"-1e999",
    b"[[[[",
    b"{\"",
    b"\n\n",
    b"18446744073709551616",
    b"\xf0\x9f",
];

type Target = fn(&[u8]) -> String;

/// The files of a target and what they are read as; each has a row, and each row a file.
fn play(name: &str, target: Target, expected: &[(&str, &str)]) {
    let corpus = corpus(name);
    let files: Vec<_> = corpus.iter().map(|(file, _)| file.as_str()).collect();
    let mut rows: Vec<_> = expected.iter().map(|(file, _)| *file).collect();
    rows.sort_unstable();
    assert_eq!(files, rows, "the files of fuzz/corpus/{name} and the rows of this test");
    for (file, wanted) in expected {
        let (_, bytes) = corpus.iter().find(|(name, _)| name == file).unwrap();
        assert_eq!(
            &outcome(target, bytes).unwrap_or_else(|why| panic!("{name}/{file} {why}")),
            wanted,
            "{file}"
        );
    }
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for (file, bytes) in &corpus {
        for n in 0..CHANGED {
            let other = &corpus[random.random_range(0..corpus.len())].1;
            let changed = changed(&mut random, bytes, other);
            if let Err(why) = outcome(target, &changed) {
                let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{n}-{file}"));
                fs::write(&kept, &changed).unwrap();
                panic!("{name} {why}: {}", kept.display());
            }
        }
    }
}

fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = entries
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

/// What the bytes are read as, or that they are not read to an end.
fn outcome(target: Target, bytes: &[u8]) -> Result<String, &'static str> {
    let (send, end) = mpsc::channel();
    let bytes = bytes.to_vec();
    std::thread::spawn(move || {
        // Whoever waits has gone if it took too long.
        let _ = send.send(catch_unwind(|| target(&bytes)));
    });
    let end = end.recv_timeout(PATIENCE).map_err(|_| "does not end")?;
    end.map_err(|_| "panics")
}

/// One to four changes: a byte, a piece left out or twice, a token, the end cut off, the end of another file.
fn changed(random: &mut ChaCha8Rng, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..random.random_range(1..=4) {
        let at = random.random_range(0..=bytes.len());
        let end = (at + random.random_range(1..=40)).min(bytes.len());
        match random.random_range(0..6) {
            0 if at < end => bytes[at] ^= 1 << random.random_range(0..8),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            3 => drop(bytes.splice(at..at, TOKENS[random.random_range(0..TOKENS.len())].iter().copied())),
            4 => bytes.truncate(at),
            _ => {
                bytes.truncate(at);
                bytes.extend_from_slice(&other[random.random_range(0..=other.len())..]);
            }
        }
    }
    bytes
}

#[test]
fn answers_of_spotify() {
    play(
        "wire",
        targets::wire,
        &[
            ("contains.json", "artist 0, contains 1"),
            ("cut_off.json", ""),
            ("followed_artists.json", "followed artists 1, artist 0"),
            ("nested.json", ""),
            ("not_json.html", ""),
            ("now_playing.json", "artist 0, now playing 1"),
            ("numbers.json", "artist 0, plays 0"),
            (
                "playlists.json",
                "saved tracks 0, saved albums 0, artist 0, playlists 1, playlist items 0, plays 0",
            ),
            (
                "plays.json",
                "saved tracks 1, saved albums 0, artist 0, playlists 0, playlist items 1, plays 1",
            ),
            (
                "saved_tracks.json",
                "saved tracks 2, saved albums 0, artist 0, playlists 0, playlist items 2, plays 0",
            ),
            ("user.json", "user 1, artist 1, playlist version 1"),
        ],
    );
}

#[test]
fn files_of_an_export() {
    play(
        "export",
        targets::export,
        &[
            ("account_data.json", "1 kept, 0 rejected"),
            ("cut_off.json", "1 kept, 0 rejected, broken"),
            ("cut_off.zip", "unreadable"),
            ("deflated.gz", "1 kept, 0 rejected"),
            ("extended.json", "2 kept, 0 rejected"),
            ("lying_lengths.zip", "unreadable"),
            ("nested.json", "skipped"),
            ("one_bad_row.json", "2 kept, 1 rejected"),
            ("packed.zip", "2 kept, 0 rejected"),
            ("utf16.json", "1 kept, 0 rejected"),
        ],
    );
}

#[test]
fn the_config() {
    play(
        "config",
        targets::config,
        &[
            ("device_as_theme.toml", "refused"),
            ("in_the_clear.toml", "refused"),
            ("nested.toml", "refused"),
            ("not_text.toml", "refused"),
            ("sample.toml", "accepted"),
            ("settings.toml", "accepted"),
            ("unknown_key.toml", "refused"),
        ],
    );
}

#[test]
fn streams_of_snapshots() {
    play(
        "events",
        targets::events,
        &[
            ("cut_off.txt", "0 snapshots, garbled"),
            ("no_event.txt", "0 snapshots"),
            ("other_fields.txt", "0 snapshots, garbled"),
            ("two_in_pieces.txt", "2 snapshots"),
            ("whole.txt", "1 snapshots"),
        ],
    );
}

#[test]
fn redirects_of_a_login() {
    play(
        "redirect",
        targets::redirect,
        &[
            ("bad_escapes.txt", "WrongState"),
            ("code.txt", "code"),
            ("declined.txt", "Denied"),
            ("icon.txt", "NoCode"),
            ("of_another_attempt.txt", "WrongState"),
            ("path.txt", "code"),
            ("two_states.txt", "WrongState"),
            ("words.txt", "NotAUrl"),
        ],
    );
}
