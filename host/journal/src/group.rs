//! The contents of one commit.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use fanfare_core::{
    AttemptRecord, ChannelId, Class, Offset,
    delivery::{Next, Origin},
};
use fanfare_dispatch::{AcceptError, Accepted, Hold};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    again,
    consumer::{Consumer, Flight},
    hold,
    identity::Digest,
    jobs,
    order::{self, Key, Keys},
    queue::{Row, Settle},
    record,
    retries::{Due, Round, Waiting},
    segment::Segment,
    shared::Shared,
    state,
    window::{Kept, Slot},
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

/// The due time of urgent deliveries, which puts them ahead of all others.
const FIRST: i64 = 1;

/// What a commit changes for one channel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touch {
    /// New events: their number, and the first one.
    pub(crate) accepted: u64,
    pub(crate) first: Option<(u64, Timestamp)>,
    /// Deliveries that leave the flight with this commit, in ascending order once the commit is being finished. In
    /// memory they stay in flight until then, and also if the commit fails.
    pub(crate) leaving: Vec<u64>,
    /// Deliveries that have ended.
    pub(crate) ended: Vec<u64>,
    /// Deliveries that wait for another attempt.
    pub(crate) waiting: Vec<(Due, Waiting)>,
    /// The oldest waiting delivery, if the waiting ones have changed.
    pub(crate) oldest_waiting: Option<Option<Timestamp>>,
    /// The channel's position after this commit.
    floor: u64,
    pub(crate) ceiling: u64,
    delivered: u64,
    dead: u64,
    skipped: u64,
    attempts: u64,
    failed_attempts: u64,
    /// Keys for which a delivery was begun.
    pub(crate) activated: Vec<Key>,
    /// Keys whose active delivery has ended.
    ended_keys: Vec<Key>,
    /// Keys of deliveries that are now recorded as held back.
    pub(crate) held_keys: Vec<Key>,
    /// Held-back deliveries that become active.
    pub(crate) released: Vec<(Due, Waiting)>,
    /// New events that are handed out ahead of the cursor.
    pub(crate) early: Vec<u64>,
    /// The number of deliveries begun again.
    pub(crate) redriven: u64,
    pub(crate) retries_changed: bool,
    /// The channel's hold, if it has changed.
    pub(crate) hold: Option<Option<Hold>>,
}

pub(crate) type Touches = BTreeMap<ChannelId, Touch>;

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
    pub(crate) jobs: BTreeMap<i64, jobs::Ends>,
    /// The waiting deliveries were moved along with a clock that was set back.
    pub(crate) clock_followed: bool,
    /// Keys that are busy in memory until this commit succeeds or fails.
    pub(crate) reserved: Vec<(ChannelId, Key)>,
}

impl Touch {
    /// Whether another delivery with this key is active besides the one being settled.
    fn others_active(&self, shared: &Shared, channel: ChannelId, key: Key) -> bool {
        let active = shared.consumer(channel).map_or(0, |consumer| consumer.position().keys.active(key));
        let ended = self.ended_keys.iter().filter(|ended| **ended == key).count();
        usize::try_from(active).unwrap_or(usize::MAX) > ended + 1
    }

    /// Applies the commit's changes of keys to the channel's memory.
    pub(crate) fn follow_keys(&self, keys: &mut Keys) {
        self.ended_keys.iter().for_each(|&key| keys.ended(key));
        self.activated.iter().for_each(|&key| keys.activate(key));
        self.held_keys.iter().for_each(|&key| keys.held(key));
    }
}

/// What a chore may change in a group besides the database.
pub(crate) struct GroupState {
    counters: Counters,
    touches: Touches,
    slots: usize,
    segment: Segment,
    jobs: BTreeMap<i64, jobs::Ends>,
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

