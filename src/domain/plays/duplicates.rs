//! Which rows of several exports tell one play.
//!
//! Each export words a play anew: other units, other platforms, an album renamed, names lost and restored.
//! What stays is when it ended, how long it was and which song it was. Within one file equal rows are plays
//! of their own, so of each identity there are as many plays as the file has that tells it most often.
//! The newest wording tells the play; the others stay as evidence.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::sets::Sets;
use super::{ExportFormat, Song, offline_second};

/// A row as far as it may tell the play of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldRow {
    /// Whoever keeps it knows it by this; rows that came later have larger ones.
    pub key: i64,
    /// Files that have it. None: it came before files were known.
    pub files: BTreeSet<i64>,
    /// What kind of row.
    pub format: ExportFormat,
    /// Its end as the row reports it, in milliseconds since 1970.
    pub reported: i64,
    /// For how long it was played.
    pub ms_played: Option<i64>,
    /// What was played.
    pub song: Song,
    /// Whether it says that it was played offline.
    pub offline: bool,
    /// As it came.
    pub offline_timestamp: Option<i64>,
    /// Whether it says anything of being skipped.
    pub judges_skips: bool,
}

/// Of each row that another one tells better: the key of that one.
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

/// A file as rows of one identity are counted, and whether it counts seconds: where exports of two
/// generations were joined into one file by hand, it is two.
type FilePart = (i64, bool);

/// Rows that tell one play, no two of one file.
struct ToldPlay<'a> {
    rows: Vec<&'a ToldRow>,
    files: BTreeSet<FilePart>,
    began: Option<i64>,
}

/// The plays that rows of one end and length tell; none where each row is one.
fn plays(mut rows: Vec<&ToldRow>) -> Vec<ToldPlay<'_>> {
    // What says most first: what is left open fits anywhere.
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
        // Nameless rows come last and may be of any song.
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

/// A number for the song of each row, the same where two names may be one song.
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

/// Of each row the files that it stands in. Rows of unknown files that came one right after the other are of
/// one.
fn files(rows: &[&ToldRow]) -> Vec<BTreeSet<FilePart>> {
    let unknown: BTreeSet<i64> = rows.iter().filter(|row| row.files.is_empty()).map(|row| row.key).collect();
    let run_of = |key: i64| {
        let mut first = key;
        while unknown.contains(&(first - 1)) {
            first -= 1;
        }
        // Smaller than every number of a file, and the later the larger.
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
    /// The second in which an offline play began: it tells apart what was reported in the same second.
    fn began(&self) -> Option<i64> {
        offline_second(self.offline_timestamp).filter(|_| self.offline)
    }

    /// Whether its offline timestamp is none of milliseconds, as those of older exports are.
    fn counts_seconds(&self) -> bool {
        offline_second(self.offline_timestamp).is_none_or(|second| Some(second) == self.offline_timestamp)
    }

    /// How new its wording is, and how much it names; the largest tells the play.
    fn newness(&self) -> (bool, bool, bool, bool, Option<i64>, i64) {
        let is_named = !self.song.is_nameless();
        let has_uri = self.song.uri.starts_with("spotify:");
        let file = self.files.last().copied();
        (is_named, has_uri, self.counts_seconds(), self.judges_skips, file, self.key)
    }
}
