//! Long-running work in steps: replay of the history, redrive and purge of dead letters.
//!
//! A job is a row with a cursor. Each step is one commit that begins some deliveries again (or deletes some dead
//! letters) and moves the cursor, so a crash neither repeats nor skips any. A delivery that a job begins gets a row in
//! `retries`, like any that waits. Claims alternate between those and new events, and a job keeps only a few under way,
//! so live traffic is never starved however long the job is.

mod feeder;
mod select;
mod step;
mod store;

use std::{collections::BTreeSet, fmt, str::FromStr, sync::Arc};

use fanfare_core::{ChannelId, ChannelName, DeliveryId, WaitingFor};
use fanfare_dispatch::JournalError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{DeadLetterFilter, open_journal::OpenJournal};

pub(crate) use feeder::run as feed;

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
    pub(crate) cursor: i64,
    #[serde(skip)]
    pub(crate) last: i64,
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

/// Creates and manages jobs. Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    pub(crate) journal: Arc<OpenJournal>,
}

impl Jobs {
    pub(crate) fn new(journal: Arc<OpenJournal>) -> Self {
        Self { journal }
    }

    /// Counts the events that a replay would send again.
    ///
    /// # Errors
    /// [`JobError`] if a channel is unknown or the store cannot be read.
    pub async fn count_replay(&self, request: &ReplayRequest) -> Result<u64, JobError> {
        self.channels(&request.channels)?;
        let (request, last) = (request.clone(), self.last_offset());
        Ok(self.journal.readers.run(move |connection| select::count(connection, &request, last)).await?)
    }

    /// Sends events again. A delivery that is already under way is skipped.
    ///
    /// # Errors
    /// [`JobError`]; then no job was created.
    pub async fn replay(&self, request: ReplayRequest) -> Result<Job, JobError> {
        let matched = self.count_replay(&request).await?;
        let (cursor, last) = select::bounds(&request, self.last_offset());
        self.make(JobKind::Replay, &request, matched, (cursor, last)).await
    }

    /// Counts the dead letters that match a filter.
    ///
    /// # Errors
    /// [`JobError`] if a channel is unknown or the store cannot be read.
    pub async fn count_dead_letters(&self, filter: &DeadLetterFilter) -> Result<u64, JobError> {
        self.channels(filter.channel.as_slice())?;
        let (journal, filter) = (Arc::clone(&self.journal), filter.clone());
        Ok(self.journal.readers.run(move |connection| select::count_letters(connection, &journal, &filter)).await?)
    }

    /// Sends dead letters again.
    ///
    /// # Errors
    /// [`JobError`]; then no job was created.
    pub async fn redrive(&self, filter: DeadLetterFilter) -> Result<Job, JobError> {
        let matched = self.count_dead_letters(&filter).await?;
        self.make(JobKind::Redrive, &filter, matched, (0, self.last_letter().await?)).await
    }

    /// Deletes dead letters.
    ///
    /// # Errors
    /// [`JobError`]; then no job was created.
    pub async fn purge(&self, filter: DeadLetterFilter) -> Result<Job, JobError> {
        let matched = self.count_dead_letters(&filter).await?;
        self.make(JobKind::Purge, &filter, matched, (0, self.last_letter().await?)).await
    }

    /// # Errors
    /// [`JobError`] if the store cannot be read.
    pub async fn get(&self, id: JobId) -> Result<Option<Job>, JobError> {
        Ok(self.journal.readers.run(move |connection| store::get(connection, id)).await?)
    }

    /// What the deliveries of a job wait for.
    ///
    /// # Errors
    /// [`JobError`] if the store cannot be read.
    pub async fn waits(&self, id: JobId) -> Result<Vec<JobWait>, JobError> {
        let journal = Arc::clone(&self.journal);
        Ok(self.journal.readers.run(move |connection| store::waits(connection, &journal.memory, id)).await?)
    }

    /// The newest hundred jobs, newest first.
    ///
    /// # Errors
    /// [`JobError`] if the store cannot be read.
    pub async fn list(&self) -> Result<Vec<Job>, JobError> {
        Ok(self.journal.readers.run(store::list).await?)
    }

    /// `None` if the job does not exist.
    ///
    /// # Errors
    /// [`JobError::Finished`] if it has ended.
    pub async fn pause(&self, id: JobId) -> Result<Option<Job>, JobError> {
        self.change(id, JobState::Paused).await
    }

    /// `None` if the job does not exist.
    ///
    /// # Errors
    /// [`JobError::Finished`] if it has ended.
    pub async fn resume(&self, id: JobId) -> Result<Option<Job>, JobError> {
        self.change(id, JobState::Running).await
    }

    /// `None` if the job does not exist.
    ///
    /// # Errors
    /// [`JobError::Finished`] if it has ended.
    pub async fn cancel(&self, id: JobId) -> Result<Option<Job>, JobError> {
        self.change(id, JobState::Cancelled).await
    }

    async fn make(
        &self,
        kind: JobKind,
        request: &impl Serialize,
        matched: u64,
        (cursor, last): (i64, i64),
    ) -> Result<Job, JobError> {
        let request = serde_json::to_string(request).map_err(|e| JournalError::Store(e.to_string()))?;
        let made = self.journal.run(|answer| step::Make::new((kind, request, matched, cursor, last), answer)).await?;
        self.journal.job_work.notify_one();
        Ok(made)
    }

    async fn change(&self, id: JobId, state: JobState) -> Result<Option<Job>, JobError> {
        let changed = self.journal.run(|answer| step::Change::new(id, state, answer)).await?;
        self.journal.job_work.notify_one();
        match changed {
            Some(job) if job.state != state => Err(JobError::Finished(job.state)),
            changed => Ok(changed),
        }
    }

    fn channels(&self, names: &[ChannelName]) -> Result<Vec<ChannelId>, JobError> {
        let id = |name| self.journal.memory.channel_id(name).ok_or_else(|| JobError::UnknownChannel(name.clone()));
        names.iter().map(id).collect()
    }

    fn last_offset(&self) -> u64 {
        self.journal.memory.window().next() - 1
    }

    async fn last_letter(&self) -> Result<i64, JobError> {
        Ok(self.journal.readers.run(select::last_letter).await?)
    }
}

/// A delivery to begin again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Again {
    pub(crate) offset: u64,
    pub(crate) channel: ChannelId,
    /// The dead letter it comes from.
    pub(crate) letter: Option<(i64, DeliveryId)>,
}
