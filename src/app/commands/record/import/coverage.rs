//! The time for which the files of an import are proven to be complete.
//!
//! Owns: what the names of files say, and how files continue each other. What rows prove belongs to
//! [`ExportProof`](crate::domain::ExportProof).

use std::collections::BTreeMap;

use chrono::DateTime;

use super::report::FileReport;
use crate::domain::{ExportProof, LONGEST_SILENCE_MS};
use crate::store::{ImportId, ProvenSpan};

/// The same in milliseconds since 1970.
type Millis = (i64, i64);

/// Parts of one history may overlap by this much at their ends.
const OVERLAP_MS: i64 = 60_000;

/// What files prove: each by itself, and together with the file of the next number if that
/// continues the same history.
pub fn proven(files: &[FileReport]) -> Vec<ProvenSpan> {
    let whole: Vec<&FileReport> = files.iter().filter(|file| may_prove(file)).collect();
    let good: Vec<&FileReport> =
        whole.iter().copied().filter(|one| !whole.iter().any(|other| are_interleaved(one, other))).collect();
    let alone = good.iter().filter_map(|file| Some((file.id?, file)));
    let alone = alone.flat_map(|(id, file)| file.proof.spans().map(move |span| (span, id, None)));
    let mut spans: Vec<(Millis, ImportId, Option<ImportId>)> = alone.collect();
    let parts = good.iter().filter_map(|file| Some((Part::of(&file.name)?, (file.id?, &file.proof))));
    let parts: BTreeMap<(String, u32), (ImportId, &ExportProof)> =
        parts.map(|(part, proof)| ((part.history, part.number), proof)).collect();
    for ((history, number), (id, before)) in &parts {
        let after = parts.get(&(history.clone(), number.saturating_add(1)));
        let seam = after.and_then(|(next, after)| Some((seam(before, after)?, *id, Some(*next))));
        spans.extend(seam);
    }
    let at = DateTime::from_timestamp_millis;
    let span =
        |((from, to), file, next_file)| Some(ProvenSpan { from: at(from)?, to: at(to)?, file, next_file });
    spans.into_iter().filter_map(span).collect()
}

/// Whether a file's rows may prove anything: it was read to its end, and is of a kind that contains
/// every play of its time.
fn may_prove(file: &FileReport) -> bool {
    let name = base(&file.name).to_lowercase();
    // Files beside the music; and `endsong`, whose parts each contain some plays of all years.
    let proves_nothing = ["video", "podcast", "audiobook", "endsong"].iter().any(|word| name.contains(word));
    file.error.is_none() && !proves_nothing
}

/// Whether both are parts of one history that cover the same time: then neither is complete for it.
fn are_interleaved(one: &FileReport, other: &FileReport) -> bool {
    let ends = |file: &FileReport| {
        let (from, to): (Vec<i64>, Vec<i64>) = file.proof.spans().unzip();
        Some((*from.first()?, *to.last()?))
    };
    let (Some((from, to)), Some((from_other, to_other))) = (ends(one), ends(other)) else { return false };
    let (Some(one), Some(other)) = (Part::of(&one.name), Part::of(&other.name)) else { return false };
    let is_of_same = one.name == other.name && one.number != other.number;
    is_of_same && to.min(to_other) - from.max(from_other) > OVERLAP_MS
}

/// The time between the last row of a part and the first row of the next.
fn seam(before: &ExportProof, after: &ExportProof) -> Option<Millis> {
    let (end, begin) = (before.end()?, after.begin()?);
    (end - OVERLAP_MS <= begin && begin <= end + LONGEST_SILENCE_MS)
        .then_some((end.min(begin), end.max(begin)))
}

/// A file as a part of a history in several files.
struct Part {
    /// Its folder, and its name up to the first digit.
    history: String,
    /// Its name up to the number.
    name: String,
    number: u32,
}

impl Part {
    fn of(name: &str) -> Option<Self> {
        let folder = name.strip_suffix(base(name))?;
        let stem = base(name).rsplit_once('.').map_or(base(name), |(stem, _)| stem);
        let digits = stem.rsplit(|c: char| !c.is_ascii_digit()).next().filter(|digits| !digits.is_empty())?;
        let letters = stem.split(|c: char| c.is_ascii_digit()).next()?;
        let history = format!("{folder}{}", letters.to_lowercase());
        Some(Self { history, name: stem.strip_suffix(digits)?.to_owned(), number: digits.parse().ok()? })
    }
}

fn base(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;

    const MINUTE: i64 = 60_000;

    /// A file with one row at each of these minutes.
    fn file(name: &str, minutes: &[i64]) -> FileReport {
        let mut file = FileReport::named(format!("folder/{name}"));
        file.id = Some(ImportId(1));
        for minute in minutes {
            file.proof.add(minute * MINUTE, Some(0), true);
        }
        file
    }

    fn minutes(files: &[FileReport]) -> Vec<(i64, i64)> {
        let minute = |at: DateTime<Utc>| at.timestamp_millis() / MINUTE;
        proven(files).into_iter().map(|span| (minute(span.from), minute(span.to))).collect()
    }

    #[test]
    fn a_whole_file_proves_its_time_and_the_next_number_goes_on_with_it() {
        let first = file("Streaming_History_Audio_2022-2023_0.json", &[10, 20]);
        let next = file("Streaming_History_Audio_2023_1.json", &[30, 40]);
        assert_eq!(minutes(&[first, next]), [(10, 20), (30, 40), (20, 30)]);
    }

    #[test]
    fn numbers_that_lack_one_or_are_of_another_history_do_not_go_on() {
        let first = || file("Streaming_History_Audio_2023_0.json", &[10, 20]);
        for other in ["Streaming_History_Audio_2023_2.json", "StreamingHistory_music_1.json"] {
            assert_eq!(minutes(&[first(), file(other, &[30, 40])]), [(10, 20), (30, 40)], "{other}");
        }
        let late = file("Streaming_History_Audio_2023_1.json", &[20 + LONGEST_SILENCE_MS / MINUTE + 1]);
        assert_eq!(minutes(&[first(), late]).len(), 2, "a silence lies between them");
    }

    #[test]
    fn an_error_in_one_file_costs_its_own_proof_and_no_other() {
        let mut broken = file("StreamingHistory_music_0.json", &[1, 5]);
        broken.error = Some("is incomplete".to_owned());
        let good = file("StreamingHistory_music_1.json", &[10, 20]);
        assert_eq!(minutes(&[broken, good]), [(10, 20)]);
    }

    #[test]
    fn a_part_that_lacks_its_last_row_does_not_go_on_with_the_next() {
        let mut lacking = file("StreamingHistory_music_0.json", &[10, 20]);
        lacking.proof.lack();
        let next = file("StreamingHistory_music_1.json", &[30, 40]);
        assert_eq!(minutes(&[lacking, next]), [(10, 19), (30, 40)]);
    }

    #[test]
    fn parts_that_have_the_same_time_prove_nothing() {
        let parts = [0, 1, 2].map(|part| {
            let rows: Vec<i64> = (0..50).map(|row| row * 30 + part).collect();
            file(&format!("history_{part}.json"), &rows)
        });
        assert_eq!(minutes(&parts), []);
    }

    #[test]
    fn old_parts_and_files_beside_the_music_prove_nothing() {
        for name in ["endsong_3.json", "Streaming_History_Video_2023.json", "StreamingHistory_podcast_0.json"]
        {
            assert_eq!(minutes(&[file(name, &[10, 20])]), [], "{name}");
        }
    }
}
