//! First in, first out among a channel's events with the same value of an attribute.
//!
//! One delivery per key is *active*: handed out, or waiting until it is due. The others that have begun are *held
//! back*: rows in `retries` that are never due. The commit that ends the active one activates the earliest held-back
//! one. So the order survives retries and restarts, other keys continue, and memory contains only the active keys,
//! however many deliveries are held back.

use std::collections::{BTreeMap, HashMap};

use fanfare_core::{ChannelId, Event};
use rusqlite::{Connection, OptionalExtension, params};
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    consumer::Flight,
    group::Group,
    queue::HoldBack,
    record,
    retries::{Due, Round, Waiting},
    shared::Shared,
};

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
    holding: HashMap<Key, u32>,
}

impl Keys {
    pub(crate) fn of(&self, event: &Event) -> Option<Key> {
        key(event, self.attribute.as_deref())
    }

    /// Whether the next delivery with this key has to wait.
    pub(crate) fn is_busy(&self, key: Key) -> bool {
        self.active.contains_key(&key) || self.holding.contains_key(&key)
    }

    /// The number of active deliveries with this key.
    pub(crate) fn active(&self, key: Key) -> u32 {
        self.active.get(&key).copied().unwrap_or(0)
    }

    pub(crate) fn activate(&mut self, key: Key) {
        *self.active.entry(key).or_default() += 1;
    }

    pub(crate) fn ended(&mut self, key: Key) {
        decrease(&mut self.active, key);
    }

    pub(crate) fn begin_holding(&mut self, key: Key) {
        *self.holding.entry(key).or_default() += 1;
    }

    pub(crate) fn held(&mut self, key: Key) {
        decrease(&mut self.holding, key);
    }

