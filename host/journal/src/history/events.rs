//! Queries over the events.

use fanfare_core::type_matches;
use fanfare_core::{ChannelName, Offset, OverallStatus, Summary};
use fanfare_dispatch::JournalError;
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{
    Order, Page, Room, StoredDelivery, StoredEvent,
    stored::{COLUMNS, event},
    stretches::Stretches,
};
use crate::{readers::store, record, shared::Shared};

/// The most items of one page.
const MOST: usize = 1_000;

/// Events looked at for one page, wanted or not, so that a filter that matches nothing does not read the whole journal.
const SCAN: usize = 20_000;

/// Which events, from where, how many.
#[derive(Clone, Debug, Default)]
pub struct EventQuery {
    pub order: Order,
    /// Events beyond this offset in the order asked for; 0 for the beginning. Negative, oldest first: so many from the end.
    pub after: i64,
    /// 0 means 100; at most 1000.
    pub limit: usize,
    /// The page ends before the event that would make its content larger than this; the first event is always in it. 0 means
    /// 4 MiB.
    pub bytes: usize,
    /// A type, or a pattern of `.`-separated tokens: `*` stands for one, a last `>` for one or more.
    pub ty: Option<String>,
    pub source: Option<String>,
    /// Events that go to this channel.
    pub channel: Option<ChannelName>,
    pub status: Option<OverallStatus>,
    /// Accepted at or after this.
    pub since: Option<Timestamp>,
    /// Accepted before this.
    pub until: Option<Timestamp>,
}

pub(super) fn at(
    connection: &Connection,
    shared: &Shared,
    offset: Offset,
) -> Result<Option<StoredEvent>, JournalError> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE offset = ?");
    let mut statement = connection.prepare_cached(&sql).map_err(|e| store(&e))?;
    let mut rows = statement.query([record::column(offset.0)]).map_err(|e| store(&e))?;
    match rows.next().map_err(|e| store(&e))? {
        Some(row) => event(connection, shared, row),
        None => Ok(None),
    }
}

pub(super) fn by_id(
    connection: &Connection,
    shared: &Shared,
    id: &str,
    source: Option<&str>,
) -> Result<Option<StoredEvent>, JournalError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE id = ?1 AND (?2 IS NULL OR source = ?2) ORDER BY offset DESC LIMIT 1"
    );
    let mut statement = connection.prepare_cached(&sql).map_err(|e| store(&e))?;
    let mut rows = statement.query(params![id, source]).map_err(|e| store(&e))?;
    match rows.next().map_err(|e| store(&e))? {
        Some(row) => event(connection, shared, row),
        None => Ok(None),
    }
}

pub(super) fn page(
    connection: &Connection,
    shared: &Shared,
    query: &EventQuery,
    least_floor: u64,
) -> Result<Page<StoredEvent>, JournalError> {
    let limit = match query.limit {
        0 => 100,
        limit => limit.min(MOST),
    };
    let channel = match &query.channel {
        None => None,
        Some(name) => match shared.channel_id(name) {
            None => return Ok(Page { items: vec![], next: None }),
            found => found,
        },
    };
    let newest = last_offset(connection).map_err(|e| store(&e))?;
    let from = match (query.order, query.after) {
        (Order::Oldest, from_end @ ..0) => newest.saturating_add(from_end).max(0),
        (Order::Oldest, from) => from,
        (Order::Newest, ..=0) => newest.saturating_add(1),
        (Order::Newest, from) => from,
    };
    let mut stretches = Stretches::new(connection, query, channel, (from, newest));
    let mut page = Page { items: vec![], next: None };
    let mut room = Room::new(query.bytes);
    let (mut looked_at, mut last) = (0, from);
    let direction = if query.order == Order::Oldest { "ASC" } else { "DESC" };
    let sql = format!(
        "SELECT {COLUMNS}, type, source FROM events WHERE offset >= ? AND offset < ? ORDER BY offset {direction}"
    );
    let mut statement = connection.prepare_cached(&sql).map_err(|e| store(&e))?;
    while let Some((start, end)) = stretches.next(least_floor).map_err(|e| store(&e))? {
        // What was skipped need not be looked at by the next page either.
        last = if query.order == Order::Oldest { last.max(start - 1) } else { last.min(end) };
        let mut rows = statement.query([start, end]).map_err(|e| store(&e))?;
        while let Some(row) = rows.next().map_err(|e| store(&e))? {
            if page.items.len() == limit || looked_at >= SCAN {
                page.next = Some(last);
                return Ok(page);
            }
            looked_at += 1;
            let before = last;
            last = row.get(0).map_err(|e| store(&e))?;
            if !matches(row, query, channel).unwrap_or(false) {
                continue;
            }
            // Known before the event is read, so that what the page has no room for is never in memory.
            let size = row.get_ref(4).ok().and_then(|text| text.as_str().ok()).map_or(0, str::len);
            if !room.has(size) {
                page.next = Some(before);
                return Ok(page);
            }
            // Finding out what became of an event costs about twenty times as much as a look at its row.
            looked_at += usize::from(query.status.is_some()) * 20;
            let Some(found) = event(connection, shared, row)? else { continue };
            let status = || Summary::of(found.deliveries.iter().map(|delivery| &delivery.status)).overall();
            if query.status.is_none_or(|wanted| wanted == status()) {
                room.take(size + found.deliveries.iter().map(StoredDelivery::size).sum::<usize>());
                page.items.push(found);
            }
        }
        // A stretch that was skipped is looked at as well, as far as the next page is concerned.
        looked_at += 1;
    }
    Ok(page)
}

/// What can be told from the row alone.
fn matches(
    row: &rusqlite::Row<'_>,
    query: &EventQuery,
    channel: Option<fanfare_core::ChannelId>,
) -> rusqlite::Result<bool> {
    let text = |column: usize| -> rusqlite::Result<&str> { Ok(row.get_ref(column)?.as_str().unwrap_or_default()) };
    if let Some(pattern) = &query.ty
        && !type_matches(pattern, text(5)?)
    {
        return Ok(false);
    }
    if let Some(source) = &query.source
        && source != text(6)?
    {
        return Ok(false);
    }
    if query.since.is_some() || query.until.is_some() {
        let accepted_at = record::timestamp(row.get(2)?);
        if query.since.is_some_and(|since| accepted_at < since) || query.until.is_some_and(|until| accepted_at >= until)
        {
            return Ok(false);
        }
    }
    if let Some(channel) = channel {
        return Ok(record::decode_targets(text(3)?).is_ok_and(|targets| targets.contains(&channel)));
    }
    Ok(true)
}

fn last_offset(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT last_offset FROM journal", [], |row| row.get(0))
}
