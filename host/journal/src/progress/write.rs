//! Writing rows.

use std::borrow::Cow;

use fanfare_core::{
    AttemptRecord, ChannelId, DeliveryId,
    delivery::{Next, Origin, Trigger},
};
use fanfare_dispatch::Settlement;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::{FaultEntry, ID, More, SAME, Step, TRIGGERS, number};

/// Encodes settlements of one event as a row.
pub(crate) fn encode<'a>(settlements: impl IntoIterator<Item = &'a Settlement>) -> Result<String, serde_json::Error> {
    let mut row = RowWriter::default();
    for settlement in settlements {
        row.push(&Written::from(settlement))?;
    }
    row.finish()
}

/// An entry to write.
pub(crate) struct Written<'a> {
    /// The event's.
    pub(crate) key: Uuid,
    pub(crate) channel: ChannelId,
    pub(crate) step: Step,
    pub(crate) at: i64,
    pub(crate) attempt: Option<&'a AttemptRecord>,
    /// A JSON object.
    pub(crate) receipt: Option<&'a str>,
    pub(crate) more: Option<More>,
}

impl<'a> From<&'a Settlement> for Written<'a> {
    fn from(settlement: &'a Settlement) -> Self {
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
        Self {
            key: settlement.key,
            channel: settlement.channel,
            step,
            at: settlement.at.as_microsecond(),
            attempt: settlement.attempt.as_ref(),
            receipt: settlement.receipt.as_deref(),
            more,
        }
    }
}

/// Writes a row with a base: the time of its first entry.
#[derive(Default)]
pub(crate) struct RowWriter<'a> {
    text: Vec<u8>,
    base: Option<i64>,
    plugin: Option<&'a str>,
    receipt: Option<Cow<'a, str>>,
}

impl<'a> RowWriter<'a> {
    pub(crate) fn push(&mut self, entry: &Written<'a>) -> Result<(), serde_json::Error> {
        let base = match self.base {
            Some(base) => base,
            None => {
                self.text.reserve(256);
                self.text.push(b'[');
                serde_json::to_writer(&mut self.text, &entry.at)?;
                *self.base.insert(entry.at)
            }
        };
        self.text.push(b',');
        let attempt = entry.attempt.map(|attempt| {
            let same = self.plugin.replace(&attempt.plugin) == Some(&attempt.plugin);
            Attempted { attempt, before: entry.at.saturating_sub(attempt.started.as_microsecond()), same }
        });
        let head = (entry.channel, entry.step, entry.at.saturating_sub(base));
        match (attempt, entry.receipt, &entry.more) {
            (None, None, None) => return serde_json::to_writer(&mut self.text, &head),
            (attempt, None, None) => {
                return serde_json::to_writer(&mut self.text, &(head.0, head.1, head.2, attempt));
            }
            (attempt, ..) => serde_json::to_writer(&mut self.text, &(head.0, head.1, head.2, attempt))?,
        }
        self.text.pop();
        self.text.push(b',');
        // It is JSON already.
        let receipt = entry.receipt.map(|receipt| without_id(receipt, entry.key, entry.channel));
        match receipt {
            None => self.text.extend_from_slice(b"null"),
            Some(receipt) if self.receipt.as_ref() == Some(&receipt) => self.text.extend_from_slice(SAME.as_bytes()),
            Some(receipt) => {
                self.text.extend_from_slice(receipt.as_bytes());
                self.receipt = Some(receipt);
            }
        }
        if let Some(more) = &entry.more {
            self.text.push(b',');
            serde_json::to_writer(&mut self.text, more)?;
        }
        self.text.push(b']');
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<String, serde_json::Error> {
        self.text.extend_from_slice(if self.base.is_some() { b"]" } else { b"[]" });
        String::from_utf8(self.text).map_err(serde::ser::Error::custom)
    }
}

/// A receipt as it is stored.
fn without_id(receipt: &str, key: Uuid, channel: ChannelId) -> Cow<'_, str> {
    // No search for what cannot be there.
    if !receipt.contains(DeliveryId::PREFIX) || receipt.contains(ID) {
        return Cow::Borrowed(receipt);
    }
    let id = DeliveryId { event: key, channel }.to_string();
    match receipt.contains(&id) {
        true => Cow::Owned(format!("[{}]", receipt.replace(&id, ID.encode_utf8(&mut [0])))),
        false => Cow::Borrowed(receipt),
    }
}

/// Encodes the entry for a delivery that is begun again, for a row without a base: several calls may add to one row.
pub(crate) fn encode_again(
    channel: ChannelId,
    at: i64,
    origin: Origin,
    fallback_for: Option<ChannelId>,
) -> Result<String, serde_json::Error> {
    let more = More { origin: Some(origin), fallback_for, ..More::default() };
    serde_json::to_string(&(channel, Step::Again, at, None::<()>, None::<()>, more))
}

/// An attempt, for writing.
struct Attempted<'a> {
    attempt: &'a AttemptRecord,
    /// How long before the entry it started.
    before: i64,
    /// Its plugin is that of the last attempt before it.
    same: bool,
}

struct Triggered(Trigger);

impl Serialize for Triggered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number(&TRIGGERS, &self.0, serializer)
    }
}

struct PluginOf<'a>(&'a Attempted<'a>);

impl Serialize for PluginOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.same {
            true => serializer.serialize_u8(0),
            false => serializer.serialize_str(&self.0.attempt.plugin),
        }
    }
}

impl Serialize for Attempted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let a = self.attempt;
        let (trigger, duration) = (Triggered(a.trigger), millis_to_micros(a.duration_ms));
        let fixed = (a.number, trigger, self.before, duration, a.fuel, a.memory, PluginOf(self));
        if a.class.is_none() {
            return fixed.serialize(serializer);
        }
        let (number, trigger, before, duration, fuel, memory, plugin) = fixed;
        (number, trigger, before, duration, fuel, memory, plugin, a.class, &a.code, &a.error, &a.trace)
            .serialize(serializer)
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a duration is neither negative nor that long"
)]
fn millis_to_micros(millis: f64) -> u64 {
    (millis * 1e3).round() as u64
}
