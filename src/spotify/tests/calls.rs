//! Calls: what is sent, the effect of a refusal, what is returned.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use tokio::sync::Notify;

use super::MemoryLog;
use super::server::{Scripted, answer, refusal};
use super::support::{Stage, ask, client, hold};
use crate::domain::{ArtistId, Bucket, HoldReason, PlaylistId, Row};
use crate::spotify::{
    ContainsPath, GateSettings, ItemsPath, LibraryKind, RequestGate, RequestOptions, SpotifyError,
};

use Bucket::{Albums, Catalogue, Following, Me, Player, PlaylistItems, Playlists, Tracks};

const ME: &str = r#"{"id":"smith","display_name":"Smith","account_id":"acc"}"#;
const NO_ROWS: &str = r#"{"items":[],"total":0,"next":null,"offset":0}"#;

#[tokio::test]
async fn each_call_asks_for_what_it_should_and_counts_its_bucket() {
    let no_artists = format!(r#"{{"artists":{NO_ROWS}}}"#);
    let stage = Stage::new(vec![
        answer(200, ME),
        answer(200, NO_ROWS),
        answer(200, NO_ROWS),
        answer(200, no_artists.clone()),
        answer(200, no_artists),
        answer(200, NO_ROWS),
        answer(200, NO_ROWS),
        answer(200, r#"{"items":[],"total":0,"next":null,"offset":100}"#),
        answer(200, r#"{"items":[]}"#),
        answer(200, r#"{"id":"a"}"#),
        answer(200, r#"{"artists":[{"id":"a"},null]}"#),
    ])
    .await;
    let (client, ask) = (&stage.client, &ask(0));
    assert_eq!(client.me(ask).await.unwrap().id, "smith");
    client.saved_tracks(ask, 100, 50).await.unwrap();
    client.saved_albums(ask, 0, 20).await.unwrap();
    client.followed_artists(ask, None, 50).await.unwrap();
    let after = ArtistId::new("a&b");
    client.followed_artists(ask, Some(&after), 50).await.unwrap();
    client.playlists(ask, 50, 50).await.unwrap();
    let id = PlaylistId::new("p/../1");
    client.playlist_items(ask, &id, ItemsPath::Items, 0, 50).await.unwrap();
    client.playlist_items(ask, &id, ItemsPath::Tracks, 100, 100).await.unwrap();
    client.recently_played(ask).await.unwrap();
    client.artist(ask, &ArtistId::new("a/b")).await.unwrap();
    let two = client.artists(ask, &[ArtistId::new("a"), ArtistId::new("b")]).await.unwrap();
    assert_eq!((two.len(), &two[1]), (2, &Row::Null));

    let asked = stage.server.asked();
    assert!(asked.iter().all(|asked| asked.with == "Bearer fixed"));
    let what: Vec<_> = asked.iter().map(|asked| asked.what.as_str()).collect();
    assert_eq!(
        what,
        [
            "GET /v1/me",
            "GET /v1/me/tracks?offset=100&limit=50",
            "GET /v1/me/albums?offset=0&limit=20",
            "GET /v1/me/following?type=artist&limit=50",
            "GET /v1/me/following?type=artist&limit=50&after=a%26b",
            "GET /v1/me/playlists?offset=50&limit=50",
            "GET /v1/playlists/p%2F..%2F1/items?offset=0&limit=50&additional_types=track%2Cepisode",
            "GET /v1/playlists/p%2F..%2F1/tracks?offset=100&limit=100&additional_types=track%2Cepisode",
            "GET /v1/me/player/recently-played?limit=50",
            "GET /v1/artists/a%2Fb",
            "GET /v1/artists?ids=a%2Cb",
        ]
    );
    assert_eq!(
        *stage.log.counted.lock().unwrap(),
        [
            Me,
            Tracks,
            Albums,
            Following,
            Following,
            Playlists,
            PlaylistItems,
            PlaylistItems,
            Player,
            Catalogue,
            Catalogue
        ]
    );
}

#[tokio::test]
async fn a_short_refusal_is_on_record_and_waited_out_to_the_second() {
    let stage = Stage::new(vec![refusal("5"), answer(200, ME)]).await;
    stage.clock.permit(Duration::from_millis(300));
    let (client, ask) = (stage.client.clone(), ask(60));
    let call = tokio::spawn(async move { client.me(&ask).await });
    // Rounded up to the next whole second of the wall clock: 1000.3 + 5 becomes 1006.
    assert_eq!(stage.clock.nearest_sleep().await, Duration::from_millis(5_700));
    let recorded = stage.log.recorded.lock().unwrap().clone();
    assert_eq!(recorded.len(), 1);
    assert_eq!(recorded[0].reset_at, DateTime::from_timestamp(1_006, 0).unwrap());
    assert_eq!(recorded[0].retry_after_seconds, 5);
    assert_eq!(recorded[0].reason, HoldReason::RateLimited);
    stage.clock.permit(Duration::from_millis(5_699));
    assert_eq!(stage.clock.nearest_sleep().await, Duration::from_millis(1));
    assert_eq!(stage.server.asked().len(), 1, "nothing is sent early");
    stage.clock.permit(Duration::from_millis(1));
    assert_eq!(call.await.unwrap().unwrap().id, "smith");
    assert_eq!(stage.log.counted.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_quota_refusal_holds_its_bucket_over_restarts_and_no_other() {
    let body = r#"{"error":{"status":429,"message":"Too many requests","reason":"QUOTA_EXCEEDED"}}"#;
    let stage = Stage::new(vec![Scripted::Answer(429, "86400", body.to_owned()), answer(200, ME)]).await;
    let held = SpotifyError::Held {
        bucket: Bucket::Tracks,
        until: DateTime::from_timestamp(87_400, 0).unwrap(),
        reason: HoldReason::QuotaExceeded,
    };
    let refused = stage.client.saved_tracks(&ask(60), 0, 50).await;
    assert_eq!(refused.unwrap_err(), held);
    for _ in 0..50 {
        stage.clock.permit(Duration::from_mins(1));
        let again = client(stage.server.settings(), &stage.log, &stage.tokens, &stage.clock).await;
        assert_eq!(again.saved_tracks(&ask(60), 0, 50).await.unwrap_err(), held);
    }
    assert_eq!(stage.server.asked().len(), 1);
    assert_eq!(stage.client.me(&ask(0)).await.unwrap().id, "smith");
}

#[tokio::test]
async fn a_hold_on_record_is_waited_for_by_the_first_call_of_a_process() {
    let log = MemoryLog::holding(vec![hold(Bucket::Player, 995, 10, HoldReason::RateLimited)]);
    let stage = Stage::build(vec![answer(200, ME)], |_| None, log).await;
    let (client, ask) = (stage.client.clone(), ask(60));
    let call = tokio::spawn(async move { client.me(&ask).await });
    assert_eq!(stage.clock.pass_nearest_sleep().await, Duration::from_secs(5));
    assert!(call.await.unwrap().is_ok());
}

#[tokio::test]
async fn an_endpoint_that_refuses_for_ever_is_given_up() {
    let stage = Stage::new((0..5).map(|_| refusal("1")).collect()).await;
    let (client, ask) = (stage.client.clone(), ask(60));
    let call = tokio::spawn(async move { client.me(&ask).await });
    for _ in 0..4 {
        stage.clock.pass_nearest_sleep().await;
    }
    assert!(matches!(call.await.unwrap(), Err(SpotifyError::Held { .. })));
    assert_eq!(stage.server.asked().len(), 5);
}

#[tokio::test]
async fn a_refusal_counts_even_if_its_body_is_cut_off() {
    let stage = Stage::new(vec![Scripted::CutOff(429, "700")]).await;
    let refused = stage.client.me(&ask(60)).await.unwrap_err();
    assert!(matches!(refused, SpotifyError::Held { reason: HoldReason::QuotaExceeded, .. }));
    assert_eq!(stage.log.recorded.lock().unwrap()[0].retry_after_seconds, 700);
}

#[tokio::test]
async fn a_hold_that_cannot_be_recorded_stops_the_call_and_still_holds() {
    let stage = Stage::new(vec![refusal("5")]).await;
    *stage.log.is_full.lock().unwrap() = true;
    let error = stage.client.me(&ask(60)).await.unwrap_err();
    assert_eq!(error.to_string(), "the disk is full");
    assert!(matches!(stage.client.me(&ask(0)).await, Err(SpotifyError::Held { .. })));
    assert_eq!(stage.server.asked().len(), 1);
}

#[tokio::test]
async fn what_breaks_on_the_way_is_transient_and_says_whose_fault_it_is() {
    let stage = Stage::new(vec![
        Scripted::CutOff(200, ""),
        answer(200, r#"{"items":[{"added_at""#),
        answer(200, "<html>Log in to the hotel's network</html>"),
        answer(502, "Bad gateway"),
    ])
    .await;
    for words in
        ["sent an incomplete response", "incomplete or foreign", "incomplete or foreign", "answered 502"]
    {
        let error = stage.client.saved_tracks(&ask(0), 0, 50).await.unwrap_err();
        assert!(error.is_transient(), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.to_string().starts_with("127.0.0.1:"), "{error}");
    }
}

#[tokio::test]
async fn nobody_at_the_other_end_is_transient() {
    let stage = Stage::new(Vec::new()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut settings = stage.server.settings();
    settings.api_url = format!("http://{}/v1", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let nobody = client(settings, &stage.log, &stage.tokens, &stage.clock).await;
    let error = nobody.me(&ask(0)).await.unwrap_err();
    assert!(error.is_transient());
    assert!(error.to_string().contains("could not be reached (Connection refused"), "{error}");
    assert!(stage.log.counted.lock().unwrap().is_empty(), "it never left this machine");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let stage = Stage::new(vec![answer(302, "")]).await;
    let error = stage.client.me(&ask(0)).await.unwrap_err();
    assert!(error.to_string().contains("answered 302"), "{error}");
}

#[tokio::test]
async fn a_page_without_rows_is_unreadable_and_no_refusal() {
    let stage = Stage::new(vec![
        answer(200, "[]"),
        answer(200, r#"{"items":[],"offset":50,"total":7}"#),
        answer(200, r#"{"total":7}"#),
        answer(403, "User not registered in the Developer Dashboard"),
        answer(404, ""),
    ])
    .await;
    let (client, ask, id) = (&stage.client, &ask(0), PlaylistId::new("p"));
    for _ in ["no rows", "other rows than were asked for"] {
        let odd = client.playlist_items(ask, &id, ItemsPath::Items, 0, 50).await;
        assert!(matches!(odd, Err(SpotifyError::Unreadable { .. })), "{odd:?}");
    }
    let unreadable = client.saved_tracks(ask, 0, 50).await;
    assert!(matches!(unreadable, Err(SpotifyError::Unreadable { .. })));
    let refused = client.playlist_items(ask, &id, ItemsPath::Items, 0, 50).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Spotify refuses this app: User not registered in the Developer Dashboard"
    );
    let gone = client.playlist_items(ask, &id, ItemsPath::Items, 0, 50).await;
    assert_eq!(gone.unwrap_err(), SpotifyError::NotFound);
}

#[tokio::test]
async fn an_answer_about_fewer_artists_than_were_asked_for_is_not_guessed_at() {
    let stage = Stage::new(vec![answer(200, r#"{"artists":[{"id":"b"}]}"#)]).await;
    let error = stage.client.artists(&ask(0), &[ArtistId::new("a"), ArtistId::new("b")]).await.unwrap_err();
    assert!(matches!(error, SpotifyError::Unreadable { .. }), "{error}");
}

#[tokio::test]
async fn a_cancel_ends_the_wait_at_the_gate_and_frees_the_place() {
    let stage = Stage::new(vec![refusal("5"), answer(200, ME)]).await;
    let (client, first) = (stage.client.clone(), ask(60));
    let cancel = first.cancel.clone();
    let call = tokio::spawn(async move { client.me(&first).await });
    stage.clock.nearest_sleep().await;
    cancel.cancel();
    assert_eq!(call.await.unwrap().unwrap_err(), SpotifyError::Cancelled);
    stage.clock.permit(Duration::from_secs(5));
    assert!(stage.client.me(&ask(0)).await.is_ok());
}

#[tokio::test]
async fn an_answer_makes_the_next_refusal_without_a_time_a_first_one() {
    let stage = Stage::new(vec![refusal("0"), refusal(""), answer(200, ME), refusal("soon")]).await;
    let (client, ask) = (stage.client.clone(), ask(60));
    let call = tokio::spawn(async move {
        client.me(&ask).await?;
        client.me(&RequestOptions { max_wait: Duration::ZERO, ..ask }).await
    });
    assert_eq!(stage.clock.pass_nearest_sleep().await, Duration::from_secs(30));
    assert_eq!(stage.clock.pass_nearest_sleep().await, Duration::from_mins(1));
    assert!(matches!(call.await.unwrap(), Err(SpotifyError::Held { .. })));
    let recorded = stage.log.recorded.lock().unwrap();
    let lengths: Vec<_> = recorded.iter().map(|hold| hold.retry_after_seconds).collect();
    assert_eq!(lengths, [30, 60, 30]);
}

#[tokio::test]
async fn who_is_cancelled_already_sends_nothing() {
    let stage = Stage::new(Vec::new()).await;
    let ask = ask(60);
    ask.cancel.cancel();
    assert_eq!(stage.client.me(&ask).await.unwrap_err(), SpotifyError::Cancelled);
    assert!(stage.server.asked().is_empty() && stage.log.counted.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_that_does_not_come_soon_after_a_cancel_is_given_up() {
    let stage = Stage::new(vec![Scripted::Later(Arc::default(), 200, "")]).await;
    let (client, ask) = (stage.client.clone(), ask(60));
    let cancel = ask.cancel.clone();
    let call = tokio::spawn(async move { client.me(&ask).await });
    stage.server.wait_for_requests(1).await;
    cancel.cancel();
    assert_eq!(stage.clock.pass_nearest_sleep().await, Duration::from_secs(2));
    assert_eq!(call.await.unwrap().unwrap_err(), SpotifyError::Cancelled);
}

#[tokio::test]
async fn a_refusal_that_comes_after_a_cancel_is_still_on_record() {
    let now = Arc::new(Notify::new());
    let stage = Stage::new(vec![Scripted::Later(now.clone(), 429, "30")]).await;
    let (client, ask) = (stage.client.clone(), ask(60));
    let cancel = ask.cancel.clone();
    let call = tokio::spawn(async move { client.me(&ask).await });
    stage.server.wait_for_requests(1).await;
    cancel.cancel();
    stage.clock.nearest_sleep().await;
    now.notify_one();
    assert_eq!(call.await.unwrap().unwrap_err(), SpotifyError::Cancelled);
    assert_eq!(stage.log.recorded.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_endless_answer_is_not_swallowed() {
    let stage = Stage::new(vec![answer(200, " ".repeat(33 * 1024 * 1024))]).await;
    let error = stage.client.me(&ask(0)).await.unwrap_err();
    assert!(error.to_string().contains("more than 32 MB"), "{error}");
}

#[tokio::test]
async fn a_null_row_costs_no_page() {
    let page = r#"{"items":[null,{"added_at":"2026-01-01T00:00:00Z","track":{"id":"1","uri":"spotify:track:1","name":"x"}}],"total":2,"next":null}"#;
    let stage = Stage::new(vec![answer(200, page)]).await;
    let page = stage.client.saved_tracks(&ask(0), 0, 50).await.unwrap();
    assert_eq!(page.rows[0], Row::Null);
    assert_eq!(page.rows[1].readable().unwrap().item.name, "x");
}

#[tokio::test]
async fn requests_are_paced() {
    let stage = Stage::new(vec![answer(200, ME), answer(200, ME), answer(200, ME)]).await;
    let paced = GateSettings { requests_per_second: 2.0, burst: 1 };
    let gate = RequestGate::open(paced, stage.log.clone(), stage.clock.clone()).await.unwrap();
    let settings = stage.server.settings();
    let paced = crate::spotify::SpotifyClient::new(settings, gate, stage.tokens.clone(), stage.clock.clone())
        .unwrap();
    paced.me(&ask(0)).await.unwrap();
    for _ in 0..2 {
        let next = paced.clone();
        let call = tokio::spawn(async move { next.me(&ask(0)).await });
        assert_eq!(stage.clock.pass_nearest_sleep().await, Duration::from_millis(500));
        call.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn an_id_stands_for_itself_in_a_path_or_is_not_asked_for() {
    let stage = Stage::new(vec![answer(200, NO_ROWS)]).await;
    for id in ["", ".", ".."] {
        let id = PlaylistId::new(id);
        let asked = stage.client.playlist_items(&ask(0), &id, ItemsPath::Items, 0, 50).await;
        assert_eq!(asked.unwrap_err(), SpotifyError::NotFound);
    }
    assert!(stage.log.counted.lock().unwrap().is_empty());
    let id = PlaylistId::new("../me?x#y%2e/\u{f6} ");
    stage.client.playlist_items(&ask(0), &id, ItemsPath::Items, 0, 50).await.unwrap();
    let what = &stage.server.asked()[0].what;
    assert!(what.starts_with("GET /v1/playlists/..%2Fme%3Fx%23y%252e%2F%C3%B6%20/items?offset=0"), "{what}");
}

#[tokio::test]
async fn an_odd_id_in_a_list_of_ids_spoils_no_answer_about_the_others() {
    let stage = Stage::new(vec![
        answer(200, "[false,true]"),
        answer(200, r#"{"artists":[{"id":"a1","name":"One"},null]}"#),
    ])
    .await;
    let ids = ["t1", "a,b", "", "t2"];
    let held = stage.client.contains(&ask(0), ContainsPath::Library, LibraryKind::Track, &ids).await;
    assert_eq!(held.unwrap(), [false, true, true, true]);
    let uris = "GET /v1/me/library/contains?uris=spotify%3Atrack%3At1%2Cspotify%3Atrack%3At2";
    assert_eq!(stage.server.asked()[0].what, uris);
    let ids = ["x&y", "a1", "a2"].map(ArtistId::new);
    let rows = stage.client.artists(&ask(0), &ids).await.unwrap();
    assert!(matches!(rows.as_slice(), [Row::Null, Row::Readable(_), Row::Null]), "{rows:?}");
    let odd = ["a,b", "/"];
    let held = stage.client.contains(&ask(0), ContainsPath::Legacy, LibraryKind::Album, &odd).await;
    assert_eq!(held.unwrap(), [true, true]);
    assert_eq!(stage.server.asked().len(), 2);
}
