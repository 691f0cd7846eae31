//! Reading rows.

use std::fmt;

use fanfare_core::{AttemptRecord, ChannelId, Class, DeliveryId, delivery::Trigger};
use rusqlite::Row;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, IgnoredAny, Unexpected, Visitor},
};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{ID, More, SAME, Step, TRIGGERS, numbered};
use crate::{
    damage::DamageLog,
    record::{self, timestamp},
};

/// An entry, read.
#[derive(Clone, Debug)]
pub(crate) struct ProgressEntry {
    pub(crate) channel: ChannelId,
    pub(crate) step: Step,
    pub(crate) at: i64,
    pub(crate) attempt: Option<AttemptRecord>,
    pub(crate) receipt: Option<Box<RawValue>>,
    pub(crate) more: More,
}

/// The part of an entry that gives the state of its delivery. Deserialized from an array: the order of the fields is
/// the layout.
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

/// Reads a row of the event with this key.
pub(crate) fn read(row: &str, key: Uuid) -> Result<Vec<ProgressEntry>, serde_json::Error> {
    let (base, stored): (_, Vec<StoredEntry>) = parse(row)?;
    let mut entries = Vec::with_capacity(stored.len());
    let mut last = None;
    for mut entry in stored {
        entry.receipt = same_or_own(entry.receipt, base, &mut last)?;
        entries.push(entry.resolve(base, key, &entries)?);
    }
    Ok(entries)
}

fn nothing() -> serde_json::Error {
    serde_json::Error::custom("an entry refers to one before it, and none has such a value")
}

/// An entry's receipt as it is stored, given the last one before it.
fn same_or_own(
    receipt: Option<Box<RawValue>>,
    base: Option<i64>,
    last: &mut Option<Box<RawValue>>,
) -> Result<Option<Box<RawValue>>, serde_json::Error> {
    match receipt {
        Some(receipt) if base.is_some() && receipt.get() == SAME => last.clone().ok_or_else(nothing).map(Some),
        Some(receipt) => Ok(Some(last.insert(receipt).clone())),
        None => Ok(None),
    }
}

/// A receipt as the channel has returned it.
fn with_id(stored: Box<RawValue>, id: DeliveryId) -> Result<Box<RawValue>, serde_json::Error> {
    match stored.get().strip_prefix('[').and_then(|object| object.strip_suffix(']')) {
        Some(object) => RawValue::from_string(object.replace(ID, &id.to_string())),
        None => Ok(stored),
    }
}

/// Reads the states of deliveries from a row.
pub(crate) fn read_ends(row: &str) -> Result<Vec<EntryEnd>, serde_json::Error> {
    parse(row).map(|(_, entries)| entries)
}

/// Reads the states of deliveries from the first column of a query. None, which is recorded, if it is unreadable.
pub(crate) fn ends_of(row: &Row<'_>, damage: &DamageLog, offset: u64) -> Vec<EntryEnd> {
    let what = format_args!("a part of the progress of the event at offset {offset}");
    damage.readable(record::decoded(row, 0, read_ends), what).unwrap_or_default()
}

/// An entry as it is stored.
#[derive(Deserialize)]
struct StoredEntry {
    channel: ChannelId,
    step: Step,
    at: i64,
    #[serde(default)]
    attempt: Option<StoredAttempt>,
    #[serde(default)]
    receipt: Option<Box<RawValue>>,
    #[serde(default)]
    more: Option<More>,
}

#[derive(Deserialize)]
struct StoredAttempt {
    number: u32,
    #[serde(deserialize_with = "trigger")]
    trigger: Trigger,
    started: i64,
    duration: u64,
    fuel: u64,
    memory: u64,
    plugin: Plugin,
    #[serde(default)]
    class: Option<Class>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    trace: Vec<String>,
}

enum Plugin {
    Named(String),
    Same,
}

impl<'de> Deserialize<'de> for Plugin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Plugin;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a plugin's digest, or 0")
            }

            fn visit_str<E: serde::de::Error>(self, digest: &str) -> Result<Plugin, E> {
                Ok(Plugin::Named(digest.to_owned()))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Plugin, E> {
                match number {
                    0 => Ok(Plugin::Same),
                    other => Err(E::invalid_value(Unexpected::Unsigned(other), &self)),
                }
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl StoredEntry {
    /// The entry by itself, after those before it in its row.
    fn resolve(
        self,
        base: Option<i64>,
        key: Uuid,
        before: &[ProgressEntry],
    ) -> Result<ProgressEntry, serde_json::Error> {
        let at = base.unwrap_or(0).saturating_add(self.at);
        let id = DeliveryId { event: key, channel: self.channel };
        let receipt = self.receipt.map(|stored| with_id(stored, id)).transpose()?;
        let attempted = |stored: StoredAttempt| {
            let plugin = match stored.plugin {
                Plugin::Named(digest) => digest,
                Plugin::Same => {
                    let last = before.iter().rev().find_map(|entry| entry.attempt.as_ref());
                    last.ok_or_else(nothing)?.plugin.clone()
                }
            };
            let started = if base.is_some() { at.saturating_sub(stored.started) } else { stored.started };
            Ok::<_, serde_json::Error>(AttemptRecord {
                number: stored.number,
                trigger: stored.trigger,
                started: timestamp(started),
                duration_ms: micros_to_millis(stored.duration),
                class: stored.class,
                code: stored.code,
                error: stored.error,
                fuel: stored.fuel,
                memory: stored.memory,
                plugin,
                trace: stored.trace,
            })
        };
        Ok(ProgressEntry {
            channel: self.channel,
            step: self.step,
            at,
            attempt: self.attempt.map(attempted).transpose()?,
            receipt,
            more: self.more.unwrap_or_default(),
        })
    }
}

/// Parses a row: its base, if it has one, and its entries.
fn parse<T: DeserializeOwned>(row: &str) -> Result<(Option<i64>, Vec<T>), serde_json::Error> {
    let based = row.strip_prefix('[').and_then(|row| row.split_once(','));
    match based.and_then(|(base, entries)| Some((base.parse().ok()?, entries))) {
        Some((base, entries)) => Ok((Some(base), serde_json::from_str(&format!("[{entries}"))?)),
        None => Ok((None, serde_json::from_str(row)?)),
    }
}

fn trigger<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Trigger, D::Error> {
    numbered(&TRIGGERS, deserializer)
}

#[allow(clippy::cast_precision_loss, reason = "no attempt lasts so long that microseconds would not fit into 53 bits")]
fn micros_to_millis(micros: u64) -> f64 {
    micros as f64 / 1e3
}
