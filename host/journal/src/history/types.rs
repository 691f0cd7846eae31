//! Counts events by type, range by range, so that a caller that keeps the sum reads each event once. Recent events are
//! counted from memory, so that keeping up with publishers reads nothing from disk.

use std::collections::HashMap;

use fanfare_core::Offset;
use fanfare_dispatch::JournalError;
use fanfare_record::{TypeCount, TypesRead};
use jiff::Timestamp;
use rusqlite::Connection;

use super::holes::readable;
use crate::{open_journal::OpenJournal, readers::store, record};

/// The longest type that is counted by name, in bytes. Longer types are counted together, so that publishers cannot
/// fill the memory with names.
const LONGEST: usize = 256;

/// Events counted per hold of the window's lock, so that publishers do not wait long.
const AT_ONCE: usize = 256;

/// Counts `most` events after this one from memory. `None` if memory does not reach back that far.
pub(super) fn recent(journal: &OpenJournal, after: Offset, most: usize) -> Option<TypesRead> {
    let mut sum = Sum { last: record::column(after.0), ..Sum::default() };
    while sum.looked_at < most {
        let before = sum.looked_at;
        let window = journal.memory.window();
        let next = record::offset(sum.last) + 1;
        if next < window.start() {
            return None;
        }
        for kept in window.from(next).take(AT_ONCE.min(most - before)) {
            sum.count(record::column(kept.offset), kept.accepted_at, &kept.event.ty);
        }
        drop(window);
        if sum.looked_at == before {
            break;
        }
    }
    Some(sum.read())
}

/// Counts `most` events after this one. The type precedes the event in its row, so the event itself is not read.
pub(super) fn read(
    connection: &Connection,
    journal: &OpenJournal,
    after: Offset,
    most: usize,
) -> Result<TypesRead, JournalError> {
    let (mut from, end) = (record::column(after.0), super::events::last_offset(connection).map_err(|e| store(&e))?);
    let mut sum = Sum::default();
    while sum.looked_at < most && from < end {
        match sum.add(connection, from, most) {
            Ok(None) => from = end,
            Ok(Some(last)) => from = last,
            // Continue behind the damage.
            Err(JournalError::Damaged(reason)) => {
                let last = sum.last.max(from);
                journal.memory.damage.found(format_args!("the types of events after {last} are unreadable ({reason})"));
                sum.read.incomplete = true;
                from = readable(connection, last + 1, end)?.map_or(end, |on| (on - 1).max(from + 1));
            }
            Err(other) => return Err(other),
        }
    }
    sum.last = from;
    Ok(sum.read())
}

#[derive(Default)]
struct Sum {
    read: TypesRead,
    types: HashMap<String, TypeCount>,
    looked_at: usize,
    last: i64,
}

impl Sum {
    /// Adds the events after `from`. Returns where it stopped, unless it reached the end.
    fn add(&mut self, connection: &Connection, from: i64, most: usize) -> Result<Option<i64>, JournalError> {
        let sql = "SELECT offset, accepted_at, type FROM events WHERE offset > ? ORDER BY offset";
        let mut statement = connection.prepare_cached(sql).map_err(|e| store(&e))?;
        let mut rows = statement.query([from]).map_err(|e| store(&e))?;
        while let Some(row) = rows.next().map_err(|e| store(&e))? {
            let offset = row.get(0).map_err(|e| store(&e))?;
            let at = record::timestamp(row.get(1).map_err(|e| store(&e))?);
            let ty = row.get_ref(2).map_err(|e| store(&e))?;
            let ty = ty.as_str().map_err(|e| JournalError::Damaged(format!("the type of an event: {e}")));
            if ty.is_err() {
                self.last = offset;
            }
            self.count(offset, at, ty?);
            if self.looked_at >= most {
                return Ok(Some(self.last));
            }
        }
        Ok(None)
    }
    fn count(&mut self, offset: i64, at: Timestamp, ty: &str) {
        self.looked_at += 1;
        self.last = offset;
        let last = Offset(record::offset(offset));
        match self.types.get_mut(ty) {
            Some(count) => (count.events, count.last, count.last_at) = (count.events + 1, last, at),
            None if ty.len() > LONGEST => self.read.longer += 1,
            None => {
                let count = TypeCount { ty: ty.to_owned(), events: 1, last, last_at: at };
                self.types.insert(ty.to_owned(), count);
            }
        }
    }

    /// The counts up to the last scanned event.
    fn read(self) -> TypesRead {
        TypesRead { types: self.types.into_values().collect(), to: Offset(record::offset(self.last)), ..self.read }
    }
}
