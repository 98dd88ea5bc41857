//! Lists that contradict themselves: what is kept, what is told, what it costs.

use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Ended, Home, Simulator};
use super::truth::assert_library_equal;

const LIBRARY: [&str; 10] =
    ["--tracks", "430", "--albums", "120", "--artists", "105", "--playlists", "60", "--seed", "11"];

/// An entity, its path, its list in the truth, and its view.
type List = (&'static str, &'static str);
const TRACKS: List = ("tracks", "/v1/me/tracks");
const ALBUMS: List = ("albums", "/v1/me/albums");
const ARTISTS: List = ("artists", "/v1/me/following");
const PLAYLISTS: List = ("playlists", "/v1/me/playlists");

async fn equal(home: &Home, simulator: &Simulator) {
    assert_library_equal(home, &simulator.get("/sim/truth").await).await;
}

/// Syncs one entity, which must end well, and gives the requests that this took.
async fn priced(home: &Home, simulator: &Simulator, entity: &str) -> u64 {
    simulator.delete("/sim/requests").await;
    let ended = home.run(&["sync", entity]).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    simulator.requests().await
}

/// What `status` says of how many rows of an entity Spotify counts and does not show.
async fn not_shown(home: &Home, entity: &str) -> (u64, bool) {
    let told: Value = serde_json::from_str(&home.run(&["status", "--json"]).await.stdout).unwrap();
    let entities = told["entities"].as_array().unwrap();
    let row = entities.iter().find(|row| row["entity_type"] == entity).unwrap();
    let words = home.run(&["status"]).await.stdout.contains("more than it shows");
    (row["not_shown"].as_u64().unwrap(), words)
}

async fn changes(home: &Home) -> Vec<Value> {
    home.query("select entity_type, change, uri from v_library_changes order by id").await
}

async fn unlisted(home: &Home) -> Vec<Value> {
    home.query("select entity_type, uri, is_saved from v_unlisted order by 1, 2").await
}

async fn uri(simulator: &Simulator, list: &str, place: usize) -> String {
    simulator.get("/sim/truth").await[list][place]["uri"].as_str().unwrap().to_owned()
}

async fn hide(simulator: &Simulator, path: &str, uri: &str) {
    simulator.fault(json!({ "match": path, "kind": "hidden_row", "uris": [uri] })).await;
}

