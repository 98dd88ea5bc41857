//! CSV, JSON lines, M3U8: converts a row to a line.

use std::io::{self, Write};

use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use crate::app::output::print;
use crate::cli::ExportForm;
use crate::domain::{display_safe, is_shown};

use super::Outlet;

/// A format with its file.
pub enum LineFormat {
    Csv { writer: Box<csv::Writer<Outlet>>, cells: Cells },
    Jsonl { outlet: Outlet, is_shown: bool, columns: &'static [&'static str] },
    M3u8 { outlet: Outlet, playlist: Option<String>, columns: ExportedPlaylist },
}

/// How a value becomes a cell.
#[derive(Debug, Clone, Copy)]
pub struct Cells {
    /// Unchanged, whatever a spreadsheet makes of it.
    pub raw: bool,
    /// On a terminal, which the text must not control.
    pub is_shown: bool,
}

/// The column indices of a playlist's rows.
pub struct ExportedPlaylist {
    columns: &'static [&'static str],
}

impl ExportedPlaylist {
    fn get<'a>(&self, row: &'a [Value], name: &str) -> Option<&'a str> {
        let place = self.columns.iter().position(|column| *column == name)?;
        row.get(place)?.as_str()
    }
}

impl LineFormat {
    /// Starts a file.
    pub fn begin(
        form: ExportForm,
        columns: &'static [&'static str],
        cells: Cells,
        mut outlet: Outlet,
    ) -> io::Result<Self> {
        Ok(match form {
            ExportForm::Csv => {
                let mut writer = Box::new(csv::Writer::from_writer(outlet));
                writer.write_record(columns).map_err(csv_error)?;
                Self::Csv { writer, cells }
            }
            ExportForm::Jsonl => Self::Jsonl { outlet, is_shown: cells.is_shown, columns },
            ExportForm::M3u8 => {
                writeln!(outlet, "#EXTM3U")?;
                Self::M3u8 { outlet, playlist: None, columns: ExportedPlaylist { columns } }
            }
        })
    }

    /// Writes one row. An empty playlist has one row without a slot, which CSV and JSON show, too.
    pub fn row(&mut self, row: &[Value]) -> io::Result<()> {
        match self {
            Self::Csv { writer, cells } => {
                let cells = row.iter().map(|value| cells.cell(value));
                writer.write_record(cells).map_err(csv_error)
            }
            Self::Jsonl { outlet, is_shown: true, columns } => {
                let mut text = Vec::new();
                object(&mut text, columns, row)?;
                writeln!(outlet, "{}", print::json_shown(&String::from_utf8_lossy(&text)))
            }
            Self::Jsonl { outlet, is_shown: false, columns } => {
                object(outlet, columns, row)?;
                outlet.write_all(b"\n")
            }
            Self::M3u8 { outlet, playlist, columns } => {
                let id = columns.get(row, "playlist_id").map(str::to_owned);
                if *playlist != id {
                    let name = columns.get(row, "playlist").unwrap_or_default();
                    writeln!(outlet, "#PLAYLIST:{}", line(name))?;
                    *playlist = id;
                }
                slot(outlet, columns, row)
            }
        }
    }

    /// Writes the rest.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Self::Csv { mut writer, .. } => writer.flush(),
            Self::Jsonl { mut outlet, .. } | Self::M3u8 { mut outlet, .. } => outlet.flush(),
        }
    }
}

/// An unreadable slot keeps its place, as a comment.
fn slot(outlet: &mut Outlet, columns: &ExportedPlaylist, row: &[Value]) -> io::Result<()> {
    let Some(kind) = columns.get(row, "kind") else { return Ok(()) };
    let name = line(columns.get(row, "name").unwrap_or("(unavailable)"));
    let artists = line(columns.get(row, "artists").unwrap_or_default());
    let title = if artists.is_empty() { name } else { format!("{artists} - {name}") };
    match columns.get(row, "uri") {
        Some(uri) => writeln!(outlet, "#EXTINF:-1,{title}\n{}", line(uri)),
        None => writeln!(outlet, "# {kind}: {title}"),
    }
}

/// Text from outside on one line.
fn line(text: &str) -> String {
    display_safe(&text.replace(['\n', '\r'], " "))
}

