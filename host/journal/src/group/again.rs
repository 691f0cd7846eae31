//! Begins deliveries again: a replay, a redrive, or a fallback.

use fanfare_core::{
    ChannelId,
    delivery::{Origin, Skip},
};
use rusqlite::{OptionalExtension, params};

use super::Group;
use crate::{
    damage::DamageLog,
    keys::{Key, NEVER},
    memory::Memory,
    progress::{self, EntryEnd},
    record,
    retries::{Round, Waiting},
};

/// A delivery to begin.
pub(crate) struct Begin<'a> {
    pub(crate) channel: ChannelId,
    pub(crate) offset: u64,
    /// As stored in the event's row.
    pub(crate) event: &'a str,
    pub(crate) origin: Origin,
    /// The job that begins it.
    pub(crate) job: Option<i64>,
    /// When it begins, in microseconds.
    pub(crate) at: i64,
}

/// Begins a delivery that is not under way. Returns the key that is now busy in memory, if any. The caller must
/// [release](unreserve) it once the commit has succeeded or failed.
pub(crate) fn begin(group: &mut Group<'_>, memory: &Memory, begin: &Begin<'_>) -> rusqlite::Result<Option<Key>> {
    let Begin { channel, offset, event, origin, job, at } = *begin;
    let Some(consumer) = memory.consumer(channel) else { return Ok(None) };
    let since = record::timestamp(at);
    // At once, even if the clock was set back meanwhile.
    let due = at.min(memory.now());
    let touch = group.touches.entry(channel).or_default();
    let mut reserved = None;
    let (key, due_at) = {
        let mut position = consumer.position();
        let ordered = position.keys.attribute.is_some();
        let of = ordered.then(|| record::decode_event(event).ok()).flatten().and_then(|e| position.keys.of(&e));
        match of {
            Some(key) if touch.has_active(&position.keys, key) || position.keys.is_holding_back(key) => {
                (Some(key), NEVER)
            }
            Some(key) => {
                // Until this is committed, a claim must not hand out another delivery with this key.
                position.keys.begin_hold_back(key);
                reserved = Some(key);
                touch.activated.push(key);
                (Some(key), due)
            }
            None => (None, due),
        }
    };
    let round = Round { since, origin, job, key };
    group
        .connection
        .prepare_cached(
            "INSERT INTO retries (channel, offset, due_at, attempts, since, origin, job, order_key)
             VALUES (?, ?, ?, 0, ?, ?, ?, ?)",
        )?
        .execute(params![channel.0, record::column(offset), due_at, at, record::origin_column(origin), job, key])?;
    touch.redriven += 1;
    touch.retries_changed = true;
    touch.waiting.push(((due_at, offset), Waiting { attempts: 0, round, wait: None }));
    Ok(reserved)
}

/// Begins a delivery on the first fallback of `channel` that does not have the event yet, once. Returns whether it did.
pub(crate) fn fall_back(
    group: &mut Group<'_>,
    memory: &Memory,
    (of, offset): (ChannelId, u64),
    fallback: &[ChannelId],
    at: i64,
) -> rusqlite::Result<bool> {
    if fallback.is_empty() {
        return Ok(false);
    }
    let column = record::column(offset);
    let found: Option<(String, String)> = group
        .connection
        .prepare_cached("SELECT targets, event FROM events WHERE offset = ?")?
        .query_row([column], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((targets, event)) = found else { return Ok(false) };
    let Some(had) = channels_of(group, &memory.damage, offset, &targets, of)? else { return Ok(false) };
    let is_new = |channel: &&ChannelId| !had.contains(channel) && memory.consumer(**channel).is_some();
    let Some(&channel) = fallback.iter().find(is_new) else { return Ok(false) };
    let origin = Origin::Fallback;
    let reserved = begin(group, memory, &Begin { channel, offset, event: &event, origin, job: None, at })?;
    if let Some(key) = reserved {
        group.reserved.push((channel, key));
        group.touches.entry(channel).or_default().held_back_keys.push(key);
    }
    group.again(offset, &[channel], (origin, Some(of)), at)?;
    Ok(true)
}

/// The channels that have had the event or will get it; `None` if it already fell back from this channel.
fn channels_of(
    group: &Group<'_>,
    damage: &DamageLog,
    offset: u64,
    targets: &str,
    of: ChannelId,
) -> rusqlite::Result<Option<Vec<ChannelId>>> {
    let targets = record::decode_targets(targets).map_err(|e| e.to_string());
    let what = format_args!("the list of channels of the event at offset {offset}");
    let mut channels = damage.readable(targets, what).unwrap_or_default();
    let mut select = group.connection.prepare_cached("SELECT entries FROM progress WHERE offset = ?")?;
    let mut rows = select.query([record::column(offset)])?;
    while let Some(row) = rows.next()? {
        for entry in progress::ends_of(row, damage, offset) {
            if entry.more.is_some_and(|more| more.fallback_for == Some(of)) {
                return Ok(None);
            }
            channels.push(entry.channel);
        }
    }
    Ok(Some(channels))
}

/// Whether an event was cancelled before it was due.
pub(crate) fn is_cancelled(group: &Group<'_>, damage: &DamageLog, offset: u64, event: &str) -> rusqlite::Result<bool> {
    // An unreadable event becomes a dead letter when it is claimed.
    if record::decode_event(event).ok().is_none_or(|event| event.deliver_at().is_none()) {
        return Ok(false);
    }
    let mut select = group.connection.prepare_cached("SELECT entries FROM progress WHERE offset = ?")?;
    let mut rows = select.query([record::column(offset)])?;
    while let Some(row) = rows.next()? {
        let is_cancelled = |entry: EntryEnd| entry.more.is_some_and(|more| more.skip == Some(Skip::Cancelled));
        if progress::ends_of(row, damage, offset).into_iter().any(is_cancelled) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Releases keys that were reserved for a commit that is finished or failed.
pub(crate) fn unreserve(memory: &Memory, reserved: &[(ChannelId, Key)]) {
    for (channel, key) in reserved {
        if let Some(consumer) = memory.consumer(*channel) {
            consumer.position().keys.hold_back_ended(*key);
            consumer.wake.notify_waiters();
        }
    }
}

impl Group<'_> {
    /// Records that deliveries of an event are begun again.
    pub(crate) fn again(
        &self,
        offset: u64,
        channels: &[ChannelId],
        (origin, fallback_for): (Origin, Option<ChannelId>),
        at: i64,
    ) -> rusqlite::Result<()> {
        let mut entries = String::from("[");
        for &channel in channels {
            if entries.len() > 1 {
                entries.push(',');
            }
            let entry = progress::encode_again(channel, at, origin, fallback_for);
            entries.push_str(&entry.map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?);
        }
        entries.push(']');
        self.connection
            // Several calls may begin deliveries of the same event in one commit; its entries share one row.
            .prepare_cached(
                "INSERT INTO progress (offset, seq, entries) VALUES (?, ?, ?) ON CONFLICT (offset, seq) DO UPDATE
                 SET entries = substr(entries, 1, length(entries) - 1) || ',' || substr(excluded.entries, 2)",
            )?
            .execute(params![record::column(offset), progress::sequence(self.counters.commits, true), entries])?;
        Ok(())
    }
}
