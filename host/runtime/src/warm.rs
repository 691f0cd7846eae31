//! Instances that have served an attempt and may serve another (`reuse`), for engines that are slow to start.
//!
//! An instance serves one attempt at a time, gets fresh fuel and a fresh deadline for each, and is dropped after any
//! failure. The guest decides what it keeps in memory; instances are never shared between channels.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::OwnedSemaphorePermit, time::Instant};
use wasmtime::Store;

use crate::{context::Context, engine_core::EngineCore, kind::Guest};

/// An instance that is idle for this long is dropped.
const IDLE: Duration = Duration::from_secs(15);

/// An instance in its store, with its permit of the pool. The permit is returned last, so it is declared last.
pub(crate) struct Live {
    pub(crate) guest: Guest,
    pub(crate) store: Store<Context>,
    /// The number of attempts it has served.
    pub(crate) served: u32,
    pub(crate) place: OwnedSemaphorePermit,
}

/// One channel's idle instances, most recently used on top.
#[derive(Default)]
pub(crate) struct Warm(Mutex<Idle>);

#[derive(Default)]
struct Idle {
    live: Vec<(Live, Instant)>,
    /// Whether a task is running that drops idle instances.
    swept: bool,
}

impl Warm {
    pub(crate) fn take(&self) -> Option<Live> {
        self.lock().live.pop().map(|(live, _)| live)
    }

    /// Keeps an instance for its next attempt, unless permits are scarce: at least a quarter of them stays free.
    pub(crate) fn keep(self: &Arc<Self>, live: Live, shared: &EngineCore) {
        if shared.instances.available_permits() < shared.max_instances / 4 {
            return;
        }
        let mut idle = self.lock();
        idle.live.push((live, Instant::now()));
        if !std::mem::replace(&mut idle.swept, true) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops instances that have been idle for too long. Ends when none is left.
async fn sweep(warm: std::sync::Weak<Warm>) {
    loop {
        tokio::time::sleep(IDLE).await;
        let Some(warm) = warm.upgrade() else { return };
        let (old, done) = {
            let mut idle = warm.lock();
            // The oldest are at the bottom, because instances are taken from the top.
            let split = idle.live.partition_point(|(_, since)| since.elapsed() >= IDLE);
            let old = idle.live.drain(..split).collect::<Vec<_>>();
            idle.swept = !idle.live.is_empty();
            (old, !idle.swept)
        };
        drop(old);
        if done {
            return;
        }
    }
}
