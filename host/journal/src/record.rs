//! The encodings of values in the database. [`progress`](crate::progress) has those of a delivery's progress.

use fanfare_core::{
    ChannelId, Defaults, Event, StageRecord,
    delivery::{Origin, Wait},
};
use jiff::Timestamp;
use rusqlite::Row;
use uuid::Uuid;

/// Encodes the targets as stored in `events`: `[1,2,3]`.
pub(crate) fn encode_targets(targets: &[ChannelId]) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(2 + targets.len() * 4);
    out.push('[');
    for (i, target) in targets.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        // Writing to a string cannot fail.
        let _ok = write!(out, "{}", target.0).is_ok();
    }
    out.push(']');
    out
}

/// Encodes the records of stages as stored in `events`.
pub(crate) fn encode_stages(records: &[StageRecord]) -> Option<String> {
    serde_json::to_string(records)
        .inspect_err(|error| tracing::error!(%error, "the records of stages cannot be serialized"))
        .ok()
}

pub(crate) fn decode_stages(text: &str) -> Result<Vec<StageRecord>, serde_json::Error> {
    serde_json::from_str(text)
}

pub(crate) fn decode_targets(text: &str) -> Result<Vec<ChannelId>, serde_json::Error> {
    serde_json::from_str(text)
}

/// Decodes an event from its column. The defaults are never used: recorded events are complete.
pub(crate) fn decode_event(text: &str) -> Result<Event, fanfare_core::ParseError> {
    Event::from_recorded(text, Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::nil() })
}

/// Encodes the origin of a delivery as a column.
/// Decodes a column with text. The error says why it is unreadable.
pub(crate) fn decoded<T, E: std::fmt::Display>(
    row: &Row<'_>,
    column: usize,
    decode: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, String> {
    let text = row.get_ref(column).map_err(|e| e.to_string())?.as_str().map_err(|e| e.to_string())?;
    decode(text).map_err(|e| e.to_string())
}

pub(crate) fn origin_column(origin: Origin) -> i64 {
    match origin {
        Origin::Live => 0,
        Origin::Replay => 1,
        Origin::Manual => 2,
        Origin::Fallback => 3,
    }
}

/// Encodes the reason of a deferral as a column.
pub(crate) fn wait_column(wait: Option<Wait>) -> Option<i64> {
    let place = Wait::ALL.iter().position(|have| Some(*have) == wait)?;
    i64::try_from(place).ok()
}

pub(crate) fn wait(column: Option<i64>) -> Option<Wait> {
    Wait::ALL.get(usize::try_from(column?).ok()?).copied()
}

pub(crate) fn origin(column: i64) -> Origin {
    match column {
        1 => Origin::Replay,
        2 => Origin::Manual,
        3 => Origin::Fallback,
        _ => Origin::Live,
    }
}

/// Decodes a time from its column. An out-of-range value becomes the end of time.
pub(crate) fn timestamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}

/// Rounds a time to the precision of the database, so that it is the same from memory and from disk.
pub(crate) fn rounded(moment: Timestamp) -> Timestamp {
    timestamp(moment.as_microsecond())
}

/// Encodes an offset or a count. Real values never come near the limit.
pub(crate) fn column(offset: u64) -> i64 {
    i64::try_from(offset).unwrap_or(i64::MAX)
}

pub(crate) fn offset(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}
