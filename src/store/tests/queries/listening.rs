//! Plays in pages, the growth of the library, and the journal and runs as a screen shows them.

use std::time::Duration;

use super::browse::{browse, describe};
use crate::domain::queries::{Anchor, BrowseList, ItemKind, MarkKind, PastOf, PlayMark};
use crate::store::tests::*;

fn play(name: &str, second: i64) -> Row<Play> {
    Row::Readable(Play {
        played_at: at(second),
        what: Played::Track(track(name)),
        context_uri: Some("spotify:playlist:p".to_owned()),
    })
}

async fn poll(bench: &Bench, second: i64, seconds: impl IntoIterator<Item = i64>) {
    let rows: Vec<_> = seconds.into_iter().map(|second| play("a", second)).collect();
    let poll = Poll { polled_at: at(second), rows: &rows, next_due_at: None };
    bench.stored().plays().commit_poll(&poll).await.unwrap();
}

async fn around(bench: &Bench, anchor: Anchor, each: u32) -> PlaysAround {
    bench.stored().queries().plays_around(anchor, each).await.unwrap()
}

fn seconds(page: &PlaysAround) -> Vec<i64> {
    page.plays.iter().map(|play| play.played_at.timestamp() - 1_700_000_000).collect()
}

#[tokio::test]
async fn every_play_is_met_once_by_walking_from_page_to_page() {
    let bench = Bench::new().await;
    assert_eq!(around(&bench, Anchor::Newest, 5).await.plays, []);
    // Two polls of 50 plays, one play a minute.
    poll(&bench, 10_000, (0..50).map(|n| 5_000 - n * 60)).await;
    poll(&bench, 20_000, (0..50).map(|n| 9_000 - n * 60)).await;
    let newest = around(&bench, Anchor::Newest, 7).await;
    assert_eq!((seconds(&newest)[0], newest.plays.len(), newest.above), (9_000, 7, 0));
    assert!(!newest.newer && newest.older);
    let mut met = seconds(&newest);
    let mut page = newest;
    while page.older {
        let last = page.plays.last().unwrap();
        let anchor = Anchor::Play { played_at: last.played_at, id: last.id };
        let next = around(&bench, anchor, 7).await;
        assert_eq!(next.plays[next.above].id, last.id, "the place itself is the first that is not above");
        met.extend(seconds(&next).into_iter().skip(next.above + 1));
        page = next;
    }
    let all: Vec<i64> = (0..50).map(|n| 9_000 - n * 60).chain((0..50).map(|n| 5_000 - n * 60)).collect();
    assert_eq!(met, all);
    let oldest = around(&bench, Anchor::Oldest, 7).await;
    assert_eq!((oldest.plays.len(), oldest.above, oldest.newer, oldest.older), (7, 7, true, false));
    assert_eq!(seconds(&oldest)[6], 5_000 - 49 * 60);
    let before = around(&bench, Anchor::Before(at(4_999)), 2).await;
    assert_eq!(seconds(&before), [9_000 - 49 * 60, 5_000, 4_940, 4_880]);
    assert_eq!(before.above, 2, "the newest that had ended by then comes first");
}

#[tokio::test]
async fn plays_of_one_instant_are_told_apart_by_their_number() {
    let bench = Bench::new().await;
    let rows: Vec<_> = ["a", "b", "c", "d", "e"].iter().map(|name| play(name, 100)).collect();
    let poll = Poll { polled_at: at(200), rows: &rows, next_due_at: None };
    bench.stored().plays().commit_poll(&poll).await.unwrap();
    let mut met = Vec::new();
    let mut page = around(&bench, Anchor::Newest, 2).await;
    met.extend(page.plays.iter().map(|play| play.id));
    while page.older {
        let last = page.plays.last().unwrap();
        page = around(&bench, Anchor::Play { played_at: last.played_at, id: last.id }, 2).await;
        met.extend(page.plays.iter().skip(page.above + 1).map(|play| play.id));
    }
    let stored = bench.number("select count(*) from plays").await;
    assert_eq!(i64::try_from(met.len()).unwrap(), stored);
    assert!(met.is_sorted_by(|newer, older| newer > older), "{met:?}");
}

