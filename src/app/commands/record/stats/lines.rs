//! A statistic as lines for people.

use std::fmt::Write;

use crate::config::Config;
use crate::domain::{Zone, date_of};
use crate::store::{PlayTally, Ranked, Streak, Streaks};

use super::{StatsAnswer, StatsSource, overview};
use crate::app::output::layout::Paper;

/// The heading, the figures, and the notes about them.
pub fn of(answer: &StatsAnswer, paper: Paper, config: &Config) -> String {
    let mut text = format!("{}, {} ({})\n\n", title(answer.statistic), answer.called, answer.time_zone);
    let mut line = |line: String| {
        let _ = writeln!(text, "{line}");
    };
    match &answer.figures {
        StatsSource::Overview(told) => overview::lines(answer, told, paper, &mut line),
        StatsSource::Ranking { rows } => ranking(rows, paper, &mut line),
        StatsSource::Times { rows } => {
            let most = rows.iter().map(|row| row.tally.plays).max().unwrap_or(0);
            for row in rows {
                let bar = paper.bar(row.tally.plays, most, 30);
                line(format!("  {:<10}  {}  {bar}", row.when, amounts(&row.tally)));
            }
        }
        StatsSource::Streaks { streaks } => streak_lines(streaks, &mut line),
        StatsSource::Skips { skip_rate, rows } => {
            line(format!("  {}", skips(*skip_rate, answer.total)));
            for row in rows {
                let skipped = format!("{} of {}", row.tally.skips, row.tally.judged);
                let what = paper.name_and_more(&row.name, row.artists.as_deref().unwrap_or_default(), 17);
                line(format!("  {skipped:>13}  {what}"));
            }
        }
        StatsSource::NeverPlayed { count, rows } => {
            line(format!("  {count} saved tracks were not played in this period"));
            for row in rows {
                let day = row.added_at.as_deref().and_then(|at| at.get(..10)).unwrap_or_default();
                line(format!("  saved {day:<10}  {}", paper.name_and_more(&row.name, &row.artists, 20)));
            }
        }
    }
    line(String::new());
    notes(answer, config).into_iter().for_each(line);
    text
}

fn title(statistic: &str) -> &str {
    match statistic {
        "overview" => "Listening",
        "top-tracks" => "Most played tracks",
        "artists" => "Most played artists",
        "albums" => "Most played albums",
        "genres" => "Most played genres",
        "days" => "By day",
        "hours" => "By hour of the day",
        "weekdays" => "By day of the week",
        "streaks" => "Days in a row",
        "skips" => "Skipped",
        "never-played" => "Saved but not played",
        _ => "Played but not saved",
    }
}

fn ranking(rows: &[Ranked], paper: Paper, line: &mut impl FnMut(String)) {
    for (place, row) in rows.iter().enumerate() {
        line(ranked(place, row, paper));
    }
    if rows.is_empty() {
        line("  nothing".to_owned());
    }
}

/// A place, the amount, and the name.
pub fn ranked(place: usize, row: &Ranked, paper: Paper) -> String {
    let what = paper.name_and_more(&row.name, row.artists.as_deref().unwrap_or_default(), 31);
    format!("{:>4}  {}  {what}", place + 1, amounts(&row.tally))
}

/// Plays and time, in 23 columns.
fn amounts(tally: &PlayTally) -> String {
    format!("{:>7} plays {:>9}", tally.plays, time(tally))
}

/// `~12 h 34 min`: approximate, because some plays count with the length of the track.
pub fn time(tally: &PlayTally) -> String {
    let about = if tally.estimated > 0 { "~" } else { "" };
    match tally.ms / 60_000 {
        minutes @ ..60 => format!("{about}{minutes} min"),
        minutes @ 60..6000 => format!("{about}{}h {:02}m", minutes / 60, minutes % 60),
        minutes => format!("{about}{} h", minutes / 60),
    }
}

pub fn percent(share: f64) -> String {
    // 100 % only if it is complete, and 0 % only if nothing is known.
    let is_some = share > 0.0;
    let share = (share * 1000.0).floor() / 10.0;
    if is_some && share <= 0.0 {
        return "less than 0.1 %".to_owned();
    }
    if share.fract() == 0.0 { format!("{share:.0} %") } else { format!("{share:.1} %") }
}

pub fn skips(rate: Option<f64>, total: PlayTally) -> String {
    match rate {
        Some(rate) => {
            format!(
                "{} of {} plays were skipped, counting only plays for which it is known",
                percent(rate),
                total.judged
            )
        }
        None => "no skips are known; only exports contain them".to_owned(),
    }
}

fn streak_lines(streaks: &Streaks, line: &mut impl FnMut(String)) {
    let words = |streak: Option<Streak>| {
        streak.map_or_else(
            || "none".to_owned(),
            |streak| {
                let days = if streak.days == 1 { "day" } else { "days" };
                let (first, last) = (date_of(streak.first_day), date_of(streak.last_day));
                format!("{} {days}, {first} to {last}", streak.days)
            },
        )
    };
    line(format!("  current  {}", words(streaks.current)));
    line(format!("  longest  {}", words(streaks.longest)));
}

/// The notes about the figures.
fn notes(answer: &StatsAnswer, config: &Config) -> Vec<String> {
    let gaps = match answer.completeness.gaps {
        0 => "no known gap".to_owned(),
        1 => "1 gap".to_owned(),
        gaps => format!("{gaps} gaps"),
    };
    let share = answer.completeness.share;
    let known = if share > 0.0 { percent(share) } else { "none".to_owned() };
    let mut notes = vec![format!("history complete for {known} of this period, {gaps}")];
    if answer.total.estimated > 0 {
        notes.push(format!(
            "~ {} of {} plays count with the full length of the track; only exports contain the length of a play",
            answer.total.estimated, answer.total.plays
        ));
    }
    if !answer.settled {
        notes
            .push("the statistics do not include all plays yet; a running phonolog adds the rest".to_owned());
    }
    if answer.time_zone != config.stats.time_zone.name() {
        let zone: Zone = config.stats.time_zone;
        notes.push(format!("the next start of phonolog recomputes the statistics for the time zone {zone}"));
    }
    notes
}
