//! Days of a year and hours of a week, each with a symbol that shows the amount, even without
//! colour.

use chrono::{Datelike, NaiveDate};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::queries::{Amount, StatsFigures};
use crate::tui::style::text::{count, left, right};
use crate::tui::style::theme::Role;
use crate::tui::view::view_context::{StyledText, ViewContext, fitting, paint};

const WEEKDAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
/// Columns before the cells.
const LABELS: usize = 4;

/// For each symbol, the least number of plays on a day or in an hour.
struct Levels([u64; 4]);

impl Levels {
    /// Each level has a quarter of the values above zero, so that one extreme day does not make all
    /// others look alike.
    fn of(mut values: Vec<u64>) -> Self {
        values.retain(|value| *value > 0);
        values.sort_unstable();
        let at = |quarter: usize| values.get(values.len() * quarter / 4).copied().unwrap_or(1);
        let mut levels = [1, at(1), at(2), at(3)];
        for i in 1..levels.len() {
            if let [below, level] = levels.get_mut(i - 1..=i).unwrap_or_default() {
                *level = (*level).max(*below + 1);
            }
        }
        Self(levels)
    }

    /// How many levels a value reaches: 0 to 4.
    fn reached(&self, value: u64) -> usize {
        self.0.iter().filter(|level| value >= **level).count()
    }
}

fn sign(context: &ViewContext<'_>, level: usize, columns: usize) -> StyledText {
    let role = if level == 0 { Role::Secondary } else { Role::Good };
    let sign = context.glyphs().intensity(level);
    // Adjacent symbols of one cell form one picture; zero is a single dot.
    let text = if level == 0 { left(sign, columns) } else { sign.repeat(columns) };
    context.fact(role, text)
}

