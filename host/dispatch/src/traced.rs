//! What a trace needs to know of deliveries, and only while there are traces.

use std::{sync::Arc, time::Duration};

use fanfare_core::{ChannelName, Event, RoundId, Sent, TraceContext, TraceLine};
use jiff::Timestamp;
use uuid::Uuid;

use crate::Claim;

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

/// The context of a claim's next attempt, which starts now. Traces that begin here are sampled by this share.
pub(crate) fn attempt_of(claim: &Claim, started: Timestamp, share: f64) -> TraceContext {
    let round = RoundId::new(claim.delivery_id(), claim.origin, claim.since);
    let span = round.attempt(claim.attempts.saturating_add(1), started);
    TraceContext::of(&claim.event, claim.key, share).at(span)
}

/// The event as an attempt sees it: its parent is the attempt.
pub(crate) fn carrying(event: &Event, context: &TraceContext) -> Arc<Event> {
    let mut event = event.clone();
    event.carry(context);
    Arc::new(event)
}
