//! Channels on hold, as they stand in `channels`.

use fanfare_core::ChannelId;
use fanfare_dispatch::{Hold, HoldKind};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use crate::record;

const PAUSED: &str = "paused";
const SUSPENDED: &str = "suspended";

/// From the columns `hold`, `hold_reason`, `hold_at`, of which `first` is the first. A kind that is not known holds as well: it
/// is safer than to send.
pub(crate) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Hold>> {
    let Some(kind) = row.get::<_, Option<String>>(first)? else { return Ok(None) };
    let kind = if kind == SUSPENDED { HoldKind::Suspended } else { HoldKind::Paused };
    let reason = row.get::<_, Option<String>>(first + 1)?.unwrap_or_default();
    let since = record::timestamp(row.get::<_, Option<i64>>(first + 2)?.unwrap_or_default());
    Ok(Some(Hold { kind, reason, since }))
}

pub(crate) fn set(connection: &Connection, channel: ChannelId, hold: Option<&Hold>) -> rusqlite::Result<()> {
    let kind = hold.map(|hold| match hold.kind {
        HoldKind::Paused => PAUSED,
        HoldKind::Suspended => SUSPENDED,
    });
    connection.prepare_cached("UPDATE channels SET hold = ?, hold_reason = ?, hold_at = ? WHERE id = ?")?.execute(
        params![kind, hold.map(|hold| &hold.reason), hold.map(|hold| hold.since.as_microsecond()), channel.0],
    )?;
    Ok(())
}

/// The receiver is gone. A channel that is on hold already stays as it is: what an operator paused is not resumed by a change
/// of its settings.
pub(crate) fn suspend(
    connection: &Connection,
    channel: ChannelId,
    reason: &str,
    at: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE channels SET hold = ?, hold_reason = ?, hold_at = ? WHERE id = ? AND hold IS NULL")?
        .execute(params![SUSPENDED, reason, at.as_microsecond(), channel.0])?;
    Ok(())
}
