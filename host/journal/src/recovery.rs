//! Finding the way back in after a start: what is settled, what is not, where each channel goes on.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use fanfare_core::{ChannelId, ChannelName};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    OpenError, Options,
    consumer::{Consumer, Position, Start},
    group::{Counters, oldest_waiting},
    hold,
    record::{self, EntryOwner},
    schema,
    segment::{self, Segment},
};

pub(crate) struct Recovered {
    pub(crate) counters: Counters,
    /// The segment that is not full yet.
    pub(crate) segment: Segment,
    pub(crate) consumers: BTreeMap<ChannelId, Arc<Consumer>>,
}

/// A row of `channels`.
struct Row {
    id: ChannelId,
    name: String,
    floor: u64,
    ceiling: u64,
    pending: u64,
}

/// A delivery between floor and ceiling.
struct Delivery {
    offset: i64,
    accepted_at: i64,
    settled: bool,
}

/// Reads where everything stands. In one transaction, what was claimed and not settled when the journal was last closed
/// becomes due at once, as a retry with no attempt spent, so that each channel goes on from one place.
pub(crate) fn recover(connection: &Connection, options: &Options, now: i64) -> Result<Recovered, OpenError> {
    let failed = |e: rusqlite::Error| schema::explain(&options.path, &e);
    connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
    let recovered = read(connection, options, now);
    if recovered.is_ok() {
        connection.execute_batch("COMMIT").map_err(failed)?;
    }
    // After an error the connection is dropped, and the transaction with it.
    recovered
}

fn read(connection: &Connection, options: &Options, now: i64) -> Result<Recovered, OpenError> {
    let failed = |e: rusqlite::Error| schema::explain(&options.path, &e);
    let counters = connection
        .query_row("SELECT last_offset, commits, events FROM journal", [], |row| {
            Ok(Counters { last_offset: record::offset(row.get(0)?), commits: row.get(1)?, events: row.get(2)? })
        })
        .map_err(failed)?;
    let mut consumers = BTreeMap::new();
    for row in channels(connection).map_err(failed)? {
        let name = channel_name(&options.path, &row.name)?;
        if row.ceiling > row.floor {
            adopt_orphans(connection, &row, now).map_err(failed)?;
        }
        let start = start(connection, options, &row).map_err(failed)?;
        consumers.insert(row.id, Consumer::new(row.id, name, Position::new(row.id, start)));
    }
    let segment = segment(connection, counters.last_offset).map_err(failed)?;
    Ok(Recovered { counters, segment, consumers })
}

fn segment(connection: &Connection, last_offset: u64) -> rusqlite::Result<Segment> {
    let mut segment = Segment::at(last_offset);
    let start = segment::start(segment::of(last_offset));
    let mut statement =
        connection.prepare("SELECT offset, accepted_at, type, source, targets FROM events WHERE offset >= ?")?;
    let mut rows = statement.query([record::column(start)])?;
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column).ok().and_then(|value| value.as_str().ok()).unwrap_or_default();
        let targets = record::decode_targets(text(4)).unwrap_or_default();
        // All of one segment: none is full.
        let _full = segment.add(record::offset(row.get(0)?), row.get(1)?, text(2), text(3), &targets);
    }
    Ok(segment)
}

fn channels(connection: &Connection) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection
        .prepare("SELECT id, name, floor, ceiling, accepted + redriven - delivered - dead FROM channels ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        Ok(Row {
            id: ChannelId(row.get(0)?),
            name: row.get(1)?,
            floor: record::offset(row.get(2)?),
            ceiling: record::offset(row.get(3)?),
            pending: record::offset(row.get(4)?),
        })
    })?;
    rows.collect()
}

fn channel_name(path: &Path, name: &str) -> Result<ChannelName, OpenError> {
    ChannelName::new(name).map_err(|e| OpenError::Corrupt { path: path.to_owned(), reason: e.to_string() })
}

