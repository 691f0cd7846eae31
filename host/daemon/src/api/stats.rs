//! `/v1/stats`: the daemon at a glance.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    channels::Counts,
    health::JournalHealth,
    metrics::{Latency, RecentFailure},
    plugins::ReloadReport,
};

/// The daemon at a glance.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Stats {
    pub version: String,
    /// Seconds since the start.
    pub uptime_seconds: u64,
    pub journal: Journal,
    /// `null` before the first.
    pub last_reload: Option<ReloadReport>,
    pub totals: Totals,
    /// By name.
    #[serde(default)]
    pub channels: BTreeMap<String, Counts>,
    /// Channels that have left the configuration, and for which deliveries are pending: they keep every event after them.
    #[serde(default)]
    pub removed: Vec<Removed>,
    /// Over all channels, for this run's attempts; `null` before the first.
    #[serde(default)]
    pub latency: Option<Latency>,
    /// Attempts of this run, newest first.
    #[serde(default)]
    pub recent_failures: Vec<RecentFailure>,
}

/// A channel that has left the configuration, and what is left of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Removed {
    pub channel: String,
    pub pending: u64,
    #[serde(default)]
    pub dead_letters: u64,
}

/// The journal, and whether it can be written and read.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Journal {
    /// Another one after the journal was put back from a copy.
    #[serde(default)]
    pub id: Uuid,
    #[serde(flatten)]
    pub health: JournalHealth,
    /// When it was last put back from a copy; `null` when it never was.
    pub restored: Option<Restored>,
}

/// The last time that the journal was put back.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Restored {
    /// When a daemon first started on the copy.
    pub at: Timestamp,
    /// When the copy was taken; `null` where it was not `fanfare backup` that took it.
    pub copied_at: Option<Timestamp>,
    /// The copy's newest event. Later offsets have been given again, to other events.
    pub last_offset: u64,
}

impl From<fanfare_journal::Restored> for Restored {
    fn from(restored: fanfare_journal::Restored) -> Self {
        let fanfare_journal::Restored { at, copied_at, last_offset } = restored;
        Self { at, copied_at, last_offset: last_offset.0 }
    }
}

/// Over all channels there ever were, since the journal was made.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Totals {
    /// Events.
    pub accepted: u64,
    pub delivered: u64,
    pub dead: u64,
    /// Ended without being delivered, as that was not wanted any more.
    pub skipped: u64,
    pub attempts: u64,
    pub pending: u64,
    /// Delivered, of the deliveries that reached their end, from 0 to 1; `null` before the first.
    pub success_rate: Option<f64>,
    /// Attempts per delivery that reached its end; `null` before the first.
    pub mean_attempts: Option<f64>,
}
