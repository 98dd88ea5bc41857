//! Logins that are made, dropped, refused and replaced under a running engine, and what a browser may bring.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::daemon::{Daemon, status, until, wait_until_synced};
use super::support::{Ended, Home, Simulator, ended};

const LIBRARY: [&str; 10] =
    ["--tracks", "30", "--albums", "5", "--artists", "5", "--playlists", "2", "--plays", "5"];
const CLIENT: &str = "0123456789abcdef0123456789abcdef";

/// A home with an app, in which the play history is read each second.
struct Person {
    home: Home,
    simulator: Simulator,
    port: u16,
}

impl Person {
    fn new() -> Self {
        let simulator = Simulator::start(&LIBRARY);
        let home = Home::new(&simulator);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        home.configure(&format!(
            "[gate]\nrequests_per_second = 0\n[sync]\nplayback_interval = \"1s\"\n\
             [login]\nredirect_uri = \"http://127.0.0.1:{port}/callback\"\n"
        ));
        Self { home, simulator, port }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.home.anonymous(args);
        command.env("PHONOLOG_CLIENT_ID", CLIENT);
        command
    }

    async fn run(&self, args: &[&str]) -> Ended {
        ended(self.command(args)).await
    }

    async fn daemon(&self) -> Daemon {
        Daemon::start_as(&self.home, self.command(&["daemon"])).await
    }

    async fn log_in(&self) -> Ended {
        let attempt = Attempt::start(self);
        let answer = agree(&attempt.url).await;
        let page = reqwest::get(&answer).await.unwrap();
        assert!(page.status().is_success());
        attempt.ended()
    }

    async fn logged_in(&self) {
        let login = self.log_in().await;
        assert_eq!(login.status, 0, "{login:?}");
        assert!(login.stdout.contains("Logged in as"), "{login:?}");
    }

    fn token(&self) -> Option<Value> {
        let text = std::fs::read(self.home.data_dir().join("token.json")).ok()?;
        Some(serde_json::from_slice(&text).unwrap())
    }

    async fn asked(&self, endpoint: &str) -> u64 {
        self.simulator.get("/sim/requests").await["by_endpoint"][endpoint].as_u64().unwrap_or(0)
    }

    async fn wait_for(&self, endpoint: &str, count: u64) {
        until(endpoint, async || (self.asked(endpoint).await >= count).then_some(())).await;
    }

    async fn plays(&self) -> u64 {
        self.home.query("select count(*) as n from v_plays").await[0]["n"].as_u64().unwrap()
    }

    async fn expire_tokens(&self) {
        self.simulator.post("/sim/token", json!({ "expire": true })).await;
    }

    /// Waits until the play history had its turn again, more than once.
    async fn wait_for_looks(&self) {
        let next = async || status(&self.home).await["plays"]["next_poll_at"].clone();
        for _ in 0..3 {
            let before = next().await;
            until("another look", async || (next().await != before).then_some(())).await;
        }
    }
}

const PLAYS: &str = "/v1/me/player/recently-played";

/// `phonolog login` that waits for an answer, without a terminal.
struct Attempt {
    child: Child,
    stdout: BufReader<ChildStdout>,
    url: String,
}

impl Attempt {
    fn start(person: &Person) -> Self {
        let mut command = person.command(&["login", "--no-browser"]);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.trim().starts_with(&person.simulator.base) {
            line.clear();
            assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "no URL was printed");
        }
        Self { child, stdout, url: line.trim().to_owned() }
    }

    fn ended(mut self) -> Ended {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        Ended { status: self.child.wait().unwrap().code().unwrap_or(-1), stdout, stderr }
    }
}

/// What the browser is sent to when the person agrees.
async fn agree(url: &str) -> String {
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = browser.get(url).send().await.unwrap();
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// Sends a request as it stands; answers with the page.
async fn send(port: u16, request: String) -> String {
    let sent = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        page
    });
    sent.await.unwrap()
}

