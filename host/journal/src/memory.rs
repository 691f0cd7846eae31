//! What the journal keeps in memory: the newest events, and each channel's position.
//!
//! The writer changes it after each commit. It holds no work and no connection, so that commits depend on nothing else.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use fanfare_core::{ChannelId, ChannelName};
use fanfare_dispatch::{Clock, Token};
use tokio::sync::watch;

use crate::{Options, consumer::Consumer, damage::DamageLog, flights::token_after, identity::Seal, window::Window};

pub(crate) struct Memory {
    pub(crate) options: Options,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) seal: Seal,
    /// The token before the first one since the journal was opened.
    pub(crate) token: Token,
    pub(crate) damage: Arc<DamageLog>,
    consumers: RwLock<BTreeMap<ChannelId, Arc<Consumer>>>,
    window: RwLock<Window>,
    /// The number of the last commit that memory has followed.
    followed: watch::Sender<i64>,
}

/// What memory contains at the start.
pub(crate) struct Initial {
    pub(crate) last_offset: u64,
    pub(crate) commits: i64,
    pub(crate) consumers: BTreeMap<ChannelId, Arc<Consumer>>,
    /// What could not be read.
    pub(crate) damage: DamageLog,
}

/// How much the journal keeps in memory, across all channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryUse {
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

impl Memory {
    pub(crate) fn new(options: Options, clock: Arc<dyn Clock>, seal: Seal, initial: Initial) -> Self {
        let Initial { last_offset, commits, consumers, damage } = initial;
        let window = Window::new(last_offset + 1, options.window_bytes);
        Self {
            options,
            clock,
            seal,
            token: token_after(commits),
            damage: Arc::new(damage),
            consumers: RwLock::new(consumers),
            window: RwLock::new(window),
            followed: watch::Sender::new(commits),
        }
    }

    /// Memory shows this commit.
    pub(crate) fn has_followed(&self, commit: i64) {
        self.followed.send_replace(commit);
    }

    /// Waits until memory shows this commit.
    pub(crate) async fn follows(&self, commit: i64) {
        // The sender lives as long as `self`.
        let mut followed = self.followed.subscribe();
        let _followed = followed.wait_for(|followed| *followed >= commit).await;
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

    pub(crate) fn usage(&self) -> MemoryUse {
        let mut usage = MemoryUse::default();
        for consumer in self.consumers() {
            let (read_ahead, waiting, in_flight) = consumer.position().usage();
            usage.read_ahead += read_ahead;
            usage.waiting += waiting;
            usage.in_flight += in_flight;
        }
        let window = self.window();
        MemoryUse { window_events: window.len(), window_bytes: window.bytes(), ..usage }
    }
}
