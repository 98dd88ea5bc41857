//! Imports that are taken back: what is left is what would be there without them.

use std::sync::Arc;

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::store::tests::*;

/// One thing that happens to a history.
#[derive(Clone)]
enum Happening {
    Poll { second: i64, plays: Vec<(String, i64)> },
    Import { file: String, rows: Vec<ExportRow>, proves: (i64, i64) },
}

fn row(song: &str, second: i64) -> ExportRow {
    ExportRow {
        format: ExportFormat::Extended,
        ended_ms: at(second).timestamp_millis(),
        ms_played: Some(180_000),
        item: Arc::new(ExportItem {
            track_uri: Some(format!("spotify:track:{song}")),
            track: Some(format!("Song {song}")),
            artist: Some("A".to_owned()),
            ..ExportItem::default()
        }),
        circumstances: Arc::new(Circumstances { skipped: Some(false), ..Circumstances::default() }),
        offline_timestamp: None,
    }
}

/// The same play as an extended history has it, as another one has it, or as account data has it.
fn wording(rng: &mut ChaCha8Rng, song: &str, second: i64) -> ExportRow {
    let mut row = row(song, second);
    match rng.random_range(0..6) {
        0 => Arc::make_mut(&mut row.circumstances).skipped = Some(true),
        1 => Arc::make_mut(&mut row.item).track = Some(format!("Song {song}!")),
        // A play without a connection, reported later.
        2 => row.offline_timestamp = Some(at(second - 900).timestamp_millis()),
        3 => {
            row.format = ExportFormat::AccountData;
            row.ended_ms = row.ended_ms.div_euclid(60_000) * 60_000;
            Arc::make_mut(&mut row.item).track_uri = None;
        }
        _ => {}
    }
    row
}

/// A story: polls and imports of overlapping parts of one history.
fn story(rng: &mut ChaCha8Rng) -> Vec<Happening> {
    let songs = ["a", "b", "c", "d"];
    let mut second = 0;
    let plays: Vec<(String, i64)> = (0..24)
        .map(|_| {
            second += *[0, 30, 200, 200, 900].choose(rng).unwrap();
            ((*songs.choose(rng).unwrap()).to_owned(), second)
        })
        .collect();
    let mut happenings = Vec::new();
    for file in 0..4 {
        let part: Vec<_> = plays.iter().filter(|_| rng.random_bool(0.6)).cloned().collect();
        let mut rows: Vec<ExportRow> =
            part.iter().map(|(song, second)| wording(rng, song, *second)).collect();
        if file == 3 {
            // It repeats much of another file, and has a row twice.
            let Some(Happening::Import { rows: others, .. }) = happenings.first() else { panic!() };
            rows.extend(others.iter().take(15).cloned());
            rows.extend(rows.first().cloned());
        }
        rows.sort_by_key(|row| row.ended_ms);
        let from = rng.random_range(0..4_000);
        happenings.push(Happening::Import {
            file: format!("history_{file}.json"),
            rows,
            proves: (from, from + rng.random_range(0..3_000)),
        });
    }
    for _ in 0..3 {
        let second = rng.random_range(500..6_000);
        let listed = plays.iter().filter(|(_, end)| *end < second).rev().take(6);
        let mut listed: Vec<_> = listed.cloned().collect();
        listed.dedup();
        let place = rng.random_range(0..=happenings.len());
        happenings.insert(place, Happening::Poll { second, plays: listed });
    }
    happenings
}

async fn happens(bench: &Bench, happening: &Happening) -> Option<ImportId> {
    let plays = bench.stored().plays();
    match happening {
        Happening::Poll { second, plays: listed } => {
            let heard = |(song, end): &(String, i64)| {
                let what = Played::Track(track(song));
                Row::Readable(Play { played_at: at(*end), what, context_uri: None })
            };
            let rows: Vec<_> = listed.iter().map(heard).collect();
            let poll = Poll { polled_at: at(*second), rows: &rows, next_due_at: None };
            plays.commit_poll(&poll).await.unwrap();
            None
        }
        Happening::Import { file, rows, proves } => {
            let mut writer = plays.export_writer().unwrap();
            writer.begin_file(file, at(0));
            for batch in rows.chunks(5) {
                writer.write(batch).await.unwrap();
            }
            let id = writer.file();
            plays.settle_exports().await.unwrap();
            let span =
                id.map(|file| ProvenSpan { from: at(proves.0), to: at(proves.1), file, next_file: None });
            plays.cover_by_import(span.as_slice()).await.unwrap();
            writer.close().await;
            id
        }
    }
}

