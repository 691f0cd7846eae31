//! Fanfare's values, and the pure transitions between them.
//!
//! Nothing here waits, opens a file, reads a clock or knows what a plugin is. Time and randomness are passed in, so
//! every rule can be tested as a table. Reading order: an [`Event`] arrives, a [`Policy`] says how each channel treats
//! it, an attempt ends in a [`Report`], and [`delivery::next`] decides what follows.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic"))]

pub mod as_base64;
pub mod as_json;
mod backoff;
mod batch;
pub mod breaker;
pub mod delivery;
mod event;
pub mod filter;
mod ids;
mod key;
mod outcome;
mod policy;
mod priority;
pub mod quiet;
pub mod rate;
mod recipient;
mod report;
mod result;
mod retry_after;
mod stage;
mod system;
mod trace;
pub mod turn;

pub use backoff::{Backoff, InvalidBackoff};
pub use batch::BatchPolicy;
pub use event::{
    Attribute, CAUSATION, CORRELATION, DEEPEST, DELIVER_AT, Defaults, Event, FieldError, HOPS, LONGEST_DELAY, MAX_HOPS,
    ParseError, Payload, SYSTEM_TYPES, TOO_LATE, TRACEPARENT, TRACESTATE, TooDeep, any_type_matches, charset,
    check_nesting, check_type_pattern, essence, is_attribute_name, is_json_media_type, is_of_trace, one_line,
    type_matches, type_pattern_rank,
};
pub use ids::{ChannelId, ChannelName, DeliveryId, InvalidName, Offset, Role};
pub use key::KeyOf;
pub use outcome::{Class, Fault, Outcome};
pub use policy::{Conflict, InvalidPolicy, Once, Policy};
pub use priority::Priority;
pub use recipient::{Off, Preference, Recipient, Rules, Unwanted, Wishes};
pub use report::{BatchReport, Cost, Report, Sample, SampleValue, StageReport, StateWrite, TraceLine};
pub use result::{
    AttemptRecord, ChannelResult, ChannelStatus, EventResult, Failure, OverallStatus, Skipped, SkippedReplay, Summary,
    WaitingFor,
};
pub use retry_after::retry_after;
pub use stage::{Did, OnError, StageFailure, StageRecord, StageTraced, Staged, Trail, changed_members};
pub use system::{
    Chain, ChannelClosed, ChannelHold, ChannelLagging, ChannelOpened, ChannelSuspended, DeliveryDead, EventName,
    JournalFailing, JournalHealed, ReloadFailed, SYSTEM_SOURCE, SystemEvent,
};

pub use trace::{RoundId, Sent, SpanId, TraceContext, TraceId};

/// A time as Fanfare writes it everywhere: RFC 3339 in UTC with microseconds, `2026-11-20T10:30:00.000000Z`.
#[must_use]
pub fn rfc3339(moment: jiff::Timestamp) -> String {
    format!("{moment:.6}")
}
