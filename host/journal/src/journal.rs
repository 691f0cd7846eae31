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
use jiff::Timestamp;
use tokio::{sync::oneshot, task};

use crate::{
    Held, History, Jobs, OpenError, Options, Recipients,
    checkpoint::Checkpointer,
    chore::{self, Register, SetHold},
    claim,
    herald::Herald,
    identity::Seal,
    jobs, jumps, late,
    limit::{Limit, limit},
    place::Place,
    queue::{Command, Row, Settle},
    readers::store,
    reconsider, record, recovery, restored, retention, schema,
    shared::Shared,
    state,
    window::Window,
    writer::{LastWord, Writer},
};

/// A journal in one SQLite file.
pub struct SqliteJournal {
    shared: Arc<Shared>,
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
            Ok(opened) => opened.map(|(shared, writer)| {
                let tasks = vec![
                    tokio::spawn(jobs::feed(shared.clone())),
                    tokio::spawn(retention::run(shared.clone())),
                    tokio::spawn(jumps::watch(shared.clone())),
                ];
                let (writer, herald) = (Mutex::new(Some(writer)), Mutex::new(Some(telling)));
                Arc::new(Self { shared, writer, herald, tasks: Mutex::new(tasks) })
            }),
            Err(e) => Err(unusable(e.to_string())),
        }
    }

    fn open_blocking(
        options: Options,
        clock: Arc<dyn Clock>,
        herald: Herald,
    ) -> Result<(Arc<Shared>, JoinHandle<()>), OpenError> {
        let Place { path, guard, note } = Place::take(&options.path)?;
        let options = Options { path: path.clone(), ..options };
        let unusable = |e: std::io::Error| OpenError::Unusable { path: path.clone(), reason: e.to_string() };
        let connection = schema::open_writer(&path)?;
        let (here, restored) =
            restored::notice(&connection, note.as_ref(), clock.now()).map_err(|e| schema::explain(&path, &e))?;
        guard.write_note(&here);
        let mut recovered = recovery::recover(&connection, &options, clock.now().as_microsecond())?;
        limit(&connection, options.max_bytes).map_err(|e| schema::explain(&path, &e))?;
        let seal = Seal::read(&connection).map_err(|e| schema::explain(&path, &e))?;
        let window = Window::new(recovered.counters.last_offset + 1, options.window_bytes);
        let shared = Arc::new(Shared::new(
            options,
            clock,
            window,
            std::mem::take(&mut recovered.consumers),
            seal,
            (guard.clone(), restored),
        ));
        let checkpointer = Checkpointer::spawn(path.clone()).map_err(unusable)?;
        let writer = Writer::new(shared.clone(), connection, recovered, herald, checkpointer, guard);
        let last_word = LastWord(shared.clone());
        let thread = std::thread::Builder::new()
            .name("journal-writer".to_owned())
            .spawn(move || {
                let _last_word = last_word;
                writer.run();
            })
            .map_err(unusable)?;
        Ok((shared, thread))
    }

    /// Queries for people and dashboards.
    #[must_use]
    pub fn history(&self) -> History {
        History::new(self.shared.clone())
    }

    /// Replays, redrives and purges.
    #[must_use]
    pub fn jobs(&self) -> Jobs {
        Jobs::new(self.shared.clone())
    }

    /// The recipients set through the API.
    #[must_use]
    pub fn recipients(&self) -> Recipients {
        Recipients::new(self.shared.clone())
    }

    /// Applies the retention now instead of at the next interval.
    pub async fn tidy(&self) {
        retention::now(&self.shared).await;
    }

    /// How much the journal keeps in memory.
    #[must_use]
    pub fn held(&self) -> Held {
        self.shared.held()
    }

    /// Limits the size of the database file; `None` means as large as the disk. Takes effect with the next commit.
    pub fn set_max_bytes(&self, max_bytes: Option<u64>) {
        // A closed journal does not grow.
        let _queued = self.shared.queue.push_chore(Box::new(Limit(max_bytes)));
    }

    async fn accept_all(&self, entries: Vec<Entry>) -> Result<Vec<Accepted>, AcceptError> {
        if let Health::Failing(reason) = self.shared.health() {
            return Err(AcceptError::Unavailable(reason));
        }
        for target in entries.iter().flat_map(|entry| entry.targets.iter()) {
            if self.shared.consumer(*target).is_none() {
                return Err(AcceptError::Unavailable(format!("channel number {} was never registered", target.0)));
            }
        }
        let rows = entries.into_iter().map(|entry| row(&self.shared.seal, entry)).collect();
        let (answer, answered) = oneshot::channel();
        self.shared.queue.push(Command::Accept { rows, answer })?;
        answered.await.map_err(|_gone| AcceptError::Closed)?
    }

    async fn close_down(&self) {
        self.shared.queue.close();
        self.shared.closing.cancel();
        for consumer in self.shared.consumers() {
            consumer.wake.notify_waiters();
        }
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(writer) = writer else { return };
        let joined = tokio::task::spawn_blocking(move || writer.join().is_ok()).await;
        if !matches!(joined, Ok(true)) {
            tracing::error!("the journal's writer ended abnormally");
        }
        self.shared.jobs.wake();
        self.shared.maintenance.wake();
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
        self.shared.readers.note().await;
        self.shared.readers.close();
    }
}

