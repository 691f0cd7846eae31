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
    /// Removed channels with a backlog, which keeps all later events from being pruned.
    #[serde(default)]
    pub removed: Vec<Removed>,
    /// Over all channels that the caller sees, for this run's attempts; `null` before the first.
    #[serde(default)]
    pub latency: Option<Latency>,
    /// Attempts of this run, newest first.
    #[serde(default)]
    pub recent_failures: Vec<RecentFailure>,
}

/// A removed channel and its backlog.
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
    /// Changes when the journal is restored from a backup.
    #[serde(default)]
    pub id: Uuid,
    #[serde(flatten)]
    pub health: JournalHealth,
    /// When it was last restored from a backup; `null` if it never was.
    pub restored: Option<Restored>,
}

/// The last time that the journal was restored.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Restored {
    /// When a daemon first started on the backup.
    pub at: Timestamp,
    /// When the backup was made; `null` if it was not made by `fanfare backup`.
    pub copied_at: Option<Timestamp>,
    /// The backup's newest event. Later offsets were used again, for other events.
    pub last_offset: u64,
}

impl From<fanfare_record::Restored> for Restored {
    fn from(restored: fanfare_record::Restored) -> Self {
        let fanfare_record::Restored { at, copied_at, last_offset } = restored;
        Self { at, copied_at, last_offset: last_offset.0 }
    }
}

/// Over all channels that ever existed, since the journal was created.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Totals {
    /// Recorded events.
    pub accepted: u64,
    pub delivered: u64,
    pub dead: u64,
    /// Settled without an attempt, because they were no longer wanted.
    pub skipped: u64,
    pub attempts: u64,
    pub pending: u64,
    /// The share of settled deliveries that were delivered, from 0 to 1; `null` before the first.
    pub success_rate: Option<f64>,
    /// Attempts per settled delivery; `null` before the first.
    pub mean_attempts: Option<f64>,
}
