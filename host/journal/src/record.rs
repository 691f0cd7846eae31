//! The entries of `progress`, and the encodings of other values in the database.
//!
//! An entry is a JSON array, so that SQLite's JSON functions can read it. It is short, because every delivery costs
//! one:
//!
//! ```text
//! [channel, step, at, attempt, receipt, more]       step: 0 delivered, 1 waiting, 2 suspended, 3 dead, 4 again,
//!                                                   5 deferred, 6 skipped
//! attempt: [number, trigger, started, duration, fuel, memory, plugin, class, code, error, trace]
//!                                                   trigger: 0 first, 1 retry, 2 replay, 3 manual, 4 fallback
//! more: {"until", "spent", "origin", "fault": {"class", "code", "error"}, "wait", "skip", "detail", "for"}
//! ```
//!
//! Absent values at the end of an array are omitted. Times and durations are in microseconds.

use fanfare_core::{
    AttemptRecord, ChannelId, Class, Defaults, Event, Fault, StageRecord,
    delivery::{Next, Origin, Skip, Trigger, Wait},
};
use fanfare_dispatch::Settlement;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::IgnoredAny};
use serde_json::value::RawValue;
use uuid::Uuid;

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

/// One settlement, for reading. Deserialized from an array: the order of the fields is the layout.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ProgressEntry {
    pub(crate) channel: ChannelId,
    pub(crate) step: Step,
    pub(crate) at: i64,
    #[serde(default)]
    pub(crate) attempt: Option<AttemptEntry>,
    #[serde(default)]
    pub(crate) receipt: Option<Box<RawValue>>,
    #[serde(default)]
    more: Option<More>,
}

impl ProgressEntry {
    pub(crate) fn more(&mut self) -> More {
        self.more.take().unwrap_or_default()
    }
}

/// An attempt, for reading.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct AttemptEntry {
    number: u32,
    #[serde(deserialize_with = "trigger")]
    trigger: Trigger,
    started: i64,
    duration: u64,
    fuel: u64,
    memory: u64,
    plugin: String,
    #[serde(default)]
    class: Option<Class>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    trace: Vec<String>,
}

fn trigger<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Trigger, D::Error> {
    numbered(&TRIGGERS, deserializer)
}

impl From<AttemptEntry> for AttemptRecord {
    fn from(entry: AttemptEntry) -> Self {
        Self {
            number: entry.number,
            trigger: entry.trigger,
            started: timestamp(entry.started),
            duration_ms: micros_to_millis(entry.duration),
            class: entry.class,
            code: entry.code,
            error: entry.error,
            fuel: entry.fuel,
            memory: entry.memory,
            plugin: entry.plugin,
            trace: entry.trace,
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "no attempt lasts so long that microseconds would not fit into 53 bits")]
fn micros_to_millis(micros: u64) -> f64 {
    micros as f64 / 1e3
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a duration is neither negative nor that long"
)]
fn millis_to_micros(millis: f64) -> u64 {
    (millis * 1e3).round() as u64
}

/// The part of an entry that gives the state of its delivery. Deserialized from an array, like [`ProgressEntry`].
#[derive(Deserialize)]
pub(crate) struct EntryEnd {
    pub(crate) channel: ChannelId,
    pub(crate) step: Step,
    _at: IgnoredAny,
    #[serde(default)]
    _attempt: IgnoredAny,
    #[serde(default)]
    _receipt: IgnoredAny,
    #[serde(default)]
    pub(crate) more: Option<More>,
}

/// Encodes a settlement as an entry.
pub(crate) fn encode(settlement: &Settlement) -> Result<String, serde_json::Error> {
    let more = |until: Option<Timestamp>, attempts| More {
        until: until.map(Timestamp::as_microsecond),
        spent: Some(attempts),
        fault: settlement.fault.as_ref().map(FaultEntry::from),
        ..More::default()
    };
    let (step, more) = match settlement.next {
        Next::Delivered => (Step::Delivered, None),
        Next::Waiting { until, attempts } => (Step::Waiting, Some(more(Some(until), attempts))),
        Next::Deferred { until, attempts, wait } => {
            (Step::Deferred, Some(More { wait: Some(wait), ..more(Some(until), attempts) }))
        }
        Next::Skipped(skip) => {
            (Step::Skipped, Some(More { skip: Some(skip), detail: settlement.detail.clone(), ..More::default() }))
        }
        Next::Suspended { attempts } => (Step::Suspended, Some(more(None, attempts))),
        Next::Dead { attempts } => (Step::Dead, Some(more(None, attempts))),
    };
    // An invalid receipt would make the whole row unreadable.
    let receipt = match settlement.receipt.as_deref().map(serde_json::from_str::<&RawValue>) {
        None => None,
        Some(Ok(receipt)) => Some(receipt),
        Some(Err(e)) => {
            tracing::error!(
                offset = %settlement.offset, delivery = %settlement.delivery_id(),
                "dropping a receipt that is not valid JSON: {e}"
            );
            None
        }
    };
    let begin = (settlement.channel, step, settlement.at.as_microsecond());
    encode_entry(begin, settlement.attempt.as_ref(), receipt, more)
}

