//! Jobs on the writer's side: creation, changes of state, and steps.

use std::collections::BTreeMap;

use fanfare_core::{ChannelId, Did, delivery::Origin};
use fanfare_dispatch::JournalError;
use fanfare_record::{Job, JobId, JobKind, JobState};
use rusqlite::{OptionalExtension, params};
use tokio::sync::oneshot;

use super::{Again, store};
use crate::{
    chore::{Chore, answer},
    group::{
        Group,
        again::{self, Begin},
    },
    keys::Key,
    memory::Memory,
    record,
};

/// Creates a job.
pub(super) struct Make {
    what: (JobKind, String, u64, i64, i64),
    made: Option<Job>,
    answer: oneshot::Sender<Result<Job, JournalError>>,
}

impl Make {
    pub(super) fn new(
        what: (JobKind, String, u64, i64, i64),
        answer: oneshot::Sender<Result<Job, JournalError>>,
    ) -> Self {
        Self { what, made: None, answer }
    }
}

impl Chore for Make {
    fn write(&mut self, group: &mut Group<'_>, memory: &Memory) -> rusqlite::Result<()> {
        let id = store::insert(group.connection, &self.what, memory.now())?;
        self.made = store::read(group.connection, id)?;
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        let Self { made, answer: to, .. } = *self;
        answer(to, result.and_then(|()| made.ok_or_else(|| "the job was not created".to_owned())));
    }
}

/// Changes a job's state, unless it has ended.
pub(super) struct Change {
    id: JobId,
    state: JobState,
    changed: Option<Job>,
    answer: oneshot::Sender<Result<Option<Job>, JournalError>>,
}

impl Change {
    pub(super) fn new(id: JobId, state: JobState, answer: oneshot::Sender<Result<Option<Job>, JournalError>>) -> Self {
        Self { id, state, changed: None, answer }
    }
}

impl Chore for Change {
    fn write(&mut self, group: &mut Group<'_>, memory: &Memory) -> rusqlite::Result<()> {
        let found = store::read(group.connection, self.id)?;
        if found.as_ref().is_some_and(|job| !job.state.is_final()) {
            store::set_state(group.connection, self.id, self.state, None, memory.now())?;
        }
        self.changed = store::read(group.connection, self.id)?;
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        let Self { changed, answer: to, .. } = *self;
        answer(to, result.map(|()| changed));
    }
}

/// One step of a job: processes the items found from `from` on, and moves the cursor to `to`.
pub(super) struct Step {
    pub(super) job: JobId,
    pub(super) kind: JobKind,
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) items: Vec<Again>,
    /// Keys that are busy in memory until this commit succeeds or fails.
    pub(super) reserved: Vec<(ChannelId, Key)>,
    pub(super) answer: oneshot::Sender<Result<(), JournalError>>,
}

impl Chore for Step {
    fn write(&mut self, group: &mut Group<'_>, memory: &Memory) -> rusqlite::Result<()> {
        // The read may be outdated: the job may have been paused, or have made a step, meanwhile.
        let current = store::read(group.connection, self.job)?;
        if current.is_none_or(|job| job.state != JobState::Running || job.cursor != self.from) {
            return Ok(());
        }
        let (mut sent, mut skipped) = (0, 0);
        let mut begun: BTreeMap<u64, Vec<ChannelId>> = BTreeMap::new();
        for again in std::mem::take(&mut self.items) {
            let again = &again;
            let done = match self.kind {
                JobKind::Purge => delete_letter(group, again)?,
                JobKind::Redrive => self.begin(group, memory, again, Origin::Manual)?,
                JobKind::Replay => self.begin(group, memory, again, Origin::Replay)?,
            };
            if !done {
                skipped += 1;
                continue;
            }
            sent += 1;
            if self.kind != JobKind::Purge {
                begun.entry(again.offset).or_default().push(again.channel);
            }
        }
        let origin = if self.kind == JobKind::Redrive { Origin::Manual } else { Origin::Replay };
        for (offset, channels) in begun {
            group.again(offset, &channels, (origin, None), memory.now())?;
        }
        store::advance(group.connection, self.job, self.to, (sent, skipped), memory.now())
    }

    fn finish(self: Box<Self>, memory: &Memory, result: Result<(), String>) {
        again::unreserve(memory, &self.reserved);
        answer(self.answer, result);
    }
}

impl Step {
    /// Begins a delivery again. Returns false if it is under way or no longer exists.
    fn begin(
        &mut self,
        group: &mut Group<'_>,
        memory: &Memory,
        again: &Again,
        origin: Origin,
    ) -> rusqlite::Result<bool> {
        let Again { offset, channel, .. } = *again;
        let connection = group.connection;
        if let Some((seq, _)) = again.letter
            && !connection.prepare_cached("SELECT 1 FROM dead_letters WHERE seq = ?")?.exists([seq])?
        {
            return Ok(false); // purged or redriven meanwhile
        }
        let found: Option<(String, String, Option<String>)> = connection
            .prepare_cached("SELECT targets, event, stages FROM events WHERE offset = ?")?
            .query_row([record::column(offset)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((targets, event, stages)) = found else { return Ok(false) };
        let waits = connection
            .prepare_cached("SELECT 1 FROM retries WHERE channel = ? AND offset = ?")?
            .exists(params![channel.0, record::column(offset)])?;
        let targeted = record::decode_targets(&targets).is_ok_and(|targets| targets.contains(&channel));
        let Some(consumer) = memory.consumer(channel) else { return Ok(false) };
        if waits || consumer.position().is_under_way(offset, targeted) {
            return Ok(false);
        }
        // A replay does not bring back cancelled events, nor those that a stage has dropped.
        let is_dropped = || stages.as_deref().is_some_and(was_dropped);
        if origin == Origin::Replay && (is_dropped() || again::is_cancelled(group, &memory.damage, offset, &event)?) {
            return Ok(false);
        }
        // A redrive removes the dead letter: it ends in a delivery or another dead letter. A replay may be skipped.
        delete_letter(group, again)?;
        let begin = Begin { channel, offset, event: &event, origin, job: Some(self.job.0), at: memory.now() };
        let reserved = again::begin(group, memory, &begin)?;
        self.reserved.extend(reserved.map(|key| (channel, key)));
        Ok(true)
    }
}

fn was_dropped(stages: &str) -> bool {
    record::decode_stages(stages).is_ok_and(|records| records.iter().any(|record| record.did == Did::Dropped))
}

fn delete_letter(group: &Group<'_>, again: &Again) -> rusqlite::Result<bool> {
    let Some((seq, _)) = again.letter else { return Ok(false) };
    let deleted = group.connection.prepare_cached("DELETE FROM dead_letters WHERE seq = ?")?.execute([seq])?;
    Ok(deleted > 0)
}

/// Ends a job: everything it began has ended, or it cannot continue.
pub(super) struct Finish {
    pub(super) job: JobId,
    pub(super) error: Option<String>,
    pub(super) answer: oneshot::Sender<Result<(), JournalError>>,
}

impl Chore for Finish {
    fn write(&mut self, group: &mut Group<'_>, memory: &Memory) -> rusqlite::Result<()> {
        let state = if self.error.is_some() { JobState::Failed } else { JobState::Done };
        if store::read(group.connection, self.job)?.is_some_and(|job| job.state == JobState::Running) {
            store::set_state(group.connection, self.job, state, self.error.as_deref(), memory.now())?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        answer(self.answer, result);
    }
}