fn added(ended: &Ended) -> u32 {
    let line =
        ended.stdout.lines().chain(ended.stderr.lines()).find(|line| line.contains(" added, ")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    let place = words.iter().position(|word| *word == "added,").unwrap();
    words[place - 1].replace(',', "").parse().unwrap()
}

/// Whatever constant a total is off by, an unchanged list costs what it would cost without it, and edits are found.
#[rstest]
#[case(TRACKS, 27)]
#[case(TRACKS, 120)]
#[case(TRACKS, -20)]
#[case(ALBUMS, 7)]
#[case(ALBUMS, -30)]
#[case(ARTISTS, 2)]
#[case(ARTISTS, -3)]
#[case(PLAYLISTS, 4)]
#[tokio::test]
async fn a_total_that_is_off_is_learnt(#[case] (entity, path): List, #[case] offset: i64) {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let quiet = priced(&home, &simulator, entity).await;

    simulator.fault(json!({ "match": path, "kind": "total_offset", "offset": offset })).await;
    priced(&home, &simulator, entity).await;
    for _ in 0..2 {
        let now = priced(&home, &simulator, entity).await;
        // Behind a total that is too small there must still be rows.
        let looks = if offset < 0 { 2 } else { 1 };
        assert!(now <= quiet + looks, "{now} requests where {quiet} were enough before");
    }
    equal(&home, &simulator).await;
    assert_eq!(changes(&home).await, Vec::<Value>::new());
    let hidden = u64::try_from(offset).unwrap_or(0);
    assert_eq!(not_shown(&home, entity).await, (hidden, hidden > 0));

    if entity == "tracks" {
        simulator
            .mutate(json!([{ "op": "remove_tracks", "count": 1 }, { "op": "save_tracks", "count": 2 }]))
            .await;
        let edited = priced(&home, &simulator, entity).await;
        assert!(edited <= quiet + 10, "{edited} requests for one removal");
        equal(&home, &simulator).await;
    }
    // It is another constant now, and then none.
    for offset in [offset + 2, 0] {
        simulator.delete("/sim/faults").await;
        simulator.fault(json!({ "match": path, "kind": "total_offset", "offset": offset })).await;
        priced(&home, &simulator, entity).await;
        let now = priced(&home, &simulator, entity).await;
        assert!(now <= quiet + 2, "{now} requests where {quiet} were enough before");
        equal(&home, &simulator).await;
    }
    assert_eq!(not_shown(&home, entity).await, (0, false));
}

#[rstest]
#[case(TRACKS, 430)]
#[case(ALBUMS, 120)]
#[case(ARTISTS, 105)]
#[tokio::test]
async fn a_list_that_is_read_twice_is_counted_once(#[case] (entity, path): List, #[case] rows: u32) {
    let simulator = Simulator::start(&LIBRARY);
    simulator.fault(json!({ "match": path, "kind": "total_offset", "offset": 5 })).await;
    let home = Home::new(&simulator);
    let ended = home.run(&["sync", entity]).await;
    assert_eq!((ended.status, added(&ended)), (0, rows), "{ended:?}");
    assert_eq!(home.query("select added from sync_runs").await, [json!({ "added": rows })]);
    let ended = home.run(&["sync", entity]).await;
    assert_eq!((ended.status, added(&ended)), (0, 0), "{ended:?}");
}

/// A row that is listed no more and that Spotify says is there: kept, marked, and no hindrance to anything.
#[rstest]
#[case(TRACKS, "save_tracks", "remove_tracks")]
#[case(ALBUMS, "save_albums", "remove_albums")]
#[case(ARTISTS, "follow_artists", "unfollow_artists")]
#[tokio::test]
async fn a_hidden_row_is_kept_and_everything_else_goes_on(
    #[case] (entity, path): List,
    #[case] save: &str,
    #[case] remove: &str,
) {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    let quiet = priced(&home, &simulator, entity).await;
    let walk = if entity == "tracks" { 9 } else { quiet };
    let hidden = uri(&simulator, entity, 52).await;

    hide(&simulator, path, &hidden).await;
    simulator.mutate(json!({ "op": save, "count": 5 })).await;
    let found = priced(&home, &simulator, entity).await;
    assert!(found <= quiet + walk + 12, "{found} requests, {quiet} when quiet, {walk} for a walk");
    equal(&home, &simulator).await;
    let mark = json!({ "entity_type": entity, "uri": hidden, "is_saved": 1 });
    assert_eq!(unlisted(&home).await, std::slice::from_ref(&mark));
    assert_eq!(changes(&home).await.len(), 5, "what was saved, and nothing else");

    for args in [&["sync", entity][..], &["sync", entity, "--full"]] {
        simulator.delete("/sim/requests").await;
        assert_eq!(home.run(args).await.status, 0);
        let now = simulator.requests().await;
        // Whether it is still there, whether its place still lacks it, and the head once more.
        assert!(args.len() > 2 || now <= quiet + 3, "{now} requests where {quiet} were enough before");
        equal(&home, &simulator).await;
        assert_eq!(unlisted(&home).await, std::slice::from_ref(&mark));
    }

    // It is shown again.
    simulator.delete("/sim/faults").await;
    priced(&home, &simulator, entity).await;
    assert_eq!(unlisted(&home).await, Vec::<Value>::new());
    assert_eq!(changes(&home).await.len(), 5);
    equal(&home, &simulator).await;

    // It is hidden again, and then removed.
    hide(&simulator, path, &hidden).await;
    priced(&home, &simulator, entity).await;
    assert_eq!(unlisted(&home).await, [mark]);
    simulator.mutate(json!({ "op": remove, "uris": [hidden] })).await;
    priced(&home, &simulator, entity).await;
    assert_eq!(unlisted(&home).await, Vec::<Value>::new());
    let last = changes(&home).await.pop().unwrap();
    assert_eq!(last, json!({ "entity_type": entity, "change": "removed", "uri": hidden }));
    equal(&home, &simulator).await;
}

/// A list as it was before what was synced since: nothing that Spotify vouches for is called removed.
#[rstest]
#[case(TRACKS, "save_tracks")]
#[case(ALBUMS, "save_albums")]
#[case(ARTISTS, "follow_artists")]
#[tokio::test]
async fn a_stale_list_removes_nothing(#[case] (entity, path): List, #[case] save: &str) {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    simulator.mutate(json!({ "op": save, "count": 17 })).await;
    home.sync().await;
    let told = changes(&home).await;
    simulator.fault(json!({ "match": path, "kind": "stale" })).await;
    for args in [&["sync", entity][..], &["sync", entity, "--full"], &["sync", entity]] {
        let ended = home.run(args).await;
        assert_eq!(ended.status, 0, "{ended:?}");
        assert_eq!(changes(&home).await, told);
        equal(&home, &simulator).await;
    }
    simulator.delete("/sim/faults").await;
    home.sync().await;
    assert_eq!(changes(&home).await, told);
    assert_eq!(unlisted(&home).await, Vec::<Value>::new());
    equal(&home, &simulator).await;
}

const REMOVALS: [(&str, &str); 3] =
    [("tracks", "remove_tracks"), ("albums", "remove_albums"), ("artists", "unfollow_artists")];

const ROWS: &str = "select uri from v_saved_tracks union all select uri from v_saved_albums
                    union all select uri from v_followed_artists";

/// A refusal to say whether something is there is no consent.
#[tokio::test]
async fn what_nobody_could_be_asked_about_stays() {
    let simulator = Simulator::start(&[&LIBRARY[..], &["--shape", "2026"]].concat());
    let home = Home::new(&simulator);
    home.sync().await;
    let refusal = json!({
        "match": "/v1/me/library/contains", "kind": "status", "status": 429, "retry_after": 3600,
        "reason": "QUOTA_EXCEEDED",
    });
    simulator.fault(refusal).await;
    for (entity, remove) in REMOVALS {
        let rows = home.query(ROWS).await.len();
        simulator.mutate(json!({ "op": remove, "count": 1 })).await;
        for _ in 0..3 {
            let ended = home.run(&["sync", entity]).await;
            assert_eq!(ended.status, 0, "{ended:?}");
        }
        assert_eq!(home.query(ROWS).await.len(), rows, "{entity}");
    }
    assert_eq!(changes(&home).await, Vec::<Value>::new());
    assert_eq!(unlisted(&home).await.len(), 3);

    simulator.delete("/sim/faults").await;
    home.execute("delete from holds").await;
    home.sync().await;
    assert_eq!(changes(&home).await.len(), 3);
    assert_eq!(unlisted(&home).await, Vec::<Value>::new());
    equal(&home, &simulator).await;
}

/// An app that may not ask at all needs two runs that miss the same rows.
#[rstest]
#[case("tracks", "remove_tracks", "save_tracks")]
#[case("albums", "remove_albums", "save_albums")]
#[case("artists", "unfollow_artists", "follow_artists")]
#[tokio::test]
async fn where_nobody_may_be_asked_two_runs_must_agree(
    #[case] entity: &str,
    #[case] remove: &str,
    #[case] save: &str,
) {
    let simulator = Simulator::start(&[&LIBRARY[..], &["--shape", "2026"]].concat());
    simulator.fault(json!({ "match": "/v1/me/library/contains", "kind": "status", "status": 403 })).await;
    let home = Home::new(&simulator);
    home.sync().await;
    simulator.mutate(json!([{ "op": remove, "count": 1 }, { "op": save, "count": 1 }])).await;
    priced(&home, &simulator, entity).await;
    let told = changes(&home).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["change"], json!("added"));
    assert_eq!(unlisted(&home).await.len(), 1);

    priced(&home, &simulator, entity).await;
    let told = changes(&home).await;
    assert_eq!((told.len(), &told[1]["change"]), (2, &json!("removed")), "{told:?}");
    assert_eq!(unlisted(&home).await, Vec::<Value>::new());
    equal(&home, &simulator).await;
}

