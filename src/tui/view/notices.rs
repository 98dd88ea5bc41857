//! What wants a look, the weightiest first, each with what happens next.

use ratatui::text::Line;

use super::super::keys::Action;
use super::super::text;
use super::super::theme::Role;
use super::super::times::{countdown, due, wall_clock};
use super::entities::{Form, Gauges, is_amiss};
use super::scene::Scene;
use crate::domain::{
    Alert, AlertKind, EngineState, Entity, EntityStatus, HoldReason, RateLimit, RunStatus, Snapshot,
};
use crate::handle::Link;

/// One thing that wants a look.
struct Notice {
    role: Role,
    sign: &'static str,
    /// The words that say what it is.
    lead: String,
    /// The sentence that goes on.
    text: String,
}

/// The notices in at most `rows` lines.
pub fn lines(scene: &Scene<'_>, gauges: Gauges, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let all = all(scene, gauges);
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
            let mut line = laid_out(scene, notice, room, 1).into_iter().next().unwrap_or_default();
            line.push_span(scene.span(Role::Secondary, more));
            lines.push(line);
            break;
        }
        lines.extend(laid_out(scene, notice, columns, left.min(2)));
    }
    lines
}

/// A notice in at most `rows` lines; what does not fit is cut.
fn laid_out(scene: &Scene<'_>, notice: &Notice, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let indent = text::width(notice.sign) + 1;
    let lead = scene.cut(&notice.lead, columns.saturating_sub(indent));
    let sentence = format!("{lead} {}", notice.text);
    let room = columns.saturating_sub(indent);
    let wrapped = text::wrap_to(&sentence, room, rows, scene.glyphs().ellipsis());
    let rows = wrapped.into_iter().enumerate().map(|(i, row)| {
        if i > 0 {
            return Line::from(scene.span(Role::Plain, " ".repeat(indent) + &row));
        }
        let rest = row.strip_prefix(lead.as_str()).map(ToOwned::to_owned);
        let (lead, rest) = rest.map_or((row, String::new()), |rest| (lead.clone(), rest));
        Line::from(vec![
            scene.span(notice.role, format!("{} ", notice.sign)),
            scene.span(notice.role, lead),
            scene.span(Role::Plain, rest),
        ])
    });
    rows.collect()
}

fn all(scene: &Scene<'_>, gauges: Gauges) -> Vec<Notice> {
    let mut notices = Vec::new();
    notices.extend(engine(scene));
    notices.extend(alerts(scene, true));
    notices.extend(holds(scene));
    notices.extend(paused(scene));
    notices.extend(errors(scene, gauges));
    notices.extend(alerts(scene, false));
    notices.extend(set_aside(scene));
    notices
}

fn engine(scene: &Scene<'_>) -> Option<Notice> {
    let (role, lead, text) = match (&scene.model.link, scene.snapshot().engine) {
        (Link::Lost { why }, _) => {
            let why = scene.glyphs().outside(why);
            (Role::Bad, "the engine has stopped:", format!("this is the last it said; {why}"))
        }
        (Link::Reconnecting { .. }, _) => {
            let quit = scene.model.keymap.key_for(Action::Quit);
            let text = format!("this is the last it said; it is looked for, and `{quit}` leaves");
            (Role::Waiting, "the engine is away:", text)
        }
        (Link::Own | Link::Attached, EngineState::None) => {
            let text = "this is what the database holds; start `phonolog` to go on";
            (Role::Bad, "no engine runs:", text.to_owned())
        }
        (Link::Own | Link::Attached, EngineState::Running) => return None,
    };
    Some(Notice { role, sign: scene.glyphs().warning(), lead: lead.to_owned(), text })
}

/// What the engine's rules say, but for holds, which count down here, and of the gaps all together. Those
/// that keep something from being done come before what can wait.
fn alerts(scene: &Scene<'_>, are_weighty: bool) -> Vec<Notice> {
    let gaps = scene.snapshot().alerts.iter().filter(|alert| alert.kind == AlertKind::Gap).count();
    let mut notices = Vec::new();
    for alert in &scene.snapshot().alerts {
        let role = match alert.kind {
            AlertKind::LoginNeeded | AlertKind::Storage | AlertKind::Braked => Role::Bad,
            AlertKind::ConsentEnds | AlertKind::Stale => Role::Waiting,
            AlertKind::Gap if gaps == 1 => Role::Waiting,
            AlertKind::Gap | AlertKind::Held => continue,
        };
        if (role == Role::Bad) == are_weighty {
            let sentence = braked(scene, alert).unwrap_or_else(|| alert.text.clone());
            notices.push(told(scene, role, &sentence));
        }
    }
    if gaps > 1 && !are_weighty {
        let text = "ask Spotify for your streaming history and `phonolog import` it";
        notices.push(told(scene, Role::Waiting, &format!("{gaps} gaps in the plays: {text}")));
    }
    notices
}

