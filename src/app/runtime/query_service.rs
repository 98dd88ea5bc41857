//! Reads the database for a browser screen: one question at a time, the newest one, in a separate
//! task.
//!
//! The database is opened for reading at the first question. It is the one of the screen's own
//! config, because that config also found the engine, whether in this process or over a socket. The
//! visible list is in memory, so every key of a filter is answered from there. It is read again
//! when a question says that the database changed, and dropped when nothing is requested any more.

mod figures;
mod home;
mod log;
pub mod report;
mod report_details;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Local, NaiveDate, Utc};
use tokio::select;
use tokio::sync::watch;

use crate::app::runtime::logging::lines;
use crate::clock::SharedClock;
use crate::domain::AccountId;
use crate::domain::queries::{
    Anchor, Answered, BrowseList, Details, Fact, ItemKind, PeriodOf, PlaysLine, PlaysPage, QueryAnswer,
    RecordQuery, RecordQuestion, RemainingPlays, Section, TableRow,
};
use crate::handle::{Reader, ReaderEnd};
use crate::search::{ListIndex, plays_by_day};
use crate::store::{Access, AccountStore, PlayedMonths, PlaysAround, Store};

/// A sentence for the screen.
type QueryResult<T> = Result<T, String>;

/// Plays on either side of a place in the history: a few screens full.
const PLAYS: u32 = 200;

/// Starts a reader; it ends with the screen at the other end.
pub fn start(database_url: String, log_dir: PathBuf, clock: SharedClock) -> Reader {
    let (reader, end) = Reader::pair();
    tokio::spawn(
        QueryDesk {
            end,
            database_url,
            log_dir,
            clock,
            record: None,
            index: None,
            months: None,
            log_read: Vec::new(),
        }
        .work(),
    );
    reader
}

struct QueryDesk {
    end: ReaderEnd,
    database_url: String,
    log_dir: PathBuf,
    clock: SharedClock,
    record: Option<QueryRecord>,
    index: Option<IndexedList>,
    /// What was played in which month, for one version of the database state.
    months: Option<(u64, Arc<PlayedMonths>)>,
    /// The sizes of the log files at the last read.
    log_read: Vec<u64>,
}

/// The open database and its account.
#[derive(Clone)]
struct QueryRecord {
    store: Store,
    account: AccountId,
}

impl QueryRecord {
    const fn account(&self) -> AccountStore<'_> {
        self.store.account(self.account)
    }
}

/// A list in memory, for one version of the database state.
struct IndexedList {
    list: BrowseList,
    revision: u64,
    index: ListIndex,
}

impl IndexedList {
    fn answers(&self, list: &BrowseList, revision: u64) -> bool {
        self.list == *list && self.revision == revision
    }
}

impl QueryDesk {
    async fn work(mut self) {
        loop {
            let question = self.end.questions.borrow_and_update().clone();
            match question {
                Some(question) => self.answer(question).await,
                None => self.index = None,
            }
            if !self.wait().await {
                break;
            }
        }
        if let Some(record) = self.record {
            record.store.close().await;
        }
    }

    /// Waits for work: another question, or new lines of the visible log. `false` once the screen
    /// has ended.
    async fn wait(&mut self) -> bool {
        if !self.index.as_ref().is_some_and(|held| held.list == BrowseList::Log) {
            return self.end.questions.changed().await.is_ok();
        }
        loop {
            select! {
                asked = self.end.questions.changed() => return asked.is_ok(),
                () = tokio::time::sleep(lines::LOOK_AGAIN) => {}
            }
            if log::extent(&self.log_dir) != self.log_read {
                self.index = None;
                return true;
            }
        }
    }

    /// Answers a question, unless a newer one replaces it.
    async fn answer(&mut self, question: RecordQuestion) {
        let answer = match &question.query {
            RecordQuery::Page { list, .. } => return self.search(list.clone(), question).await,
            RecordQuery::Plays { filter, .. } if is_filter(filter) => {
                return self.search(BrowseList::Played, question).await;
            }
            RecordQuery::Details(ItemKind::Report(period)) => {
                return self.report(*period, question).await;
            }
            RecordQuery::Details(thing) => self.describe(thing).await.map(QueryAnswer::Details),
            RecordQuery::Plays { anchor, .. } => self.plays(*anchor).await.map(QueryAnswer::Plays),
            RecordQuery::Home => match self.record().await {
                Ok(record) => {
                    let home = home::read(&record, self.clock.now()).await;
                    home.map(|home| QueryAnswer::Home(Box::new(home)))
                }
                Err(why) => Err(why),
            },
            RecordQuery::Figures(figure, period) => match self.record().await {
                Ok(record) => {
                    figures::read(&record, *figure, *period, self.clock.now()).await.map(QueryAnswer::Figures)
                }
                Err(why) => Err(why),
            },
        };
        self.send(question, answer);
    }

