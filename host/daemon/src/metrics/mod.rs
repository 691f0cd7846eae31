//! What the daemon counts: reported by dispatch, read by Prometheus and the status pages.
//!
//! Attempts are counted in the hot path. So all series of a channel are created once, when the channel first occurs,
//! and found with one lookup by name. Values that change without notice (backlogs, dead letters) are read at each
//! scrape.

mod channel;
mod counters;
mod exposition;
mod http;
mod process;
mod samples;
mod stage;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ::http::StatusCode;
use arc_swap::ArcSwap;
use fanfare_core::{AttemptRecord, ChannelName, DeliveryId, Event, Sample, StageRecord};
use fanfare_dispatch::{Clock, End, Observer};
use jiff::Timestamp;
use prometheus_client::{
    metrics::{counter::Counter, family::Family, histogram::Histogram, info::Info},
    registry::Registry,
};

pub use counters::{ChannelCounters, Counters, TraceCounters};
pub use exposition::{ChannelGauges, Format, Gauges, JournalGauges};
pub use http::{Call, Responses};

use crate::api::{FilterErrors, LastError, Latency, RecentFailure, Runs};
use channel::{ChannelMetrics, Families, One, failure};
use http::Requests;
use stage::Stages;

/// How many failed attempts are kept for the status page.
const RECENT_FAILURES: usize = 20;

/// A label set of two names.
type Two = [(&'static str, &'static str); 2];

/// Everything the daemon counts.
pub struct Metrics {
    registry: Registry,
    accepted: Counter,
    duplicate: Counter,
    reloads: Family<Two, Counter>,
    mismatches: Family<One, Counter>,
    denied: Family<[(&'static str, &'static str); 1], Counter>,
    stages: Stages,
    requests: Requests,
    commit: Histogram,
    group: Histogram,
    traces: TraceCounters,
    families: Families,
    /// Replaced as a whole when a channel first occurs. Names come from the configuration, so there are few.
    channels: ArcSwap<HashMap<ChannelName, Arc<ChannelMetrics>>>,
    recent: Mutex<VecDeque<RecentFailure>>,
    clock: Arc<dyn Clock>,
    started: Timestamp,
}

impl Metrics {
    /// Without counts; the daemon starts now.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let mut registry = Registry::with_prefix("fanfare");
        let (accepted, duplicate) = (Counter::default(), Counter::default());
        registry.register("events_accepted", "Events recorded", accepted.clone());
        registry.register("events_duplicate", "Repeated events that were recorded already", duplicate.clone());
        let reloads = Family::default();
        registry.register("reloads", "Reloads, by what was reloaded and the outcome", reloads.clone());
        let mismatches = Family::default();
        registry.register(
            "schema_mismatches",
            "Events that did not match their schema, whether or not they were rejected",
            mismatches.clone(),
        );
        let denied = Family::default();
        registry.register("http_denied", "Requests that were refused for who sent them", denied.clone());
        let commit = Histogram::new([0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0]);
        registry.register("journal_commit_seconds", "Time per commit of the journal", commit.clone());
        let group = Histogram::new((0..=11).map(|power| f64::from(1 << power)));
        registry.register("journal_group_size", "Events and settlements per commit of the journal", group.clone());
        registry.register("build", "The running version", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        let traces = TraceCounters::default();
        registry.register("traces_exported", "Spans that the collector accepted", traces.exported.clone());
        registry.register(
            "traces_dropped",
            "Spans that were dropped: the queue was full, or the collector did not accept them",
            traces.dropped.clone(),
        );
        let stages = Stages::register(&mut registry);
        let requests = Requests::register(&mut registry);
        let families = Families::register(&mut registry);
        Self {
            registry,
            accepted,
            duplicate,
            reloads,
            mismatches,
            denied,
            stages,
            requests,
            traces,
            commit,
            group,
            families,
            channels: ArcSwap::default(),
            recent: Mutex::default(),
            started: clock.now(),
            clock,
        }
    }

    /// A reload was applied or rejected. `what` is `config` or `plugin`.
    pub fn reloaded(&self, what: &'static str, taken: bool) {
        let outcome = if taken { "ok" } else { "rejected" };
        self.reloads.get_or_create(&[("what", what), ("outcome", outcome)]).inc();
    }

    /// A request was refused for who sent it.
    pub fn denied(&self, reason: &'static str) {
        self.denied.get_or_create(&[("reason", reason)]).inc();
    }

    /// Creates the series of a schema.
    pub fn has_schema(&self, name: &str) {
        drop(self.mismatches.get_or_create_owned(&[("schema", name.to_owned())]));
    }

    /// An event does not match this schema.
    pub fn schema_mismatch(&self, name: &str) {
        self.mismatches.get_or_create_owned(&[("schema", name.to_owned())]).inc();
    }

    /// Events that did not match this schema since the start.
    #[must_use]
    pub fn schema_mismatches(&self, name: &str) -> u64 {
        self.mismatches.get_or_create_owned(&[("schema", name.to_owned())]).get()
    }

