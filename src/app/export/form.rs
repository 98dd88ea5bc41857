//! CSV, JSON lines, M3U8: a row in, a line out.

use std::io::{self, Write};

use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use crate::cli::ExportForm;
use crate::domain::display_safe;

use super::Outlet;

/// A form with the file under it.
pub enum Form {
    Csv { writer: Box<csv::Writer<Outlet>>, raw: bool },
    Jsonl { outlet: Outlet, columns: &'static [&'static str] },
    M3u8 { outlet: Outlet, playlist: Option<String>, columns: Playlist },
}

/// Where a playlist's rows have what.
pub struct Playlist {
    columns: &'static [&'static str],
}

impl Playlist {
    fn get<'a>(&self, row: &'a [Value], name: &str) -> Option<&'a str> {
        let place = self.columns.iter().position(|column| *column == name)?;
        row.get(place)?.as_str()
    }
}

impl Form {
    /// Begins a file.
    pub fn begin(
        form: ExportForm,
        columns: &'static [&'static str],
        raw: bool,
        mut outlet: Outlet,
    ) -> io::Result<Self> {
        Ok(match form {
            ExportForm::Csv => {
                let mut writer = Box::new(csv::Writer::from_writer(outlet));
                writer.write_record(columns).map_err(io::Error::from)?;
                Self::Csv { writer, raw }
            }
            ExportForm::Jsonl => Self::Jsonl { outlet, columns },
            ExportForm::M3u8 => {
                writeln!(outlet, "#EXTM3U")?;
                Self::M3u8 { outlet, playlist: None, columns: Playlist { columns } }
            }
        })
    }

    /// One row. An empty playlist has one without a slot, which is told in CSV and JSON, too.
    pub fn row(&mut self, row: &[Value]) -> io::Result<()> {
        match self {
            Self::Csv { writer, raw } => {
                let cells = row.iter().map(|value| cell(value, *raw));
                writer.write_record(cells).map_err(io::Error::from)
            }
            Self::Jsonl { outlet, columns } => {
                let mut json = serde_json::Serializer::new(&mut *outlet);
                let mut map = json.serialize_map(Some(row.len()))?;
                for (column, value) in columns.iter().zip(row) {
                    map.serialize_entry(column, value)?;
                }
                SerializeMap::end(map)?;
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

    /// Writes what is left.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Self::Csv { mut writer, .. } => writer.flush(),
            Self::Jsonl { mut outlet, .. } | Self::M3u8 { mut outlet, .. } => outlet.flush(),
        }
    }
}

/// What cannot be read has its place all the same, as a remark.
fn slot(outlet: &mut Outlet, columns: &Playlist, row: &[Value]) -> io::Result<()> {
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

/// A value as a cell. Text that a spreadsheet would take for a formula gets an apostrophe in front.
fn cell(value: &Value, raw: bool) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if !raw && text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
            format!("'{text}")
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::cell;

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
