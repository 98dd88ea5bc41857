//! The command line: names for the actions of keys.

use chrono::NaiveDate;

use super::keys::Action;
use crate::config::theme_names;
use crate::domain::queries::{PeriodKind, PeriodOf};
use crate::domain::{display_line, nearest};
use crate::tui::state::screens::Screen;

/// Every name and its action, in the order in which they are offered.
const NAMED: [(&str, Action); 19] = [
    ("sync", Action::SyncNow),
    ("resync", Action::AskResync),
    ("removals", Action::AskRemovals),
    ("pause", Action::Pause),
    ("resume", Action::Pause),
    ("cancel", Action::Cancel),
    ("home", Action::Show(Screen::Dashboard)),
    ("dashboard", Action::Show(Screen::Dashboard)),
    ("library", Action::Show(Screen::Library)),
    ("playlists", Action::Show(Screen::Playlists)),
    ("plays", Action::Show(Screen::Plays)),
    ("statistics", Action::Show(Screen::Statistics)),
    ("changes", Action::Show(Screen::Changes)),
    ("runs", Action::Show(Screen::Runs)),
    ("search", Action::Search),
    ("report", Action::Report(None)),
    ("theme", Action::Theme(None)),
    ("help", Action::Help),
    ("quit", Action::Quit),
];

/// What stands before the name of a theme.
const THEME: &str = "theme ";

/// The commands that begin with the typed text; the themes only after `theme `.
pub fn candidates(typed: &str) -> impl Iterator<Item = String> {
    let begun = typed.trim_start().to_lowercase();
    let themes = begun.starts_with(THEME).then(theme_names).into_iter().flatten();
    let themes = themes.map(|name| format!("{THEME}{name}"));
    let begun = if begun.starts_with(THEME) { begun } else { begun.trim_end().to_owned() };
    let commands = NAMED.iter().map(|(name, _)| (*name).to_owned());
    commands.chain(themes).filter(move |name| name.starts_with(&begun))
}

/// Extends the typed text as far as all candidates agree.
pub fn complete(typed: &mut String) {
    let common = candidates(typed).reduce(|common, name| {
        common.chars().zip(name.chars()).take_while(|(one, other)| one == other).map(|(one, _)| one).collect()
    });
    if let Some(common) = common {
        *typed = common;
    }
}

/// A year or a month.
fn report_period(written: &str) -> Option<PeriodOf> {
    let is_plain = written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let (kind, first) = match written.len() {
        _ if !is_plain => return None,
        4 => (PeriodKind::Year, format!("{written}-01-01")),
        7 => (PeriodKind::Month, format!("{written}-01")),
        _ => return None,
    };
    Some(PeriodOf { kind, day: Some(NaiveDate::parse_from_str(&first, "%Y-%m-%d").ok()?) })
}

/// The action of a name; `None` if nothing is typed, and an error in one sentence if there is no
/// such name.
pub fn read(typed: &str, is_paused: bool) -> Result<Option<Action>, String> {
    let written = typed.trim().to_lowercase();
    match written.as_str() {
        "" => return Ok(None),
        "pause" if is_paused => return Err("the library sync is already paused".to_owned()),
        "resume" if !is_paused => return Err("nothing is paused".to_owned()),
        _ => {}
    }
    if let Some(name) = written.strip_prefix(THEME) {
        return theme(name.trim_start()).map(Some);
    }
    if let Some(("report", period)) = written.split_once(char::is_whitespace) {
        let unread = || {
            format!("`{}` is neither a year nor a month; write 2026 or 2026-03", display_line(period.trim()))
        };
        return Ok(Some(Action::Report(Some(report_period(period.trim()).ok_or_else(unread)?))));
    }
    if let Some((_, action)) = NAMED.iter().find(|(name, _)| *name == written) {
        return Ok(Some(*action));
    }
    Err(match nearest(&written, NAMED.iter().map(|(name, _)| *name)) {
        Some(nearest) => format!("there is no command `{written}`; did you mean `{nearest}`?"),
        None => format!("there is no command `{written}`; `help` shows what there is"),
    })
}

