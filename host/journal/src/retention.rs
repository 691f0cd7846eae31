//! Removes old data: settled events after `retention`, dead letters after `dead_letter_retention`, and the free space
//! that both leave in the file.
//!
//! Candidates are found on a reader. The writer gets small chores, so that no publisher waits for more than one of
//! them. An event is kept, however old, while a channel has not settled it, it has a row in `retries`, or a dead letter
//! needs it.

use std::{sync::Arc, time::Duration};

use fanfare_dispatch::JournalError;
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::{
    chore::{Chore, answer},
    group::Group,
    memory::Memory,
    open_journal::OpenJournal,
    readers::store,
    record, segment,
};

/// How often to look for old data.
const EVERY: Duration = Duration::from_secs(60);

/// Events or dead letters per chore.
const STEP: usize = 256;

/// Rows scanned per chore.
const SCAN: usize = 8_192;

/// The file is shrunk when it has at least this many free pages, and when one page in this many is free.
const FREE_PAGES: i64 = 1_024;
const FREE_SHARE: i64 = 4;

/// Pages returned per chore.
const PAGES: i64 = 256;

/// Requests a run and waits until it is done.
pub(crate) async fn now(journal: &OpenJournal) {
    let done = journal.retention_done.notified();
    journal.retention_due.notify_one();
    done.await;
}

/// Runs until the journal is closed.
pub(crate) async fn run(journal: Arc<OpenJournal>) {
    loop {
        // Woken or due: look either way.
        tokio::time::timeout(EVERY, journal.retention_due.notified()).await.unwrap_or(());
        if journal.queue.is_closed() {
            journal.retention_done.notify_waiters();
            return;
        }
        if let Err(error) = tidy(&journal).await
            && error != JournalError::Closed
        {
            tracing::warn!(%error, "old data could not be removed; retrying later");
        }
        journal.readers.note().await;
        journal.retention_done.notify_waiters();
    }
}

async fn tidy(journal: &Arc<OpenJournal>) -> Result<(), JournalError> {
    // Dead letters first, because they keep their events.
    if let Some(keep) = journal.memory.options.dead_letter_retention {
        let before = cutoff(journal, keep);
        let mut removed = 0;
        while let Some(seqs) = some(journal.readers.run(move |connection| old_letters(connection, before)).await?) {
            removed += seqs.len();
            journal.run(|answer| RemoveLetters { seqs, answer }).await?;
        }
        told(removed, "dead letters past their retention were removed");
    }
    if let Some(keep) = journal.memory.options.retention {
        let before = cutoff(journal, keep);
        let (mut cursor, mut removed) = (0, 0);
        loop {
            // Read before the snapshot begins: floors only grow.
            let floor = record::column(journal.memory.least_floor());
            let page = journal.readers.run(move |connection| old_events(connection, (before, floor), cursor)).await?;
            cursor = page.cursor;
            if !page.offsets.is_empty() {
                removed += page.offsets.len();
                journal.run(|answer| Prune { offsets: page.offsets, answer }).await?;
            }
            if page.complete {
                break;
            }
        }
        told(removed, "settled events past their retention were removed");
    }
    if let Some(keep) = journal.memory.options.audit_retention {
        let before = cutoff(journal, keep);
        let mut removed = 0;
        while let Some(ids) = some(journal.readers.run(move |connection| old_acts(connection, before)).await?) {
            removed += ids.len();
            journal.run(|answer| RemoveActs { ids, answer }).await?;
        }
        told(removed, "acts past their retention were removed from the audit trail");
    }
    while journal.readers.run(wastes_room).await? {
        if !journal.run(|answer| Shrink { shrunk: false, answer }).await? {
            break;
        }
    }
    Ok(())
}

fn told(removed: usize, what: &str) {
    if removed > 0 {
        tracing::info!(removed, "{what}");
    }
}

fn some(found: Vec<i64>) -> Option<Vec<i64>> {
    (!found.is_empty()).then_some(found)
}

fn cutoff(journal: &OpenJournal, keep: Duration) -> i64 {
    journal.memory.now().saturating_sub(i64::try_from(keep.as_micros()).unwrap_or(i64::MAX))
}

fn old_letters(connection: &Connection, before: i64) -> Result<Vec<i64>, JournalError> {
    let read = || -> rusqlite::Result<Vec<i64>> {
        let mut statement =
            connection.prepare_cached("SELECT seq FROM dead_letters WHERE at < ? ORDER BY at LIMIT ?")?;
        statement.query_map(params![before, record::column(STEP as u64)], |row| row.get(0))?.collect()
    };
    read().map_err(|e| store(&e))
}

fn old_acts(connection: &Connection, before: i64) -> Result<Vec<i64>, JournalError> {
    let read = || -> rusqlite::Result<Vec<i64>> {
        let mut statement = connection.prepare_cached("SELECT id FROM audit WHERE at < ? ORDER BY at LIMIT ?")?;
        statement.query_map(params![before, record::column(STEP as u64)], |row| row.get(0))?.collect()
    };
    read().map_err(|e| store(&e))
}

struct RemoveActs {
    ids: Vec<i64>,
    answer: oneshot::Sender<Result<(), JournalError>>,
}

