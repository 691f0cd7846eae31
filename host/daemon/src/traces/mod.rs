//! Traces: spans of requests, events, deliveries, attempts and guests' requests, sent to a collector as OTLP.
//!
//! Dispatch reports what was recorded and committed, [`spans`] turns it into spans, and [`export`] sends them from a
//! bounded queue. When the queue is full, spans are dropped and counted. Nothing waits for a collector.

mod export;
mod otlp;
mod request;
mod spans;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::{ArcSwap, ArcSwapOption};
use fanfare_core::ChannelName;
use fanfare_dispatch::{Clock, Recorded, Settlement};
use jiff::Timestamp;
use tokio::{sync::mpsc, task::JoinHandle};

pub use request::RequestTrace;

use crate::{config::Telemetry, metrics::TraceCounters};
use export::{Exporter, Failing};
use otlp::Span;

/// How long a shutdown waits for the last spans to be sent.
const LAST_CALL: Duration = Duration::from_secs(5);

/// The value of the share while tracing is off.
const OFF: u64 = u64::MAX;

/// Makes spans if the configuration enables traces.
pub struct Tracer {
    clock: Arc<dyn Clock>,
    counters: TraceCounters,
    /// The bits of the sampled share, or [`OFF`]. Read in the hot path.
    share: AtomicU64,
    queue: ArcSwapOption<mpsc::Sender<Span>>,
    /// Of the exporter in use.
    failure: ArcSwap<ArcSwapOption<String>>,
    running: Mutex<Option<(Telemetry, JoinHandle<()>)>>,
}

impl Tracer {
    /// Traces nothing until it is configured.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, counters: TraceCounters) -> Self {
        let running = Mutex::default();
        Self {
            clock,
            counters,
            share: AtomicU64::new(OFF),
            queue: ArcSwapOption::empty(),
            failure: ArcSwap::default(),
            running,
        }
    }

    /// Applies these settings from now on; `None` turns tracing off. Queued spans are still sent under the previous
    /// settings. Returns whether the settings changed.
    ///
    /// # Panics
    /// If called outside a tokio runtime.
    pub fn configure(&self, telemetry: Option<&Telemetry>) -> bool {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.as_ref().map(|(running, _)| running) == telemetry {
            return false;
        }
        let Some(telemetry) = telemetry else {
            self.share.store(OFF, Ordering::Relaxed);
            self.queue.store(None);
            *running = None;
            return true;
        };
        // An exporter of its own, so that one that is still sending cannot report for another collector.
        let failure = Failing::default();
        match Exporter::new(telemetry, self.counters.clone(), Arc::clone(&failure)) {
            Ok(exporter) => {
                self.failure.store(failure);
                let (queue, spans) = mpsc::channel(telemetry.queue);
                self.queue.store(Some(Arc::new(queue)));
                self.share.store(telemetry.sample.to_bits(), Ordering::Relaxed);
                *running = Some((telemetry.clone(), tokio::spawn(exporter.run(spans))));
            }
            Err(error) => tracing::error!(%error, "traces cannot be sent"),
        }
        true
    }

    /// The share of traces beginning here that is sampled. `None` while tracing is off.
    pub fn share(&self) -> Option<f64> {
        match self.share.load(Ordering::Relaxed) {
            OFF => None,
            bits => Some(f64::from_bits(bits)),
        }
    }

    /// Why the collector did not accept the last spans. `None` if it did.
    pub fn failure(&self) -> Option<Arc<String>> {
        self.failure.load().load_full()
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn emit(&self, spans: impl IntoIterator<Item = Span>) {
        let Some(queue) = self.queue.load_full() else { return };
        for span in spans {
            if queue.try_send(span).is_err() {
                self.counters.dropped.inc();
            }
        }
    }

    /// Records the spans of published events.
    pub fn recorded(&self, events: &[Recorded<'_>]) {
        let (Some(share), now) = (self.share(), self.now()) else { return };
        events.iter().for_each(|recorded| self.emit(spans::of_recorded(recorded, now, share)));
    }

    /// Records the spans of a channel's committed settlements.
    pub fn committed(&self, channel: &ChannelName, settled: &[Settlement]) {
        let Some(share) = self.share() else { return };
        settled.iter().for_each(|settlement| self.emit(spans::of_settlement(channel, settlement, share)));
    }

    /// Sends the queued spans, for a bounded time, and stops.
    pub async fn close(&self) {
        self.share.store(OFF, Ordering::Relaxed);
        self.queue.store(None);
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((_, task)) = running {
            let abort = task.abort_handle();
            if tokio::time::timeout(LAST_CALL, task).await.is_err() {
                abort.abort();
                tracing::warn!("the collector did not accept the last spans in time; they are lost");
            }
        }
    }
}
