//! Finds which rows of several exports describe one play.
//!
//! Each export describes a play differently: other units, other platforms, a renamed album, names
//! lost and restored. The end, the length and the song stay the same. Within one file, equal rows
//! are separate plays, so each identity has as many plays as the file that contains it most often.
//! The row with the newest format provides the play, and the others stay as evidence.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::sets::Sets;
use super::{ExportFormat, Song, offline_second};

/// The fields of a row that show whether it describes the same play as another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldRow {
    /// The caller's key; later rows have larger keys.
    pub key: i64,
    /// The files that contain it. None: it was stored before files were recorded.
    pub files: BTreeSet<i64>,
    /// The kind of row.
    pub format: ExportFormat,
    /// Its end according to the row, in milliseconds since 1970.
    pub reported: i64,
    /// How long it was played.
    pub ms_played: Option<i64>,
    /// What was played.
    pub song: Song,
    /// Whether the row says that it was played offline.
    pub offline: bool,
    /// As it came.
    pub offline_timestamp: Option<i64>,
    /// Whether it says whether the play was skipped.
    pub judges_skips: bool,
}

/// For each row that another one describes better: the key of that one.
#[must_use]
pub fn duplicates(rows: &[ToldRow]) -> BTreeMap<i64, i64> {
    let mut alike: BTreeMap<(ExportFormat, i64, Option<i64>), Vec<&ToldRow>> = BTreeMap::new();
    for row in rows {
        alike.entry((row.format, row.reported, row.ms_played)).or_default().push(row);
    }
    let mut told_by = BTreeMap::new();
    for alike in alike.into_values().filter(|alike| alike.len() > 1) {
        for play in plays(alike) {
            let Some(best) = play.rows.iter().max_by_key(|row| row.newness()) else { continue };
            let others = play.rows.iter().filter(|row| row.key != best.key);
            told_by.extend(others.map(|row| (row.key, best.key)));
        }
    }
    told_by
}

/// A file, as counted for rows of one identity, and whether it counts in seconds: if exports of two
/// generations were joined into one file by hand, it counts as two.
type FilePart = (i64, bool);

/// Rows about one play, no two of them from one file.
struct ToldPlay<'a> {
    rows: Vec<&'a ToldRow>,
    files: BTreeSet<FilePart>,
    began: Option<i64>,
}

/// The plays of rows with one end and length; empty if each row is its own play.
fn plays(mut rows: Vec<&ToldRow>) -> Vec<ToldPlay<'_>> {
    // The rows with the most information come first: an open field matches anything.
    rows.sort_by_key(|row| (row.song.is_nameless(), row.began().is_none(), row.began(), row.key));
    let songs = songs(&rows);
    let files = files(&rows);
    if files.windows(2).all(|two| matches!(two, [one, other] if one == other)) {
        return Vec::new();
    }
    let mut plays: Vec<ToldPlay<'_>> = Vec::new();
    let mut of_song: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for ((row, song), files) in rows.into_iter().zip(songs).zip(files) {
        let fits = |play: &ToldPlay<'_>| {
            let agrees = play.began.is_none() || row.began().is_none() || play.began == row.began();
            agrees && play.files.is_disjoint(&files)
        };
        let places = of_song.entry(song).or_default();
        // Nameless rows come last and may be about any song.
        let any = 0..if song.is_none() { plays.len() } else { 0 };
        let found = places.iter().copied().chain(any).find(|place| plays.get(*place).is_some_and(fits));
        if let Some(play) = found.and_then(|place| plays.get_mut(place)) {
            play.add(row, files);
        } else {
            places.push(plays.len());
            plays.push(ToldPlay { rows: vec![row], files, began: row.began() });
        }
    }
    plays
}

impl<'a> ToldPlay<'a> {
    fn add(&mut self, row: &'a ToldRow, files: BTreeSet<FilePart>) {
        self.rows.push(row);
        self.files.extend(files);
        self.began = self.began.or(row.began());
    }
}

/// A number for the song of each row, equal if two names may be one song.
fn songs(rows: &[&ToldRow]) -> Vec<Option<usize>> {
    let mut sets = Sets::new(rows.len());
    let mut known: HashMap<(u8, &str), usize> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        for name in row.song.all_names() {
            sets.join(*known.entry(name).or_insert(place), place);
        }
    }
    let song = |(place, row): (usize, &&ToldRow)| (!row.song.is_nameless()).then(|| sets.root(place));
    rows.iter().enumerate().map(song).collect()
}

/// For each row the files that contain it. Rows of unknown files that came directly after each
/// other are from one file.
fn files(rows: &[&ToldRow]) -> Vec<BTreeSet<FilePart>> {
    let unknown: BTreeSet<i64> = rows.iter().filter(|row| row.files.is_empty()).map(|row| row.key).collect();
    let run_of = |key: i64| {
        let mut first = key;
        while unknown.contains(&(first - 1)) {
            first -= 1;
        }
        // Smaller than every number of a file, and larger for later rows.
        first.saturating_sub(i64::MAX)
    };
    let parts = |row: &&ToldRow| {
        let files = row.files.iter().map(|file| (*file, row.counts_seconds()));
        if row.files.is_empty() {
            BTreeSet::from([(run_of(row.key), row.counts_seconds())])
        } else {
            files.collect()
        }
    };
    rows.iter().map(parts).collect()
}

impl ToldRow {
    /// The second in which an offline play began: it distinguishes plays that were reported in the
    /// same second.
    fn began(&self) -> Option<i64> {
        offline_second(self.offline_timestamp).filter(|_| self.offline)
    }

    /// Whether its offline timestamp is not in milliseconds, as in older exports.
    fn counts_seconds(&self) -> bool {
        offline_second(self.offline_timestamp).is_none_or(|second| Some(second) == self.offline_timestamp)
    }

    /// How new its format is, and how many names it has; the row with the largest value provides
    /// the play.
    fn newness(&self) -> (bool, bool, bool, bool, Option<i64>, i64) {
        let is_named = !self.song.is_nameless();
        let has_uri = self.song.uri.starts_with("spotify:");
        let file = self.files.last().copied();
        (is_named, has_uri, self.counts_seconds(), self.judges_skips, file, self.key)
    }
}
