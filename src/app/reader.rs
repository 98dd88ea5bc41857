//! Reads the record for a screen that browses: one question at a time, the newest one, in a task of its own.
//!
//! The database is opened for reading when the first question comes. It is the one of the screen's own
//! config, since by it the engine was found, whether in this process or over a socket. The list that is looked at lies in memory, so that
//! every key of a filter is answered from there; it is read again when a question says that the record
//! changed, and dropped when nothing is wanted any more.

use std::sync::Arc;

use chrono::{DateTime, Local, NaiveDate, Utc};
use tokio::select;
use tokio::sync::watch;

use crate::browse::Shelf;
use crate::domain::AccountId;
use crate::domain::browse::{Answer, Answered, Details, List, Query, Question, Thing};
use crate::handle::{Reader, ReaderEnd};
use crate::store::{Access, Store};

/// A sentence for the screen.
type Told<T> = Result<T, String>;

/// A reader at work; it ends with the screen that holds the other end.
pub fn start(database_url: String) -> Reader {
    let (reader, end) = Reader::pair();
    tokio::spawn(Desk { end, database_url, record: None, shelf: None }.work());
    reader
}

struct Desk {
    end: ReaderEnd,
    database_url: String,
    record: Option<Record>,
    shelf: Option<Shelved>,
}

/// The open database and whose library is in it.
#[derive(Clone)]
struct Record {
    store: Store,
    account: AccountId,
}

/// A list in memory, as of a state of the record.
struct Shelved {
    list: List,
    revision: u64,
    shelf: Shelf,
}

impl Shelved {
    fn answers(&self, list: &List, revision: u64) -> bool {
        self.list == *list && self.revision == revision
    }
}

impl Desk {
    async fn work(mut self) {
        loop {
            let question = self.end.questions.borrow_and_update().clone();
            match question {
                Some(question) => self.answer(question).await,
                None => self.shelf = None,
            }
            if self.end.questions.changed().await.is_err() {
                break;
            }
        }
        if let Some(record) = self.record {
            record.store.close().await;
        }
    }

    /// Answers a question, unless a newer one makes it idle.
    async fn answer(&mut self, question: Question) {
        let answer = match &question.query {
            Query::Page { list, .. } => match self.shelve(list, question.revision).await {
                // What was typed while the list was read counts already.
                Some(Ok(())) => return self.answer_from_shelf().await,
                Some(Err(why)) => Err(why),
                None => return,
            },
            Query::Details(thing) => self.describe(thing).await.map(Answer::Details),
        };
        self.tell(question, answer);
    }

    fn tell(&self, question: Question, answer: Told<Answer>) {
        self.end.answers.send_replace(Some(Arc::new(Answered { question, answer })));
    }

    /// Has the list in memory as of this state of the record. `None`: something else is wanted meanwhile.
    async fn shelve(&mut self, list: &List, revision: u64) -> Option<Told<()>> {
        if self.shelf.as_ref().is_some_and(|held| held.answers(list, revision)) {
            return Some(Ok(()));
        }
        self.shelf = None;
        let record = match self.record().await {
            Ok(record) => record,
            Err(why) => return Some(Err(why)),
        };
        // A window or a filter of the same list waits for it; for anything else it is given up.
        let loaded = select! {
            loaded = load(record, list.clone()) => loaded,
            () = something_else(&mut self.end.questions, list, revision) => {
                // Seen by now, and to be found by the loop all the same.
                self.end.questions.mark_changed();
                return None;
            }
        };
        Some(loaded.map(|shelf| self.shelf = Some(Shelved { list: list.clone(), revision, shelf })))
    }

    /// Answers the newest question from memory, if it is about what lies there.
    async fn answer_from_shelf(&mut self) {
        let newest = self.end.questions.borrow_and_update().clone();
        let Some(question) = newest else {
            self.shelf = None;
            return;
        };
        let Query::Page { list, filter, sort, window } = question.query.clone() else {
            return self.end.questions.mark_changed();
        };
        match self.shelf.take() {
            Some(mut held) if held.answers(&list, question.revision) => {
                let searched = tokio::task::spawn_blocking(move || {
                    let page = held.shelf.page(&filter, sort, window);
                    (held, page)
                });
                let answer = match searched.await {
                    Ok((held, page)) => {
                        self.shelf = Some(held);
                        Ok(Answer::Page(page))
                    }
                    Err(error) => {
                        Err(format!("the filter broke ({error}); report this as a mistake in phonolog"))
                    }
                };
                self.tell(question, answer);
            }
            _ => self.end.questions.mark_changed(),
        }
    }

    async fn describe(&mut self, thing: &Thing) -> Told<Details> {
        let record = self.record().await?;
        let found = record.store.describe(record.account, thing).await.map_err(|error| error.to_string())?;
        found.ok_or_else(|| "nothing more is known of this".to_owned())
    }

    /// The database, open.
    async fn record(&mut self) -> Told<Record> {
        if let Some(record) = &self.record {
            return Ok(record.clone());
        }
        let store =
            Store::open(&self.database_url, Access::ReadOnly).await.map_err(|error| error.to_string())?;
        let account = store.account().await.map_err(|error| error.to_string())?;
        let account = account.ok_or("nothing is recorded yet; log in with `phonolog login`")?.id;
        let record = Record { store, account };
        self.record = Some(record.clone());
        Ok(record)
    }
}

/// Waits until something else is asked than a list as of a state of the record; for ever, once nobody asks.
async fn something_else(questions: &mut watch::Receiver<Option<Question>>, list: &List, revision: u64) {
    if questions.wait_for(|newest| !is_about(newest.as_ref(), list, revision)).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Whether a question is about a list as of a state of the record.
fn is_about(question: Option<&Question>, list: &List, revision: u64) -> bool {
    let is_it = |question: &Question| {
        question.revision == revision && matches!(&question.query, Query::Page { list: it, .. } if it == list)
    };
    question.is_some_and(is_it)
}

async fn load(record: Record, list: List) -> Told<Shelf> {
    let rows = record.store.browse(record.account, &list).await.map_err(|error| error.to_string())?;
    let shelved = tokio::task::spawn_blocking(move || Shelf::new(list.columns(), rows, day_of)).await;
    shelved.map_err(|error| format!("the list broke ({error}); report this as a mistake in phonolog"))
}

/// The day on the clock of this machine, as the screen shows it.
fn day_of(time: DateTime<Utc>) -> NaiveDate {
    time.with_timezone(&Local).date_naive()
}
