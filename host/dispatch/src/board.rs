//! Where publishers wait for the results of their events.
//!
//! A publisher registers the event's key before the event is accepted, so that it cannot miss a settlement. Events
//! without a waiting publisher cost one atomic load per settlement.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use fanfare_core::{ChannelName, ChannelResult, ChannelStatus, delivery::Origin};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{Haste, Settlement};

/// The watched events.
#[derive(Default)]
pub(crate) struct Board {
    watches: Mutex<HashMap<Uuid, Arc<Watched>>>,
    /// The number of watched events, readable without the lock.
    count: AtomicUsize,
}

/// A watched event.
#[derive(Default)]
pub(crate) struct Watched {
    latest: Mutex<Latest>,
    changed: Notify,
    /// The number of watchers. Changed only under the lock of `watches`.
    watchers: AtomicUsize,
    /// Wake once this many channels have settled. 0 means on any change.
    wanted: AtomicUsize,
    /// The number of channels whose settlements are on their way to the journal.
    handed_over: AtomicUsize,
}

/// The latest result of each channel that has reported. There are few, so a list is as good as a map.
#[derive(Default)]
struct Latest {
    results: Vec<ChannelResult>,
    settled: usize,
}

/// A caller's watch of an event; ends on drop.
pub struct Watch {
    board: Arc<Board>,
    key: Uuid,
    watched: Arc<Watched>,
}

impl Board {
    /// Watches an event until this many channels have settled. With 0, every change wakes.
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

    /// How soon these settlements are to be committed, for those who watch their events. If they are the last ones that
    /// the only watcher waits for, there is nothing to wait for.
    pub(crate) fn hand_over(&self, settlements: &[Settlement]) -> Haste {
        if self.count.load(Ordering::SeqCst) == 0 {
            return Haste::CanWait;
        }
        let watches = lock(&self.watches);
        let mut haste = Haste::CanWait;
        for settlement in settlements {
            let Some(watched) = watches.get(&settlement.key) else { continue };
            let counts = settlement.next.is_end() && settlement.origin != Origin::Fallback;
            let handed_over =
                watched.handed_over.fetch_add(usize::from(counts), Ordering::Relaxed) + usize::from(counts);
            let is_last = watches.len() == 1 && handed_over >= watched.wanted.load(Ordering::SeqCst);
            haste = haste.max(if is_last { Haste::AtOnce } else { Haste::Prompt });
        }
        haste
    }

    /// The watched ones among these events.
    pub(crate) fn watched(&self, keys: impl Iterator<Item = Uuid>) -> Vec<Option<Arc<Watched>>> {
        if self.count.load(Ordering::SeqCst) == 0 {
            return keys.map(|_| None).collect();
        }
        let watches = lock(&self.watches);
        keys.map(|key| watches.get(&key).cloned()).collect()
    }
}

impl Watched {
    /// Wakes watchers that wait for any change.
    pub(crate) fn changed(&self) {
        if self.wanted.load(Ordering::SeqCst) == 0 {
            self.changed.notify_waiters();
        }
    }

    /// Posts a channel's result to the watchers.
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
    /// Resolves when `channels` channels have settled since the watch began. Cancel-safe.
    pub(crate) async fn settled(&self, channels: usize) {
        loop {
            let changed = self.watched.changed.notified();
            if lock(&self.watched.latest).settled >= channels {
                return;
            }
            changed.await;
        }
    }

    /// Resolves at the next change of any channel. Changes before the call are missed: start waiting first, then look.
    pub fn changed(&self) -> impl Future<Output = ()> + '_ {
        self.watched.changed.notified()
    }

    /// The latest result of each channel that has reported.
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

/// Ignores poisoning: the guarded values are consistent between any two statements, so a panic elsewhere cannot break
/// them.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
