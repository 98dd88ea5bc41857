//! Somebody who starts phonolog for the first time, in a real terminal.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use super::screen::wait_until_synced;
use super::support::{Home, Simulator};
use super::terminal::Terminal;
use super::truth::assert_equal;

const LIBRARY: [&str; 10] =
    ["--tracks", "60", "--albums", "20", "--artists", "10", "--playlists", "4", "--plays", "5"];
const CLIENT: &str = "0123456789abcdef0123456789abcdef";
/// Nobody can listen there, so that only a paste answers.
const DEAF: &str = "http://127.0.0.1:1/callback";

fn configure(home: &Home, redirect_uri: &str) {
    home.configure(&format!(
        "# mine\n[gate]\nrequests_per_second = 0\n[login]\nredirect_uri = \"{redirect_uri}\"\n"
    ));
}

fn start(home: &Home) -> Terminal {
    let mut command = home.anonymous(&[]);
    command.env("LANG", "C.UTF-8");
    Terminal::open(command, 80, 24)
}

/// The address that stands on the screen, put together from its rows as a person does.
fn address(terminal: &Terminal, simulator: &Simulator) -> String {
    terminal.wait_until("the address", |screen| {
        let rows: Vec<String> = screen.rows(0, 80).collect();
        let begin = rows.iter().position(|row| row.starts_with(&simulator.base))?;
        let rest = rows[begin..].iter().take_while(|row| !row.is_empty() && !row.starts_with(' '));
        Some(rest.map(|row| row.trim_end()).collect())
    })
}

async fn agree(url: &str) -> String {
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = browser.get(url).send().await.unwrap();
    answer.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_typed_client_id_and_a_pasted_address_lead_to_a_dashboard_that_syncs() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    configure(&home, DEAF);
    let mut terminal = start(&home);
    terminal.wait_for("Create app");
    terminal.wait_for(DEAF);
    terminal.press(&format!("\r{}\r", &CLIENT[1..]));
    terminal.wait_for("this has 31");
    terminal.press(&format!("\u{15}{CLIENT}\r"));
    let url = address(&terminal, &simulator);
    assert!(url.contains(&format!("client_id={CLIENT}")), "{url}");
    let config = home.dir.path().join("config.toml");
    let written = std::fs::read_to_string(&config).unwrap();
    assert!(written.contains(&format!("client_id = \"{CLIENT}\"")), "{written}");
    assert!(written.contains("# mine\n[gate]\nrequests_per_second = 0\n"), "{written}");
    assert!(!home.data_dir().exists(), "before there is a login, nothing is stored");

    let redirected = agree(&url).await;
    let wrong = redirected.replace("state=", "state=x");
    terminal.press(&format!("\u{1b}[200~{wrong}\u{1b}[201~\r"));
    terminal.wait_for("another login attempt");
    terminal.press(&format!("\u{1b}[200~{redirected}\n\u{1b}[201~\r"));
    terminal.enter_engine_room();
    wait_until_synced(&terminal);
    assert_equal(&home, &simulator).await;
    let mode = |name: &str| home.data_dir().join(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("token.json"), mode("phonolog.db")), (0o600, 0o600));

    terminal.press("q");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.assert_restored();
    // The next start knows everything.
    let terminal = start(&home);
    terminal.enter_engine_room();
    wait_until_synced(&terminal);
}

#[tokio::test]
async fn a_browser_on_this_machine_answers_by_itself() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    configure(&home, &format!("http://127.0.0.1:{port}/callback"));
    let mut command = home.anonymous(&[]);
    command.env("LANG", "C.UTF-8").env("PHONOLOG_CLIENT_ID", CLIENT);
    let terminal = Terminal::open(command, 80, 24);
    let url = address(&terminal, &simulator);
    let page = reqwest::get(url).await.unwrap();
    assert!(page.status().is_success() && page.text().await.unwrap().contains("You can close this page"));
    terminal.enter_engine_room();
    wait_until_synced(&terminal);
    assert_equal(&home, &simulator).await;
}

#[tokio::test]
async fn the_demo_is_a_key_away_and_leaves_nothing() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let before = std::fs::read(home.dir.path().join("config.toml")).unwrap();
    let mut terminal = start(&home);
    terminal.wait_for("Create app");
    terminal.press("\u{4}");
    terminal.wait_for("demo: a made-up library");
    terminal.wait_for("1,200");
    terminal.press("q");
    // Back to where it was opened.
    terminal.wait_for("Create app");
    terminal.press("\u{3}");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.assert_restored();
    assert!(!home.data_dir().exists());
    assert_eq!(std::fs::read(home.dir.path().join("config.toml")).unwrap(), before);
    assert_eq!(simulator.requests().await, 0);
}

#[tokio::test]
async fn who_leaves_gets_the_terminal_back_and_who_has_a_record_may_look_at_it() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    let mut terminal = start(&home);
    terminal.wait_for("Create app");
    terminal.press("\u{1b}");
    terminal.wait_for("q quit");
    assert!(!terminal.text().contains("browse the record"));
    terminal.press("q");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.assert_restored();

    home.sync().await;
    let terminal = start(&home);
    terminal.wait_for("Create app");
    terminal.press("\u{1b}");
    terminal.wait_for("b browse the record");
    terminal.press("b");
    terminal.enter_engine_room();
    terminal.wait_for("needs login");
    terminal.wait_for("60 of 60");
}
