//! The state shared by the writer, the lanes and the readers.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak},
};

use fanfare_core::{ChannelId, ChannelName};
use fanfare_dispatch::{Clock, Follower, Health};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    Options, Restored, consumer::Consumer, damage, identity::Seal, jobs, place::Guard, queue::Queue, readers::Readers,
    retention, window::Window,
};

pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) queue: Queue,
    pub(crate) seal: Seal,
    pub(crate) readers: Arc<Readers>,
    pub(crate) jobs: jobs::Board,
    pub(crate) maintenance: retention::Board,
    /// Wakes followers of the history when there are newer events or the journal is closed.
    pub(crate) grown: Notify,
    /// Ends tasks that sleep.
    pub(crate) closing: CancellationToken,
    /// When the journal was last restored from a copy.
    pub(crate) restored: Option<Restored>,
    /// Collects reports of damage.
    pub(crate) damage: Arc<damage::Board>,
    /// Notified of every commit.
    followers: RwLock<Vec<Weak<dyn Follower>>>,
    consumers: RwLock<BTreeMap<ChannelId, Arc<Consumer>>>,
    window: RwLock<Window>,
    health: Mutex<Health>,
}

/// How much the journal keeps in memory, across all channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Events in the window.
    pub window_events: usize,
    /// Bytes of the window.
    pub window_bytes: usize,
    /// Events read from disk and not handed out yet.
    pub read_ahead: usize,
    /// Due times of waiting deliveries.
    pub waiting: usize,
    /// Deliveries handed out and not settled.
    pub in_flight: usize,
}

impl Shared {
    pub(crate) fn new(
        options: Options,
        clock: Arc<dyn Clock>,
        window: Window,
        consumers: BTreeMap<ChannelId, Arc<Consumer>>,
        seal: Seal,
        (guard, restored): (Arc<Guard>, Option<Restored>),
    ) -> Self {
        let damage = Arc::new(damage::Board::default());
        Self {
            queue: Queue::new(&options),
            readers: Arc::new(Readers::new(options.path.clone(), options.readers, guard, damage.clone())),
            seal,
            jobs: jobs::Board::default(),
            maintenance: retention::Board::default(),
            grown: Notify::new(),
            closing: CancellationToken::new(),
            options,
            clock,
            restored,
            damage,
            followers: RwLock::default(),
            consumers: RwLock::new(consumers),
            window: RwLock::new(window),
            health: Mutex::new(Health::Ok),
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now().as_microsecond()
    }

    /// Lock order: after a position's lock, never before it.
    pub(crate) fn window(&self) -> RwLockReadGuard<'_, Window> {
        self.window.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn window_mut(&self) -> RwLockWriteGuard<'_, Window> {
        self.window.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn consumer(&self, channel: ChannelId) -> Option<Arc<Consumer>> {
        self.consumers.read().unwrap_or_else(PoisonError::into_inner).get(&channel).cloned()
    }

    pub(crate) fn consumers(&self) -> Vec<Arc<Consumer>> {
        self.consumers.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    pub(crate) fn add_consumer(&self, consumer: Arc<Consumer>) {
        self.consumers.write().unwrap_or_else(PoisonError::into_inner).entry(consumer.id).or_insert(consumer);
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

    /// Up to this offset, every channel has settled all its events except those in `retries`.
    pub(crate) fn least_floor(&self) -> u64 {
        let last = self.window().next() - 1;
        self.consumers().iter().map(|consumer| consumer.position().floor(last, &[])).min().unwrap_or(last)
    }

    pub(crate) fn channel_name(&self, channel: ChannelId) -> Option<ChannelName> {
        self.consumer(channel).map(|consumer| consumer.name.clone())
    }

    pub(crate) fn channel_id(&self, name: &ChannelName) -> Option<ChannelId> {
        let consumers = self.consumers.read().unwrap_or_else(PoisonError::into_inner);
        consumers.values().find(|consumer| consumer.name == *name).map(|consumer| consumer.id)
    }

    pub(crate) fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_health(&self, health: Health) {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner) = health;
    }

    pub(crate) fn held(&self) -> Held {
        let mut held = Held::default();
        for consumer in self.consumers() {
            let (read_ahead, waiting, in_flight) = consumer.position().held();
            held.read_ahead += read_ahead;
            held.waiting += waiting;
            held.in_flight += in_flight;
        }
        let window = self.window();
        Held { window_events: window.len(), window_bytes: window.bytes(), ..held }
    }
}
