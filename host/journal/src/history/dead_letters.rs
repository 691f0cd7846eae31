//! Queries of dead letters.

use fanfare_core::type_matches;
use fanfare_core::{ChannelId, ChannelName, DeliveryId, Offset};
use fanfare_dispatch::JournalError;
use fanfare_record::{DeadLetter, DeadLetterFilter, DeadLetterQuery, Order, Page};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::{Room, holes::Holes};
use crate::{open_journal::OpenJournal, readers::store, record};

/// The maximum number of items per page.
const MOST: usize = 1_000;

/// The maximum number of dead letters scanned for one page, matching or not.
const SCAN: usize = 20_000;

/// Whether a dead letter matches a filter by channel, delivery, type, class, code and time of death.
pub(crate) fn letter_matches(
    filter: &DeadLetterFilter,
    channel: Option<&ChannelName>,
    delivery: DeliveryId,
    (ty, class, code): (&str, &str, &str),
    at: Timestamp,
) -> bool {
    filter.channel.as_ref().is_none_or(|wanted| Some(wanted) == channel)
        && filter.channels.as_ref().is_none_or(|wanted| channel.is_some_and(|channel| wanted.contains(channel)))
        && filter.ty.as_ref().is_none_or(|pattern| type_matches(pattern, ty))
        && filter.class.as_ref().is_none_or(|wanted| wanted == class)
        && filter.code.as_ref().is_none_or(|wanted| wanted == code)
        && filter.since.is_none_or(|since| at >= since)
        && filter.until.is_none_or(|until| at < until)
        && filter.delivery.is_none_or(|wanted| wanted == delivery)
}

const COLUMNS: &str =
    "seq, key, channel, offset, event_id, source, type, attempts, class, code, error, plugin, at, settings";

pub(super) fn one(
    connection: &Connection,
    journal: &OpenJournal,
    id: DeliveryId,
) -> Result<Option<DeadLetter>, JournalError> {
    let sql = format!("SELECT {COLUMNS} FROM dead_letters WHERE key = ? AND channel = ?");
    let mut statement = connection.prepare_cached(&sql).map_err(|e| store(&e))?;
    let mut rows = statement.query(params![id.event.as_bytes(), id.channel.0]).map_err(|e| store(&e))?;
    rows.next().map_err(|e| store(&e))?.map(|row| letter(journal, row)).transpose()
}

pub(super) fn page(
    connection: &Connection,
    journal: &OpenJournal,
    query: &DeadLetterQuery,
) -> Result<Page<DeadLetter>, JournalError> {
    let limit = match query.limit {
        0 => 100,
        limit => limit.min(MOST),
    };
    let (compare, direction) = match query.order {
        Order::Oldest => (">", "ASC"),
        Order::Newest => ("<", "DESC"),
    };
    let from = match (query.order, query.after) {
        (Order::Newest, 0) => i64::MAX,
        (_, after) => after,
    };
    let sql = format!("SELECT {COLUMNS} FROM dead_letters WHERE seq {compare} ? ORDER BY seq {direction}");
    let mut statement = connection.prepare_cached(&sql).map_err(|e| store(&e))?;
    let mut rows = statement.query([from]).map_err(|e| store(&e))?;
    let (mut page, mut holes) = (Page::empty(), Holes::new(&journal.memory.damage, "dead letters"));
    let mut room = Room::new(query.bytes);
    let (mut looked_at, mut last) = (0, query.after);
    while let Some(row) = rows.next().map_err(|e| store(&e))? {
        if page.items.len() == limit || looked_at == SCAN {
            page.next = Some(last);
            break;
        }
        looked_at += 1;
        let before = last;
        last = row.get(0).map_err(|e| store(&e))?;
        let wanted = |letter: &DeadLetter| {
            let what = (letter.ty.as_str(), letter.class.as_str(), letter.code.as_str());
            letter_matches(&query.filter, Some(&letter.channel), letter.delivery_id, what, letter.at)
        };
        let found = match letter(journal, row) {
            Ok(letter) => Some(letter).filter(wanted),
            Err(JournalError::Damaged(reason)) => {
                holes.add(last - 1, last + 1, &reason);
                None
            }
            Err(other) => return Err(other),
        };
        let Some(found) = found else { continue };
        let size = found.event_id.len() + found.source.len() + found.ty.len() + found.code.len() + found.error.len();
        if !room.has(size) {
            page.next = Some(before);
            break;
        }
        room.take(size);
        page.items.push(found);
    }
    page.holes = holes.into_found();
    Ok(page)
}

/// Reads one dead letter from a row of [`COLUMNS`].
fn letter(journal: &OpenJournal, row: &Row<'_>) -> Result<DeadLetter, JournalError> {
    let read = || -> rusqlite::Result<DeadLetter> {
        let channel = ChannelId(row.get(2)?);
        let name = journal
            .memory
            .channel_name(channel)
            .ok_or(rusqlite::Error::IntegralValueOutOfRange(2, channel.0.into()))?;
        Ok(DeadLetter {
            delivery_id: DeliveryId { event: Uuid::from_bytes(row.get(1)?), channel },
            channel: name,
            offset: Offset(record::offset(row.get(3)?)),
            event_id: row.get(4)?,
            source: row.get(5)?,
            ty: row.get(6)?,
            attempts: row.get(7)?,
            class: row.get(8)?,
            code: row.get(9)?,
            error: row.get(10)?,
            plugin: row.get(11)?,
            at: record::timestamp(row.get(12)?),
            settings: row.get(13)?,
        })
    };
    read().map_err(|e| store(&e))
}
