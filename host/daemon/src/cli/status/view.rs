//! The parts of the daemon's statistics that are shown.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

/// `GET /v1/channels`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ChannelsPage {
    pub(super) channels: Vec<ChannelView>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct ChannelView {
    pub(super) name: String,
    pub(super) state: String,
    /// Absent of a channel that has left the configuration.
    pub(super) plugin: Option<String>,
    #[serde(default)]
    pub(super) pending: u64,
    #[serde(default)]
    pub(super) in_flight: u64,
    #[serde(default)]
    pub(super) dead_letters: u64,
    #[serde(default)]
    pub(super) delivered: u64,
    pub(super) success_rate: Option<f64>,
    pub(super) gathered: Option<Gathered>,
    #[serde(default)]
    pub(super) deferred: BTreeMap<String, u64>,
    pub(super) latency: Option<Percentiles>,
    pub(super) last_error: Option<LastError>,
    /// Why there is no plugin, or why its newest file is not in use.
    pub(super) error: Option<String>,
    /// What to add to the configuration, for a file that waits for that.
    pub(super) configure: Option<String>,
}

/// What waits for its batch to be closed.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Gathered {
    pub(super) deliveries: u64,
    pub(super) until: Timestamp,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Percentiles {
    pub(super) p99_ms: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct LastError {
    pub(super) at: Option<Timestamp>,
    pub(super) class: String,
    pub(super) code: String,
    pub(super) error: String,
}

/// `GET /v1/stats`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Stats {
    pub(super) version: String,
    pub(super) uptime_seconds: f64,
    pub(super) totals: Totals,
    pub(super) journal: Journal,
    pub(super) last_reload: Option<Reload>,
    /// Channels that have left the configuration with something pending.
    #[serde(default)]
    pub(super) removed: Vec<Removed>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Removed {
    pub(super) channel: String,
    pub(super) pending: u64,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Totals {
    pub(super) accepted: u64,
    pub(super) delivered: u64,
    pub(super) dead: u64,
    pub(super) skipped: u64,
    pub(super) pending: u64,
    pub(super) attempts: u64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Journal {
    pub(super) status: String,
    pub(super) error: Option<String>,
    pub(super) restored: Option<Restored>,
}

/// When the journal was last put back from a copy.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Restored {
    pub(super) at: Timestamp,
    pub(super) last_offset: u64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Reload {
    pub(super) at: Timestamp,
    pub(super) outcome: String,
    #[serde(default)]
    pub(super) changes: Vec<String>,
    #[serde(default)]
    pub(super) errors: Vec<String>,
}
