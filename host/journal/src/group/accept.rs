//! Accepted and emitted events.

use std::{collections::HashMap, sync::Arc};

use fanfare_core::{ChannelId, Offset};
use fanfare_dispatch::{AcceptError, Accepted};
use rusqlite::{OptionalExtension, params};

use super::Group;
use crate::{
    consumer::Consumer,
    flights::Flight,
    identity::Digest,
    memory::Memory,
    prepared::{Row, Settle},
    record,
    retries::{Round, Waiting},
    segment::Indexed,
    window::{Kept, Slot},
};

/// The due time of urgent deliveries, which puts them ahead of all others.
const FIRST: i64 = 1;

impl Group<'_> {
    /// Records all events and reports which of them are new, or records none.
    pub(crate) fn accept(
        &mut self,
        memory: &Memory,
        rows: &[Row],
    ) -> rusqlite::Result<Result<Vec<Accepted>, AcceptError>> {
        if rows.len() > 1
            && let Some(conflict) = self.conflict(memory, rows)?
        {
            return Ok(Err(conflict));
        }
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO events (offset, key, accepted_at, targets, id, source, type, event, stages, published)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id, source) DO NOTHING",
        )?;
        // Events of one call mostly have the same targets.
        let mut targets: Option<(Arc<[ChannelId]>, String)> = None;
        let mut answers = Vec::with_capacity(rows.len());
        for row in rows {
            let text = match &mut targets {
                Some((same, text)) if *same == row.targets => text,
                other => &mut other.insert((row.targets.clone(), record::encode_targets(&row.targets))).1,
            };
            let offset = self.counters.last_offset + 1;
            let inserted = insert.execute(params![
                record::column(offset),
                row.key.as_bytes(),
                row.accepted_at.as_microsecond(),
                *text,
                row.event.id,
                row.event.source,
                row.event.ty,
                row.text,
                row.stages,
                row.published,
            ])?;
            if inserted == 0 {
                match self.seen_before(memory, row)? {
                    Some((offset, true)) => answers.push(Accepted::Duplicate { offset }),
                    // This can only be a single event: with several, all were compared before the first was recorded.
                    Some((offset, false)) => {
                        return Ok(Err(AcceptError::Conflict { entry: 0, offset: Some(offset) }));
                    }
                    None => return Err(rusqlite::Error::QueryReturnedNoRows),
                }
                continue;
            }
            self.counters.last_offset = offset;
            self.counters.events += 1;
            let at = row.accepted_at.as_microsecond();
            let (ty, source) = (&row.event.ty, &row.event.source);
            if let Some(full) = self.segment.add(&Indexed { offset, at, ty, source, targets: &row.targets }) {
                full.write(self.connection)?;
            }
            for &target in row.targets.iter() {
                let touch = self.touches.entry(target).or_default();
                touch.accepted += 1;
                touch.first.get_or_insert((offset, row.accepted_at));
            }
            for &channel in &row.first {
                self.put_first(memory, channel, offset, row)?;
            }
            let kept = Kept { offset, key: row.key, accepted_at: row.accepted_at, event: row.event.clone() };
            self.slots.push(Slot { kept, targets: row.targets.clone(), length: row.text.len() });
            answers.push(Accepted::New { offset: Offset(offset) });
        }
        Ok(Ok(answers))
    }

    /// Makes an urgent event overtake its channel's backlog: it is due at once and before all others.
    fn put_first(&mut self, memory: &Memory, channel: ChannelId, offset: u64, row: &Row) -> rusqlite::Result<()> {
        // With a key, it waits for the earlier ones of that key.
        let is_free = |consumer: Arc<Consumer>| consumer.position().keys.of(&row.event).is_none();
        if !row.targets.contains(&channel) || !memory.consumer(channel).is_some_and(is_free) {
            return Ok(());
        }
        self.connection
            .prepare_cached(
                "INSERT INTO retries (channel, offset, due_at, attempts, since, origin) VALUES (?, ?, ?, 0, ?, 0)",
            )?
            .execute(params![channel.0, record::column(offset), FIRST, row.accepted_at.as_microsecond()])?;
        let touch = self.touches.entry(channel).or_default();
        let waiting = Waiting { attempts: 0, round: Round::live(row.accepted_at, None), wait: None };
        touch.waiting.push(((FIRST, offset), waiting));
        touch.early.push(offset);
        // It has begun: after a crash, recovery looks for unfinished deliveries up to it.
        touch.ceiling = touch.ceiling.max(offset);
        touch.retries_changed = true;
        Ok(())
    }

    /// Records emitted events in the commit that settles their attempts. Returns how many of each settlement's were
    /// new.
    pub(crate) fn emit(&mut self, memory: &Memory, settles: &[(Box<Settle>, Flight)]) -> rusqlite::Result<Vec<usize>> {
        let mut new = vec![0; settles.len()];
        for ((settle, _), new) in settles.iter().zip(&mut new) {
            for row in &settle.emits {
                match self.accept(memory, std::slice::from_ref(row))? {
                    Ok(accepted) => {
                        *new += accepted.iter().filter(|one| matches!(one, Accepted::New { .. })).count();
                    }
                    // Its id derives from the delivery's, so only the same emit can have recorded it before.
                    Err(conflict) => tracing::error!(id = row.event.id, "dropping an emitted event: {conflict}"),
                }
            }
        }
        Ok(new)
    }

    /// Finds an event with the identity of a recorded one but different content.
    fn conflict(&self, memory: &Memory, rows: &[Row]) -> rusqlite::Result<Option<AcceptError>> {
        let mut here = HashMap::with_capacity(rows.len());
        for (entry, row) in rows.iter().enumerate() {
            if let Some((offset, false)) = self.seen_before(memory, row)? {
                return Ok(Some(AcceptError::Conflict { entry, offset: Some(offset) }));
            }
            let first: &Row = here.entry((&row.event.id, &row.event.source)).or_insert(row);
            if !std::ptr::eq(first, row) && !memory.seal.are_same(first.candidate(), row.candidate()) {
                return Ok(Some(AcceptError::Conflict { entry, offset: None }));
            }
        }
        Ok(None)
    }

    /// The offset of a recorded event with this identity, and whether it is the same event.
    fn seen_before(&self, memory: &Memory, row: &Row) -> rusqlite::Result<Option<(Offset, bool)>> {
        let event = &row.event;
        let found: Option<(i64, String, Option<Digest>)> = self
            .connection
            .prepare_cached("SELECT offset, event, published FROM events WHERE id = ? AND source = ?")?
            .query_row(params![event.id, event.source], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((offset, text, digest)) = found else { return Ok(None) };
        let offset = Offset(record::offset(offset));
        let same = memory.seal.is_same(&text, digest, row.candidate());
        let same = same.inspect_err(|reason| tracing::error!(%offset, "an event is unreadable: {reason}"));
        Ok(Some((offset, same.unwrap_or_default())))
    }
}
