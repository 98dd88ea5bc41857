//! The loaded figures of the home screen.

use std::sync::Arc;

use super::loadable::Loadable;
use crate::domain::queries::{Answered, HomeFigures, QueryAnswer};

/// What the home screen shows of the record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HomePane {
    answer: Loadable<Arc<Answered>>,
}

impl HomePane {
    /// The newest figures.
    pub fn figures(&self) -> Option<&HomeFigures> {
        match &self.answer.newest()?.answer {
            Ok(QueryAnswer::Home(figures)) => Some(figures),
            _ => None,
        }
    }

    /// Why there are none, or no newer ones.
    pub fn trouble(&self) -> Option<&str> {
        self.answer.trouble()
    }

    /// Stores an answer; the older figures stay if nothing could be read.
    pub fn take(&mut self, answered: &Arc<Answered>) {
        match &answered.answer {
            Ok(_) => self.answer.take(Arc::clone(answered)),
            Err(why) => self.answer.fail(why.clone()),
        }
    }
}
