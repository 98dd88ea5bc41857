//! `phonolog import`: converts a privacy export to plays.

mod bar;
mod coverage;
mod known_source;
mod rejects;
mod report;
mod report_lines;
mod undo;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::Utc;
use color_eyre::Result;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::cli;
use crate::config::Config;
use crate::domain::{AccountId, SourceDigest};
use crate::import::{self, Batch, Event, ImportError, ReadControl};
use crate::store::{self, DatabaseLock, ExportWriter, FileSize, LockPurpose, PlayStore, Store};

use crate::app::Failure;
use crate::app::output::print;
use crate::app::runtime::{engine_host, logging, migration, signals};
use bar::Bar;
use known_source::SourceProgress;
use rejects::RejectsFile;
use report::{FileReport, ImportReport};

/// Batches between the reader and the writer, so that one goes on while the other compares a file
/// with the rest, or unpacks the next.
const ON_THE_WAY: usize = 6;

/// Imports the files at the paths.
pub async fn take_in(config: Config, args: cli::Import) -> Result<u8> {
    let _log = logging::start(&config)?;
    let stop = signals::stop_on_signals()?;
    let rejects = args.rejects.as_deref().map(RejectsFile::create).transpose()?;
    let trial = if args.dry_run { Some(trial_dir(&config)?) } else { None };
    let (store, lock) = match &trial {
        Some(dir) => open_trial(&config, dir.path()).await?,
        None => engine_host::open_for_writing(&config, LockPurpose::Import).await?,
    };
    if let Some(import) = args.undo {
        let done = undo::take_back(&store, &config, import, &stop).await;
        store.close().await;
        drop((lock, trial));
        return undo::print(&done?, args.dry_run, args.json);
    }
    let done = Importer::new(store.clone(), &config, rejects).await?.run(args.paths, &stop).await;
    store.close().await;
    drop((lock, trial));
    let report = ImportReport { dry_run: args.dry_run, ..done? };
    if args.json {
        print::json(&report)?;
    } else {
        report_lines::print_report(&report);
    }
    report_lines::print_errors(&report);
    if stop.is_cancelled() {
        return Err(Failure::Interrupted.into());
    }
    Ok(u8::from(report.has_failed()))
}

/// The folder of a dry run: beside the database, because the copy may be larger than the system's
/// temporary folder allows.
fn trial_dir(config: &Config) -> Result<tempfile::TempDir> {
    let prefix = store::trial_prefix();
    let mut folder = tempfile::Builder::new();
    folder.prefix(&prefix);
    let beside = config.paths.database.parent().filter(|dir| dir.is_dir());
    Ok(match beside {
        Some(dir) => folder.tempdir_in(dir),
        None => folder.tempdir(),
    }?)
}

/// A copy of the database for the dry run; the real database is only read, and may have any schema.
async fn open_trial(config: &Config, dir: &Path) -> Result<(Store, DatabaseLock)> {
    let copy = dir.join("trial.db");
    if config.paths.database.exists() {
        store::copy(&config.paths.database, &copy).await?;
    }
    migration::open_watched(&format!("sqlite:{}", copy.display()), LockPurpose::Import).await
}

/// A message of the reading thread.
enum ReaderMessage {
    Event(Event),
    Failed(ImportError),
}

struct Importer {
    store: Store,
    account: AccountId,
    writer: ExportWriter,
    report: ImportReport,
    source: Option<SourceProgress>,
    file: FileReport,
    /// Files on disk that need not be read again, each with its report.
    known: HashMap<SourceDigest, String>,
    rejects: Option<RejectsFile>,
    control: Arc<ReadControl>,
    bar: Bar,
}

impl Importer {
    async fn new(store: Store, config: &Config, rejects: Option<RejectsFile>) -> Result<Self> {
        let account = prepared_account(&store, config).await?;
        let plays = store.account(account).plays();
        // Rows that an interrupted import left are not counted as part of this one.
        plays.settle_exports().await?;
        let writer = plays.export_writer()?;
        // Rejected rows are found only by reading.
        let known = if rejects.is_some() { HashMap::new() } else { plays.known_sources().await? };
        let control = Arc::new(ReadControl {
            known: known.keys().copied().collect(),
            keeps_rejected: rejects.is_some(),
            ..ReadControl::default()
        });
        let bar = Bar::new(Arc::clone(&control));
        let (report, file) = (ImportReport::default(), FileReport::default());
        Ok(Self { store, account, writer, report, source: None, file, known, rejects, control, bar })
    }