/// Pages that lead in a circle end in an error, after few requests, and cost nothing that is known.
#[rstest]
#[case(ARTISTS)]
#[case(ALBUMS)]
#[case(PLAYLISTS)]
#[case(TRACKS)]
#[tokio::test]
async fn a_circle_of_pages_ends(#[case] (entity, path): List) {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let fault = json!({ "match": path, "kind": "cursor_loop" });
    simulator.fault(fault.clone()).await;
    for _ in 0..2 {
        simulator.delete("/sim/requests").await;
        let ended = home.run(&["sync", entity]).await;
        assert_eq!(ended.status, 1, "{ended:?}");
        let requests = simulator.requests().await;
        assert!(requests < 45, "{requests} requests");
    }
    let states = home.query("select entity_type, state, is_initial_complete from sync_state").await;
    let failed = json!({ "entity_type": entity, "state": "failed", "is_initial_complete": 0 });
    assert!(states.contains(&failed), "{states:?}");

    simulator.delete("/sim/faults").await;
    home.sync().await;
    equal(&home, &simulator).await;
    simulator.fault(fault).await;
    let ended = home.run(&["sync", entity, "--full"]).await;
    assert_eq!(ended.status, 1, "{ended:?}");
    equal(&home, &simulator).await;
    assert_eq!(changes(&home).await, Vec::<Value>::new());
}

