//! Repairs what can be repaired without loss: in one transaction, and only while no daemon uses the journal.

use std::path::Path;

use fanfare_dispatch::{Clock as _, SystemClock};
use rusqlite::{Connection, params};

use super::{Report, deliveries::Recount, look, rows};
use crate::{OpenError, connect, place::Place, record};

/// Makes the safe repairs, then examines the journal again. Deliveries that no lane would make wait for the next start,
/// counters are set to what the rows add up to, and incomplete rows of the skip index are removed. Blocks.
///
/// # Errors
/// [`OpenError`] if the journal cannot be opened or a daemon uses it. Then nothing has changed.
pub fn repair(path: &Path) -> Result<Report, OpenError> {
    if !path.exists() {
        let reason = "the file does not exist; name another with `journal.path` or --journal".to_owned();
        return Err(OpenError::Unusable { path: path.to_owned(), reason });
    }
    let Place { path, guard, .. } = Place::take(path)?;
    let connection = connect::open_writer(&path)?;
    let explain = |e: rusqlite::Error| connect::explain(&path, &e);
    connection.execute_batch("BEGIN IMMEDIATE").map_err(explain)?;
    let (before, recount) = look(&path, &connection);
    let done = match (recount, before.is_sound()) {
        (Some(recount), false) => mend(&connection, &recount).map_err(explain)?,
        _ => vec![],
    };
    connection.execute_batch("COMMIT").map_err(explain)?;
    let mut report = look(&path, &connection).0;
    report.repaired = done;
    // After the connection, which the guard protects from other processes.
    drop(connection);
    drop(guard);
    Ok(report)
}

fn mend(connection: &Connection, recount: &Recount) -> rusqlite::Result<Vec<String>> {
    let mut done = rows::mend(connection)?;
    let removed = rows::drop_segments(connection, &recount.segments)?;
    if removed > 0 {
        done.push(format!("rows removed from the skip index, so that their events are always scanned: {removed}"));
    }
    let adopted = adopt(connection, recount)?;
    if adopted > 0 {
        done.push(format!("lost deliveries that are pending again, for the next start to attempt: {adopted}"));
    }
    if recount.is_whole() {
        let set = set_counts(connection, recount)?;
        if set > 0 {
            done.push(format!("channels whose counts were corrected: {set}"));
        }
    }
    Ok(done)
}

fn adopt(connection: &Connection, recount: &Recount) -> rusqlite::Result<usize> {
    let now = SystemClock.now().as_microsecond();
    let mut insert = connection.prepare(
        "INSERT OR IGNORE INTO retries (channel, offset, due_at, attempts, since, origin)
         SELECT ?1, ?2, ?3, 0, ?4, ?5 WHERE ?1 IN (SELECT id FROM channels)",
    )?;
    let mut adopted = 0;
    for orphan in &recount.orphans {
        let origin = record::origin_column(orphan.origin);
        adopted +=
            insert.execute(params![orphan.channel.0, record::column(orphan.offset), now, orphan.since, origin])?;
    }
    Ok(adopted)
}

fn set_counts(connection: &Connection, recount: &Recount) -> rusqlite::Result<usize> {
    let mut select =
        connection.prepare("SELECT accepted, redriven, delivered, dead, skipped FROM channels WHERE id = ?")?;
    let mut update = connection
        .prepare("UPDATE channels SET accepted = ?, redriven = ?, delivered = ?, dead = ?, skipped = ? WHERE id = ?")?;
    let mut set = 0;
    for (channel, found) in &recount.channels {
        let count = |row: &rusqlite::Row<'_>, column| row.get(column).map(record::offset);
        let mut rows = select.query([channel.0])?;
        let Some(row) = rows.next()? else { continue };
        let have = super::deliveries::Count {
            accepted: count(row, 0)?,
            redriven: count(row, 1)?,
            delivered: count(row, 2)?,
            dead: count(row, 3)?,
            skipped: count(row, 4)?,
            pending: 0,
        };
        let right = have.right(found, recount.pruned_to == 0);
        if right != have {
            set += update.execute(params![
                record::column(right.accepted),
                record::column(right.redriven),
                record::column(right.delivered),
                record::column(right.dead),
                record::column(right.skipped),
                channel.0
            ])?;
        }
    }
    Ok(set)
}
