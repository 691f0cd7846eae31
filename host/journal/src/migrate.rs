//! Migrates a database from an older layout to the current one: forward only, in one transaction.

use fanfare_core::{AttemptRecord, ChannelId, Class, delivery::Trigger};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    damage::DamageLog,
    orphans,
    progress::{self, More, RowWriter, Written},
    record,
    schema::{AUDIT, LAYOUT, RECIPIENTS, SECRET, SINCE_2, SINCE_3, SINCE_4, STAGES},
    segment::{Indexed, Segment},
};

/// Why a migration failed. The database is unchanged.
pub(crate) enum Failure {
    Store(rusqlite::Error),
    /// The stored data is invalid.
    Content(String),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

/// Migrates the tables from `layout` to [`LAYOUT`].
pub(crate) fn migrate(connection: &Connection, layout: i64) -> Result<(), Failure> {
    tracing::info!(from = layout, to = LAYOUT, "migrating the journal to this version's layout");
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let migrated = match layout {
        1..=7 => from(connection, layout),
        _ => Err(Failure::Content(format!("unknown layout {layout}"))),
    };
    if let Err(error) = migrated {
        connection.execute_batch("ROLLBACK")?;
        return Err(error);
    }
    connection.execute_batch(&format!("PRAGMA user_version = {LAYOUT}; COMMIT"))?;
    // Only a vacuum makes a file of layout 1 able to shrink. If there is no space for it, the journal works anyway.
    let shrinks: i64 = connection.query_row("PRAGMA auto_vacuum", [], |row| row.get(0))?;
    if shrinks == 0
        && let Err(error) = connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; VACUUM")
    {
        tracing::warn!("the journal's file cannot be converted to one that can shrink; using it as it is: {error}");
    }
    Ok(())
}

/// Runs the steps in order.
fn from(connection: &Connection, layout: i64) -> Result<(), Failure> {
    let steps = [from_1, from_2, from_3, from_4, from_5, from_6, from_7];
    let done = usize::try_from(layout - 1).unwrap_or_default();
    steps.into_iter().skip(done).try_for_each(|step| step(connection))
}

/// Receipts with a delivery's id in them are read as they are.
fn from_7(_: &Connection) -> Result<(), Failure> {
    Ok(())
}

/// Rows of progress in the old form are read as they are.
fn from_6(_: &Connection) -> Result<(), Failure> {
    Ok(())
}

fn from_5(connection: &Connection) -> Result<(), Failure> {
    Ok(connection.execute_batch(AUDIT)?)
}

fn from_4(connection: &Connection) -> Result<(), Failure> {
    recipients(connection)?;
    stages(connection)
}

/// Creates the table of recipients set through the API.
fn recipients(connection: &Connection) -> Result<(), Failure> {
    Ok(connection.execute_batch(RECIPIENTS)?)
}

fn stages(connection: &Connection) -> Result<(), Failure> {
    connection.execute_batch(STAGES)?;
    Ok(connection.execute_batch(SECRET)?)
}

fn from_3(connection: &Connection) -> Result<(), Failure> {
    Ok(connection.execute_batch(SINCE_4)?)
}

/// The version that wrote layout 2 could lose deliveries in a crash. They are found once, here.
fn from_2(connection: &Connection) -> Result<(), Failure> {
    connection.execute_batch(SINCE_3)?;
    let mut statement = connection.prepare("SELECT id, max(floor, ceiling) FROM channels")?;
    let rows = statement.query_map([], |row| Ok((ChannelId(row.get(0)?), (0, record::offset(row.get(1)?)))))?;
    let within = rows.collect::<rusqlite::Result<_>>()?;
    #[allow(clippy::disallowed_methods, reason = "a journal is brought up to date once, before it has a clock")]
    let now = Timestamp::now();
    let adopted = orphans::adopt(connection, &DamageLog::default(), &within, now.as_microsecond())?;
    if adopted > 0 {
        tracing::warn!(
            deliveries = adopted,
            "found deliveries that an earlier version lost in a crash; attempting them now"
        );
    }
    Ok(())
}

fn from_1(connection: &Connection) -> Result<(), Failure> {
    connection.execute_batch(
        "ALTER TABLE journal ADD COLUMN pruned_to INTEGER NOT NULL DEFAULT 0;
         ALTER TABLE channels ADD COLUMN redriven INTEGER NOT NULL DEFAULT 0;
         ALTER TABLE channels ADD COLUMN hold TEXT;
         ALTER TABLE channels ADD COLUMN hold_reason TEXT;
         ALTER TABLE channels ADD COLUMN hold_at INTEGER;
         ALTER TABLE channels ADD COLUMN order_by TEXT;
         DROP INDEX retries_due;
         ALTER TABLE retries RENAME COLUMN accepted_at TO since;
         ALTER TABLE retries ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;
         ALTER TABLE retries ADD COLUMN job INTEGER;
         ALTER TABLE retries ADD COLUMN order_key INTEGER;
         ALTER TABLE dead_letters ADD COLUMN settings TEXT NOT NULL DEFAULT '';",
    )?;
    connection.execute_batch(SINCE_2)?;
    connection.execute_batch("INSERT INTO troubled (offset) SELECT DISTINCT offset FROM dead_letters")?;
    segments(connection)?;
    progress(connection)
}

/// Writes the rows of full segments. The last, incomplete one is rebuilt at every start.
fn segments(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare("SELECT offset, accepted_at, type, source, targets FROM events ORDER BY offset")?;
    let mut rows = statement.query([])?;
    let mut segment: Option<Segment> = None;
    while let Some(row) = rows.next()? {
        let offset = record::offset(row.get(0)?);
        let targets = row.get_ref(4)?.as_str().ok().and_then(|text| record::decode_targets(text).ok());
        let current = segment.get_or_insert_with(|| Segment::at(offset));
        let event = Indexed {
            offset,
            at: row.get(1)?,
            ty: row.get_ref(2)?.as_str().unwrap_or_default(),
            source: row.get_ref(3)?.as_str().unwrap_or_default(),
            targets: &targets.unwrap_or_default().into(),
        };
        if let Some(full) = current.add(&event) {
            full.write(connection)?;
        }
    }
    Ok(())
}

/// An entry of layout 1.
#[derive(Deserialize)]
struct Entry1<'a> {
    channel: ChannelId,
    step: String,
    at: i64,
    until: Option<i64>,
    spent: Option<u32>,
    attempt: Option<Attempt1>,
    #[serde(borrow)]
    receipt: Option<&'a RawValue>,
    fault: Option<progress::FaultEntry>,
}

