//! Traces: spans of requests, events, deliveries, attempts and guests' requests, sent to a collector as OTLP.
//!
//! Dispatch says what was recorded and committed, [`spans`] makes spans of it, and [`export`] sends them from a bounded queue. Where
//! the queue is full, spans are dropped and counted: nothing waits for a collector.

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

use arc_swap::ArcSwapOption;
use fanfare_core::ChannelName;
use fanfare_dispatch::{Clock, Recorded, Settlement};
use jiff::Timestamp;
use tokio::{sync::mpsc, task::JoinHandle};

pub use request::RequestTrace;

use crate::{config::Telemetry, metrics::TraceCounters};
use export::Exporter;
use otlp::Span;

/// How long a stop waits for the last spans to be taken.
const LAST_CALL: Duration = Duration::from_secs(5);

/// Stands for the share while nothing is traced.
const OFF: u64 = u64::MAX;

/// Makes spans, if the configuration asks for them.
pub struct Tracer {
    clock: Arc<dyn Clock>,
    counters: TraceCounters,
    /// The bits of the share that is sampled, or [`OFF`]: asked in the hot path.
    share: AtomicU64,
    queue: ArcSwapOption<mpsc::Sender<Span>>,
    running: Mutex<Option<(Telemetry, JoinHandle<()>)>>,
}

impl Tracer {
    /// Traces nothing until it is configured.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, counters: TraceCounters) -> Self {
        let running = Mutex::default();
        Self { clock, counters, share: AtomicU64::new(OFF), queue: ArcSwapOption::empty(), running }
    }

    /// Traces as this says from now on, or nothing more. What is queued is still sent as it was said before. Returns whether that
    /// is a change.
    ///
    /// # Panics
    /// Outside of a runtime.
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
        match Exporter::new(telemetry, self.counters.clone()) {
            Ok(exporter) => {
                let (queue, spans) = mpsc::channel(telemetry.queue);
                self.queue.store(Some(Arc::new(queue)));
                self.share.store(telemetry.sample.to_bits(), Ordering::Relaxed);
                *running = Some((telemetry.clone(), tokio::spawn(exporter.run(spans))));
            }
            Err(error) => tracing::error!(%error, "traces cannot be sent"),
        }
        true
    }

    /// The share of the traces beginning here that is sampled; `None` while nothing is traced.
    pub fn share(&self) -> Option<f64> {
        match self.share.load(Ordering::Relaxed) {
            OFF => None,
            bits => Some(f64::from_bits(bits)),
        }
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

    /// Events were published and recorded.
    pub fn recorded(&self, events: &[Recorded<'_>]) {
        let (Some(share), now) = (self.share(), self.now()) else { return };
        events.iter().for_each(|recorded| self.emit(spans::of_recorded(recorded, now, share)));
    }

    /// Settlements of a channel are committed.
    pub fn committed(&self, channel: &ChannelName, settled: &[Settlement]) {
        let Some(share) = self.share() else { return };
        settled.iter().for_each(|settlement| self.emit(spans::of_settlement(channel, settlement, share)));
    }

    /// Sends what is queued, for a moment, and ends.
    pub async fn close(&self) {
        self.share.store(OFF, Ordering::Relaxed);
        self.queue.store(None);
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((_, task)) = running {
            let abort = task.abort_handle();
            if tokio::time::timeout(LAST_CALL, task).await.is_err() {
                abort.abort();
                tracing::warn!("the collector did not take the last spans in time; they are lost");
            }
        }
    }
}
