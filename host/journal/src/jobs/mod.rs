//! Long work that goes on in steps: replay of the history, redrive and purge of dead letters.
//!
//! A job is a row with a cursor. Each step is one commit that begins some deliveries again (or deletes some dead letters) and
//! moves the cursor, so a crash neither repeats nor leaves out any. A delivery that a job begins is a row in `retries`, like any
//! that waits: claims take turns between those and fresh ones, and a job keeps few of them under way, so live traffic is never
//! starved however long the job.

mod feeder;
mod select;
mod step;
mod store;

use std::{fmt, str::FromStr, sync::Arc};

use fanfare_core::{ChannelId, ChannelName, DeliveryId, WaitingFor};
use fanfare_dispatch::JournalError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{DeadLetterFilter, chore, shared::Shared};

pub(crate) use feeder::{Board, run as feed};
pub(crate) use store::{Ends, ended};

/// The number of a job. Never given twice.
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
    /// Begins nothing more until it is resumed; what is under way goes on.
    Paused,
    /// Begins nothing more; what is under way goes on.
    Cancelled,
    /// Everything has been begun, and has ended.
    Done,
    Failed,
}

impl JobState {
    /// Whether nothing can change it any more.
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

/// A job and how far it has come.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    pub id: JobId,
    pub kind: JobKind,
    pub state: JobState,
    /// What was asked for.
    pub request: Box<RawValue>,
    /// Events or dead letters that matched when it was made.
    pub matched: u64,
    /// Deliveries begun and not skipped, or dead letters deleted.
    pub sent: u64,
    /// Deliveries that were under way already, or gone, or that a policy or a preference skipped when their turn came.
    pub skipped: u64,
    pub delivered: u64,
    pub dead: u64,
    /// Begun and not ended.
    pub pending: u64,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Everything up to here has been looked at.
    #[serde(skip)]
    pub(crate) cursor: i64,
    #[serde(skip)]
    pub(crate) last: i64,
}

/// Deliveries of one channel that a job has begun, and that have not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobWait {
    pub channel: ChannelName,
    pub deliveries: u64,
    /// What they wait for, and until when the first of them does, if that is known; none where they are due or under
    /// way.
    pub waiting: Option<(WaitingFor, Option<Timestamp>)>,
}

/// Which events to send again, and to whom.
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
    /// Events after this one.
    Offset(u64),
    /// Accepted at this time or later.
    Time(Timestamp),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// Up to this event, and with it.
    Offset(u64),
    /// Accepted before this time.
    Time(Timestamp),
    /// What is there when the job is made.
    Now,
}

/// Why a job could not be made or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    #[error(transparent)]
    Store(#[from] JournalError),
    #[error("there is no channel `{0}` in the journal")]
    UnknownChannel(ChannelName),
    #[error("the job is {0} already")]
    Finished(JobState),
}

/// Makes jobs, and looks after them. Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    pub(crate) shared: Arc<Shared>,
}

impl Jobs {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// How many events a replay would send again.
    ///
    /// # Errors
    /// [`JobError`] when a channel is unknown or the store cannot be read.
    pub async fn count_replay(&self, request: &ReplayRequest) -> Result<u64, JobError> {
        self.channels(&request.channels)?;
        let (request, last) = (request.clone(), self.last_offset());
        Ok(self.shared.readers.run(move |connection| select::count(connection, &request, last)).await?)
    }

    /// Sends events again. A delivery that is under way anyway is skipped.
    ///
    /// # Errors
    /// [`JobError`]; then there is no job.
    pub async fn replay(&self, request: ReplayRequest) -> Result<Job, JobError> {
        let matched = self.count_replay(&request).await?;
        let (cursor, last) = select::bounds(&request, self.last_offset());
        self.make(JobKind::Replay, &request, matched, (cursor, last)).await
    }