    /// Answers from a list in memory.
    async fn search(&mut self, list: BrowseList, question: RecordQuestion) {
        match self.shelve(&list, question.revision).await {
            // The filter that was typed while the list was read is already used.
            Some(Ok(())) => self.answer_from_index().await,
            Some(Err(why)) => self.send(question, Err(why)),
            None => {}
        }
    }

    fn send(&self, question: RecordQuestion, answer: QueryResult<QueryAnswer>) {
        self.end.answers.send_replace(Some(Arc::new(Answered { question, answer })));
    }

    /// Loads the list for this version of the database state. `None`: something else was requested
    /// meanwhile.
    async fn shelve(&mut self, list: &BrowseList, revision: u64) -> Option<QueryResult<()>> {
        if self.index.as_ref().is_some_and(|held| held.answers(list, revision)) {
            return Some(Ok(()));
        }
        self.index = None;
        let source = match list {
            BrowseList::Log => {
                self.log_read = log::extent(&self.log_dir);
                RecordSource::Log(self.log_dir.clone())
            }
            _ => match self.record().await {
                Ok(record) => RecordSource::Record(record),
                Err(why) => return Some(Err(why)),
            },
        };
        // A question about a window or a filter of the same list waits for it; any other question
        // cancels it.
        let loaded = select! {
            loaded = load(source, list.clone()) => loaded,
            () = something_else(&mut self.end.questions, list, revision) => {
                // Already seen here, but the loop must still find it.
                self.end.questions.mark_changed();
                return None;
            }
        };
        Some(loaded.map(|index| self.index = Some(IndexedList { list: list.clone(), revision, index })))
    }

    /// Answers the newest question from memory, if it is about the loaded list.
    async fn answer_from_index(&mut self) {
        let newest = self.end.questions.borrow_and_update().clone();
        let Some(question) = newest else {
            self.index = None;
            return;
        };
        match (self.index.take(), searched(&question.query)) {
            (Some(held), Some(list)) if held.answers(&list, question.revision) => match &question.query {
                RecordQuery::Plays { anchor, filter } => {
                    let (anchor, filter) = (*anchor, filter.clone());
                    self.answer_with_plays(question, held, anchor, filter).await;
                }
                _ => self.answer_with_rows(question, held).await,
            },
            _ => self.end.questions.mark_changed(),
        }
    }

    async fn answer_with_rows(&mut self, question: RecordQuestion, held: IndexedList) {
        let RecordQuery::Page { filter, sort, window, .. } = question.query.clone() else {
            return;
        };
        let searched = self.look_into(held, move |index| index.page(&filter, sort, window)).await;
        self.send(question, searched.map(QueryAnswer::Page));
    }

    /// Plays of the items that match a filter. The tracks and episodes are found in memory, and
    /// their plays in the months in which they occur; a key that is typed meanwhile is handled
    /// first.
    async fn answer_with_plays(
        &mut self,
        question: RecordQuestion,
        held: IndexedList,
        anchor: Anchor,
        filter: String,
    ) {
        let found = async {
            let uris = self.look_into(held, move |index| index.uris(&filter)).await?;
            let (record, months) = (self.record().await?, self.months(question.revision).await?);
            Ok((uris, record, months))
        };
        let (uris, record, months) = match found.await {
            Ok(found) => found,
            Err(why) => return self.send(question, Err(why)),
        };
        let left = RemainingPlays { titles: uris.len(), settled: months.settled };
        let around = select! {
            around = record.account().queries().plays_of(&uris, &months, anchor, PLAYS) => around,
            () = another(&mut self.end.questions, &question) => return self.end.questions.mark_changed(),
        };
        let page = around.map(|around| PlaysPage { left: Some(left), ..page_of(around) }).map_err(sentence);
        self.send(question, page.map(QueryAnswer::Plays));
    }

