//! The rows of `progress`: what has become of an event's deliveries.
//!
//! A row is a JSON array of entries, one per delivery, so that SQLite's JSON functions can read it. It is short,
//! because every delivery costs one entry:
//!
//! ```text
//! row: [base, entry, ...]                           base: a time; absent in rows of entries that begin again, and in
//!                                                   those of layout 6 and before
//! entry: [channel, step, at, attempt, receipt, more]
//!                                                   receipt: an object, or [object] with the delivery's id left out
//!                                                   step: 0 delivered, 1 waiting, 2 suspended, 3 dead, 4 again,
//!                                                   5 deferred, 6 skipped
//! attempt: [number, trigger, started, duration, fuel, memory, plugin, class, code, error, trace]
//!                                                   trigger: 0 first, 1 retry, 2 replay, 3 manual, 4 fallback
//! more: {"until", "spent", "origin", "fault": {"class", "code", "error"}, "wait", "skip", "detail", "for"}
//! ```
//!
//! Absent values at the end of an array are omitted. Times and durations are in microseconds. In a row with a base,
//! `at` counts from the base, `started` counts back from `at`, and a plugin or a receipt that is 0 is the last one
//! before it: channels with the same plugin settle an event together, often with the same receipt. Where a receipt
//! repeats the delivery's id, as the webhook's does, U+007F stands for it.

mod read;
#[cfg(test)]
mod tests;
mod write;

use fanfare_core::{
    ChannelId, Class, Fault,
    delivery::{Origin, Skip, Trigger, Wait},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) use read::{EntryEnd, ProgressEntry, ends_of, read, read_ends};
pub(crate) use write::{RowWriter, Written, encode, encode_again};

/// What stands for the last value before. A receipt is an object and a plugin a string, so neither is this.
const SAME: &str = "0";

/// What stands for the delivery's id in a receipt. A receipt with this character in it is stored as it is.
const ID: char = '\u{7f}';

/// The state of a delivery after an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Delivered,
    Waiting,
    Suspended,
    Dead,
    /// Begun again: by a replay, a redrive, or as a fallback for another channel.
    Again,
    /// It is not due yet.
    Deferred,
    /// Ended without an attempt.
    Skipped,
}

impl Step {
    /// Whether this step ends the delivery.
    pub(crate) fn is_end(self) -> bool {
        matches!(self, Self::Delivered | Self::Dead | Self::Skipped)
    }
}

const STEPS: [Step; 7] =
    [Step::Delivered, Step::Waiting, Step::Suspended, Step::Dead, Step::Again, Step::Deferred, Step::Skipped];
const TRIGGERS: [Trigger; 5] = [Trigger::First, Trigger::Retry, Trigger::Replay, Trigger::Manual, Trigger::Fallback];

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number(&STEPS, self, serializer)
    }
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        numbered(&STEPS, deserializer)
    }
}

fn number<T: PartialEq, S: Serializer>(all: &[T], value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let index = all.iter().position(|have| have == value).unwrap_or_default();
    serializer.serialize_u64(index as u64)
}

fn numbered<'de, T: Copy, D: Deserializer<'de>>(all: &[T], deserializer: D) -> Result<T, D::Error> {
    let index = usize::deserialize(deserializer)?;
    all.get(index).copied().ok_or_else(|| serde::de::Error::custom(format!("{index} is not a valid number here")))
}

/// The optional parts of an entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct More {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<i64>,
    /// Attempts that count in the current round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) spent: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<Origin>,
    /// Why it is dead, if no attempt shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<FaultEntry>,
    /// Why it is deferred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) wait: Option<Wait>,
    /// Why it was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) skip: Option<Skip>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    /// The channel that this one is a fallback for.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "for")]
    pub(crate) fallback_for: Option<ChannelId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FaultEntry {
    pub(crate) class: Class,
    pub(crate) code: String,
    pub(crate) error: String,
}

impl From<&Fault> for FaultEntry {
    fn from(fault: &Fault) -> Self {
        Self { class: fault.class, code: fault.code.clone(), error: fault.message.clone() }
    }
}

impl From<FaultEntry> for Fault {
    fn from(FaultEntry { class, code, error }: FaultEntry) -> Self {
        Self::new(class, code, error)
    }
}

/// The sequence number of a row within its event: by commit, and within a commit, ends before new rounds.
pub(crate) fn sequence(commit: i64, again: bool) -> i64 {
    commit * 2 + i64::from(again)
}