#[tokio::test]
async fn a_refresh_under_way_neither_replaces_a_newer_login_nor_brings_a_dropped_one_back() {
    for drops in [false, true] {
        let person = Person::new();
        person.logged_in().await;
        let first = person.token().unwrap();
        let daemon = person.daemon().await;
        wait_until_synced(&person.home).await;
        let slow = json!({ "match": "/api/token", "kind": "delay", "delay_ms": 3000, "count": 1 });
        person.simulator.fault(slow).await;
        let refreshes = person.asked("/api/token").await;
        person.expire_tokens().await;
        person.wait_for("/api/token", refreshes + 1).await;
        if drops {
            assert_eq!(person.run(&["logout"]).await.status, 0);
        } else {
            person.logged_in().await;
        }
        let second = person.token();
        // The refresh has ended when the engine says what it makes of it.
        if drops {
            until("a login that is missed", async || {
                let login = status(&person.home).await["login"].to_string();
                login.contains("you are not logged in").then_some(())
            })
            .await;
            assert_eq!(person.token(), None);
        } else {
            let polls = person.asked(PLAYS).await;
            person.wait_for(PLAYS, polls + 3).await;
            let third = person.token().unwrap();
            assert_eq!(Some(&third), second.as_ref());
            assert_ne!(third["authorized_at"], first["authorized_at"]);
        }
        drop(daemon);
    }
}

#[tokio::test]
async fn a_stranger_s_login_is_refused_by_a_running_engine_and_nothing_of_it_is_stored() {
    let person = Person::new();
    person.logged_in().await;
    let daemon = person.daemon().await;
    wait_until_synced(&person.home).await;
    let stored = person.plays().await;
    // Here it is the record that becomes somebody else's: the simulator knows one person.
    person.home.execute("update accounts set user_id = 'jones', spotify_account_id = 'j'").await;
    let held = json!({ "match": "/v1/me", "kind": "status", "status": 503, "count": 1 });
    person.simulator.fault(held).await;
    let login = person.log_in().await;
    assert_eq!(login.status, 0, "it could not be asked whose it is: {login:?}");
    person.simulator.mutate(json!({ "op": "play", "count": 3 })).await;
    until("a login that is refused", async || {
        let login = status(&person.home).await["login"].to_string();
        login.contains("holds the library of jones").then_some(())
    })
    .await;
    let (me, polls) = (person.asked("/v1/me").await, person.asked(PLAYS).await);
    person.wait_for_looks().await;
    assert_eq!((person.asked("/v1/me").await, person.asked(PLAYS).await), (me, polls), "asked once");
    assert_eq!(person.plays().await, stored);
    let alerts = status(&person.home).await["alerts"].to_string();
    assert!(alerts.contains("login_needed"), "{alerts}");
    drop(daemon);

    // The command itself refuses it, and leaves the login that is there.
    let before = person.token();
    let refused = person.log_in().await;
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.stderr.contains("holds the library of jones"), "{refused:?}");
    assert_eq!(person.token(), before);
}

#[tokio::test]
async fn while_me_is_held_an_unchecked_login_stores_nothing_and_a_known_one_goes_on() {
    let person = Person::new();
    person.logged_in().await;
    assert_eq!(person.run(&["sync", "plays"]).await.status, 0);
    let stored = person.plays().await;
    let quota = json!({ "match": "/v1/me", "kind": "status", "status": 429, "retry_after": 3600,
                       "reason": "QUOTA_EXCEEDED", "count": 1 });
    person.simulator.fault(quota.clone()).await;
    person.simulator.mutate(json!({ "op": "play", "count": 2 })).await;
    let daemon = person.daemon().await;
    person.wait_for(PLAYS, person.asked(PLAYS).await + 1).await;
    until("plays of the known login", async || (person.plays().await == stored + 2).then_some(())).await;
    drop(daemon);

    let login = person.log_in().await;
    assert!(login.status == 0 && login.stdout.contains("which account it is"), "{login:?}");
    person.simulator.mutate(json!({ "op": "play", "count": 2 })).await;
    let me = person.asked("/v1/me").await;
    for _ in 0..2 {
        let held = person.run(&["sync", "plays", "tracks"]).await;
        assert_eq!(held.status, 4, "{held:?}");
    }
    assert_eq!(person.plays().await, stored + 2);
    assert_eq!(person.asked("/v1/me").await, me, "it is held");
}

