//! The result of an event: the response to a publisher, and a row of the history.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    ChannelName, Class, DeliveryId, Offset,
    delivery::{Skip, Trigger, Wait},
};

/// The record of one attempt: everything an operator may ask about it later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AttemptRecord {
    /// From 1. A replay restarts the count.
    pub number: u32,
    pub trigger: Trigger,
    pub started: Timestamp,
    pub duration_ms: f64,
    /// Absent for a successful attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub fuel: u64,
    /// Peak linear memory in bytes.
    pub memory: u64,
    /// SHA-256 of the plugin's file, hex; the first 16 digits.
    pub plugin: String,
    /// The guest's last log lines, for a failed attempt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChannelStatus {
    Success,
    Failed,
    Pending,
    Skipped,
}

/// Why a pending delivery is not being attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WaitingFor {
    /// The channel is paused until an operator resumes it.
    Paused,
    /// The receiver reported that it is gone.
    Suspended,
    /// The channel's breaker is open.
    Breaker,
    /// The channel has used up its rate.
    Rate,
    /// The channel's plugin is missing.
    Plugin,
    /// The last attempt failed, and the retry is not due yet.
    Retry,
    /// The event asks to be delivered later (`deliverat`).
    At,
    /// The channel's `delay` before every first attempt.
    Delay,
    /// The channel's quiet hours.
    Quiet,
    /// The window of `once` is not over; its last event is delivered.
    Once,
    /// Its batch is not closed yet.
    Batch,
    /// An earlier delivery with the same order key has not ended.
    Order,
}

impl From<Wait> for WaitingFor {
    fn from(wait: Wait) -> Self {
        match wait {
            Wait::At => Self::At,
            Wait::Delay => Self::Delay,
            Wait::Quiet => Self::Quiet,
            Wait::Once => Self::Once,
            Wait::Rate => Self::Rate,
            Wait::Batch => Self::Batch,
        }
    }
}

/// The result of one event on one channel.
#[derive(Clone, Debug, Serialize)]
pub struct ChannelResult {
    pub status: ChannelStatus,
    pub channel: ChannelName,
    /// When this result last changed: the end of the last attempt, or the acceptance.
    #[serde(serialize_with = "micros")]
    pub timestamp: Timestamp,
    pub delivery_id: DeliveryId,
    pub attempts: u32,
    /// The last attempt's; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Box<RawValue>>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// What a pending delivery waits for, and until when if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<WaitingFor>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_micros")]
    pub until: Option<Timestamp>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Skipped>,
    /// Its last replay, if that was skipped; the rest says what it had come to before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped_replay: Option<SkippedReplay>,
    /// The channel that this one is the fallback for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_for: Option<ChannelName>,
}

/// A replay that was skipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SkippedReplay {
    #[serde(serialize_with = "micros")]
    pub at: Timestamp,
    #[serde(flatten)]
    pub skipped: Skipped,
}

/// Why there was and will be no attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    pub reason: Skip,
    pub detail: String,
}

/// The last attempt's failure.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    pub class: Class,
    pub code: String,
    pub error: String,
    /// `null` if there is none.
    #[serde(serialize_with = "optional_micros")]
    pub next_attempt_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OverallStatus {
    Success,
    Partial,
    Failed,
    Pending,
    Unrouted,
    /// Scheduled for later and cancelled before it was due.
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub total_channels: usize,
    pub successful: usize,
    pub failed: usize,
    pub pending: usize,
    pub skipped: usize,
}

/// The result of an event so far, in the shape of the HTTP API.
#[derive(Clone, Debug, Serialize)]
pub struct EventResult {
    pub event_id: String,
    pub event_type: String,
    pub offset: Offset,
    #[serde(serialize_with = "micros")]
    pub broadcast_at: Timestamp,
    pub overall_status: OverallStatus,
    pub duplicate: bool,
    pub channels: BTreeMap<ChannelName, ChannelResult>,
    pub summary: Summary,
}

impl Summary {
    #[must_use]
    pub fn of<'a>(statuses: impl IntoIterator<Item = &'a ChannelStatus>) -> Self {
        let mut summary = Self { total_channels: 0, successful: 0, failed: 0, pending: 0, skipped: 0 };
        for status in statuses {
            summary.total_channels += 1;
            *match status {
                ChannelStatus::Success => &mut summary.successful,
                ChannelStatus::Failed => &mut summary.failed,
                ChannelStatus::Pending => &mut summary.pending,
                ChannelStatus::Skipped => &mut summary.skipped,
            } += 1;
        }
        summary
    }

    #[must_use]
    pub fn overall(&self) -> OverallStatus {
        match self {
            Self { total_channels: 0, .. } => OverallStatus::Unrouted,
            Self { pending: 1.., .. } => OverallStatus::Pending,
            Self { failed: 0, .. } => OverallStatus::Success,
            Self { successful: 0, .. } => OverallStatus::Failed,
            _ => OverallStatus::Partial,
        }
    }
}

fn micros<S: serde::Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{moment:.6}"))
}

fn optional_micros<S: serde::Serializer>(moment: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match moment {
        Some(moment) => micros(moment, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overall_status_follows_from_the_channels() {
        use ChannelStatus::{Failed, Pending, Skipped, Success};
        let cases: [(&[ChannelStatus], OverallStatus); 9] = [
            (&[], OverallStatus::Unrouted),
            (&[Success, Success], OverallStatus::Success),
            (&[Failed], OverallStatus::Failed),
            (&[Success, Failed], OverallStatus::Partial),
            (&[Success, Failed, Pending], OverallStatus::Pending),
            (&[Pending], OverallStatus::Pending),
            (&[Skipped], OverallStatus::Success),
            (&[Skipped, Failed], OverallStatus::Failed),
            (&[Skipped, Pending], OverallStatus::Pending),
        ];
        for (statuses, want) in cases {
            assert_eq!(Summary::of(statuses).overall(), want, "{statuses:?}");
        }
    }
}
