//! The only thread that writes. It takes all that is queued, commits it as one group, and triggers the notifications.
//!
//! Everything taken at once is one commit, and memory follows the commit: until it succeeds, a settled delivery stays
//! in flight. So a failed commit leaves nothing to undo, and no floor passes anything uncommitted.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use fanfare_core::{ChannelId, DeliveryId, Offset};
use fanfare_dispatch::{AcceptError, Commit, Health, Outage};
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode};

use crate::{
    checkpoint::Checkpointer,
    chore::Chore,
    flights::Flight,
    group::{Counters, Group, again},
    herald::{AcceptAnswer, AcceptResult, Herald, News},
    memory::Memory,
    open_journal::OpenJournal,
    place::Guard,
    prepared::{HoldBack, Row, Settle},
    queue::{Command, Drained},
    recovery::Recovered,
    segment::Segment,
    state,
    touch::Touches,
    window::Slot,
};

/// While commits fail: the first and the longest wait before a retry.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);
const LONGEST_BACKOFF: Duration = Duration::from_secs(2);

/// How often kept settlements are retried while closing before they are dropped.
const TRIES_AT_CLOSE: u32 = 5;

/// How often expired state is removed, in microseconds.
const PURGE_EVERY: i64 = 60_000_000;

pub(crate) struct Writer {
    pub(crate) journal: Arc<OpenJournal>,
    pub(crate) connection: Connection,
    pub(crate) counters: Counters,
    /// The segment of the newest event.
    segment: Segment,
    herald: Herald,
    pub(crate) checkpointer: Checkpointer,
    /// Settlements and held-back deliveries of groups that could not be committed.
    kept: Work,
    /// Stale settlements that no commit has told of.
    stale: Vec<DeliveryId>,
    backoff: Option<Duration>,
    /// Since when commits have been failing.
    failing_since: Option<Timestamp>,
    purged_at: i64,
    /// Keeps other daemons out until the thread has ended.
    _lock: Arc<Guard>,
}

/// The commands of one group, by kind.
#[derive(Default)]
#[allow(clippy::vec_box, reason = "settlements move on as the queue has them")]
struct Work {
    accepts: Vec<(Vec<Row>, AcceptAnswer)>,
    settles: Vec<Box<Settle>>,
    hold_backs: Vec<HoldBack>,
    chores: Vec<Box<dyn Chore>>,
}

/// Settlements, each with the delivery in flight that it ends.
#[derive(Default)]
struct Landings {
    /// As they were queued.
    all: Vec<(Box<Settle>, Flight)>,
    /// Their places, by event.
    by_event: Vec<usize>,
}

/// The results of one transaction.
struct Filled {
    accepted: Vec<AcceptResult>,
    /// The result of each chore.
    chores: Vec<Result<(), String>>,
    /// How many of each settlement's emitted events are new.
    emitted: Vec<usize>,
}

/// What was written; needed for the notifications after the commit.
struct Written {
    counters: Counters,
    segment: Segment,
    filled: Filled,
    slots: Vec<Slot>,
    touches: Touches,
    /// Whether deliveries of jobs have ended.
    moves_jobs: bool,
}

impl Writer {
    pub(crate) fn new(
        journal: Arc<OpenJournal>,
        connection: Connection,
        recovered: Recovered,
        herald: Herald,
        checkpointer: Checkpointer,
        lock: Arc<Guard>,
    ) -> Self {
        let purged_at = journal.memory.now();
        let Recovered { counters, segment } = recovered;
        Self {
            journal,
            connection,
            counters,
            segment,
            herald,
            checkpointer,
            kept: Work::default(),
            stale: vec![],
            backoff: None,
            failing_since: None,
            purged_at,
            _lock: lock,
        }
    }

