//! Reading rows.

use std::{fmt, marker::PhantomData};

use fanfare_core::{AttemptRecord, ChannelId, Class, delivery::Trigger};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, SeqAccess, Unexpected, Visitor},
};
use serde_json::value::RawValue;

use super::{More, SAME, Step, TRIGGERS, numbered};
use crate::record::timestamp;

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

/// Reads a row.
pub(crate) fn read(row: &str) -> Result<Vec<ProgressEntry>, serde_json::Error> {
    let (base, entries): (_, Vec<StoredEntry>) = parse(row)?;
    let mut before = Before::default();
    entries.into_iter().map(|entry| entry.resolve(base, &mut before)).collect()
}

/// Reads the states of deliveries from a row.
pub(crate) fn read_ends(row: &str) -> Result<Vec<EntryEnd>, serde_json::Error> {
    parse(row).map(|(_, entries)| entries)
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

/// What the entries of a row refer to.
#[derive(Default)]
struct Before {
    plugin: Option<String>,
    receipt: Option<Box<RawValue>>,
}

impl StoredEntry {
    fn resolve(self, base: Option<i64>, before: &mut Before) -> Result<ProgressEntry, serde_json::Error> {
        let nothing = || serde_json::Error::custom("an entry refers to the one before it, which has no such value");
        let at = base.unwrap_or(0).saturating_add(self.at);
        let receipt = match self.receipt {
            Some(receipt) if receipt.get() == SAME => Some(before.receipt.clone().ok_or_else(nothing)?),
            Some(receipt) => {
                before.receipt = Some(receipt.clone());
                Some(receipt)
            }
            None => None,
        };
        let attempt = match self.attempt {
            None => None,
            Some(stored) => {
                let plugin = match stored.plugin {
                    Plugin::Same => before.plugin.clone().ok_or_else(nothing)?,
                    Plugin::Named(digest) => before.plugin.insert(digest).clone(),
                };
                let started = if base.is_some() { at.saturating_sub(stored.started) } else { stored.started };
                Some(AttemptRecord {
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
            }
        };
        Ok(ProgressEntry {
            channel: self.channel,
            step: self.step,
            at,
            attempt,
            receipt,
            more: self.more.unwrap_or_default(),
        })
    }
}

/// Parses a row: its base, if it has one, and its entries.
fn parse<'de, T: Deserialize<'de>>(row: &'de str) -> Result<(Option<i64>, Vec<T>), serde_json::Error> {
    struct Parsing<T> {
        has_base: bool,
        entries: PhantomData<T>,
    }

    impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Parsing<T> {
        type Value = (Option<i64>, Vec<T>);

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_seq(self)
        }
    }

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Parsing<T> {
        type Value = (Option<i64>, Vec<T>);

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a row of progress")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<Self::Value, A::Error> {
            let base = if self.has_base { row.next_element()? } else { None };
            let mut entries = vec![];
            while let Some(entry) = row.next_element()? {
                entries.push(entry);
            }
            Ok((base, entries))
        }
    }

    let has_base = row.as_bytes().get(1).is_some_and(|first| first.is_ascii_digit() || *first == b'-');
    let mut deserializer = serde_json::Deserializer::from_str(row);
    let parsed = Parsing { has_base, entries: PhantomData }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(parsed)
}

fn trigger<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Trigger, D::Error> {
    numbered(&TRIGGERS, deserializer)
}

#[allow(clippy::cast_precision_loss, reason = "no attempt lasts so long that microseconds would not fit into 53 bits")]
fn micros_to_millis(micros: u64) -> f64 {
    micros as f64 / 1e3
}
