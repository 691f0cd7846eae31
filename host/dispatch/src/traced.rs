//! What traces record of deliveries. Built only while tracing is on.

use std::{sync::Arc, time::Duration};

use fanfare_core::{ChannelName, Event, Sent, StageRecord, TraceContext, TraceLine};
use jiff::Timestamp;
use uuid::Uuid;

/// A sampled attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Traced {
    /// The attempt's span.
    pub context: TraceContext,
    pub started: Timestamp,
    pub duration: Duration,
    /// The number of deliveries in the call, if it was a batch.
    pub batch: Option<usize>,
    pub lines: Vec<TraceLine>,
    pub sent: Vec<Sent>,
    pub emitted: Vec<Emitted>,
}

/// An event that an attempt emitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Emitted {
    pub key: Uuid,
    pub event: Arc<Event>,
    pub channels: Vec<ChannelName>,
    /// The results of the stages.
    pub stages: Vec<StageRecord>,
}
