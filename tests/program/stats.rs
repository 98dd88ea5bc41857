//! `phonolog stats`, as a person and a program meet it.

use serde_json::Value;

use super::support::{Home, Simulator};

#[tokio::test]
async fn plays_that_a_sync_brought_are_told_at_once() {
    let simulator = Simulator::start(&["--tracks", "30", "--plays", "9"]);
    let home = Home::new(&simulator);
    home.sync().await;
    let ended = home.run(&["stats", "top-tracks", "--limit", "3", "--json"]).await;
    let told: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended:?}"));
    assert_eq!(told["total"]["plays"], 9, "{told}");
    assert_eq!(told["settled"], true, "{told}");
    assert_eq!(told["rows"].as_array().unwrap().len(), 3, "{told}");
    assert!(told["completeness"]["share"].as_f64().is_some() && told["completeness"]["gaps"] == 0, "{told}");

    let overview = home.run(&["stats"]).await.stdout;
    assert!(overview.contains("plays    9 in ~"), "{overview}");
    assert!(overview.contains("history complete for "), "{overview}");
    assert!(overview.lines().count() < 24, "{overview}");
    for statistic in [
        "artists",
        "albums",
        "genres",
        "days",
        "hours",
        "weekdays",
        "streaks",
        "skips",
        "never-played",
        "not-saved",
    ] {
        let ended = home.run(&["stats", statistic]).await;
        assert_eq!(ended.status, 0, "{ended:?}");
        assert!(ended.stdout.contains("history complete for "), "{ended:?}");
    }
}

#[tokio::test]
async fn nothing_recorded_and_periods_that_are_none_are_said_in_a_sentence() {
    let home = Home::at("http://127.0.0.1:9");
    let ended = home.run(&["stats"]).await;
    assert_eq!((ended.status, ended.stdout.as_str()), (0, ""), "{ended:?}");
    assert!(ended.stderr.contains("there is no record yet"), "{ended:?}");
    assert!(!home.data_dir().exists());
    for (since, sentence) in [
        ("2199", "2199 is in the future; choose a period that has begun"),
        ("2025-02..2025-01", "ends before it begins"),
        ("whenever", "`whenever` is not a time"),
        ("0s", "is an empty period"),
    ] {
        let ended = home.run(&["stats", "--since", since]).await;
        assert_eq!(ended.status, 2, "{ended:?}");
        assert!(ended.stderr.contains(sentence) && ended.stderr.lines().count() == 1, "{ended:?}");
    }
    home.configure("[stats]\ntime_zone = \"Europe/Berln\"\n");
    let ended = home.run(&["stats"]).await;
    assert!(ended.stderr.contains("the nearest is `Europe/Berlin`"), "{ended:?}");
}

#[tokio::test]
async fn a_report_is_told_as_markdown_as_a_page_and_as_a_picture() {
    let (_simulator, home) = super::plays::known("40").await;
    super::plays::poll(&home).await;
    let report = home.run(&["report"]).await;
    assert_eq!(report.status, 0, "{report:?}");
    assert!(
        report.stdout.starts_with("# Listening in 20") && report.stdout.contains("- Plays: **"),
        "{report:?}"
    );
    let beside = home.run(&["report", "30d", "--against", "2020"]).await;
    assert!(beside.stdout.contains("| Plays | ") && beside.stdout.contains(" | 0 |"), "{beside:?}");
    let path = |name: &str| home.dir.path().join(name).display().to_string();
    let (page, card) = (path("report.html"), path("card.svg"));
    let written = home.run(&["report", "--html", &page, "--card", &card]).await;
    assert_eq!((written.status, written.stdout.as_str()), (0, ""), "{written:?}");
    let page_text = std::fs::read_to_string(&page).unwrap();
    assert!(page_text.starts_with("<!DOCTYPE html>") && page_text.ends_with("</html>\n"));
    for foreign in ["<script", "http:", "https:", "url(", "@import", "src="] {
        assert!(!page_text.contains(foreign), "{foreign}");
    }
    assert!(std::fs::read_to_string(&card).unwrap().ends_with("</svg>\n"));
    let again = home.run(&["report", "--html", &page]).await;
    assert!(again.status == 1 && again.stderr.contains("exists already"), "{again:?}");
    let empty = home.run(&["report", "2010"]).await;
    assert!(empty.stdout.contains("No play is known in this period."), "{empty:?}");
    let future = home.run(&["report", "2099"]).await;
    assert!(future.status == 2 && future.stderr.contains("in the future"), "{future:?}");
}
