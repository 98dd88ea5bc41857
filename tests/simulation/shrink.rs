//! Makes a failing story smaller: leaves out steps, edits, crashes and faults, and halves sizes, as long as the
//! story fails in the same place.

use std::time::{Duration, Instant};

use crate::attempt::{self, Failure};
use crate::simpler;
use crate::story::Story;

/// Stories that are tried at most, and for how long.
const TRIES: u32 = 400;
const TIME: Duration = Duration::from_mins(2);
/// Where a crash comes at some instant of `SQLite`'s work, not every play of a story fails.
const PLAYS: u32 = 2;

/// The smallest story that was found to fail like this one.
pub struct Shrunk {
    pub story: Story,
    pub failure: Failure,
    pub tries: u32,
}

pub fn story(story: Story, failure: Failure) -> Shrunk {
    let end = Instant::now() + TIME;
    shrink(story, failure, |candidate| {
        let is_time = Instant::now() < end;
        is_time.then(|| (0..PLAYS).find_map(|_| attempt::story(candidate).err())).flatten()
    })
}

/// Takes the first simpler story that fails in the same place, again and again.
fn shrink(story: Story, failure: Failure, mut play: impl FnMut(&Story) -> Option<Failure>) -> Shrunk {
    let mut best = Shrunk { story, failure, tries: 0 };
    'smaller: loop {
        let story = best.story.clone();
        for candidate in simpler::than(&story) {
            if best.tries >= TRIES {
                break 'smaller;
            }
            best.tries += 1;
            let failure = play(&candidate).filter(|failure| failure.place == best.failure.place);
            if let Some(failure) = failure {
                (best.story, best.failure) = (candidate, failure);
                continue 'smaller;
            }
        }
        break;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::{TRIES, shrink};
    use crate::attempt::Failure;
    use crate::draw;
    use crate::edits::Edit;
    use crate::story::{Incident, Step, Story};

    fn failure(place: &str) -> Failure {
        Failure { place: place.to_owned(), message: String::new(), trace: String::new() }
    }

    fn removals(story: &Story) -> usize {
        let lives = story.steps.values().filter_map(|step| match step {
            Step::Live(living) => Some(living.during.values()),
            _ => None,
        });
        let edits = lives.flatten().filter_map(|incident| match incident {
            Incident::Edit(edits) => Some(edits),
            _ => None,
        });
        edits.flatten().filter(|edit| matches!(edit, Edit::RemoveTracks(_))).count()
    }

    /// A story that fails whenever tracks are removed ends as that removal alone.
    #[test]
    fn the_one_cause_remains() {
        let story = (1..100).map(draw::story).find(|story| removals(story) > 9).unwrap();
        let shrunk = shrink(story, failure("a"), |story| (removals(story) > 0).then(|| failure("a")));
        assert_eq!(shrunk.story.steps.len(), 1);
        assert_eq!(removals(&shrunk.story), 1);
        let Some(Step::Live(living)) = shrunk.story.steps.values().next() else { panic!("no life") };
        assert_eq!(living.during.len(), 1);
        assert_eq!(shrunk.story.setting.tracks, 0);
        assert!(shrunk.tries < TRIES);
    }

    #[test]
    fn a_story_that_fails_elsewhere_is_another_failure() {
        let story = draw::story(3);
        let shrunk = shrink(story.clone(), failure("a"), |_| Some(failure("b")));
        assert_eq!(shrunk.story, story);
    }

    /// What is smaller never grows again, so that shrinking ends.
    #[test]
    fn shrinking_ends_where_everything_fails() {
        let shrunk = shrink(draw::story(5), failure("a"), |_| Some(failure("a")));
        assert!(shrunk.story.steps.is_empty());
        assert!(shrunk.tries < TRIES);
    }
}
