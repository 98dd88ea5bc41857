use std::collections::BTreeMap;

use ratatui::crossterm::event::{KeyCode, KeyModifiers};
use rstest::rstest;

use super::*;
use crate::config::SAMPLE;

/// Choices as in `resync: F5; quit: Q ctrl-q`.
fn choices(text: &str) -> Vec<KeyChoice> {
    let choices = text.split_terminator("; ").map(|choice| {
        let (action, keys) = choice.split_once(':').unwrap();
        KeyChoice {
            action: action.to_owned(),
            keys: keys.split_whitespace().map(ToOwned::to_owned).collect(),
        }
    });
    choices.collect()
}

fn chosen(text: &str) -> Result<Keymap, KeymapError> {
    Keymap::new(&choices(text))
}

fn press(map: &Keymap, place: KeyScope, code: KeyCode, modifiers: KeyModifiers) -> Option<Action> {
    map.action(place, KeyEvent::new(code, modifiers))
}

fn letter(map: &Keymap, place: KeyScope, letter: char) -> Option<Action> {
    press(map, place, KeyCode::Char(letter), KeyModifiers::NONE)
}

#[test]
fn without_choices_no_key_has_two_meanings_in_one_place() {
    assert_eq!(chosen(""), Ok(Keymap::default()));
}

#[test]
fn a_chosen_key_takes_the_place_of_the_usual_one() {
    let map = chosen("resync: F5; quit: Q ctrl-q").unwrap();
    assert_eq!(press(&map, KeyScope::Dashboard, KeyCode::F(5), KeyModifiers::NONE), Some(Action::AskResync));
    assert_eq!(letter(&map, KeyScope::Dashboard, 'R'), None);
    for place in [KeyScope::Dashboard, KeyScope::Library, KeyScope::Details, KeyScope::Empty] {
        assert_eq!(letter(&map, place, 'Q'), Some(Action::Quit));
        assert_eq!(
            press(&map, place, KeyCode::Char('q'), KeyModifiers::CONTROL),
            Some(Action::Quit),
            "{place:?}"
        );
        assert_eq!(letter(&map, place, 'q'), None);
    }
    assert_eq!(map.key_for(Action::Quit), "Q");
    assert_eq!(map.key_for(Action::AskRemovals), "A");
}

#[test]
fn a_name_means_the_same_on_every_screen() {
    let map = chosen("next_tab: n; date: D").unwrap();
    for place in [KeyScope::Library, KeyScope::Past, KeyScope::Runs, KeyScope::Log] {
        assert_eq!(letter(&map, place, 'n'), Some(Action::TabFurther(1)));
    }
    for place in [KeyScope::Plays, KeyScope::Changes, KeyScope::Past] {
        assert_eq!(letter(&map, place, 'D'), Some(Action::AskDate));
    }
}

#[test]
fn two_may_change_places() {
    let map = chosen("sync: R; resync: s").unwrap();
    assert_eq!(letter(&map, KeyScope::Dashboard, 'R'), Some(Action::SyncNow));
    assert_eq!(letter(&map, KeyScope::Dashboard, 's'), Some(Action::AskResync));
}

#[test]
fn one_key_may_mean_this_here_and_that_there() {
    assert!(chosen("sync: S").is_ok(), "`S` sorts, but not on the dashboard");
}

#[rstest]
#[case("resink: x", "unknown key `keys.resink` (did you mean `keys.resync`?)")]
#[case("resync: pagedown", "keys.resync is `pagedown`, which is not a key (did you mean `PgDn`?)")]
#[case("resync: alt-x", "keys.resync is `alt-x`, which is not a key")]
#[case("resync: ", "keys.resync names no key")]
#[case("resync: s", "keys.resync is `s`, which on the dashboard means `sync`")]
#[case("sync: x; resync: x", "keys.sync is `x`, which on the dashboard means `resync`")]
#[case("down: v", "keys.down is `v`, which in the list of playlists means `versions`")]
#[case("down: ?; help: f1", "keys.down is `?`, which in the help means \"close the help\"")]
#[case("pause: ctrl-c", "keys.pause is `Ctrl-C`, which on the dashboard means \"quit at once\"")]
#[case("quit: ctrl-z", "keys.quit is `Ctrl-Z`, which on the dashboard means")]
fn what_cannot_be_is_refused_in_a_sentence(#[case] choices: &str, #[case] why: &str) {
    let refused = chosen(choices).unwrap_err().to_string();
    assert!(refused.contains(why), "{refused}");
    assert!(!refused.contains('\n'));
}

/// Whatever is configured, Ctrl-C closes the screen.
#[test]
fn control_c_leaves_from_everywhere_and_cannot_be_given_away() {
    let usual = Keymap::default();
    for place in KeyScope::ALL {
        let leave = press(&usual, place, KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(leave, Some(Action::Quit), "{place:?}");
    }
    for name in names() {
        assert!(chosen(&format!("{name}: ctrl-c")).is_err(), "{name}");
    }
}

#[test]
fn what_is_typed_is_text_whatever_is_chosen() {
    for bound in &Keymap::default().0 {
        let is_typing = KeyScope::ALL.into_iter().filter(|place| place.takes_text());
        for place in is_typing {
            assert!(bound.line.name.is_none() || !bound.line.holds_in(place), "{:?}", bound.line.name);
        }
    }
}

/// Each name is in the sample with its default keys; and the sample, uncommented, is the default
/// keymap.
#[test]
fn the_sample_tells_every_name_and_its_usual_keys() {
    let (_, section) = SAMPLE.split_once("\n[keys]\n").unwrap();
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    let text: Vec<_> =
        lines.filter_map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' '))).collect();
    let told: BTreeMap<String, Vec<String>> = toml::from_str(&text.join("\n")).unwrap();
    let told_names: Vec<&str> = told.keys().map(String::as_str).collect();
    let mut all: Vec<_> = names().collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(told_names, all);
    let choices: Vec<_> = told.into_iter().map(|(action, keys)| KeyChoice { action, keys }).collect();
    assert_eq!(Keymap::new(&choices), Ok(Keymap::default()));
}
