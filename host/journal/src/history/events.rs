//! Queries of events.

use fanfare_core::type_matches;
use fanfare_core::{ChannelId, Offset};
use fanfare_dispatch::JournalError;
use fanfare_record::{EventQuery, Order, Page, StoredEvent};
use rusqlite::{Connection, params};

use super::{
    Room,
    holes::{Holes, readable},
    stored::{self, COLUMNS, event},
    stretches::Stretches,
};
use crate::{open_journal::OpenJournal, readers::store, record};

/// The maximum number of items per page.
const MOST: usize = 1_000;

/// The maximum number of events scanned for one page, matching or not, so that a filter without matches does not read
/// the whole journal.
const SCAN: usize = 20_000;

pub(super) fn at(
    connection: &Connection,
    journal: &OpenJournal,
    offset: Offset,
) -> Result<Option<StoredEvent>, JournalError> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE offset = ?");
    let mut statement = connection.prepare_cached(&sql).map_err(|e| store(&e))?;
    let mut rows = statement.query([record::column(offset.0)]).map_err(|e| store(&e))?;
    match rows.next().map_err(|e| store(&e))? {
        Some(row) => event(connection, journal, row).map(Some),
        None => Ok(None),
    }
}

pub(super) fn by_id(
    connection: &Connection,
    journal: &OpenJournal,
    id: &str,
    source: Option<&str>,
) -> Result<Option<StoredEvent>, JournalError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE id = ?1 AND (?2 IS NULL OR source = ?2) ORDER BY offset DESC LIMIT 1"
    );
    let mut statement = connection.prepare_cached(&sql).map_err(|e| store(&e))?;
    let mut rows = statement.query(params![id, source]).map_err(|e| store(&e))?;
    match rows.next().map_err(|e| store(&e))? {
        Some(row) => event(connection, journal, row).map(Some),
        None => Ok(None),
    }
}

pub(super) fn page(
    connection: &Connection,
    journal: &OpenJournal,
    query: &EventQuery,
    least_floor: u64,
) -> Result<Page<StoredEvent>, JournalError> {
    let limit = match query.limit {
        0 => 100,
        limit => limit.min(MOST),
    };
    let channel = match &query.channel {
        None => None,
        Some(name) => match journal.memory.channel_id(name) {
            None => return Ok(Page::empty()),
            found => found,
        },
    };
    let newest = last_offset(connection).map_err(|e| store(&e))?;
    let from = match (query.order, query.after) {
        (Order::Oldest, from_end @ ..0) => newest.saturating_add(from_end).max(0),
        (Order::Oldest, from) => from,
        (Order::Newest, ..=0) => newest.saturating_add(1),
        (Order::Newest, from) => from.min(newest.saturating_add(1)),
    };
    let pruned_to = pruned_to(connection).map_err(|e| store(&e))?;
    let mut stretches = Stretches::new(connection, query, channel, (from, newest));
    let mut walk = Walk {
        connection,
        journal,
        query,
        channel,
        limit,
        room: Room::new(query.bytes),
        page: Page::empty(),
        holes: Holes::new(&journal.memory.damage, "events"),
        looked_at: 0,
        last: from,
        pruned_to,
    };
    while let Some((start, end)) = stretches.next(least_floor).map_err(|e| store(&e))? {
        // The next page need not scan the skipped part either.
        walk.last = if query.order == Order::Oldest { walk.last.max(start - 1) } else { walk.last.min(end) };
        if walk.stretch(start, end)? {
            walk.page.next = Some(walk.last);
            break;
        }
        // A skipped stretch counts as scanned, because the next page does not scan it either.
        walk.looked_at += 1;
    }
    let Walk { page, holes, .. } = walk;
    Ok(Page { holes: holes.into_found(), ..page })
}

/// Walks over the events of one page, in the order of the query.
struct Walk<'a> {
    connection: &'a Connection,
    journal: &'a OpenJournal,
    query: &'a EventQuery,
    channel: Option<ChannelId>,
    limit: usize,
    room: Room,
    page: Page<StoredEvent>,
    holes: Holes<'a>,
    looked_at: usize,
    /// Everything up to here, in the order of the query, is on the page or does not match.
    last: i64,
    pruned_to: i64,
}