/// The meaning of the symbols.
fn legend(context: &ViewContext<'_>, levels: &Levels, columns: usize) -> Line<'static> {
    let Levels(levels) = levels;
    let mut facts = vec![context.fact(Role::Secondary, format!("{} none", context.glyphs().intensity(0)))];
    for (i, from) in levels.iter().enumerate() {
        let words = match levels.get(i + 1) {
            Some(next) if *next == from + 1 => format!(" {}", count(*from)),
            Some(next) => format!(" {} to {}", count(*from), count(next - 1)),
            None => format!(" {} plays and more", count(*from)),
        };
        let mut fact = sign(context, i + 1, 1);
        fact.push(context.span(Role::Secondary, words));
        facts.push(fact);
    }
    fitting(facts, 3, columns)
}

/// A year: a column for each of its weeks, a row for each day of the week.
pub fn calendar(
    context: &ViewContext<'_>,
    figures: &StatsFigures,
    days: &[(NaiveDate, Amount)],
    (heads, body): (Rect, Rect),
    buffer: &mut Buffer,
) {
    let columns = usize::from(body.width);
    let levels = Levels::of(days.iter().map(|(_, amount)| amount.plays).collect());
    let weeks = Weeks::of(figures, columns);
    let mut lines: Vec<Line<'static>> =
        (0..7).map(|weekday| weeks.row(context, weekday, days, &levels)).collect();
    lines.push(Line::default());
    lines.push(legend(context, &levels, columns));
    lines.extend(best(context, days, columns));
    if weeks.left_out > 0 {
        let words = format!("{} earlier weeks do not fit", weeks.left_out);
        lines.push(Line::from(context.span(Role::Secondary, context.cut(&words, columns))));
    }
    below(&weeks.months(context), &lines, (heads, body), buffer);
}

/// The day with the most plays, and the number of days with plays.
fn best(context: &ViewContext<'_>, days: &[(NaiveDate, Amount)], columns: usize) -> Option<Line<'static>> {
    let (day, amount) = days.iter().max_by_key(|(_, amount)| amount.plays)?;
    let on = context.fact(Role::Secondary, format!("played on {} days", days.len()));
    let most = format!("most on {}: {} plays", day.format("%a %Y-%m-%d"), count(amount.plays));
    Some(fitting(vec![on, context.fact(Role::Secondary, most)], 3, columns))
}

/// The weeks of a year for which there is room, by their Mondays.
struct Weeks {
    year: i32,
    /// The last day that is not in the future.
    last: NaiveDate,
    mondays: Vec<NaiveDate>,
    /// The width of a week in columns.
    width: usize,
    left_out: usize,
}

impl Weeks {
    fn of(figures: &StatsFigures, columns: usize) -> Self {
        let year = figures.first.year();
        let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or(figures.first);
        let (first, end) = (day(1, 1).week(chrono::Weekday::Mon).first_day(), day(12, 31));
        let mut mondays: Vec<NaiveDate> = first.iter_weeks().take_while(|monday| *monday <= end).collect();
        let room = columns.saturating_sub(LABELS);
        let width = if room >= mondays.len() * 2 { 2 } else { 1 };
        // If there is no room for all, the latest past ones are shown.
        let has_come = mondays.iter().filter(|monday| **monday <= figures.last).count();
        let fit = (room / width).max(1);
        let left_out = if mondays.len() > fit { has_come.saturating_sub(fit) } else { 0 };
        mondays = mondays.into_iter().skip(left_out).take(fit).collect();
        Self { year, last: figures.last, mondays, width, left_out }
    }

    /// The months above the weeks in which they begin, unless their names would touch.
    fn months(&self, context: &ViewContext<'_>) -> Line<'static> {
        let mut text = " ".repeat(LABELS);
        for (i, monday) in self.mondays.iter().enumerate() {
            let begins = monday.iter_days().take(7).find(|day| day.day() == 1 && day.year() == self.year);
            let place = LABELS + i * self.width;
            if let Some(first) = begins.filter(|_| text.trim_end().len() < place || text.trim().is_empty()) {
                text = left(text.trim_end(), place) + &first.format("%b").to_string();
            }
        }
        Line::from(context.span(Role::Secondary, text))
    }

    fn row(
        &self,
        context: &ViewContext<'_>,
        weekday: u64,
        days: &[(NaiveDate, Amount)],
        levels: &Levels,
    ) -> Line<'static> {
        let label =
            usize::try_from(weekday).ok().and_then(|day| WEEKDAYS.get(day)).copied().unwrap_or_default();
        let mut line = Line::from(context.span(Role::Secondary, left(label, LABELS)));
        for monday in &self.mondays {
            let day = *monday + chrono::Days::new(weekday);
            if day.year() != self.year || day > self.last {
                line.push_span(" ".repeat(self.width));
                continue;
            }
            let found = days.binary_search_by_key(&day, |(day, _)| *day).ok().and_then(|i| days.get(i));
            let plays = found.map_or(0, |(_, amount)| amount.plays);
            line.extend(sign(context, levels.reached(plays), self.width));
        }
        line
    }
}

/// A week: a column for each hour, a row for each day.
pub fn hours(context: &ViewContext<'_>, hours: &[Amount], (heads, body): (Rect, Rect), buffer: &mut Buffer) {
    let columns = usize::from(body.width);
    let levels = Levels::of(hours.iter().map(|amount| amount.plays).collect());
    let has_sums = columns >= 60;
    let room = columns.saturating_sub(LABELS + if has_sums { 10 } else { 0 });
    let width = (room / 24).clamp(1, 4);
    let mut head = " ".repeat(LABELS);
    for hour in (0..24).step_by(if width == 1 { 6 } else { 3 }) {
        head = left(&head, LABELS + hour * width) + &hour.to_string();
    }
    if has_sums {
        head = left(&head, LABELS + 24 * width) + &right("plays", 10);
    }
    let row = |(label, day): (&&str, &[Amount])| {
        let mut line = Line::from(context.span(Role::Secondary, left(label, LABELS)));
        for hour in day {
            line.extend(sign(context, levels.reached(hour.plays), width));
        }
        if has_sums {
            let sum: u64 = day.iter().map(|hour| hour.plays).sum();
            line.push_span(context.span(Role::Plain, right(&count(sum), 10)));
        }
        line
    };
    let mut lines: Vec<_> = WEEKDAYS.iter().zip(hours.chunks(24)).map(row).collect();
    lines.push(Line::default());
    lines.push(legend(context, &levels, columns));
    below(&Line::from(context.span(Role::Secondary, head)), &lines, (heads, body), buffer);
}

/// Draws lines below a heading; if there is no room for a week below it, in place of the heading.
fn below(head: &Line<'static>, lines: &[Line<'static>], (heads, body): (Rect, Rect), buffer: &mut Buffer) {
    if usize::from(body.height) < WEEKDAYS.len() {
        return paint(lines, heads.union(body), buffer);
    }
    paint(std::slice::from_ref(head), heads, buffer);
    paint(lines, body, buffer);
}

#[cfg(test)]
mod tests {
    use super::Levels;

    #[test]
    fn a_quarter_of_the_days_has_each_sign_and_signs_never_mean_the_same() {
        let levels = Levels::of((0..=40).collect());
        assert_eq!(levels.0, [1, 11, 21, 31]);
        assert_eq!([0, 1, 10, 11, 40].map(|plays| levels.reached(plays)), [0, 1, 1, 2, 4]);
        assert_eq!(Levels::of(vec![1; 300]).0, [1, 2, 3, 4]);
        assert_eq!(Levels::of(Vec::new()).0, [1, 2, 3, 4]);
        let wild = Levels::of(vec![1, 2, 3, 4, 5, 6, 7, 9_000]);
        assert_eq!(wild.reached(6), 3, "one wild day leaves the others apart");
    }
}
