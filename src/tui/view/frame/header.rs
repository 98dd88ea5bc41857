//! The account, the database, and whether Spotify and the engine are reachable.

use ratatui::text::Line;

use crate::domain::{CONSENT_SOON, EngineState, LoginState, User};
use crate::handle::Link;
use crate::tui::style::text;
use crate::tui::style::theme::Role;
use crate::tui::style::times::{days_left, seconds_left};
use crate::tui::view::view_context::{StyledText, ViewContext, columns_of, fitting, spread};

/// With this many days left, the end of the consent needs attention.
const CONSENT_SOON_DAYS: i64 = CONSENT_SOON.num_days();

/// The first line of the screen.
pub fn line(context: &ViewContext<'_>, columns: usize) -> Line<'static> {
    // If there is room for only one part, it is the login.
    let is_narrow = columns < 60;
    let engine = (!is_narrow).then(|| engine(context));
    let right = engine.into_iter().chain([login(context, is_narrow)]).collect();
    let right = fitting(right, 3, columns.saturating_sub("phonolog".len() + 2));
    let room = columns.saturating_sub(columns_of(&right.spans) + 2);
    spread(name(context, room), right, columns)
}

/// phonolog, the account and, if there is room, the database.
fn name(context: &ViewContext<'_>, columns: usize) -> Line<'static> {
    let mut facts = vec![context.fact(Role::Accent, "phonolog")];
    let whose = context.snapshot().account.as_ref().map(called);
    let room = columns.saturating_sub("phonolog".len() + 2);
    let whose = context.outside(&whose.unwrap_or_else(|| "no account yet".to_owned()), room);
    facts.push(context.fact(Role::Strong, whose));
    let used = facts.iter().map(|fact| columns_of(fact) + 2).sum::<usize>();
    let room = columns.saturating_sub(used);
    if context.model.is_demo {
        facts.push(context.fact(Role::Waiting, "demo: a made-up library"));
    } else if room >= 12 {
        facts.push(context.fact(Role::Secondary, database(context, room)));
    }
    fitting(facts, 2, columns)
}

fn called(user: &User) -> String {
    let name = user.display_name.as_deref().filter(|name| !name.trim().is_empty());
    name.unwrap_or(&user.id).to_owned()
}

/// The end of the database's path, which says more than its start.
fn database(context: &ViewContext<'_>, columns: usize) -> String {
    let url = context.glyphs().outside(&context.snapshot().database);
    let place = url.strip_prefix("sqlite:").unwrap_or(&url);
    if text::width(place) <= columns {
        return place.to_owned();
    }
    let last = place.rsplit('/').next().unwrap_or(place);
    context.cut(last, columns)
}

fn engine(context: &ViewContext<'_>) -> StyledText {
    let glyphs = context.glyphs();
    let (role, sign, word) = match (&context.model.link, context.snapshot().engine) {
        (Link::Lost { .. }, _) => (Role::Bad, glyphs.failed(), "engine gone".to_owned()),
        (Link::Reconnecting { at }, _) => {
            (Role::Waiting, glyphs.warning(), reconnecting(seconds_left(*at, context.now)))
        }
        (_, EngineState::None) => (Role::Waiting, glyphs.nothing(), "no engine".to_owned()),
        (Link::Attached, EngineState::Running) => (Role::Good, glyphs.running(), "attached".to_owned()),
        (Link::Own, EngineState::Running) => (Role::Good, glyphs.running(), "engine".to_owned()),
    };
    vec![context.span(role, sign), context.span(Role::Secondary, format!(" {word}"))]
}

fn reconnecting(seconds: i64) -> String {
    if seconds > 0 { format!("reconnecting in {seconds} s") } else { "reconnecting".to_owned() }
}

fn login(context: &ViewContext<'_>, is_narrow: bool) -> StyledText {
    let glyphs = context.glyphs();
    let (role, sign, word) = match &context.snapshot().login {
        LoginState::Unknown => (Role::Secondary, glyphs.nothing(), "login unknown".to_owned()),
        LoginState::Needed { .. } => (Role::Bad, glyphs.failed(), "needs login".to_owned()),
        LoginState::Ok { consent_ends_at: None } => (Role::Good, glyphs.well(), "login".to_owned()),
        LoginState::Ok { consent_ends_at: Some(end) } => match days_left(*end, context.now) {
            ..0 => (Role::Bad, glyphs.warning(), "login has expired".to_owned()),
            days @ 0..CONSENT_SOON_DAYS => (Role::Waiting, glyphs.warning(), login_lasts(days, is_narrow)),
            days => (Role::Good, glyphs.well(), login_lasts(days, is_narrow)),
        },
    };
    vec![context.span(role, sign), context.span(Role::Secondary, format!(" {word}"))]
}

fn login_lasts(days: i64, is_narrow: bool) -> String {
    match (is_narrow, days) {
        (true, _) => format!("login {days} d"),
        (false, 1) => "login, 1 day left".to_owned(),
        (false, _) => format!("login, {days} days left"),
    }
}
