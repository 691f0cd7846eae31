//! Reads for people: which events were accepted, what happened to them, and the dead letters.
//!
//! Every call reads one snapshot, on its own connection and off the async threads. The writer never waits for it.

mod dead_letters;
mod events;
mod holes;
mod stored;
mod stretches;
mod types;

use std::{collections::HashMap, future::ready, sync::Arc};

use fanfare_core::{ChannelName, DeliveryId, Event, Offset};
use fanfare_dispatch::{BoxFuture, JournalError};
use fanfare_record::{
    ChannelTotals, Damage, DeadLetter, DeadLetterQuery, EventQuery, History, Page, Restored, StoredEvent, Totals,
    TypesRead,
};
use rusqlite::{Connection, OptionalExtension as _};
use uuid::Uuid;

use crate::{identity::Digest, open_journal::OpenJournal, readers::store, record, restored, schema::PENDING};

pub(crate) use dead_letters::letter_matches;

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

/// Reads the journal.
pub(crate) struct SqliteHistory {
    journal: Arc<OpenJournal>,
}

impl SqliteHistory {
    pub(crate) fn new(journal: Arc<OpenJournal>) -> Self {
        Self { journal }
    }

    /// Reads one snapshot.
    fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &OpenJournal) -> Result<T, JournalError> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, JournalError>> {
        let journal = self.journal.clone();
        let in_snapshot = move |connection: &Connection| {
            let snapshot = connection.unchecked_transaction().map_err(|e| store(&e))?;
            let result = work(&snapshot, &journal);
            // Nothing was written, so the end of the transaction does not affect the result.
            let _ended = snapshot.finish().is_ok();
            result
        };
        Box::pin(self.journal.readers.run(in_snapshot))
    }
}

impl History for SqliteHistory {
    fn event(&self, id: String, source: Option<String>) -> BoxFuture<'_, Result<Option<StoredEvent>, JournalError>> {
        self.read(move |connection, journal| events::by_id(connection, journal, &id, source.as_deref()))
    }

    fn repeat_of(&self, published: Event) -> BoxFuture<'_, Result<Option<Offset>, JournalError>> {
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
    }

    fn at(&self, offset: Offset) -> BoxFuture<'_, Result<Option<StoredEvent>, JournalError>> {
        self.read(move |connection, journal| events::at(connection, journal, offset))
    }

    fn events(&self, query: EventQuery) -> BoxFuture<'_, Result<Page<StoredEvent>, JournalError>> {
        // Read before the snapshot begins: floors only grow.
        let least_floor = self.journal.memory.least_floor();
        self.read(move |connection, journal| events::page(connection, journal, &query, least_floor))
    }

    fn types(&self, after: Offset, most: usize) -> BoxFuture<'_, Result<TypesRead, JournalError>> {
        match types::recent(&self.journal, after, most) {
            Some(read) => Box::pin(ready(Ok(read))),
            None => self.read(move |connection, journal| types::read(connection, journal, after, most)),
        }
    }

    fn dead_letters(&self, query: DeadLetterQuery) -> BoxFuture<'_, Result<Page<DeadLetter>, JournalError>> {
        self.read(move |connection, journal| dead_letters::page(connection, journal, &query))
    }

    fn dead_letter(
        &self,
        id: DeliveryId,
    ) -> BoxFuture<'_, Result<Option<(DeadLetter, Option<StoredEvent>)>, JournalError>> {
        self.read(move |connection, journal| {
            let Some(letter) = dead_letters::one(connection, journal, id)? else { return Ok(None) };
            let event = events::at(connection, journal, letter.offset)?;
            Ok(Some((letter, event)))
        })
    }

    fn channel_of(&self, delivery: DeliveryId) -> Option<ChannelName> {
        self.journal.memory.channel_name(delivery.channel)
    }

    fn newest(&self) -> Offset {
        Offset(self.journal.memory.window().next() - 1)
    }

    fn restored(&self) -> Option<Restored> {
        self.journal.restored
    }

    fn damage(&self) -> Option<Damage> {
        self.journal.memory.damage.get()
    }

    fn journal_id(&self) -> BoxFuture<'_, Result<Uuid, JournalError>> {
        self.read(|connection, _| Ok(restored::note(connection).map_err(|e| store(&e))?.journal))
    }

    fn pruned_to(&self) -> BoxFuture<'_, Result<Offset, JournalError>> {
        self.read(|connection, _| {
            let pruned = connection.query_row("SELECT pruned_to FROM journal", [], |row| row.get(0));
            Ok(Offset(record::offset(pruned.map_err(|e| store(&e))?)))
        })
    }

    fn wait_beyond(&self, offset: Offset) -> BoxFuture<'_, bool> {
        Box::pin(async move {
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
        })
    }

    fn totals(&self) -> BoxFuture<'_, Result<Totals, JournalError>> {
        self.read(|connection, journal| totals(connection, journal).map_err(|e| store(&e)))
    }
}

fn totals(connection: &Connection, journal: &OpenJournal) -> rusqlite::Result<Totals> {
    let (events, last_offset) =
        connection.query_row("SELECT events, last_offset FROM journal", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let dead_letters = dead_letters(connection)?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT name, accepted, delivered, dead, attempts, failed_attempts,
                {PENDING}, skipped,
                CASE WHEN EXISTS (SELECT 1 FROM jobs WHERE kind <> 'purge' AND sent > delivered + dead) THEN
                (SELECT since FROM retries r WHERE r.channel = c.id AND origin IN (1, 2) ORDER BY offset LIMIT 1) END,
                id
         FROM channels c ORDER BY id"
    ))?;
    let mut rows = statement.query([])?;
    let mut channels = vec![];
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let Ok(channel) = ChannelName::new(&name) else {
            journal.memory.damage.found(format_args!("`{name}` is not a valid channel name"));
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
            dead_letters: dead_letters.get(&row.get(9)?).copied().unwrap_or_default(),
            pending: count(6)?,
            skipped: count(7)?,
            oldest_again: row.get::<_, Option<i64>>(8)?.map(record::timestamp),
        });
    }
    Ok(Totals { events: record::offset(events), last_offset: record::offset(last_offset), channels })
}

/// The dead letters of each channel. Counted in one pass over an index: SQLite would sort them to group them, or scan
/// them once per channel.
fn dead_letters(connection: &Connection) -> rusqlite::Result<HashMap<i64, u64>> {
    let mut counts = HashMap::new();
    let mut statement = connection.prepare_cached("SELECT channel FROM dead_letters")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        *counts.entry(row.get(0)?).or_default() += 1;
    }
    Ok(counts)
}
