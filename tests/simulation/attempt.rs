//! Plays one story and catches how it fails.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::time::Duration;

use crate::story::Story;
use crate::{play, trace};

/// How a story failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// File and line of the assertion: two failures at one place are of one kind.
    pub place: String,
    pub message: String,
    /// What happened until then.
    pub trace: String,
}

thread_local! {
    /// The last panic of this thread, while it plays a story.
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A story's panics are told once, with the story; those of other tests as ever.
fn remember_places() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line()));
            let is_playing =
                LAST.with_borrow_mut(|last| last.as_mut().map(|last| *last = place.unwrap_or_default()));
            if is_playing.is_none() {
                others(panic);
            }
        }));
    });
}

/// Plays a story, and tells how much time passed in it.
pub fn story(story: &Story) -> Result<Duration, Failure> {
    remember_places();
    trace::begin();
    LAST.set(Some(String::new()));
    let ended = catch_unwind(AssertUnwindSafe(|| play::story(story)));
    let place = LAST.take().unwrap_or_default();
    ended.map_err(|panic| {
        let message = words(panic.as_ref());
        let trace = format!("{}failed at {place}: {message}\n", trace::text());
        Failure { place, message, trace }
    })
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}