    /// Records all events and reports which of them are new, or records none.
    pub(crate) fn accept(
        &mut self,
        shared: &Shared,
        rows: &[Row],
    ) -> rusqlite::Result<Result<Vec<Accepted>, AcceptError>> {
        if rows.len() > 1
            && let Some(conflict) = self.conflict(shared, rows)?
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
                match self.seen_before(shared, row)? {
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
            if let Some(full) = self.segment.add(offset, at, &row.event.ty, &row.event.source, &row.targets) {
                full.write(self.connection)?;
            }
            for &target in row.targets.iter() {
                let touch = self.touches.entry(target).or_default();
                touch.accepted += 1;
                touch.first.get_or_insert((offset, row.accepted_at));
            }
            for &channel in &row.first {
                self.put_first(shared, channel, offset, row)?;
            }
            let kept = Kept { offset, key: row.key, accepted_at: row.accepted_at, event: row.event.clone() };
            self.slots.push(Slot { kept, targets: row.targets.clone(), length: row.text.len() });
            answers.push(Accepted::New { offset: Offset(offset) });
        }
        Ok(Ok(answers))
    }

    /// Makes an urgent event overtake its channel's backlog: it is due at once and before all others.
    fn put_first(&mut self, shared: &Shared, channel: ChannelId, offset: u64, row: &Row) -> rusqlite::Result<()> {
        // With a key, it waits for the earlier ones of that key.
        let is_free = |consumer: Arc<Consumer>| consumer.position().keys.of(&row.event).is_none();
        if !row.targets.contains(&channel) || !shared.consumer(channel).is_some_and(is_free) {
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
    pub(crate) fn emit(&mut self, shared: &Shared, settles: &[(Box<Settle>, Flight)]) -> rusqlite::Result<Vec<usize>> {
        let mut new = vec![0; settles.len()];
        for ((settle, _), new) in settles.iter().zip(&mut new) {
            for row in &settle.emits {
                match self.accept(shared, std::slice::from_ref(row))? {
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
    fn conflict(&self, shared: &Shared, rows: &[Row]) -> rusqlite::Result<Option<AcceptError>> {
        let mut here = HashMap::with_capacity(rows.len());
        for (entry, row) in rows.iter().enumerate() {
            if let Some((offset, false)) = self.seen_before(shared, row)? {
                return Ok(Some(AcceptError::Conflict { entry, offset: Some(offset) }));
            }
            let first: &Row = here.entry((&row.event.id, &row.event.source)).or_insert(row);
            if !std::ptr::eq(first, row) && !shared.seal.are_same(first, row) {
                return Ok(Some(AcceptError::Conflict { entry, offset: None }));
            }
        }
        Ok(None)
    }

    /// The offset of a recorded event with this identity, and whether it is the same event.
    fn seen_before(&self, shared: &Shared, row: &Row) -> rusqlite::Result<Option<(Offset, bool)>> {
        let event = &row.event;
        let found: Option<(i64, String, Option<Digest>)> = self
            .connection
            .prepare_cached("SELECT offset, event, published FROM events WHERE id = ? AND source = ?")?
            .query_row(params![event.id, event.source], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((offset, text, digest)) = found else { return Ok(None) };
        let offset = Offset(record::offset(offset));
        let same = shared.seal.is_same(&text, digest, row);
        let same = same.inspect_err(|reason| tracing::error!(%offset, "an event is unreadable: {reason}"));
        Ok(Some((offset, same.unwrap_or_default())))
    }

    /// Records settlements: one row of progress per event, and what follows for each delivery.
    pub(crate) fn settle(&mut self, shared: &Shared, settles: &[(Box<Settle>, Flight)]) -> rusqlite::Result<()> {
        let which = |i: usize| (settles[i].0.settlement.offset, settles[i].0.settlement.channel);
        let mut order: Vec<_> = (0..settles.len()).collect();
        order.sort_unstable_by_key(|&i| (which(i), i));
        // If a delivery is settled twice, the first settlement wins.
        order.dedup_by(|again, first| {
            let same = which(*again) == which(*first);
            if same {
                let (offset, channel) = which(*again);
                tracing::error!(%offset, channel = channel.0, "a delivery was settled twice; ignoring the second \
                    settlement");
            }
            same
        });
        let mut insert =
            self.connection.prepare_cached("INSERT INTO progress (offset, seq, entries) VALUES (?, ?, ?)")?;
        let mut entries = String::new();
        for event in order.chunk_by(|&a, &b| which(a).0 == which(b).0) {
            entries.clear();
            for &i in event {
                entries.push(if entries.is_empty() { '[' } else { ',' });
                entries.push_str(&settles[i].0.entry);
                self.follow(shared, &settles[i].0, &settles[i].1)?;
            }
            entries.push(']');
            let offset = which(event[0]).0.0;
            insert.execute(params![record::column(offset), record::sequence(self.counters.commits, false), entries])?;
        }
        Ok(())
    }

    fn follow(&mut self, shared: &Shared, settle: &Settle, flight: &Flight) -> rusqlite::Result<()> {
        let settlement = &settle.settlement;
        let (channel, offset) = (settlement.channel, settlement.offset.0);
        state::apply(self.connection, channel, &settlement.writes, settlement.at)?;
        let touch = self.touches.entry(channel).or_default();
        touch.leaving.push(offset);
        // A delivery that was begun again says nothing about the channel's progress.
        if flight.round.origin == Origin::Live {
            touch.ceiling = touch.ceiling.max(offset);
        }
        if let Some(attempt) = &settlement.attempt {
            touch.attempts += 1;
            touch.failed_attempts += u64::from(attempt.class.is_some());
        }
        let (until, attempts, wait) = match settlement.next {
            Next::Delivered => {
                touch.delivered += 1;
                touch.ended.push(offset);
                touch.ended_keys.extend(flight.round.key);
                if let Some(job) = flight.round.job {
                    self.jobs.entry(job).or_default().delivered += 1;
                }
                return self.no_longer_waits(channel, offset, flight);
            }
            Next::Dead { attempts } => {
                touch.dead += 1;
                touch.ended.push(offset);
                touch.ended_keys.extend(flight.round.key);
                if let Some(job) = flight.round.job {
                    self.jobs.entry(job).or_default().dead += 1;
                }
                self.bury(settle, attempts)?;
                let at = settlement.at.as_microsecond();
                again::fall_back(self, shared, (channel, offset), &settlement.fallback, at)?;
                return self.no_longer_waits(channel, offset, flight);
            }
            Next::Skipped(_) => {
                touch.skipped += 1;
                touch.ended.push(offset);
                touch.ended_keys.extend(flight.round.key);
                if let Some(job) = flight.round.job {
                    self.jobs.entry(job).or_default().skipped += 1;
                }
                return self.no_longer_waits(channel, offset, flight);
            }
            Next::Waiting { until, attempts } => (until.as_microsecond(), attempts, None),
            Next::Deferred { until, attempts, wait } => (until.as_microsecond(), attempts, Some(wait)),
            Next::Suspended { attempts } => {
                let reason = settlement.attempt.as_ref().and_then(|a| a.error.as_deref()).unwrap_or_default();
                if let Some(hold) = hold::suspend(self.connection, channel, reason, settlement.at)? {
                    touch.hold = Some(Some(hold));
                }
                (settlement.at.as_microsecond(), attempts, None)
            }
        };
        touch.retries_changed = true;
        // If an order was switched on while several deliveries of a key were in flight, each of them waits for the last
        // to return.
        let until = match flight.round.key {
            Some(key) if touch.others_active(shared, channel, key) => {
                touch.ended_keys.push(key);
                order::NEVER
            }
            _ => until,
        };
        touch.waiting.push(((until, offset), Waiting { attempts, round: flight.round, wait }));
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO retries (channel, offset, due_at, attempts, since, origin, job, order_key,
                 wait_for) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                channel.0,
                record::column(offset),
                until,
                attempts,
                flight.round.since.as_microsecond(),
                record::origin_column(flight.round.origin),
                flight.round.job,
                flight.round.key,
                record::wait_column(wait),
            ])?;
        Ok(())
    }

    /// Releases the next delivery of every key whose last active delivery has ended.
    pub(crate) fn release(&mut self, shared: &Shared, now: i64) -> rusqlite::Result<()> {
        for (&channel, touch) in self.touches.iter_mut().filter(|(_, touch)| !touch.ended_keys.is_empty()) {
            let Some(consumer) = shared.consumer(channel) else { continue };
            let mut ended = touch.ended_keys.clone();
            ended.sort_unstable();
            for ends in ended.chunk_by(|a, b| a == b) {
                let (key, count) = (ends[0], ends.len());
                let last = usize::try_from(consumer.position().keys.active(key)).is_ok_and(|active| active <= count);
                if last
                    && !touch.activated.contains(&key)
                    && let Some(next) = order::release(self.connection, channel, key, now)?
                {
                    touch.activated.push(key);
                    touch.released.push(next);
                    touch.retries_changed = true;
                }
            }
        }
        Ok(())
    }

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
            let entry = record::encode_again(channel, at, origin, fallback_for);
            entries.push_str(&entry.map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?);
        }
        entries.push(']');
        self.connection
            // Several calls may begin deliveries of the same event in one commit; its entries share one row.
            .prepare_cached(
                "INSERT INTO progress (offset, seq, entries) VALUES (?, ?, ?) ON CONFLICT (offset, seq) DO UPDATE
                 SET entries = substr(entries, 1, length(entries) - 1) || ',' || substr(excluded.entries, 2)",
            )?
            .execute(params![record::column(offset), record::sequence(self.counters.commits, true), entries])?;
        Ok(())
    }

    fn no_longer_waits(&mut self, channel: ChannelId, offset: u64, flight: &Flight) -> rusqlite::Result<()> {
        if flight.retry.is_none() {
            return Ok(());
        }
        self.touches.entry(channel).or_default().retries_changed = true;
        self.connection
            .prepare_cached("DELETE FROM retries WHERE channel = ? AND offset = ?")?
            .execute(params![channel.0, record::column(offset)])?;
        Ok(())
    }

    fn bury(&self, settle: &Settle, attempts: u32) -> rusqlite::Result<()> {
        let settlement = &settle.settlement;
        let attempt = settlement.attempt.as_ref();
        let fault = settlement.fault.as_ref();
        let class = attempt.and_then(|a| a.class).or(fault.map(|f| f.class)).unwrap_or(Class::Host);
        let code = attempt.and_then(|a| a.code.as_deref()).or(fault.map(|f| f.code.as_str()));
        let error = attempt.and_then(|a| a.error.as_deref()).or(fault.map(|f| f.message.as_str()));
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO troubled (offset) VALUES (?)")?
            .execute([record::column(settlement.offset.0)])?;
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO dead_letters
                     (key, channel, offset, event_id, source, type, attempts, class, code, error, plugin, at, settings)
                 SELECT key, ?1, offset, id, source, type, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM events WHERE offset = ?2",
            )?
            .execute(params![
                settlement.channel.0,
                record::column(settlement.offset.0),
                attempts,
                class.as_str(),
                code.unwrap_or_default(),
                error.unwrap_or_default(),
                attempt.map(|AttemptRecord { plugin, .. }| plugin.as_str()),
                settlement.at.as_microsecond(),
                &*settlement.settings,
            ])?;
        Ok(())
    }

    /// Updates the rows of the channels and of the journal. `last` is the newest event before this commit.
    pub(crate) fn finish(&mut self, shared: &Shared, last: u64) -> rusqlite::Result<()> {
        let now = shared.now();
        for (&job, &ends) in &self.jobs {
            jobs::ended(self.connection, job, ends, now)?;
        }
        let mut update = self.connection.prepare_cached(
            "UPDATE channels SET floor = max(floor, ?), ceiling = max(ceiling, ?), accepted = accepted + ?,
                 delivered = delivered + ?, dead = dead + ?, skipped = skipped + ?, attempts = attempts + ?,
                 failed_attempts = failed_attempts + ?, redriven = redriven + ?
             WHERE id = ?",
        )?;
        for (channel, touch) in &mut self.touches {
            touch.leaving.sort_unstable();
            if let Some(consumer) = shared.consumer(*channel) {
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
