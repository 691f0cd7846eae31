//! The daemon's answers as the commands read them. Words stay text, so that a newer daemon's new word is shown and not refused.

use std::collections::BTreeMap;

use fanfare_core::{AttemptRecord, StageRecord};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The result of an event.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ResultView {
    pub(crate) event_id: String,
    pub(crate) event_type: String,
    pub(crate) offset: u64,
    pub(crate) broadcast_at: Timestamp,
    pub(crate) overall_status: String,
    #[serde(default)]
    pub(crate) duplicate: bool,
    pub(crate) channels: BTreeMap<String, ChannelView>,
    pub(crate) summary: SummaryView,
}

/// Where one channel stands with it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ChannelView {
    pub(crate) status: String,
    pub(crate) attempts: u64,
    pub(crate) timestamp: Option<Timestamp>,
    pub(crate) duration_ms: Option<f64>,
    pub(crate) receipt: Option<Value>,
    pub(crate) class: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) next_attempt_at: Option<Timestamp>,
    pub(crate) waiting_for: Option<String>,
    pub(crate) until: Option<Timestamp>,
    pub(crate) reason: Option<String>,
    pub(crate) detail: Option<String>,
    pub(crate) skipped_replay: Option<SkippedReplayView>,
    pub(crate) fallback_for: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SkippedReplayView {
    pub(crate) at: Timestamp,
    pub(crate) reason: String,
    pub(crate) detail: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct SummaryView {
    pub(crate) total_channels: u64,
    pub(crate) successful: u64,
    pub(crate) failed: u64,
    pub(crate) pending: u64,
    #[serde(default)]
    pub(crate) skipped: u64,
}

/// An event with everything that became of it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct EventView {
    pub(crate) event: serde_json::Map<String, Value>,
    pub(crate) result: ResultView,
    #[serde(default)]
    pub(crate) attempts: BTreeMap<String, Vec<AttemptRecord>>,
    #[serde(default)]
    pub(crate) stages: Vec<StageRecord>,
}

impl ResultView {
    /// Whether nothing has failed so far.
    pub(crate) fn is_well(&self) -> bool {
        !matches!(self.overall_status.as_str(), "failed" | "partial") && self.summary.failed == 0
    }
}
