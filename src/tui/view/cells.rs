//! A cell in words, and how much room each kind of column needs.

use chrono::{DateTime, Utc};

use super::view_context::ViewContext;
use crate::domain::RunStatus;
use crate::domain::queries::{Cell, ChangeKind, Column, ListStanding, Movement};
use crate::tui::style::text;
use crate::tui::style::theme::Role;

/// How much room a column needs.
#[derive(Clone, Copy)]
pub struct Measure {
    /// With fewer columns it is left out.
    pub least: usize,
    /// It cannot use more columns than this.
    pub most: usize,
    /// Its share of the remaining room.
    pub weight: usize,
    /// Which column is kept if there is no room for all: the one with the greater rank.
    pub rank: u8,
    /// Its values are right-aligned.
    pub is_number: bool,
}

impl Measure {
    /// An empty measure.
    pub const NONE: Self = Self { least: 0, most: 0, weight: 0, rank: u8::MAX, is_number: false };

    const fn text(least: usize, most: usize, weight: usize, rank: u8) -> Self {
        Self { least, most, weight, rank, is_number: false }
    }

    const fn fixed(width: usize, rank: u8) -> Self {
        Self::text(width, width, 0, rank)
    }

    const fn number(width: usize, rank: u8) -> Self {
        Self { is_number: true, ..Self::fixed(width, rank) }
    }

    /// The measure of a column.
    pub const fn of(column: Column) -> Self {
        match column {
            Column::Title | Column::Name => Self::text(18, 60, 3, 0),
            Column::Artists => Self::text(10, 40, 2, 2),
            Column::Album => Self::text(10, 40, 2, 4),
            Column::Genres => Self::text(12, 80, 3, 2),
            Column::Owner => Self::text(8, 24, 1, 3),
            Column::AddedBy => Self::text(14, 20, 1, 6),
            Column::Year => Self::fixed(4, 5),
            Column::Added => Self::fixed(DAY, 3),
            Column::Seen | Column::Began => Self::fixed(MINUTE, 0),
            Column::Entity => Self::fixed(14, 3),
            Column::Detail => Self::text(20, 80, 2, 4),
            Column::Run => Self::number(5, 5),
            Column::Ended => Self::fixed(13, 1),
            Column::Trigger => Self::fixed(8, 6),
            Column::Mode => Self::fixed(11, 5),
            Column::Requests => Self::number(8, 3),
            Column::Took => Self::number(7, 4),
            Column::Error => Self::text(10, 400, 1, 7),
            Column::Line => Self::text(20, 4000, 1, 0),
            Column::Logged => Self::fixed(CLOCK, 1),
            Column::Level => Self::fixed(5, 2),
            Column::State => Self::fixed(10, 1),
            Column::Kind => Self::fixed(11, 3),
            Column::Change => Self::fixed(9, 1),
            Column::Tracks | Column::Items | Column::Came | Column::Went => Self::number(7, 1),
            Column::Place => Self::number(6, 1),
            Column::PlaceBefore => Self::number(6, 3),
            Column::Moved | Column::Changed | Column::Plays => Self::number(7, 2),
        }
    }
}

/// Widths of a time of day, of a day, and of a day with its minute.
const CLOCK: usize = 8;
const DAY: usize = 10;
const MINUTE: usize = 16;

/// A cell of a column, in at most this many columns of the screen.
pub fn told(context: &ViewContext<'_>, column: Column, cell: &Cell, columns: usize) -> (Role, String) {
    let role = match column {
        Column::Title | Column::Name | Column::Seen | Column::Began | Column::Change | Column::Line => {
            Role::Plain
        }
        _ => Role::Secondary,
    };
    match cell {
        Cell::None if column == Column::Title => (Role::Secondary, context.cut("(unavailable)", columns)),
        Cell::Text(text) if text.trim().is_empty() && role == Role::Plain => {
            (Role::Secondary, context.cut("(no name)", columns))
        }
        Cell::Standing(standing) => {
            (role_of(*standing), context.cut(&standing_words(context, *standing), columns))
        }
        Cell::Change(change) => (of_change(*change), context.cut(&change_words(context, *change), columns)),
        Cell::Run(status) => (of_run(*status), context.cut(&run_words(context, *status), columns)),
        // Zero is the usual number here, so it is shown by an inconspicuous symbol.
        Cell::Number(0) if column != Column::Items && column != Column::Tracks => {
            (Role::Secondary, context.glyphs().dot().to_owned())
        }
        cell => (role, words(context, cell, columns)),
    }
}

