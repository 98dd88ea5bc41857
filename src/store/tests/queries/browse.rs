//! Lists and details as a screen shows them.

use std::time::Duration;

use crate::domain::queries::{BrowseList, Cell, Column, Details, ItemKind, TableRow as Shown, VersionId};
use crate::store::tests::playlists::{items, listed, page};
use crate::store::tests::*;

/// A row as words, cell by cell.
pub fn words(row: &Shown) -> String {
    let word = |cell: &Cell| match cell {
        Cell::None => "-".to_owned(),
        Cell::Text(text) => text.to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Time(time) => format!("@{}", time.timestamp() - 1_700_000_000),
        Cell::Length(millis) => format!("{millis} ms"),
        Cell::Standing(standing) => standing.to_string(),
        Cell::Change(change) => change.to_string(),
        Cell::Run(status) => status.to_string(),
        Cell::Moved(_) | Cell::Levels(_) => panic!("no list has {cell:?}"),
    };
    row.cells.iter().map(word).collect::<Vec<_>>().join("|")
}

pub async fn browse(bench: &Bench, list: BrowseList) -> Vec<String> {
    let rows = bench.stored().queries().browse(&list).await.unwrap();
    assert!(rows.iter().all(|row| row.cells.len() == list.columns().len()), "a cell for each column");
    rows.iter().map(words).collect()
}

/// Details as lines: a heading, then `label: values`.
fn told(details: &Details) -> Vec<String> {
    let section = |section: &crate::domain::queries::Section| {
        let fact = |fact: &crate::domain::queries::Fact| {
            let row = Shown { thing: None, uri: None, cells: fact.values.clone().into() };
            format!("{}: {}", fact.label, words(&row))
        };
        let heading = (!section.heading.is_empty()).then(|| section.heading.clone());
        heading.into_iter().chain(section.facts.iter().map(fact)).collect::<Vec<_>>()
    };
    details.sections.iter().flat_map(section).collect()
}

pub async fn describe(bench: &Bench, thing: ItemKind) -> Vec<String> {
    told(&bench.stored().queries().describe(&thing).await.unwrap().unwrap())
}

fn in_list(name: &str) -> PlaylistId {
    PlaylistId::new(name)
}

async fn read_at(bench: &mut Bench, snapshot: &str, text: &str, second: i64) {
    bench.run = bench.stored().runs().begin(Mode::Full, Trigger::Cli, at(second)).await.unwrap().id;
    let total = u32::try_from(text.len()).unwrap();
    let mut page = page(0, items(text), Some((snapshot, total)));
    page.last.as_mut().unwrap().at = at(second);
    bench.stored().playlists().commit_contents(bench.run, &page).await.unwrap();
}

#[tokio::test]
async fn the_lists_of_the_library_come_in_their_order() {
    let bench = Bench::new().await;
    for list in [BrowseList::Tracks, BrowseList::Albums, BrowseList::Artists, BrowseList::Playlists] {
        assert_eq!(browse(&bench, list).await, Vec::<String>::new());
    }
    bench.walk(tracks("b9 - a7"), true).await;
    bench.walk(ListRows::Albums(vec![album("z", 4), album("y", 2)]), true).await;
    let artists = vec![artist("B", Some(&["dub", "pop"])), artist("A", Some(&[])), artist("C", None)];
    bench.walk(ListRows::Artists(artists), true).await;
    assert_eq!(
        browse(&bench, BrowseList::Tracks).await,
        ["Song b|A, B|Record|1999|@9", "Song a|A, B|Record|1999|@7"]
    );
    assert_eq!(browse(&bench, BrowseList::Albums).await, ["Album z|A|2001|9|@4", "Album y|A|2001|9|@2"]);
    assert_eq!(browse(&bench, BrowseList::Artists).await, ["B|dub, pop", "A|-", "C|-"]);
    let rows = bench.stored().queries().browse(&BrowseList::Tracks).await.unwrap();
    assert_eq!(rows[0].thing, Some(ItemKind::Track(TrackId::new("b"))));
    assert_eq!(rows[0].uri.as_deref(), Some("spotify:track:b"));
}

