//! Whose library this is, where it lies, and whether the ways to it are open.

use ratatui::text::Line;

use crate::domain::{CONSENT_SOON, EngineState, LoginState, User};
use crate::handle::Link;
use crate::tui::style::text;
use crate::tui::style::theme::Role;
use crate::tui::style::times::{days_left, seconds_left};
use crate::tui::view::view_context::{Scene, StyledText, columns_of, fitting, spread};

/// Days from which on the end of the consent wants a look.
const CONSENT_SOON_DAYS: i64 = CONSENT_SOON.num_days();

/// The first line of the screen.
pub fn line(scene: &Scene<'_>, columns: usize) -> Line<'static> {
    // The login is the one to stay where there is room for one only.
    let is_narrow = columns < 60;
    let engine = (!is_narrow).then(|| engine(scene));
    let right = engine.into_iter().chain([login(scene, is_narrow)]).collect();
    let right = fitting(right, 3, columns.saturating_sub("phonolog".len() + 2));
    let room = columns.saturating_sub(columns_of(&right.spans) + 2);
    spread(name(scene, room), right, columns)
}

/// phonolog, the account and, where there is room, the database.
fn name(scene: &Scene<'_>, columns: usize) -> Line<'static> {
    let mut facts = vec![scene.fact(Role::Accent, "phonolog")];
    let whose = scene.snapshot().account.as_ref().map(called);
    let room = columns.saturating_sub("phonolog".len() + 2);
    let whose = scene.outside(&whose.unwrap_or_else(|| "no account yet".to_owned()), room);
    facts.push(scene.fact(Role::Strong, whose));
    let used = facts.iter().map(|fact| columns_of(fact) + 2).sum::<usize>();
    let room = columns.saturating_sub(used);
    if room >= 12 {
        facts.push(scene.fact(Role::Secondary, database(scene, room)));
    }
    fitting(facts, 2, columns)
}

fn called(user: &User) -> String {
    let name = user.display_name.as_deref().filter(|name| !name.trim().is_empty());
    name.unwrap_or(&user.id).to_owned()
}

/// The end of the database's place, which tells more than its beginning.
fn database(scene: &Scene<'_>, columns: usize) -> String {
    let url = scene.glyphs().outside(&scene.snapshot().database);
    let place = url.strip_prefix("sqlite:").unwrap_or(&url);
    if text::width(place) <= columns {
        return place.to_owned();
    }
    let last = place.rsplit('/').next().unwrap_or(place);
    scene.cut(last, columns)
}

fn engine(scene: &Scene<'_>) -> StyledText {
    let glyphs = scene.glyphs();
    let (role, sign, word) = match (&scene.model.link, scene.snapshot().engine) {
        (Link::Lost { .. }, _) => (Role::Bad, glyphs.failed(), "engine gone".to_owned()),
        (Link::Reconnecting { at }, _) => {
            (Role::Waiting, glyphs.warning(), reconnecting(seconds_left(*at, scene.now)))
        }
        (_, EngineState::None) => (Role::Waiting, glyphs.nothing(), "no engine".to_owned()),
        (Link::Attached, EngineState::Running) => (Role::Good, glyphs.running(), "attached".to_owned()),
        (Link::Own, EngineState::Running) => (Role::Good, glyphs.running(), "engine".to_owned()),
    };
    vec![scene.span(role, sign), scene.span(Role::Secondary, format!(" {word}"))]
}

fn reconnecting(seconds: i64) -> String {
    if seconds > 0 { format!("reconnecting in {seconds} s") } else { "reconnecting".to_owned() }
}

fn login(scene: &Scene<'_>, is_narrow: bool) -> StyledText {
    let glyphs = scene.glyphs();
    let (role, sign, word) = match &scene.snapshot().login {
        LoginState::Unknown => (Role::Secondary, glyphs.nothing(), "login unknown".to_owned()),
        LoginState::Needed { .. } => (Role::Bad, glyphs.failed(), "needs login".to_owned()),
        LoginState::Ok { consent_ends_at: None } => (Role::Good, glyphs.well(), "login".to_owned()),
        LoginState::Ok { consent_ends_at: Some(end) } => match days_left(*end, scene.now) {
            ..0 => (Role::Bad, glyphs.warning(), "login has expired".to_owned()),
            days @ 0..CONSENT_SOON_DAYS => (Role::Waiting, glyphs.warning(), login_lasts(days, is_narrow)),
            days => (Role::Good, glyphs.well(), login_lasts(days, is_narrow)),
        },
    };
    vec![scene.span(role, sign), scene.span(Role::Secondary, format!(" {word}"))]
}

fn login_lasts(days: i64, is_narrow: bool) -> String {
    match (is_narrow, days) {
        (true, _) => format!("login {days} d"),
        (false, 1) => "login, 1 day left".to_owned(),
        (false, _) => format!("login, {days} days left"),
    }
}
