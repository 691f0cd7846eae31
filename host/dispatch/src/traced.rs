//! What a trace needs to know of deliveries, and only while there are traces.

use std::{sync::Arc, time::Duration};

use fanfare_core::{ChannelName, Event, Sent, TraceContext, TraceLine};
use jiff::Timestamp;
use uuid::Uuid;

/// A sampled attempt.
#[derive(Clone, Debug)]
pub struct Traced {
    /// The attempt's own span.
    pub context: TraceContext,
    pub started: Timestamp,
    pub duration: Duration,
    /// How many deliveries were made in the call, if it was one for a batch.
    pub batch: Option<usize>,
    pub lines: Vec<TraceLine>,
    pub sent: Vec<Sent>,
    pub emitted: Vec<Emitted>,
}

/// An event that an attempt has emitted.
#[derive(Clone, Debug)]
pub struct Emitted {
    pub key: Uuid,
    pub event: Arc<Event>,
    pub channels: Vec<ChannelName>,
}
