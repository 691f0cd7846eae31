//! The series of one channel, created once and then only incremented.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use fanfare_core::{AttemptRecord, ChannelName, Class, Event, Sample};
use fanfare_dispatch::Settled;
use hdrhistogram::Histogram as Percentiles;
use jiff::{SignedDuration, Timestamp};
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{
    counters::ChannelCounters,
    lock,
    samples::{ChannelSamples, Drop, Families as SampleFamilies},
};
use crate::api::{FilterErrors, LastError, Latency};

/// From a tenth of a millisecond, for a small guest, to a minute, for a patient webhook.
const SECONDS: [f64; 17] =
    [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Longer attempts count as this long in the percentiles: no attempt may take more than an hour.
const LONGEST_MICROS: u64 = 3_600_000_000;

pub(super) type One = [(&'static str, String); 1];
type Labels = [(&'static str, String); 2];
pub(super) type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// The families with a series per channel.
pub(super) struct Families {
    attempts: Family<Labels, Counter>,
    deliveries: Family<Labels, Counter>,
    duration: Histograms<One>,
    latency: Histograms<One>,
    fuel: Family<One, Counter>,
    memory_peak: Family<One, Gauge<u64, AtomicU64>>,
    dropped: Family<Labels, Counter>,
    filter_errors: Family<One, Counter>,
    batches: Family<Labels, Counter>,
    batched: Family<One, Counter>,
    stale: Family<One, Counter>,
}

impl Families {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let seconds = (|| Histogram::new(SECONDS)) as fn() -> Histogram;
        let families = Self {
            attempts: Family::default(),
            deliveries: Family::default(),
            duration: Family::new_with_constructor(seconds),
            latency: Family::new_with_constructor(seconds),
            fuel: Family::default(),
            memory_peak: Family::default(),
            dropped: Family::default(),
            filter_errors: Family::default(),
            batches: Family::default(),
            batched: Family::default(),
            stale: Family::default(),
        };
        registry.register("attempts", "Attempts, by class of failure or `delivered`", families.attempts.clone());
        registry.register("deliveries", "Settled deliveries, by outcome", families.deliveries.clone());
        registry.register("attempt_duration_seconds", "Time per attempt", families.duration.clone());
        registry.register(
            "delivery_latency_seconds",
            "Time from accepting the event to settling the delivery",
            families.latency.clone(),
        );
        registry.register("plugin_fuel", "Fuel used by attempts", families.fuel.clone());
        registry.register(
            "plugin_memory_peak_bytes",
            "The most memory that one attempt has used since the start",
            families.memory_peak.clone(),
        );
        registry.register(
            "plugin_series_dropped",
            "Samples of plugins that were not exported: the channel has too many series, the name is taken by another \
             type, or the value is not a number",
            families.dropped.clone(),
        );
        registry.register(
            "filter_errors",
            "Events that did not go to the channel because its filter condition could not be evaluated",
            families.filter_errors.clone(),
        );
        registry.register(
            "batches",
            "Calls with batches; the deliveries of a failed call are attempted alone",
            families.batches.clone(),
        );
        registry.register("batch_deliveries", "Deliveries in calls with batches", families.batched.clone());
        registry.register(
            "settlements_stale",
            "Results of attempts that were discarded because the delivery had been handed out again",
            families.stale.clone(),
        );
        families
    }
}

/// The counters of one channel.
pub(super) struct ChannelMetrics {
    /// By [`Class::ALL`], then delivered. All exist from the start: a counter that is created with the first failure
    /// hides that failure from `rate()`.
    attempts: [Counter; Class::ALL.len() + 1],
    delivered: Counter,
    dead: Counter,
    skipped: Counter,
    duration: Histogram,
    latency: Histogram,
    fuel: Counter,
    memory_peak: Gauge<u64, AtomicU64>,
    dropped: [Counter; Drop::ALL.len()],
    filter_errors: Counter,
    batches: Counter,
    failed_batches: Counter,
    batched: Counter,
    stale: Counter,
    /// Attempts' microseconds, with two significant digits.
    micros: Mutex<Percentiles<u64>>,
    last_error: Mutex<Option<LastError>>,
    /// Without the number of events.
    last_filter_error: Mutex<Option<FilterErrors>>,
    samples: Mutex<ChannelSamples>,
}

/// A failed attempt, for the status pages.
pub(super) fn failure(class: Class, record: &AttemptRecord) -> LastError {
    let took = SignedDuration::try_from_secs_f64(record.duration_ms / 1e3).unwrap_or_default();
    LastError {
        at: record.started.saturating_add(took).unwrap_or(record.started),
        class: class.into(),
        code: record.code.clone().unwrap_or_default(),
        error: record.error.clone().unwrap_or_default(),
    }
}

impl ChannelMetrics {
    pub(super) fn new(name: &ChannelName, families: &Families) -> Self {
        let channel = || ("channel", name.to_string());
        let class = |class: &str| families.attempts.get_or_create_owned(&[channel(), ("class", class.to_owned())]);
        let outcome =
            |outcome: &str| families.deliveries.get_or_create_owned(&[channel(), ("outcome", outcome.to_owned())]);
        let batches =
            |outcome: &str| families.batches.get_or_create_owned(&[channel(), ("outcome", outcome.to_owned())]);
        let reason =
            |drop: Drop| families.dropped.get_or_create_owned(&[channel(), ("reason", drop.as_str().to_owned())]);
        Self {
            attempts: std::array::from_fn(|index| class(Class::ALL.get(index).map_or("delivered", |c| c.as_str()))),
            delivered: outcome("delivered"),
            dead: outcome("dead"),
            skipped: outcome("skipped"),
            duration: families.duration.get_or_create_owned(&[channel()]),
            latency: families.latency.get_or_create_owned(&[channel()]),
            fuel: families.fuel.get_or_create_owned(&[channel()]),
            memory_peak: families.memory_peak.get_or_create_owned(&[channel()]),
            dropped: Drop::ALL.map(reason),
            filter_errors: families.filter_errors.get_or_create_owned(&[channel()]),
            batches: batches("answered"),
            failed_batches: batches("failed"),
            batched: families.batched.get_or_create_owned(&[channel()]),
            stale: families.stale.get_or_create_owned(&[channel()]),
            micros: Mutex::new(percentiles()),
            last_error: Mutex::default(),
            last_filter_error: Mutex::default(),
            samples: Mutex::default(),
        }
    }

    pub(super) fn attempted(&self, class: Option<Class>, record: &AttemptRecord) {
        self.attempts[class.map_or(Class::ALL.len(), |class| class as usize)].inc();
        if class == Some(Class::Host) {
            return; // not an attempt of the guest, so it must not affect the guest's times
        }
        self.duration.observe(record.duration_ms / 1e3);
        self.fuel.inc_by(record.fuel);
        self.memory_peak.inner().fetch_max(record.memory, Ordering::Relaxed);
        lock(&self.micros).saturating_record(micros(record.duration_ms));
    }

    pub(super) fn failed(&self, error: LastError) {
        *lock(&self.last_error) = Some(error);
    }

    pub(super) fn filter_failed(&self, at: Timestamp, event: &Event, reason: &str) {
        self.filter_errors.inc();
        let (event_id, error) = (event.id.clone(), reason.to_owned());
        *lock(&self.last_filter_error) = Some(FilterErrors { events: 0, at, event_id, error });
    }

    pub(super) fn filter_errors(&self) -> Option<FilterErrors> {
        let last = lock(&self.last_filter_error).clone()?;
        Some(FilterErrors { events: self.filter_errors.get(), ..last })
    }

    pub(super) fn batched(&self, deliveries: usize, failed: bool) {
        if failed { &self.failed_batches } else { &self.batches }.inc();
        self.batched.inc_by(deliveries as u64);
    }

    pub(super) fn stale(&self, settlements: usize) {
        self.stale.inc_by(settlements as u64);
    }

    pub(super) fn settled(&self, how: Settled, latency: Duration) {
        match how {
            Settled::Delivered => &self.delivered,
            Settled::Dead => &self.dead,
            Settled::Skipped => {
                // Nothing was sent, so there is no latency.
                self.skipped.inc();
                return;
            }
        }
        .inc();
        self.latency.observe(latency.as_secs_f64());
    }

    pub(super) fn sampled(&self, samples: &[Sample]) {
        let mut mine = lock(&self.samples);
        for sample in samples {
            if let Err(drop) = mine.record(sample) {
                self.dropped[drop as usize].inc();
            }
        }
    }

    pub(super) fn latency(&self) -> Option<Latency> {
        latency(&lock(&self.micros))
    }

    pub(super) fn add_latency(&self, all: &mut Percentiles<u64>) {
        // Both have the same bounds, so this cannot fail.
        let _ok = all.add(&*lock(&self.micros)).is_ok();
    }

    pub(super) fn counters(&self) -> ChannelCounters {
        // A fault of the host is not an attempt.
        let failed = Class::ALL.into_iter().filter(|class| *class != Class::Host);
        ChannelCounters {
            delivered: self.delivered.get(),
            failed: failed.map(|class| self.attempts[class as usize].get()).sum(),
            dead: self.dead.get(),
        }
    }

    pub(super) fn last_error(&self) -> Option<LastError> {
        lock(&self.last_error).clone()
    }

    /// Adds this channel's series of guests' metrics to their families.
    pub(super) fn collect(&self, channel: &ChannelName, into: &mut SampleFamilies) {
        lock(&self.samples).collect(("channel", channel), into);
    }
}

pub(super) fn latency(micros: &Percentiles<u64>) -> Option<Latency> {
    let at = |quantile| micros.value_at_quantile(quantile) as f64 / 1e3;
    (!micros.is_empty()).then(|| Latency { p50_ms: at(0.5), p90_ms: at(0.9), p99_ms: at(0.99) })
}

/// Two significant digits over an hour of microseconds take about 20 kB.
#[allow(clippy::expect_used, reason = "the bounds are constants that the constructor takes; a test makes one")]
pub(super) fn percentiles() -> Percentiles<u64> {
    Percentiles::new_with_bounds(1, LONGEST_MICROS, 2).expect("constant bounds are valid")
}

pub(super) fn micros(ms: f64) -> u64 {
    // `as` saturates and turns NaN into 0.
    (ms * 1e3) as u64
}
