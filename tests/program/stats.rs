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
