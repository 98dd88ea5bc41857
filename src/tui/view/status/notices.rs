//! What needs attention, the most important first, each with what happens next.

use chrono::{DateTime, Utc};
use ratatui::text::Line;

use super::gauges::{EntityLayout, Gauges, is_amiss, shared_error};
use crate::domain::{
    Alert, AlertKind, EngineState, Entity, EntityState, EntityStatus, HoldReason, RateLimit, RunStatus,
    Snapshot,
};
use crate::handle::Link;
use crate::tui::input::keys::Action;
use crate::tui::style::text;
use crate::tui::style::theme::Role;
use crate::tui::style::times::{countdown, due, wall_clock};
use crate::tui::view::view_context::ViewContext;

/// One thing that needs attention.
struct Notice {
    role: Role,
    sign: &'static str,
    /// The words that name it.
    lead: String,
    /// The rest of the sentence.
    text: String,
}

/// The notices in at most `rows` lines.
pub fn lines(context: &ViewContext<'_>, gauges: Gauges, columns: usize, rows: usize) -> Vec<Line<'static>> {
    in_rows(context, &all(context, gauges), columns, rows)
}

fn in_rows(context: &ViewContext<'_>, all: &[Notice], columns: usize, rows: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (i, notice) in all.iter().enumerate() {
        let left = rows.saturating_sub(lines.len());
        let others = all.len() - i - 1;
        if left == 0 {
            break;
        }
        if left == 1 && others > 0 {
            let more = format!("  ({others} more)");
            let room = columns.saturating_sub(more.len());
            let mut line = laid_out(context, notice, room, 1).into_iter().next().unwrap_or_default();
            line.push_span(context.span(Role::Secondary, more));
            lines.push(line);
            break;
        }
        lines.extend(laid_out(context, notice, columns, left.min(2)));
    }
    lines
}

/// A notice in at most `rows` lines; the rest is cut.
fn laid_out(context: &ViewContext<'_>, notice: &Notice, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let indent = text::width(notice.sign) + 1;
    let lead = context.cut(&notice.lead, columns.saturating_sub(indent));
    let sentence = format!("{lead} {}", notice.text);
    let room = columns.saturating_sub(indent);
    let wrapped = text::wrap_to(&sentence, room, rows, context.glyphs().ellipsis());
    let rows = wrapped.into_iter().enumerate().map(|(i, row)| {
        if i > 0 {
            return Line::from(context.span(Role::Plain, " ".repeat(indent) + &row));
        }
        let rest = row.strip_prefix(lead.as_str()).map(ToOwned::to_owned);
        let (lead, rest) = rest.map_or((row, String::new()), |rest| (lead.clone(), rest));
        Line::from(vec![
            context.span(notice.role, format!("{} ", notice.sign)),
            context.span(notice.role, lead),
            context.span(Role::Plain, rest),
        ])
    });
    rows.collect()
}

/// How the time of the next event is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Timing {
    /// As the remaining time, which changes.
    Left,
    /// By the person's clock, which does not change.
    Clock,
}

