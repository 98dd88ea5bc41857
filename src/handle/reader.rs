//! The two channel ends between a screen that browses and whoever reads the record for it.

use std::sync::Arc;

use tokio::sync::watch;

use crate::domain::queries::{Answered, RecordQuestion};

/// What a screen holds of whoever reads for it. Both ways are a `watch`: the newest question is the one
/// that is still of use, and so is the newest answer, which says what it answers.
#[derive(Debug, Clone)]
pub struct Reader {
    questions: Arc<watch::Sender<Option<RecordQuestion>>>,
    answers: watch::Receiver<Option<Arc<Answered>>>,
}

/// The reading side of a [`Reader`].
#[derive(Debug)]
pub struct ReaderEnd {
    /// The newest question; `None`: nothing is wanted, and nothing need be kept for the next one.
    pub questions: watch::Receiver<Option<RecordQuestion>>,
    /// Where answers go.
    pub answers: watch::Sender<Option<Arc<Answered>>>,
}

impl Reader {
    /// A reader and the end that serves it.
    #[must_use]
    pub fn pair() -> (Self, ReaderEnd) {
        let (questions, asked) = watch::channel(None);
        let (answered, answers) = watch::channel(None);
        let end = ReaderEnd { questions: asked, answers: answered };
        (Self { questions: Arc::new(questions), answers }, end)
    }

    /// Asks, in the place of what was asked before.
    pub fn ask(&self, question: Option<RecordQuestion>) {
        self.questions.send_replace(question);
    }

    /// The answers as they come.
    #[must_use]
    pub fn answers(&self) -> watch::Receiver<Option<Arc<Answered>>> {
        self.answers.clone()
    }
}