    /// Creates the series of a stage.
    pub fn has_stage(&self, name: &ChannelName) {
        drop(self.stages.of(name));
    }

    /// What a stage has done since the start.
    #[must_use]
    pub fn stage(&self, name: &ChannelName) -> Runs {
        self.stages.of(name).counts()
    }

    /// What counts and times the responses of a route.
    #[must_use]
    pub fn responses(&self, call: Call) -> Arc<Responses> {
        Arc::new(self.requests.of(call))
    }

    /// A request that matches no route got its response.
    pub fn unrouted(&self, status: StatusCode) {
        self.requests.unrouted(status);
    }

    /// Where spans are counted.
    #[must_use]
    pub fn traces(&self) -> TraceCounters {
        self.traces.clone()
    }

    /// The journal has committed a group with this many events and settlements.
    pub fn committed(&self, took: Duration, group: usize) {
        self.commit.observe(took.as_secs_f64());
        // Groups are far smaller than what a double counts exactly.
        self.group.observe(u32::try_from(group).unwrap_or(u32::MAX).into());
    }

    /// When the daemon started.
    #[must_use]
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// How long a channel's attempts took since the start. `None` before the first one.
    #[must_use]
    pub fn latency(&self, channel: &str) -> Option<Latency> {
        self.channels.load().get(channel)?.latency()
    }

    /// The channel's last failed attempt since the start.
    #[must_use]
    pub fn last_error(&self, channel: &str) -> Option<LastError> {
        self.channels.load().get(channel)?.last_error()
    }

    /// The events since the start for which a channel's filter could not be evaluated. `None` if there are none.
    #[must_use]
    pub fn filter_errors(&self, channel: &str) -> Option<FilterErrors> {
        self.channels.load().get(channel)?.filter_errors()
    }

    /// The last failed attempts of all channels, newest first.
    #[must_use]
    pub fn recent_failures(&self) -> Vec<RecentFailure> {
        lock(&self.recent).iter().cloned().collect()
    }

    /// Percentiles over the attempts of these channels since the start. `None` before the first.
    #[must_use]
    pub fn latency_of(&self, is_meant: impl Fn(&str) -> bool) -> Option<Latency> {
        let mut all = channel::percentiles();
        let channels = self.channels.load();
        let meant = channels.iter().filter(|(name, _)| is_meant(name.as_str()));
        meant.for_each(|(_, channel)| channel.add_latency(&mut all));
        channel::latency(&all)
    }

    /// The counters since the start, for charts.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let channels = self.channels.load();
        Counters {
            accepted: self.accepted.get(),
            channels: channels.iter().map(|(name, channel)| (name.clone(), channel.counters())).collect(),
        }
    }

    fn channel(&self, name: &ChannelName) -> Arc<ChannelMetrics> {
        if let Some(known) = self.channels.load().get(name) {
            return Arc::clone(known);
        }
        // Families return the same series for the same labels, so two concurrent callers count into the same ones. But
        // the parts that do not come from a family must be created only once.
        let made = Arc::new(ChannelMetrics::new(name, &self.families));
        let mut kept = Arc::clone(&made);
        self.channels.rcu(|channels| {
            let mut channels = HashMap::clone(channels);
            kept = Arc::clone(channels.entry(name.clone()).or_insert_with(|| Arc::clone(&made)));
            channels
        });
        kept
    }
}

impl Observer for Metrics {
    fn accepted(&self, events: usize) {
        self.accepted.inc_by(events as u64);
    }

    fn duplicate(&self) {
        self.duplicate.inc();
    }

    fn filter_failed(&self, channel: &ChannelName, event: &Event, reason: &str) {
        self.channel(channel).filter_failed(self.clock.now(), event, reason);
    }

    fn staged(&self, stage: &ChannelName, record: &StageRecord, samples: &[Sample]) {
        self.stages.of(stage).ran(record, self.clock.now(), samples);
    }

    fn attempted(&self, channel: &ChannelName, delivery: DeliveryId, record: &AttemptRecord) {
        let metrics = self.channel(channel);
        metrics.attempted(record.class, record);
        let Some(class) = record.class else { return };
        let error = failure(class, record);
        metrics.failed(error.clone());
        let mut recent = lock(&self.recent);
        recent.truncate(RECENT_FAILURES - 1);
        recent.push_front(RecentFailure {
            channel: channel.to_string(),
            delivery_id: delivery.to_string(),
            attempt: record.number,
            error,
        });
    }

    fn batched(&self, channel: &ChannelName, deliveries: usize, failed: bool) {
        self.channel(channel).batched(deliveries, failed);
    }

    fn settled(&self, channel: &ChannelName, ends: &[End<'_>]) {
        let metrics = self.channel(channel);
        for end in ends {
            metrics.settled(end.how, end.latency);
            if !end.samples.is_empty() {
                metrics.sampled(end.samples);
            }
        }
    }

    fn stale(&self, channel: &ChannelName, settlements: usize) {
        self.channel(channel).stale(settlements);
    }
}

/// A panic elsewhere must not stop the counting. Between any two statements, what the lock guards is consistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
