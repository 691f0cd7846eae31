//! Deliveries deferred for a reason that no longer applies get another turn.

use std::{collections::HashSet, sync::Arc};

use fanfare_core::{ChannelId, delivery::Wait};
use fanfare_dispatch::{JournalError, Reconsidered};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::{
    chore::{self, Chore},
    damage::DamageLog,
    group::Group,
    keys::NEVER,
    memory::Memory,
    open_journal::OpenJournal,
    readers::store,
    record,
};

/// Rows per commit.
const STEP: usize = 1_024;

/// Makes deferred deliveries of a channel due at `at`. The reason for the wait is cleared, so that the current policy
/// decides as if for the first time.
pub(crate) async fn reconsider(
    journal: &Arc<OpenJournal>,
    channel: ChannelId,
    which: Reconsidered,
    at: Timestamp,
) -> Result<(), JournalError> {
    let at = at.as_microsecond();
    let subjects = match which {
        Reconsidered::All => return journal.run(|answer| Reconsider { channel, wait: None, at, answer }).await,
        Reconsidered::Quiet => {
            return journal.run(|answer| Reconsider { channel, wait: Some(Wait::Quiet), at, answer }).await;
        }
        Reconsidered::QuietFor(subjects) => subjects,
    };
    // Many deliveries may wait for the same morning. Only the affected ones are passed to the writer.
    let damage = Arc::clone(&journal.memory.damage);
    let find = move |connection: &Connection| quiet_for(connection, &damage, channel, &subjects).map_err(|e| store(&e));
    let found = journal.readers.run(find).await?;
    for offsets in found.chunks(STEP) {
        let offsets = offsets.to_vec();
        journal.run(|answer| Chosen { channel, offsets, changed: vec![], at, answer }).await?;
    }
    Ok(())
}

fn quiet_for(
    connection: &Connection,
    damage: &DamageLog,
    channel: ChannelId,
    subjects: &HashSet<String>,
) -> rusqlite::Result<Vec<i64>> {
    let mut rows = connection.prepare_cached(
        "SELECT r.offset, e.event FROM retries r JOIN events e ON e.offset = r.offset
         WHERE r.channel = ? AND r.wait_for = ? AND r.due_at <> ? ORDER BY r.offset",
    )?;
    let mut rows = rows.query(params![channel.0, record::wait_column(Some(Wait::Quiet)), NEVER])?;
    let mut found = vec![];
    while let Some(row) = rows.next()? {
        let offset = row.get(0)?;
        let what = format_args!("the event at offset {offset}");
        let event = damage.readable(record::decoded(row, 1, record::decode_event), what);
        if event.and_then(|event| event.subject).is_some_and(|subject| subjects.contains(&subject)) {
            found.push(offset);
        }
    }
    Ok(found)
}

/// All deliveries with one reason, or with any reason except a time that their events name.
struct Reconsider {
    channel: ChannelId,
    wait: Option<Wait>,
    /// In microseconds.
    at: i64,
    answer: oneshot::Sender<Result<(), JournalError>>,
}

impl Reconsider {
    fn waits(&self) -> Vec<Wait> {
        let is_meant = |wait: &Wait| self.wait.map_or(*wait != Wait::At, |only| *wait == only);
        Wait::ALL.into_iter().filter(is_meant).collect()
    }
}

impl Chore for Reconsider {
    fn write(&mut self, group: &mut Group<'_>, memory: &Memory) -> rusqlite::Result<()> {
        let mut update = group.connection.prepare_cached(
            "UPDATE retries SET due_at = ?, wait_for = NULL WHERE channel = ? AND wait_for = ? AND due_at <> ?",
        )?;
        // At once, even if the clock was set back meanwhile.
        let due = self.at.min(memory.now());
        for wait in self.waits() {
            update.execute(params![due, self.channel.0, record::wait_column(Some(wait)), NEVER])?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, memory: &Memory, result: Result<(), String>) {
        if let (Ok(()), Some(consumer)) = (&result, memory.consumer(self.channel)) {
            consumer.position().reconsidered(&self.waits(), memory.options.retry_front);
            consumer.wake.notify_waiters();
        }
        chore::answer(self.answer, result);
    }

    /// Rewrites rows that chores in the same commit may read.
    fn is_alone(&self) -> bool {
        true
    }
}

/// Deliveries of these events that wait for the end of quiet hours.
struct Chosen {
    channel: ChannelId,
    offsets: Vec<i64>,
    /// Those of them that did wait.
    changed: Vec<u64>,
    /// In microseconds.
    at: i64,
    answer: oneshot::Sender<Result<(), JournalError>>,
}

impl Chore for Chosen {
    fn write(&mut self, group: &mut Group<'_>, memory: &Memory) -> rusqlite::Result<()> {
        self.changed.clear();
        let quiet = record::wait_column(Some(Wait::Quiet));
        let mut update = group.connection.prepare_cached(
            "UPDATE retries SET due_at = ?, wait_for = NULL
             WHERE channel = ? AND offset = ? AND wait_for = ? AND due_at <> ?",
        )?;
        let due = self.at.min(memory.now());
        for &offset in &self.offsets {
            if update.execute(params![due, self.channel.0, offset, quiet, NEVER])? > 0 {
                self.changed.push(record::offset(offset));
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>, memory: &Memory, result: Result<(), String>) {
        if let (Ok(()), Some(consumer)) = (&result, memory.consumer(self.channel)) {
            consumer.position().no_longer_quiet(&self.changed, memory.options.retry_front);
            consumer.wake.notify_waiters();
        }
        chore::answer(self.answer, result);
    }

    /// Rewrites rows that chores in the same commit may read.
    fn is_alone(&self) -> bool {
        true
    }
}
