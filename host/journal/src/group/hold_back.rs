//! Deliveries that wait for others of their keys.

use rusqlite::params;

use super::Group;
use crate::{flights::Flight, keys::NEVER, memory::Memory, prepared::HoldBack, record, retries::Waiting};

impl Group<'_> {
    /// Records deliveries that wait for others with their key.
    pub(crate) fn hold_back(&mut self, memory: &Memory, hold_back: &HoldBack) -> rusqlite::Result<()> {
        let HoldBack { channel, offsets } = hold_back;
        let Some(consumer) = memory.consumer(*channel) else { return Ok(()) };
        let position = consumer.position();
        let touch = self.touches.entry(*channel).or_default();
        touch.retries_changed = true;
        let mut insert = self.connection.prepare_cached(
            "INSERT OR REPLACE INTO retries (channel, offset, due_at, attempts, since, origin, order_key)
             VALUES (?, ?, ?, 0, ?, 0, ?)",
        )?;
        for &offset in offsets {
            // Its current key: the order may have changed since it was held back.
            let Some(Flight { round, .. }) = position.flights.get(offset) else { continue };
            let due_at = match round.key {
                Some(key) if touch.has_active(&position.keys, key) => NEVER,
                // The delivery it waited for has ended meanwhile.
                Some(key) => {
                    touch.activated.push(key);
                    memory.now()
                }
                None => memory.now(),
            };
            let since = round.since.as_microsecond();
            insert.execute(params![channel.0, record::column(offset), due_at, since, round.key])?;
            touch.held_back_keys.extend(round.key);
            touch.ceiling = touch.ceiling.max(offset);
            touch.leaving.push(offset);
            touch.waiting.push(((due_at, offset), Waiting { attempts: 0, round, wait: None }));
        }
        Ok(())
    }
}
