//! Plays a story, from the first login to the last comparison.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use phonolog::domain::RunStatus;

use crate::album;
use crate::backup;
use crate::check;
use crate::clock::SimClock;
use crate::edits::Edit;
use crate::life::{Ended, World};
use crate::liveness;
use crate::login;
use crate::story::{ENDING, Fate, Living, Step, Story, Tokens, Whose};
use crate::trace::Who::{Machine, Spotify, Story as Teller};
use crate::trouble;

/// Plays a story, and tells how much time passed in it.
pub fn story(story: &Story) -> Duration {
    let world = World::new(&story.setting, SimClock::new());
    world.trace(Teller, || world.url());
    world.oracle.lock().unwrap().account_is(&world.simulator.truth());
    assert!(world.log_in(Whose::Owner), "nothing disturbs this login");
    for (n, step) in &story.steps {
        world.trace(Teller, || format!("step {n}"));
        play(&world, *n, step);
    }
    calm_down(&world);
    let untrue_answers = world.oracle.lock().unwrap().untrue_answers();
    liveness::the_schedule_alone_catches_up(&world, &story.ending.edits);
    album::compare(&world);
    check::everything(&world, story.ending.looks_again);
    // The judge itself is judged: what is forgiven must have had a cause.
    let untrue_answers = world.oracle.lock().unwrap().untrue_answers() - untrue_answers;
    assert_eq!(untrue_answers, 0, "answers are called untrue, and Spotify is well");
    world.clock.since_the_beginning()
}

fn play(world: &Arc<World>, n: u32, step: &Step) {
    match step {
        Step::Wait(seconds) => world.clock.pass(Duration::from_secs(*seconds)),
        Step::Listen(songs) => listen(world, n, *songs),
        Step::SetClock(seconds) => set_clock(world, *seconds),
        Step::Tokens(tokens) => change_tokens(world, *tokens),
        Step::Faults(faults) => trouble::strike(world, faults, &mut world.begin_step(n)),
        Step::Picture => album::take(world),
        Step::BackUp => backup::write(world),
        Step::Restore => backup::restore(world),
        Step::Live(living) => live(world, n, living),
    }
}

/// Longer than a song lasts.
const SONG: Duration = Duration::from_mins(10);

/// Plays more than Spotify lists at once, perhaps.
fn listen(world: &World, n: u32, songs: u32) {
    world.clock.pass(SONG * songs);
    world.begin_step(n);
    world.edit(&[Edit::Play(songs)]);
}

/// Set forward, a clock ends a hold on record before its time, since a restart has nothing else to go by. So
/// holds are over before it is set.
fn set_clock(world: &World, seconds: i64) {
    if seconds > 0 && world.simulator.requests().rejected > 0 {
        world.clock.pass(liveness::EVERY_HOLD_IS_OVER);
    }
    world.trace(Machine, || format!("its clock is set by {seconds} s"));
    album::step_clock(world, seconds);
}

pub fn change_tokens(world: &World, tokens: Tokens) {
    world.trace(Spotify, || format!("every token: {tokens:?}"));
    let fate = match tokens.fate {
        Fate::Expire => "expire",
        Fate::Revoke => "revoke",
    };
    let body = format!("{{\"{fate}\": true, \"omit_refresh\": {}}}", tokens.omit_refresh);
    let request = Request::post("/sim/token").body(Body::from(body)).unwrap();
    login::ask(&world.simulator, &world.clock, request);
}

/// One life of an engine with everything against it.
fn live(world: &Arc<World>, n: u32, living: &Living) {
    world.script.lock().unwrap().begin(n, living.during.clone());
    if let Ended::Run(run) = world.live(&living.life)
        && run.status == RunStatus::NeedsLogin
    {
        // A person tries until it works.
        world.simulator.set_faults(Vec::new());
        assert!(world.log_in(Whose::Owner), "nothing disturbs this login");
    }
}

/// Nobody edits, and nothing fails any more.
fn calm_down(world: &World) {
    world.trace(Teller, || "the account stands still, and Spotify is well".to_owned());
    world.simulator.set_faults(Vec::new());
    world.begin_step(ENDING);
}
