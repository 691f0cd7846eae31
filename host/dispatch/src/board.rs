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
    /// The number of events watched, readable without the lock.
    count: AtomicUsize,
}

#[derive(Default)]
struct Watched {
    latest: Mutex<BTreeMap<ChannelName, ChannelResult>>,
    changed: Notify,
    /// How many watch. Changed under the lock of `watches` alone.
    watchers: AtomicUsize,
}

/// Somebody's wait for an event; leaves the board on drop.
pub struct Watch {
    board: Arc<Board>,
    key: Uuid,
    watched: Arc<Watched>,
}

impl Board {
    pub(crate) fn watch(self: &Arc<Self>, key: Uuid) -> Watch {
        let mut watches = lock(&self.watches);
        let watched = Arc::clone(watches.entry(key).or_insert_with(|| {
            self.count.fetch_add(1, Ordering::SeqCst);
            Arc::default()
        }));
        watched.watchers.fetch_add(1, Ordering::SeqCst);
        drop(watches);
        Watch { board: Arc::clone(self), key, watched }
    }

    /// Whether somebody waits for this event.
    pub(crate) fn watches(&self, key: Uuid) -> bool {
        self.count.load(Ordering::SeqCst) > 0 && lock(&self.watches).contains_key(&key)
    }

    /// Tells those who watch this event, if there are any, where a channel stands.
    pub(crate) fn post(&self, key: Uuid, result: ChannelResult) {
        let Some(watched) = lock(&self.watches).get(&key).cloned() else { return };
        lock(&watched.latest).insert(result.channel.clone(), result);
        watched.changed.notify_waiters();
    }
}

impl Watch {
    /// Resolves when `channels` channels have settled since the watch began. Cancel it to stop waiting; nothing is lost.
    pub(crate) async fn settled(&self, channels: usize) {
        let settled = |result: &&ChannelResult| result.status != ChannelStatus::Pending;
        loop {
            let changed = self.watched.changed.notified();
            if lock(&self.watched.latest).values().filter(settled).count() >= channels {
                return;
            }
            changed.await;
        }
    }

    /// Resolves at the next change of any channel. What changed before the call is not seen: begin to wait, then look.
    pub fn changed(&self) -> impl Future<Output = ()> + '_ {
        self.watched.changed.notified()
    }

    /// Where every channel that has reported stands.
    pub(crate) fn results(&self) -> BTreeMap<ChannelName, ChannelResult> {
        lock(&self.watched.latest).clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watches = lock(&self.board.watches);
        if self.watched.watchers.fetch_sub(1, Ordering::SeqCst) == 1 {
            watches.remove(&self.key);
            self.board.count.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// A panic elsewhere must not take the board with it: what it guards is whole between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