#[tokio::test]
async fn gaps_come_with_the_plays_that_they_lie_between() {
    let bench = Bench::new().await;
    poll(&bench, 1_000, [300, 200]).await;
    poll(&bench, 10_000, (0..50).map(|n| 9_000 - n * 10)).await;
    let gap = PlayMark { kind: MarkKind::Gap, from: at(300), to: at(8_510) };
    assert_eq!(around(&bench, Anchor::Oldest, 10).await.marks, [gap]);
    assert_eq!(
        around(&bench, Anchor::Newest, 10).await.marks,
        [],
        "a quarter of an hour is not worth a line"
    );
    poll(&bench, 20_000, [9_000]).await;
    let unknown = PlayMark { kind: MarkKind::Unknown, from: at(9_000), to: at(20_000) };
    assert_eq!(around(&bench, Anchor::Newest, 10).await.marks, [unknown]);
    assert_eq!(around(&bench, Anchor::Newest, 100).await.marks.len(), 2);
}

#[tokio::test]
async fn a_play_is_told_with_where_it_came_from_and_how_often_it_was_played_in_all() {
    let bench = Bench::new().await;
    bench.stored().statistics().keep_by(Zone::UTC, Duration::from_secs(30)).await.unwrap();
    poll(&bench, 1_000, [900, 600]).await;
    let page = around(&bench, Anchor::Newest, 1).await;
    let told = describe(&bench, ItemKind::Play(page.plays[0].id)).await;
    for fact in [
        "title: Song a",
        "artists: A, B",
        "ended: @900",
        "source: Spotify's list of recent plays",
        "counts: yes",
        "from: spotify:playlist:p",
        "plays: 2",
    ] {
        assert!(told.iter().any(|line| line == fact), "{fact}: {told:#?}");
    }
}

#[tokio::test]
async fn the_library_grows_by_what_was_saved_and_shrinks_by_what_was_seen_to_go() {
    let bench = Bench::new().await;
    let berlin: Zone = "Europe/Berlin".parse().unwrap();
    assert_eq!(bench.stored().statistics().saved_by_month(berlin).await.unwrap(), []);
    bench.walk(tracks("c9 b8 - a7"), true).await;
    bench.walk(tracks("d9 c9 a7"), false).await;
    let months = bench.stored().statistics().saved_by_month(berlin).await.unwrap();
    let told: Vec<_> = months.iter().map(|it| (it.month.to_string(), it.came, it.went)).collect();
    // All of the test's time is in one month; the removed track was saved in it, too.
    assert_eq!(told, [("2023-11".to_owned(), 4, 1)]);
}

#[tokio::test]
async fn the_journal_the_past_and_the_runs_are_lists() {
    let mut bench = Bench::new().await;
    bench.walk(tracks("b9 a7"), true).await;
    let first = bench.run;
    bench.run = bench.stored().runs().begin(Mode::Full, Trigger::Key, at(100)).await.unwrap().id;
    bench.walk(tracks("c9 a7"), false).await;
    let outcome = RunOutcome {
        status: RunStatus::Failed,
        finished_at: at(162),
        requests: 7,
        error: Some("Spotify answered 502; it will be asked again".to_owned()),
    };
    bench.stored().runs().finish(bench.run, &outcome).await.unwrap();

    let journal = browse(&bench, BrowseList::Changes).await;
    assert_eq!(journal.len(), 2);
    assert!(journal.contains(&format!("@60|removed|tracks|Song b|-|{}", bench.run.0)), "{journal:?}");
    assert_eq!(
        browse(&bench, BrowseList::ChangesOf(first)).await,
        Vec::<String>::new(),
        "a baseline is no change"
    );
    assert_eq!(browse(&bench, BrowseList::ChangesOf(bench.run)).await.len(), 2);
    let rows = bench.stored().queries().browse(&BrowseList::Changes).await.unwrap();
    let removed = rows.iter().find(|row| super::browse::words(row).contains("removed")).unwrap();
    let told = describe(&bench, removed.thing.clone().unwrap()).await;
    for fact in ["what: Song b", "change: removed", "entity: tracks", "place: 1", "added: @9"] {
        assert!(told.iter().any(|line| line == fact), "{fact}: {told:#?}");
    }

    let runs = browse(&bench, BrowseList::Runs).await;
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[0], "@100|failed|full|key|7|1|1|0|62000 ms|Spotify answered 502; it will be asked again");
    let told = describe(&bench, ItemKind::Run(bench.run)).await;
    for line in ["ended: failed", ": Spotify answered 502; it will be asked again", "changes"] {
        assert!(told.iter().any(|told| told == line), "{line}: {told:#?}");
    }
    assert!(told.iter().any(|line| line.starts_with("Song b: removed|tracks")), "{told:#?}");

    let past = browse(&bench, BrowseList::Past(PastOf::Tracks, at(60))).await;
    assert_eq!(past.len(), 2, "{past:?}");
    let too_early = bench.stored().queries().browse(&BrowseList::Past(PastOf::Tracks, at(-5))).await;
    assert!(too_early.unwrap_err().to_string().contains("choose a later time"));
}
