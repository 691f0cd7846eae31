//! The journal as lanes and publishers use it.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    thread::JoinHandle,
};

use fanfare_core::ChannelId;
use fanfare_dispatch::{
    AcceptError, Accepted, Backlog, BoxFuture, Claim, Clock, Entry, Follower, Health, Hold, HoldChange, Journal,
    JournalError, Reconsidered, Registered, Registration, Settlement, State,
};
use fanfare_record::{Audit, History, Jobs, Recipients};
use jiff::Timestamp;
use tokio::{sync::oneshot, task};

use crate::{
    MemoryUse, OpenError, Options,
    audit::SqliteAudit,
    channels::{Register, SetHold},
    checkpoint::Checkpointer,
    claim, connect,
    herald::Herald,
    history::SqliteHistory,
    identity::Seal,
    jobs::{self, SqliteJobs},
    jumps, late,
    limit::{Limit, limit},
    memory::Memory,
    open_journal::OpenJournal,
    place::Place,
    prepared::{Row, Settle},
    pulse::Pulse,
    queue::Command,
    readers::store,
    recipients::SqliteRecipients,
    reconsider, recovery, restored, retention, state,
    writer::{LastWord, Writer},
};

/// A journal in one SQLite file.
pub struct SqliteJournal {
    open: Arc<OpenJournal>,
    writer: Mutex<Option<JoinHandle<()>>>,
    herald: Mutex<Option<task::JoinHandle<()>>>,
    /// The background tasks: jobs, retention and the clock.
    tasks: Mutex<Vec<task::JoinHandle<()>>>,
}

impl SqliteJournal {
    /// Opens the journal, or creates it if it does not exist, and starts its writer.
    ///
    /// # Errors
    /// [`OpenError`], which names the file and the remedy.
    pub async fn open(options: Options, clock: Arc<dyn Clock>) -> Result<Arc<Self>, OpenError> {
        let path = options.path.clone();
        let unusable = |reason: String| OpenError::Unusable { path, reason };
        let (herald, telling) = Herald::spawn();
        match task::spawn_blocking(move || Self::open_blocking(options, clock, herald)).await {
            Ok(opened) => opened.map(|(open, writer)| {
                let tasks = vec![
                    tokio::spawn(jobs::feed(open.clone())),
                    tokio::spawn(retention::run(open.clone())),
                    tokio::spawn(jumps::watch(open.clone())),
                ];
                let (writer, herald) = (Mutex::new(Some(writer)), Mutex::new(Some(telling)));
                Arc::new(Self { open, writer, herald, tasks: Mutex::new(tasks) })
            }),
            Err(e) => Err(unusable(e.to_string())),
        }
    }

    fn open_blocking(
        options: Options,
        clock: Arc<dyn Clock>,
        herald: Herald,
    ) -> Result<(Arc<OpenJournal>, JoinHandle<()>), OpenError> {
        let Place { path, guard, note } = Place::take(&options.path)?;
        let options = Options { path: path.clone(), ..options };
        let unusable = |e: std::io::Error| OpenError::Unusable { path: path.clone(), reason: e.to_string() };
        let connection = connect::open_writer(&path)?;
        let (here, restored) =
            restored::notice(&connection, note.as_ref(), clock.now()).map_err(|e| connect::explain(&path, &e))?;
        guard.write_note(&here);
        let (recovered, initial) = recovery::recover(&connection, &options, clock.now().as_microsecond())?;
        limit(&connection, options.max_bytes).map_err(|e| connect::explain(&path, &e))?;
        let seal = Seal::read(&connection).map_err(|e| connect::explain(&path, &e))?;
        let memory = Memory::new(options, clock, seal, initial);
        let open = Arc::new(OpenJournal::new(memory, guard.clone(), restored));
        let checkpointer = Checkpointer::spawn(path.clone()).map_err(unusable)?;
        let writer = Writer::new(open.clone(), connection, recovered, herald, checkpointer, guard);
        let last_word = LastWord(open.clone());
        let thread = std::thread::Builder::new()
            .name("journal-writer".to_owned())
            .spawn(move || {
                let _last_word = last_word;
                writer.run();
            })
            .map_err(unusable)?;
        Ok((open, thread))
    }

    /// Queries for people and dashboards.
    #[must_use]
    pub fn history(&self) -> Arc<dyn History> {
        Arc::new(SqliteHistory::new(self.open.clone()))
    }

    /// Replays, redrives and purges.
    #[must_use]
    pub fn jobs(&self) -> Arc<dyn Jobs> {
        Arc::new(SqliteJobs::new(self.open.clone()))
    }

    /// The recipients set through the API.
    #[must_use]
    pub fn recipients(&self) -> Arc<dyn Recipients> {
        Arc::new(SqliteRecipients::new(self.open.clone()))
    }

    /// The audit trail of administrative acts.
    #[must_use]
    pub fn audit(&self) -> Arc<dyn Audit> {
        Arc::new(SqliteAudit::new(self.open.clone()))
    }

    /// Applies the retention now instead of at the next interval.
    pub async fn tidy(&self) {
        retention::now(&self.open).await;
    }

    /// Waits until the writer has processed everything queued so far. Returns even while the disk fails, because it
    /// checks whether the writer runs, and the writer resumes by itself.
    ///
    /// # Errors
    /// The journal is closed, or the commit failed.
    pub async fn pulse(&self) -> Result<(), JournalError> {
        self.open.run(Pulse).await
    }

    /// How much the journal keeps in memory.
    #[must_use]
    pub fn memory_use(&self) -> MemoryUse {
        self.open.memory.usage()
    }

