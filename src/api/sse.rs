//! Parses the stream of snapshots, which comes in pieces of any size.
//!
//! It parses only the parts of the format that our own server writes (`data:` lines, comments, an
//! empty line after each event). Everything else is skipped, and an event that grows too large is
//! an error.

use crate::domain::Snapshot;

/// Larger than any snapshot.
const LARGEST: usize = 4 * 1024 * 1024;

/// The received bytes that were not parsed yet.
#[derive(Debug, Default)]
pub struct SseEvents {
    line: Vec<u8>,
    data: Vec<u8>,
}

/// The stream is not valid.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("it did not send a snapshot")]
pub struct Garbled;

impl SseEvents {
    /// Adds a piece; returns the newest snapshot that is complete with it.
    pub fn take(&mut self, piece: &[u8]) -> Result<Option<Snapshot>, Garbled> {
        let mut newest = None;
        for byte in piece {
            if *byte != b'\n' {
                self.line.push(*byte);
                if self.line.len() + self.data.len() > LARGEST {
                    return Err(Garbled);
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let line = line.strip_suffix(b"\r").unwrap_or(&line);
            if let Some(data) = line.strip_prefix(b"data:") {
                self.data.extend_from_slice(data);
            } else if line.is_empty() && !self.data.is_empty() {
                newest = Some(std::mem::take(&mut self.data));
            }
        }
        newest.map(|data| serde_json::from_slice(&data).map_err(|_| Garbled)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn event(stored: u64) -> (Snapshot, Vec<u8>) {
        let mut snapshot = Snapshot::nothing_recorded("sqlite:x", 300, DateTime::UNIX_EPOCH);
        snapshot.plays.stored = stored;
        let text = format!("data: {}\n\n", serde_json::to_string(&snapshot).unwrap());
        (snapshot, text.into_bytes())
    }

    #[test]
    fn a_snapshot_comes_out_whole_however_it_was_cut() {
        let (snapshot, bytes) = event(7);
        for size in [1, 2, 7, 100, bytes.len()] {
            let mut events = SseEvents::default();
            let mut seen = Vec::new();
            for piece in bytes.chunks(size) {
                seen.extend(events.take(piece).unwrap());
            }
            assert_eq!(seen, std::slice::from_ref(&snapshot), "in pieces of {size}");
        }
    }

    #[test]
    fn of_two_that_came_at_once_the_newest_wins_and_comments_are_none() {
        let mut bytes = b":\n\n".to_vec();
        bytes.extend(event(1).1);
        bytes.extend(b": a comment\n\n");
        let (newest, second) = event(2);
        bytes.extend(second);
        assert_eq!(SseEvents::default().take(&bytes), Ok(Some(newest)));
    }

    #[test]
    fn nonsense_and_what_never_ends_are_errors() {
        assert_eq!(SseEvents::default().take(b"data: {\"protocol\":\n\n"), Err(Garbled));
        assert_eq!(SseEvents::default().take(&vec![b'x'; LARGEST + 1]), Err(Garbled));
    }
}