fn object(outlet: &mut impl Write, columns: &[&str], row: &[Value]) -> io::Result<()> {
    let mut json = serde_json::Serializer::new(outlet);
    let mut map = json.serialize_map(Some(row.len()))?;
    for (column, value) in columns.iter().zip(row) {
        map.serialize_entry(column, value)?;
    }
    SerializeMap::end(map)?;
    Ok(())
}

/// The underlying error; a closed reader is recognised by its kind.
fn csv_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

impl Cells {
    fn cell(self, value: &Value) -> String {
        let text = match value {
            Value::Null => return String::new(),
            Value::String(text) if self.raw => text.clone(),
            Value::String(text) => no_formula(text),
            other => return other.to_string(),
        };
        if !self.is_shown {
            return text;
        }
        let shown = |letter| is_shown(letter) || matches!(letter, '\n' | '\t');
        text.chars().map(|letter| if shown(letter) { letter } else { '\u{fffd}' }).collect()
    }
}

/// Characters that start a formula, in ASCII, full width and small form.
const FORMULA: [char; 12] = [
    '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{fe66}', '\u{fe62}', '\u{fe63}',
    '\u{fe6b}',
];

/// Adds an apostrophe to text that a spreadsheet would read as a formula. Blanks before the
/// character do not hide a formula. If semicolons, tabs or line ends separate cells, it may also
/// come after one of these.
fn no_formula(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 1);
    let (mut begins, mut is_first, mut is_guarded) = (true, true, text.starts_with(['\t', '\r', '\n']));
    for letter in text.chars() {
        if begins && FORMULA.contains(&letter) {
            is_guarded = true;
            if !is_first {
                safe.push('\'');
            }
        }
        let parts = matches!(letter, ';' | '\t' | '\r' | '\n');
        is_first &= !parts;
        begins = parts || (begins && (letter.is_whitespace() || !is_shown(letter)));
        safe.push(letter);
    }
    if is_guarded { format!("'{safe}") } else { safe }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cell(value: &Value, raw: bool) -> String {
        Cells { raw, is_shown: false }.cell(value)
    }

    #[test]
    fn a_formula_is_found_behind_blanks_and_where_other_signs_part_cells() {
        for (text, safe) in [
            ("\n=1+1", "'\n'=1+1"),
            (" =1+1", "' =1+1"),
            ("\u{a0}@x", "'\u{a0}@x"),
            ("\u{feff}=1", "'\u{feff}=1"),
            ("\u{ff1d}1+1", "'\u{ff1d}1+1"),
            ("\u{fe63}1", "'\u{fe63}1"),
            ("\rx", "'\rx"),
            ("a;=1+1", "'a;'=1+1"),
            ("a; -1;b", "'a; '-1;b"),
            ("a\t+1", "'a\t'+1"),
            ("a\r\n@x", "'a\r\n'@x"),
        ] {
            assert_eq!(cell(&json!(text), false), safe);
            assert_eq!(cell(&json!(text), true), text);
        }
        for plain in ["a=b", "AC-DC", "a; b", "Live - 2019", "it's", "", "R&B + Soul"] {
            assert_eq!(cell(&json!(plain), false), plain);
        }
    }

    #[test]
    fn a_terminal_is_not_steered_and_a_file_gets_what_there_is() {
        let hostile = "a\u{1b}]52;c;eA==\u{7}\u{9b}b\u{7f}\u{202e}c\nd";
        let shown = Cells { raw: true, is_shown: true }.cell(&json!(hostile));
        assert_eq!(shown, "a\u{fffd}]52;c;eA==\u{fffd}\u{fffd}b\u{fffd}\u{fffd}c\nd");
        assert_eq!(cell(&json!(hostile), true), hostile);
    }

    #[test]
    fn what_looks_like_a_formula_is_text_and_numbers_stay_numbers() {
        assert_eq!(cell(&json!("=HYPERLINK(1)"), false), "'=HYPERLINK(1)");
        assert_eq!(cell(&json!("@x"), false), "'@x");
        assert_eq!(cell(&json!("=x"), true), "=x");
        assert_eq!(cell(&json!("a=b"), false), "a=b");
        assert_eq!(cell(&json!(-5), false), "-5");
        assert_eq!(cell(&json!(true), false), "true");
        assert_eq!(cell(&json!(null), false), "");
    }
}
