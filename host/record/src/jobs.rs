//! Long-running work in steps (replay of the history, redrive and purge of dead letters), and deliveries that people
//! drop or cancel.

use std::{collections::BTreeSet, fmt, str::FromStr};

use fanfare_core::{ChannelName, DeliveryId, Offset, WaitingFor};
use fanfare_dispatch::{BoxFuture, JournalError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::DeadLetterFilter;

/// The number of a job, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub i64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for JobId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum JobKind {
    /// Events of the history are sent again.
    Replay,
    /// Dead letters are sent again.
    Redrive,
    /// Dead letters are deleted.
    Purge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    Running,
    /// Begins nothing more until it is resumed. Deliveries under way continue.
    Paused,
    /// Begins nothing more. Deliveries under way continue.
    Cancelled,
    /// Everything has begun and ended.
    Done,
    Failed,
}

impl JobState {
    /// Whether the state can no longer change.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Cancelled | Self::Done | Self::Failed)
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Done => "done",
            Self::Failed => "failed",
        })
    }
}

/// A job and its progress.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    pub id: JobId,
    pub kind: JobKind,
    pub state: JobState,
    /// The request that created it.
    pub request: Box<RawValue>,
    /// Events or dead letters that matched when it was created.
    pub matched: u64,
    /// Deliveries begun and not skipped, or dead letters deleted.
    pub sent: u64,
    /// Deliveries that were already under way, no longer existed, or were skipped by a policy or a preference at their
    /// turn.
    pub skipped: u64,
    pub delivered: u64,
    pub dead: u64,
    /// Begun and not ended.
    pub pending: u64,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Everything up to this cursor has been processed.
    #[serde(skip)]
    pub cursor: i64,
    /// It ends with this cursor.
    #[serde(skip)]
    pub last: i64,
}

impl Job {
    /// The channels that the job's request names. `None` if it names none, so that the job concerns all.
    #[must_use]
    pub fn channels(&self) -> Option<BTreeSet<ChannelName>> {
        let request = self.request.get();
        if self.kind == JobKind::Replay {
            return serde_json::from_str::<ReplayRequest>(request)
                .ok()
                .map(|replay| replay.channels.into_iter().collect());
        }
        let filter: DeadLetterFilter = serde_json::from_str(request).ok()?;
        filter.channel.map(|channel| BTreeSet::from([channel])).or(filter.channels)
    }
}

/// Deliveries of one channel that a job has begun and that have not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobWait {
    pub channel: ChannelName,
    pub deliveries: u64,
    /// What they wait for, and until when the first of them does, if that is known. `None` if they are due or in
    /// flight.
    pub waiting: Option<(WaitingFor, Option<Timestamp>)>,
}

/// Which events to send again, and to which channels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayRequest {
    pub after: Start,
    pub until: End,
    /// Types or patterns as in [`EventQuery`](crate::EventQuery); empty for all.
    pub types: Vec<String>,
    pub channels: Vec<ChannelName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// Events after this offset.
    Offset(u64),
    /// Accepted at or after this time.
    Time(Timestamp),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// Up to and including this event.
    Offset(u64),
    /// Accepted before this time.
    Time(Timestamp),
    /// Up to the newest event when the job is created.
    Now,
}

/// Why a job could not be created or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    #[error(transparent)]
    Store(#[from] JournalError),
    #[error("there is no channel `{0}` in the journal")]
    UnknownChannel(ChannelName),
    #[error("the job is already {0}")]
    Finished(JobState),
}

/// Why an event was not cancelled. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CancelError {
    #[error(transparent)]
    Store(#[from] JournalError),
    /// It was not scheduled, or its time has come.
    #[error("it is already due")]
    Due,
    /// All its deliveries have ended, or it has none.
    #[error("none of its deliveries is pending")]
    NotPending,
    /// A lane is processing it. Retry in a moment.
    #[error("one of its deliveries is being processed")]
    InFlight,
}

/// Why a delivery was not dropped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DropError {
    #[error(transparent)]
    Store(#[from] JournalError),
    /// It does not exist, or it has ended.
    #[error("no delivery with this id is pending")]
    NotPending,
    /// An attempt is running and decides its end.
    #[error("an attempt is in progress")]
    InFlight,
}

/// Creates and manages jobs, and ends deliveries.
///
/// # Errors
/// If a call fails, nothing has changed: a channel is unknown, a job has ended, or the store fails.
pub trait Jobs: Send + Sync + 'static {
    /// Counts the events that a replay would send again.
    fn count_replay<'a>(&'a self, request: &'a ReplayRequest) -> BoxFuture<'a, Result<u64, JobError>>;

    /// Sends events again. A delivery that is already under way is skipped.
    fn replay(&self, request: ReplayRequest) -> BoxFuture<'_, Result<Job, JobError>>;

    /// Counts the dead letters that match a filter.
    fn count_dead_letters<'a>(&'a self, filter: &'a DeadLetterFilter) -> BoxFuture<'a, Result<u64, JobError>>;

    /// Sends dead letters again.
    fn redrive(&self, filter: DeadLetterFilter) -> BoxFuture<'_, Result<Job, JobError>>;

    /// Deletes dead letters.
    fn purge(&self, filter: DeadLetterFilter) -> BoxFuture<'_, Result<Job, JobError>>;

    /// `None` if the job does not exist.
    fn get(&self, id: JobId) -> BoxFuture<'_, Result<Option<Job>, JobError>>;

    /// What the deliveries of a job wait for.
    fn waits(&self, id: JobId) -> BoxFuture<'_, Result<Vec<JobWait>, JobError>>;

    /// The newest hundred jobs, newest first.
    fn list(&self) -> BoxFuture<'_, Result<Vec<Job>, JobError>>;

    /// `None` if the job does not exist.
    fn pause(&self, id: JobId) -> BoxFuture<'_, Result<Option<Job>, JobError>>;

    /// `None` if the job does not exist.
    fn resume(&self, id: JobId) -> BoxFuture<'_, Result<Option<Job>, JobError>>;

    /// `None` if the job does not exist.
    fn cancel(&self, id: JobId) -> BoxFuture<'_, Result<Option<Job>, JobError>>;

    /// Cancels every delivery of an event that is not due yet.
    fn cancel_event(&self, offset: Offset) -> BoxFuture<'_, Result<(), CancelError>>;

    /// Ends a pending delivery as dead, with this reason. It may be waiting, held back behind others of its key, or not
    /// handed out yet.
    fn drop_delivery(&self, id: DeliveryId, reason: String) -> BoxFuture<'_, Result<(), DropError>>;

    /// Ends all pending deliveries of a channel as dead. Meant for a channel without a lane. `go_on` is called between
    /// two steps. Returns how many were ended; after an error, those that were ended stay ended.
    fn forget<'a>(
        &'a self,
        name: &'a ChannelName,
        go_on: &'a (dyn Fn() -> bool + Send + Sync),
    ) -> BoxFuture<'a, Result<u64, JournalError>>;
}