impl Walk<'_> {
    /// Scans the events in `[start, end)`. Returns whether the page is full.
    fn stretch(&mut self, mut start: i64, mut end: i64) -> Result<bool, JournalError> {
        let oldest = self.query.order == Order::Oldest;
        while start < end {
            match self.scan(start, end) {
                Ok(full) => return Ok(full),
                // The damage lies beyond the last scanned event. Continue on its other side.
                Err(JournalError::Damaged(reason)) => {
                    let (from, to) = if oldest { (self.last + 1, end) } else { (self.last - 1, start) };
                    let Some(on) = readable(self.connection, from, to)? else {
                        self.hole(if oldest { (self.last, end) } else { (start - 1, self.last) }, &reason);
                        self.last = if oldest { end - 1 } else { start };
                        return Ok(false);
                    };
                    self.hole(if oldest { (self.last, on) } else { (on, self.last) }, &reason);
                    (start, end) = if oldest { (on, end) } else { (start, on + 1) };
                    self.last = if oldest { on - 1 } else { on + 1 };
                }
                Err(other) => return Err(other),
            }
        }
        Ok(false)
    }

    fn scan(&mut self, start: i64, end: i64) -> Result<bool, JournalError> {
        let oldest = self.query.order == Order::Oldest;
        let direction = if oldest { "ASC" } else { "DESC" };
        let sql = format!(
            "SELECT {COLUMNS}, type, source FROM events WHERE offset >= ? AND offset < ? ORDER BY offset {direction}"
        );
        let mut statement = self.connection.prepare_cached(&sql).map_err(|e| store(&e))?;
        let mut rows = statement.query([start, end]).map_err(|e| store(&e))?;
        while let Some(row) = rows.next().map_err(|e| store(&e))? {
            if self.page.items.len() == self.limit || self.looked_at >= SCAN {
                return Ok(true);
            }
            self.looked_at += 1;
            let offset: i64 = row.get(0).map_err(|e| store(&e))?;
            self.hole(if oldest { (self.last, offset) } else { (offset, self.last) }, MISSING);
            match self.look_at(row) {
                Ok(true) => self.last = offset,
                // The next page begins with this event.
                Ok(false) => {
                    self.last = if oldest { offset - 1 } else { offset + 1 };
                    return Ok(true);
                }
                Err(JournalError::Damaged(reason)) => {
                    self.last = offset;
                    self.hole((offset - 1, offset + 1), &reason);
                }
                Err(other) => return Err(other),
            }
        }
        self.hole(if oldest { (self.last, end) } else { (start - 1, self.last) }, MISSING);
        self.last = if oldest { end - 1 } else { start };
        Ok(false)
    }

    /// Adds a matching event to the page. Returns false if the page has no room for it.
    fn look_at(&mut self, row: &rusqlite::Row<'_>) -> Result<bool, JournalError> {
        if !matches(row, self.query, self.channel)? {
            return Ok(true);
        }
        // Computed before the event is read, so that an event that does not fit is never loaded.
        let length = |column| row.get_ref(column).ok().and_then(|text| text.as_str().ok()).map_or(0, str::len);
        let size = length(4) + length(5);
        if !self.room.has(size) {
            return Ok(false);
        }
        // Reading an event's deliveries costs about twenty times as much as its row.
        self.looked_at += usize::from(self.query.status.is_some() || self.query.visible.is_some()) * 20;
        let found = event(self.connection, self.journal, row)?;
        let Some(found) = (match &self.query.visible {
            Some(visible) => found.seen_by(visible),
            None => Some(found),
        }) else {
            return Ok(true);
        };
        if self.query.status.is_none_or(|wanted| wanted == found.overall()) {
            self.room.take(size + found.deliveries.iter().map(stored::size).sum::<usize>());
            self.page.items.push(found);
        }
        Ok(true)
    }

    /// Reports a hole between the two offsets. Up to `pruned_to` events may have been pruned; after it, none has.
    fn hole(&mut self, (after, before): (i64, i64), reason: &str) {
        self.holes.add(after.max(self.pruned_to), before, reason);
    }
}

/// The reason of a hole without rows.
const MISSING: &str = "their rows are missing";

/// Whether a row matches the parts of the query that need only the row.
fn matches(row: &rusqlite::Row<'_>, query: &EventQuery, channel: Option<ChannelId>) -> Result<bool, JournalError> {
    let text = |column: usize| -> Result<&str, JournalError> {
        let value = row.get_ref(column).map_err(|e| store(&e))?;
        value.as_str().map_err(|e| JournalError::Damaged(format!("column {column} of an event: {e}")))
    };
    if let Some(pattern) = &query.ty
        && !type_matches(pattern, text(6)?)
    {
        return Ok(false);
    }
    if let Some(source) = &query.source
        && source != text(7)?
    {
        return Ok(false);
    }
    if query.since.is_some() || query.until.is_some() {
        let accepted_at = record::timestamp(row.get(2).map_err(|e| store(&e))?);
        if query.since.is_some_and(|since| accepted_at < since) || query.until.is_some_and(|until| accepted_at >= until)
        {
            return Ok(false);
        }
    }
    if let Some(channel) = channel {
        let targets = record::decode_targets(text(3)?)
            .map_err(|e| JournalError::Damaged(format!("the targets of an event are unreadable: {e}")))?;
        return Ok(targets.contains(&channel));
    }
    Ok(true)
}

/// Events up to this offset may have been pruned.
fn pruned_to(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT pruned_to FROM journal", [], |row| row.get(0))
}

pub(super) fn last_offset(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT last_offset FROM journal", [], |row| row.get(0))
}
