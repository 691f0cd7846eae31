//! Settlements, and what follows from them.

use fanfare_core::{
    AttemptRecord, ChannelId, Class,
    delivery::{Next, Origin},
};
use rusqlite::params;

use super::{Group, again};
use crate::{
    flights::Flight,
    hold,
    keys::{Key, NEVER},
    memory::Memory,
    order,
    prepared::Settle,
    progress, record,
    retries::Waiting,
    state,
    touch::Touch,
};

impl Group<'_> {
    /// Records settlements: what follows for each delivery, in the given order, and one row of progress per event.
    /// `by_event` has their places, ordered by event and channel.
    pub(crate) fn settle(
        &mut self,
        memory: &Memory,
        settles: &[(Box<Settle>, Flight)],
        by_event: &[usize],
    ) -> rusqlite::Result<()> {
        for (settle, flight) in settles {
            self.follow(memory, settle, flight)?;
            self.release(memory, settle, flight)?;
        }
        let which = |place: usize| settles[place].0.settlement.offset;
        let mut insert =
            self.connection.prepare_cached("INSERT INTO progress (offset, seq, entries) VALUES (?, ?, ?)")?;
        for event in by_event.chunk_by(|&a, &b| which(a) == which(b)) {
            let entries = progress::encode(event.iter().map(|&place| &settles[place].0.settlement))
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
            let offset = which(event[0]).0;
            insert.execute(params![
                record::column(offset),
                progress::sequence(self.counters.commits, false),
                entries
            ])?;
        }
        Ok(())
    }

    fn follow(&mut self, memory: &Memory, settle: &Settle, flight: &Flight) -> rusqlite::Result<()> {
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
                if flight.round.origin == Origin::Replay {
                    self.remove_letter(channel, offset)?;
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
                again::fall_back(self, memory, (channel, offset), &settlement.fallback, at)?;
                return self.no_longer_waits(channel, offset, flight);
            }
            Next::Skipped(_) => {
                touch.skipped += 1;
                touch.ended.push(offset);
                touch.ended_keys.extend(flight.round.key);
                if let Some(job) = flight.round.job {
                    self.jobs.entry(job).or_default().skipped += 1;
                }
                let at = settlement.at.as_microsecond();
                again::fall_back(self, memory, (channel, offset), &settlement.fallback, at)?;
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
            Some(key) if others_out(touch, memory, channel, key) => {
                touch.ended_keys.push(key);
                NEVER
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

    /// Releases the next delivery of the settled one's key if no other is active. Before the next settlement is
    /// followed, because that may begin an earlier one: which is the next must not depend on what shares a commit.
    fn release(&mut self, memory: &Memory, settle: &Settle, flight: &Flight) -> rusqlite::Result<()> {
        let (channel, Some(key)) = (settle.settlement.channel, flight.round.key) else { return Ok(()) };
        let Some(consumer) = memory.consumer(channel) else { return Ok(()) };
        let touch = self.touches.entry(channel).or_default();
        if touch.has_active(&consumer.position().keys, key) {
            return Ok(());
        }
        // At once, even if the clock was set back meanwhile.
        let due = settle.settlement.at.as_microsecond().min(memory.now());
        if let Some(next) = order::release(self.connection, channel, key, due)? {
            touch.activated.push(key);
            touch.released.push(next);
            touch.retries_changed = true;
        }
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

    /// A dead letter is outdated once a replay has delivered after all.
    fn remove_letter(&self, channel: ChannelId, offset: u64) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM dead_letters WHERE offset = ? AND channel = ?")?
            .execute(params![record::column(offset), channel.0])?;
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
}

/// Whether another delivery with this key is out besides the one being settled.
fn others_out(touch: &Touch, memory: &Memory, channel: ChannelId, key: Key) -> bool {
    let out = memory.consumer(channel).map_or(0, |consumer| consumer.position().keys.out(key));
    usize::try_from(out).unwrap_or(usize::MAX) > touch.ended_of(key) + 1
}
