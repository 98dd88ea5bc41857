//! Keys that a person chose: they do what they are to, and are shown; what cannot be is refused at once.

use super::screen::{dashboard, wait_until_synced};
use super::support::{Home, Simulator};

const LIBRARY: [&str; 8] = ["--tracks", "30", "--albums", "5", "--artists", "5", "--playlists", "2"];

const CHOSEN: &str = "[gate]\nrequests_per_second = 0\n[keys]\nresync = \"F5\"\nquit = [\"Q\", \"ctrl-q\"]\n";

#[tokio::test]
async fn chosen_keys_do_what_they_are_to_and_are_shown() {
    let simulator = Simulator::start(&LIBRARY);
    let home = Home::new(&simulator);
    home.configure(CHOSEN);
    let mut terminal = dashboard(&home);
    wait_until_synced(&terminal);
    terminal.wait_for("F5 resync");
    terminal.press("?");
    terminal.wait_until("the keys in force", |screen| {
        let text = screen.contents();
        let help = text.lines().any(|line| line.contains("F5 ") && line.contains("read everything again"));
        help.then_some(())
    });
    terminal.press("\u{1b}");
    terminal.wait_for_no("phonolog: help");
    // The usual ones mean nothing any more; the key after them tells that both were read.
    terminal.press("Rq");
    terminal.press("\u{1b}[15~");
    terminal.wait_for("Read everything again?");
    terminal.press("n");
    terminal.wait_for_no("Read everything again?");
    terminal.press("2");
    terminal.wait_for("Q quit");
    terminal.press("\u{11}");
    assert_eq!(terminal.ended().code(), Some(0));
    terminal.assert_restored();
}

#[tokio::test]
async fn keys_that_cannot_be_are_refused_by_every_command() {
    let home = Home::at("http://127.0.0.1:9");
    for (keys, why) in [
        ("resync = \"s\"", "keys.resync is `s`, which on the dashboard means `sync`; choose another key"),
        ("resink = \"x\"", "unknown key `keys.resink` (did you mean `keys.resync`?)"),
        ("resync = \"escape\"", "keys.resync is `escape`, which is not a key (did you mean `Esc`?)"),
    ] {
        home.configure(&format!("[keys]\n{keys}\n"));
        for command in [&["config", "--check"] as &[_], &["status"]] {
            let ended = home.run(command).await;
            assert_eq!(ended.status, 1, "{ended:?}");
            assert!(ended.stderr.contains(why) && ended.stderr.trim().lines().count() == 1, "{ended:?}");
        }
        let doctor = home.run(&["doctor"]).await;
        assert_eq!(doctor.status, 1);
        assert!(doctor.stdout.starts_with("BAD") && doctor.stdout.contains(why), "{doctor:?}");
    }
    home.configure(CHOSEN);
    let shown = home.run(&["config"]).await.stdout;
    assert!(shown.contains("keys.quit = [\"Q\", \"ctrl-q\"]"), "{shown}");
}