#[tokio::test]
async fn a_playlist_shows_every_slot_in_its_true_place_and_how_it_stands() {
    let mut other = playlist("q", "s1", 3);
    other.owner_name = Some("Bob".to_owned());
    let mut bench = listed(&[playlist("p", "s1", 5), other.clone()]).await;
    assert_eq!(browse(&bench, BrowseList::Playlists).await, ["List p|ann|5|pending", "List q|Bob|3|pending"]);
    read_at(&mut bench, "s1", "aE-Lb", 70).await;
    assert_eq!(
        browse(&bench, BrowseList::Contents(in_list("p"))).await,
        [
            "1|Song a|A, B|-|@5|ann",
            "2|Episode|Show|episode|@5|ann",
            "3|-|-|unavailable|@5|ann",
            "4|Song local|A, B|local file|@5|ann",
            "5|Song b|A, B|-|@5|ann",
        ]
    );
    assert_eq!(browse(&bench, BrowseList::Playlists).await[0], "List p|ann|5|complete");
    // A list that is gone keeps its contents.
    bench.walk(playlists(&[other]), false).await;
    assert_eq!(browse(&bench, BrowseList::Playlists).await, ["List q|Bob|3|pending", "List p|ann|5|gone"]);
    assert_eq!(browse(&bench, BrowseList::Contents(in_list("p"))).await.len(), 5);
}

#[tokio::test]
async fn versions_say_what_came_went_and_moved() {
    let mut bench = listed(&[playlist("p", "s1", 4)]).await;
    let versions = || BrowseList::Versions(in_list("p"));
    assert_eq!(browse(&bench, versions()).await, Vec::<String>::new(), "never read");
    read_at(&mut bench, "s1", "abcd", 100).await;
    read_at(&mut bench, "s2", "abd", 200).await;
    let second = bench.run;
    read_at(&mut bench, "s3", "dabef", 300).await;
    assert_eq!(browse(&bench, versions()).await, ["@300|2|0|1|0|5", "@200|0|1|0|0|3", "@100|-|-|-|-|4"]);
    let version =
        |run, second| BrowseList::Version(VersionId { playlist: in_list("p"), run, seen_at: at(second) });
    assert_eq!(
        browse(&bench, version(bench.run, 300)).await,
        ["added|-|4|Song e|A, B", "added|-|5|Song f|A, B", "moved|3|1|Song d|A, B"]
    );
    assert_eq!(browse(&bench, version(second, 200)).await, ["removed|3|-|Song c|A, B"]);
    let rows = bench.stored().queries().browse(&versions()).await.unwrap();
    assert_eq!(rows[2].thing, None, "there is nothing before the first");
    assert_eq!(BrowseList::Versions(in_list("p")).columns()[5], Column::Items);
}

#[tokio::test]
async fn a_track_is_told_with_every_place_it_is_in_and_when_it_was_played() {
    let mut bench = listed(&[playlist("p", "s1", 4)]).await;
    bench.walk(tracks("b9 - a7"), true).await;
    read_at(&mut bench, "s1", "baEa", 70).await;
    bench.stored().statistics().keep_by(Zone::UTC, Duration::from_secs(30)).await.unwrap();
    let play = |name: &str, second| {
        Row::Readable(Play { played_at: at(second), what: Played::Track(track(name)), context_uri: None })
    };
    let rows = [play("a", 5_000), play("b", 4_000), play("a", 3_000)];
    let poll = Poll { polled_at: at(6_000), rows: &rows, next_due_at: None };
    bench.stored().plays().commit_poll(&poll).await.unwrap();
    while bench.stored().statistics().settle_step().await.unwrap() {}

    assert_eq!(
        describe(&bench, ItemKind::Track(TrackId::new("a"))).await,
        [
            "title: Song a",
            "artists: A, B",
            "album: Record",
            "released: 1999",
            "length: 180000 ms",
            "disc: 1",
            "number: 3",
            "explicit: no",
            "isrc: ISRCa",
            "uri: spotify:track:a",
            "in your library",
            "saved: @7",
            "place: 2",
            "played",
            "plays: 2",
            "for: 360000 ms",
            "first: @3000",
            "last: @5000",
            "in playlists, at position",
            "List p: 2|@5|-",
            "List p: 4|@5|-",
        ]
    );
    let album = describe(&bench, ItemKind::Album(AlbumId::new("album-1"))).await;
    assert!(album.contains(&"plays: 3".to_owned()) && album.contains(&"saved: no".to_owned()), "{album:?}");
    assert!(album.contains(&"Song a: @7".to_owned()), "{album:?}");
    let artist = describe(&bench, ItemKind::Artist(ArtistId::new("artist-B"))).await;
    assert!(
        artist.contains(&"plays: 3".to_owned()) && artist.contains(&"followed: no".to_owned()),
        "{artist:?}"
    );
    let episode = describe(&bench, ItemKind::Episode(EpisodeId::new("e1"))).await;
    assert!(episode.contains(&"plays: 0".to_owned()), "{episode:?}");
    assert!(episode.contains(&"List p: 3|@5|-".to_owned()), "{episode:?}");
    let list = describe(&bench, ItemKind::Playlist(in_list("p"))).await;
    assert!(
        list.contains(&"state: complete".to_owned()) && list.contains(&"stored: 4".to_owned()),
        "{list:?}"
    );
}

