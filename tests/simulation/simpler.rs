//! The stories that are a little simpler than one, largest cuts first.

use std::collections::BTreeMap;

use crate::setting::Setting;
use crate::story::{Ending, Incident, Life, Living, Step, Story};

pub fn than(story: &Story) -> impl Iterator<Item = Story> + '_ {
    let steps = fewer(&story.steps).map(|steps| Story { steps, ..story.clone() });
    let one = story.steps.iter().flat_map(|(n, step)| {
        simpler_step(step).into_iter().map(|step| {
            let mut story = story.clone();
            story.steps.insert(*n, step);
            story
        })
    });
    let settings = simpler_setting(&story.setting);
    let settings = settings.into_iter().map(|setting| Story { setting, ..story.clone() });
    let endings = simpler_ending(&story.ending);
    let endings = endings.into_iter().map(|ending| Story { ending, ..story.clone() });
    steps.chain(endings).chain(one).chain(settings)
}

/// Without some that follow each other: all, each half, each quarter, and so on down to each one.
fn fewer<K: Ord + Copy, V: Clone>(of: &BTreeMap<K, V>) -> impl Iterator<Item = BTreeMap<K, V>> + '_ {
    let sizes = std::iter::successors(Some(of.len()), |size| Some(size.div_ceil(2)).filter(|_| *size > 1));
    sizes.filter(|size| *size > 0).flat_map(move |size| {
        (0..of.len()).step_by(size).map(move |from| {
            let left = of.iter().enumerate().filter(|(place, _)| !(from..from + size).contains(place));
            left.map(|(_, (key, value))| (*key, value.clone())).collect()
        })
    })
}

/// Without one of a list.
fn without_one<T: Clone>(list: &[T]) -> impl Iterator<Item = Vec<T>> + '_ {
    let others = |place| list.iter().enumerate().filter(move |(other, _)| *other != place);
    let count = if list.len() > 1 { list.len() } else { 0 };
    (0..count).map(move |place| others(place).map(|(_, one)| one.clone()).collect())
}

fn simpler_step(step: &Step) -> Vec<Step> {
    match step {
        Step::Listen(songs) => {
            [songs / 2, 0].into_iter().filter(|fewer| fewer < songs).map(Step::Listen).collect()
        }
        Step::Wait(seconds) => halves(*seconds).map(Step::Wait).collect(),
        Step::SetClock(seconds) => {
            let halves = halves(seconds.unsigned_abs()).filter(|half| *half > 0);
            halves.map(|half| Step::SetClock(seconds.signum() * half.cast_signed())).collect()
        }
        Step::Faults(faults) => without_one(faults).map(Step::Faults).collect(),
        Step::Live(living) => simpler_life(living),
        Step::Tokens(_) | Step::Picture | Step::BackUp | Step::Restore => Vec::new(),
    }
}

fn simpler_life(living: &Living) -> Vec<Step> {
    let with = |during| Step::Live(Living { during, ..living.clone() });
    let mut simpler: Vec<Step> = fewer(&living.during).map(with).collect();
    if let Life::Minutes(minutes) = living.life {
        let halves = halves(minutes).filter(|half| *half > 0).map(Life::Minutes);
        simpler.extend(halves.map(|life| Step::Live(Living { life, ..living.clone() })));
    }
    for (at, incident) in &living.during {
        if let Incident::Edit(edits) = incident {
            simpler.extend(without_one(edits).map(|edits| {
                let mut during = living.during.clone();
                during.insert(*at, Incident::Edit(edits));
                with(during)
            }));
        }
    }
    simpler
}

/// Nothing, then less and less of it.
fn halves(number: u64) -> impl Iterator<Item = u64> {
    let (none, half) = (0, number / 2);
    [none, half].into_iter().filter(move |less| *less < number).take(if half == none { 1 } else { 2 })
}

fn simpler_ending(ending: &Ending) -> Vec<Ending> {
    let mut simpler: Vec<Ending> =
        without_one(&ending.edits).map(|edits| Ending { edits, ..ending.clone() }).collect();
    if !ending.edits.is_empty() {
        simpler.insert(0, Ending { edits: Vec::new(), ..ending.clone() });
    }
    if ending.looks_again {
        simpler.push(Ending { looks_again: false, ..ending.clone() });
    }
    simpler
}

fn simpler_setting(setting: &Setting) -> Vec<Setting> {
    const NUMBERS: [fn(&mut Setting) -> &mut u32; 7] = [
        |setting| &mut setting.tracks,
        |setting| &mut setting.albums,
        |setting| &mut setting.artists,
        |setting| &mut setting.playlists,
        |setting| &mut setting.plays,
        |setting| &mut setting.window_limit,
        |setting| &mut setting.day_limit,
    ];
    let mut simpler = Vec::new();
    for number in NUMBERS {
        for less in halves(u64::from(*number(&mut setting.clone()))) {
            let mut setting = setting.clone();
            *number(&mut setting) = u32::try_from(less).unwrap();
            simpler.push(setting);
        }
    }
    if setting.latency_ms > 0 {
        simpler.push(Setting { latency_ms: 0, ..setting.clone() });
    }
    simpler
}
