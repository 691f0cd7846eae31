//! Dead letters: deliveries that ended undelivered.

use std::collections::BTreeSet;

use fanfare_core::{ChannelName, DeliveryId, Offset};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Order;

/// Selects dead letters. Absent fields match everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetterFilter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelName>,
    /// Matches any of these channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<BTreeSet<ChannelName>>,
    /// A type, or a pattern as in [`EventQuery`](crate::EventQuery).
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub ty: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Dead at or after this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Dead before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    #[serde(default, rename = "delivery_id", skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryId>,
}

/// Which dead letters, from where, how many.
#[derive(Clone, Debug, Default)]
pub struct DeadLetterQuery {
    pub filter: DeadLetterFilter,
    pub order: Order,
    /// The cursor to continue after; 0 for the beginning.
    pub after: i64,
    /// 0 means 100; at most 1000.
    pub limit: usize,
    /// The page ends before the dead letter that would exceed this many bytes of text; it always contains the first. 0
    /// means 4 MiB.
    pub bytes: usize,
}

/// The code of a delivery that an operator ended.
pub const DROPPED: &str = "dropped";

/// A delivery that ended undelivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeadLetter {
    pub delivery_id: DeliveryId,
    pub channel: ChannelName,
    pub offset: Offset,
    pub event_id: String,
    pub source: String,
    #[serde(rename = "event_type")]
    pub ty: String,
    pub attempts: u32,
    /// A [`Class`](fanfare_core::Class), as text.
    pub class: String,
    pub code: String,
    pub error: String,
    /// The digest of the plugin at the last attempt.
    pub plugin: Option<String>,
    /// When it became a dead letter.
    pub at: Timestamp,
    /// A digest of the settings at that time; it shows whether they have changed since.
    pub settings: String,
}
