//! The statistics: which figure of which period, and the loaded values.

use std::sync::Arc;

use super::Motion;
use super::loadable::Loadable;
use super::selection::Selection;
use crate::domain::queries::{
    Answered, Figure, PeriodKind, PeriodOf, QueryAnswer, RecordQuery, ShownFigures, StatsFigures, TopRow,
};
use crate::tui::state::screens::around;

/// An open figure.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FiguresPane {
    figure: Figure,
    period: PeriodOf,
    selection: Selection,
    answer: Loadable<Arc<Answered>>,
}

impl FiguresPane {
    /// The query for it.
    pub const fn query(&self) -> RecordQuery {
        RecordQuery::Figures(self.figure, self.period())
    }

    /// The chosen period.
    pub const fn period(&self) -> PeriodOf {
        PeriodOf { kind: self.kind(), day: self.period.day }
    }

    /// The figure.
    pub const fn figure(&self) -> Figure {
        self.figure
    }

    /// The length of its periods. The period of a calendar is a year.
    pub const fn kind(&self) -> PeriodKind {
        match self.figure {
            Figure::Calendar => PeriodKind::Year,
            _ => self.period.kind,
        }
    }

    /// The loaded values of this figure; those of another period until the answer comes.
    pub fn figures(&self) -> Option<&StatsFigures> {
        let held = self.answer.newest()?;
        match (&held.question.query, &held.answer) {
            (RecordQuery::Figures(figure, _), Ok(QueryAnswer::Figures(figures)))
                if *figure == self.figure =>
            {
                Some(figures)
            }
            _ => None,
        }
    }

    /// The last loaded values, of any figure.
    fn last_held(&self) -> Option<&StatsFigures> {
        match &self.answer.newest()?.answer {
            Ok(QueryAnswer::Figures(figures)) => Some(figures),
            _ => None,
        }
    }

    /// Why newer values did not come.
    pub fn trouble(&self) -> Option<&str> {
        self.answer.trouble()
    }

    /// The selected row.
    pub const fn selected(&self) -> usize {
        self.selection.row()
    }

    /// The first visible row.
    pub const fn top(&self) -> usize {
        self.selection.top()
    }

    /// The number of rows.
    pub fn total(&self) -> usize {
        match self.figures().map(|figures| &figures.shown) {
            Some(ShownFigures::Top(rows)) => rows.len(),
            Some(ShownFigures::Growth(rows)) => rows.len(),
            Some(ShownFigures::Calendar(_) | ShownFigures::Hours(_)) | None => 0,
        }
    }

    /// The selected row of a ranking.
    pub fn selected_row(&self) -> Option<&TopRow> {
        match &self.figures()?.shown {
            ShownFigures::Top(rows) => rows.get(self.selected()),
            _ => None,
        }
    }

    /// Stores an answer.
    pub fn take(&mut self, answered: &Arc<Answered>, rows: usize) {
        self.answer.take(Arc::clone(answered));
        self.select(self.selected(), rows);
    }

    /// Stores that the request failed.
    pub fn fail(&mut self, why: String) {
        self.answer.fail(why);
    }

    /// Moves in the rows.
    pub fn go(&mut self, motion: Motion, rows: usize) {
        self.select(self.selection.after(motion, self.total(), rows), rows);
    }

    /// Selects a row by its index.
    pub fn select(&mut self, place: usize, rows: usize) {
        self.selection.select(place, self.total(), rows);
    }

    /// Chooses a figure.
    pub const fn choose(&mut self, figure: Figure) {
        self.figure = figure;
        self.begin_again();
    }

    /// Makes the periods shorter or longer; wraps around. The current day stays in the period.
    pub fn change_kind(&mut self, steps: isize) {
        let now = PeriodKind::ALL.iter().position(|kind| *kind == self.period.kind).unwrap_or_default();
        let next = PeriodKind::ALL.get(around(now, steps, PeriodKind::ALL.len()));
        if let Some(figures) = self.last_held().filter(|_| self.period.day.is_none()) {
            self.period.day = Some(figures.last.min(figures.known.1));
        }
        self.period.kind = next.copied().unwrap_or_default();
        self.begin_again();
    }

    /// The period this many steps further; otherwise why there is none.
    pub fn step(&self, steps: isize) -> Result<PeriodOf, &'static str> {
        // The range of days is the same for every figure.
        let figures = self.last_held().ok_or("reading the statistics")?;
        let (first_known, today) = figures.known;
        let day = self.period.day.unwrap_or(figures.last).clamp(first_known, today);
        let (first, last) = self
            .kind()
            .around(day)
            .ok_or("this is the whole history; press + for a year, a month, a week")?;
        let next = if steps < 0 { first.pred_opt() } else { last.succ_opt() };
        match next.filter(|next| (first_known..=today).contains(next)) {
            Some(day) => Ok(PeriodOf { kind: self.period.kind, day: Some(day) }),
            None if steps < 0 => Err("nothing earlier is known"),
            None => Err("this is the latest period"),
        }
    }

    /// Goes to a period.
    pub const fn show(&mut self, period: PeriodOf) {
        self.period = period;
        self.begin_again();
    }

    const fn begin_again(&mut self) {
        self.selection = Selection::FIRST;
    }
}
