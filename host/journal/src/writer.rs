//! The one thread that writes: takes all that is queued, commits it as one group, and has everyone told.

use std::{
    collections::BTreeMap,
    fs::File,
    sync::Arc,
    time::{Duration, Instant},
};

use fanfare_dispatch::{AcceptError, Health};
use rusqlite::{Connection, ErrorCode};

use crate::{
    checkpoint::Checkpointer,
    chore::Chore,
    consumer::{Consumer, Flight, Position},
    group::{Counters, Group, Touches},
    herald::{AcceptAnswer, AcceptResult, Herald, News, done},
    queue::{Command, Drained, Row, Settle},
    recovery::Recovered,
    segment::Segment,
    shared::Shared,
    state,
    window::Slot,
};

/// While commits fail: the first wait before the next try, and the longest.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);
const LONGEST_BACKOFF: Duration = Duration::from_secs(2);

/// How often kept settlements are tried while closing before the daemon goes without them.
const TRIES_AT_CLOSE: u32 = 5;

/// Expired state is removed this often, in microseconds.
const PURGE_EVERY: i64 = 60_000_000;

pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) connection: Connection,
    pub(crate) counters: Counters,
    /// The segment of the newest event.
    segment: Segment,
    herald: Herald,
    pub(crate) checkpointer: Checkpointer,
    /// Settlements of groups that could not be committed.
    held: Vec<(Box<Settle>, Flight)>,
    backoff: Option<Duration>,
    purged_at: i64,
    /// Keeps other daemons out until the thread has ended.
    _lock: File,
}

/// The commands of one group, by kind.
#[derive(Default)]
struct Work {
    accepts: Vec<(Vec<Row>, AcceptAnswer)>,
    settles: Vec<(Box<Settle>, Flight)>,
    chores: Vec<Box<dyn Chore>>,
}

/// What was written, to be told after the commit.
struct Written {
    counters: Counters,
    segment: Segment,
    accepted: Vec<AcceptResult>,
    slots: Vec<Slot>,
    touches: Touches,
    /// Deliveries of jobs have ended.
    moves_jobs: bool,
}