fn theme(written: &str) -> Result<Action, String> {
    if let Some(name) = theme_names().find(|name| *name == written) {
        return Ok(Action::Theme(Some(name)));
    }
    let written = display_line(written);
    Err(match nearest(&written, theme_names()) {
        Some(nearest) => format!("there is no theme `{written}`; did you mean `{nearest}`?"),
        None => format!(
            "there is no theme `{written}`; there are {}",
            theme_names().collect::<Vec<_>>().join(", ")
        ),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{NAMED, candidates, complete, read};
    use crate::domain::queries::{PeriodKind, PeriodOf};
    use crate::tui::input::keys::Action;
    use crate::tui::input::keys::TABLE;
    use crate::tui::state::screens::Screen;

    #[test]
    fn a_command_has_the_name_of_the_key_that_does_it() {
        for (name, action) in NAMED.iter().filter(|(name, _)| *name != "resume" && *name != "home") {
            let line = TABLE.iter().find(|line| line.action == *action).unwrap();
            assert_eq!(line.name, Some(*name));
        }
    }

    #[rstest]
    #[case::all("", "")]
    #[case::one("sy", "sync")]
    #[case::capitals(" SY", "sync")]
    #[case::agreed("pla", "play")]
    #[case::in_doubt("re", "re")]
    #[case::whole("plays", "plays")]
    #[case::none("xyz", "xyz")]
    #[case::a_theme("theme N", "theme nord")]
    #[case::themes("theme ", "theme ")]
    fn a_name_goes_on_as_far_as_it_is_clear(#[case] typed: &str, #[case] completed: &str) {
        let mut text = typed.to_owned();
        complete(&mut text);
        assert_eq!(text, completed);
    }

    #[test]
    fn every_candidate_is_a_command_and_every_screen_has_one() {
        for name in candidates("").chain(candidates("theme ")) {
            let (paused, running) = (read(&name, true), read(&name, false));
            assert!(paused.is_ok() || running.is_ok(), "{name}");
        }
        for screen in Screen::ALL {
            assert_eq!(read(screen.name(), false), Ok(Some(Action::Show(screen))));
        }
        assert_eq!(read("  ", false), Ok(None));
    }

    #[test]
    fn what_is_no_command_is_refused_with_the_nearest() {
        for (typed, nearest) in
            [("snyc", "sync"), ("stats", "statistics"), ("quti", "quit"), ("paws", "pause")]
        {
            let why = read(typed, false).unwrap_err();
            assert_eq!(why, format!("there is no command `{typed}`; did you mean `{nearest}`?"));
        }
    }

    #[test]
    fn a_report_is_of_a_year_or_a_month() {
        let read = |typed| super::read(typed, false);
        let of = |kind, day: &str| {
            Ok(Some(Action::Report(Some(PeriodOf { kind, day: Some(day.parse().unwrap()) }))))
        };
        assert_eq!(read("report"), Ok(Some(Action::Report(None))));
        assert_eq!(read("report 2026"), of(PeriodKind::Year, "2026-01-01"));
        assert_eq!(read("Report  2026-03 "), of(PeriodKind::Month, "2026-03-01"));
        for wrong in ["report x", "report 2026-13", "report +202", "report 2026-1-1"] {
            assert!(read(wrong).unwrap_err().ends_with("write 2026 or 2026-03"), "{wrong}");
        }
    }

    #[test]
    fn what_is_near_to_nothing_is_not_guessed() {
        assert_eq!(
            read("foo", false),
            Err("there is no command `foo`; `help` shows what there is".to_owned())
        );
    }

    #[test]
    fn pause_and_resume_mean_what_they_say() {
        assert_eq!(read("pause", false), Ok(Some(Action::Pause)));
        assert_eq!(read("resume", true), Ok(Some(Action::Pause)));
        assert!(read("pause", true).is_err() && read("resume", false).is_err());
    }
}
