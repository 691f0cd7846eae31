//! Reads for people: which events were accepted, what happened to them, and the dead letters.
//!
//! Every call reads one snapshot, on its own connection and off the async threads. The writer never waits for it.

mod dead_letters;
mod events;
mod holes;
mod query;
mod stored;
mod stretches;
mod types;

use std::sync::Arc;

use fanfare_core::{ChannelName, DeliveryId, Event, Offset};
use fanfare_dispatch::JournalError;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Damage, Restored, identity::Digest, open_journal::OpenJournal, readers::store, record, restored, schema::PENDING,
};

pub(crate) use dead_letters::letter_matches;
pub use dead_letters::{DeadLetter, DeadLetterFilter, DeadLetterQuery};
pub use holes::Hole;
pub use query::EventQuery;
pub use stored::{StoredDelivery, StoredEvent};
pub use types::{TypeCount, TypesRead};

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Oldest,
    Newest,
}

/// A part of a list.
#[derive(Clone, Debug, Serialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The cursor of the next page, passed as `after`. Absent at the end. A page of a filter with few matches may be
    /// short or empty and still have a next page, because scans are limited.
    pub next: Option<i64>,
    /// Where the journal is damaged and the list is incomplete.
    pub holes: Vec<Hole>,
}

impl<T> Page<T> {
    fn empty() -> Self {
        Self { items: vec![], next: None, holes: vec![] }
    }
}

/// The default size of one page, in bytes.
const PAGE_BYTES: usize = 4 << 20;

/// The space left on one page.
struct Room {
    left: usize,
    empty: bool,
}

impl Room {
    /// 0 means [`PAGE_BYTES`].
    fn new(bytes: usize) -> Self {
        Self { left: if bytes == 0 { PAGE_BYTES } else { bytes }, empty: true }
    }

    /// Whether an item of this size fits. The first always does; otherwise a list could never get past it.
    fn has(&self, size: usize) -> bool {
        self.empty || size <= self.left
    }

    fn take(&mut self, size: usize) {
        self.left = self.left.saturating_sub(size);
        self.empty = false;
    }
}

/// Counters since the journal was created.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    pub events: u64,
    /// The offset of the newest event; 0 if there is none.
    pub last_offset: u64,
    /// In the order in which the channels were first registered.
    pub channels: Vec<ChannelTotals>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChannelTotals {
    pub channel: ChannelName,
    pub accepted: u64,
    pub delivered: u64,
    /// Deliveries that ended dead, including those whose dead letters have been deleted.
    pub dead: u64,
    /// Dead letters that still exist.
    pub dead_letters: u64,
    pub attempts: u64,
    pub failed_attempts: u64,
    /// Deliveries that have begun and not ended.
    pub pending: u64,
    /// Deliveries that ended without an attempt because they were no longer wanted.
    pub skipped: u64,
    /// When the oldest of those that a job has begun again was begun; they stand apart from what publishers wait for.
    pub oldest_again: Option<Timestamp>,
}

/// Reads the journal. Cheap to clone.
#[derive(Clone)]
pub struct History {
    journal: Arc<OpenJournal>,
}

impl History {
    pub(crate) fn new(journal: Arc<OpenJournal>) -> Self {
        Self { journal }
    }

    /// The event with this id; the newest one if several sources used the id and no source is given.
    ///
    /// # Errors
    /// [`JournalError`] if the store cannot be read.
    pub async fn event(&self, id: String, source: Option<String>) -> Result<Option<StoredEvent>, JournalError> {
        self.read(move |connection, journal| events::by_id(connection, journal, &id, source.as_deref())).await
    }

    /// The offset of a recorded event that this one repeats: the same identity, published with the same content,
    /// whatever the stages made of it. `None` if there is none or its content differs.
    ///
    /// # Errors
    /// [`JournalError`] if the store cannot be read.
    pub async fn repeat_of(&self, published: Event) -> Result<Option<Offset>, JournalError> {
        self.read(move |connection, journal| {
            let found: Option<(i64, String, Option<Digest>)> = connection
                .prepare_cached("SELECT offset, event, published FROM events WHERE id = ? AND source = ?")
                .and_then(|mut select| {
                    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
                    select.query_row([&published.id, &published.source], row).optional()
                })
                .map_err(|e| store(&e))?;
            let Some((offset, text, digest)) = found else { return Ok(None) };
            let is_known = journal.memory.seal.is_known(&text, digest, &published).map_err(JournalError::Damaged)?;
            Ok(is_known.then(|| Offset(record::offset(offset))))
        })
        .await
    }

    /// The event at this offset.
    ///
    /// # Errors
    /// [`JournalError`] if the store cannot be read.
    pub async fn at(&self, offset: Offset) -> Result<Option<StoredEvent>, JournalError> {
        self.read(move |connection, journal| events::at(connection, journal, offset)).await
    }

    /// Events in the order of their offsets.
    ///
    /// # Errors
    /// [`JournalError`] if the store cannot be read.
    pub async fn events(&self, query: EventQuery) -> Result<Page<StoredEvent>, JournalError> {
        // Read before the snapshot begins: floors only grow.
        let least_floor = self.journal.memory.least_floor();
        self.read(move |connection, journal| events::page(connection, journal, &query, least_floor)).await
    }