/// The most important problem that stops the sync, for the screens that show stored data, because
/// all stored data can still be browsed. It contains nothing that changes by itself.
pub fn failing(context: &ViewContext<'_>, columns: usize) -> Option<Line<'static>> {
    let mut notices = Vec::new();
    notices.extend(engine(context));
    notices.extend(alerts(context, true));
    notices.extend(holds(context, Timing::Clock));
    notices.extend(shared(context, Timing::Clock));
    notices.extend(errors(context, None, Timing::Clock));
    notices.extend(polling(context));
    in_rows(context, &notices, columns, 1).into_iter().next()
}

fn all(context: &ViewContext<'_>, gauges: Gauges) -> Vec<Notice> {
    let mut notices = Vec::new();
    notices.extend(engine(context));
    notices.extend(alerts(context, true));
    notices.extend(holds(context, Timing::Left));
    notices.extend(paused(context));
    notices.extend(shared(context, Timing::Left));
    notices.extend(errors(context, Some(gauges), Timing::Left));
    notices.extend(of_the_run(context));
    notices.extend(alerts(context, false));
    notices.extend(set_aside(context));
    notices
}

fn engine(context: &ViewContext<'_>) -> Option<Notice> {
    let (role, lead, text) = match (&context.model.link, context.snapshot().engine) {
        (Link::Lost { why }, _) => {
            let why = context.glyphs().outside(why);
            (Role::Bad, "the engine has stopped:", format!("showing the last known state; {why}"))
        }
        (Link::Reconnecting { .. }, _) => {
            let quit = context.model.keymap.key_for(Action::Quit);
            let text = format!("showing the last known state; reconnecting; press `{quit}` to quit");
            (Role::Waiting, "engine not reachable:", text)
        }
        (Link::Own | Link::Attached, EngineState::None) => {
            let text = "showing the database; start `phonolog` to continue recording";
            (Role::Bad, "no engine is running:", text.to_owned())
        }
        (Link::Own | Link::Attached, EngineState::Running) => return None,
    };
    Some(Notice { role, sign: context.glyphs().warning(), lead: lead.to_owned(), text })
}

/// The alerts of the engine, except holds, which have a countdown here; all gaps are one notice.
/// Alerts that block something come before those that can wait.
fn alerts(context: &ViewContext<'_>, are_weighty: bool) -> Vec<Notice> {
    let gaps = context.snapshot().alerts.iter().filter(|alert| alert.kind == AlertKind::Gap).count();
    let mut notices = Vec::new();
    for alert in &context.snapshot().alerts {
        let role = match alert.kind {
            AlertKind::LoginNeeded
            | AlertKind::AppRefused
            | AlertKind::Storage
            | AlertKind::TaskFailed
            | AlertKind::Braked => Role::Bad,
            AlertKind::ConsentEnds | AlertKind::Stale | AlertKind::Exposed => Role::Waiting,
            AlertKind::Gap if gaps == 1 => Role::Waiting,
            AlertKind::Gap | AlertKind::Held => continue,
        };
        if (role == Role::Bad) == are_weighty {
            let sentence = braked(context, alert).unwrap_or_else(|| alert.text.clone());
            notices.push(told(context, role, &sentence));
        }
    }
    if gaps > 1 && !are_weighty {
        let text = "request your streaming history from Spotify and `phonolog import` it";
        notices.push(told(context, Role::Waiting, &format!("{gaps} gaps in the plays: {text}")));
    }
    notices
}

/// The text of a brake's alert, if there is a key for it.
fn braked(context: &ViewContext<'_>, alert: &Alert) -> Option<String> {
    let is_its = |(entity, _): &(Entity, u32)| entity.as_str() == alert.subject;
    let (entity, removals) =
        context.model.braked().find(is_its).filter(|_| alert.kind == AlertKind::Braked)?;
    let removals = text::count(removals);
    let key = context.model.keymap.key_for(Action::AskRemovals);
    let is_heard = context.model.engine_listens();
    is_heard
        .then(|| format!("{entity} braked: {removals} removals need your approval; press `{key}` to review"))
}

/// A sentence with a colon, as a notice.
fn told(context: &ViewContext<'_>, role: Role, sentence: &str) -> Notice {
    let sentence = context.glyphs().outside(sentence);
    let (lead, text) = sentence.split_once(": ").unwrap_or((&sentence, ""));
    Notice { role, sign: context.glyphs().warning(), lead: format!("{lead}:"), text: text.to_owned() }
}

/// Every current hold: the longest of those that hold every bucket, then each bucket's own.
pub fn holds_in_force<'a>(context: &ViewContext<'a>) -> Vec<&'a RateLimit> {
    let in_force = |limit: &&RateLimit| limit.reset_at.is_some_and(|end| context.now < end);
    let limits = context.snapshot().rate_limits.iter().filter(in_force);
    let (window, quota): (Vec<_>, Vec<_>) =
        limits.partition(|limit| limit.reason == Some(HoldReason::RateLimited));
    let longest = window.into_iter().max_by_key(|limit| limit.reset_at);
    longest.into_iter().chain(quota).collect()
}

fn holds(context: &ViewContext<'_>, timing: Timing) -> Vec<Notice> {
    let notice = |limit: &&RateLimit| {
        let end = limit.reset_at?;
        let (what, why) = match limit.reason {
            Some(HoldReason::RateLimited) => {
                ("held".to_owned(), "Spotify's 30-second limit; all requests wait")
            }
            Some(HoldReason::QuotaExceeded) | None => {
                (format!("{} held", limit.bucket), "Spotify's daily quota")
            }
        };
        let lead = match timing {
            Timing::Left => format!("{what} {}", countdown(end - context.now)),
            Timing::Clock => what,
        };
        let text = format!("until {}: {why}", wall_clock(end, context.now, context.model.look.zone));
        Some(Notice { role: Role::Waiting, sign: context.glyphs().hold(), lead, text })
    };
    holds_in_force(context).iter().filter_map(notice).collect()
}

