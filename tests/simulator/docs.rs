//! `docs/simulator.md` explains every control, and its commands work.

use clap::Parser;
use phonolog::cli::Cli;
use phonolog::simulator::{FaultKind, Mood, Shape};
use reqwest::Method;

use super::support::{Sim, config};

fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/simulator.md")).unwrap()
}

/// The lines of its `sh` blocks that begin with a word.
fn commands(word: &str) -> Vec<String> {
    let page = page();
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).filter(|line| line.split(' ').next() == Some(word));
    lines.map(str::to_owned).collect()
}

/// The words of a command, with what stands between single quotes as one.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('\'').enumerate().flat_map(|(place, part)| {
        let quoted = place % 2 == 1;
        let whole = if quoted { vec![part] } else { part.split_whitespace().collect() };
        whole.into_iter().map(str::to_owned)
    });
    parts.collect()
}

#[tokio::test]
async fn every_request_of_the_page_is_accepted() {
    let sim = Sim::start(config(Shape::New2026)).await;
    let commands = commands("curl");
    assert!(commands.len() > 30, "{} commands", commands.len());
    for command in commands {
        let words = words(&command);
        let after = |flag: &str| words.iter().skip_while(|word| *word != flag).nth(1).cloned();
        let path = words.last().unwrap().strip_prefix("$SIM").unwrap().to_owned();
        let body = after("-d");
        let method = match (&body, after("-X")) {
            (_, Some(method)) => method.parse().unwrap(),
            (Some(_), None) => Method::POST,
            (None, None) => Method::GET,
        };
        let answer = sim.send(method, &path, body).await.unwrap();
        assert_eq!(answer.status(), 200, "{command}: {}", answer.text().await.unwrap());
    }
}

#[test]
fn every_command_line_of_the_page_is_understood() {
    let commands = commands("phonolog");
    assert!(commands.len() >= 5, "{commands:?}");
    for command in commands {
        Cli::try_parse_from(words(&command)).unwrap_or_else(|error| panic!("{command}: {error}"));
    }
}

#[test]
fn the_page_lists_every_kind_of_fault_and_every_mood_and_no_other() {
    let page = page();
    let rows =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(word, _)| word);
    let rows: Vec<&str> = rows.collect();
    let fields = ["after", "count", "probability", "lasts", "every"];
    let words = FaultKind::ALL.map(|kind| serde_json::to_value(kind).unwrap().as_str().unwrap().to_owned());
    for word in words.iter().cloned().chain(Mood::ALL.map(|mood| mood.to_string())) {
        assert!(rows.contains(&word.as_str()), "`{word}` is not explained");
    }
    for row in rows {
        let is_known =
            words.iter().any(|word| word == row) || row.parse::<Mood>().is_ok() || fields.contains(&row);
        assert!(is_known, "`{row}` is explained and does not exist");
    }
}
