//! `phonolog export`: writes recorded data for other programs. Rows are written as they are read.
//!
//! A spreadsheet reads a cell as a formula if it begins with `=`, `+`, `-` or `@`, perhaps after
//! blanks, and the name of a playlist may be written by anyone. In CSV such a cell gets an
//! apostrophe in front, unless `--raw` requests the plain text. JSON is always exact.

mod form;
mod names;

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use color_eyre::Result;
use futures_util::TryStreamExt;
use serde_json::Value;

use crate::cli::{self, ExportForm, ExportWhat};
use crate::config::Config;
use crate::files::system_words;
use crate::store::{Access, ExportList, Store};

use crate::app::Failure;
use crate::app::output::print;
use crate::app::runtime::logging;
use form::{Cells, LineFormat};

/// Exports a list.
pub async fn write(config: &Config, args: &cli::Export) -> Result<u8> {
    if args.form == ExportForm::M3u8 && args.what != ExportWhat::Playlists {
        return Err(Failure::Usage("only playlists can be written as m3u8".to_owned()).into());
    }
    let store = Store::open(&config.paths.database_url(), Access::ReadOnly).await?;
    let Some(account) = store.accounts().current().await? else {
        return Err(Failure::failed("there is no record yet; run `phonolog sync` first").into());
    };
    let list = list(args.what);
    let mut target = ExportOutput::open(list, args)?;
    let mut rows = store.account(account.id).queries().export(list);
    let mut written = Ok(());
    while let Some(row) = rows.try_next().await? {
        written = target.row(&row);
        if written.is_err() {
            break;
        }
    }
    drop(rows);
    store.close().await;
    written.and_then(|()| target.close()).map(|()| 0)
}

const fn list(what: ExportWhat) -> ExportList {
    match what {
        ExportWhat::Tracks => ExportList::Tracks,
        ExportWhat::Albums => ExportList::Albums,
        ExportWhat::Artists => ExportList::Artists,
        ExportWhat::Playlists => ExportList::Playlists,
        ExportWhat::Plays => ExportList::Plays,
        ExportWhat::Changes => ExportList::Changes,
    }
}

/// The destination of the rows.
struct ExportOutput {
    list: ExportList,
    form: ExportForm,
    raw: bool,
    /// `None`: standard output.
    folder: Option<PathBuf>,
    /// The current sheet, and its playlist.
    current: Option<(Option<String>, Sheet)>,
    used: HashSet<String>,
    files: u32,
}

/// The file that is being written.
struct Sheet {
    form: LineFormat,
    place: ExportTarget,
}

/// The destination of a sheet.
enum ExportTarget {
    /// A file, which gets its name once it is complete.
    File { part: PathBuf, whole: PathBuf },
    /// Standard output, written at once.
    Output,
    /// Standard output, written after the last row was read. Its reader may take an hour, and as
    /// long as rows are being read, the writes of other processes accumulate in the database's log.
    OutputAtLast(File),
}

impl ExportOutput {
    fn open(list: ExportList, args: &cli::Export) -> Result<Self> {
        if let Some(folder) = &args.to {
            logging::private_dir(folder)?;
        }
        let (form, raw, folder) = (args.form, args.raw, args.to.clone());
        let mut target = Self { list, form, raw, folder, current: None, used: HashSet::new(), files: 0 };
        // A list without rows becomes a file with only a heading.
        if target.folder.is_none() || list != ExportList::Playlists {
            target.current = Some((None, target.sheet(args.what.name())?));
        }
        Ok(target)
    }

    fn row(&mut self, row: &[Value]) -> Result<()> {
        let is_apart = self.folder.is_some() && self.list == ExportList::Playlists;
        if is_apart {
            let id = row.first().and_then(Value::as_str).unwrap_or_default();
            if self.current.as_ref().and_then(|(of, _)| of.as_deref()) != Some(id) {
                self.finish()?;
                let name = row.get(1).and_then(Value::as_str).unwrap_or_default();
                let sheet = self.sheet(&names::of_playlist(name, id))?;
                self.current = Some((Some(id.to_owned()), sheet));
            }
        }
        match &mut self.current {
            Some((_, sheet)) => sheet.form.row(row).map_err(trouble),
            None => Ok(()),
        }
    }

    fn sheet(&mut self, name: &str) -> Result<Sheet> {
        let columns = self.list.columns();
        let Some(folder) = &self.folder else {
            let cells = Cells { raw: self.raw, is_shown: print::is_terminal() };
            let (place, outlet) = output().map_err(trouble)?;
            let form = LineFormat::begin(self.form, columns, cells, outlet).map_err(trouble)?;
            return Ok(Sheet { form, place });
        };
        let cells = Cells { raw: self.raw, is_shown: false };
        let name = format!("{}.{}", names::free(name, &mut self.used), self.form.extension());
        let (whole, part) = (folder.join(&name), folder.join(format!("{name}.part")));
        let file = private_file(&part).map_err(|error| unwritable(&part, &error))?;
        let form = LineFormat::begin(self.form, columns, cells, Box::new(BufWriter::new(file)));
        Ok(Sheet { form: form.map_err(trouble)?, place: ExportTarget::File { part, whole } })
    }

    fn finish(&mut self) -> Result<()> {
        let Some((_, sheet)) = self.current.take() else { return Ok(()) };
        sheet.form.finish().map_err(trouble)?;
        match sheet.place {
            ExportTarget::File { part, whole } => {
                std::fs::rename(&part, &whole).map_err(|error| unwritable(&whole, &error))?;
                self.files += 1;
            }
            ExportTarget::Output => {}
            ExportTarget::OutputAtLast(mut rows) => {
                let mut output = std::io::stdout().lock();
                let copied = rows.rewind().and_then(|()| std::io::copy(&mut rows, &mut output));
                copied.and_then(|_| output.flush()).map_err(print::unwritable)?;
            }
        }
        Ok(())
    }

    fn close(mut self) -> Result<()> {
        self.finish()?;
        if let Some(folder) = &self.folder {
            print::line(&format!("Wrote {} files to {}.", self.files, folder.display()));
        }
        Ok(())
    }
}

fn output() -> std::io::Result<(ExportTarget, Outlet)> {
    if print::is_file() {
        return Ok((ExportTarget::Output, Box::new(BufWriter::new(std::io::stdout()))));
    }
    let rows = tempfile::tempfile()?;
    let outlet = Box::new(BufWriter::new(rows.try_clone()?));
    Ok((ExportTarget::OutputAtLast(rows), outlet))
}

/// A file for its owner; a link that someone put there is never followed.
fn private_file(path: &Path) -> std::io::Result<File> {
    let _ = std::fs::remove_file(path);
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn trouble(error: std::io::Error) -> color_eyre::Report {
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        return error.into();
    }
    let why = system_words(&error);
    Failure::failed(format!("the export cannot be written completely ({why}); check the disk")).into()
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("{} cannot be written ({error}); check the folder", path.display()))
}

/// A writer.
type Outlet = Box<dyn Write>;