/// Between floor and ceiling, whatever has no entry in `progress` was in flight. There are at most as many as one channel had
/// in flight; the rest is streamed past.
fn adopt_orphans(connection: &Connection, row: &Row, now: i64) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT e.offset, e.accepted_at, e.targets, p.entries
         FROM events e LEFT JOIN progress p ON p.offset = e.offset
         WHERE e.offset > ? AND e.offset <= ? ORDER BY e.offset, p.seq",
    )?;
    let mut adopt = connection.prepare_cached(
        "INSERT OR IGNORE INTO retries (channel, offset, due_at, attempts, since) VALUES (?, ?, ?, 0, ?)",
    )?;
    let adopt_if_open = |delivery: Option<Delivery>, adopt: &mut rusqlite::CachedStatement<'_>| match delivery {
        Some(Delivery { offset, accepted_at, settled: false }) => {
            adopt.execute(params![row.id.0, offset, now, accepted_at]).map(drop)
        }
        _ => Ok(()),
    };
    let mut current: Option<Delivery> = None;
    let mut rows = statement.query(params![record::column(row.floor), record::column(row.ceiling)])?;
    while let Some(found) = rows.next()? {
        let offset: i64 = found.get(0)?;
        if current.as_ref().is_some_and(|delivery| delivery.offset != offset) {
            adopt_if_open(current.take(), &mut adopt)?;
        }
        let Some(targets) = found.get_ref(2)?.as_str().ok().and_then(|text| record::decode_targets(text).ok()) else {
            tracing::error!(offset, "an event's targets cannot be read, it is skipped");
            continue;
        };
        if targets.contains(&row.id) {
            let accepted_at = found.get(1)?;
            let settled = is_settled(found.get_ref(3)?.as_str_or_null().ok().flatten(), row.id, offset);
            let delivery = current.get_or_insert(Delivery { offset, accepted_at, settled });
            delivery.settled |= settled;
        }
    }
    adopt_if_open(current.take(), &mut adopt)?;
    connection.execute("UPDATE channels SET floor = ceiling WHERE id = ?", [row.id.0])?;
    Ok(())
}

fn is_settled(entries: Option<&str>, channel: ChannelId, offset: i64) -> bool {
    let Some(entries) = entries else { return false };
    match serde_json::from_str::<Vec<EntryOwner>>(entries) {
        Ok(owners) => owners.iter().any(|owner| owner.channel == channel),
        Err(e) => {
            tracing::error!(offset, "an event's progress cannot be read, its deliveries may be repeated: {e}");
            false
        }
    }
}

fn start(connection: &Connection, options: &Options, row: &Row) -> rusqlite::Result<Start> {
    let waiting: i64 =
        connection.query_row("SELECT count(*) FROM retries WHERE channel = ?", [row.id.0], |row| row.get(0))?;
    let waiting = record::offset(waiting);
    let cursor = row.floor.max(row.ceiling) + 1;
    let cursor_at = if row.pending > waiting { first_pending_at(connection, row.id, cursor)? } else { None };
    Ok(Start {
        cursor,
        cursor_at,
        pending: row.pending.max(waiting),
        waiting,
        oldest_waiting: oldest_waiting(connection, row.id)?,
        retry_front: options.retry_front,
        hold: hold::of(connection, row.id)?,
    })
}

/// When the first event from `cursor` on that goes to `channel` was accepted.
fn first_pending_at(connection: &Connection, channel: ChannelId, cursor: u64) -> rusqlite::Result<Option<Timestamp>> {
    connection
        .prepare_cached(
            "SELECT accepted_at FROM events e
             WHERE offset >= ? AND CASE WHEN json_valid(e.targets)
                 THEN EXISTS (SELECT 1 FROM json_each(e.targets) WHERE value = ?) END
             ORDER BY offset LIMIT 1",
        )?
        .query_row(params![record::column(cursor), channel.0], |row| row.get(0).map(record::timestamp))
        .optional()
}
