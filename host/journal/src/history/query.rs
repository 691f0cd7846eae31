//! What a query of events asks for.

use std::collections::BTreeSet;

use fanfare_core::{ChannelName, OverallStatus};
use jiff::Timestamp;

use super::Order;

/// Which events, from where, how many.
#[derive(Clone, Debug, Default)]
pub struct EventQuery {
    pub order: Order,
    /// The offset to continue after, in the requested order; 0 for the beginning. A negative value, oldest first,
    /// counts from the end.
    pub after: i64,
    /// 0 means 100; at most 1000.
    pub limit: usize,
    /// The page ends before the event that would exceed this many bytes; it always contains the first. 0 means 4 MiB.
    pub bytes: usize,
    /// A type, or a pattern of `.`-separated tokens: `*` matches one, a final `>` one or more.
    pub ty: Option<String>,
    pub source: Option<String>,
    /// Events targeted at this channel.
    pub channel: Option<ChannelName>,
    /// Only events that went to these channels, as if there were no others. `None`: all.
    pub visible: Option<BTreeSet<ChannelName>>,
    pub status: Option<OverallStatus>,
    /// Accepted at or after this time.
    pub since: Option<Timestamp>,
    /// Accepted before this time.
    pub until: Option<Timestamp>,
}