/// What an alert of the brake says where there is a key for it.
fn braked(scene: &Scene<'_>, alert: &Alert) -> Option<String> {
    let is_its = |(entity, _): &(Entity, u32)| entity.as_str() == alert.subject;
    let (entity, removals) = scene.model.braked().find(is_its).filter(|_| alert.kind == AlertKind::Braked)?;
    let removals = text::count(removals);
    let key = scene.model.keymap.key_for(Action::AskRemovals);
    let is_heard = scene.model.engine_listens();
    is_heard.then(|| format!("{entity} braked: {removals} removals wait for your word: `{key}` lets them go"))
}

/// A sentence with a colon as a notice.
fn told(scene: &Scene<'_>, role: Role, sentence: &str) -> Notice {
    let sentence = scene.glyphs().outside(sentence);
    let (lead, text) = sentence.split_once(": ").unwrap_or((&sentence, ""));
    Notice { role, sign: scene.glyphs().warning(), lead: format!("{lead}:"), text: text.to_owned() }
}

/// Every hold in force: of those that keep everything waiting the longest, then each bucket's own.
pub fn holds_in_force<'a>(scene: &Scene<'a>) -> Vec<&'a RateLimit> {
    let in_force = |limit: &&RateLimit| limit.reset_at.is_some_and(|end| scene.now < end);
    let limits = scene.snapshot().rate_limits.iter().filter(in_force);
    let (window, quota): (Vec<_>, Vec<_>) =
        limits.partition(|limit| limit.reason == Some(HoldReason::RateLimited));
    let longest = window.into_iter().max_by_key(|limit| limit.reset_at);
    longest.into_iter().chain(quota).collect()
}

fn holds(scene: &Scene<'_>) -> Vec<Notice> {
    let notice = |limit: &&RateLimit| {
        let end = limit.reset_at?;
        let left = countdown(end - scene.now);
        let wall = wall_clock(end, scene.now, scene.model.look.zone);
        let (lead, text) = match limit.reason {
            Some(HoldReason::RateLimited) => (
                format!("held {left}"),
                format!("until {wall}: Spotify's 30-second limit; every request waits"),
            ),
            Some(HoldReason::QuotaExceeded) | None => {
                (format!("{} held {left}", limit.bucket), format!("until {wall}: Spotify's quota of a day"))
            }
        };
        Some(Notice { role: Role::Waiting, sign: scene.glyphs().hold(), lead, text })
    };
    holds_in_force(scene).iter().filter_map(notice).collect()
}

fn paused(scene: &Scene<'_>) -> Option<Notice> {
    scene.snapshot().paused.then(|| Notice {
        role: Role::Waiting,
        sign: scene.glyphs().pause(),
        lead: "library sync paused".to_owned(),
        text: format!("{} playback is still recorded", scene.glyphs().dash()),
    })
}

/// The errors that are not told beside a gauge.
fn errors(scene: &Scene<'_>, gauges: Gauges) -> Vec<Notice> {
    let snapshot = scene.snapshot();
    let notice = |lead: String, error: &str| Notice {
        role: Role::Bad,
        sign: scene.glyphs().failed(),
        lead,
        text: scene.glyphs().outside(error),
    };
    let mut notices = Vec::new();
    let untold =
        |row: &&EntityStatus| is_amiss(row) && (gauges.form == Form::Line || !gauges.show(row.entity_type));
    for row in snapshot.entities.iter().filter(untold) {
        let Some(error) = &row.error else { continue };
        let next = row.next_due_at.map(|at| format!("next try {}: ", due(at, scene.now)));
        let lead = format!("{} {}, {}", row.entity_type, row.state, next.unwrap_or_default());
        notices.push(notice(lead.trim_end_matches([',', ' ']).to_owned(), error));
    }
    let run = snapshot.run.as_ref().filter(|run| !tells_itself(run.status));
    let of_run = run.and_then(|run| run.error.as_deref());
    if let Some(error) = of_run.filter(|error| !is_told(snapshot, error)) {
        notices.push(notice("the last sync:".to_owned(), error));
    }
    notices
}

/// Whether what ended a run so has a notice of its own.
const fn tells_itself(status: RunStatus) -> bool {
    matches!(status, RunStatus::Held | RunStatus::Braked | RunStatus::NeedsLogin)
}

/// Whether an error of a run is that of a gauge, which tells it itself.
fn is_told(snapshot: &Snapshot, error: &str) -> bool {
    let mut own = snapshot.entities.iter().filter_map(|row| row.error.as_deref());
    own.any(|own| error.contains(own))
}

fn set_aside(scene: &Scene<'_>) -> Option<Notice> {
    let rows = scene.snapshot().set_aside;
    (rows > 0).then(|| Notice {
        role: Role::Secondary,
        sign: scene.glyphs().nothing(),
        lead: format!("{} {} set aside:", text::count(rows), if rows == 1 { "row" } else { "rows" }),
        text: "they could not be read and are kept as they came".to_owned(),
    })
}
