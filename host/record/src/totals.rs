//! Counters, and what is known about the journal as a whole.

use fanfare_core::{ChannelName, Offset};
use jiff::Timestamp;
use serde::Serialize;

/// Counters since the journal was created.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    pub events: u64,
    /// The offset of the newest event; 0 if there is none.
    pub last_offset: u64,
    /// In the order in which the channels were first registered.
    pub channels: Vec<ChannelTotals>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChannelTotals {
    pub channel: ChannelName,
    pub accepted: u64,
    pub delivered: u64,
    /// Deliveries that ended dead, including those whose dead letters have been deleted.
    pub dead: u64,
    /// Dead letters that still exist.
    pub dead_letters: u64,
    pub attempts: u64,
    pub failed_attempts: u64,
    /// Deliveries that have begun and not ended.
    pub pending: u64,
    /// Deliveries that ended without an attempt because they were no longer wanted.
    pub skipped: u64,
    /// When the oldest of those that a job has begun again was begun; they are counted apart from what publishers wait
    /// for.
    pub oldest_again: Option<Timestamp>,
}

/// The counts of one range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypesRead {
    /// In no particular order.
    pub types: Vec<TypeCount>,
    /// Events whose type is too long to be counted by name.
    pub longer: u64,
    /// Everything up to this offset has been counted.
    pub to: Offset,
    /// Some events were unreadable and are not counted.
    pub incomplete: bool,
}

/// The events of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeCount {
    pub ty: String,
    pub events: u64,
    /// The newest of them.
    pub last: Offset,
    pub last_at: Timestamp,
}

/// The last time the journal was restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// When a daemon first started on the copy.
    pub at: Timestamp,
    /// When the copy was taken; absent if `fanfare backup` did not take it.
    pub copied_at: Option<Timestamp>,
    /// The copy's newest event. Later offsets have been assigned again, to other events.
    pub last_offset: Offset,
}

/// The damage found since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// How often a read met damage. Repeated reads of the same damage count.
    pub found: u64,
    /// The most recent finding.
    pub last: String,
}
