//! An overview in 80 columns and 24 lines.

use crate::store::Ranked;

use super::lines::{percent, ranked, time};
use super::{Overview, StatsAnswer};
use crate::app::output::layout::Paper;

/// Rows of each ranking.
pub const ROWS: usize = 3;

/// The lines of the overview.
pub fn lines(answer: &StatsAnswer, told: &Overview, paper: Paper, line: &mut impl FnMut(String)) {
    let skipped = told.skip_rate.map_or_else(|| "unknown".to_owned(), percent);
    let on = if told.days == 1 { "day" } else { "days" };
    line(format!("  plays    {} in {} on {} {on}", answer.total.plays, time(&answer.total), told.days));
    line(format!("  skipped  {skipped}"));
    let days = |streak: Option<crate::store::Streak>| streak.map_or(0, |streak| streak.days);
    line(format!(
        "  streak   {} days now, longest {}",
        days(told.streaks.current),
        days(told.streaks.longest)
    ));
    ranking("tracks", &told.tracks, paper, line);
    ranking("artists", &told.artists, paper, line);
    line(String::new());
    let plays =
        |tallies: &[crate::store::PlayTally]| tallies.iter().map(|tally| tally.plays).collect::<Vec<_>>();
    line(format!("  hours    0 {} 23", paper.spark(&plays(&told.hours))));
    line(format!("  week    Mo {} Su", paper.spark(&plays(&told.weekdays))));
}

fn ranking(what: &str, rows: &[Ranked], paper: Paper, line: &mut impl FnMut(String)) {
    line(String::new());
    line(format!("  {what}"));
    for (place, row) in rows.iter().enumerate() {
        line(ranked(place, row, paper));
    }
}
