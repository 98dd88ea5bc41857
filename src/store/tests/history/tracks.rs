//! Saved tracks, in walks and in readings from the top.

use proptest::prelude::*;

use super::*;

/// A slot of the list: a track and when it was saved, or a null row.
type Slot = Option<(char, i64)>;

/// What a person or Spotify does to the list between two syncs; places wrap around.
#[derive(Debug, Clone)]
enum Edit {
    /// Saved, or saved again: at the top, at the current time.
    Save(char),
    NullOnTop,
    Remove(usize),
    Null(usize),
    Move(usize, usize),
    /// The same place with another time.
    Retime(usize),
}

impl Edit {
    const fn only_adds_on_top(&self) -> bool {
        matches!(self, Self::Save(_) | Self::NullOnTop)
    }

    fn apply(&self, list: &mut Vec<Slot>, second: i64) {
        let len = list.len();
        match *self {
            Self::Save(name) => {
                list.retain(|slot| slot.is_none_or(|(held, _)| held != name));
                list.insert(0, Some((name, second)));
            }
            Self::NullOnTop => list.insert(0, None),
            Self::Null(place) => list.insert(place % (len + 1), None),
            _ if len == 0 => {}
            Self::Remove(place) => drop(list.remove(place % len)),
            Self::Move(from, to) => {
                let slot = list.remove(from % len);
                list.insert(to % len, slot);
            }
            Self::Retime(place) => {
                if let Some((_, saved)) = &mut list[place % len] {
                    *saved = second;
                }
            }
        }
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    let name = || prop::char::range('a', 'h');
    prop_oneof![
        4 => name().prop_map(Edit::Save),
        1 => Just(Edit::NullOnTop),
        2 => (0..9_usize).prop_map(Edit::Remove),
        1 => (0..9_usize).prop_map(Edit::Null),
        2 => (0..9_usize, 0..9_usize).prop_map(|(from, to)| Edit::Move(from, to)),
        1 => (0..9_usize).prop_map(Edit::Retime),
    ]
}

/// Edits between two syncs, and whether the sync is a full one; often nothing has changed.
fn syncs() -> impl Strategy<Value = Vec<(Vec<Edit>, bool)>> {
    let on_top = prop::collection::vec(edit().prop_filter("on top", Edit::only_adds_on_top), 0..4);
    let edits = prop_oneof![on_top, prop::collection::vec(edit(), 0..5)];
    prop::collection::vec((edits, prop::bool::weighted(0.3)), 2..10)
}

fn rows(list: &[Slot]) -> ListRows {
    let row = |slot: &Slot| slot.map_or(Row::Null, |(name, second)| saved(&name.to_string(), second));
    ListRows::Tracks(list.iter().map(row).collect())
}

/// How many rows are above the first known one; `None` if no row is known.
fn new_on_top(known: &[Slot], list: &[Slot]) -> Option<usize> {
    list.iter().position(|slot| slot.is_some() && known.contains(slot))
}

async fn read_from_the_top(
    bench: &mut Bench,
    list: &[Slot],
    new: usize,
    at: DateTime<Utc>,
) -> IncrementalOutcome {
    bench.next_run().await;
    bench.begin(Entity::Tracks, Mode::Incremental).await;
    bench.page(rows(&list[..new]), 0, false).await;
    let remote = u32::try_from(list.len()).unwrap();
    let finish =
        FinishIncremental { remote, allow_removals: Some(u32::MAX), at, ..FinishIncremental::default() };
    bench.stored().library().finish_incremental(bench.run, &finish).await.unwrap().outcome
}

/// `a9 b8`: the rows of the list, without null rows.
fn shown(list: &[Slot]) -> Vec<String> {
    list.iter().flatten().map(|(name, second)| format!("{name}{second}")).collect()
}

async fn shown_then(bench: &Bench, at: DateTime<Utc>) -> Vec<String> {
    let word = |row| match row {
        PastRow::Track(track) => {
            let added_at: DateTime<Utc> = track.added_at.unwrap().parse().unwrap();
            format!("{}{}", track.track_id, added_at.timestamp() - crate::store::tests::at(0).timestamp())
        }
        other => panic!("{other:?}"),
    };
    bench.past(&PastList::Tracks, at).await.into_iter().map(word).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_version_of_the_saved_tracks_can_be_had_back(
        first in prop::collection::vec(edit(), 0..9),
        syncs in syncs(),
    ) {
        block_on(async {
            let mut bench = Bench::new().await;
            let mut list = Vec::new();
            for (edit, second) in first.iter().zip(0..) {
                edit.apply(&mut list, second);
            }
            bench.walk_at(rows(&list), true, sync_at(0)).await;
            let mut versions = vec![shown(&list)];
            for (n, (edits, full)) in syncs.iter().enumerate() {
                let known = list.clone();
                let seconds = 100 * (i64::try_from(n).unwrap() + 1)..;
                for (edit, second) in edits.iter().zip(seconds) {
                    edit.apply(&mut list, second);
                }
                let new = new_on_top(&known, &list).filter(|_| !full);
                let new = new.filter(|_| edits.iter().all(Edit::only_adds_on_top));
                let is_applied = match new {
                    Some(new) => {
                        let outcome = read_from_the_top(&mut bench, &list, new, sync_at(n + 1)).await;
                        matches!(outcome, IncrementalOutcome::Applied(_))
                    }
                    None => false,
                };
                if !is_applied {
                    bench.walk_at(rows(&list), false, sync_at(n + 1)).await;
                }
                versions.push(shown(&list));
            }
            for (n, version) in versions.iter().enumerate() {
                assert_eq!(&shown_then(&bench, sync_at(n)).await, version, "as of sync {n}");
                assert_eq!(&shown_then(&bench, just_before(sync_at(n + 1))).await, version, "after sync {n}");
            }
        });
    }
}

fn list(text: &str) -> Vec<Slot> {
    let slot = |word: &str| (word != "-").then(|| (word.chars().next().unwrap(), word[1..].parse().unwrap()));
    text.split_whitespace().map(slot).collect()
}

#[tokio::test]
async fn a_row_read_as_new_though_it_is_held_is_a_move() {
    let mut bench = Bench::new().await;
    bench.walk_at(rows(&list("a9 - b8 c7")), true, sync_at(0)).await;
    let outcome = read_from_the_top(&mut bench, &list("x30 c7 a9 - b8"), 2, sync_at(1)).await;
    assert_eq!(outcome, IncrementalOutcome::Applied(Delta { added: 1, removed: 0, changed: 1 }));
    assert_eq!(journal(&bench).await, ["added x", "moved c"]);
    assert_eq!(shown_then(&bench, sync_at(0)).await, ["a9", "b8", "c7"]);
}

#[tokio::test]
async fn a_track_met_at_two_places_stands_at_the_topmost() {
    let mut bench = Bench::new().await;
    bench.walk_at(rows(&list("a9 b8 a7 c6")), true, sync_at(0)).await;
    assert_eq!(shown_then(&bench, sync_at(0)).await, ["a9", "b8", "c6"]);
}

#[tokio::test]
async fn a_relinked_slot_had_its_old_id() {
    let mut bench = Bench::new().await;
    bench.walk_at(rows(&list("a9 - b8 c7")), true, sync_at(0)).await;
    let staged = list("x30 a9 - d8 c7");
    bench.begin(Entity::Tracks, Mode::Full).await;
    bench.page(rows(&staged), 0, false).await;
    let mut tx = bench.store.begin().await.unwrap();
    let sql = "update saved_tracks set track_id = 'd' where track_id = 'b';
               insert into saved_tracks select account_id, -1, 'x', '2023-11-14T22:13:50Z' from accounts";
    sqlx::raw_sql(sql).execute(&mut *tx).await.unwrap();
    let b8 = |position| journal::write::Stood { position, added_at: Some("2023-11-14T22:13:28Z") };
    let x30 = journal::write::Stood { position: 0, added_at: Some("2023-11-14T22:13:50Z") };
    let lines = [
        journal::write::Entry::added(journal::write::JournalKind::Track, Some("x"), x30),
        journal::write::Entry::relinked(["b", "d"], b8(1), b8(2)),
    ];
    let seen = journal::write::ObservedAt { account: bench.account, run: bench.run, at: sync_at(1) };
    journal::write::write(&mut tx, seen, Entity::Tracks, &lines).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(shown_then(&bench, sync_at(1)).await, ["x30", "a9", "d8", "c7"]);
    assert_eq!(shown_then(&bench, sync_at(0)).await, ["a9", "b8", "c7"]);
    let tail = bench.stored().history().journal_tail(1).await.unwrap();
    assert_eq!(tail[0].name, "Song d");
    assert_eq!(tail[0].detail.as_deref(), Some("the same under another id"));
}

#[tokio::test]
async fn two_batches_of_one_run_in_the_same_millisecond_are_told_apart() {
    let mut bench = Bench::new().await;
    bench.walk_at(rows(&list("a9 b8")), true, sync_at(0)).await;
    let stood = |position, added_at| journal::write::Stood { position, added_at: Some(added_at) };
    let (b8, x30) = (stood(1, "2023-11-14T22:13:28Z"), stood(0, "2023-11-14T22:13:50Z"));
    bench.page(rows(&list("x30 a9 d8")), 0, false).await;
    let batches = [
        (
            "update saved_tracks set track_id = 'd' where track_id = 'b'",
            journal::write::Entry::relinked(["b", "d"], b8, b8),
        ),
        (
            "insert into saved_tracks select account_id, -1, 'x', '2023-11-14T22:13:50Z' from accounts",
            journal::write::Entry::added(journal::write::JournalKind::Track, Some("x"), x30),
        ),
    ];
    let seen = journal::write::ObservedAt { account: bench.account, run: bench.run, at: sync_at(1) };
    for (sql, line) in batches {
        let mut tx = bench.store.begin().await.unwrap();
        sqlx::raw_sql(sql).execute(&mut *tx).await.unwrap();
        journal::write::write(&mut tx, seen, Entity::Tracks, &[line]).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(shown_then(&bench, sync_at(2)).await, ["x30", "a9", "d8"]);
    assert_eq!(shown_then(&bench, sync_at(0)).await, ["a9", "b8"]);
}

#[tokio::test]
async fn runs_that_saw_something_in_the_same_millisecond_are_told_apart() {
    let mut bench = Bench::new().await;
    bench.walk_at(rows(&list("a9 b8")), true, sync_at(0)).await;
    bench.walk_at(rows(&list("c20 a9 b8")), false, sync_at(1)).await;
    bench.walk_at(rows(&list("c20 d10 b8")), false, sync_at(1)).await;
    assert_eq!(shown_then(&bench, sync_at(1)).await, ["c20", "d10", "b8"]);
    assert_eq!(shown_then(&bench, sync_at(0)).await, ["a9", "b8"]);
}

#[tokio::test]
async fn a_clock_that_steps_back_spoils_no_past() {
    let mut bench = Bench::new().await;
    bench.walk_at(rows(&list("a9 b8")), true, sync_at(0)).await;
    bench.walk_at(rows(&list("c20 a9 b8")), false, sync_at(5)).await;
    bench.walk_at(rows(&list("c20 b8")), false, sync_at(3)).await;
    assert_eq!(shown_then(&bench, sync_at(4)).await, ["a9", "b8"]);
    assert_eq!(shown_then(&bench, sync_at(5)).await, ["c20", "b8"]);
}

#[tokio::test]
async fn a_journal_that_does_not_fit_is_said_and_nothing_is_made_up() {
    let mut bench = Bench::new().await;
    bench.walk_at(rows(&list("a9 b8")), true, sync_at(0)).await;
    bench.walk_at(rows(&list("c20 a9 b8")), false, sync_at(1)).await;
    let mut tx = bench.store.begin().await.unwrap();
    sqlx::raw_sql("delete from saved_tracks where track_id = 'c'").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let said = bench.refused(&PastList::Tracks, sync_at(0)).await;
    assert!(said.starts_with("the journal cannot reconstruct that time (line 1: "), "{said}");
}