    /// Counts the next `most` events after this offset by type.
    ///
    /// # Errors
    /// [`JournalError`] if the store cannot be read.
    pub async fn types(&self, after: Offset, most: usize) -> Result<TypesRead, JournalError> {
        if let Some(read) = types::recent(&self.journal, after, most) {
            return Ok(read);
        }
        self.read(move |connection, journal| types::read(connection, journal, after, most)).await
    }

    /// Dead letters in the order in which they died.
    ///
    /// # Errors
    /// [`JournalError`] if the store cannot be read.
    pub async fn dead_letters(&self, query: DeadLetterQuery) -> Result<Page<DeadLetter>, JournalError> {
        self.read(move |connection, journal| dead_letters::page(connection, journal, &query)).await
    }

    /// One dead letter, and its event with all deliveries.
    ///
    /// # Errors
    /// [`JournalError`] if the store cannot be read.
    pub async fn dead_letter(&self, id: DeliveryId) -> Result<Option<(DeadLetter, Option<StoredEvent>)>, JournalError> {
        self.read(move |connection, journal| {
            let Some(letter) = dead_letters::one(connection, journal, id)? else { return Ok(None) };
            let event = events::at(connection, journal, letter.offset)?;
            Ok(Some((letter, event)))
        })
        .await
    }

    /// The channel of a delivery. `None` if no delivery has this number.
    #[must_use]
    pub fn channel_of(&self, delivery: DeliveryId) -> Option<ChannelName> {
        self.journal.memory.channel_name(delivery.channel)
    }

    /// The offset of the newest event; 0 before the first.
    #[must_use]
    pub fn newest(&self) -> Offset {
        Offset(self.journal.memory.window().next() - 1)
    }

    /// When the journal was last restored from a copy; `None` if never.
    #[must_use]
    pub fn restored(&self) -> Option<Restored> {
        self.journal.restored
    }

    /// The damage that reads have met since the start.
    #[must_use]
    pub fn damage(&self) -> Option<Damage> {
        self.journal.damage.get()
    }

    /// The journal's own id. It changes when the journal is restored from a copy.
    ///
    /// # Errors
    /// [`JournalError`] if the store cannot be read.
    pub async fn journal_id(&self) -> Result<Uuid, JournalError> {
        self.read(|connection, _| Ok(restored::note(connection).map_err(|e| store(&e))?.journal)).await
    }

    /// Events up to this offset have been pruned, except those that dead letters or waiting deliveries need.
    ///
    /// # Errors
    /// [`JournalError`] if the store cannot be read.
    pub async fn pruned_to(&self) -> Result<Offset, JournalError> {
        self.read(|connection, _| {
            let pruned = connection.query_row("SELECT pruned_to FROM journal", [], |row| row.get(0));
            Ok(Offset(record::offset(pruned.map_err(|e| store(&e))?)))
        })
        .await
    }

    /// Waits for an event beyond this offset. Returns false when the journal is closed.
    pub async fn wait_beyond(&self, offset: Offset) -> bool {
        loop {
            let grown = self.journal.grown.notified();
            if self.newest() > offset {
                return true;
            }
            if self.journal.queue.is_closed() {
                return false;
            }
            grown.await;
        }
    }

    /// The counters.
    ///
    /// # Errors
    /// [`JournalError`] if the store cannot be read.
    pub async fn totals(&self) -> Result<Totals, JournalError> {
        self.read(|connection, journal| totals(connection, journal).map_err(|e| store(&e))).await
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &OpenJournal) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let journal = self.journal.clone();
        let in_snapshot = move |connection: &Connection| {
            let snapshot = connection.unchecked_transaction().map_err(|e| store(&e))?;
            let result = work(&snapshot, &journal);
            // Nothing was written, so the end of the transaction does not affect the result.
            let _ended = snapshot.finish().is_ok();
            result
        };
        self.journal.readers.run(in_snapshot).await
    }
}

fn totals(connection: &Connection, journal: &OpenJournal) -> rusqlite::Result<Totals> {
    let (events, last_offset) =
        connection.query_row("SELECT events, last_offset FROM journal", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT name, accepted, delivered, dead, attempts, failed_attempts,
                (SELECT count(*) FROM dead_letters d WHERE d.channel = c.id), {PENDING}, skipped,
                CASE WHEN EXISTS (SELECT 1 FROM jobs WHERE kind <> 'purge' AND sent > delivered + dead) THEN
                (SELECT since FROM retries r WHERE r.channel = c.id AND origin IN (1, 2) ORDER BY offset LIMIT 1) END
         FROM channels c ORDER BY id"
    ))?;
    let mut rows = statement.query([])?;
    let mut channels = vec![];
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let Ok(channel) = ChannelName::new(&name) else {
            journal.damage.found(format_args!("`{name}` is not a valid channel name"));
            continue;
        };
        let count = |column| row.get(column).map(record::offset);
        channels.push(ChannelTotals {
            channel,
            accepted: count(1)?,
            delivered: count(2)?,
            dead: count(3)?,
            attempts: count(4)?,
            failed_attempts: count(5)?,
            dead_letters: count(6)?,
            pending: count(7)?,
            skipped: count(8)?,
            oldest_again: row.get::<_, Option<i64>>(9)?.map(record::timestamp),
        });
    }
    Ok(Totals { events: record::offset(events), last_offset: record::offset(last_offset), channels })
}
