//! The trait of a channel.

use std::sync::Arc;

use fanfare_core::{BatchReport, ChannelId, Class, Cost, DeliveryId, Event, Fault, Report, TraceContext};

use crate::{Bounds, BoxFuture, State};

/// Delivers events. Called by many attempts concurrently.
pub trait Channel: Send + Sync + 'static {
    /// Makes one attempt, within its bounds. The call itself cannot fail: errors are in the report. Dropping the future
    /// cancels the attempt.
    fn deliver(&self, attempt: Attempt) -> BoxFuture<'_, Report>;

    /// Whether several deliveries may be attempted in one call.
    fn takes_batches(&self) -> bool {
        false
    }

    /// Attempts several deliveries in one call, within the bounds of one attempt (the first one's). Called only if
    /// [`takes_batches`](Self::takes_batches) returns true.
    fn deliver_batch(&self, batch: Vec<Attempt>) -> BoxFuture<'_, BatchReport> {
        let fault = Fault::new(Class::Host, "no_batches", "the channel does not take batches");
        Box::pin(std::future::ready(BatchReport::failed(batch.len(), &fault, Cost::default())))
    }

    /// The plugin's digest (the first 16 hex digits), recorded with every attempt.
    fn plugin_digest(&self) -> &str;

    /// A digest of the settings (16 hex digits), recorded with every dead letter; it shows whether they have changed
    /// since.
    fn settings_digest(&self) -> Arc<str>;
}

/// One attempt to make.
#[derive(Clone)]
pub struct Attempt {
    pub delivery: DeliveryId,
    /// From 1.
    pub number: u32,
    /// Whether this is a replay or a redrive.
    pub replayed: bool,
    pub event: Arc<Event>,
    pub bounds: Bounds,
    /// The channel's key-value state, as last committed.
    pub state: Arc<dyn State>,
    /// The attempt's context, which its event carries too. `None` while tracing is off.
    pub trace: Option<TraceContext>,
}

impl Attempt {
    /// The channel's number in the journal, which identifies its state.
    #[must_use]
    pub fn channel_id(&self) -> ChannelId {
        self.delivery.channel
    }
}