impl Drop for SqliteJournal {
    /// Without `close`, the writer still writes what is queued before it ends, but nothing waits for it.
    fn drop(&mut self) {
        self.shared.queue.close();
        self.shared.closing.cancel();
        self.shared.jobs.wake();
        self.shared.maintenance.wake();
        self.shared.readers.close();
    }
}

impl Journal for SqliteJournal {
    fn register(&self, channels: Vec<Registration>) -> BoxFuture<'_, Result<Vec<Registered>, JournalError>> {
        Box::pin(chore::run(&self.shared, |answer| Register::new(channels, answer)))
    }

    fn accept(&self, entries: Vec<Entry>) -> BoxFuture<'_, Result<Vec<Accepted>, AcceptError>> {
        Box::pin(self.accept_all(entries))
    }

    fn claim(&self, channel: ChannelId, max: usize) -> BoxFuture<'_, Result<Vec<Claim>, JournalError>> {
        Box::pin(claim::claim(&self.shared, channel, max))
    }

    fn claim_expired(
        &self,
        channel: ChannelId,
        before: Timestamp,
        max: usize,
    ) -> BoxFuture<'_, Result<Vec<Claim>, JournalError>> {
        Box::pin(claim::claim_expired(&self.shared, channel, before, max))
    }

    fn reconsider(&self, channel: ChannelId, which: Reconsidered) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(reconsider::reconsider(&self.shared, channel, which))
    }

    fn fall_back(
        &self,
        channel: ChannelId,
        before: Timestamp,
        fallback: Vec<ChannelId>,
    ) -> BoxFuture<'_, Result<usize, JournalError>> {
        Box::pin(late::fall_back(&self.shared, channel, before, fallback))
    }

    fn change_hold(&self, channel: ChannelId, change: HoldChange) -> BoxFuture<'_, Result<Option<Hold>, JournalError>> {
        Box::pin(chore::run(&self.shared, move |answer| SetHold::new(channel, change, answer)))
    }

    fn hold(&self, channel: ChannelId) -> Option<Hold> {
        self.shared.consumer(channel)?.position().hold.clone()
    }

    fn settle(&self, settlements: Vec<Settlement>) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let seal = &self.shared.seal;
            let ready = |settlement| settle(seal, settlement, None);
            let settles: Vec<_> = settlements.into_iter().filter_map(ready).collect();
            let count = settles.len();
            if count == 0 {
                return;
            }
            if !self.shared.queue.push_settles(settles) {
                tracing::warn!(
                    count,
                    "settlements arrived after the journal was closed; their attempts will be \
                    repeated"
                );
                return;
            }
            self.shared.queue.settlement_room().await;
        })
    }

    fn follow(&self, follower: Weak<dyn Follower>) {
        self.shared.follow(follower);
    }

    fn backlog(&self, channel: ChannelId) -> Backlog {
        let Some(consumer) = self.shared.consumer(channel) else { return Backlog::default() };
        let position = consumer.position();
        position.backlog(&self.shared.window())
    }

    fn health(&self) -> Health {
        self.shared.health()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.close_down())
    }
}

impl State for SqliteJournal {
    fn get<'a>(&'a self, channel: ChannelId, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, JournalError>> {
        Box::pin(async move {
            let (key, now) = (key.to_owned(), self.shared.now());
            self.shared
                .readers
                .run(move |connection| state::get(connection, channel, &key, now).map_err(|e| store(&e)))
                .await
        })
    }
}

/// A settlement, ready to be written.
pub(crate) fn settle(
    seal: &Seal,
    mut settlement: Settlement,
    done: Option<oneshot::Sender<()>>,
) -> Option<Box<Settle>> {
    match record::encode(&settlement) {
        Ok(entry) => {
            let emits = std::mem::take(&mut settlement.emits);
            let emits = emits.into_iter().map(|entry| row(seal, entry)).collect();
            Some(Box::new(Settle { settlement, entry, emits, done }))
        }
        Err(e) => {
            let (offset, channel) = (settlement.offset, settlement.channel.0);
            tracing::error!(%offset, channel, "a settlement cannot be serialized and is dropped: {e}");
            None
        }
    }
}

fn row(seal: &Seal, entry: Entry) -> Row {
    let trail = entry.trail.map(|trail| *trail);
    let published = trail.as_ref().and_then(|trail| trail.published.as_ref());
    Row {
        published: published.map(|event| seal.of(event)),
        stages: trail.and_then(|trail| record::encode_stages(&trail.records)),
        key: entry.key,
        text: entry.event.to_structured(),
        event: entry.event,
        accepted_at: record::rounded(entry.accepted_at),
        targets: entry.targets,
        first: entry.first,
    }
}
