//! Detects that a journal was restored: from a backup, which is marked as one, or from another copy, which has fewer
//! commits than the lock file remembers.
//!
//! A copy does not contain what was accepted and delivered after it was taken. Deliveries that ended since then are
//! made again under the same delivery ids, and offsets after the copy's last one are assigned again, to other events.

use fanfare_core::Offset;
use fanfare_record::Restored;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::{place::Note, record};

/// One row per copy and restore. A row without a start is the mark that a backup left in the copy.
const TABLE: &str = "
CREATE TABLE IF NOT EXISTS restores (
    seq INTEGER PRIMARY KEY,
    copied_at INTEGER,
    last_offset INTEGER NOT NULL,
    started_at INTEGER
) STRICT";

/// Marks a copy, so that the first start on it is detected.
pub(crate) fn mark(copy: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    copy.execute_batch(TABLE)?;
    copy.execute(
        "INSERT INTO restores (copied_at, last_offset) SELECT ?, last_offset FROM journal",
        [now.as_microsecond()],
    )?;
    Ok(())
}

/// Detects the first start on a copy, and records it. The journal then gets a new id, because from here on it differs
/// from the original. Returns how far the journal has come, and when it was last restored.
pub(crate) fn notice(
    connection: &Connection,
    before: Option<&Note>,
    now: Timestamp,
) -> rusqlite::Result<(Note, Option<Restored>)> {
    let mut here = note(connection)?;
    let transaction = connection.unchecked_transaction()?;
    let known = transaction
        .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'restores'", [], |row| row.get::<_, i64>(0))?
        > 0;
    let marked = known
        && transaction
            .execute("UPDATE restores SET started_at = ? WHERE started_at IS NULL", [now.as_microsecond()])?
            > 0;
    let older = before.is_some_and(|note| note.journal == here.journal && note.commits > here.commits);
    if older && !marked {
        transaction.execute_batch(TABLE)?;
        transaction.execute(
            "INSERT INTO restores (last_offset, started_at) VALUES (?, ?)",
            params![record::column(here.last_offset), now.as_microsecond()],
        )?;
    }
    if marked || older {
        here.journal = Uuid::now_v7();
        transaction.execute("UPDATE journal SET id = ?", [here.journal.as_bytes()])?;
    }
    transaction.commit()?;
    let restored = if known || older { last(connection)? } else { None };
    if (marked || older)
        && let Some(restored) = &restored
    {
        tell(restored, before);
    }
    Ok((here, restored))
}

/// How far a journal has come.
pub(crate) fn note(connection: &Connection) -> rusqlite::Result<Note> {
    connection.query_row("SELECT id, commits, last_offset FROM journal", [], |row| {
        let journal = Uuid::from_slice(row.get_ref(0)?.as_blob()?).unwrap_or_default();
        Ok(Note { journal, commits: row.get(1)?, last_offset: record::offset(row.get(2)?) })
    })
}

fn last(connection: &Connection) -> rusqlite::Result<Option<Restored>> {
    connection
        .query_row(
            "SELECT copied_at, last_offset, started_at FROM restores WHERE started_at IS NOT NULL
             ORDER BY seq DESC LIMIT 1",
            [],
            |row| {
                Ok(Restored {
                    copied_at: row.get::<_, Option<i64>>(0)?.map(record::timestamp),
                    last_offset: Offset(record::offset(row.get(1)?)),
                    at: record::timestamp(row.get(2)?),
                })
            },
        )
        .optional()
}

fn tell(restored: &Restored, before: Option<&Note>) {
    let copied_at = restored.copied_at.map_or_else(|| "an unknown time".to_owned(), |at| at.to_string());
    tracing::warn!(
        copied_at, last_offset = %restored.last_offset,
        last_offset_before = before.map(|note| note.last_offset),
        "this journal was restored from a copy. It lacks the events that were accepted after the copy, deliveries that \
         ended after it are made again under the same delivery ids, and followers of the stream see some offsets again"
    );
}
