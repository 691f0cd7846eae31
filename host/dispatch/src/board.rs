//! Where publishers wait for the results of their events.
//!
//! A publisher registers the event's key before the event is accepted, so no settlement can slip past it. Events nobody
//! waits for cost one atomic load per settlement.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use fanfare_core::{ChannelName, ChannelResult, ChannelStatus};
use tokio::sync::Notify;
use uuid::Uuid;

/// The events somebody waits for.
#[derive(Default)]
pub(crate) struct Board {
    watches: Mutex<HashMap<Uuid, Arc<Watched>>>,
    /// The number of watches, readable without the lock.
    count: AtomicUsize,
}

#[derive(Default)]
struct Watched {
    latest: Mutex<BTreeMap<ChannelName, ChannelResult>>,
    changed: Notify,
}

/// One publisher's wait; leaving the board on drop.
pub(crate) struct Watch<'a> {
    board: &'a Board,
    key: Uuid,
    watched: Arc<Watched>,
}

impl Board {
    pub(crate) fn watch(&self, key: Uuid) -> Watch<'_> {
        let watched = Arc::<Watched>::default();
        lock(&self.watches).insert(key, Arc::clone(&watched));
        self.count.fetch_add(1, Ordering::SeqCst);
        Watch { board: self, key, watched }
    }

    /// Whether somebody waits for this event. Nobody begins to once it can be claimed, so a no holds.
    pub(crate) fn watches(&self, key: Uuid) -> bool {
        self.count.load(Ordering::SeqCst) > 0 && lock(&self.watches).contains_key(&key)
    }

    /// Tells the publisher of this event, if there is one, where a channel stands.
    pub(crate) fn post(&self, key: Uuid, result: ChannelResult) {
        let Some(watched) = lock(&self.watches).get(&key).cloned() else { return };
        lock(&watched.latest).insert(result.channel.clone(), result);
        watched.changed.notify_one();
    }
}

impl Watch<'_> {
    /// Resolves when `channels` channels have settled. Cancel it to stop waiting; nothing is lost.
    pub(crate) async fn settled(&self, channels: usize) {
        let settled = |result: &&ChannelResult| result.status != ChannelStatus::Pending;
        while lock(&self.watched.latest).values().filter(settled).count() < channels {
            self.watched.changed.notified().await;
        }
    }

    /// Where every channel that has reported stands.
    pub(crate) fn take(self) -> BTreeMap<ChannelName, ChannelResult> {
        std::mem::take(&mut lock(&self.watched.latest))
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        lock(&self.board.watches).remove(&self.key);
        self.board.count.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A panic elsewhere must not take the board with it: what it guards is whole between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
