//! An attempt split into its parts, for the benchmark only: the cost of the engine without the host around it. Not part
//! of the API.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock, and should panic if it cannot go on"
)]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fanfare_dispatch::Attempt;
use wasmtime::Store;

use crate::{ChannelSetup, Plugin, attempt, context::Context, guest_channel::GuestChannel, kind::Guest};

pub struct Apart(GuestChannel);

/// One instance for repeated calls.
pub struct Reused {
    store: Store<Context>,
    guest: Guest,
}

impl Apart {
    #[must_use]
    pub fn new(plugin: &Plugin, setup: ChannelSetup) -> Self {
        Self(GuestChannel::new(&plugin.inner, setup, plugin.wire.clone()))
    }

    /// One call in its own store and instance. Adds the time for creating the store, creating the instance, the call
    /// and the drop.
    pub async fn fresh(&self, attempt: &Attempt, split: &mut [Duration; 4]) {
        let began = Instant::now();
        let mut store = self.store(attempt);
        let stored = Instant::now();
        let guest = self.start(&mut store).await;
        let instantiated = Instant::now();
        self.enter(&mut store, &guest, attempt).await;
        let called = Instant::now();
        drop(store);
        let dropped = Instant::now();
        let took = [stored - began, instantiated - stored, called - instantiated, dropped - called];
        split.iter_mut().zip(took).for_each(|(sum, took)| *sum += took);
    }

    pub async fn reused(&self, attempt: &Attempt) -> Reused {
        let mut store = self.store(attempt);
        let guest = self.start(&mut store).await;
        Reused { store, guest }
    }

    pub async fn again(&self, reused: &mut Reused, attempt: &Attempt) {
        reused.store.set_fuel(attempt.bounds.fuel).expect("the engine counts fuel");
        self.enter(&mut reused.store, &reused.guest, attempt).await;
    }

    fn store(&self, attempt: &Attempt) -> Store<Context> {
        let shared = &self.0.plugin.shared;
        let context = Context::new(&shared.services, &self.0.channel_view, attempt);
        attempt::store(&shared.engine, context, attempt.bounds).expect("the engine makes stores")
    }

    async fn start(&self, store: &mut Store<Context>) -> Guest {
        self.0.plugin.entry.start(store).await.expect("the guest starts")
    }

    async fn enter(&self, store: &mut Store<Context>, guest: &Guest, attempt: &Attempt) {
        let view = Arc::clone(&store.data().channel_view);
        let ended = guest.call(&view, store, attempt).await.expect("the guest answers");
        ended.expect("the guest delivers");
    }
}