/// A cursor that Spotify names and then refuses does not stop the list for ever.
#[tokio::test]
async fn a_cursor_that_is_refused_is_given_up() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let uri = uri(&simulator, "artists", 0).await;
    let artist = json!({ "id": uri.rsplit(':').next(), "uri": uri, "name": "An artist", "type": "artist" });
    let page = json!({ "artists": {
        "href": "https://api.spotify.com/v1/me/following?type=artist&limit=50", "limit": 50, "items": [artist],
        "next": "https://api.spotify.com/v1/me/following?type=artist&limit=50&after=AAAA",
        "cursors": { "after": "AAAA" }, "total": 105,
    } });
    simulator.fault(json!({ "match": ARTISTS.1, "kind": "body", "body": page, "count": 1 })).await;
    let ended = home.run(&["sync", "artists"]).await;
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.stderr.contains("rejects its own cursor in the list of artists"), "{ended:?}");
    home.sync().await;
    equal(&home, &simulator).await;
}

/// New rows that are shown again and again instead of what stands below them are no list without an end.
#[tokio::test]
async fn a_circle_above_the_known_rows_ends() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.sync().await;
    simulator.mutate(json!({ "op": "save_tracks", "count": 60 })).await;
    simulator.fault(json!({ "match": "/v1/me/tracks", "kind": "cursor_loop" })).await;
    simulator.delete("/sim/requests").await;
    let mut command = home.command(&["sync", "tracks"]).spawn().unwrap();
    while command.try_wait().unwrap().is_none() {
        let asked = simulator.requests().await;
        assert!(asked < 120, "{asked} requests and no end");
    }
    simulator.delete("/sim/faults").await;
    home.sync().await;
    equal(&home, &simulator).await;
}