/// A cell in words, in any column.
pub fn words(context: &ViewContext<'_>, cell: &Cell, columns: usize) -> String {
    match cell {
        Cell::None => String::new(),
        Cell::Text(text) => context.outside(text, columns),
        Cell::Number(number) => context.cut(&number_words(*number), columns),
        Cell::Time(time) => instant(context, *time, columns),
        Cell::Length(millis) => context.cut(&length(*millis), columns),
        Cell::Standing(standing) => context.cut(&standing_words(context, *standing), columns),
        Cell::Change(change) => context.cut(&change_words(context, *change), columns),
        Cell::Run(status) => context.cut(&run_words(context, *status), columns),
        // Names follow it, in a column of their own.
        Cell::Moved(moved) => context.cut(&text::left(&movement(context, *moved).1, 4), columns),
        Cell::Levels(levels) => {
            let glyphs = levels.iter().map(|level| context.glyphs().intensity(usize::from(*level)));
            context.cut(&glyphs.collect::<String>(), columns)
        }
    }
}

/// How a place differs from the one before.
pub fn movement(context: &ViewContext<'_>, moved: Movement) -> (Role, String) {
    let glyphs = context.glyphs();
    match moved {
        Movement::New => (Role::Accent, "new".to_owned()),
        Movement::Up(by) => (Role::Good, format!("{}{by}", glyphs.more())),
        Movement::Down(by) => (Role::Secondary, format!("{}{by}", glyphs.fewer())),
        Movement::Same => (Role::Secondary, String::new()),
    }
}

fn number_words(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", text::count(number.unsigned_abs()))
}

/// A time by the person's clock: the day, with the minute if there is room; the time of day if
/// there is hardly any room.
fn instant(context: &ViewContext<'_>, time: DateTime<Utc>, columns: usize) -> String {
    let there = context.model.look.zone.on_the_wall(time);
    let form = match columns {
        ..DAY => "%H:%M:%S",
        DAY..MINUTE => "%Y-%m-%d",
        MINUTE.. => "%Y-%m-%d %H:%M",
    };
    context.cut(&there.format(form).to_string(), columns)
}

/// `3:45`, `1:02:03`; in hours from one day on.
pub fn length(millis: i64) -> String {
    let seconds = millis.max(0) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        1..24 => format!("{hours}:{minutes:02}:{seconds:02}"),
        _ => format!("{} h", number_words(hours)),
    }
}

fn standing_words(context: &ViewContext<'_>, standing: ListStanding) -> String {
    let glyphs = context.glyphs();
    let sign = match standing {
        ListStanding::Complete => glyphs.well(),
        ListStanding::Pending => glyphs.nothing(),
        ListStanding::Hidden => glyphs.pause(),
        ListStanding::Failed => glyphs.failed(),
        ListStanding::Gone => glyphs.minus(),
    };
    format!("{sign} {standing}")
}

const fn role_of(standing: ListStanding) -> Role {
    match standing {
        ListStanding::Complete => Role::Good,
        ListStanding::Pending => Role::Waiting,
        ListStanding::Hidden | ListStanding::Gone => Role::Secondary,
        ListStanding::Failed => Role::Bad,
    }
}

fn run_words(context: &ViewContext<'_>, status: RunStatus) -> String {
    let glyphs = context.glyphs();
    let sign = match status {
        RunStatus::Running => glyphs.running(),
        RunStatus::Done => glyphs.well(),
        RunStatus::Failed | RunStatus::NeedsLogin => glyphs.failed(),
        RunStatus::Held => glyphs.hold(),
        RunStatus::Braked => glyphs.warning(),
        RunStatus::Cancelled | RunStatus::Interrupted => glyphs.nothing(),
    };
    format!("{sign} {}", status.as_str().replace('_', " "))
}

const fn of_run(status: RunStatus) -> Role {
    match status {
        RunStatus::Running => Role::Accent,
        RunStatus::Done => Role::Good,
        RunStatus::Failed | RunStatus::NeedsLogin => Role::Bad,
        RunStatus::Held | RunStatus::Braked => Role::Waiting,
        RunStatus::Cancelled | RunStatus::Interrupted => Role::Secondary,
    }
}

fn change_words(context: &ViewContext<'_>, change: ChangeKind) -> String {
    format!("{} {change}", context.glyphs().change(change.as_str()))
}

const fn of_change(change: ChangeKind) -> Role {
    match change {
        ChangeKind::Added => Role::Good,
        ChangeKind::Removed => Role::Bad,
        ChangeKind::Moved | ChangeKind::Changed => Role::Waiting,
    }
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn lengths_are_told_as_people_do() {
        let told = [0, 59_999, 225_000, 3_723_000, 360_000_000].map(length);
        assert_eq!(told, ["0:00", "0:59", "3:45", "1:02:03", "100 h"]);
    }
}