impl Writer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        connection: Connection,
        recovered: Recovered,
        herald: Herald,
        checkpointer: Checkpointer,
        lock: File,
    ) -> Self {
        let purged_at = shared.now();
        let Recovered { counters, segment, .. } = recovered;
        Self {
            shared,
            connection,
            counters,
            segment,
            herald,
            checkpointer,
            held: vec![],
            backoff: None,
            purged_at,
            _lock: lock,
        }
    }

    /// Runs until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        let mut tries_left = TRIES_AT_CLOSE;
        loop {
            match self.shared.queue.drain(self.shared.options.group_entries, self.backoff) {
                Drained::Commands(commands) => self.take(commands),
                // Time to see whether writing works again.
                Drained::Nothing => self.write(Work::default()),
                Drained::Closed if self.held.is_empty() => break,
                Drained::Closed if tries_left == 0 => {
                    tracing::error!(
                        settlements = self.held.len(),
                        "closing without these settlements, the disk does not take them; their attempts are repeated"
                    );
                    break;
                }
                Drained::Closed => {
                    tries_left -= 1;
                    std::thread::sleep(self.backoff.unwrap_or(FIRST_BACKOFF));
                    self.write(Work::default());
                }
            }
            self.purge();
            self.checkpointer.after_commit(&self.connection);
        }
        self.checkpointer.finish(&self.connection);
    }

    fn take(&mut self, commands: Vec<Command>) {
        let mut work = Work::default();
        for command in commands {
            match command {
                Command::Accept { rows, answer } => work.accepts.push((rows, answer)),
                Command::Settle(settle) => self.land(settle, &mut work),
                Command::Chore(chore) => work.chores.push(chore),
            }
        }
        if self.backoff.is_some() {
            // The last commit failed. Settlements wait with the others; everyone else is told at once, and the disk is left
            // in peace until the backoff has passed.
            self.held.append(&mut work.settles);
            work.refuse(&self.reason());
            std::thread::sleep(FIRST_BACKOFF);
        }
        self.write(work);
    }

    fn land(&self, settle: Box<Settle>, work: &mut Work) {
        let (channel, offset) = (settle.settlement.channel, settle.settlement.offset);
        let flight = self.shared.consumer(channel).and_then(|consumer| consumer.position().land(offset.0));
        match flight {
            Some(flight) => work.settles.push((settle, flight)),
            None => {
                tracing::error!(%offset, channel = channel.0, "a delivery that is not in flight was settled; nothing is recorded");
                done(settle);
            }
        }
    }

    /// Commits the group together with what is held from groups that failed.
    fn write(&mut self, mut work: Work) {
        for chore in std::mem::take(&mut work.chores) {
            self.write_chore(chore);
        }
        self.write_group(work);
    }

    fn write_group(&mut self, mut work: Work) {
        if !self.held.is_empty() {
            let mut settles = std::mem::take(&mut self.held);
            settles.append(&mut work.settles);
            work.settles = settles;
        }
        if work.accepts.is_empty() && work.settles.is_empty() && self.backoff.is_none() {
            return;
        }
        let start = Instant::now();
        match self.commit(|group, shared| fill(group, shared, &work)) {
            Ok(written) => {
                if let Some(hook) = &self.shared.options.on_commit {
                    let events: usize = work.accepts.iter().map(|(rows, _)| rows.len()).sum();
                    (hook.0)(start.elapsed(), events + work.settles.len());
                }
                self.working();
                self.publish(work, written);
            }
            Err(error) => self.failed(work, &error),
        }
    }

    /// A chore that fails is not tried again: whoever asked for it is told, and decides.
    fn write_chore(&mut self, mut chore: Box<dyn Chore>) {
        let written = self.commit(|group, shared| {
            chore.write(group, shared)?;
            Ok(vec![])
        });
        match written {
            Ok(written) => {
                let touched = self.follow(written).1;
                chore.finish(&self.shared, Ok(()));
                self.herald.tell(News { touched, ..News::default() });
            }
            Err(error) => chore.finish(&self.shared, Err(error.to_string())),
        }
    }

    /// Runs `fill` in a transaction, and commits it.
    fn commit(
        &self,
        fill: impl FnOnce(&mut Group<'_>, &Shared) -> rusqlite::Result<Vec<AcceptResult>>,
    ) -> rusqlite::Result<Written> {
        let connection = &self.connection;
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let counters = Counters { commits: self.counters.commits + 1, ..self.counters };
        let segment = self.segment.clone();
        let mut group =
            Group { connection, counters, touches: Touches::new(), slots: vec![], segment, jobs: BTreeMap::new() };
        let result = fill(&mut group, &self.shared).and_then(|accepted| {
            for (channel, touch) in &mut group.touches {
                if let Some(consumer) = self.shared.consumer(*channel) {
                    touch.floor = consumer.position().floor(self.counters.last_offset);
                }
            }
            group.finish(self.shared.now())?;
            connection.prepare_cached("COMMIT")?.execute([])?;
            Ok(accepted)
        });
        // SQLite rolls some failures back by itself.
        if result.is_err()
            && !connection.is_autocommit()
            && let Err(e) = connection.execute_batch("ROLLBACK")
        {
            tracing::error!("a failed commit could not be rolled back: {e}");
        }
        let Group { counters, touches, slots, segment, jobs, .. } = group;
        let moves_jobs = !jobs.is_empty();
        result.map(|accepted| Written { counters, segment, accepted, slots, touches, moves_jobs })
    }

    /// The commit stands: memory follows. Answers what was accepted, and the channels that have something new before them.
    fn follow(&mut self, written: Written) -> (Vec<AcceptResult>, Vec<Arc<Consumer>>) {
        self.counters = written.counters;
        self.segment = written.segment;
        {
            let mut window = self.shared.window_mut();
            written.slots.into_iter().for_each(|slot| window.push(slot));
        }
        let mut touched = Vec::with_capacity(written.touches.len());
        for (channel, touch) in written.touches {
            let Some(consumer) = self.shared.consumer(channel) else { continue };
            let mut position = consumer.position();
            if let Some((first, at)) = touch.first {
                position.accepted(touch.accepted, first, at);
            }
            position.redriven(touch.redriven);
            position.settled(&touch.ended, &touch.waiting, touch.oldest_waiting);
            touch.follow_keys(&mut position.keys);
            position.released(&touch.released);
            drop(position);
            if touch.first.is_some() || !touch.waiting.is_empty() || !touch.released.is_empty() {
                touched.push(consumer);
            }
        }
        if written.moves_jobs {
            self.shared.jobs.wake();
        }
        (written.accepted, touched)
    }

    fn publish(&mut self, work: Work, written: Written) {
        let (accepted, touched) = self.follow(written);
        let emitted = work.settles.iter().any(|(settle, _)| !settle.emits.is_empty());
        let grown = (emitted || !work.accepts.is_empty()).then(|| Arc::clone(&self.shared));
        let accepted = work.accepts.into_iter().map(|(_, answer)| answer).zip(accepted).collect();
        self.herald.tell(News { accepted, touched, settled: work.settles, grown });
    }

    fn failed(&mut self, mut work: Work, error: &rusqlite::Error) {
        let reason = error.to_string();
        if self.backoff.is_none() {
            tracing::error!("the journal cannot write: {reason}; settlements are kept, new events are refused");
        }
        self.backoff = Some(self.backoff.map_or(FIRST_BACKOFF, |wait| (wait * 2).min(LONGEST_BACKOFF)));
        self.shared.set_health(Health::Failing(reason.clone()));
        work.refuse(&reason);
        self.held = work.settles;
        if !is_the_stores_fault(error) {
            self.isolate();
        }
    }

    /// Some settlement itself seems to be what SQLite refuses. One by one, so that it does not hold up the others.
    fn isolate(&mut self) {
        // While one is tried, the others are in flight again: a channel's floor must not pass what is not committed.
        let mut all: std::collections::VecDeque<_> = std::mem::take(&mut self.held).into();
        for (settle, flight) in &all {
            self.with_position(settle, |position, offset| position.relaunch(offset, *flight));
        }
        while let Some((settle, flight)) = all.pop_front() {
            self.with_position(&settle, |position, offset| {
                position.land(offset);
            });
            let work = Work { settles: vec![(settle, flight)], ..Work::default() };
            match self.commit(|group, shared| fill(group, shared, &work)) {
                Ok(written) => {
                    self.working();
                    self.publish(work, written);
                }
                Err(error) if is_the_stores_fault(&error) => {
                    for (settle, _) in &all {
                        self.with_position(settle, |position, offset| {
                            position.land(offset);
                        });
                    }
                    self.held = work.settles;
                    self.held.extend(all);
                    return;
                }
                Err(error) => self.give_up(work, &error),
            }
        }
    }

    /// Stays in flight, so that it is found and repeated after a restart.
    fn give_up(&self, work: Work, error: &rusqlite::Error) {
        for (settle, flight) in work.settles {
            let (channel, offset) = (settle.settlement.channel, settle.settlement.offset);
            tracing::error!(
                %offset, channel = channel.0,
                "a settlement cannot be recorded and is given up, the delivery is repeated after a restart: {error}"
            );
            self.with_position(&settle, |position, offset| position.relaunch(offset, flight));
        }
    }

    fn with_position(&self, settle: &Settle, act: impl FnOnce(&mut Position, u64)) {
        if let Some(consumer) = self.shared.consumer(settle.settlement.channel) {
            act(&mut consumer.position(), settle.settlement.offset.0);
        }
    }

    fn working(&mut self) {
        if self.backoff.take().is_some() {
            tracing::info!("the journal writes again");
            self.shared.set_health(Health::Ok);
        }
    }

    fn reason(&self) -> String {
        match self.shared.health() {
            Health::Failing(reason) => reason,
            Health::Ok => "the last commit failed".to_owned(),
        }
    }

    fn purge(&mut self) {
        let now = self.shared.now();
        if now - self.purged_at >= PURGE_EVERY && self.backoff.is_none() {
            self.purged_at = now;
            if let Err(e) = state::purge(&self.connection, now) {
                tracing::warn!("expired state could not be removed: {e}");
            }
        }
    }
}

