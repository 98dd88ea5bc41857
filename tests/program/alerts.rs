//! Alerts as a person gets them: in the status, by a program, by a webhook; once for each turn.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use super::daemon::{Daemon, status, until};
use super::support::{Home, Simulator};
use super::terminal::PATIENCE;

const LIBRARY: [&str; 10] =
    ["--tracks", "60", "--albums", "20", "--artists", "10", "--playlists", "3", "--plays", "5"];

/// A home whose alerts are appended to a file, a line each.
fn home_with_a_diary(simulator: &Simulator, more: &str) -> (Home, PathBuf) {
    let home = Home::new(simulator);
    let diary = home.data_dir().with_file_name("diary");
    let script = r#"{ cat; echo "$PHONOLOG_ALERT_KIND $PHONOLOG_ALERT_STATE $PHONOLOG_ALERT_TEXT [$PHONOLOG_ACCESS_TOKEN]"; } >> "$0""#;
    let command = json!(["/bin/sh", "-c", script, diary]);
    home.configure(&format!(
        "[gate]\nrequests_per_second = 0\ndaily_budget = 100000\n[sync]\nplayback_interval = \"1s\"\n[alerts]\ncommand = {command}\n{more}"
    ));
    (home, diary)
}

fn lines(diary: &PathBuf) -> Vec<String> {
    std::fs::read_to_string(diary).unwrap_or_default().lines().map(ToOwned::to_owned).collect()
}

async fn wait_for_lines(diary: &PathBuf, count: usize) -> Vec<String> {
    until(&format!("{count} lines of the diary"), async || {
        let lines = lines(diary);
        (lines.len() >= count).then_some(lines)
    })
    .await
}

async fn another_poll(simulator: &Simulator) {
    let polls = async || {
        let asked = simulator.get("/sim/requests").await;
        asked["by_endpoint"]["/v1/me/player/recently-played"].as_u64().unwrap_or(0)
    };
    let before = polls().await;
    until("two polls", async || (polls().await >= before + 2).then_some(())).await;
}

fn hold_for_a_day(what: &str) -> Value {
    json!({ "match": what, "kind": "status", "status": 429, "retry_after": 86_400,
            "reason": "QUOTA_EXCEEDED", "count": 1 })
}

#[tokio::test]
async fn a_hold_of_a_day_runs_the_program_once_and_not_again_after_a_restart() {
    let simulator = Simulator::start(&LIBRARY);
    let (home, diary) = home_with_a_diary(&simulator, "");
    simulator.fault(hold_for_a_day("/v1/me/albums")).await;
    {
        let _daemon = Daemon::start(&home).await;
        let told = wait_for_lines(&diary, 2).await;
        let message: Value = serde_json::from_str(&told[0]).unwrap();
        assert_eq!(
            (&message["kind"], &message["subject"], &message["state"]),
            (&json!("held"), &json!("albums"), &json!("raised"))
        );
        assert!(told[1].starts_with("held raised albums held until 20"), "{told:?}");
        assert!(told[1].ends_with(" []"), "the program was given the login: {told:?}");
        let shown = status(&home).await;
        assert_eq!(shown["alerts"][0]["kind"], "held");
        assert_eq!(shown["alerts"][0]["text"], message["text"]);
        let people = home.run(&["status"]).await.stdout;
        assert!(people.contains("held            albums for "), "{people}");
        assert_eq!(people.matches("albums held until").count(), 0, "a hold is told once: {people}");
        another_poll(&simulator).await;
    }
    {
        let _daemon = Daemon::start(&home).await;
        another_poll(&simulator).await;
        assert_eq!(lines(&diary).len(), 2, "{:?}", lines(&diary));
    }
    // Without an engine it still stands.
    assert_eq!(status(&home).await["alerts"][0]["subject"], "albums");

    home.execute("update holds set reset_at = '2026-01-01T00:00:00.000Z'").await;
    let _daemon = Daemon::start(&home).await;
    let told = wait_for_lines(&diary, 4).await;
    assert!(told[3].starts_with("held cleared over: albums held until 20"), "{told:?}");
    until("no alert", async || status(&home).await["alerts"].as_array().unwrap().is_empty().then_some(()))
        .await;
    assert!(!told.join("\n").contains("secret-of-the-tests"), "{told:?}");
}