    /// Runs until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        wake_on_time();
        let mut tries_left = TRIES_AT_CLOSE;
        loop {
            match self.journal.queue.drain(self.journal.memory.options.group_entries, self.backoff) {
                Drained::Commands(commands) => self.take(commands),
                // Time to check whether writing works again.
                Drained::Nothing => self.write(Work::default()),
                Drained::Closed if self.kept.is_empty() => break,
                Drained::Closed if tries_left == 0 => {
                    tracing::error!(
                        settlements = self.kept.settles.len(),
                        "closing without recording these settlements because writing fails; their attempts will be \
                         repeated"
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
                Command::Settle { settles, .. } => work.settles.extend(settles),
                Command::HoldBack(hold_back) => work.hold_backs.push(hold_back),
                Command::Chore(chore) => work.chores.push(chore),
            }
        }
        if self.backoff.is_some() {
            // The last commit failed. Publishers are rejected at once, and the disk is left alone until the backoff
            // has passed.
            work.refuse_accepts(&self.reason());
            std::thread::sleep(FIRST_BACKOFF);
        }
        self.write(work);
    }

    /// Commits the work together with what was kept from failed groups.
    fn write(&mut self, mut work: Work) {
        let mut kept = std::mem::take(&mut self.kept);
        kept.keep(&mut work);
        (work.settles, work.hold_backs) = (kept.settles, kept.hold_backs);
        if work.is_empty() && self.backoff.is_none() {
            return;
        }
        if let Err(failed) = self.try_write(work) {
            let (mut work, error) = *failed;
            if work.is_rare() {
                // The caller gets the error and decides. Events and settlements are not affected.
                return work.refuse(&self.journal.memory, &error.to_string());
            }
            self.failed(work, &error);
        }
    }

    /// Commits the work and triggers the notifications. Returns the work on failure.
    fn try_write(&mut self, mut work: Work) -> Result<(), Box<(Work, rusqlite::Error)>> {
        let landings = self.landings(std::mem::take(&mut work.settles));
        #[allow(clippy::disallowed_methods, reason = "measures a commit, on a thread without tokio's clock")]
        let start = Instant::now();
        match self.commit(&mut work, &landings) {
            Ok(written) => {
                if let Some(hook) = &self.journal.memory.options.on_commit {
                    let events: usize = work.accepts.iter().map(|(rows, _)| rows.len()).sum();
                    (hook.0)(start.elapsed(), events + landings.all.len());
                }
                let outage = self.working();
                self.follow(work, landings, written, outage);
                Ok(())
            }
            Err(error) => {
                work.settles = landings.all.into_iter().map(|(settle, _)| settle).collect();
                Err(Box::new((work, error)))
            }
        }
    }

    /// Finds the deliveries that settlements end. A settlement whose claim is no longer in force is stale; so is the
    /// second one for the same claim.
    #[allow(clippy::vec_box, reason = "settlements move on as the queue has them")]
    fn landings(&mut self, settles: Vec<Box<Settle>>) -> Landings {
        let mut landings = Landings { all: Vec::with_capacity(settles.len()), by_event: vec![] };
        for settle in settles {
            let (channel, offset) = (settle.settlement.channel, settle.settlement.offset);
            let consumer = self.journal.memory.consumer(channel);
            let flight = consumer.and_then(|consumer| consumer.position().flights.get(offset.0));
            match flight.filter(|flight| flight.token == settle.settlement.token) {
                Some(flight) => landings.all.push((settle, flight)),
                None => self.discard(*settle),
            }
        }
        landings.sort();
        let again = landings.repeated();
        if !again.is_empty() {
            for (place, landing) in std::mem::take(&mut landings.all).into_iter().enumerate() {
                match again.contains(&place) {
                    false => landings.all.push(landing),
                    true => self.discard(*landing.0),
                }
            }
            landings.sort();
        }
        landings
    }

    fn discard(&mut self, settle: Settle) {
        self.stale.push(settle.settlement.delivery_id());
        if let Some(done) = settle.done {
            done.send(()).unwrap_or(());
        }
    }

    /// Writes the work in one transaction.
    fn commit(&self, work: &mut Work, landings: &Landings) -> rusqlite::Result<Written> {
        let connection = &self.connection;
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let counters = Counters { commits: self.counters.commits + 1, ..self.counters };
        let segment = self.segment.clone();
        let mut group = Group {
            connection,
            counters,
            touches: Touches::new(),
            slots: vec![],
            segment,
            jobs: BTreeMap::new(),
            clock_followed: false,
            reserved: vec![],
        };
        let result = fill(&mut group, &self.journal.memory, work, landings).and_then(|filled| {
            group.finish(&self.journal.memory, self.counters.last_offset)?;
            connection.prepare_cached("COMMIT")?.execute([])?;
            Ok(filled)
        });
        // SQLite rolls back after some errors by itself.
        if result.is_err()
            && !connection.is_autocommit()
            && let Err(e) = connection.execute_batch("ROLLBACK")
        {
            tracing::error!("a failed commit could not be rolled back: {e}");
        }
        let Group { counters, touches, slots, segment, jobs, reserved, .. } = group;
        if result.is_err() {
            again::unreserve(&self.journal.memory, &reserved);
        }
        let moves_jobs = !jobs.is_empty();
        result.map(|filled| Written { counters, segment, filled, slots, touches, moves_jobs })
    }

    /// The commit succeeded: update memory and notify everyone.
    fn follow(&mut self, work: Work, landings: Landings, written: Written, outage: Option<Outage>) {
        self.counters = written.counters;
        self.segment = written.segment;
        {
            let mut window = self.journal.memory.window_mut();
            written.slots.into_iter().for_each(|slot| window.push(slot));
        }
        let mut touched = Vec::with_capacity(written.touches.len());
        let mut hold_changes = vec![];
        for (channel, touch) in written.touches {
            let Some(consumer) = self.journal.memory.consumer(channel) else { continue };
            let mut position = consumer.position();
            if let Some((first, at)) = touch.first {
                position.accepted(touch.accepted, first, at);
            }
            position.redriven(touch.redriven);
            position.committed(&touch);
            let next_of_key = !touch.ended_keys.is_empty() && position.flights.has_given_back();
            drop(position);
            if touch.hold.is_some() {
                hold_changes.push(channel);
            }
            if touch.first.is_some() || !touch.waiting.is_empty() || !touch.released.is_empty() || next_of_key {
                touched.push(consumer);
            }
        }
        if written.moves_jobs {
            self.journal.job_work.notify_one();
        }
        let Filled { accepted, chores, emitted } = written.filled;
        let emitted = emitted.into_iter().sum();
        let grown = !work.accepts.is_empty() || emitted > 0;
        for (chore, result) in work.chores.into_iter().zip(chores) {
            chore.finish(&self.journal.memory, result);
        }
        let accepted = work.accepts.into_iter().map(|(_, answer)| answer).zip(accepted).collect();
        let mut done = vec![];
        let settled = landings.all.into_iter().map(|(settle, _)| {
            let Settle { settlement, done: waits, .. } = *settle;
            done.extend(waits);
            settlement
        });
        let stale = std::mem::take(&mut self.stale);
        let commit = Commit { settled: settled.collect(), stale, emitted, hold_changes, outage };
        self.journal.memory.has_followed(self.counters.commits);
        self.herald.tell(News { accepted, touched, commit, done, grown, journal: Arc::clone(&self.journal) });
    }

    fn failed(&mut self, mut work: Work, error: &rusqlite::Error) {
        let reason = error.to_string();
        if self.backoff.is_none() {
            tracing::error!("the journal cannot write: {reason}; settlements are kept, new events are rejected");
        }
        self.failing_since.get_or_insert_with(|| self.journal.memory.clock.now());
        self.backoff = Some(self.backoff.map_or(FIRST_BACKOFF, |wait| (wait * 2).min(LONGEST_BACKOFF)));
        self.journal.set_health(Health::Failing(reason.clone()));
        work.refuse(&self.journal.memory, &reason);
        if is_the_stores_fault(error) {
            self.kept = work;
        } else {
            self.isolate(work);
        }
    }

    /// SQLite seems to reject a single settlement. They are tried one by one, so that it does not block the others.
    fn isolate(&mut self, work: Work) {
        let settles = work.settles.into_iter().map(|settle| Work { settles: vec![settle], ..Work::default() });
        let hold_backs = work.hold_backs.into_iter().map(|back| Work { hold_backs: vec![back], ..Work::default() });
        let mut singles = settles.chain(hold_backs);
        while let Some(single) = singles.next() {
            let Err(failed) = self.try_write(single) else { continue };
            let (mut single, error) = *failed;
            if is_the_stores_fault(&error) {
                self.kept.keep(&mut single);
                singles.for_each(|mut rest| self.kept.keep(&mut rest));
                return;
            }
            give_up(&single, &error);
        }
    }

    /// A commit succeeded. Returns the outage that it ended, if any.
    fn working(&mut self) -> Option<Outage> {
        self.backoff.take()?;
        tracing::info!("the journal can write again");
        let reason = self.reason();
        self.journal.set_health(Health::Ok);
        let until = self.journal.memory.clock.now();
        self.failing_since.take().map(|since| Outage { reason, since, until })
    }

    fn reason(&self) -> String {
        match self.journal.health() {
            Health::Failing(reason) => reason,
            Health::Ok => "the last commit failed".to_owned(),
        }
    }

    fn purge(&mut self) {
        let now = self.journal.memory.now();
        if now - self.purged_at >= PURGE_EVERY && self.backoff.is_none() {
            self.purged_at = now;
            if let Err(e) = state::purge(&self.connection, now) {
                tracing::warn!("expired state could not be removed: {e}");
            }
        }
    }
}

impl Landings {
    fn delivery(&self, place: usize) -> (Offset, ChannelId) {
        let settlement = &self.all[place].0.settlement;
        (settlement.offset, settlement.channel)
    }