#[tokio::test]
async fn a_token_that_is_refused_is_not_sent_again_until_it_changes() {
    let person = Person::new();
    let daemon = Daemon::start(&person.home).await;
    wait_until_synced(&person.home).await;
    person.expire_tokens().await;
    until("a token that is refused", async || {
        status(&person.home).await["login"].to_string().contains("PHONOLOG_ACCESS_TOKEN").then_some(())
    })
    .await;
    let requests = person.simulator.requests().await;
    person.wait_for_looks().await;
    assert_eq!(person.simulator.requests().await, requests);
    drop(daemon);

    person.logged_in().await;
    let daemon = person.daemon().await;
    person.wait_for(PLAYS, person.asked(PLAYS).await + 2).await;
    person.simulator.fault(json!({ "match": "/v1/me", "kind": "status", "status": 401 })).await;
    until("a login that is refused", async || {
        status(&person.home).await["login"].to_string().contains("even with a new token").then_some(())
    })
    .await;
    let requests = person.simulator.requests().await;
    person.wait_for_looks().await;
    assert_eq!(person.simulator.requests().await, requests);
    person.simulator.delete("/sim/faults").await;
    let polls = person.asked(PLAYS).await;
    person.logged_in().await;
    person.wait_for(PLAYS, polls + 1).await;
    drop(daemon);
}

#[tokio::test]
async fn a_login_outlives_what_passes_and_an_old_one_outlives_a_login_that_is_refused() {
    let person = Person::new();
    for fault in [
        json!({ "match": "/v1/me", "kind": "status", "status": 502, "count": 1 }),
        json!({ "match": "/v1/me", "kind": "reset", "count": 1 }),
        json!({ "match": "/v1/me", "kind": "truncate", "count": 1 }),
    ] {
        let before = person.token();
        person.simulator.fault(fault.clone()).await;
        let login = person.log_in().await;
        assert!(login.status == 0 && login.stdout.contains("which account it is"), "{fault}: {login:?}");
        assert_ne!(person.token(), before, "{fault}");
    }
    let before = person.token();
    person.simulator.fault(json!({ "match": "/v1/me", "kind": "status", "status": 403, "count": 1 })).await;
    let refused = person.log_in().await;
    assert_eq!((refused.status, refused.stderr.lines().count()), (1, 1), "{refused:?}");
    assert_eq!(person.token(), before);

    // A database that cannot be opened is no reason either.
    std::fs::write(person.home.database(), "something else").unwrap();
    let login = person.log_in().await;
    assert!(login.status == 0 && login.stdout.contains("which account it is"), "{login:?}");
    assert_ne!(person.token(), before);
}

#[tokio::test]
async fn what_a_web_page_sends_to_the_redirect_ends_no_login() {
    let person = Person::new();
    let attempt = Attempt::start(&person);
    let answer = agree(&attempt.url).await;
    let good = answer.split_once("/callback").unwrap().1.to_owned();
    let port = person.port;
    let get = |query: &str, more: &str| {
        format!("GET /callback{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{more}Connection: close\r\n\r\n")
    };
    let strays = [
        get("?code=x", ""),
        get("?code=x&state=guess", ""),
        get("?error=access_denied", ""),
        get("?error=access_denied&state=guess", ""),
        get("", ""),
        get(&good, "Origin: https://evil.example\r\n"),
        get(&good, "").replace("127.0.0.1", "evil.example"),
        get(&good, "").replace("GET", "POST"),
        get(&good, "").replace("/callback", "/elsewhere"),
        get(&good, "").replace("/callback", "/callback/"),
    ];
    for stray in strays {
        let page = send(port, stray.clone()).await;
        assert!(page.starts_with("HTTP/1.1 404") && page.contains("not the answer"), "{stray}: {page}");
    }
    assert!(person.token().is_none());
    let page = send(port, get(&good, "")).await;
    assert!(page.contains("You can close this page"), "{page}");
    let login = attempt.ended();
    assert!(login.status == 0 && login.stderr.is_empty(), "{login:?}");
    assert!(person.token().is_some());
}

#[tokio::test]
async fn a_person_who_declines_ends_the_login() {
    let person = Person::new();
    let attempt = Attempt::start(&person);
    let answer = agree(&format!("{}&deny=1", attempt.url)).await;
    reqwest::get(&answer).await.unwrap();
    let login = attempt.ended();
    assert!(login.status == 1 && login.stderr.contains("was declined"), "{login:?}");
}
