//! When the screen changes by itself: each second during the countdown of a hold, otherwise at the
//! next full minute at which a displayed age or remaining time changes.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::clock::until;
use crate::domain::{LoginState, Snapshot};
use crate::handle::Link;
use crate::tui::state::model::Model;
use crate::tui::state::screens::Screen;
use crate::tui::style::times;
use crate::tui::view::shows_what_plays;

/// How long the screen stays the same without a message; `None`: for ever.
pub fn next_change(model: &Model, now: DateTime<Utc>) -> Option<Duration> {
    let snapshot = &model.snapshot;
    let holds = snapshot.rate_limits.iter().filter_map(|limit| limit.reset_at);
    // The other screens show only the age of the login, in the header, and a hold until it is over.
    let is_dashboard = model.screen == Screen::Dashboard;
    let stays = |end| if is_dashboard { times::countdown_stays(end, now) } else { until(end, now) };
    let countdowns = holds.filter(|end| now < *end).map(stays);
    let ages = told(snapshot).filter(|_| is_dashboard).chain(consent(snapshot));
    let ages = ages.map(|at| times::stays(at, now));
    let away = match &model.link {
        Link::Reconnecting { at } if now < *at => Some(times::countdown_stays(*at, now)),
        _ => None,
    };
    let note = model.note_at(now).map(|note| until(note.until, now));
    // Checked last, because the size alone does not show whether it is visible.
    let moves = snapshot.now_playing.as_ref().and_then(|playing| playing.moves_in(now));
    let bar = moves.filter(|_| shows_what_plays(model, now));
    countdowns.chain(ages).chain(away).chain(note).chain(bar).min()
}

/// When the login expires.
const fn consent(snapshot: &Snapshot) -> Option<DateTime<Utc>> {
    match &snapshot.login {
        LoginState::Ok { consent_ends_at } => *consent_ends_at,
        LoginState::Unknown | LoginState::Needed { .. } => None,
    }
}

/// Every other time that is shown as an age or a remaining time.
fn told(snapshot: &Snapshot) -> impl Iterator<Item = DateTime<Utc>> {
    let entities = snapshot.entities.iter();
    let turns = entities.flat_map(|entity| [entity.last_synced_at, entity.next_due_at]);
    let run = snapshot.run.as_ref().and_then(|run| run.finished_at);
    let plays = &snapshot.plays;
    turns
        .chain([run, plays.last_polled_at, plays.next_poll_at])
        .flatten()
        .chain(plays.latest.iter().map(|play| play.played_at))
        .chain(snapshot.journal.iter().map(|line| line.observed_at))
}
