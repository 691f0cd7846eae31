//! First in, first out among a channel's events with the same value of an attribute.
//!
//! The commit that ends the active delivery of a [key](crate::keys) activates the earliest held-back one. So the order
//! survives retries and restarts, and other keys continue.

use fanfare_core::ChannelId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    keys::{Key, NEVER, Rekeyed, key},
    record,
    retries::{Due, Round, Waiting},
};

/// Activates the earliest held-back delivery of a key, which is due since `at`.
pub(crate) fn release(
    connection: &Connection,
    channel: ChannelId,
    key: Key,
    at: i64,
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
        at,
        channel.0,
        record::column(offset)
    ])?;
    Ok(Some(((at, offset), waiting)))
}

/// Gives every row of a channel its key under `attribute`. The earliest of each key becomes active, the others are held
/// back. `handed_out` and `held_back` are in flight and stay so. What was held back and no longer is has been due since
/// its round began.
pub(crate) fn rekey(
    connection: &Connection,
    channel: ChannelId,
    attribute: Option<&str>,
    (handed_out, held_back): (&[u64], &[u64]),
) -> rusqlite::Result<Rekeyed> {
    let mut rekeyed = Rekeyed::default();
    let Some(attribute) = attribute else {
        connection.execute(
            "UPDATE retries SET order_key = NULL, due_at = CASE due_at WHEN ?1 THEN since ELSE due_at END
             WHERE channel = ?2",
            params![NEVER, channel.0],
        )?;
        return Ok(rekeyed);
    };
    let mut read = connection.prepare_cached("SELECT event FROM events WHERE offset = ?")?;
    let mut key_of = |offset: u64| -> rusqlite::Result<Option<Key>> {
        let text: Option<String> = read.query_row([record::column(offset)], |row| row.get(0)).optional()?;
        Ok(text.and_then(|text| record::decode_event(&text).ok()).and_then(|event| key(&event, Some(attribute))))
    };
    for (offsets, counts) in [(handed_out, &mut rekeyed.active), (held_back, &mut rekeyed.holding_back)] {
        for &offset in offsets {
            if let Some(key) = key_of(offset)? {
                rekeyed.keys.insert(offset, key);
                *counts.entry(key).or_default() += 1;
            }
        }
    }
    let mut select =
        connection.prepare_cached("SELECT offset, due_at, since FROM retries WHERE channel = ? ORDER BY offset")?;
    let rows: Vec<(i64, i64, i64)> = select
        .query_map([channel.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut update =
        connection.prepare_cached("UPDATE retries SET order_key = ?, due_at = ? WHERE channel = ? AND offset = ?")?;
    for (column, due_at, since) in rows {
        let offset = record::offset(column);
        let key = match rekeyed.keys.get(&offset) {
            Some(key) => Some(*key),
            None => key_of(offset)?,
        };
        let due_at = match key {
            // It is in flight; its row is rewritten when it returns.
            Some(_) if rekeyed.keys.contains_key(&offset) => NEVER,
            // Of those being held back, the first to be recorded becomes active, or waits for the active one.
            Some(key) if rekeyed.active.contains_key(&key) || rekeyed.holding_back.contains_key(&key) => NEVER,
            Some(key) => {
                rekeyed.active.insert(key, 1);
                if due_at == NEVER { since } else { due_at }
            }
            None if due_at == NEVER => since,
            None => due_at,
        };
        update.execute(params![key, due_at, channel.0, column])?;
    }
    Ok(rekeyed)
}