    fn sort(&mut self) {
        let mut by_event: Vec<_> = (0..self.all.len()).collect();
        by_event.sort_unstable_by_key(|&place| (self.delivery(place), place));
        self.by_event = by_event;
    }

    /// The places of settlements after the first of their delivery.
    fn repeated(&self) -> Vec<usize> {
        let pairs = self.by_event.windows(2);
        pairs.filter(|pair| self.delivery(pair[0]) == self.delivery(pair[1])).map(|pair| pair[1]).collect()
    }
}

impl Work {
    fn is_empty(&self) -> bool {
        self.accepts.is_empty() && self.settles.is_empty() && self.hold_backs.is_empty() && self.chores.is_empty()
    }

    /// Whether it contains only chores.
    fn is_rare(&self) -> bool {
        self.accepts.is_empty() && self.settles.is_empty() && self.hold_backs.is_empty() && !self.chores.is_empty()
    }

    /// Adds what must be written eventually, after what is here already.
    fn keep(&mut self, from: &mut Self) {
        self.settles.append(&mut from.settles);
        self.hold_backs.append(&mut from.hold_backs);
    }

    fn refuse_accepts(&mut self, reason: &str) {
        for (_, answer) in self.accepts.drain(..) {
            answer.send(Err(AcceptError::Unavailable(reason.to_owned()))).unwrap_or(());
        }
    }

