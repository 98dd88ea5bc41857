//! Saved albums and followed artists, whose order has no meaning.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Which albums are saved, and the order in which Spotify lists them.
type Version = Vec<(char, i64)>;

fn versions() -> impl Strategy<Value = Vec<Version>> {
    let row = (prop::char::range('a', 'h'), 0..3_i64);
    let version = prop::collection::vec(row, 0..8).prop_map(|rows| {
        let mut held = Vec::new();
        for (name, second) in rows {
            if held.iter().all(|(other, _)| *other != name) {
                held.push((name, second));
            }
        }
        held
    });
    prop::collection::vec(version, 2..8)
}

/// Newest first, then by name.
fn newest_first(version: &Version) -> Vec<String> {
    let mut sorted = version.clone();
    sorted.sort_by_key(|(name, second)| (-second, *name));
    sorted.into_iter().map(|(name, second)| format!("{name}{second}")).collect()
}

fn by_name(version: &Version) -> Vec<String> {
    let sorted: BTreeMap<char, i64> = version.iter().copied().collect();
    sorted.into_keys().map(|name| name.to_string()).collect()
}

fn album_word(row: PastRow) -> String {
    match row {
        PastRow::Album(album) => {
            let added_at: DateTime<Utc> = album.added_at.unwrap().parse().unwrap();
            format!("{}{}", album.album_id, added_at.timestamp() - at(0).timestamp())
        }
        other => panic!("{other:?}"),
    }
}

fn artist_word(row: PastRow) -> String {
    match row {
        PastRow::Artist(artist) => artist.name,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_version_of_albums_and_artists_can_be_had_back(versions in versions()) {
        block_on(async {
            let mut bench = Bench::new().await;
            for (n, version) in versions.iter().enumerate() {
                let albums = version.iter().map(|(name, second)| album(&name.to_string(), *second));
                let artists = version.iter().map(|(name, _)| artist(&name.to_string(), None));
                bench.walk_at(ListRows::Albums(albums.collect()), n == 0, sync_at(n)).await;
                bench.walk_at(ListRows::Artists(artists.collect()), n == 0, sync_at(n)).await;
            }
            for (n, version) in versions.iter().enumerate() {
                let albums = bench.past(&PastList::Albums, sync_at(n)).await;
                let albums: Vec<String> = albums.into_iter().map(album_word).collect();
                assert_eq!(albums, newest_first(version), "albums as of sync {n}");
                let artists = bench.past(&PastList::Artists, just_before(sync_at(n + 1))).await;
                let artists: Vec<String> = artists.into_iter().map(artist_word).collect();
                assert_eq!(artists, by_name(version), "artists after sync {n}");
            }
        });
    }
}

#[tokio::test]
async fn what_is_there_now_is_told_with_the_columns_and_values_of_the_views() {
    let mut bench = Bench::new().await;
    bench.walk_at(tracks("a9 - b8"), true, sync_at(0)).await;
    bench.walk_at(ListRows::Albums(vec![album("y", 9), album("x", 3)]), true, sync_at(0)).await;
    let artists = vec![artist("A", Some(&["rock", "art, pop"])), artist("C", None)];
    bench.walk_at(ListRows::Artists(artists), true, sync_at(0)).await;
    for (list, view) in [
        (PastList::Tracks, "v_saved_tracks"),
        (PastList::Albums, "v_saved_albums"),
        (PastList::Artists, "v_followed_artists"),
    ] {
        let past = bench.past(&list, sync_at(1)).await;
        let past: Vec<String> = past.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
        assert_eq!(past, bench.json_of(view).await);
    }
}
