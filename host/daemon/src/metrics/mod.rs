//! What the daemon counts: told by dispatch, read by Prometheus and by the status pages.
//!
//! Attempts are counted in the hot path, so every series a channel can have is made once, when the channel is first heard of,
//! and kept behind one look-up by name. What changes without being told (backlogs, dead letters) is read when somebody scrapes.

mod channel;
mod exposition;
mod samples;
mod stage;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use fanfare_core::{AttemptRecord, ChannelName, DeliveryId, Sample, StageRecord};
use fanfare_dispatch::{Clock, End, Observer};
use jiff::Timestamp;
use prometheus_client::{
    metrics::{counter::Counter, family::Family, histogram::Histogram, info::Info},
    registry::Registry,
};

pub use exposition::{ChannelGauges, Format};

use crate::{
    api::{LastError, Latency, RecentFailure, Runs},
    series::Counters,
};
use channel::{ChannelMetrics, Families, One, failure};
use stage::Stages;

/// So many of the last failed attempts are kept for the status page.
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
    stages: Stages,
    commit: Histogram,
    group: Histogram,
    families: Families,
    /// Replaced as a whole when a channel is first heard of; names come from the configuration, so there are few.
    channels: ArcSwap<HashMap<ChannelName, Arc<ChannelMetrics>>>,
    recent: Mutex<VecDeque<RecentFailure>>,
    clock: Arc<dyn Clock>,
    started: Timestamp,
}

impl Metrics {
    /// Nothing counted yet; the daemon starts now.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let mut registry = Registry::with_prefix("fanfare");
        let (accepted, duplicate) = (Counter::default(), Counter::default());
        registry.register("events_accepted", "Events recorded", accepted.clone());
        registry.register("events_duplicate", "Events that had been recorded before", duplicate.clone());
        let reloads = Family::default();
        registry.register("reloads", "Reloads by what was looked at and how it went", reloads.clone());
        let mismatches = Family::default();
        registry.register(
            "schema_mismatches",
            "Events that did not fit their schema, whether they were rejected or not",
            mismatches.clone(),
        );
        let commit = Histogram::new([0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0]);
        registry.register("journal_commit_seconds", "Time per commit of the journal", commit.clone());
        let group = Histogram::new((0..=11).map(|power| f64::from(1 << power)));
        registry.register("journal_group_size", "Events and settlements per commit of the journal", group.clone());
        registry.register("build", "The running version", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        let stages = Stages::register(&mut registry);
        let families = Families::register(&mut registry);
        Self {
            registry,
            accepted,
            duplicate,
            reloads,
            mismatches,
            stages,
            commit,
            group,
            families,
            channels: ArcSwap::default(),
            recent: Mutex::default(),
            started: clock.now(),
            clock,
        }
    }

    /// Something was reloaded, or what was found could not be taken. `what` is `config` or `plugin`.
    pub fn reloaded(&self, what: &'static str, taken: bool) {
        let outcome = if taken { "ok" } else { "rejected" };
        self.reloads.get_or_create(&[("what", what), ("outcome", outcome)]).inc();
    }

    /// There is a schema of this name: its series is there from the start.
    pub fn has_schema(&self, name: &str) {
        drop(self.mismatches.get_or_create_owned(&[("schema", name.to_owned())]));
    }

    /// An event does not fit this schema.
    pub fn schema_mismatch(&self, name: &str) {
        self.mismatches.get_or_create_owned(&[("schema", name.to_owned())]).inc();
    }

    /// Events that did not fit this schema since the start.
    #[must_use]
    pub fn schema_mismatches(&self, name: &str) -> u64 {
        self.mismatches.get_or_create_owned(&[("schema", name.to_owned())]).get()
    }

    /// There is a stage of this name: its series are there from the start.
    pub fn has_stage(&self, name: &ChannelName) {
        drop(self.stages.of(name));
    }

    /// What the stage of this name has done since the start.
    #[must_use]
    pub fn stage(&self, name: &ChannelName) -> Runs {
        self.stages.of(name).counts()
    }

    /// The journal has committed a group of so many events and settlements.
    pub fn committed(&self, took: Duration, group: usize) {
        self.commit.observe(took.as_secs_f64());
        // A group is bounded far below what a double counts exactly.
        self.group.observe(u32::try_from(group).unwrap_or(u32::MAX).into());
    }

    /// When the daemon started.
    #[must_use]
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// How long a channel's attempts took, since the start. `None` before the first.
    #[must_use]
    pub fn latency(&self, channel: &str) -> Option<Latency> {
        self.channels.load().get(channel)?.latency()
    }

    /// The channel's last failed attempt since the start.
    #[must_use]
    pub fn last_error(&self, channel: &str) -> Option<LastError> {
        self.channels.load().get(channel)?.last_error()
    }

    /// The last failed attempts of all channels, newest first.
    #[must_use]
    pub fn recent_failures(&self) -> Vec<RecentFailure> {
        lock(&self.recent).iter().cloned().collect()
    }

    /// Percentiles over the attempts of all channels since the start. `None` before the first.
    #[must_use]
    pub fn latency_of_all(&self) -> Option<Latency> {
        let mut all = channel::percentiles();
        self.channels.load().values().for_each(|channel| channel.add_latency(&mut all));
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
        // Families answer with the same series for the same labels, so two who come here at once count into the same ones;
        // but what is not a family's must not be made twice.
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

    fn filter_failed(&self, channel: &ChannelName) {
        self.channel(channel).filter_failed();
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
}

/// A panic elsewhere must not end the counting: what is guarded here is whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
