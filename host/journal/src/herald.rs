//! Telling everyone what has been committed.
//!
//! A task of the async runtime does that, not the writer: waking a task from a foreign thread costs a system call where a worker
//! sleeps, and a group has hundreds of tasks to wake. This way the writer wakes one, and goes on with the next group.

use std::{panic::AssertUnwindSafe, sync::Arc};

use fanfare_dispatch::{AcceptError, Accepted, Commit};
use tokio::{
    sync::{
        mpsc::{self, UnboundedReceiver, UnboundedSender},
        oneshot,
    },
    task::JoinHandle,
};

use crate::{consumer::Consumer, shared::Shared};

pub(crate) type AcceptAnswer = oneshot::Sender<AcceptResult>;

/// How the events of one call were taken.
pub(crate) type AcceptResult = Result<Vec<Accepted>, AcceptError>;

/// What there is to tell of one commit.
pub(crate) struct News {
    pub(crate) accepted: Vec<(AcceptAnswer, AcceptResult)>,
    /// Channels that have something new before them.
    pub(crate) touched: Vec<Arc<Consumer>>,
    /// For those who follow the journal.
    pub(crate) commit: Commit,
    /// Who waits for a settlement of this commit.
    pub(crate) done: Vec<oneshot::Sender<()>>,
    /// There are new events, for those who follow the history.
    pub(crate) grown: bool,
    pub(crate) shared: Arc<Shared>,
}

/// Takes news from the writer. The task ends when this is dropped, and everything has been told.
pub(crate) struct Herald(UnboundedSender<News>);

impl Herald {
    /// To be called within the runtime.
    pub(crate) fn spawn() -> (Self, JoinHandle<()>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), tokio::spawn(run(receiver)))
    }

    pub(crate) fn tell(&self, news: News) {
        // Where the runtime has gone, there may still be someone on another thread who waits.
        if let Err(mpsc::error::SendError(news)) = self.0.send(news) {
            news.spread();
        }
    }
}

/// The queue of news is bounded by the queues of those who wait for them: nobody asks anew before being told.
async fn run(mut receiver: UnboundedReceiver<News>) {
    while let Some(news) = receiver.recv().await {
        news.spread();
    }
}

impl News {
    fn spread(self) {
        for (answer, accepted) in self.accepted {
            // Whoever asked may have gone; what is recorded stays recorded.
            answer.send(accepted).unwrap_or(());
        }
        for consumer in self.touched {
            consumer.wake.notify_waiters();
        }
        if self.grown {
            self.shared.grown.notify_waiters();
        }
        let Commit { settled, emitted, held, outage } = &self.commit;
        if !settled.is_empty() || *emitted > 0 || !held.is_empty() || outage.is_some() {
            for follower in self.shared.followers() {
                // Their panic is not ours.
                if std::panic::catch_unwind(AssertUnwindSafe(|| follower.committed(&self.commit))).is_err() {
                    tracing::error!("whoever follows the journal panicked");
                }
            }
        }
        for done in self.done {
            done.send(()).unwrap_or(());
        }
    }
}
