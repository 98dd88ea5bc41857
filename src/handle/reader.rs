//! The two channel ends between a browser screen and the code that reads the database for it.

use std::sync::Arc;

use tokio::sync::watch;

use crate::domain::queries::{Answered, RecordQuestion};

/// The screen's side. Both directions are a `watch`: only the newest question is still useful, and
/// so is only the newest answer, which contains its question.
#[derive(Debug, Clone)]
pub struct Reader {
    questions: Arc<watch::Sender<Option<RecordQuestion>>>,
    answers: watch::Receiver<Option<Arc<Answered>>>,
}

/// The reading side of a [`Reader`].
#[derive(Debug)]
pub struct ReaderEnd {
    /// The newest question; `None`: nothing is requested, and no data need be kept for the next
    /// question.
    pub questions: watch::Receiver<Option<RecordQuestion>>,
    /// Receives the answers.
    pub answers: watch::Sender<Option<Arc<Answered>>>,
}

impl Reader {
    /// A reader and its other side.
    #[must_use]
    pub fn pair() -> (Self, ReaderEnd) {
        let (questions, asked) = watch::channel(None);
        let (answered, answers) = watch::channel(None);
        let end = ReaderEnd { questions: asked, answers: answered };
        (Self { questions: Arc::new(questions), answers }, end)
    }

    /// Asks a question, which replaces the previous one.
    pub fn ask(&self, question: Option<RecordQuestion>) {
        self.questions.send_replace(question);
    }

    /// The answers as they come.
    #[must_use]
    pub fn answers(&self) -> watch::Receiver<Option<Arc<Answered>>> {
        self.answers.clone()
    }
}
