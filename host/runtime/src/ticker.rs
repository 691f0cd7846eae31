//! The epoch's clock.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use wasmtime::Engine;

use crate::limits;

/// Ticks an engine's epoch until it is dropped, and has stopped when the drop returns. A system thread rather than a
/// task: guests that spin on every worker must not stop the clock that ends them.
pub(crate) struct Ticker {
    stop: Arc<AtomicBool>,
    ticks: Arc<AtomicU64>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let weak = engine.weak();
        let seen = Arc::clone(&stop);
        let ticks = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&ticks);
        let thread = thread::Builder::new().name("fanfare-epoch".to_owned()).spawn(move || {
            while !seen.load(Ordering::Acquire) {
                thread::park_timeout(limits::TICK);
                let Some(engine) = weak.upgrade() else { return };
                count.fetch_add(1, Ordering::Relaxed);
                engine.increment_epoch();
            }
        })?;
        Ok(Self { stop, ticks, thread: Some(thread) })
    }

    /// The number of ticks so far: the epoch, which the engine does not expose.
    pub(crate) fn ticks(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the epoch thread panicked: deadlines of running guests were not enforced");
            }
        }
    }
}
