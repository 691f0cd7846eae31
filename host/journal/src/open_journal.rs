//! An open journal, as its tasks and its callers share it: memory, the writer's queue, the readers and the
//! notifications.

use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use fanfare_dispatch::{Follower, Health, JournalError};
use fanfare_record::Restored;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use crate::{chore::Chore, memory::Memory, place::Guard, queue::Queue, readers::Readers};

pub(crate) struct OpenJournal {
    pub(crate) memory: Memory,
    pub(crate) queue: Queue,
    pub(crate) readers: Arc<Readers>,
    /// Wakes the feeder when jobs may have work.
    pub(crate) job_work: Notify,
    /// Wakes the retention task.
    pub(crate) retention_due: Notify,
    /// Wakes callers that wait for the retention task.
    pub(crate) retention_done: Notify,
    /// Wakes followers of the history when there are newer events or the journal is closed.
    pub(crate) grown: Notify,
    /// Ends tasks that sleep.
    pub(crate) closing: CancellationToken,
    /// When the journal was last restored from a copy.
    pub(crate) restored: Option<Restored>,
    /// Notified of every commit.
    followers: RwLock<Vec<Weak<dyn Follower>>>,
    health: Mutex<Health>,
}

impl OpenJournal {
    pub(crate) fn new(memory: Memory, guard: Arc<Guard>, restored: Option<Restored>) -> Self {
        let options = &memory.options;
        Self {
            queue: Queue::new(options),
            readers: Arc::new(Readers::new(options.path.clone(), options.readers, guard, memory.damage.clone())),
            memory,
            job_work: Notify::new(),
            retention_due: Notify::new(),
            retention_done: Notify::new(),
            grown: Notify::new(),
            closing: CancellationToken::new(),
            restored,
            followers: RwLock::default(),
            health: Mutex::new(Health::Ok),
        }
    }

    /// Queues the chore that `chore` builds from the sender of its answer, and waits for the answer.
    pub(crate) async fn run<T, C: Chore + 'static>(
        &self,
        chore: impl FnOnce(oneshot::Sender<Result<T, JournalError>>) -> C,
    ) -> Result<T, JournalError> {
        let (answer, answered) = oneshot::channel();
        if !self.queue.push_chore(Box::new(chore(answer))) {
            return Err(JournalError::Closed);
        }
        answered.await.map_err(|_gone| JournalError::Closed)?
    }

    /// Adds a follower, and removes those that are gone.
    pub(crate) fn follow(&self, follower: Weak<dyn Follower>) {
        let mut followers = self.followers.write().unwrap_or_else(PoisonError::into_inner);
        followers.retain(|follower| follower.strong_count() > 0);
        followers.push(follower);
    }

    pub(crate) fn followers(&self) -> Vec<Arc<dyn Follower>> {
        let followers = self.followers.read().unwrap_or_else(PoisonError::into_inner);
        followers.iter().filter_map(Weak::upgrade).collect()
    }

    pub(crate) fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_health(&self, health: Health) {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner) = health;
    }
}
