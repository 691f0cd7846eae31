//! Recovery after a start: what is settled, what is not, and where each channel continues.

use std::{collections::BTreeMap, path::Path, time::Duration};

use fanfare_core::{ChannelId, ChannelName, delivery::Deferred};
use fanfare_dispatch::Token;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    OpenError, Options, connect,
    consumer::{Consumer, Position, Start},
    damage::DamageLog,
    flights::token_after,
    group::{Counters, oldest_waiting},
    hold, jumps,
    memory::Initial,
    orphans, record, schema,
    segment::{self, Indexed, Segment},
};

/// Where the writer continues.
pub(crate) struct Recovered {
    pub(crate) counters: Counters,
    /// The segment that is not full yet.
    pub(crate) segment: Segment,
}

/// A row of `channels`.
struct Row {
    id: ChannelId,
    name: String,
    floor: u64,
    ceiling: u64,
    pending: u64,
}

pub(crate) fn recover(connection: &Connection, options: &Options, now: i64) -> Result<(Recovered, Initial), OpenError> {
    let failed = |e: rusqlite::Error| connect::explain(&options.path, &e);
    connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
    let recovered = read(connection, options, now);
    if recovered.is_ok() {
        connection.execute_batch("COMMIT").map_err(failed)?;
    }
    // On an error, the connection is dropped and its transaction rolled back.
    recovered
}

fn read(connection: &Connection, options: &Options, now: i64) -> Result<(Recovered, Initial), OpenError> {
    let failed = |e: rusqlite::Error| connect::explain(&options.path, &e);
    let mut counters = counters(connection).map_err(failed)?;
    follow_clock(connection, &mut counters, now).map_err(failed)?;
    let mut rows = channels(connection).map_err(failed)?;
    let damage = DamageLog::default();
    adopt_orphans(connection, &damage, &mut rows, now).map_err(failed)?;
    let mut consumers = BTreeMap::new();
    let token = token_after(counters.commits);
    for row in rows {
        let name = channel_name(&options.path, &row.name)?;
        let start = start(connection, options, &row, token).map_err(failed)?;
        consumers.insert(row.id, Consumer::new(row.id, name, Position::new(row.id, start)));
    }
    let segment = segment(connection, counters.last_offset).map_err(failed)?;
    let initial = Initial { last_offset: counters.last_offset, commits: counters.commits, consumers, damage };
    Ok((Recovered { counters, segment }, initial))
}

fn segment(connection: &Connection, last_offset: u64) -> rusqlite::Result<Segment> {
    let mut segment = Segment::at(last_offset);
    let start = segment::start(segment::of(last_offset));
    let mut statement =
        connection.prepare("SELECT offset, accepted_at, type, source, targets FROM events WHERE offset >= ?")?;
    let mut rows = statement.query([record::column(start)])?;
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column).ok().and_then(|value| value.as_str().ok()).unwrap_or_default();
        let targets = &record::decode_targets(text(4)).unwrap_or_default().into();
        let (offset, at) = (record::offset(row.get(0)?), row.get(1)?);
        // All events belong to one segment, so none becomes full.
        let _full = segment.add(&Indexed { offset, at, ty: text(2), source: text(3), targets });
    }
    Ok(segment)
}

fn channels(connection: &Connection) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection
        .prepare(&format!("SELECT id, name, floor, ceiling, {} FROM channels ORDER BY id", schema::PENDING))?;
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

/// Between floor and ceiling, everything that has not ended was in flight. There are at most as many as the channels
/// had in flight.
fn adopt_orphans(connection: &Connection, damage: &DamageLog, rows: &mut [Row], now: i64) -> rusqlite::Result<()> {
    let open = |row: &&mut Row| row.ceiling > row.floor;
    let within = rows.iter_mut().filter(open).map(|row| (row.id, (row.floor, row.ceiling))).collect();
    orphans::adopt(connection, damage, &within, now)?;
    for row in rows.iter_mut().filter(open) {
        connection.execute("UPDATE channels SET floor = ceiling WHERE id = ?", [row.id.0])?;
        row.floor = row.ceiling;
    }
    Ok(())
}

/// Reads the journal's own row. However damaged or restored it is, no counter may be below what the tables contain: a
/// number would be assigned twice.
fn counters(connection: &Connection) -> rusqlite::Result<Counters> {
    let written = connection.query_row("SELECT last_offset, commits, events, at FROM journal", [], |row| {
        let last_offset = record::offset(row.get(0)?);
        Ok(Counters { last_offset, commits: row.get(1)?, events: row.get(2)?, at: row.get(3)? })
    })?;
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, Option<i64>>(0));
    let event = number("SELECT max(offset) FROM events")?.unwrap_or(0);
    let settled = number("SELECT max(offset) FROM progress")?.unwrap_or(0);
    // Commits are compared only within an event. The commits of the newest events are the newest.
    let newest = connection.query_row(
        "SELECT max(seq) FROM (SELECT seq FROM progress ORDER BY offset DESC LIMIT 10000)",
        [],
        |row| row.get::<_, Option<i64>>(0),
    )?;
    let counters = Counters {
        last_offset: written.last_offset.max(record::offset(event.max(settled))),
        commits: written.commits.max(newest.unwrap_or(0) / 2),
        ..written
    };
    if counters.last_offset > written.last_offset {
        tracing::error!(
            counter = written.last_offset,
            newest = counters.last_offset,
            "correcting the journal's counters, which were behind its events; another program may have written to it"
        );
    }
    Ok(counters)
}

/// Adjusts to a clock that was set back since the last commit: waiting deliveries keep the remaining wait they had
/// then.
fn follow_clock(connection: &Connection, counters: &mut Counters, now: i64) -> rusqlite::Result<()> {
    if let Some(by) = jumps::back(counters.at, now) {
        let back = Duration::from_micros(by.unsigned_abs());
        tracing::warn!(
            ?back,
            "the clock is behind the journal's last commit; waiting deliveries keep their remaining \
            waits"
        );
        jumps::shift(connection, by)?;
        counters.at = now;
        connection.execute("UPDATE journal SET at = ?", [now])?;
    }
    Ok(())
}

fn start(connection: &Connection, options: &Options, row: &Row, token: Token) -> rusqlite::Result<Start> {
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
        deferred: deferred(connection, row.id)?,
        oldest_waiting: oldest_waiting(connection, row.id)?,
        retry_front: options.retry_front,
        hold: hold::of(connection, row.id)?,
        token,
    })
}

fn deferred(connection: &Connection, channel: ChannelId) -> rusqlite::Result<Deferred> {
    let mut deferred = Deferred::default();
    let mut select = connection.prepare_cached(
        "SELECT wait_for, count(*) FROM retries WHERE channel = ? AND wait_for IS NOT NULL GROUP BY wait_for",
    )?;
    let mut rows = select.query([channel.0])?;
    while let Some(row) = rows.next()? {
        if let Some(wait) = record::wait(row.get(0)?) {
            deferred.add(wait, record::offset(row.get(1)?));
        }
    }
    Ok(deferred)
}

/// When the first event from `cursor` on that targets `channel` was accepted.
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