#[derive(Deserialize)]
struct Attempt1 {
    number: u32,
    started: Timestamp,
    duration_ms: f64,
    class: Option<Class>,
    code: Option<String>,
    error: Option<String>,
    fuel: u64,
    memory: u64,
    plugin: String,
    #[serde(default)]
    trace: Vec<String>,
}

/// Rewrites the entries, and doubles the commit numbers to make room between them.
fn progress(connection: &Connection) -> Result<(), Failure> {
    connection.execute_batch(
        "ALTER TABLE progress RENAME TO progress_1;
         CREATE TABLE progress (
             offset INTEGER NOT NULL,
             seq INTEGER NOT NULL,
             entries TEXT NOT NULL,
             PRIMARY KEY (offset, seq)
         ) STRICT, WITHOUT ROWID;",
    )?;
    copy_progress(connection)?;
    connection.execute_batch("DROP TABLE progress_1")?;
    Ok(())
}

fn copy_progress(connection: &Connection) -> Result<(), Failure> {
    let mut select = connection.prepare("SELECT offset, seq, entries FROM progress_1 ORDER BY offset, seq")?;
    let mut insert = connection.prepare("INSERT INTO progress (offset, seq, entries) VALUES (?, ?, ?)")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (offset, seq): (i64, i64) = (row.get(0)?, row.get(1)?);
        let entries = rewritten(row.get_ref(2)?.as_str().unwrap_or_default())
            .map_err(|e| Failure::Content(format!("the progress of offset {offset} is unreadable: {e}")))?;
        insert.execute(params![offset, progress::sequence(seq, false), entries])?;
    }
    Ok(())
}

fn rewritten(entries: &str) -> Result<String, serde_json::Error> {
    let mut old: Vec<Entry1<'_>> = serde_json::from_str(entries)?;
    let attempts: Vec<_> = old.iter_mut().map(|entry| entry.attempt.take().map(AttemptRecord::from)).collect();
    let mut row = RowWriter::default();
    for (entry, attempt) in old.into_iter().zip(&attempts) {
        row.push(&Written {
            key: Uuid::nil(), // so receipts stay as they are
            channel: entry.channel,
            step: step(&entry.step),
            at: entry.at,
            attempt: attempt.as_ref(),
            receipt: entry.receipt.map(RawValue::get),
            more: (entry.until.is_some() || entry.spent.is_some() || entry.fault.is_some()).then_some(More {
                until: entry.until,
                spent: entry.spent,
                fault: entry.fault,
                ..More::default()
            }),
        })?;
    }
    row.finish()
}

fn step(name: &str) -> progress::Step {
    match name {
        "delivered" => progress::Step::Delivered,
        "waiting" => progress::Step::Waiting,
        "suspended" => progress::Step::Suspended,
        _ => progress::Step::Dead,
    }
}

impl From<Attempt1> for AttemptRecord {
    fn from(old: Attempt1) -> Self {
        Self {
            number: old.number,
            trigger: if old.number > 1 { Trigger::Retry } else { Trigger::First },
            started: old.started,
            duration_ms: old.duration_ms,
            class: old.class,
            code: old.code,
            error: old.error,
            fuel: old.fuel,
            memory: old.memory,
            plugin: old.plugin,
            trace: old.trace,
        }
    }
}
