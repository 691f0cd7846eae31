//! The entries of `progress`, and the other values as they stand in the database.

use fanfare_core::{AttemptRecord, ChannelId, Class, Defaults, Event, delivery::Next};
use fanfare_dispatch::Settlement;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

/// Where a delivery stands after an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Step {
    Delivered,
    Waiting,
    Suspended,
    Dead,
}

/// One settlement, as it is written.
#[derive(Serialize)]
pub(crate) struct EntryOut<'a> {
    channel: ChannelId,
    step: Step,
    /// Microseconds, as every time in the database.
    at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spent: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<&'a AttemptRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'a FaultEntry>,
}

/// One settlement, as it is read.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Entry {
    pub(crate) channel: ChannelId,
    pub(crate) step: Step,
    pub(crate) at: i64,
    pub(crate) until: Option<i64>,
    pub(crate) spent: Option<u32>,
    pub(crate) attempt: Option<AttemptRecord>,
    pub(crate) receipt: Option<Box<RawValue>>,
    pub(crate) fault: Option<FaultEntry>,
}

/// Just enough of an entry to know whose it is.
#[derive(Deserialize)]
pub(crate) struct EntryOwner {
    pub(crate) channel: ChannelId,
}

/// Why a delivery died without an attempt that says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FaultEntry {
    pub(crate) class: Class,
    pub(crate) code: String,
    pub(crate) error: String,
}

/// The entry for a settlement, as JSON.
pub(crate) fn encode(settlement: &Settlement, fault: Option<&FaultEntry>) -> Result<String, serde_json::Error> {
    let (step, until, spent) = match settlement.next {
        Next::Delivered => (Step::Delivered, None, None),
        Next::Waiting { until, attempts } => (Step::Waiting, Some(until.as_microsecond()), Some(attempts)),
        Next::Suspended { attempts } => (Step::Suspended, None, Some(attempts)),
        Next::Dead { attempts } => (Step::Dead, None, Some(attempts)),
    };
    // A receipt that is no JSON would make the whole row unreadable.
    let receipt = match settlement.receipt.as_deref().map(serde_json::from_str::<&RawValue>) {
        None => None,
        Some(Ok(receipt)) => Some(receipt),
        Some(Err(e)) => {
            tracing::error!(offset = %settlement.offset, channel = settlement.channel.0, "a receipt that is no JSON is left out: {e}");
            None
        }
    };
    serde_json::to_string(&EntryOut {
        channel: settlement.channel,
        step,
        at: settlement.at.as_microsecond(),
        until,
        spent,
        attempt: settlement.attempt.as_ref(),
        receipt,
        fault,
    })
}

/// The targets as they stand in `events`: `[1,2,3]`.
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

pub(crate) fn decode_targets(text: &str) -> Result<Vec<ChannelId>, serde_json::Error> {
    serde_json::from_str(text)
}

/// An event from its column. The defaults never show: what is written is complete.
pub(crate) fn decode_event(text: &str) -> Result<Event, fanfare_core::ParseError> {
    Event::from_structured(text.as_bytes(), Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::nil() })
}

/// A time from its column. One that no calendar knows is as good as the end of time.
pub(crate) fn timestamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}

/// A time with the precision of the database, so that it reads the same from memory and from disk.
pub(crate) fn rounded(moment: Timestamp) -> Timestamp {
    timestamp(moment.as_microsecond())
}

/// An offset or a count as SQLite has it. Both count from 0 or 1, so they never come near the limit.
pub(crate) fn column(offset: u64) -> i64 {
    i64::try_from(offset).unwrap_or(i64::MAX)
}

pub(crate) fn offset(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}