    pub(crate) fn replace(&mut self, attribute: Option<String>, rekeyed: &Rekeyed) {
        *self = Self { attribute, active: rekeyed.active.clone(), holding: rekeyed.holding.clone() };
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

/// Records deliveries that wait for others with their key.
pub(crate) fn hold_back(group: &mut Group<'_>, shared: &Shared, hold_back: &HoldBack) -> rusqlite::Result<()> {
    let HoldBack { channel, offsets } = hold_back;
    let Some(consumer) = shared.consumer(*channel) else { return Ok(()) };
    let position = consumer.position();
    let touch = group.touches.entry(*channel).or_default();
    touch.retries_changed = true;
    let mut insert = group.connection.prepare_cached(
        "INSERT OR REPLACE INTO retries (channel, offset, due_at, attempts, since, origin, order_key)
         VALUES (?, ?, ?, 0, ?, 0, ?)",
    )?;
    for &offset in offsets {
        // Its current key: the order may have changed since it was held back.
        let Some(Flight { round, .. }) = position.flight(offset) else { continue };
        let due_at = match round.key {
            Some(key) if position.keys.active(key) > 0 || touch.activated.contains(&key) => NEVER,
            // The delivery it waited for has ended meanwhile.
            Some(key) => {
                touch.activated.push(key);
                shared.now()
            }
            None => shared.now(),
        };
        let since = round.since.as_microsecond();
        insert.execute(params![channel.0, record::column(offset), due_at, since, round.key])?;
        touch.held_keys.extend(round.key);
        touch.ceiling = touch.ceiling.max(offset);
        touch.leaving.push(offset);
        touch.waiting.push(((due_at, offset), Waiting { attempts: 0, round, wait: None }));
    }
    Ok(())
}

/// Activates the earliest held-back delivery of a key, as of `now`.
pub(crate) fn release(
    connection: &Connection,
    channel: ChannelId,
    key: Key,
    now: i64,
) -> rusqlite::Result<Option<(Due, Waiting)>> {
    let found = connection
        .prepare_cached(
            "SELECT offset, attempts, since, origin, job, wait_for FROM retries
             WHERE channel = ? AND order_key = ? AND due_at = ? ORDER BY offset LIMIT 1",
        )?
        .query_row(params![channel.0, key, NEVER], |row| {
            let round = Round {
                since: record::timestamp(row.get(2)?),
                origin: record::origin(row.get(3)?),
                job: row.get(4)?,
                key: Some(key),
            };
            let waiting = Waiting { attempts: row.get(1)?, round, wait: record::wait(row.get(5)?) };
            Ok((record::offset(row.get(0)?), waiting))
        })
        .optional()?;
    let Some((offset, waiting)) = found else { return Ok(None) };
    connection.prepare_cached("UPDATE retries SET due_at = ? WHERE channel = ? AND offset = ?")?.execute(params![
        now,
        channel.0,
        record::column(offset)
    ])?;
    Ok(Some(((now, offset), waiting)))
}

/// The keys of a channel under a new attribute.
#[derive(Debug, Default)]
pub(crate) struct Rekeyed {
    /// Deliveries per key that are or may be handed out.
    active: HashMap<Key, u32>,
    /// Deliveries per key that are held back and not recorded yet.
    holding: HashMap<Key, u32>,
    /// The keys of deliveries in flight.
    pub(crate) keys: BTreeMap<u64, Key>,
}

/// Gives every row of a channel its key under `attribute`. The earliest of each key becomes active, the others are held
/// back. `handed_out` and `held_back` are in flight and stay so.
pub(crate) fn rekey(
    connection: &Connection,
    channel: ChannelId,
    attribute: Option<&str>,
    (handed_out, held_back): (&[u64], &[u64]),
    now: i64,
) -> rusqlite::Result<Rekeyed> {
    let mut rekeyed = Rekeyed::default();
    let Some(attribute) = attribute else {
        connection.execute(
            "UPDATE retries SET order_key = NULL, due_at = CASE due_at WHEN ?1 THEN ?2 ELSE due_at END
             WHERE channel = ?3",
            params![NEVER, now, channel.0],
        )?;
        return Ok(rekeyed);
    };
    let mut read = connection.prepare_cached("SELECT event FROM events WHERE offset = ?")?;
    let mut key_of = |offset: u64| -> rusqlite::Result<Option<Key>> {
        let text: Option<String> = read.query_row([record::column(offset)], |row| row.get(0)).optional()?;
        Ok(text.and_then(|text| record::decode_event(&text).ok()).and_then(|event| key(&event, Some(attribute))))
    };
    for (offsets, counts) in [(handed_out, &mut rekeyed.active), (held_back, &mut rekeyed.holding)] {
        for &offset in offsets {
            if let Some(key) = key_of(offset)? {
                rekeyed.keys.insert(offset, key);
                *counts.entry(key).or_default() += 1;
            }
        }
    }
    let mut select =
        connection.prepare_cached("SELECT offset, due_at FROM retries WHERE channel = ? ORDER BY offset")?;
    let rows: Vec<(i64, i64)> =
        select.query_map([channel.0], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    let mut update =
        connection.prepare_cached("UPDATE retries SET order_key = ?, due_at = ? WHERE channel = ? AND offset = ?")?;
    for (column, due_at) in rows {
        let offset = record::offset(column);
        let key = match rekeyed.keys.get(&offset) {
            Some(key) => Some(*key),
            None => key_of(offset)?,
        };
        let due_at = match key {
            // It is in flight; its row is rewritten when it returns.
            Some(_) if rekeyed.keys.contains_key(&offset) => NEVER,
            // Of those being held back, the first to be recorded becomes active, or waits for the active one.
            Some(key) if rekeyed.active.contains_key(&key) || rekeyed.holding.contains_key(&key) => NEVER,
            Some(key) => {
                rekeyed.active.insert(key, 1);
                if due_at == NEVER { now } else { due_at }
            }
            None if due_at == NEVER => now,
            None => due_at,
        };
        update.execute(params![key, due_at, channel.0, column])?;
    }
    Ok(rekeyed)
}
