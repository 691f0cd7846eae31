//! Counters that other modules read or write.

use std::collections::BTreeMap;

use fanfare_core::ChannelName;
use prometheus_client::metrics::counter::Counter;

/// Counters since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    pub accepted: u64,
    pub channels: BTreeMap<ChannelName, ChannelCounters>,
}

/// Counters of one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelCounters {
    pub delivered: u64,
    /// Failed attempts.
    pub failed: u64,
    pub dead: u64,
}

/// How many spans were sent, and how many were not.
#[derive(Clone, Debug, Default)]
pub struct TraceCounters {
    pub exported: Counter,
    pub dropped: Counter,
}
