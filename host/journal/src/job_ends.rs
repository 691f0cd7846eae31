//! Counts the ended deliveries of a job.

use rusqlite::{Connection, params};

use crate::record;

/// Ended deliveries of a job.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct JobEnds {
    pub(crate) delivered: u64,
    pub(crate) dead: u64,
    /// Begun, and no longer wanted at their turn.
    pub(crate) skipped: u64,
}

/// Adds to the counts of a job.
pub(crate) fn add(connection: &Connection, id: i64, ends: JobEnds, now: i64) -> rusqlite::Result<()> {
    let [delivered, dead, skipped] = [ends.delivered, ends.dead, ends.skipped].map(record::column);
    connection
        .prepare_cached(
            "UPDATE jobs SET delivered = delivered + ?1, dead = dead + ?2, sent = sent - ?3, skipped = skipped + ?3,
             changed_at = ?4 WHERE id = ?5",
        )?
        .execute(params![delivered, dead, skipped, now, id])?;
    Ok(())
}
