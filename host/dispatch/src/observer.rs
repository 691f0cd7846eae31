//! The trait that metrics and traces implement.

use std::time::Duration;

use fanfare_core::{
    AttemptRecord, ChannelName, ChannelResult, DeliveryId, Event, Offset, Sample, SpanId, StageRecord, TraceId,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Settlement, Why};

/// Is notified of every attempt. Called on the hot path: it must be quick and must not block.
pub trait Observer: Send + Sync + 'static {
    fn accepted(&self, events: usize);

    fn duplicate(&self);

    /// A channel's filter could not be evaluated for an event, for this reason, so the event does not go there.
    fn filter_failed(&self, channel: &ChannelName, event: &Event, reason: &str);

    /// A stage has processed or failed an event. The samples are the guest's own metrics.
    fn staged(&self, stage: &ChannelName, record: &StageRecord, samples: &[Sample]) {
        let _ = (stage, record, samples);
    }

    /// An attempt has ended; `class` of the record is absent if it delivered.
    fn attempted(&self, channel: &ChannelName, delivery: DeliveryId, record: &AttemptRecord);

    /// A call for this many deliveries has ended. `failed` means as a whole, so that each of them is attempted alone.
    fn batched(&self, channel: &ChannelName, deliveries: usize, failed: bool);

    /// Deliveries of a channel have ended, and the ends are committed.
    fn settled(&self, channel: &ChannelName, ends: &[End<'_>]);

    /// Settlements of a channel were discarded because their claims were no longer in force.
    fn stale(&self, channel: &ChannelName, settlements: usize) {
        let _ = (channel, settlements);
    }

    /// The share of traces beginning here that is sampled. `None` while tracing is off.
    fn tracing(&self) -> Option<f64> {
        None
    }

    /// Events were published and recorded. Called only while tracing is on.
    fn recorded(&self, events: &[Recorded<'_>]) {
        let _ = events;
    }

    /// Settlements of a channel were committed. Called only while tracing is on.
    fn committed(&self, channel: &ChannelName, settled: &[Settlement]) {
        let _ = (channel, settled);
    }

    /// Whether [`End::result`] is wanted. Building it costs time, so it is omitted if nobody uses it.
    fn wants_results(&self) -> bool {
        false
    }
}

/// How a delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Settled {
    Delivered,
    Dead,
    /// Without an attempt, because it was no longer wanted.
    Skipped,
}

/// A delivery that has ended.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    pub offset: Offset,
    /// Absent if it is unreadable.
    pub event: Option<&'a Event>,
    pub how: Settled,
    /// Since the acceptance, or since the request to begin it again.
    pub latency: Duration,
    pub delivery: DeliveryId,
    /// The number of the last attempt, if there was one.
    pub attempt: Option<u32>,
    /// Why it is a dead letter; absent if it was delivered.
    pub why: Option<Why<'a>>,
    /// The guest's own metrics.
    pub samples: &'a [Sample],
    /// Present if [`Observer::wants_results`] returns true, or if a publisher waits.
    pub result: Option<&'a ChannelResult>,
}

/// A recorded event.
#[derive(Clone, Debug)]
pub struct Recorded<'a> {
    pub key: Uuid,
    pub offset: Offset,
    pub event: &'a Event,
    pub at: Timestamp,
    pub channels: Vec<&'a ChannelName>,
    /// The results of the stages.
    pub stages: Vec<StageRecord>,
    /// The trace and span of the publishing request.
    pub request: Option<(TraceId, SpanId)>,
}
