//! A channel's waiting deliveries: its rows in `retries`, of which memory has the ones that are due first.

use std::collections::HashMap;

use fanfare_core::delivery::{Deferred, Wait};
use jiff::Timestamp;

use crate::{
    keys::NEVER,
    retries::{Due, FillFrom, Retries, Waiting},
    touch::Touch,
    window::{Kept, Window},
};

/// The maximum number of events of due retries that one read fetches.
const LOAD: usize = 64;

/// Which waiting deliveries a claim takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Those that are due by then, in microseconds.
    pub(crate) due: i64,
    /// Of them only those that began then or earlier.
    pub(crate) before: Option<Timestamp>,
}

/// The counts are those of all rows that do not belong to deliveries in flight.
#[derive(Debug)]
pub(crate) struct Waits {
    retries: Retries,
    /// Events of due deliveries, read from disk.
    loaded: HashMap<u64, Kept>,
    /// Such events are being read.
    loading: bool,
    count: u64,
    deferred: Deferred,
    oldest: Option<Timestamp>,
}

impl Waits {
    /// `front` is the number of due times in memory.
    pub(crate) fn new(front: usize, count: u64, deferred: Deferred, oldest: Option<Timestamp>) -> Self {
        let retries = Retries::new(front, count > 0);
        Self { retries, loaded: HashMap::new(), loading: false, count, deferred, oldest }
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn deferred(&self) -> Deferred {
        self.deferred
    }

    /// When the oldest of them was accepted.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        self.oldest
    }

    /// The earliest due time in memory.
    pub(crate) fn first_due(&self) -> Option<i64> {
        self.retries.first_due()
    }

    pub(crate) fn is_reading(&self) -> bool {
        self.loading || self.retries.is_filling()
    }

    /// The number of events, and that of due times, in memory.
    pub(crate) fn in_memory(&self) -> (usize, usize) {
        (self.loaded.len(), self.retries.in_memory())
    }

    /// Takes the first that is wanted and whose event is in memory.
    pub(crate) fn next(&mut self, wanted: Wanted, window: &Window) -> Option<(Due, Waiting, Kept)> {
        let loaded = &self.loaded;
        let fits = |offset, waiting: &Waiting| {
            let at_hand = loaded.contains_key(&offset) || window.get(offset).is_some();
            at_hand && wanted.before.is_none_or(|before| waiting.round.since <= before)
        };
        let (due, waiting) = self.retries.take(wanted.due, fits)?;
        let kept = self.loaded.remove(&due.1).or_else(|| window.get(due.1).map(|slot| slot.kept.clone()))?;
        self.remove(waiting.wait);
        Some((due, waiting, kept))
    }

    /// Takes one out of turn, whether memory has it or not.
    pub(crate) fn take(&mut self, offset: u64, wait: Option<Wait>) {
        let _in_memory = self.retries.take(i64::MAX, |have, _| have == offset);
        self.loaded.remove(&offset);
        self.remove(wait);
    }

    /// Takes one whose event is unreadable.
    pub(crate) fn take_unreadable(&mut self, offset: u64) -> Option<(Due, Waiting)> {
        let taken = self.retries.take(i64::MAX, |have, _| have == offset);
        taken.inspect(|(_, waiting)| self.remove(waiting.wait))
    }

    fn remove(&mut self, wait: Option<Wait>) {
        self.count = self.count.saturating_sub(1);
        wait.into_iter().for_each(|wait| self.deferred.remove(wait));
    }

    /// Due deliveries whose events must be read. If there are any, must be followed by `loaded` or `not_loaded`.
    pub(crate) fn begin_load(&mut self, now: i64, window: &Window) -> Vec<u64> {
        if self.loading {
            return vec![];
        }
        let missing = |offset: &u64| !self.loaded.contains_key(offset) && window.get(*offset).is_none();
        let room = LOAD.saturating_sub(self.loaded.len());
        let load: Vec<_> = self.retries.due(now).filter(missing).take(room).collect();
        self.loading = !load.is_empty();
        load
    }

    pub(crate) fn loaded(&mut self, events: Vec<Kept>) {
        self.loading = false;
        self.loaded.extend(events.into_iter().map(|kept| (kept.offset, kept)));
    }

    pub(crate) fn not_loaded(&mut self) {
        self.loading = false;
    }

    /// Where to read the next due times. Must be followed by `filled` or `not_filled`.
    pub(crate) fn begin_fill(&mut self) -> Option<FillFrom> {
        self.retries.begin_fill()
    }

    /// Due times were read; those in flight are not waiting.
    pub(crate) fn filled(
        &mut self,
        from: FillFrom,
        page: Vec<(Due, Waiting)>,
        complete: bool,
        in_flight: impl Fn(u64) -> bool,
    ) {
        self.retries.filled(from, page, complete, in_flight);
    }

    pub(crate) fn not_filled(&mut self, from: FillFrom) {
        self.retries.not_filled(from);
    }

    /// Applies a commit.
    pub(crate) fn committed(&mut self, touch: &Touch) {
        self.count += touch.waiting.len() as u64;
        for wait in touch.waiting.iter().filter_map(|(_, waiting)| waiting.wait) {
            self.deferred.add(wait, 1);
        }
        for &offset in &touch.ended {
            self.retries.ended(offset);
        }
        for &(due, waiting) in touch.waiting.iter().filter(|(due, _)| due.0 != NEVER).chain(&touch.released) {
            self.retries.insert(due, waiting);
        }
        if let Some(oldest) = touch.oldest_waiting {
            self.oldest = oldest;
        }
    }

    /// Deliveries deferred for this reason are due: all of them, or that many.
    pub(crate) fn reconsidered(&mut self, wait: Wait, count: Option<usize>) {
        match count {
            None => self.deferred.clear(wait),
            Some(count) => (0..count).for_each(|_| self.deferred.remove(wait)),
        }
    }

    /// Any of the rows may have changed.
    pub(crate) fn rewritten(&mut self, front: usize) {
        self.retries = self.retries.renewed(front, self.count > 0);
    }
}
