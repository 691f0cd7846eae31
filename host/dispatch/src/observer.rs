//! What dispatch tells those who count.

use std::time::Duration;

use fanfare_core::{AttemptRecord, ChannelName, ChannelResult, Class, DeliveryId, Event, Offset, Sample, StageRecord};

/// Told of every attempt; metrics live behind it. Called in the hot path: quick, and never blocking.
pub trait Observer: Send + Sync + 'static {
    fn accepted(&self, events: usize);

    fn duplicate(&self);

    /// A channel's filter could not be told for an event, which did not go there.
    fn filter_failed(&self, channel: &ChannelName);

    /// An event has passed a stage, or has not. The samples are the guest's own numbers.
    fn staged(&self, stage: &ChannelName, record: &StageRecord, samples: &[Sample]) {
        let _ = (stage, record, samples);
    }

    /// An attempt has ended; the record's `class` is absent when it delivered.
    fn attempted(&self, channel: &ChannelName, delivery: DeliveryId, record: &AttemptRecord);

    /// A call for so many deliveries has ended; `failed` as a whole, so that each of them is attempted alone.
    fn batched(&self, channel: &ChannelName, deliveries: usize, failed: bool);

    /// Deliveries of a channel have reached their ends, and that is committed.
    fn settled(&self, channel: &ChannelName, ends: &[End<'_>]);

    /// Whether [`End::result`] is wanted. Copying it costs time, so it is left out where nobody looks.
    fn wants_results(&self) -> bool {
        false
    }
}

/// The ends of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Settled {
    Delivered,
    Dead,
    /// There was no attempt, as it was not wanted any more.
    Skipped,
}

/// Why a delivery was given up.
#[derive(Clone, Copy, Debug)]
pub struct Why<'a> {
    pub class: Class,
    pub code: &'a str,
    pub error: &'a str,
}

/// A delivery that has ended.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    pub offset: Offset,
    /// Absent where it cannot be read any more.
    pub event: Option<&'a Event>,
    pub how: Settled,
    /// From the acceptance, or from the request to make it again.
    pub latency: Duration,
    pub delivery: DeliveryId,
    /// Why it was given up; absent for a delivered one.
    pub why: Option<Why<'a>>,
    /// The guest's own numbers.
    pub samples: &'a [Sample],
    /// Present when [`Observer::wants_results`] said so, or a publisher waits.
    pub result: Option<&'a ChannelResult>,
}
