//! A login as a person does it, browser and all.

use std::io::{BufRead, BufReader, Read, Write};

use super::support::{Ended, Home, Simulator};

/// Does what a person does: opens the printed URL, and pastes the address the browser ends at.
pub async fn paste_back(
    home: &Home,
    simulator: &Simulator,
    client: &str,
    spoil: impl Fn(String) -> String,
) -> Ended {
    home.configure(
        "[gate]\nrequests_per_second = 0\n[login]\nredirect_uri = \"http://127.0.0.1:1/callback\"\n",
    );
    let mut command = home.anonymous(&["login", "--no-browser"]);
    command.env("PHONOLOG_CLIENT_ID", client).stdin(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.trim().starts_with(&simulator.base) {
        line.clear();
        assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "no URL was printed");
    }
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = browser.get(line.trim()).send().await.unwrap();
    let redirected = answer.headers()["location"].to_str().unwrap().to_owned();
    writeln!(child.stdin.take().unwrap(), "{}", spoil(redirected)).unwrap();
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    Ended { status: child.wait().unwrap().code().unwrap_or(-1), stdout: rest, stderr }
}
