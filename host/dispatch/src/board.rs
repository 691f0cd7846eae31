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

/// An event that somebody waits for.
#[derive(Default)]
pub(crate) struct Watched {
    latest: Mutex<Latest>,
    changed: Notify,
    /// How many watch. Changed under the lock of `watches` alone.
    watchers: AtomicUsize,
    /// So many settled channels are worth waking for. 0 is any change.
    wanted: AtomicUsize,
}

/// Where every channel that has reported stands: few, so a list is as good as a map.
#[derive(Default)]
struct Latest {
    results: Vec<ChannelResult>,
    settled: usize,
}

/// Somebody's wait for an event; leaves the board on drop.
pub struct Watch {
    board: Arc<Board>,
    key: Uuid,
    watched: Arc<Watched>,
}

impl Board {
    /// Watches an event for so many channels to settle; with 0 every change wakes.
    pub(crate) fn watch(self: &Arc<Self>, key: Uuid, wanted: usize) -> Watch {
        let mut watches = lock(&self.watches);
        let watched = Arc::clone(watches.entry(key).or_insert_with(|| {
            self.count.fetch_add(1, Ordering::SeqCst);
            Arc::new(Watched { wanted: AtomicUsize::new(wanted), ..Watched::default() })
        }));
        watched.wanted.fetch_min(wanted, Ordering::SeqCst);
        watched.watchers.fetch_add(1, Ordering::SeqCst);
        drop(watches);
        Watch { board: Arc::clone(self), key, watched }
    }

    /// Which of these events somebody waits for.
    pub(crate) fn watched(&self, keys: impl Iterator<Item = Uuid>) -> Vec<Option<Arc<Watched>>> {
        if self.count.load(Ordering::SeqCst) == 0 {
            return keys.map(|_| None).collect();
        }
        let watches = lock(&self.watches);
        keys.map(|key| watches.get(&key).cloned()).collect()
    }
}

impl Watched {
    /// Wakes those who look for any change.
    pub(crate) fn changed(&self) {
        if self.wanted.load(Ordering::SeqCst) == 0 {
            self.changed.notify_waiters();
        }
    }

    /// Tells those who watch where a channel stands.
    pub(crate) fn post(&self, result: ChannelResult) {
        let is_settled = |result: &ChannelResult| result.status != ChannelStatus::Pending;
        let mut latest = lock(&self.latest);
        latest.settled += usize::from(is_settled(&result));
        match latest.results.iter_mut().find(|before| before.channel == result.channel) {
            None => latest.results.push(result),
            Some(before) => {
                let counted = usize::from(is_settled(before));
                *before = result;
                latest.settled -= counted;
            }
        }
        let settled = latest.settled;
        drop(latest);
        if settled >= self.wanted.load(Ordering::SeqCst) {
            self.changed.notify_waiters();
        }
    }
}

impl Watch {
    /// Resolves when `channels` channels have settled since the watch began. Cancel it to stop waiting; nothing is lost.
    pub(crate) async fn settled(&self, channels: usize) {
        loop {
            let changed = self.watched.changed.notified();
            if lock(&self.watched.latest).settled >= channels {
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
        let results = lock(&self.watched.latest).results.clone();
        results.into_iter().map(|result| (result.channel.clone(), result)).collect()
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
