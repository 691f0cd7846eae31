//! Every lane since the start: a channel that returns finds its queue.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use arc_swap::ArcSwap;
use fanfare_core::{ChannelId, ChannelName};

use crate::{board::lock, lane::Lane};

#[derive(Default)]
pub(crate) struct Lanes {
    by_name: Mutex<ByName>,
    /// The same lanes, readable without the lock.
    by_id: ArcSwap<HashMap<ChannelId, Arc<Lane>>>,
}

pub(crate) type ByName = HashMap<ChannelName, Arc<Lane>>;

impl Lanes {
    pub(crate) fn get(&self, id: ChannelId) -> Option<Arc<Lane>> {
        self.by_id.load().get(&id).cloned()
    }

    pub(crate) fn find(&self, name: &str) -> Option<Arc<Lane>> {
        lock(&self.by_name).get(name).cloned()
    }

    pub(crate) fn ids(&self) -> Vec<ChannelId> {
        self.by_id.load().keys().copied().collect()
    }

    /// Locks them for changes; [`publish`](Self::publish) ends a change.
    pub(crate) fn lock(&self) -> MutexGuard<'_, ByName> {
        lock(&self.by_name)
    }

    pub(crate) fn publish(&self, lanes: &ByName) {
        self.by_id.store(Arc::new(lanes.values().map(|lane| (lane.id, Arc::clone(lane))).collect()));
    }
}