impl Chore for RemoveActs {
    fn write(&mut self, group: &mut Group<'_>, _: &Memory) -> rusqlite::Result<()> {
        let mut delete = group.connection.prepare_cached("DELETE FROM audit WHERE id = ?")?;
        self.ids.iter().try_for_each(|id| delete.execute([id]).map(drop))
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        answer(self.answer, result);
    }
}

struct Page {
    offsets: Vec<i64>,
    cursor: i64,
    complete: bool,
}

/// Old events that nothing needs. Times grow with offsets, apart from small deviations, so the first recent event ends
/// the search.
fn old_events(connection: &Connection, (before, floor): (i64, i64), after: i64) -> Result<Page, JournalError> {
    let read = || -> rusqlite::Result<Page> {
        let mut statement = connection.prepare_cached(&format!(
            "SELECT offset, accepted_at, {NEEDED} FROM events e WHERE offset > ? AND offset <= ?
             ORDER BY offset LIMIT ?"
        ))?;
        let mut rows = statement.query(params![after, floor, record::column(SCAN as u64)])?;
        let mut page = Page { offsets: vec![], cursor: after, complete: false };
        let mut looked_at = 0;
        while let Some(row) = rows.next()? {
            if page.offsets.len() == STEP {
                return Ok(page);
            }
            looked_at += 1;
            if row.get::<_, i64>(1)? >= before {
                page.complete = true;
                return Ok(page);
            }
            page.cursor = row.get(0)?;
            if !row.get::<_, bool>(2)? {
                page.offsets.push(page.cursor);
            }
        }
        page.complete = looked_at < SCAN;
        Ok(page)
    };
    read().map_err(|e| store(&e))
}

/// Whether something needs the event `e`.
const NEEDED: &str = "EXISTS (SELECT 1 FROM retries r WHERE r.offset = e.offset)
     OR EXISTS (SELECT 1 FROM dead_letters d WHERE d.offset = e.offset)";

/// Whether the free pages are worth returning.
fn wastes_room(connection: &Connection) -> Result<bool, JournalError> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let read = || -> rusqlite::Result<bool> {
        // Only a file created for it can shrink.
        if number("PRAGMA auto_vacuum")? != 2 {
            return Ok(false);
        }
        let (free, all) = (number("PRAGMA freelist_count")?, number("PRAGMA page_count")?);
        Ok(free > FREE_PAGES && free > all / FREE_SHARE)
    };
    read().map_err(|e| store(&e))
}

struct RemoveLetters {
    seqs: Vec<i64>,
    answer: oneshot::Sender<Result<(), JournalError>>,
}

impl Chore for RemoveLetters {
    fn write(&mut self, group: &mut Group<'_>, _: &Memory) -> rusqlite::Result<()> {
        let mut delete = group.connection.prepare_cached("DELETE FROM dead_letters WHERE seq = ?")?;
        self.seqs.iter().try_for_each(|seq| delete.execute([seq]).map(drop))
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        answer(self.answer, result);
    }
}

struct Prune {
    offsets: Vec<i64>,
    answer: oneshot::Sender<Result<(), JournalError>>,
}

impl Chore for Prune {
    fn write(&mut self, group: &mut Group<'_>, _: &Memory) -> rusqlite::Result<()> {
        let connection = group.connection;
        // A job may have begun one of them again since they were found.
        let mut event =
            connection.prepare_cached(&format!("DELETE FROM events AS e WHERE offset = ? AND NOT ({NEEDED})"))?;
        let mut progress = connection.prepare_cached("DELETE FROM progress WHERE offset = ?")?;
        let mut troubled = connection.prepare_cached("DELETE FROM troubled WHERE offset = ?")?;
        let mut last = None;
        for &offset in &self.offsets {
            if event.execute([offset])? > 0 {
                progress.execute([offset])?;
                troubled.execute([offset])?;
                last = Some(offset);
            }
        }
        let Some(last) = last else { return Ok(()) };
        connection.prepare_cached("UPDATE journal SET pruned_to = max(pruned_to, ?)")?.execute([last])?;
        // Segments without remaining events.
        let whole = record::column(segment::of(record::offset(last)));
        connection
            .prepare_cached(
                "DELETE FROM segments WHERE segment < ?1 AND NOT EXISTS (
                     SELECT 1 FROM events WHERE offset >= segment * ?2 AND offset < (segment + 1) * ?2)
                 AND segment >= ?3",
            )?
            .execute(params![
                whole,
                record::column(segment::LENGTH),
                record::column(segment::of(record::offset(self.offsets[0]))).saturating_sub(1)
            ])?;
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        answer(self.answer, result);
    }
}

/// Returns some free pages to the file system. `shrunk` says whether there were any.
struct Shrink {
    shrunk: bool,
    answer: oneshot::Sender<Result<bool, JournalError>>,
}

impl Chore for Shrink {
    fn write(&mut self, group: &mut Group<'_>, _: &Memory) -> rusqlite::Result<()> {
        let free =
            |connection: &Connection| connection.query_row("PRAGMA freelist_count", [], |row| row.get::<_, i64>(0));
        let before = free(group.connection)?;
        // One row per page: the pragma does nothing unless it is stepped to the end.
        let mut vacuum = group.connection.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
        let mut rows = vacuum.query([])?;
        while rows.next()?.is_some() {}
        self.shrunk = free(group.connection)? < before;
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        let Self { shrunk, answer: to } = *self;
        answer(to, result.map(|()| shrunk));
    }
}
