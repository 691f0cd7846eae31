//! The table of jobs.

use fanfare_core::{ChannelId, WaitingFor};
use fanfare_dispatch::JournalError;
use fanfare_record::{Job, JobId, JobKind, JobState, JobWait};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::value::RawValue;

use crate::{keys::NEVER, memory::Memory, readers::store, record};

const COLUMNS: &str =
    "id, kind, state, request, cursor, last, matched, sent, skipped, delivered, dead, created_at, changed_at, error";

/// How many ended jobs are kept.
const KEPT: i64 = 1_000;

pub(super) fn get(connection: &Connection, id: JobId) -> Result<Option<Job>, JournalError> {
    read(connection, id).map_err(|e| store(&e))
}

pub(super) fn read(connection: &Connection, id: JobId) -> rusqlite::Result<Option<Job>> {
    connection.prepare_cached(&format!("SELECT {COLUMNS} FROM jobs WHERE id = ?"))?.query_row([id.0], job).optional()
}

pub(super) fn list(connection: &Connection) -> Result<Vec<Job>, JournalError> {
    many(connection, "ORDER BY id DESC LIMIT 100").map_err(|e| store(&e))
}

/// Jobs that have something to do or to wait for.
pub(super) fn running(connection: &Connection) -> Result<Vec<Job>, JournalError> {
    many(connection, "WHERE state = 'running' ORDER BY id").map_err(|e| store(&e))
}

/// The deliveries of a job that are not in flight, by channel and by what they wait for.
pub(super) fn waits(connection: &Connection, memory: &Memory, id: JobId) -> Result<Vec<JobWait>, JournalError> {
    let mut waits = vec![];
    let mut select = connection
        .prepare_cached(
            "SELECT channel,
                    CASE WHEN due_at = ?2 THEN -1 WHEN due_at > ?3 THEN ifnull(wait_for, -2) ELSE -3 END AS wait,
                    count(*), min(due_at)
             FROM retries WHERE job = ?1 GROUP BY channel, wait",
        )
        .map_err(|e| store(&e))?;
    let rows = select
        .query_map(params![id.0, NEVER, memory.now()], |row| {
            Ok((ChannelId(row.get(0)?), row.get(1)?, record::offset(row.get(2)?), record::timestamp(row.get(3)?)))
        })
        .map_err(|e| store(&e))?;
    for row in rows {
        let (channel, wait, deliveries, due): (_, i64, _, _) = row.map_err(|e| store(&e))?;
        let Some(channel) = memory.channel_name(channel) else { continue };
        let waiting = match wait {
            -1 => Some((WaitingFor::Order, None)),
            -2 => Some((WaitingFor::Retry, Some(due))),
            wait => record::wait(Some(wait)).map(|wait| (wait.into(), Some(due))),
        };
        waits.push(JobWait { channel, deliveries, waiting });
    }
    Ok(waits)
}

fn many(connection: &Connection, which: &str) -> rusqlite::Result<Vec<Job>> {
    connection.prepare_cached(&format!("SELECT {COLUMNS} FROM jobs {which}"))?.query_map([], job)?.collect()
}

fn job(row: &Row<'_>) -> rusqlite::Result<Job> {
    let count = |column| -> rusqlite::Result<u64> { row.get(column).map(record::offset) };
    let (sent, delivered, dead) = (count(7)?, count(9)?, count(10)?);
    let kind = match row.get_ref(1)?.as_str().unwrap_or_default() {
        "replay" => JobKind::Replay,
        "redrive" => JobKind::Redrive,
        _ => JobKind::Purge,
    };
    Ok(Job {
        id: JobId(row.get(0)?),
        kind,
        state: state(row.get_ref(2)?.as_str().unwrap_or_default()),
        request: RawValue::from_string(row.get(3)?).unwrap_or_else(|_| RawValue::NULL.to_owned()),
        cursor: row.get(4)?,
        last: row.get(5)?,
        matched: count(6)?,
        sent,
        skipped: count(8)?,
        delivered,
        dead,
        pending: if kind == JobKind::Purge { 0 } else { sent.saturating_sub(delivered + dead) },
        created_at: record::timestamp(row.get(11)?),
        changed_at: record::timestamp(row.get(12)?),
        error: row.get(13)?,
    })
}

fn state(text: &str) -> JobState {
    match text {
        "running" => JobState::Running,
        "paused" => JobState::Paused,
        "cancelled" => JobState::Cancelled,
        "done" => JobState::Done,
        _ => JobState::Failed,
    }
}

fn kind(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Replay => "replay",
        JobKind::Redrive => "redrive",
        JobKind::Purge => "purge",
    }
}

pub(super) fn insert(
    connection: &Connection,
    (of, request, matched, cursor, last): &(JobKind, String, u64, i64, i64),
    now: i64,
) -> rusqlite::Result<JobId> {
    connection.execute(
        "INSERT INTO jobs (kind, state, request, cursor, last, matched, created_at, changed_at)
         VALUES (?, 'running', ?, ?, ?, ?, ?, ?)",
        params![kind(*of), request, cursor, last, record::column(*matched), now, now],
    )?;
    let id = connection.last_insert_rowid();
    connection.execute("DELETE FROM jobs WHERE state IN ('done', 'cancelled', 'failed') AND id <= ?", [id - KEPT])?;
    Ok(JobId(id))
}

pub(super) fn set_state(
    connection: &Connection,
    id: JobId,
    state: JobState,
    error: Option<&str>,
    now: i64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE jobs SET state = ?, error = ?, changed_at = ? WHERE id = ?")?
        .execute(params![state.to_string(), error, now, id.0])?;
    Ok(())
}

/// Records a step: moves the cursor and adds to the counts.
pub(super) fn advance(
    connection: &Connection,
    id: JobId,
    cursor: i64,
    (sent, skipped): (u64, u64),
    now: i64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE jobs SET cursor = ?, sent = sent + ?, skipped = skipped + ?, changed_at = ? WHERE id = ?",
        )?
        .execute(params![cursor, record::column(sent), record::column(skipped), now, id.0])?;
    Ok(())
}