    /// Limits the size of the database file; `None` means as large as the disk. Takes effect with the next commit.
    pub fn set_max_bytes(&self, max_bytes: Option<u64>) {
        // A closed journal does not grow.
        let _queued = self.open.queue.push_chore(Box::new(Limit(max_bytes)));
    }

    async fn accept_all(&self, entries: Vec<Entry>) -> Result<Vec<Accepted>, AcceptError> {
        if let Health::Failing(reason) = self.open.health() {
            return Err(AcceptError::Unavailable(reason));
        }
        for target in entries.iter().flat_map(|entry| entry.targets.iter()) {
            if self.open.memory.consumer(*target).is_none() {
                return Err(AcceptError::Unavailable(format!("channel number {} was never registered", target.0)));
            }
        }
        let rows = entries.into_iter().map(|entry| Row::new(&self.open.memory.seal, entry)).collect();
        let (answer, answered) = oneshot::channel();
        self.open.queue.push(Command::Accept { rows, answer })?;
        answered.await.map_err(|_gone| AcceptError::Closed)?
    }

    async fn close_down(&self) {
        self.open.queue.close();
        self.open.closing.cancel();
        for consumer in self.open.memory.consumers() {
            consumer.wake.notify_waiters();
        }
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(writer) = writer else { return };
        let joined = tokio::task::spawn_blocking(move || writer.join().is_ok()).await;
        if !matches!(joined, Ok(true)) {
            tracing::error!("the journal's writer ended abnormally");
        }
        self.open.job_work.notify_one();
        self.open.retention_due.notify_one();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            if task.await.is_err() {
                tracing::error!("a task of the journal ended abnormally");
            }
        }
        // The writer has sent its last notification. Wait for the herald to pass it on.
        let herald = self.herald.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(herald) = herald
            && herald.await.is_err()
        {
            tracing::error!("the journal's herald ended abnormally");
        }
        self.open.readers.note().await;
        self.open.readers.close();
    }
}

impl Drop for SqliteJournal {
    /// Without `close`, the writer still writes what is queued before it ends, but nothing waits for it.
    fn drop(&mut self) {
        self.open.queue.close();
        self.open.closing.cancel();
        self.open.job_work.notify_one();
        self.open.retention_due.notify_one();
        self.open.readers.close();
    }
}

impl Journal for SqliteJournal {
    fn register(&self, channels: Vec<Registration>) -> BoxFuture<'_, Result<Vec<Registered>, JournalError>> {
        Box::pin(self.open.run(|answer| Register::new(channels, answer)))
    }

    fn accept(&self, entries: Vec<Entry>) -> BoxFuture<'_, Result<Vec<Accepted>, AcceptError>> {
        Box::pin(self.accept_all(entries))
    }

    fn claim(&self, channel: ChannelId, max: usize) -> BoxFuture<'_, Result<Vec<Claim>, JournalError>> {
        Box::pin(claim::claim(&self.open, channel, max))
    }

    fn release(&self, claims: Vec<Claim>) -> BoxFuture<'_, ()> {
        claim::release(&self.open, claims);
        Box::pin(std::future::ready(()))
    }

    fn claim_expired(
        &self,
        channel: ChannelId,
        before: Timestamp,
        max: usize,
    ) -> BoxFuture<'_, Result<Vec<Claim>, JournalError>> {
        Box::pin(claim::claim_expired(&self.open, channel, before, max))
    }

    fn reconsider(
        &self,
        channel: ChannelId,
        which: Reconsidered,
        at: Timestamp,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(reconsider::reconsider(&self.open, channel, which, at))
    }

    fn fall_back(
        &self,
        channel: ChannelId,
        before: Timestamp,
        fallback: Vec<ChannelId>,
        at: Timestamp,
    ) -> BoxFuture<'_, Result<usize, JournalError>> {
        Box::pin(late::fall_back(&self.open, channel, (before, at), fallback))
    }

    fn change_hold(&self, channel: ChannelId, change: HoldChange) -> BoxFuture<'_, Result<Option<Hold>, JournalError>> {
        Box::pin(self.open.run(move |answer| SetHold::new(channel, change, answer)))
    }

    fn hold(&self, channel: ChannelId) -> Option<Hold> {
        self.open.memory.consumer(channel)?.position().hold.clone()
    }

    fn settle(&self, settlements: Vec<Settlement>) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let seal = &self.open.memory.seal;
            let ready = |settlement| Settle::new(seal, settlement, None);
            let settles: Vec<_> = settlements.into_iter().map(ready).collect();
            let count = settles.len();
            if count == 0 {
                return;
            }
            if !self.open.queue.push_settles(settles) {
                tracing::warn!(
                    count,
                    "settlements arrived after the journal was closed; their attempts will be \
                    repeated"
                );
                return;
            }
            self.open.queue.settlement_room().await;
        })
    }

    fn follow(&self, follower: Weak<dyn Follower>) {
        self.open.follow(follower);
    }

    fn backlog(&self, channel: ChannelId) -> Backlog {
        let Some(consumer) = self.open.memory.consumer(channel) else { return Backlog::default() };
        let position = consumer.position();
        position.backlog(&self.open.memory.window())
    }

    fn health(&self) -> Health {
        self.open.health()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.close_down())
    }
}

impl State for SqliteJournal {
    fn get<'a>(&'a self, channel: ChannelId, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, JournalError>> {
        Box::pin(async move {
            let (key, now) = (key.to_owned(), self.open.memory.now());
            self.open
                .readers
                .run(move |connection| state::get(connection, channel, &key, now).map_err(|e| store(&e)))
                .await
        })
    }
}