/// Encodes an entry from its parts.
pub(crate) fn encode_entry(
    (channel, step, at): (ChannelId, Step, i64),
    attempt: Option<&AttemptRecord>,
    receipt: Option<&RawValue>,
    more: Option<More>,
) -> Result<String, serde_json::Error> {
    let attempt = attempt.map(Attempted);
    match (attempt, receipt, more) {
        (None, None, None) => short(&(channel, step, at)),
        (attempt, None, None) => short(&(channel, step, at, attempt)),
        (attempt, receipt, None) => short(&(channel, step, at, attempt, receipt)),
        (attempt, receipt, more) => short(&(channel, step, at, attempt, receipt, more)),
    }
}

/// The sequence number of a row of `progress` within its event: by commit, and within a commit, ends before new rounds.
pub(crate) fn sequence(commit: i64, again: bool) -> i64 {
    commit * 2 + i64::from(again)
}

/// Encodes the entry for a delivery that is begun again.
pub(crate) fn encode_again(
    channel: ChannelId,
    at: i64,
    origin: Origin,
    fallback_for: Option<ChannelId>,
) -> Result<String, serde_json::Error> {
    let more = More { origin: Some(origin), fallback_for, ..More::default() };
    short(&(channel, Step::Again, at, None::<()>, None::<()>, more))
}

fn short(entry: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut out = Vec::with_capacity(192);
    serde_json::to_writer(&mut out, entry)?;
    String::from_utf8(out).map_err(serde::ser::Error::custom)
}

/// An attempt, for writing.
struct Attempted<'a>(&'a AttemptRecord);

struct Triggered(Trigger);

impl Serialize for Triggered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number(&TRIGGERS, &self.0, serializer)
    }
}

impl Serialize for Attempted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let a = self.0;
        let (trigger, started, duration) =
            (Triggered(a.trigger), a.started.as_microsecond(), millis_to_micros(a.duration_ms));
        let fixed = (a.number, trigger, started, duration, a.fuel, a.memory, &a.plugin);
        if a.class.is_none() {
            return fixed.serialize(serializer);
        }
        let (number, trigger, started, duration, fuel, memory, plugin) = fixed;
        (number, trigger, started, duration, fuel, memory, plugin, a.class, &a.code, &a.error, &a.trace)
            .serialize(serializer)
    }
}

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

#[cfg(test)]
mod tests {
    use fanfare_core::Offset;

    use super::*;

    fn settlement(next: Next, class: Option<Class>, receipt: Option<&str>) -> Settlement {
        let started = "2026-11-20T10:30:00.000001Z".parse().unwrap();
        let attempt = AttemptRecord {
            number: 2,
            trigger: Trigger::Retry,
            started,
            duration_ms: 0.412,
            class,
            code: class.map(|_| "http_503".to_owned()),
            error: class.map(|_| "busy, \"very\"".to_owned()),
            fuel: 123,
            memory: 65_536,
            plugin: "0123456789abcdef".to_owned(),
            trace: class.map(|_| vec!["a line".to_owned()]).unwrap_or_default(),
        };
        Settlement {
            attempt: Some(attempt),
            receipt: receipt.map(str::to_owned),
            detail: (matches!(next, Next::Skipped(_))).then(|| "as \"e1\" was sent".to_owned()),
            ..Settlement::new((ChannelId(3), Offset(7), Uuid::nil()), next, started)
        }
    }

    #[test]
    fn what_is_written_reads_back_as_the_same() {
        let until = "2026-11-21T00:00:00Z".parse().unwrap();
        for (next, class, receipt, step) in [
            (Next::Delivered, None, Some(r#"{"ok":true}"#), Step::Delivered),
            (Next::Delivered, None, None, Step::Delivered),
            (Next::Waiting { until, attempts: 2 }, Some(Class::Retry), None, Step::Waiting),
            (Next::Dead { attempts: 3 }, Some(Class::Rejected), None, Step::Dead),
            (Next::Deferred { until, attempts: 0, wait: Wait::Quiet }, None, None, Step::Deferred),
            (Next::Skipped(Skip::Once), None, None, Step::Skipped),
        ] {
            let written = settlement(next, class, receipt);
            let text = encode(&written).unwrap();
            let mut read: ProgressEntry = serde_json::from_str(&text).unwrap();
            assert_eq!((read.channel, read.step), (ChannelId(3), step), "{text}");
            assert_eq!(read.at, written.at.as_microsecond());
            assert_eq!(read.receipt.as_ref().map(|r| r.get()), receipt);
            assert_eq!(read.attempt.take().map(AttemptRecord::from), written.attempt);
            let more = read.more();
            assert_eq!(more.until.is_some(), matches!(step, Step::Waiting | Step::Deferred));
            assert_eq!(more.wait.is_some(), step == Step::Deferred);
            assert_eq!((more.skip.is_some(), &more.detail), (step == Step::Skipped, &written.detail));
            let end: EntryEnd = serde_json::from_str(&text).unwrap();
            assert_eq!((end.channel, end.step, end.more.unwrap_or_default()), (ChannelId(3), step, more));
        }
    }

    #[test]
    fn a_delivered_entry_is_short() {
        let text = encode(&settlement(Next::Delivered, None, Some(r#"{"ok":true}"#))).unwrap();
        assert_eq!(
            text,
            r#"[3,0,1795170600000001,[2,1,1795170600000001,412,123,65536,"0123456789abcdef"],{"ok":true}]"#
        );
    }

    #[test]
    fn a_receipt_that_is_not_json_does_not_spoil_its_row() {
        let text = encode(&settlement(Next::Delivered, None, Some("{oops"))).unwrap();
        assert!(serde_json::from_str::<ProgressEntry>(&text).unwrap().receipt.is_none(), "{text}");
    }
}
