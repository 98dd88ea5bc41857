//! Whether a snapshot shows that the database changed.

use chrono::{DateTime, Utc};

use crate::domain::{ChangeLine, Entity, Mode, RunId, RunStatus, Snapshot};

/// The parts of a snapshot that depend on the stored rows; another value means that rows must be
/// read again.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeToken {
    database: String,
    entities: Vec<(Entity, Option<DateTime<Utc>>, u32)>,
    /// The newest line of the journal, once no run adds to it any more.
    journal: Option<ChangeLine>,
    plays: u64,
    run: Option<(RunId, RunStatus)>,
}

/// The number of parts of a first reading: its rows are stored page by page, and shown this often.
const PARTS: u32 = 20;

impl ChangeToken {
    /// The token of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let is_running = snapshot.run.as_ref().is_some_and(|run| run.status == RunStatus::Running);
        let entities = snapshot.entities.iter().map(|row| {
            let total = row.total.unwrap_or(row.done).max(1);
            let done = u64::from(row.done) * u64::from(PARTS) / u64::from(total);
            // Only an entity that is read for the first time has rows in the lists during the
            // reading.
            let part = if row.mode == Mode::Initial { u32::try_from(done).unwrap_or(PARTS) } else { PARTS };
            (row.entity_type, row.last_synced_at, part)
        });
        Self {
            database: snapshot.database.clone(),
            entities: entities.collect(),
            journal: snapshot.journal.first().filter(|_| !is_running).cloned(),
            plays: snapshot.plays.stored,
            run: snapshot.run.as_ref().map(|run| (run.id, run.status)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ChangeToken;
    use crate::domain::{Entity, RunStatus, Snapshot};
    use crate::tui::fixtures::{self, entity};

    fn changes(snapshot: &Snapshot, change: impl FnOnce(&mut Snapshot)) -> bool {
        let mut changed = snapshot.clone();
        change(&mut changed);
        ChangeToken::of(snapshot) != ChangeToken::of(&changed)
    }

    #[test]
    fn what_changes_rows_is_seen_and_what_does_not_is_not() {
        let idle = fixtures::idle();
        assert!(changes(&idle, |it| it.plays.stored += 1));
        assert!(changes(&idle, |it| entity(it, Entity::Albums).last_synced_at = Some(fixtures::now())));
        assert!(changes(&idle, |it| drop(it.journal.remove(0))));
        assert!(!changes(&idle, |it| it.at = fixtures::now() + chrono::TimeDelta::hours(1)));
        assert!(changes(&idle, |it| it.run.as_mut().unwrap().status = RunStatus::Running));
        assert!(!changes(&idle, |it| it.run.as_mut().unwrap().requests += 1));
        assert!(!changes(&idle, |it| it.usage.clear()));
        assert!(!changes(&idle, |it| entity(it, Entity::Tracks).done -= 5_000));
    }

    #[test]
    fn a_first_reading_is_seen_in_parts_and_its_journal_at_its_end() {
        let initial = fixtures::initial();
        assert!(!changes(&initial, |it| entity(it, Entity::Tracks).done += 10));
        assert!(changes(&initial, |it| entity(it, Entity::Tracks).done += 600));
        assert!(!changes(&initial, |it| it.journal = fixtures::idle().journal));
    }
}
