//! The list of playlists with the fields of each, and the contents of each.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A slot: `a`.. is a track, `E` an episode, `L` a local file, `-` withdrawn, `!` unreadable; then
/// when and by whom it was added.
type Slot = (char, i64, char);

#[derive(Debug, Clone)]
enum Edit {
    Follow(char),
    Unfollow(usize),
    MoveList(usize, usize),
    Rename(usize, u8),
    Describe(usize, u8),
    Owner(usize, bool),
    Insert {
        list: usize,
        place: usize,
        what: char,
    },
    Remove {
        list: usize,
        place: usize,
    },
    Move {
        list: usize,
        from: usize,
        to: usize,
    },
    /// Added by another person or at another time.
    Touch {
        list: usize,
        place: usize,
    },
    Reverse(usize),
    Clear(usize),
}

/// Spotify's state: the list in its order, and every playlist it ever had with its contents.
#[derive(Default)]
struct Account {
    listed: Vec<char>,
    lists: BTreeMap<char, (Playlist, Vec<Slot>)>,
    edits: i64,
}

impl Account {
    fn list(&mut self, index: usize) -> Option<&mut (Playlist, Vec<Slot>)> {
        let count = self.listed.len();
        let name = *self.listed.get(index % count.max(1))?;
        self.lists.get_mut(&name)
    }

    fn slots(&mut self, index: usize) -> Option<&mut Vec<Slot>> {
        self.list(index).map(|(_, slots)| slots).filter(|slots| !slots.is_empty())
    }

    fn apply(&mut self, edit: &Edit) {
        self.edits += 1;
        let second = self.edits;
        let count = self.listed.len();
        match *edit {
            Edit::Follow(name) if !self.listed.contains(&name) => {
                self.listed.insert(0, name);
                let list = || Playlist {
                    owner_name: Some("ANN".to_owned()),
                    ..playlist(&name.to_string(), "s0", 0)
                };
                let new = || (list(), Vec::new());
                self.lists.entry(name).or_insert_with(new);
            }
            Edit::Unfollow(index) if count > 0 => drop(self.listed.remove(index % count)),
            Edit::MoveList(from, to) if count > 0 => {
                let name = self.listed.remove(from % count);
                self.listed.insert(to % count, name);
            }
            _ => self.apply_inside(edit, second).unwrap_or_default(),
        }
    }

