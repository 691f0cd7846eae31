//! Deliveries that are overdue, whose events also go to a fallback.

use std::sync::Arc;

use fanfare_core::ChannelId;
use fanfare_dispatch::JournalError;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::oneshot;

use crate::{
    chore::{self, Chore},
    consumer::Looked,
    damage::DamageLog,
    group::{Group, again},
    memory::Memory,
    open_journal::OpenJournal,
    progress,
    readers::store,
    record,
};

/// Deliveries per commit.
const STEP: usize = 256;

/// Begins, at `at`, the fallbacks of deliveries that began at `before` or earlier. Returns how many.
pub(crate) async fn fall_back(
    journal: &Arc<OpenJournal>,
    channel: ChannelId,
    (before, at): (Timestamp, Timestamp),
    fallback: Vec<ChannelId>,
) -> Result<usize, JournalError> {
    let Some(consumer) = journal.memory.consumer(channel) else { return Ok(0) };
    let (looked, before, at) = (consumer.looked(), before.as_microsecond(), at.as_microsecond());
    if before <= looked.since {
        return Ok(0);
    }
    let damage = Arc::clone(&journal.memory.damage);
    let find = move |connection: &Connection| late(connection, &damage, channel, looked, before).map_err(|e| store(&e));
    let (late, looked) = journal.readers.run(find).await?;
    let mut begun = 0;
    for offsets in late.chunks(STEP) {
        let (offsets, fallback) = (offsets.to_vec(), fallback.clone());
        begun += journal.run(|answer| FallBack { channel, before, at, offsets, fallback, begun: 0, answer }).await?;
    }
    consumer.look_on_from(looked);
    Ok(begun)
}

/// Waiting deliveries, and those above the channel's floor that have not begun; also returns how far the check has
/// come.
fn late(
    connection: &Connection,
    damage: &DamageLog,
    channel: ChannelId,
    looked: Looked,
    before: i64,
) -> rusqlite::Result<(Vec<u64>, Looked)> {
    let mut waiting = connection.prepare_cached(
        "SELECT offset FROM retries WHERE channel = ? AND origin IN (0, 3) AND since > ? AND since <= ?
         ORDER BY offset",
    )?;
    let offset = |row: &rusqlite::Row<'_>| row.get(0).map(record::offset);
    let waiting = waiting.query_map(params![channel.0, looked.since, before], offset)?;
    let mut late = waiting.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut ahead = connection.prepare_cached(
        "SELECT e.offset, e.targets, e.accepted_at, r.offset FROM events e
         LEFT JOIN retries r ON r.channel = ?1 AND r.offset = e.offset
         WHERE e.offset > max((SELECT floor FROM channels WHERE id = ?1), ?2) ORDER BY e.offset",
    )?;
    let mut rows = ahead.query(params![channel.0, record::column(looked.offset)])?;
    let mut looked = Looked { since: before, ..looked };
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(2)? > before {
            break;
        }
        looked.offset = offset(row)?;
        let targets = record::decoded(row, 1, record::decode_targets);
        let what = format_args!("the list of channels of the event at offset {}", looked.offset);
        let waits = row.get::<_, Option<i64>>(3)?.is_some();
        if damage.readable(targets, what).is_some_and(|targets| targets.contains(&channel)) && !waits {
            late.push(looked.offset);
        }
    }
    Ok((late, looked))
}

struct FallBack {
    channel: ChannelId,
    before: i64,
    at: i64,
    offsets: Vec<u64>,
    fallback: Vec<ChannelId>,
    begun: usize,
    answer: oneshot::Sender<Result<usize, JournalError>>,
}

impl Chore for FallBack {
    fn write(&mut self, group: &mut Group<'_>, memory: &Memory) -> rusqlite::Result<()> {
        self.begun = 0;
        for &offset in &self.offsets {
            if is_open(group.connection, &memory.damage, (self.channel, offset), self.before)?
                && again::fall_back(group, memory, (self.channel, offset), &self.fallback, self.at)?
            {
                self.begun += 1;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        let Self { begun, answer, .. } = *self;
        chore::answer(answer, result.map(|()| begun));
    }

    /// Settlements queued before it must be visible.
    fn is_alone(&self) -> bool {
        true
    }
}

/// Whether the delivery has not ended and its event is not scheduled for a time after `before`.
fn is_open(
    connection: &Connection,
    damage: &DamageLog,
    (channel, offset): (ChannelId, u64),
    before: i64,
) -> rusqlite::Result<bool> {
    let event = connection
        .prepare_cached("SELECT event FROM events WHERE offset = ?")?
        .query_row([record::column(offset)], |row| Ok(record::decoded(row, 0, record::decode_event)))
        .optional()?;
    let event = event.and_then(|event| damage.readable(event, format_args!("the event at offset {offset}")));
    if event.is_none_or(|event| event.deliver_at().is_some_and(|at| at.as_microsecond() > before)) {
        return Ok(false);
    }
    let mut select = connection.prepare_cached("SELECT entries FROM progress WHERE offset = ? ORDER BY seq")?;
    let mut rows = select.query([record::column(offset)])?;
    let mut open = true;
    while let Some(row) = rows.next()? {
        for entry in progress::ends_of(row, damage, offset).into_iter().filter(|entry| entry.channel == channel) {
            open = !entry.step.is_end();
        }
    }
    Ok(open)
}
