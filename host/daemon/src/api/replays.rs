//! `/v1/replays`: events of the history sent again, and work on dead letters.

use fanfare_core::{ChannelName, WaitingFor};
use fanfare_journal::{JobKind, JobState};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::word::Word;

/// A place in the history: a number is an offset, a string a time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "`after` and `until` are an offset (a number) or an RFC 3339 time (a string)")]
pub enum Place {
    Offset(u64),
    Time(Timestamp),
}

/// Which events to send again, and to whom.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Events beyond this place. Default: from the oldest that is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Place>,
    /// Events up to this place. Default: until now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Place>,
    /// Types or patterns. Default: all.
    #[serde(default)]
    pub types: Vec<String>,
    /// The channels that they are sent to.
    #[schemars(length(min = 1))]
    pub channels: Vec<ChannelName>,
    /// Only count them.
    #[serde(default)]
    pub dry_run: bool,
}

/// What a replay would send.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Counted {
    /// How many events fit.
    pub matched: u64,
    pub dry_run: bool,
}

/// The newest hundred jobs, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Replays {
    pub replays: Vec<Job>,
    /// Always `null`: they stand on one page.
    pub next: Option<()>,
}

/// A job and how far it has come.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    pub id: i64,
    pub kind: Word<JobKind>,
    pub state: Word<JobState>,
    /// What was asked for.
    pub request: Box<RawValue>,
    /// Events or dead letters that matched when it was made.
    pub matched: u64,
    /// Deliveries that it has begun and that were not skipped, or dead letters that it has deleted.
    pub sent: u64,
    /// Deliveries that were under way already, or gone, or that a policy or a preference skipped when their turn came.
    pub skipped: u64,
    /// Of those that it has begun.
    pub delivered: u64,
    /// Of those that it has begun.
    pub dead: u64,
    /// Begun and not ended.
    pub pending: u64,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    /// Why it has failed. Absent where it has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What its pending deliveries wait for. Absent from lists, and where none waits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Waiting>,
}

/// Deliveries of one channel that a job has begun, and that are not attempted now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    pub channel: String,
    pub deliveries: u64,
    pub waiting_for: Word<WaitingFor>,
    /// When the first of them goes on, if that is known.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "super::optional_micros")]
    #[schemars(with = "Timestamp")]
    #[serde(default)]
    pub until: Option<Timestamp>,
}

impl From<fanfare_journal::Job> for Job {
    fn from(job: fanfare_journal::Job) -> Self {
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