/// Plays, rows, and for which time they are known.
async fn state(bench: &Bench) -> Vec<String> {
    let plays = "select concat_ws(' ', ended_ms, uri, ms_played, source, skipped, counts, context_uri,
                        observation_id is not null, export_row_id is not null) from plays order by 1";
    let rows = "select concat_ws(' ', r.id >> 20, i.names, c.fields, r.ms_played, r.played_ms, r.format,
                       r.superseded_by is not null)
                from export_rows r join export_items i on i.id = r.item_id
                join export_circumstances c on c.id = r.circumstances_id order by 1";
    // What several imports prove is the same whatever the order in which they came.
    let coverage = "select concat_ws(' ', state, from_at, to_at) from play_coverage
                    where state <> 'gap' order by 1";
    let mut state = Vec::new();
    for sql in [plays, rows, coverage] {
        state.extend(bench.texts(sql).await);
    }
    state
}

async fn assert_alike(with: &Bench, without: &Bench, what: &str) {
    let (with, without) = (state(with).await, state(without).await);
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|line| !those.contains(line)).cloned().collect()
    };
    assert_eq!((only(&with, &without), only(&without, &with)), (vec![], vec![]), "{what}");
    assert_eq!(with.len(), without.len(), "{what}");
}

async fn check(bench: &Bench) {
    assert_eq!(bench.store.examine().await.unwrap().faults, [""; 0]);
    while bench.stored().statistics().settle_step().await.unwrap() {}
    bench.stored().statistics().examine_sums().await.unwrap();
}

#[tokio::test]
async fn what_is_taken_back_leaves_what_would_be_there_without_it() {
    for seed in 0..20 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let happenings = story(&mut rng);
        let imports: Vec<usize> = (0..happenings.len())
            .filter(|place| matches!(happenings[*place], Happening::Import { .. }))
            .collect();
        let undone = *imports.choose(&mut rng).unwrap();
        let (with, without) = (Bench::new().await, Bench::new().await);
        let mut id = None;
        for (place, happening) in happenings.iter().enumerate() {
            let import = happens(&with, happening).await;
            if place == undone {
                id = import;
            } else {
                happens(&without, happening).await;
            }
        }
        let plays = with.stored().plays();
        plays.undo_import(id.unwrap(), at(9)).await.unwrap();
        // Short holes between what polls and what files prove are closed in the order in which it is
        // proven, so the other database proves everything anew, too.
        let far = Happening::Import {
            file: "far.json".to_owned(),
            rows: vec![row("a", 900_000)],
            proves: (800_000, 900_000),
        };
        let far = happens(&without, &far).await.unwrap();
        without.stored().plays().undo_import(far, at(9)).await.unwrap();
        assert_alike(&with, &without, &format!("seed {seed}")).await;
        check(&with).await;
        let again = plays.undo_import(id.unwrap(), at(10)).await.unwrap_err();
        assert!(matches!(again, UndoRefused::Undone { .. }), "{again}");
        for bench in [&with, &without] {
            happens(bench, &happenings[undone]).await;
        }
        assert_alike(&with, &without, &format!("seed {seed}, imported again")).await;
        check(&with).await;
    }
}

#[tokio::test]
async fn an_import_that_is_unknown_or_too_old_is_not_taken_back() {
    let bench = Bench::new().await;
    let import = Happening::Import { file: "a.json".to_owned(), rows: vec![row("a", 5)], proves: (0, 9) };
    let id = happens(&bench, &import).await.unwrap();
    let plays = bench.stored().plays();
    let unknown = plays.undo_import(ImportId(99), at(9)).await.unwrap_err();
    assert!(matches!(unknown, UndoRefused::Unknown(_)), "{unknown}");
    let sql = "update export_files set shares_known = 0";
    sqlx::query(sql).execute(bench.store.writer().unwrap()).await.unwrap();
    let old = plays.undo_import(id, at(9)).await.unwrap_err();
    assert!(matches!(old, UndoRefused::TooOld(_)), "{old}");
    assert_eq!(bench.number("select count(*) from plays").await, 1);
}

#[tokio::test]
async fn a_file_on_disk_is_known_until_one_of_its_files_is_taken_back() {
    let bench = Bench::new().await;
    let import = Happening::Import { file: "a.json".to_owned(), rows: vec![row("a", 5)], proves: (0, 9) };
    let id = happens(&bench, &import).await.unwrap();
    let plays = bench.stored().plays();
    let source = ReadSource { digest: SourceDigest([7; 32]), files: &[id], report: "{}" };
    plays.finish_source(source).await.unwrap();
    assert_eq!(plays.known_sources().await.unwrap().len(), 1);
    plays.undo_import(id, at(9)).await.unwrap();
    assert_eq!(plays.known_sources().await.unwrap().len(), 0);
    plays.finish_source(source).await.unwrap();
    assert_eq!(plays.known_sources().await.unwrap().len(), 0, "it was taken back meanwhile");
    let imports = plays.imports().await.unwrap();
    assert_eq!(
        imports.iter().map(|file| (file.plays, file.undone_at.is_some())).collect::<Vec<_>>(),
        [(0, true)]
    );
}