    fn plays(&self) -> PlayStore<'_> {
        self.store.account(self.account).plays()
    }

    async fn run(mut self, paths: Vec<PathBuf>, stop: &CancellationToken) -> Result<ImportReport> {
        let (send, mut messages) = mpsc::channel(ON_THE_WAY);
        self.bar.begin(paths.iter().map(|path| import::weigh(path)).sum());
        let reading = Arc::clone(&self.control);
        // Its end is not awaited, because the input may block for any time.
        std::thread::spawn(move || read_all(&paths, &reading, &send));
        let mut done = Ok(());
        while let Some(message) = stop.run_until_cancelled(messages.recv()).await.flatten() {
            done = self.take(message).await;
            if done.is_err() {
                break;
            }
        }
        self.control.stop.store(true, Ordering::Relaxed);
        drop(messages);
        self.bar.sum_up();
        done?;
        if stop.is_cancelled() {
            self.end_file(import::Ending {
                broken: Some("was not read completely".to_owned()),
                ..import::Ending::default()
            })
            .await?;
        }
        self.plays().cover_by_import(&coverage::proven(&self.report.files)).await?;
        if let Some(rejects) = self.rejects {
            rejects.finish()?;
        }
        // Its cached keys are no longer needed.
        self.writer.close().await;
        let statistics = self.store.account(self.account).statistics();
        while !stop.is_cancelled() && statistics.settle_step().await? {}
        Ok(self.report)
    }

    async fn take(&mut self, message: ReaderMessage) -> Result<()> {
        match message {
            ReaderMessage::Event(Event::Source { name, digest }) => {
                self.source = Some(SourceProgress::begin(name, digest, &self.report));
            }
            ReaderMessage::Event(Event::SourceEnd) => self.end_source().await?,
            ReaderMessage::Event(Event::Known { name, digest }) => {
                let known = self.known.get(&digest).map_or("", String::as_str);
                known_source::add(known, &name, &mut self.report)?;
            }
            ReaderMessage::Event(Event::File { name }) => {
                self.writer.begin_file(name.rsplit(['/', '\\']).next().unwrap_or(&name), Utc::now());
                self.file = FileReport::named(name);
            }
            ReaderMessage::Event(Event::Rows(batch)) => self.store_rows(&batch).await?,
            ReaderMessage::Event(Event::End(ending)) => self.end_file(ending).await?,
            ReaderMessage::Event(Event::Skipped { name, why }) => {
                self.file = FileReport::default();
                self.report.skip(name, why);
            }
            ReaderMessage::Failed(error) => self.report.failed.push(error.to_string()),
        }
        Ok(())
    }

    async fn store_rows(&mut self, batch: &Batch) -> Result<()> {
        if let Some(rejects) = &mut self.rejects {
            rejects.add(&self.file.name, &batch.rejected)?;
        }
        let stored = self.writer.write(&batch.rows).await?;
        self.file.add(batch, stored.new);
        self.bar.show(self.report.total.rows + self.file.count.stored + self.file.count.duplicate);
        Ok(())
    }

    async fn end_file(&mut self, ending: import::Ending) -> Result<()> {
        let mut file = std::mem::take(&mut self.file);
        if file.name.is_empty() {
            return Ok(());
        }
        file.count.matched = self.plays().settle_exports().await?.matched;
        file.end(ending);
        file.id = self.writer.file().filter(|_| file.count.rows > file.count.rejected);
        if let (Some(id), None) = (file.id, &file.error) {
            self.plays().finish_file(id, FileSize { format: file.format, rows: file.count.rows }).await?;
        }
        self.report.add(file);
        Ok(())
    }

    /// A file on disk that was read whole is not read again.
    async fn end_source(&mut self) -> Result<()> {
        let Some(source) = self.source.take().and_then(|source| source.finish(&self.report)) else {
            return Ok(());
        };
        Ok(self.plays().finish_source(source.read()).await?)
    }
}

/// The account, with the person's settings if no engine applies them.
async fn prepared_account(store: &Store, config: &Config) -> Result<AccountId> {
    let account = store.accounts().ensure(Utc::now()).await?.id;
    if !DatabaseLock::is_engine_running(&config.paths.database) {
        let stats = config.stats;
        store.account(account).statistics().keep_by(stats.time_zone, stats.counts_from).await?;
    }
    Ok(account)
}

/// Runs in a thread of its own, because reading is pure computation.
fn read_all(paths: &[PathBuf], control: &ReadControl, send: &mpsc::Sender<ReaderMessage>) {
    for path in paths {
        let mut sink = |event| send.blocking_send(ReaderMessage::Event(event)).is_ok();
        match import::read(path, control, &mut sink) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                if send.blocking_send(ReaderMessage::Failed(error)).is_err() {
                    return;
                }
            }
        }
    }
}
