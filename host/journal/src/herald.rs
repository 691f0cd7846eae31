//! Notifies everyone concerned about a commit.
//!
//! An async task does this instead of the writer: waking a task from a foreign thread costs a system call if a worker
//! sleeps, and a group has hundreds of tasks to wake. So the writer wakes one task and continues with the next group.

use std::{panic::AssertUnwindSafe, sync::Arc};

use fanfare_dispatch::{AcceptError, Accepted, Commit};
use tokio::{
    sync::{
        mpsc::{self, UnboundedReceiver, UnboundedSender},
        oneshot,
    },
    task::JoinHandle,
};

use crate::{consumer::Consumer, open_journal::OpenJournal};

pub(crate) type AcceptAnswer = oneshot::Sender<AcceptResult>;

/// The result of accepting the events of one call.
pub(crate) type AcceptResult = Result<Vec<Accepted>, AcceptError>;

/// The notifications of one commit.
pub(crate) struct News {
    pub(crate) accepted: Vec<(AcceptAnswer, AcceptResult)>,
    /// Channels with something new to claim.
    pub(crate) touched: Vec<Arc<Consumer>>,
    /// For the journal's followers.
    pub(crate) commit: Commit,
    /// Callers that wait for a settlement of this commit.
    pub(crate) done: Vec<oneshot::Sender<()>>,
    /// Whether there are new events for readers that follow the history.
    pub(crate) grown: bool,
    pub(crate) journal: Arc<OpenJournal>,
}

/// Takes notifications from the writer. The task ends once this is dropped and the queue is empty.
pub(crate) struct Herald(UnboundedSender<News>);

impl Herald {
    /// Must be called within the runtime.
    pub(crate) fn spawn() -> (Self, JoinHandle<()>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), tokio::spawn(run(receiver)))
    }

    pub(crate) fn tell(&self, news: News) {
        // If the runtime is gone, a waiter may still exist on another thread.
        if let Err(mpsc::error::SendError(news)) = self.0.send(news) {
            news.spread();
        }
    }
}

/// The queue is bounded indirectly: callers enqueue nothing new before they are notified.
async fn run(mut receiver: UnboundedReceiver<News>) {
    while let Some(news) = receiver.recv().await {
        news.spread();
    }
}

impl News {
    fn spread(self) {
        for (answer, accepted) in self.accepted {
            // The receiver may be gone; what is recorded stays recorded.
            answer.send(accepted).unwrap_or(());
        }
        for consumer in self.touched {
            consumer.wake.notify_waiters();
        }
        if self.grown {
            self.journal.grown.notify_waiters();
        }
        let Commit { settled, stale, emitted, hold_changes, outage } = &self.commit;
        let is_quiet = settled.is_empty() && stale.is_empty() && hold_changes.is_empty();
        if !is_quiet || *emitted > 0 || outage.is_some() {
            for follower in self.journal.followers() {
                // A follower's panic must not end this task.
                if std::panic::catch_unwind(AssertUnwindSafe(|| follower.committed(&self.commit))).is_err() {
                    tracing::error!("a follower of the journal panicked");
                }
            }
        }
        for done in self.done {
            done.send(()).unwrap_or(());
        }
    }
}