impl Work {
    /// Answers the publishers with a refusal.
    fn refuse(&mut self, reason: &str) {
        for (_, answer) in self.accepts.drain(..) {
            answer.send(Err(AcceptError::Unavailable(reason.to_owned()))).unwrap_or(());
        }
    }
}

/// What a group of work writes.
fn fill(group: &mut Group<'_>, shared: &Shared, work: &Work) -> rusqlite::Result<Vec<AcceptResult>> {
    let accepted = work.accepts.iter().map(|(rows, _)| group.accept(rows)).collect::<rusqlite::Result<_>>()?;
    group.emit(&work.settles)?;
    group.settle(&work.settles)?;
    group.release(shared, shared.now())?;
    Ok(accepted)
}

/// Whether the disk, the memory or the file is to blame, and not what was to be written.
fn is_the_stores_fault(error: &rusqlite::Error) -> bool {
    !matches!(
        error.sqlite_error_code(),
        None | Some(
            ErrorCode::ConstraintViolation
                | ErrorCode::TooBig
                | ErrorCode::TypeMismatch
                | ErrorCode::ParameterOutOfRange
                | ErrorCode::ApiMisuse
        )
    )
}

/// Ends the journal for everyone when the writer ends, also when it ends by a panic.
pub(crate) struct LastWord(pub(crate) Arc<Shared>);

impl Drop for LastWord {
    fn drop(&mut self) {
        self.0.queue.close();
        if std::thread::panicking() {
            self.0.set_health(Health::Failing("the journal's writer has stopped; restart the daemon".to_owned()));
        }
        for consumer in self.0.consumers() {
            consumer.wake.notify_waiters();
        }
        self.0.grown.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_is_blamed_on_the_settlement() {
        let failure = |code| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        assert!(is_the_stores_fault(&failure(rusqlite::ffi::SQLITE_FULL)));
        assert!(is_the_stores_fault(&failure(rusqlite::ffi::SQLITE_IOERR)));
        assert!(!is_the_stores_fault(&failure(rusqlite::ffi::SQLITE_CONSTRAINT)));
        assert!(!is_the_stores_fault(&rusqlite::Error::InvalidQuery));
    }
}
