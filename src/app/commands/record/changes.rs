//! `phonolog changes`: what changed in the library, or the library as it was.

mod journal;
mod past;
mod playlist;

use chrono::{DateTime, Local, Utc};
use color_eyre::Result;

use crate::cli;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::{AccountId, Entity};
use crate::store::{Access, HistoryStore, Store};

use crate::app::Failure;
use crate::app::output::failure::NO_RECORD;
use crate::app::output::layout::Paper;
use crate::app::output::{print, time_args};

/// A database with recorded data.
struct RecordReader {
    store: Store,
    account: AccountId,
}

/// The request, parsed as far as possible without a database.
enum ChangesQuestion {
    Changes { since: Option<DateTime<Utc>>, until: Option<DateTime<Utc>> },
    Past { at: DateTime<Utc>, entity: Entity },
}

/// The output format.
enum ChangesOutput {
    Text(Paper),
    Json,
}

/// Prints changes, or with `--as-of` a past list.
pub async fn show(config: &Config, args: &cli::ChangesArgs) -> Result<u8> {
    let now = SystemClock::shared().now();
    let question = ChangesQuestion::of(args, now)?;
    let output = if args.json { ChangesOutput::Json } else { ChangesOutput::Text(Paper::of(config)) };
    let Some(record) = RecordReader::open(config).await? else {
        return nothing_recorded(&question, &output);
    };
    let told = match question {
        ChangesQuestion::Changes { since, until } => {
            journal::show(&record, journal::JournalRequest { since, until, now, args }, &output).await
        }
        ChangesQuestion::Past { at, entity } => {
            past::show(&record, at, entity, args.playlist.as_deref(), &output).await
        }
    };
    record.store.close().await;
    told.map(|()| 0)
}

impl RecordReader {
    const fn history(&self) -> HistoryStore<'_> {
        self.store.account(self.account).history()
    }

    async fn open(config: &Config) -> Result<Option<Self>> {
        if !config.paths.database.exists() {
            return Ok(None);
        }
        let store = Store::open(&config.paths.database_url(), Access::ReadOnly).await?;
        let account = store.accounts().current().await?;
        Ok(account.map(|account| Self { store, account: account.id }))
    }
}

/// An empty result is an answer; a past that was not recorded is an error.
fn nothing_recorded(question: &ChangesQuestion, output: &ChangesOutput) -> Result<u8> {
    match (question, output) {
        (ChangesQuestion::Past { .. }, _) => return Err(Failure::failed(NO_RECORD).into()),
        (ChangesQuestion::Changes { .. }, ChangesOutput::Text(_)) => print::line(NO_RECORD),
        (ChangesQuestion::Changes { .. }, ChangesOutput::Json) => print::error(NO_RECORD),
    }
    Ok(0)
}

impl ChangesQuestion {
    fn of(args: &cli::ChangesArgs, now: DateTime<Utc>) -> Result<Self, Failure> {
        let time = |text: &Option<String>| {
            text.as_deref().map(|text| time_args::in_the_past(text, now, &Local)).transpose()
        };
        match time(&args.as_of)? {
            Some(at) => {
                Ok(Self::Past { at: time_args::to_its_end(at, now), entity: entity_of_the_past(args)? })
            }
            None => Ok(Self::Changes { since: time(&args.since)?, until: time(&args.until)? }),
        }
    }
}

fn entity_of_the_past(args: &cli::ChangesArgs) -> Result<Entity, Failure> {
    match (args.entities.as_slice(), &args.playlist) {
        ([] | [Entity::PlaylistItems], Some(_)) => Ok(Entity::PlaylistItems),
        ([entity], Some(_)) => Err(Failure::Usage(format!(
            "the contents of a playlist are not {entity}; use only one of --entity and --playlist"
        ))),
        ([Entity::PlaylistItems], None) => {
            Err(Failure::Usage("name the playlist with --playlist".to_owned()))
        }
        ([], None) => Ok(Entity::Tracks),
        ([entity], None) => Ok(*entity),
        (_, _) => Err(Failure::Usage("--as-of shows one list at a time; give --entity once".to_owned())),
    }
}