/// A selection that calls itself the whole list is told, and neither believed nor taken for removals.
#[rstest]
#[case(ARTISTS, 35)]
#[case(ALBUMS, 100)]
#[case(TRACKS, 300)]
#[tokio::test]
async fn a_selection_is_not_the_list(#[case] (entity, path): List, #[case] hidden: usize) {
    let simulator = Simulator::start(&LIBRARY);
    let truth = simulator.get("/sim/truth").await;
    let uris: Vec<Value> =
        truth[entity].as_array().unwrap().iter().take(hidden).map(|row| row["uri"].clone()).collect();
    let selection = json!([
        { "match": path, "kind": "hidden_row", "uris": uris },
        { "match": path, "kind": "total_offset", "offset": hidden },
    ]);
    simulator.fault(selection.clone()).await;
    let home = Home::new(&simulator);
    let ended = home.run(&["sync", entity]).await;
    let shown = truth[entity].as_array().unwrap().len() - hidden;
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.stderr.contains(&format!("shows {shown} of the {}", shown + hidden)), "{ended:?}");
    let state =
        home.query("select entity_type, state, total_processed, is_initial_complete from sync_state").await;
    let told = json!({
        "entity_type": entity, "state": "failed", "total_processed": shown, "is_initial_complete": 0
    });
    assert!(state.contains(&told), "{state:?}");

    simulator.delete("/sim/faults").await;
    home.sync().await;
    equal(&home, &simulator).await;
    simulator.fault(selection).await;
    let ended = home.run(&["sync", entity, "--full"]).await;
    assert_eq!(ended.status, 1, "{ended:?}");
    equal(&home, &simulator).await;
    assert_eq!(changes(&home).await, Vec::<Value>::new());
}

/// Where a page is refused for its size, smaller ones are asked for, and the size is remembered.
#[tokio::test]
async fn a_page_that_is_too_large_is_not_asked_for_again_that_day() {
    let simulator = Simulator::start(&LIBRARY);
    simulator.fault(json!({ "match": "/v1/me/", "kind": "largest_page", "rows": 10 })).await;
    let home = Home::new(&simulator);
    home.sync().await;
    equal(&home, &simulator).await;
    // /me, and twelve pages of ten albums.
    assert_eq!(priced(&home, &simulator, "albums").await, 1 + 12);
    assert_eq!(priced(&home, &simulator, "tracks").await, 1 + 1);
    simulator
        .mutate(json!([{ "op": "remove_tracks", "count": 1 }, { "op": "save_tracks", "count": 30 }]))
        .await;
    home.sync().await;
    equal(&home, &simulator).await;

    // A day later a larger one is tried once.
    simulator.delete("/sim/faults").await;
    home.execute("update page_limits set learnt_at = '2026-01-01T00:00:00.000Z'").await;
    assert_eq!(priced(&home, &simulator, "albums").await, 1 + 3);
}

#[tokio::test]
async fn pages_of_contents_shrink_too() {
    let simulator = Simulator::start(&LIBRARY);
    simulator.fault(json!({ "match": "/v1/playlists/", "kind": "largest_page", "rows": 10 })).await;
    let home = Home::new(&simulator);
    home.sync().await;
    equal(&home, &simulator).await;
    let learnt = home.query("select rows from page_limits").await;
    assert_eq!(learnt, [json!({ "rows": 10 })]);
    simulator.mutate(json!({ "op": "edit_playlist", "add": 1 })).await;
    home.sync().await;
    equal(&home, &simulator).await;
}

/// One row over which Spotify stumbles hides no other, at the top, in the middle and at the end of a list.
#[rstest]
#[case::first("tracks", "select uri from v_saved_tracks", 0)]
#[case::middle("tracks", "select uri from v_saved_tracks", 77)]
#[case::last("albums", "select uri from v_saved_albums", 119)]
#[tokio::test]
async fn a_row_that_cannot_be_shown_hides_no_other(
    #[case] entity: &str,
    #[case] rows: &'static str,
    #[case] place: u32,
) {
    let simulator = Simulator::start(&LIBRARY);
    let bad = json!({ "match": format!("/v1/me/{entity}"), "kind": "bad_place", "place": place });
    simulator.fault(bad.clone()).await;
    let home = Home::new(&simulator);
    home.run(&["sync", entity]).await;
    let truth = simulator.get("/sim/truth").await;
    let all = truth[entity].as_array().unwrap().len();
    let shown = home.query(rows).await;
    let is_last = usize::try_from(place).unwrap() + 1 == all;
    assert!(shown.len() == all - 1 || is_last, "{} of {all}", shown.len());

    // A row that is known stays while it cannot be shown.
    simulator.delete("/sim/faults").await;
    home.sync().await;
    equal(&home, &simulator).await;
    simulator.fault(bad).await;
    home.run(&["sync", entity, "--full"]).await;
    equal(&home, &simulator).await;
}