#[tokio::test]
async fn a_track_that_changed_its_id_keeps_its_plays() {
    let bench = Bench::new().await;
    let mut new = track("new");
    new.isrc = track("old").isrc;
    let saved = Row::Readable(Saved { added_at: Some(at(1)), item: new });
    bench.walk(ListRows::Tracks(vec![saved]), true).await;
    bench.stored().statistics().keep_by(Zone::UTC, Duration::from_secs(30)).await.unwrap();
    let rows =
        [Row::Readable(Play { played_at: at(3_000), what: Played::Track(track("old")), context_uri: None })];
    let poll = Poll { polled_at: at(6_000), rows: &rows, next_due_at: None };
    bench.stored().plays().commit_poll(&poll).await.unwrap();
    while bench.stored().statistics().settle_step().await.unwrap() {}
    let told = describe(&bench, ItemKind::Track(TrackId::new("new"))).await;
    assert!(told.contains(&"plays: 1".to_owned()), "{told:?}");
}

#[tokio::test]
async fn nothing_is_known_of_what_never_was() {
    let bench = Bench::new().await;
    let things = [
        ItemKind::Track(TrackId::new("x")),
        ItemKind::Album(AlbumId::new("x")),
        ItemKind::Artist(ArtistId::new("x")),
        ItemKind::Episode(EpisodeId::new("x")),
        ItemKind::Playlist(in_list("x")),
    ];
    for thing in things {
        assert_eq!(bench.stored().queries().describe(&thing).await.unwrap(), None);
    }
}

#[tokio::test]
async fn everything_with_a_name_is_found_once_with_how_it_stands() {
    let bench = Bench::new().await;
    bench.walk(tracks("a9 b8"), true).await;
    bench.walk(tracks("b8"), false).await;
    bench.walk(ListRows::Artists(vec![artist("A", None)]), true).await;
    let rows = [Row::Readable(Play { played_at: at(3), what: Played::Track(track("c")), context_uri: None })];
    let poll = Poll { polled_at: at(9), rows: &rows, next_due_at: None };
    bench.stored().plays().commit_poll(&poll).await.unwrap();
    while bench.stored().statistics().settle_step().await.unwrap() {}
    let found = bench.stored().queries().browse(&BrowseList::Everything).await.unwrap();
    let told = |row: &Shown| {
        let text = |place: usize| match &row.cells[place] {
            Cell::Text(text) => text.to_string(),
            Cell::Number(number) => number.to_string(),
            _ => String::new(),
        };
        format!("{} {} {} {}", text(0), text(1), text(5), text(6))
    };
    let found: Vec<String> = found.iter().map(told).collect();
    for line in ["song Song c 1 played", "song Song a 0 gone", "song Song b 0 saved", "artist A  followed"] {
        assert_eq!(found.iter().filter(|found| *found == line).count(), 1, "{line}: {found:?}");
    }
}
