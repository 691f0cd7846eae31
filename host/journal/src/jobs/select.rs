//! Selects the events or dead letters that a job works on.

use fanfare_core::any_type_matches;
use fanfare_core::{ChannelId, DeliveryId};
use fanfare_dispatch::JournalError;
use fanfare_record::{DeadLetterFilter, End, ReplayRequest, Start};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::Again;
use crate::{history::letter_matches, open_journal::OpenJournal, readers::store, record, segment};

/// The maximum number of rows scanned per step, matching or not.
const SCAN: usize = 8_192;

/// The items of one step, and where the next one begins.
pub(super) struct Page {
    pub(super) items: Vec<Again>,
    pub(super) cursor: i64,
}

/// The cursor before the first event, and the last event, as far as the request gives offsets.
pub(super) fn bounds(request: &ReplayRequest, last_offset: u64) -> (i64, i64) {
    let first = match request.after {
        Start::Offset(offset) => offset,
        Start::Time(_) => 0,
    };
    let last = match request.until {
        End::Offset(offset) => offset.min(last_offset),
        End::Time(_) | End::Now => last_offset,
    };
    (record::column(first), record::column(last.max(first)))
}

pub(super) fn count(connection: &Connection, request: &ReplayRequest, last_offset: u64) -> Result<u64, JournalError> {
    let (mut cursor, last) = bounds(request, last_offset);
    let mut matched = 0;
    while cursor < last {
        let (offsets, next) = events(connection, request, (cursor, last), usize::MAX)?;
        matched += offsets.len() as u64;
        cursor = next;
    }
    Ok(matched)
}

/// The next matching events, one item per channel.
pub(super) fn replay(
    connection: &Connection,
    request: &ReplayRequest,
    channels: &[ChannelId],
    (cursor, last): (i64, i64),
    most: usize,
) -> Result<Page, JournalError> {
    let (offsets, cursor) = events(connection, request, (cursor, last), (most / channels.len().max(1)).max(1))?;
    let again = |offset| channels.iter().map(move |&channel| Again { offset, channel, letter: None });
    Ok(Page { items: offsets.into_iter().flat_map(again).collect(), cursor })
}

/// Offsets of matching events after `cursor` and up to `last`, and how far the scan has come.
fn events(
    connection: &Connection,
    request: &ReplayRequest,
    (cursor, last): (i64, i64),
    most: usize,
) -> Result<(Vec<u64>, i64), JournalError> {
    let read = || -> rusqlite::Result<(Vec<u64>, i64)> {
        let mut from = cursor;
        if let Start::Time(since) = request.after {
            // Skips whole segments that are too old.
            let first: Option<i64> = connection
                .prepare_cached("SELECT min(segment) FROM segments WHERE last_at >= ?")?
                .query_row([since.as_microsecond()], |row| row.get(0))?;
            let whole: Option<i64> =
                connection.prepare_cached("SELECT max(segment) FROM segments")?.query_row([], |row| row.get(0))?;
            let first = first.or(whole.map(|whole| whole + 1)).map_or(0, |s| segment::start(record::offset(s)));
            from = from.max(record::column(first.saturating_sub(1))).min(last);
        }
        let mut statement = connection.prepare_cached(
            "SELECT offset, accepted_at, type FROM events WHERE offset > ? AND offset <= ? ORDER BY offset",
        )?;
        let mut rows = statement.query(params![from, last])?;
        let (mut found, mut looked_at, mut at) = (vec![], 0, from);
        while let Some(row) = rows.next()? {
            if looked_at == SCAN || found.len() == most {
                return Ok((found, at));
            }
            looked_at += 1;
            at = row.get(0)?;
            let accepted_at = record::timestamp(row.get(1)?);
            let ty = row.get_ref(2)?.as_str().unwrap_or_default();
            let in_time = match request.after {
                Start::Time(since) => accepted_at >= since,
                Start::Offset(_) => true,
            } && match request.until {
                End::Time(until) => accepted_at < until,
                End::Offset(_) | End::Now => true,
            };
            if in_time && any_type_matches(&request.types, ty) {
                found.push(record::offset(at));
            }
        }
        Ok((found, last))
    };
    read().map_err(|e| store(&e))
}

pub(super) fn last_letter(connection: &Connection) -> Result<i64, JournalError> {
    let last = || -> rusqlite::Result<Option<i64>> {
        connection.prepare_cached("SELECT max(seq) FROM dead_letters")?.query_row([], |row| row.get(0))
    };
    Ok(last().map_err(|e| store(&e))?.unwrap_or(0))
}

pub(super) fn count_letters(
    connection: &Connection,
    journal: &OpenJournal,
    filter: &DeadLetterFilter,
) -> Result<u64, JournalError> {
    let (mut cursor, last) = (0, last_letter(connection)?);
    let mut matched = 0;
    while cursor < last {
        let page = letters(connection, journal, filter, (cursor, last), usize::MAX)?;
        matched += page.items.len() as u64;
        cursor = page.cursor;
    }
    Ok(matched)
}

/// The next matching dead letters.
pub(super) fn letters(
    connection: &Connection,
    journal: &OpenJournal,
    filter: &DeadLetterFilter,
    (cursor, last): (i64, i64),
    most: usize,
) -> Result<Page, JournalError> {
    let read = || -> rusqlite::Result<Page> {
        let mut statement = connection.prepare_cached(
            "SELECT seq, key, channel, offset, type, class, code, at FROM dead_letters
             WHERE seq > ? AND seq <= ? ORDER BY seq",
        )?;
        let mut rows = statement.query(params![cursor, last])?;
        let mut page = Page { items: vec![], cursor };
        let mut looked_at = 0;
        while let Some(row) = rows.next()? {
            if looked_at == SCAN || page.items.len() == most {
                return Ok(page);
            }
            looked_at += 1;
            page.cursor = row.get(0)?;
            let channel = ChannelId(row.get(2)?);
            let delivery = DeliveryId { event: Uuid::from_bytes(row.get(1)?), channel };
            let text = |column| -> rusqlite::Result<&str> { Ok(row.get_ref(column)?.as_str().unwrap_or_default()) };
            let name = journal.memory.channel_name(channel);
            let wanted = letter_matches(
                filter,
                name.as_ref(),
                delivery,
                (text(4)?, text(5)?, text(6)?),
                record::timestamp(row.get(7)?),
            );
            if wanted {
                let (offset, letter) = (record::offset(row.get(3)?), Some((page.cursor, delivery)));
                page.items.push(Again { offset, channel, letter });
            }
        }
        page.cursor = last;
        Ok(page)
    };
    read().map_err(|e| store(&e))
}
