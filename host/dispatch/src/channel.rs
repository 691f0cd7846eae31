//! What dispatch asks of a channel.

use std::{sync::Arc, time::Duration};

use fanfare_core::{BatchReport, ChannelId, Class, Cost, DeliveryId, Event, Fault, Policy, Report};

use crate::{BoxFuture, State};

/// Something that can deliver an event. It is called by many attempts at once.
pub trait Channel: Send + Sync + 'static {
    /// Makes one attempt, within its bounds. Never fails as a call: whatever goes wrong is in the report. Dropping the
    /// future cancels the attempt.
    fn deliver(&self, attempt: Attempt) -> BoxFuture<'_, Report>;

    /// Whether several deliveries may be attempted in one call.
    fn takes_batches(&self) -> bool {
        false
    }

    /// Makes one attempt of several deliveries in one call, within the bounds of one attempt: the first one's. It is called only where
    /// [`takes_batches`](Self::takes_batches) says so.
    fn deliver_batch(&self, batch: Vec<Attempt>) -> BoxFuture<'_, BatchReport> {
        let fault = Fault::new(Class::Host, "no_batches", "the channel takes no batches");
        Box::pin(std::future::ready(BatchReport::failed(batch.len(), &fault, Cost::default())))
    }

    /// The plugin's digest (the first 16 hex digits), recorded with every attempt.
    fn plugin_digest(&self) -> &str;

    /// A digest of the settings (16 hex digits), recorded with every dead letter: it tells whether they have changed since.
    fn settings_digest(&self) -> Arc<str>;
}

/// One attempt to be made.
#[derive(Clone)]
pub struct Attempt {
    pub delivery: DeliveryId,
    /// 1 for the first.
    pub number: u32,
    /// Sent again by hand: from the history, or out of the dead letters.
    pub replayed: bool,
    pub event: Arc<Event>,
    pub bounds: Bounds,
    /// The channel's key-value state as it was last committed.
    pub state: Arc<dyn State>,
}

impl Attempt {
    /// The channel's number in the journal, under which its state is kept.
    #[must_use]
    pub fn channel_id(&self) -> ChannelId {
        self.delivery.channel
    }
}

/// What one attempt may use at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub timeout: Duration,
    pub fuel: u64,
    /// Bytes of linear memory.
    pub memory: u64,
    /// How many attempts one instance may serve; 0 and 1 mean a fresh one for each.
    pub reuse: u32,
}

impl From<&Policy> for Bounds {
    fn from(policy: &Policy) -> Self {
        Self { timeout: policy.timeout, fuel: policy.fuel, memory: policy.memory, reuse: policy.reuse }
    }
}