    fn apply_inside(&mut self, edit: &Edit, second: i64) -> Option<()> {
        match *edit {
            Edit::Rename(list, n) => self.list(list)?.0.name = format!("Name {n}"),
            Edit::Describe(list, n) => self.list(list)?.0.description = Some(format!("About {n}")),
            Edit::Owner(list, other) => {
                let list = &mut self.list(list)?.0;
                list.owner_id = if other { "bob" } else { "ann" }.to_owned();
                list.owner_name = Some(list.owner_id.to_uppercase());
                list.collaborative = Some(other);
                list.public = Some(!other);
            }
            Edit::Insert { list, place, what } => {
                let slots = &mut self.list(list)?.1;
                slots.insert(place % (slots.len() + 1), (what, second, 'x'));
            }
            Edit::Remove { list, place } => {
                let slots = self.slots(list)?;
                slots.remove(place % slots.len());
            }
            Edit::Move { list, from, to } => {
                let slots = self.slots(list)?;
                let slot = slots.remove(from % slots.len());
                slots.insert(to % (slots.len() + 1), slot);
            }
            Edit::Touch { list, place } => {
                let slots = self.slots(list)?;
                let place = place % slots.len();
                slots[place].1 = second;
                slots[place].2 = 'y';
            }
            Edit::Reverse(list) => self.slots(list)?.reverse(),
            Edit::Clear(list) => self.slots(list)?.clear(),
            Edit::Follow(_) | Edit::Unfollow(_) | Edit::MoveList(..) => {}
        }
        Some(())
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    let (list, place) = (|| 0..4_usize, || 0..12_usize);
    let what = prop::sample::select(vec!['a', 'b', 'c', 'd', 'e', 'a', 'E', 'L', '-', '!']);
    prop_oneof![
        3 => prop::char::range('p', 's').prop_map(Edit::Follow),
        2 => list().prop_map(Edit::Unfollow),
        1 => (list(), list()).prop_map(|(from, to)| Edit::MoveList(from, to)),
        1 => (list(), 0..3_u8).prop_map(|(list, n)| Edit::Rename(list, n)),
        1 => (list(), 0..3_u8).prop_map(|(list, n)| Edit::Describe(list, n)),
        1 => (list(), any::<bool>()).prop_map(|(list, other)| Edit::Owner(list, other)),
        12 => (list(), place(), what).prop_map(|(list, place, what)| Edit::Insert { list, place, what }),
        3 => (list(), place()).prop_map(|(list, place)| Edit::Remove { list, place }),
        3 => (list(), place(), place()).prop_map(|(list, from, to)| Edit::Move { list, from, to }),
        1 => (list(), place()).prop_map(|(list, place)| Edit::Touch { list, place }),
        1 => list().prop_map(Edit::Reverse),
        1 => list().prop_map(Edit::Clear),
    ]
}

fn row(slot: Slot) -> Row<PlaylistItem> {
    let (what, second, by) = slot;
    let content = match what {
        '!' => return unreadable("[1]"),
        '-' => PlaylistContent::Unavailable,
        'E' => PlaylistContent::Episode(Episode {
            id: EpisodeId::new("e1"),
            uri: "spotify:episode:e1".to_owned(),
            name: "Episode".to_owned(),
            show_name: Some("Show".to_owned()),
            duration_ms: None,
        }),
        'L' => {
            let uri = "spotify:local:A:B:C:10".to_owned();
            let id = TrackId::new(&uri);
            PlaylistContent::Local(Track { id, uri, album: None, is_local: true, ..track("local") })
        }
        name => PlaylistContent::Track(track(&name.to_string())),
    };
    Row::Readable(PlaylistItem { added_at: Some(at(second)), added_by: Some(by.to_string()), content })
}

/// A slot as the view shows it.
fn shown(slot: Slot) -> String {
    let (what, second, by) = slot;
    let put = format!("{} {by}", sqlite::seconds(at(second)));
    match what {
        '!' => "unavailable - - -".to_owned(),
        '-' => format!("unavailable - {put}"),
        'E' => format!("episode spotify:episode:e1 {put}"),
        'L' => format!("local spotify:local:A:B:C:10 {put}"),
        name => format!("track spotify:track:{name} {put}"),
    }
}

fn item_word(row: PastRow) -> String {
    let PastRow::Item(item) = row else { panic!("{row:?}") };
    let or = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    assert_eq!(item.name.is_some(), item.kind != "unavailable");
    format!("{} {} {} {}", item.kind, or(item.uri), or(item.added_at), or(item.added_by))
}

/// A playlist's own fields, and how many of its slots are known.
fn list_word(list: &Playlist, slots: Option<usize>) -> String {
    let Playlist { id, name, description, owner_id, owner_name, collaborative, public, .. } = list;
    let collaborative = i64::from(*collaborative == Some(true));
    let public = public.map(i64::from);
    format!("{id} {name} {description:?} {owner_id} {owner_name:?} {collaborative} {public:?} {slots:?}")
}

fn list_then_word(row: PastRow) -> String {
    let PastRow::Playlist(list) = row else { panic!("{row:?}") };
    let PastPlaylist { playlist_id, name, description, owner_id, owner_name, .. } = list;
    let (collaborative, public) = (list.collaborative, list.public);
    let slots = list.item_count;
    format!(
        "{playlist_id} {name} {description:?} {owner_id} {owner_name:?} {collaborative} {public:?} {slots:?}"
    )
}

/// Reads the contents of a playlist in pages of `limit`.
async fn read(bench: &Bench, id: &PlaylistId, rows: &[Row<PlaylistItem>], limit: usize, at: DateTime<Utc>) {
    let pages: Vec<&[_]> = if rows.is_empty() { vec![rows] } else { rows.chunks(limit).collect() };
    let mut first = 0;
    for (n, rows_of_page) in pages.iter().enumerate() {
        let total = u32::try_from(rows.len()).unwrap();
        let last = (n + 1 == pages.len()).then_some(LastContentsPage {
            is_doubtful: false,
            listed: Some(total),
            may_shrink: true,
            snapshot_id: None,
            total,
            at,
        });
        let page = ContentsPage {
            playlist: id.clone(),
            first_position: first,
            rows: rows_of_page.to_vec(),
            last,
            checkpoint: checkpoint(Mode::Initial, 2),
        };
        let committed = bench.stored().playlists().commit_contents(bench.run, &page).await.unwrap().outcome;
        assert!(!matches!(committed, ContentsCommitted::Doubted { .. }));
        first += u32::try_from(rows_of_page.len()).unwrap();
    }
}

fn rows(slots: &[Slot]) -> Vec<Row<PlaylistItem>> {
    slots.iter().copied().map(row).collect()
}

/// What was visible at the end of a sync.
struct Version {
    lists: Vec<String>,
    contents: BTreeMap<char, Vec<String>>,
}

/// One sync: the list, then the contents of some.
async fn sync(
    bench: &mut Bench,
    account: &Account,
    stored: &mut BTreeMap<char, Vec<Slot>>,
    n: usize,
    skip: usize,
) {
    let list = |name: &char| {
        let (list, slots) = &account.lists[name];
        Playlist { item_count: Some(u32::try_from(slots.len()).unwrap()), ..list.clone() }
    };
    let lists: Vec<Playlist> = account.listed.iter().map(list).collect();
    bench.walk_at(playlists(&lists), n == 0, sync_at(n)).await;
    for (index, name) in account.listed.iter().enumerate() {
        if index % 4 != skip {
            let (list, slots) = &account.lists[name];
            read(bench, &list.id, &rows(slots), 3, sync_at(n)).await;
            stored.insert(*name, slots.clone());
        }
    }
}

fn version(account: &Account, stored: &BTreeMap<char, Vec<Slot>>) -> Version {
    let word = |name: &char| list_word(&account.lists[name].0, stored.get(name).map(Vec::len));
    let slots = |slots: &Vec<Slot>| slots.iter().copied().map(shown).collect();
    Version {
        lists: account.listed.iter().map(word).collect(),
        contents: stored.iter().map(|(name, held)| (*name, slots(held))).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_version_of_the_playlists_and_their_contents_can_be_had_back(
        first in prop::collection::vec(edit(), 0..20),
        syncs in prop::collection::vec((prop::collection::vec(edit(), 0..6), 0..6_usize), 2..9),
    ) {
        block_on(async {
            let mut bench = Bench::new().await;
            let (mut account, mut stored, mut versions) = (Account::default(), BTreeMap::new(), Vec::new());
            for (n, (edits, skip)) in std::iter::once(&(first, 0)).chain(&syncs).enumerate() {
                for edit in edits {
                    account.apply(edit);
                }
                sync(&mut bench, &account, &mut stored, n, *skip).await;
                versions.push(version(&account, &stored));
            }
            for (n, version) in versions.iter().enumerate() {
                let lists = bench.past(&PastList::Playlists, sync_at(n)).await;
                let lists: Vec<String> = lists.into_iter().map(list_then_word).collect();
                assert_eq!(lists, version.lists, "playlists as of sync {n}");
                for (name, slots) in &version.contents {
                    let of = PastList::ItemsOf(PlaylistId::new(name.to_string()));
                    let then = bench.past(&of, just_before(sync_at(n + 1))).await;
                    let then: Vec<String> = then.into_iter().map(item_word).collect();
                    assert_eq!(&then, slots, "contents of {name} after sync {n}");
                }
            }
        });
    }
}

#[tokio::test]
async fn a_playlist_that_comes_back_under_another_name_had_the_old_one() {
    let mut bench = Bench::new().await;
    let (p, q) = (playlist("p", "s1", 0), playlist("q", "s1", 0));
    bench.walk_at(playlists(&[p.clone(), q.clone()]), true, sync_at(0)).await;
    bench.walk_at(playlists(std::slice::from_ref(&q)), false, sync_at(1)).await;
    let renamed = Playlist { name: "Other".to_owned(), ..p };
    bench.walk_at(playlists(&[q, renamed]), false, sync_at(2)).await;
    assert_eq!(journal(&bench).await, ["removed p", "added p"]);
    let tail = bench.stored().history().journal_tail(1).await.unwrap();
    assert_eq!((tail[0].name.as_str(), tail[0].detail.as_deref()), ("Other", Some("was List p")));
    let names = |n| {
        let (bench, at) = (&bench, sync_at(n));
        async move {
            let rows = bench.past(&PastList::Playlists, at).await.into_iter();
            let name = |row| if let PastRow::Playlist(list) = row { list.name } else { panic!("{row:?}") };
            rows.map(name).collect::<Vec<_>>()
        }
    };
    assert_eq!(names(0).await, ["List p", "List q"]);
    assert_eq!(names(1).await, ["List q"]);
    assert_eq!(names(2).await, ["List q", "Other"]);

    let called = bench.stored().history().playlist_names(sync_at(0)).await.unwrap();
    let called: Vec<_> =
        called.iter().map(|it| (it.id.as_str(), it.then.as_str(), it.now.as_str())).collect();
    assert_eq!(called, [("q", "List q", "List q"), ("p", "List p", "Other")]);
}

#[tokio::test]
async fn contents_as_they_are_now_have_the_columns_and_values_of_the_view() {
    let mut bench = Bench::new().await;
    bench.walk_at(playlists(&[playlist("p", "s1", 0)]), true, sync_at(0)).await;
    let slots: Vec<Slot> = "aE-L!ab".chars().map(|what| (what, 3, 'x')).collect();
    read(&bench, &PlaylistId::new("p"), &rows(&slots), 50, sync_at(0)).await;
    let past = bench.past(&PastList::ItemsOf(PlaylistId::new("p")), sync_at(1)).await;
    let past: Vec<String> = past.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
    assert_eq!(past, bench.json_of("v_playlist_items").await);
}

/// The list's own version and the mirror's own state are not part of the past; all other columns
/// are.
#[tokio::test]
async fn playlists_as_they_are_now_have_the_columns_of_the_view() {
    let mut bench = Bench::new().await;
    bench.walk_at(playlists(&[playlist("p", "s1", 1)]), true, sync_at(0)).await;
    read(&bench, &PlaylistId::new("p"), &rows(&[('a', 3, 'x')]), 50, sync_at(0)).await;
    let past = serde_json::to_string(&bench.past(&PastList::Playlists, sync_at(1)).await[0]).unwrap();
    let view = bench.json_of("v_playlists").await.remove(0);
    let unknown = view
        .replace("\"snapshot_id\":\"s1\"", "\"snapshot_id\":null")
        .replace("\"contents_state\":\"complete\"", "\"contents_state\":null")
        .replace(
            &format!("\"last_synced_at\":\"{}\"", sqlite::millis(sync_at(0))),
            "\"last_synced_at\":null",
        );
    assert_eq!(past, unknown);
}

/// Reads a list of numbered tracks, with ids as long as Spotify's.
async fn read_numbers(bench: &Bench, numbers: &[u32], limit: usize, at: DateTime<Utc>) {
    let slot = |number: &u32| {
        let added_at = Some(crate::store::tests::at(i64::from(*number)));
        let content = PlaylistContent::Track(track(&format!("{number:022}")));
        Row::Readable(PlaylistItem { added_at, added_by: Some("ann".to_owned()), content })
    };
    let rows: Vec<_> = numbers.iter().map(slot).collect();
    read(bench, &PlaylistId::new("p"), &rows, limit, at).await;
}

#[tokio::test]
async fn one_song_more_or_less_writes_one_slot_wherever_it_stands() {
    let mut bench = Bench::new().await;
    bench.walk_at(playlists(&[playlist("p", "s1", 0)]), true, sync_at(0)).await;
    let mut numbers: Vec<u32> = (0..60).collect();
    read_numbers(&bench, &numbers, 100, sync_at(0)).await;
    bench.watch_writes().await;
    for (n, place) in [0, 30, 61, 30, 7].into_iter().enumerate() {
        numbers.insert(place, 1_000 + u32::try_from(n).unwrap());
        bench.forget_writes().await;
        read_numbers(&bench, &numbers, 100, sync_at(n + 1)).await;
        let writes = bench.writes().await;
        assert_eq!(writes.iter().filter(|what| *what == "items").count(), 1, "{writes:?}");
    }
    numbers.remove(0);
    bench.forget_writes().await;
    read_numbers(&bench, &numbers, 100, sync_at(9)).await;
    assert_eq!(bench.writes().await.iter().filter(|what| *what == "items").count(), 1);
    let stored = bench.texts("select item_id from v_playlist_items order by position").await;
    let stored: Vec<u32> = stored.iter().map(|id| id.parse().unwrap()).collect();
    assert_eq!(stored, numbers);
}

/// A thousand edits of one song must cost less than 5 MB in a playlist of 10,000: 5,000 bytes per
/// edit. What an edit stores does not grow with the playlist (the test above): its line in the
/// journal, that line in the index, the new track in the catalogue, and its slot. So fewer edits of
/// a shorter playlist show the same. The playlist is read once before, so that the pages which
/// staging takes and returns for the next reading exist.
#[tokio::test]
async fn a_history_of_small_edits_stays_small() {
    const SLOTS: u32 = 600;
    const EDITS: u32 = 30;
    const BYTES_AN_EDIT: u64 = 5_000;
    let mut bench = Bench::new().await;
    bench.walk_at(playlists(&[playlist("p", "s1", 0)]), true, sync_at(0)).await;
    let mut numbers: Vec<u32> = (0..SLOTS).collect();
    read_numbers(&bench, &numbers, 150, sync_at(0)).await;
    read_numbers(&bench, &numbers, 150, sync_at(1)).await;
    let mut bench = bench.reopened().await;
    let before = bench.store.path().metadata().unwrap().len();
    for edit in 0..EDITS {
        let place = usize::try_from(edit).unwrap() * 7_919 % numbers.len();
        numbers.insert(place, 100_000 + edit);
        bench.next_run().await;
        read_numbers(&bench, &numbers, 150, sync_at(2 + usize::try_from(edit).unwrap())).await;
    }
    let bench = bench.reopened().await;
    let grown = bench.store.path().metadata().unwrap().len() - before;
    assert!(grown > 0 && grown < u64::from(EDITS) * BYTES_AN_EDIT, "{grown} bytes");
    let first = bench.past(&PastList::ItemsOf(PlaylistId::new("p")), sync_at(1)).await;
    assert_eq!(first.len(), usize::try_from(SLOTS).unwrap());
}
