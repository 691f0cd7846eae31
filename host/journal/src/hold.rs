//! The hold of a channel, as stored in `channels`.

use fanfare_core::ChannelId;
use fanfare_dispatch::{Hold, HoldChange, HoldKind};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use crate::record;

const PAUSED: &str = "paused";
const SUSPENDED: &str = "suspended";
const OPEN: &str = "open";

/// Reads the columns `hold`, `hold_reason`, `hold_at`, beginning at column `first`. An unknown kind counts as a hold:
/// not sending is the safer choice.
pub(crate) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Hold>> {
    let Some(kind) = row.get::<_, Option<String>>(first)? else { return Ok(None) };
    let kind = match kind.as_str() {
        SUSPENDED => HoldKind::Suspended,
        OPEN => HoldKind::Open,
        _ => HoldKind::Paused,
    };
    let reason = row.get::<_, Option<String>>(first + 1)?.unwrap_or_default();
    let since = record::timestamp(row.get::<_, Option<i64>>(first + 2)?.unwrap_or_default());
    Ok(Some(Hold { kind, reason, since }))
}

pub(crate) fn of(connection: &Connection, channel: ChannelId) -> rusqlite::Result<Option<Hold>> {
    connection
        .prepare_cached("SELECT hold, hold_reason, hold_at FROM channels WHERE id = ?")?
        .query_row([channel.0], |row| read(row, 0))
}

pub(crate) fn set(connection: &Connection, channel: ChannelId, hold: Option<&Hold>) -> rusqlite::Result<()> {
    let kind = hold.map(|hold| match hold.kind {
        HoldKind::Paused => PAUSED,
        HoldKind::Suspended => SUSPENDED,
        HoldKind::Open => OPEN,
    });
    connection.prepare_cached("UPDATE channels SET hold = ?, hold_reason = ?, hold_at = ? WHERE id = ?")?.execute(
        params![kind, hold.map(|hold| &hold.reason), hold.map(|hold| hold.since.as_microsecond()), channel.0],
    )?;
    Ok(())
}

/// Suspends a channel whose receiver is gone, and returns the suspension. A paused or suspended channel stays as it is:
/// a change of settings must not resume what an operator paused.
pub(crate) fn suspend(
    connection: &Connection,
    channel: ChannelId,
    reason: &str,
    at: Timestamp,
) -> rusqlite::Result<Option<Hold>> {
    let changed = connection
        .prepare_cached(
            "UPDATE channels SET hold = ?, hold_reason = ?, hold_at = ? WHERE id = ? AND (hold IS NULL OR hold = ?)",
        )?
        .execute(params![SUSPENDED, reason, at.as_microsecond(), channel.0, OPEN])?;
    let since = record::rounded(at);
    Ok((changed > 0).then(|| Hold { kind: HoldKind::Suspended, reason: reason.to_owned(), since }))
}

/// The hold after a change by an operator or a reload.
pub(crate) fn change(current: Option<&Hold>, change: &HoldChange) -> Option<Hold> {
    match (change, current) {
        (HoldChange::Pause(hold), _) => Some(hold.clone()),
        (HoldChange::Resume, _) => None,
        (HoldChange::EndSuspension, Some(hold)) if hold.kind != HoldKind::Paused => None,
        (HoldChange::Open(hold), None) => Some(hold.clone()),
        (HoldChange::Open(hold), Some(before)) if before.kind == HoldKind::Open => Some(hold.clone()),
        (HoldChange::Close, Some(hold)) if hold.kind == HoldKind::Open => None,
        (HoldChange::EndSuspension | HoldChange::Open(_) | HoldChange::Close, current) => current.cloned(),
    }
}
