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

use std::sync::Arc;

use fanfare_core::{ChannelId, ChannelName, DeliveryId, Offset};
use fanfare_dispatch::{BoxFuture, JournalError};
use fanfare_record::{
    CancelError, DeadLetterFilter, DropError, Job, JobError, JobId, JobKind, JobState, JobWait, Jobs, ReplayRequest,
};
use rusqlite::Connection;
use serde::Serialize;

use crate::{cancel, open_journal::OpenJournal, skip};

pub(crate) use feeder::run as feed;

/// Creates and manages jobs.
pub(crate) struct SqliteJobs {
    journal: Arc<OpenJournal>,
}

impl Jobs for SqliteJobs {
    fn count_replay<'a>(&'a self, request: &'a ReplayRequest) -> BoxFuture<'a, Result<u64, JobError>> {
        Box::pin(async move {
            self.channels(&request.channels)?;
            let (request, last) = (request.clone(), self.last_offset());
            Ok(self.journal.readers.run(move |connection| select::count(connection, &request, last)).await?)
        })
    }

    fn replay(&self, request: ReplayRequest) -> BoxFuture<'_, Result<Job, JobError>> {
        Box::pin(async move {
            let matched = self.count_replay(&request).await?;
            let (cursor, last) = select::bounds(&request, self.last_offset());
            self.make(JobKind::Replay, &request, matched, (cursor, last)).await
        })
    }

    fn count_dead_letters<'a>(&'a self, filter: &'a DeadLetterFilter) -> BoxFuture<'a, Result<u64, JobError>> {
        Box::pin(async move {
            self.channels(filter.channel.as_slice())?;
            let (journal, filter) = (Arc::clone(&self.journal), filter.clone());
            let count = move |connection: &Connection| select::count_letters(connection, &journal, &filter);
            Ok(self.journal.readers.run(count).await?)
        })
    }

    fn redrive(&self, filter: DeadLetterFilter) -> BoxFuture<'_, Result<Job, JobError>> {
        Box::pin(self.make_for_letters(JobKind::Redrive, filter))
    }

    fn purge(&self, filter: DeadLetterFilter) -> BoxFuture<'_, Result<Job, JobError>> {
        Box::pin(self.make_for_letters(JobKind::Purge, filter))
    }

    fn get(&self, id: JobId) -> BoxFuture<'_, Result<Option<Job>, JobError>> {
        Box::pin(async move { Ok(self.journal.readers.run(move |connection| store::get(connection, id)).await?) })
    }

    fn waits(&self, id: JobId) -> BoxFuture<'_, Result<Vec<JobWait>, JobError>> {
        let journal = Arc::clone(&self.journal);
        let waits = move |connection: &Connection| store::waits(connection, &journal.memory, id);
        Box::pin(async move { Ok(self.journal.readers.run(waits).await?) })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<Job>, JobError>> {
        Box::pin(async move { Ok(self.journal.readers.run(store::list).await?) })
    }

    fn pause(&self, id: JobId) -> BoxFuture<'_, Result<Option<Job>, JobError>> {
        Box::pin(self.change(id, JobState::Paused))
    }

    fn resume(&self, id: JobId) -> BoxFuture<'_, Result<Option<Job>, JobError>> {
        Box::pin(self.change(id, JobState::Running))
    }

    fn cancel(&self, id: JobId) -> BoxFuture<'_, Result<Option<Job>, JobError>> {
        Box::pin(self.change(id, JobState::Cancelled))
    }

    fn cancel_event(&self, offset: Offset) -> BoxFuture<'_, Result<(), CancelError>> {
        Box::pin(cancel::cancel(&self.journal, offset))
    }

    fn drop_delivery(&self, id: DeliveryId, reason: String) -> BoxFuture<'_, Result<(), DropError>> {
        Box::pin(skip::drop_delivery(&self.journal, id, reason))
    }

    fn forget<'a>(
        &'a self,
        name: &'a ChannelName,
        go_on: &'a (dyn Fn() -> bool + Send + Sync),
    ) -> BoxFuture<'a, Result<u64, JournalError>> {
        Box::pin(skip::forget(&self.journal, name, go_on))
    }
}

impl SqliteJobs {
    pub(crate) fn new(journal: Arc<OpenJournal>) -> Self {
        Self { journal }
    }

    async fn make_for_letters(&self, kind: JobKind, filter: DeadLetterFilter) -> Result<Job, JobError> {
        let matched = self.count_dead_letters(&filter).await?;
        let last = self.journal.readers.run(select::last_letter).await?;
        self.make(kind, &filter, matched, (0, last)).await
    }

    async fn make(
        &self,
        kind: JobKind,
        request: &(impl Serialize + Sync),
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
}

/// A delivery to begin again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Again {
    pub(crate) offset: u64,
    pub(crate) channel: ChannelId,
    /// The dead letter it comes from.
    pub(crate) letter: Option<(i64, DeliveryId)>,
}