fn paused(context: &ViewContext<'_>) -> Option<Notice> {
    context.snapshot().paused.then(|| Notice {
        role: Role::Waiting,
        sign: context.glyphs().pause(),
        lead: "library sync paused".to_owned(),
        text: format!("{} playback is still recorded", context.glyphs().dash()),
    })
}

/// The error that several entities share, shown once.
fn shared(context: &ViewContext<'_>, timing: Timing) -> Option<Notice> {
    let error = shared_error(context.snapshot())?;
    let rows = context.snapshot().entities.iter().filter(|row| row.error.as_deref() == Some(error));
    let (mut count, mut next) = (0, None);
    for row in rows {
        count += 1;
        next = [next, row.next_due_at].into_iter().flatten().min();
    }
    Some(failed(context, &format!("{count} entities failed"), next, error, timing))
}

/// The errors that are not shown beside a gauge.
fn errors(context: &ViewContext<'_>, gauges: Option<Gauges>, timing: Timing) -> Vec<Notice> {
    let is_beside = |row: &EntityStatus| {
        gauges.is_some_and(|gauges| gauges.form != EntityLayout::Line && gauges.show(row.entity_type))
    };
    let shared = shared_error(context.snapshot());
    let rows = context.snapshot().entities.iter().filter(|row| is_amiss(row) && !is_beside(row));
    // Removals that the brake stopped have an alert, and a hold is shown as a hold.
    let rows = rows.filter(|row| gauges.is_some() || row.state == EntityState::Failed);
    let untold = rows.filter_map(|row| Some((row, row.error.as_deref()?)));
    let untold = untold.filter(|(_, error)| shared != Some(*error));
    let notice = |(row, error): (&EntityStatus, &str)| {
        failed(context, &format!("{} {}", row.entity_type, row.state), row.next_due_at, error, timing)
    };
    untold.map(notice).collect()
}

/// Why no plays are fetched.
fn polling(context: &ViewContext<'_>) -> Option<Notice> {
    let plays = &context.snapshot().plays;
    let error = plays.error.as_deref().filter(|error| shared_error(context.snapshot()) != Some(*error))?;
    Some(failed(context, "plays not read", plays.next_poll_at, error, Timing::Clock))
}

fn failed(
    context: &ViewContext<'_>,
    what: &str,
    next: Option<DateTime<Utc>>,
    error: &str,
    timing: Timing,
) -> Notice {
    let next = next.map(|at| match timing {
        Timing::Left => due(at, context.now),
        Timing::Clock => format!("at {}", wall_clock(at, context.now, context.model.look.zone)),
    });
    let lead = next.map_or_else(|| what.to_owned(), |next| format!("{what}, next try {next}:"));
    Notice { role: Role::Bad, sign: context.glyphs().failed(), lead, text: context.glyphs().outside(error) }
}

/// The error of the last run, if nothing else shows it.
fn of_the_run(context: &ViewContext<'_>) -> Option<Notice> {
    let snapshot = context.snapshot();
    let run = snapshot.run.as_ref().filter(|run| !tells_itself(run.status))?;
    let error = run.error.as_deref().filter(|error| !is_told(snapshot, error))?;
    let text = context.glyphs().outside(error);
    Some(Notice { role: Role::Bad, sign: context.glyphs().failed(), lead: "the last sync:".to_owned(), text })
}

/// Whether the cause of this run status has a notice of its own.
const fn tells_itself(status: RunStatus) -> bool {
    matches!(status, RunStatus::Held | RunStatus::Braked | RunStatus::NeedsLogin)
}

/// Whether an error of a run is that of a gauge, which shows it itself.
fn is_told(snapshot: &Snapshot, error: &str) -> bool {
    let mut own = snapshot.entities.iter().filter_map(|row| row.error.as_deref());
    own.any(|own| error.contains(own))
}

fn set_aside(context: &ViewContext<'_>) -> Option<Notice> {
    let rows = context.snapshot().set_aside;
    (rows > 0).then(|| Notice {
        role: Role::Secondary,
        sign: context.glyphs().nothing(),
        lead: format!("{} {} set aside:", text::count(rows), if rows == 1 { "row" } else { "rows" }),
        text: "could not be read; stored unchanged".to_owned(),
    })
}
