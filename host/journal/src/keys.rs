//! The keys of an ordered channel, in memory.
//!
//! One delivery per key is *active*: handed out, or waiting until it is due. The others that have begun are *held
//! back*: rows in `retries` that are never due. Memory contains only the active keys, however many deliveries are held
//! back.

use std::collections::{BTreeMap, HashMap};

use fanfare_core::Event;
use xxhash_rust::xxh3::xxh3_64;

/// A key, by its hash. Two values with the same hash merely wait for each other.
pub(crate) type Key = i64;

/// The due time of a held-back delivery.
pub(crate) const NEVER: i64 = i64::MAX;

/// The key of an event on a channel that orders by `attribute`. An event without the attribute has no key and is not
/// ordered. Neither is a scheduled event: all later ones would wait for it.
pub(crate) fn key(event: &Event, attribute: Option<&str>) -> Option<Key> {
    let value = event.attribute(attribute?).filter(|_| event.deliver_at().is_none())?;
    Some(i64::from_ne_bytes(xxh3_64(value.as_bytes()).to_ne_bytes()))
}

/// The keys of a channel in memory.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub(crate) attribute: Option<String>,
    /// Active deliveries per key. More than one only if the order was switched on while they were in flight.
    active: HashMap<Key, u32>,
    /// Deliveries to be held back whose rows are not committed yet.
    holding_back: HashMap<Key, u32>,
    /// Active deliveries that lanes have given back.
    given_back: HashMap<Key, u32>,
}

impl Keys {
    pub(crate) fn of(&self, event: &Event) -> Option<Key> {
        key(event, self.attribute.as_deref())
    }

    /// Whether the next delivery with this key has to wait.
    pub(crate) fn is_busy(&self, key: Key) -> bool {
        self.active.contains_key(&key) || self.is_holding_back(key)
    }

    /// Whether a delivery with this key is to be held back and its row is not committed yet.
    pub(crate) fn is_holding_back(&self, key: Key) -> bool {
        self.holding_back.contains_key(&key)
    }

    /// The number of active deliveries with this key.
    pub(crate) fn active(&self, key: Key) -> u32 {
        self.active.get(&key).copied().unwrap_or(0)
    }

    /// The number of active deliveries with this key that are handed out or wait until they are due.
    pub(crate) fn out(&self, key: Key) -> u32 {
        self.active(key).saturating_sub(self.given_back.get(&key).copied().unwrap_or(0))
    }

    pub(crate) fn give_back(&mut self, key: Key) {
        *self.given_back.entry(key).or_default() += 1;
    }

    pub(crate) fn hand_out_again(&mut self, key: Key) {
        decrease(&mut self.given_back, key);
    }

    pub(crate) fn activate(&mut self, key: Key) {
        *self.active.entry(key).or_default() += 1;
    }

    pub(crate) fn ended(&mut self, key: Key) {
        decrease(&mut self.active, key);
    }

    pub(crate) fn begin_hold_back(&mut self, key: Key) {
        *self.holding_back.entry(key).or_default() += 1;
    }

    pub(crate) fn hold_back_ended(&mut self, key: Key) {
        decrease(&mut self.holding_back, key);
    }

    /// Follows a change of the order. `given_back` has the new keys of the deliveries that were given back.
    pub(crate) fn replace(
        &mut self,
        attribute: Option<String>,
        rekeyed: &Rekeyed,
        given_back: impl Iterator<Item = Key>,
    ) {
        let (active, holding_back) = (rekeyed.active.clone(), rekeyed.holding_back.clone());
        *self = Self { attribute, active, holding_back, given_back: HashMap::new() };
        given_back.for_each(|key| self.give_back(key));
    }
}

fn decrease(counts: &mut HashMap<Key, u32>, key: Key) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

/// The keys of a channel under a new attribute.
#[derive(Debug, Default)]
pub(crate) struct Rekeyed {
    /// Deliveries per key that are or may be handed out.
    pub(crate) active: HashMap<Key, u32>,
    /// Deliveries per key that are held back and not recorded yet.
    pub(crate) holding_back: HashMap<Key, u32>,
    /// The keys of deliveries in flight.
    pub(crate) keys: BTreeMap<u64, Key>,
}
