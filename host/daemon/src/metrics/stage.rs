//! The series of the stages, created once and then only incremented.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use arc_swap::ArcSwap;
use fanfare_core::{ChannelName, Class, Did, Sample, StageRecord};
use hdrhistogram::Histogram as Percentiles;
use jiff::Timestamp;
use prometheus_client::{
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

use super::{
    channel::{Histograms, One, latency, micros, percentiles},
    lock,
    samples::{ChannelSamples, Families as SampleFamilies},
};
use crate::api::{Runs, StageError};

/// From a hundredth of a millisecond, for a small stage, to the seconds of one that makes requests.
const SECONDS: [f64; 14] =
    [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// All stages since the start. Names come from the configuration, so there are few.
pub(super) struct Stages {
    runs: Family<[(&'static str, String); 2], Counter>,
    duration: Histograms<One>,
    stages: ArcSwap<HashMap<ChannelName, Arc<StageMetrics>>>,
}

pub(super) struct StageMetrics {
    /// By [`Did::ALL`].
    runs: [Counter; Did::ALL.len()],
    duration: Histogram,
    micros: Mutex<Percentiles<u64>>,
    last_error: Mutex<Option<StageError>>,
    samples: Mutex<ChannelSamples>,
}

impl Stages {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let seconds = (|| Histogram::new(SECONDS)) as fn() -> Histogram;
        let (runs, duration) = (Family::default(), Family::new_with_constructor(seconds));
        registry.register("stage_runs", "Events that reached a stage, by what it did", runs.clone());
        registry.register("stage_duration_seconds", "Time per event and stage", duration.clone());
        Self { runs, duration, stages: ArcSwap::default() }
    }

    pub(super) fn of(&self, name: &ChannelName) -> Arc<StageMetrics> {
        if let Some(known) = self.stages.load().get(name) {
            return Arc::clone(known);
        }
        let run =
            |did: Did| self.runs.get_or_create_owned(&[("stage", name.to_string()), ("did", did.as_str().to_owned())]);
        let made = Arc::new(StageMetrics {
            runs: Did::ALL.map(run),
            duration: self.duration.get_or_create_owned(&[("stage", name.to_string())]),
            micros: Mutex::new(percentiles()),
            last_error: Mutex::default(),
            samples: Mutex::default(),
        });
        // If two callers get here at once, one of them creates it.
        let mut kept = Arc::clone(&made);
        self.stages.rcu(|stages| {
            let mut stages = HashMap::clone(stages);
            kept = Arc::clone(stages.entry(name.clone()).or_insert_with(|| Arc::clone(&made)));
            stages
        });
        kept
    }

    pub(super) fn collect(&self, into: &mut SampleFamilies) {
        for (name, stage) in self.stages.load().iter() {
            lock(&stage.samples).collect(("stage", name), into);
        }
    }
}

impl StageMetrics {
    pub(super) fn ran(&self, record: &StageRecord, now: Timestamp, samples: &[Sample]) {
        self.runs[record.did as usize].inc();
        if let Some(failure) = &record.failure {
            let (class, code) = (failure.class, failure.code.clone());
            *lock(&self.last_error) = Some(StageError { at: now, class: class.into(), code });
        }
        // A stage that was never called took no time.
        if record.failure.as_ref().is_none_or(|failure| failure.class != Class::Host) {
            self.duration.observe(record.duration_ms / 1e3);
            lock(&self.micros).saturating_record(micros(record.duration_ms));
        }
        if !samples.is_empty() {
            let mut mine = lock(&self.samples);
            for sample in samples {
                if mine.record(sample).is_err() {
                    tracing::debug!(stage = %record.stage, "a sample of a stage was dropped");
                }
            }
        }
    }

    pub(super) fn counts(&self) -> Runs {
        let runs = Did::ALL.into_iter().map(|did| (did.as_str().to_owned(), self.runs[did as usize].get()));
        Runs { runs: runs.collect(), latency: latency(&lock(&self.micros)), last_error: lock(&self.last_error).clone() }
    }
}
