//! Commands about the library: sync, status, changes, export.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::domain::Entity;

/// `phonolog sync`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct SyncArgs {
    /// Lists to sync [default: all but details, the genres and pictures of your artists].
    #[arg(value_name = "ENTITY", value_parser = entity_of(Entity::ALL))]
    pub entities: Vec<Entity>,
    /// Read every list completely, even if it seems unchanged.
    #[arg(long)]
    pub full: bool,
    /// Only estimate requests, time and changes, with at most one request per entity; changes nothing.
    #[arg(long, conflicts_with = "allow_removals")]
    pub plan: bool,
    /// Allow the removals that stopped the last sync, but no more than it showed.
    #[arg(long)]
    pub allow_removals: bool,
    /// Print one JSON object per line.
    #[arg(long)]
    pub json: bool,
}

/// `phonolog status`
#[derive(Debug, Default, Args)]
pub struct Status {
    /// Print one JSON object; with --watch one per line.
    #[arg(long)]
    pub json: bool,
    /// Print again on every change until Ctrl-C.
    #[arg(long)]
    pub watch: bool,
}

pub(super) const CHANGES_EXAMPLES: &str = "\
Examples:
  phonolog changes --since 7d                 of the last seven days
  phonolog changes --entity tracks --limit 20
  phonolog changes --playlist \"Road trip\"     of one playlist and its contents
  phonolog changes --json | jq .name          one JSON object per line

  phonolog changes --as-of 2026-11-01         the saved tracks as they were
  phonolog changes --as-of 30d --entity playlists
  phonolog changes --as-of 30d --playlist \"Road trip\"

A TIME is 2026-11-01T10:00:00Z, a local \"2026-11-01 10:00\", a day as 2026-11-01
(its beginning), or how long ago: 7d, 12h, 90min.";

/// `phonolog changes`
#[derive(Debug, Args)]
pub struct ChangesArgs {
    /// Only changes seen at this time or later.
    #[arg(long, value_name = "TIME", conflicts_with = "as_of")]
    pub since: Option<String>,
    /// Only changes seen before this time.
    #[arg(long, value_name = "TIME", conflicts_with = "as_of")]
    pub until: Option<String>,
    /// Only this entity (repeatable).
    #[arg(long = "entity", value_name = "ENTITY", value_parser = entity_of(&Entity::MIRRORED))]
    pub entities: Vec<Entity>,
    /// Only this playlist, named by id, uri or exact name; with --as-of: its contents.
    #[arg(long, value_name = "PLAYLIST")]
    pub playlist: Option<String>,
    /// Show at most this many changes, the newest.
    #[arg(long, value_name = "COUNT", conflicts_with = "as_of", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// Show the library as it was at this time: the saved tracks, or the list that --entity or --playlist
    /// names.
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
    /// Print one JSON object per line, with the columns of v_library_changes or of the list's view.
    #[arg(long)]
    pub json: bool,
}

pub(super) const EXPORT_EXAMPLES: &str = "\
Examples:
  phonolog export tracks > tracks.csv
  phonolog export plays --form jsonl | jq .name
  phonolog export playlists --form m3u8 --to ~/playlists    one file per playlist

In CSV, a cell that a spreadsheet would read as a formula (it begins with =, +, - or @) gets an
apostrophe in front; --raw turns this off. JSON is always exact. Exit status: 0 done, 1 failed, 2 usage.";

/// `phonolog export`
#[derive(Debug, Args)]
pub struct Export {
    /// List to export; playlists include every item.
    pub what: ExportWhat,
    /// Output format.
    #[arg(long, default_value = "csv")]
    pub form: ExportForm,
    /// Write into this directory, one file per playlist [default: standard output].
    #[arg(long, value_name = "DIR")]
    pub to: Option<std::path::PathBuf>,
    /// Do not protect CSV cells that a spreadsheet would read as formulas.
    #[arg(long)]
    pub raw: bool,
}

/// A list to be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportWhat {
    /// The saved tracks.
    Tracks,
    /// The saved albums.
    Albums,
    /// The followed artists.
    Artists,
    /// The playlists with their contents.
    Playlists,
    /// The plays.
    Plays,
    /// The changes in the journal.
    Changes,
}

impl ExportWhat {
    /// The word for it, which is also the name of its file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tracks => "tracks",
            Self::Albums => "albums",
            Self::Artists => "artists",
            Self::Playlists => "playlists",
            Self::Plays => "plays",
            Self::Changes => "changes",
        }
    }
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportForm {
    /// Comma-separated values with a header line.
    Csv,
    /// One JSON object per line.
    Jsonl,
    /// A playlist for media players; playlists only.
    M3u8,
}

impl ExportForm {
    /// The extension of its file.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::M3u8 => "m3u8",
        }
    }
}

/// Parses the name of an entity. Help and completions list the names.
fn entity_of(entities: &'static [Entity]) -> impl TypedValueParser<Value = Entity> {
    PossibleValuesParser::new(entities.iter().map(|entity| entity.as_str()))
        .try_map(|word| word.parse::<Entity>())
}