    /// How many dead letters a filter matches.
    ///
    /// # Errors
    /// [`JobError`] when a channel is unknown or the store cannot be read.
    pub async fn count_dead_letters(&self, filter: &DeadLetterFilter) -> Result<u64, JobError> {
        self.channels(filter.channel.as_slice())?;
        let (shared, filter) = (Arc::clone(&self.shared), filter.clone());
        Ok(self.shared.readers.run(move |connection| select::count_letters(connection, &shared, &filter)).await?)
    }

    /// Takes dead letters out, and sends them again.
    ///
    /// # Errors
    /// [`JobError`]; then there is no job.
    pub async fn redrive(&self, filter: DeadLetterFilter) -> Result<Job, JobError> {
        let matched = self.count_dead_letters(&filter).await?;
        self.make(JobKind::Redrive, &filter, matched, (0, self.last_letter().await?)).await
    }

    /// Deletes dead letters.
    ///
    /// # Errors
    /// [`JobError`]; then there is no job.
    pub async fn purge(&self, filter: DeadLetterFilter) -> Result<Job, JobError> {
        let matched = self.count_dead_letters(&filter).await?;
        self.make(JobKind::Purge, &filter, matched, (0, self.last_letter().await?)).await
    }

    /// # Errors
    /// [`JobError`] when the store cannot be read.
    pub async fn get(&self, id: JobId) -> Result<Option<Job>, JobError> {
        Ok(self.shared.readers.run(move |connection| store::get(connection, id)).await?)
    }

    /// What the deliveries of a job wait for.
    ///
    /// # Errors
    /// [`JobError`] when the store cannot be read.
    pub async fn waits(&self, id: JobId) -> Result<Vec<JobWait>, JobError> {
        let shared = Arc::clone(&self.shared);
        Ok(self.shared.readers.run(move |connection| store::waits(connection, &shared, id)).await?)
    }

    /// The newest hundred, newest first.
    ///
    /// # Errors
    /// [`JobError`] when the store cannot be read.
    pub async fn list(&self) -> Result<Vec<Job>, JobError> {
        Ok(self.shared.readers.run(store::list).await?)
    }

    /// `None` for a job that does not exist.
    ///
    /// # Errors
    /// [`JobError::Finished`] for one that has ended.
    pub async fn pause(&self, id: JobId) -> Result<Option<Job>, JobError> {
        self.change(id, JobState::Paused).await
    }

    /// `None` for a job that does not exist.
    ///
    /// # Errors
    /// [`JobError::Finished`] for one that has ended.
    pub async fn resume(&self, id: JobId) -> Result<Option<Job>, JobError> {
        self.change(id, JobState::Running).await
    }

    /// `None` for a job that does not exist.
    ///
    /// # Errors
    /// [`JobError::Finished`] for one that has ended.
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
        let made =
            chore::run(&self.shared, |answer| step::Make::new((kind, request, matched, cursor, last), answer)).await?;
        self.shared.jobs.wake();
        Ok(made)
    }

    async fn change(&self, id: JobId, state: JobState) -> Result<Option<Job>, JobError> {
        let changed = chore::run(&self.shared, |answer| step::Change::new(id, state, answer)).await?;
        self.shared.jobs.wake();
        match changed {
            Some(job) if job.state != state => Err(JobError::Finished(job.state)),
            changed => Ok(changed),
        }
    }

    fn channels(&self, names: &[ChannelName]) -> Result<Vec<ChannelId>, JobError> {
        let id = |name| self.shared.channel_id(name).ok_or_else(|| JobError::UnknownChannel(name.clone()));
        names.iter().map(id).collect()
    }

    fn last_offset(&self) -> u64 {
        self.shared.window().next() - 1
    }

    async fn last_letter(&self) -> Result<i64, JobError> {
        Ok(self.shared.readers.run(select::last_letter).await?)
    }
}

/// One delivery to be begun again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Again {
    pub(crate) offset: u64,
    pub(crate) channel: ChannelId,
    /// The dead letter it comes from.
    pub(crate) letter: Option<(i64, DeliveryId)>,
}