#[tokio::test]
async fn a_brake_and_a_login_that_is_gone_are_told_and_taken_back() {
    let simulator = Simulator::start(&LIBRARY);
    let (home, diary) = home_with_a_diary(&simulator, "");
    home.sync().await;
    simulator.mutate(json!({ "op": "remove_tracks", "count": 40 })).await;
    assert_eq!(home.run(&["sync", "tracks"]).await.status, 5);
    // The command itself tells, before it ends.
    let told = wait_for_lines(&diary, 2).await;
    assert!(told[1].starts_with("braked raised tracks braked: 40 removals need your approval"), "{told:?}");
    assert_eq!(home.run(&["sync", "tracks"]).await.status, 5);
    assert_eq!(lines(&diary).len(), 2, "{:?}", lines(&diary));
    assert_eq!(home.run(&["sync", "tracks", "--allow-removals"]).await.status, 0);
    let told = wait_for_lines(&diary, 4).await;
    assert!(told[3].starts_with("braked cleared over: tracks braked"), "{told:?}");

    simulator.post("/sim/token", json!({ "revoke": true })).await;
    assert_eq!(home.run(&["sync", "tracks"]).await.status, 3);
    let told = wait_for_lines(&diary, 6).await;
    assert!(told[5].starts_with("login_needed raised needs login: "), "{told:?}");
}

/// Listens, answers each request with a status of the list, and gives what was posted.
fn listener(statuses: &'static [u16]) -> (String, Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook/secret-topic", listener.local_addr().unwrap());
    let (posted, posts) = channel();
    std::thread::spawn(move || {
        for (stream, status) in listener.incoming().zip(statuses) {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if line.trim().is_empty() {
                    break;
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
            let _ = posted.send((head, serde_json::from_slice(&body).unwrap()));
        }
    });
    (url, posts)
}

#[tokio::test]
async fn a_webhook_gets_it_too_again_where_it_failed_and_its_address_stays_secret() {
    let simulator = Simulator::start(&LIBRARY);
    let (url, posts) = listener(&[503, 204]);
    let (home, diary) = home_with_a_diary(&simulator, &format!("webhook = \"{url}\"\n"));
    simulator.fault(hold_for_a_day("/v1/me/following")).await;
    let daemon = Daemon::start(&home).await;
    let both = tokio::task::spawn_blocking(move || [0, 1].map(|_| posts.recv_timeout(PATIENCE).unwrap()));
    let [first, second] = both.await.unwrap();
    assert!(first.0.starts_with("POST /hook/secret-topic HTTP/1.1"), "{}", first.0);
    assert!(!first.0.to_ascii_lowercase().contains("authorization"), "{}", first.0);
    assert_eq!(first.1, second.1, "the same again, since the first time failed");
    assert_eq!((&first.1["kind"], &first.1["state"]), (&json!("held"), &json!("raised")));
    until("a mark that it was told", async || {
        let told = home.query("select count(*) as told from alerts where raised_told_at is not null").await;
        (told[0]["told"] == 1).then_some(())
    })
    .await;
    assert_eq!(lines(&diary).len(), 2, "the program was run once all the same");
    drop(daemon);
    let shown = home.run(&["config"]).await.stdout;
    assert!(shown.contains("alerts.webhook = \"http://127.0.0.1/...\""), "{shown}");
    for entry in std::fs::read_dir(home.data_dir().join("logs")).unwrap().flatten() {
        let log = std::fs::read_to_string(entry.path()).unwrap();
        assert!(log.contains("an alert was sent") && !log.contains("secret-topic"), "{log}");
        assert!(!log.contains("secret-of-the-tests"), "{log}");
    }
}

#[tokio::test]
async fn a_program_that_is_not_there_stops_nothing() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.configure("[gate]\nrequests_per_second = 0\n[alerts]\ncommand = [\"/no/such/program\"]\n");
    simulator.fault(hold_for_a_day("/v1/me/albums")).await;
    let _daemon = Daemon::start(&home).await;
    until("a held run", async || (status(&home).await["run"]["status"] == "held").then_some(())).await;
    assert_eq!(status(&home).await["alerts"][0]["kind"], "held");
    assert!(wait_until_answers(&home).await);
}

async fn wait_until_answers(home: &Home) -> bool {
    home.run(&["pause"]).await.status == 0
}