    /// Searches the list in memory in a way that blocks nothing else.
    async fn look_into<T: Send + 'static>(
        &mut self,
        mut held: IndexedList,
        look: impl FnOnce(&mut ListIndex) -> T + Send + 'static,
    ) -> QueryResult<T> {
        let looked = tokio::task::spawn_blocking(move || {
            let found = look(&mut held.index);
            (held, found)
        });
        match looked.await {
            Ok((held, found)) => {
                self.index = Some(held);
                Ok(found)
            }
            Err(error) => Err(format!("filter task panicked ({error}); please report this bug")),
        }
    }

    async fn months(&mut self, revision: u64) -> QueryResult<Arc<PlayedMonths>> {
        if let Some((as_of, months)) = &self.months
            && *as_of == revision
        {
            return Ok(Arc::clone(months));
        }
        let record = self.record().await?;
        let months = Arc::new(record.account().queries().played_months().await.map_err(sentence)?);
        self.months = Some((revision, Arc::clone(&months)));
        Ok(months)
    }

    async fn describe(&mut self, thing: &ItemKind) -> QueryResult<Details> {
        if let ItemKind::LogLine(line) = thing {
            return Ok(log_line(line));
        }
        let record = self.record().await?;
        let found = record.account().queries().describe(thing).await.map_err(sentence)?;
        found.ok_or_else(|| "there are no details for this".to_owned())
    }

    /// Answers with a report, unless another question comes meanwhile: it adds up the whole history.
    async fn report(&mut self, period: PeriodOf, question: RecordQuestion) {
        let record = match self.record().await {
            Ok(record) => record,
            Err(why) => return self.send(question, Err(why)),
        };
        let report = select! {
            report = report_details::read(&record, period, self.clock.now()) => report,
            () = another(&mut self.end.questions, &question) => return self.end.questions.mark_changed(),
        };
        self.send(question, report.map(QueryAnswer::Details));
    }

    async fn plays(&mut self, anchor: Anchor) -> QueryResult<PlaysPage> {
        let record = self.record().await?;
        let around = record.account().queries().plays_around(anchor, PLAYS).await.map_err(sentence)?;
        Ok(page_of(around))
    }

    /// Opens the database if necessary, also if another file is in its place.
    async fn record(&mut self) -> QueryResult<QueryRecord> {
        match self.record.take() {
            Some(record) if record.store.is_in_place() => {
                self.record = Some(record.clone());
                return Ok(record);
            }
            Some(record) => record.store.close().await,
            None => {}
        }
        let store = Store::open(&self.database_url, Access::ReadOnly).await.map_err(sentence)?;
        let account = store.accounts().current().await.map_err(sentence)?;
        let account = account.ok_or("there is no record yet; run `phonolog login`")?.id;
        let record = QueryRecord { store, account };
        self.record = Some(record.clone());
        Ok(record)
    }
}

/// The lines of plays around a place.
fn page_of(around: PlaysAround) -> PlaysPage {
    // The place itself is the first play that is not above it, if there is one.
    let place = around.plays.get(around.above).or(around.plays.last()).map(|play| play.id);
    let lines = plays_by_day(around.plays, around.marks, day_of);
    let is_there = |line: &PlaysLine| matches!(line, PlaysLine::Play(play) if Some(play.id) == place);
    let at = lines.iter().position(is_there).unwrap_or_default();
    PlaysPage { lines, newer: around.newer, older: around.older, at, left: None }
}

/// Whether it is not empty.
fn is_filter(typed: &str) -> bool {
    !typed.trim().is_empty()
}

/// The list that a question is answered from.
fn searched(query: &RecordQuery) -> Option<BrowseList> {
    match query {
        RecordQuery::Page { list, .. } => Some(list.clone()),
        RecordQuery::Plays { filter, .. } if is_filter(filter) => Some(BrowseList::Played),
        RecordQuery::Plays { .. }
        | RecordQuery::Details(_)
        | RecordQuery::Figures(..)
        | RecordQuery::Home => None,
    }
}

/// Waits until another question is asked; never ends once the screen has ended.
async fn another(questions: &mut watch::Receiver<Option<RecordQuestion>>, question: &RecordQuestion) {
    if questions.wait_for(|newest| newest.as_ref() != Some(question)).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Waits until a question is not about this list and version; never ends once the screen has ended.
async fn something_else(
    questions: &mut watch::Receiver<Option<RecordQuestion>>,
    list: &BrowseList,
    revision: u64,
) {
    if questions.wait_for(|newest| !is_about(newest.as_ref(), list, revision)).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Whether a question is about a list in a version of the database state.
fn is_about(question: Option<&RecordQuestion>, list: &BrowseList, revision: u64) -> bool {
    let is_it = |question: &RecordQuestion| {
        question.revision == revision && searched(&question.query).as_ref() == Some(list)
    };
    question.is_some_and(is_it)
}

/// The source of a list's rows.
enum RecordSource {
    Record(QueryRecord),
    /// Files in this folder.
    Log(PathBuf),
}

fn sentence(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl RecordSource {
    async fn rows(self, list: &BrowseList) -> QueryResult<Vec<TableRow>> {
        match self {
            Self::Record(record) => record.account().queries().browse(list).await.map_err(sentence),
            Self::Log(dir) => {
                let read = tokio::task::spawn_blocking(move || log::rows(&dir)).await;
                read.map_err(|error| format!("log task panicked ({error}); please report this bug"))?
            }
        }
    }
}

fn log_line(line: &str) -> Details {
    let sections = Section::of("", vec![Fact::prose(line)]);
    Details { name: "line".to_owned(), uri: None, sections: sections.into_iter().collect() }
}

async fn load(source: RecordSource, list: BrowseList) -> QueryResult<ListIndex> {
    let rows = source.rows(&list).await?;
    let indexed = tokio::task::spawn_blocking(move || {
        let index = ListIndex::new(list.columns(), rows, day_of);
        if list == BrowseList::Everything { index.ranked() } else { index }
    });
    let indexed = indexed.await;
    indexed.map_err(|error| format!("list task panicked ({error}); please report this bug"))
}

/// The day by this machine's clock, as the screen shows it.
fn day_of(time: DateTime<Utc>) -> NaiveDate {
    time.with_timezone(&Local).date_naive()
}
