//! What dispatch tells those who count.

use std::time::Duration;

use fanfare_core::{AttemptRecord, ChannelName, Class, Sample};

/// Told of every attempt; metrics live behind it. Called in the hot path: quick, and never blocking.
pub trait Observer: Send + Sync + 'static {
    fn accepted(&self, events: usize);

    fn duplicate(&self);

    /// An attempt has ended; `class` is absent when it delivered.
    fn attempted(&self, channel: &ChannelName, class: Option<Class>, record: &AttemptRecord);

    /// A delivery has reached its end, and that is committed. `samples` are the guest's own numbers.
    fn settled(&self, channel: &ChannelName, how: Settled, latency: Duration, samples: &[Sample]);
}

/// The two ends of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Settled {
    Delivered,
    Dead,
}
