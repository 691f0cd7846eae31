//! Handles clocks that are set back.
//!
//! Due times are stored as wall-clock times, because they must survive restarts. If the clock is set back by an hour, a
//! delivery with a wait of five seconds would wait for an hour and five seconds. So every waiting delivery keeps its
//! remaining wait: its due time moves by as much as the clock did. If the clock is set forward, deliveries are
//! attempted early, which is right for a machine that was asleep.

use std::{sync::Arc, time::Duration};

use rusqlite::{Connection, params};
use tokio::time::Instant;

use crate::{chore::Chore, group::Group, keys::NEVER, memory::Memory, open_journal::OpenJournal};

/// How often the wall clock is compared with the monotonic clock.
const EVERY: Duration = Duration::from_secs(1);

/// Smaller differences are clock adjustments, or this task running late.
const JUMP_MICROS: i64 = 500_000;

/// Runs until the journal is closed.
pub(crate) async fn watch(journal: Arc<OpenJournal>) {
    let (mut wall, mut steady) = (journal.memory.now(), Instant::now());
    while !journal.queue.is_closed() {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = journal.closing.cancelled() => return,
        }
        let (now, passed) = (journal.memory.now(), steady.elapsed());
        let expected = wall.saturating_add(i64::try_from(passed.as_micros()).unwrap_or(i64::MAX));
        if let Some(by) = back(expected, now) {
            let back = Duration::from_micros(by.unsigned_abs());
            tracing::warn!(?back, "the clock was set back; waiting deliveries keep their remaining waits");
            if !journal.queue.push_chore(Box::new(Shift(by))) {
                return;
            }
        }
        if now.saturating_sub(expected) > JUMP_MICROS {
            for consumer in journal.memory.consumers() {
                consumer.wake.notify_waiters();
            }
        }
        (wall, steady) = (now, Instant::now());
    }
}

/// By how many microseconds the clock is behind, as a negative number, if it jumped.
pub(crate) fn back(expected: i64, now: i64) -> Option<i64> {
    let by = now.saturating_sub(expected);
    (by < -JUMP_MICROS).then_some(by)
}

/// Moves every due time by `by` microseconds.
pub(crate) fn shift(connection: &Connection, by: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE retries SET due_at = due_at + ? WHERE due_at <> ?")?
        .execute(params![by, NEVER])?;
    Ok(())
}

struct Shift(i64);

impl Chore for Shift {
    fn write(&mut self, group: &mut Group<'_>, _: &Memory) -> rusqlite::Result<()> {
        group.clock_followed = true;
        shift(group.connection, self.0)
    }

    fn finish(self: Box<Self>, memory: &Memory, result: Result<(), String>) {
        if let Err(error) = result {
            tracing::error!(
                "the due times of waiting deliveries could not be adjusted; they may wait too long: {error}"
            );
            return;
        }
        for consumer in memory.consumers() {
            consumer.position().rows_rewritten(memory.options.retry_front);
            consumer.wake.notify_waiters();
        }
    }

    /// Rewrites rows that chores in the same commit may read.
    fn is_alone(&self) -> bool {
        true
    }
}
