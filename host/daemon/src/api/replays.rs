//! `/v1/replays`: replays of the history, and jobs on dead letters.

use fanfare_core::{ChannelName, WaitingFor};
use fanfare_record::{JobKind, JobState};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::word::Word;

/// A place in the history: an offset (a number) or a time (a string).
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "`after` and `until` are an offset (a number) or an RFC 3339 time (a string)")]
pub enum Place {
    Offset(u64),
    Time(Timestamp),
}

/// Which events to replay, and to which channels.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Events after this place. Default: from the oldest event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Place>,
    /// Events up to this place. Default: up to now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Place>,
    /// Types or type patterns. Default: all.
    #[serde(default)]
    pub types: Vec<String>,
    /// The channels that get them.
    #[schemars(length(min = 1))]
    pub channels: Vec<ChannelName>,
    /// Only count them.
    #[serde(default)]
    pub dry_run: bool,
}

/// How much a replay would send.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Counted {
    /// How many events match.
    pub matched: u64,
    pub dry_run: bool,
}

/// The newest hundred jobs, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Replays {
    pub replays: Vec<Job>,
    /// Always `null`: there is only one page.
    pub next: Option<()>,
}

/// A job and its progress.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    pub id: i64,
    pub kind: Word<JobKind>,
    pub state: Word<JobState>,
    /// The request that began it.
    pub request: Box<RawValue>,
    /// Events or dead letters that matched when it began.
    pub matched: u64,
    /// Deliveries that it has begun and that were not skipped, or dead letters that it has deleted.
    pub sent: u64,
    /// Deliveries that were pending already or no longer exist, or that a policy or a preference skipped.
    pub skipped: u64,
    /// Of the deliveries that it has begun.
    pub delivered: u64,
    /// Of the deliveries that it has begun.
    pub dead: u64,
    /// Begun and not settled.
    pub pending: u64,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    /// Why it failed. Absent if it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What its pending deliveries wait for. Absent from lists, and if none waits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Waiting>,
}

/// Deliveries of one channel that a job has begun, and that cannot be attempted now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    pub channel: String,
    pub deliveries: u64,
    pub waiting_for: Word<WaitingFor>,
    /// Until when the first of them waits, if that is known.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "super::optional_micros")]
    #[schemars(with = "Timestamp")]
    #[serde(default)]
    pub until: Option<Timestamp>,
}

impl From<fanfare_record::Job> for Job {
    fn from(job: fanfare_record::Job) -> Self {
        Self {
            id: job.id.0,
            kind: job.kind.into(),
            state: job.state.into(),
            request: job.request,
            matched: job.matched,
            sent: job.sent,
            skipped: job.skipped,
            delivered: job.delivered,
            dead: job.dead,
            pending: job.pending,
            created_at: job.created_at,
            changed_at: job.changed_at,
            error: job.error,
            waiting: vec![],
        }
    }
}
