//! What the record holds at every request: what was stored since the last one, for the trace, and the judgements
//! that cost little.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::check;
use crate::database::Reader;
use crate::life::World;
use crate::trace::Who::Record;

/// What was seen of the record at the last request.
#[derive(Default)]
pub struct LastPage {
    /// A connection for as long as the engine lives.
    reader: Option<Reader>,
    /// Each list in words.
    lists: BTreeMap<String, String>,
    removals: i64,
    is_plain: bool,
}

impl LastPage {
    /// An engine begins to live; `is_plain` where the account stands still and no list is half read.
    pub fn begin(&mut self, is_plain: bool) {
        self.is_plain = is_plain;
        self.reader = None;
    }

    /// The engine ends, and shall be the last one to close the database.
    pub async fn close(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.close().await;
        }
    }
}

const LISTS: &str = "select entity_type, state, mode, total_processed as done, total_remote as total, staged,
    (select count(*) from staged s where s.entity_type = t.entity_type) as rows, last_error,
    (select count(*) from library_changes c where c.change = 'removed') as removals
    from sync_state t order by entity_type";

/// Judges and traces what the record holds now.
pub async fn judge(world: &Arc<World>) {
    let _busy = world.busy();
    let mut last = world.last_page.lock().await;
    let mut reader = match last.reader.take() {
        Some(reader) => reader,
        None => Reader::open(&world.database()).await,
    };
    let lists = reader.query(LISTS).await;
    for list in &lists {
        let entity = list["entity_type"].as_str().unwrap().to_owned();
        let words = words(list);
        if last.lists.get(&entity) != Some(&words) {
            world.trace(Record, || format!("{entity}: {words}"));
            last.lists.insert(entity, words);
        }
        assert_eq!(list["staged"], list["rows"], "staged rows are counted wrong: {list}");
    }
    let removals = lists.first().map_or(0, |list| list["removals"].as_i64().unwrap());
    if removals != last.removals {
        let lines = reader.query(check::REMOVALS).await;
        let journal = reader.query(check::JOURNAL).await;
        check::only_what_went_is_called_removed(world, &lines, &journal);
        last.removals = removals;
    }
    if last.is_plain {
        check::checkpoints_fit_their_rows(world, reader.query(check::CHECKPOINTS).await);
    }
    last.reader = Some(reader);
}

fn words(list: &Value) -> String {
    let text = |name: &str| list[name].as_str().unwrap_or_default().to_owned();
    let mut words =
        vec![format!("{} ({}), {} of {}", text("state"), text("mode"), list["done"], list["total"])];
    words.extend((list["staged"] != 0).then(|| format!("{} staged", list["staged"])));
    words.extend(Some(text("last_error")).filter(|error| !error.is_empty()));
    words.join(", ")
}