    /// Answers callers that can retry: nothing was written.
    fn refuse(&mut self, memory: &Memory, reason: &str) {
        self.refuse_accepts(reason);
        for chore in self.chores.drain(..) {
            chore.finish(memory, Err(reason.to_owned()));
        }
    }
}

/// The kernel may wake a thread 50 µs late, to save power; that is as long as the writer waits for settlements.
fn wake_on_time() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1)) {
        tracing::debug!(%error, "the timer slack of the journal's writer cannot be set; events settle a little later");
    }
}

/// Writes a group of work, by kind, in the order that the contract of [`Journal`](fanfare_dispatch::Journal) states.
/// Chores see the database as it was before the settlements of the group, like memory. Settlements come last, when
/// everything that waits for their keys is in place.
fn fill(group: &mut Group<'_>, memory: &Memory, work: &mut Work, landings: &Landings) -> rusqlite::Result<Filled> {
    let mut chores = Vec::with_capacity(work.chores.len());
    for chore in &mut work.chores {
        chores.push(write_chore(group, memory, chore.as_mut())?);
    }
    for hold_back in &work.hold_backs {
        group.hold_back(memory, hold_back)?;
    }
    let accepted = work.accepts.iter().map(|(rows, _)| group.accept(memory, rows)).collect::<rusqlite::Result<_>>()?;
    let emitted = group.emit(memory, &landings.all)?;
    group.settle(memory, &landings.all, &landings.by_event)?;
    Ok(Filled { accepted, chores, emitted })
}

/// A failing chore is rolled back alone and not retried: its caller gets the error and decides.
fn write_chore(group: &mut Group<'_>, memory: &Memory, chore: &mut dyn Chore) -> rusqlite::Result<Result<(), String>> {
    let connection = group.connection;
    connection.prepare_cached("SAVEPOINT chore")?.execute([])?;
    let before = group.state();
    let Err(error) = chore.write(group, memory) else {
        connection.prepare_cached("RELEASE chore")?.execute([])?;
        return Ok(Ok(()));
    };
    if connection.is_autocommit() {
        return Err(error); // SQLite has rolled back the whole transaction
    }
    connection.execute_batch("ROLLBACK TO chore; RELEASE chore")?;
    group.restore(before);
    Ok(Err(error.to_string()))
}

/// Drops settlements. Their deliveries stay in flight, so that a restart finds and repeats them.
fn give_up(work: &Work, error: &rusqlite::Error) {
    for settle in &work.settles {
        let (offset, delivery) = (settle.settlement.offset, settle.settlement.delivery_id());
        tracing::error!(
            %offset, %delivery,
            "a settlement cannot be recorded and is dropped; the delivery will be repeated after a restart: {error}"
        );
    }
    for hold_back in &work.hold_backs {
        tracing::error!(
            channel_id = hold_back.channel.0,
            deliveries = hold_back.offsets.len(),
            "held-back deliveries cannot be recorded; they will continue after a restart: {error}"
        );
    }
}

/// Whether the disk, the memory or the file is at fault, rather than the data.
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

/// Closes the journal for everyone when the writer ends, even by a panic.
pub(crate) struct LastWord(pub(crate) Arc<OpenJournal>);

impl Drop for LastWord {
    fn drop(&mut self) {
        self.0.queue.close();
        if std::thread::panicking() {
            self.0.set_health(Health::Failing("the journal's writer has stopped; restart the daemon".to_owned()));
        }
        for consumer in self.0.memory.consumers() {
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
