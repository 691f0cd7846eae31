//! The contents of one commit.

mod accept;
pub(crate) mod again;
mod hold_back;
mod settle;

use std::collections::BTreeMap;

use fanfare_core::ChannelId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    job_ends::{self, JobEnds},
    keys::Key,
    memory::Memory,
    record,
    segment::Segment,
    touch::Touches,
    window::Slot,
};

/// Numbers that continue from commit to commit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counters {
    pub(crate) last_offset: u64,
    pub(crate) commits: i64,
    pub(crate) events: i64,
    /// The time of the last commit, in microseconds. It goes back only together with the waiting deliveries: see
    /// `jumps`.
    pub(crate) at: i64,
}

/// One transaction while it is written. Nothing outside of the database changes until it is committed.
pub(crate) struct Group<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) counters: Counters,
    pub(crate) touches: Touches,
    /// The new events, for the window.
    pub(crate) slots: Vec<Slot>,
    /// The segment of the newest event.
    pub(crate) segment: Segment,
    /// Ended deliveries of jobs.
    pub(crate) jobs: BTreeMap<i64, JobEnds>,
    /// The waiting deliveries were moved along with a clock that was set back.
    pub(crate) clock_followed: bool,
    /// Keys that are busy in memory until this commit succeeds or fails.
    pub(crate) reserved: Vec<(ChannelId, Key)>,
}

/// What a chore may change in a group besides the database.
pub(crate) struct GroupState {
    counters: Counters,
    touches: Touches,
    slots: usize,
    segment: Segment,
    jobs: BTreeMap<i64, JobEnds>,
    clock_followed: bool,
}

impl Group<'_> {
    /// A copy for undoing a chore. Chores run first, so there is little to copy.
    pub(crate) fn state(&self) -> GroupState {
        GroupState {
            counters: self.counters,
            touches: self.touches.clone(),
            slots: self.slots.len(),
            segment: self.segment.clone(),
            jobs: self.jobs.clone(),
            clock_followed: self.clock_followed,
        }
    }

    pub(crate) fn restore(&mut self, state: GroupState) {
        self.slots.truncate(state.slots);
        self.clock_followed = state.clock_followed;
        (self.counters, self.touches, self.segment, self.jobs) =
            (state.counters, state.touches, state.segment, state.jobs);
    }

    /// Updates the rows of the channels and of the journal. `last` is the newest event before this commit.
    pub(crate) fn finish(&mut self, memory: &Memory, last: u64) -> rusqlite::Result<()> {
        let now = memory.now();
        for (&job, &ends) in &self.jobs {
            job_ends::add(self.connection, job, ends, now)?;
        }
        let mut update = self.connection.prepare_cached(
            "UPDATE channels SET floor = max(floor, ?), ceiling = max(ceiling, ?), accepted = accepted + ?,
                 delivered = delivered + ?, dead = dead + ?, skipped = skipped + ?, attempts = attempts + ?,
                 failed_attempts = failed_attempts + ?, redriven = redriven + ?
             WHERE id = ?",
        )?;
        for (channel, touch) in &mut self.touches {
            touch.leaving.sort_unstable();
            if let Some(consumer) = memory.consumer(*channel) {
                touch.floor = consumer.position().floor(last, &touch.leaving);
            }
            update.execute(params![
                record::column(touch.floor),
                record::column(touch.ceiling),
                record::column(touch.accepted),
                record::column(touch.delivered),
                record::column(touch.dead),
                record::column(touch.skipped),
                record::column(touch.attempts),
                record::column(touch.failed_attempts),
                record::column(touch.redriven),
                channel.0,
            ])?;
            if touch.retries_changed {
                touch.oldest_waiting = Some(oldest_waiting(self.connection, *channel)?);
            }
        }
        // A commit between a clock jump and its detection must not hide the jump from the next start.
        self.counters.at = if self.clock_followed { now } else { self.counters.at.max(now) };
        self.connection
            .prepare_cached("UPDATE journal SET last_offset = ?, commits = ?, events = ?, at = ?")?
            .execute(params![
                record::column(self.counters.last_offset),
                self.counters.commits,
                self.counters.events,
                self.counters.at,
            ])?;
        Ok(())
    }
}

/// When the oldest waiting delivery of a channel was accepted, not counting deliveries begun again or not due yet.
pub(crate) fn oldest_waiting(connection: &Connection, channel: ChannelId) -> rusqlite::Result<Option<Timestamp>> {
    connection
        .prepare_cached(
            "SELECT since FROM retries INDEXED BY retries_oldest
             WHERE channel = ? AND origin IN (0, 3) AND wait_for IS NOT 0 ORDER BY offset LIMIT 1",
        )?
        .query_row([channel.0], |row| row.get(0).map(record::timestamp))
        .optional()
}
