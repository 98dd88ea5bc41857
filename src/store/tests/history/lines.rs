//! The journal in forward direction.

use super::*;

async fn lines(bench: &Bench, filter: &ChangeFilter) -> Vec<String> {
    let mut changes = bench.stored().history().changes(filter).await.unwrap();
    let mut lines = Vec::new();
    loop {
        let more = changes.more().await.unwrap();
        if more.is_empty() {
            return lines;
        }
        lines.extend(more.into_iter().map(|row| format!("{} {}", row.change, row.name)));
    }
}

async fn eventful() -> Bench {
    let mut bench = Bench::new().await;
    bench.walk_at(tracks("a9"), true, sync_at(0)).await;
    bench.walk_at(ListRows::Albums(vec![album("x", 3)]), true, sync_at(0)).await;
    bench.walk_at(playlists(&[playlist("p", "s1", 1), playlist("q", "s1", 1)]), true, sync_at(0)).await;
    bench.walk_at(tracks("b20 a9"), false, sync_at(1)).await;
    bench.walk_at(ListRows::Albums(vec![]), false, sync_at(2)).await;
    for (name, n) in [("p", 0), ("q", 0), ("p", 3), ("q", 4)] {
        let content = PlaylistContent::Track(track(&format!("{name}{n}")));
        let page = ContentsPage {
            playlist: PlaylistId::new(name),
            first_position: 0,
            rows: vec![Row::Readable(PlaylistItem { added_at: None, added_by: None, content })],
            last: Some(LastContentsPage {
                is_doubtful: false,
                listed: Some(1),
                may_shrink: true,
                snapshot_id: None,
                total: 1,
                at: sync_at(n),
            }),
            checkpoint: checkpoint(Mode::Initial, 1),
        };
        bench.stored().playlists().commit_contents(bench.run, &page).await.unwrap();
    }
    bench.walk_at(playlists(&[playlist("q", "s1", 1)]), false, sync_at(5)).await;
    bench
}

#[tokio::test]
async fn lines_come_oldest_first_and_by_what_is_asked_for() {
    let bench = eventful().await;
    let all = [
        "added Song b",
        "removed Album x",
        "removed Song p0",
        "added Song p3",
        "removed Song q0",
        "added Song q4",
        "removed List p",
    ];
    assert_eq!(lines(&bench, &ChangeFilter::default()).await, all);
    let since = ChangeFilter { since: Some(sync_at(2)), until: Some(sync_at(4)), ..ChangeFilter::default() };
    assert_eq!(lines(&bench, &since).await, all[1..4], "from the first instant, up to the second");
    let newest = ChangeFilter { limit: Some(2), ..ChangeFilter::default() };
    assert_eq!(lines(&bench, &newest).await, all[5..]);
    let few = ChangeFilter { limit: Some(9), ..ChangeFilter::default() };
    assert_eq!(lines(&bench, &few).await, all);
    let entities = vec![Entity::Tracks, Entity::Albums];
    let of_two = ChangeFilter { entities, ..ChangeFilter::default() };
    assert_eq!(lines(&bench, &of_two).await, all[..2]);
    let newest_of_two = ChangeFilter { limit: Some(1), ..of_two };
    assert_eq!(lines(&bench, &newest_of_two).await, all[1..2]);
    let of_p = ChangeFilter { playlist: Some(PlaylistId::new("p")), ..ChangeFilter::default() };
    assert_eq!(lines(&bench, &of_p).await, ["removed Song p0", "added Song p3", "removed List p"]);
    let none = ChangeFilter { since: Some(sync_at(6)), limit: Some(5), ..ChangeFilter::default() };
    assert_eq!(lines(&bench, &none).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_line_for_programs_has_the_columns_of_the_view_and_its_detail_as_json() {
    let bench = eventful().await;
    let mut changes = bench.stored().history().changes(&ChangeFilter::default()).await.unwrap();
    let rows = changes.more().await.unwrap();
    let json: Vec<String> = rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
    assert_eq!(json, bench.json_of("v_library_changes").await);
    assert!(json[0].contains(r#""detail":{"added_at":"2023-"#), "{}", json[0]);
}

#[tokio::test]
async fn a_long_journal_comes_in_pieces_up_to_where_it_was() {
    let mut bench = Bench::new().await;
    bench.walk_at(many_tracks(0..1), true, sync_at(0)).await;
    bench.walk_at(many_tracks(-1_100..1), false, sync_at(1)).await;
    let store = bench.store.clone();
    let mut changes = store.account(bench.account).history().changes(&ChangeFilter::default()).await.unwrap();
    bench.walk_at(many_tracks(-1_101..1), false, sync_at(2)).await;
    let mut sizes = Vec::new();
    loop {
        let more = changes.more().await.unwrap();
        if more.is_empty() {
            break;
        }
        sizes.push(more.len());
    }
    assert!(sizes.len() > 1, "{sizes:?}");
    assert_eq!(sizes.iter().sum::<usize>(), 1_100);
}

#[tokio::test]
async fn the_journal_is_never_sorted_for_a_few_of_its_lines() {
    let bench = eventful().await;
    for sql in [journal::read::PIECE, journal::read::NEWEST, journal::read::TAIL] {
        let sql = format!("explain query plan {sql}");
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&bench.store.readers).await.unwrap();
        let sorts = plan.iter().any(|step| step.3.contains("ORDER BY"));
        assert!(!plan.is_empty() && !sorts, "{plan:?}");
    }
}
