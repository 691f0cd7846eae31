//! One channel's position in the event log, in memory.
//!
//! Everything here is quick and synchronous: it runs under the channel's lock, both on lanes and on the writer's
//! thread.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fanfare_core::{
    ChannelId, ChannelName, Offset,
    delivery::{Deferred, Wait},
};
use fanfare_dispatch::{Backlog, Claim, Hold};
use jiff::Timestamp;
use tokio::sync::Notify;

use crate::{
    keys::{Key, Keys, NEVER},
    record,
    retries::{Due, FillFrom, Retries, Round, Waiting},
    touch::Touch,
    window::{Kept, Window},
};

/// The maximum number of deliveries that one claim holds back.
const HOLD_BACK: usize = 256;

/// The maximum number of events of due retries that one read fetches.
const LOAD: usize = 64;

/// A channel as a consumer of the event log.
#[derive(Debug)]
pub(crate) struct Consumer {
    pub(crate) id: ChannelId,
    pub(crate) name: ChannelName,
    position: Mutex<Position>,
    /// Wakes every claim that waits on this channel.
    pub(crate) wake: Notify,
    /// How far the search for late deliveries has come.
    looked: Mutex<Looked>,
}

impl Consumer {
    pub(crate) fn new(id: ChannelId, name: ChannelName, position: Position) -> Arc<Self> {
        Arc::new(Self { id, name, position: Mutex::new(position), wake: Notify::new(), looked: Mutex::default() })
    }

    pub(crate) fn looked(&self) -> Looked {
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn look_on_from(&self, looked: Looked) {
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = looked;
    }

    pub(crate) fn position(&self) -> MutexGuard<'_, Position> {
        self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far the search for late deliveries of a channel has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looked {
    /// Microseconds: waiting deliveries that began up to this time have been checked.
    pub(crate) since: i64,
    /// Events up to this offset have been checked.
    pub(crate) offset: u64,
}

impl Default for Looked {
    fn default() -> Self {
        Self { since: i64::MIN, offset: 0 }
    }
}

/// A claimed delivery.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flight {
    pub(crate) round: Round,
    /// Present if it has a row in `retries`.
    pub(crate) retry: Option<Due>,
    /// Not handed out: about to be recorded as waiting behind another delivery of its key.
    pub(crate) held_back: bool,
}

impl Flight {
    fn fresh(round: Round) -> Self {
        Self { round, retry: None, held_back: false }
    }
}

/// The position of a channel.
#[derive(Debug)]
pub(crate) struct Position {
    channel: ChannelId,
    /// Every targeted event before this offset has been handed out or is in `ready`.
    cursor: u64,
    /// When the next targeted event was accepted, or, to save a read, an event shortly before it.
    cursor_at: Option<Timestamp>,
    /// The number of targeted events at or after the cursor. While it is 0, the cursor has no meaning and jumps to the
    /// next targeted event.
    unread: u64,
    /// Read from disk, not handed out yet.
    ready: VecDeque<Kept>,
    reading: bool,
    retries: Retries,
    /// Events of due retries, read from disk.
    loaded: HashMap<u64, Kept>,
    loading: bool,
    /// First attempts in flight. They keep the floor down.
    fresh: BTreeMap<u64, Flight>,
    /// Retries in flight.
    again: HashMap<u64, Flight>,
    /// Ahead of the cursor and taken out of turn. The cursor skips them.
    early: BTreeSet<u64>,
    pending: u64,
    waiting: u64,
    deferred: Deferred,
    oldest_waiting: Option<Timestamp>,
    /// Which of the begun deliveries wait for others of their key.
    pub(crate) keys: Keys,
    /// A change of the order is being recorded.
    reordering: bool,
    /// As of the last commit.
    pub(crate) hold: Option<Hold>,
    /// A channel that claims one delivery at a time alternates between retries and new events.
    retry_turn: bool,
    /// Why the last read failed.
    pub(crate) failed: Option<String>,
}

/// The initial values of a channel when the journal is opened.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) cursor: u64,
    pub(crate) cursor_at: Option<Timestamp>,
    pub(crate) pending: u64,
    pub(crate) waiting: u64,
    pub(crate) deferred: Deferred,
    pub(crate) oldest_waiting: Option<Timestamp>,
    pub(crate) retry_front: usize,
    pub(crate) hold: Option<Hold>,
}

/// The result of a claim.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) claims: Vec<Claim>,
    /// Deliveries to record as waiting behind others of their key.
    pub(crate) hold_back: Vec<u64>,
    /// A range of events to read: `[from, to)`.
    pub(crate) read: Option<(u64, u64)>,
    /// Due retries whose events must be read.
    pub(crate) load: Vec<u64>,
    /// Read the next waiting deliveries after this one.
    pub(crate) fill: Option<FillFrom>,
    /// When the next retry is due, in microseconds.
    pub(crate) due: Option<i64>,
}

impl Position {
    pub(crate) fn new(channel: ChannelId, start: Start) -> Self {
        Self {
            channel,
            cursor: start.cursor,
            cursor_at: start.cursor_at,
            unread: start.pending.saturating_sub(start.waiting),
            ready: VecDeque::new(),
            reading: false,
            retries: Retries::new(start.retry_front, start.waiting > 0),
            loaded: HashMap::new(),
            loading: false,
            fresh: BTreeMap::new(),
            again: HashMap::new(),
            early: BTreeSet::new(),
            pending: start.pending,
            waiting: start.waiting,
            deferred: start.deferred,
            oldest_waiting: start.oldest_waiting,
            keys: Keys::default(),
            reordering: false,
            hold: start.hold,
            retry_turn: false,
            failed: None,
        }
    }

    /// Takes up to `max` deliveries, and reports what must be read to find more.
    pub(crate) fn take(&mut self, max: usize, now: i64, window: &Window) -> Taken {
        let mut taken = Taken::default();
        if self.reordering {
            return taken;
        }
        let fresh_waits = !self.ready.is_empty() || self.unread > 0;
        let quota = match (fresh_waits, max) {
            (false, _) => max,
            (true, 1) => usize::from(self.retry_turn),
            (true, _) => max / 2,
        };
        self.take_retries(quota, now, None, window, &mut taken);
        let retries = taken.claims.len();
        self.take_fresh(max, None, window, &mut taken);
        if fresh_waits && taken.claims.len() == retries && retries < max {
            // New events exist, but none is in memory. Retries do not wait for that read.
            self.take_retries(max, now, None, window, &mut taken);
        }
        if max == 1 && !taken.claims.is_empty() {
            self.retry_turn = !self.retry_turn;
        }
        self.what_to_read(now, window, &mut taken);
        taken
    }

    /// Takes up to `max` deliveries that began at `before` or earlier.
    pub(crate) fn take_expired(&mut self, max: usize, now: i64, before: Timestamp, window: &Window) -> Taken {
        let mut taken = Taken::default();
        if self.reordering {
            return taken;
        }
        self.take_retries(max, now, Some(before), window, &mut taken);
        self.take_fresh(max, Some(before), window, &mut taken);
        self.what_to_read(now, window, &mut taken);
        taken
    }

    /// Whether a read is in progress.
    pub(crate) fn is_reading(&self) -> bool {
        self.reading || self.loading || self.retries.is_filling()
    }

    fn take_retries(&mut self, quota: usize, now: i64, before: Option<Timestamp>, window: &Window, taken: &mut Taken) {
        while taken.claims.len() < quota {
            let loaded = &self.loaded;
            let wanted = |offset, waiting: &Waiting| {
                let at_hand = loaded.contains_key(&offset) || window.get(offset).is_some();
                at_hand && before.is_none_or(|before| waiting.round.since <= before)
            };
            let Some((due, waiting)) = self.retries.take(now, wanted) else { break };
            let Some(kept) = self.loaded.remove(&due.1).or_else(|| window.get(due.1).map(|slot| slot.kept.clone()))
            else {
                break;
            };
            self.no_longer_waits(waiting.wait);
            self.again.insert(due.1, Flight { round: waiting.round, retry: Some(due), held_back: false });
            taken.claims.push(self.claim(kept, &waiting, record::timestamp(due.0)));
        }
    }

    fn take_fresh(&mut self, max: usize, before: Option<Timestamp>, window: &Window, taken: &mut Taken) {
        let wanted = |kept: &Kept| before.is_none_or(|before| kept.accepted_at <= before);
        let full = |taken: &Taken| taken.claims.len() >= max || taken.hold_back.len() >= HOLD_BACK;
        while !full(taken)
            && self.ready.front().is_some_and(wanted)
            && let Some(kept) = self.ready.pop_front()
        {
            self.hand_out(kept, before.is_some(), taken);
        }
        if !self.ready.is_empty() || self.unread == 0 || self.cursor < window.start() {
            return;
        }
        while !full(taken) && self.unread > 0 {
            let Some(kept) = self.seek(window) else { return };
            if !wanted(&kept) {
                return;
            }
            self.cursor = kept.offset + 1;
            self.unread -= 1;
            self.hand_out(kept, before.is_some(), taken);
        }
        if self.unread > 0 {
            self.seek(window);
        }
    }

    /// Moves the cursor to the next targeted event in the window.
    fn seek(&mut self, window: &Window) -> Option<Kept> {
        if let Some(kept) = window.next_for(self.channel, self.cursor) {
            self.cursor = kept.offset;
            self.cursor_at = Some(kept.accepted_at);
            return Some(kept.clone());
        }
        // Rows are missing or unreadable. Waiting for them would never end.
        tracing::error!(
            channel_id = self.channel.0,
            events = self.unread,
            "the journal counts events that it cannot \
            find"
        );
        self.pending = self.pending.saturating_sub(self.unread);
        self.unread = 0;
        None
    }

    /// `expired` deliveries are not attempted, so they do not wait for others of their key.
    fn hand_out(&mut self, kept: Kept, expired: bool, taken: &mut Taken) {
        if self.early.remove(&kept.offset) {
            return;
        }
        let key = self.keys.of(&kept.event);
        let busy = key.is_some_and(|key| self.keys.is_busy(key));
        let round = Round::live(since(&kept), key.filter(|_| !(expired && busy)));
        let held_back = round.key.is_some() && busy;
        self.fresh.insert(kept.offset, Flight { held_back, ..Flight::fresh(round) });
        match round.key {
            Some(key) if busy => {
                self.keys.begin_hold_back(key);
                taken.hold_back.push(kept.offset);
                return;
            }
            Some(key) => self.keys.activate(key),
            None => {}
        }
        let due = kept.accepted_at;
        taken.claims.push(self.claim(kept, &Waiting { attempts: 0, round, wait: None }, due));
    }

    fn claim(&self, kept: Kept, waiting: &Waiting, due: Timestamp) -> Claim {
        let Waiting { attempts, round, wait: deferred } = *waiting;
        Claim {
            channel: self.channel,
            offset: Offset(kept.offset),
            key: kept.key,
            event: kept.event,
            since: round.since,
            attempts,
            origin: round.origin,
            due,
            deferred,
        }
    }

    fn what_to_read(&mut self, now: i64, window: &Window, taken: &mut Taken) {
        if !self.reading && self.ready.is_empty() && self.unread > 0 && self.cursor < window.start() {
            self.reading = true;
            taken.read = Some((self.cursor, window.start()));
        }
        if !self.loading {
            let missing = |offset: &u64| !self.loaded.contains_key(offset) && window.get(*offset).is_none();
            let room = LOAD.saturating_sub(self.loaded.len());
            taken.load = self.retries.due(now).filter(missing).take(room).collect();
            self.loading = !taken.load.is_empty();
        }
        taken.fill = self.retries.begin_fill();
        // A retry that is due but not in memory is being read from disk.
        taken.due = self.retries.first_due().filter(|&due| due > now);
    }

    /// A page of events was read, up to but excluding `to`, which was accepted no earlier than `to_at`. Those in
    /// `unreadable` count as handed out.
    pub(crate) fn page_read(&mut self, page: Vec<Kept>, unreadable: &[(u64, Timestamp)], to: (u64, Option<Timestamp>)) {
        self.reading = false;
        self.unread = self.unread.saturating_sub((page.len() + unreadable.len()) as u64);
        self.cursor = to.0;
        self.cursor_at = to.1.or(self.cursor_at);
        self.ready.extend(page);
        for &(offset, accepted_at) in unreadable {
            self.fresh.insert(offset, Flight::fresh(Round::live(accepted_at, None)));
        }
    }

    /// The events of due retries were read. Those in `unreadable` count as handed out.
    pub(crate) fn events_loaded(&mut self, events: Vec<Kept>, unreadable: &[u64]) {
        self.loading = false;
        self.loaded.extend(events.into_iter().map(|kept| (kept.offset, kept)));
        for &offset in unreadable {
            if let Some((due, waiting)) = self.retries.take(i64::MAX, |have, _| have == offset) {
                self.again.insert(offset, Flight { round: waiting.round, retry: Some(due), held_back: false });
                self.no_longer_waits(waiting.wait);
            }
        }
    }

    /// The next waiting deliveries were read.
    pub(crate) fn retries_filled(&mut self, from: FillFrom, page: Vec<(Due, Waiting)>, complete: bool) {
        let again = &self.again;
        self.retries.filled(from, page, complete, |offset| again.contains_key(&offset));
    }

    /// A read failed. The next claim reports it, and the one after that retries.
    pub(crate) fn read_failed(&mut self, what: Reading, reason: String) {
        match what {
            Reading::Page => self.reading = false,
            Reading::Load => self.loading = false,
            Reading::Fill(from) => self.retries.not_filled(from),
        }
        self.failed = Some(reason);
    }

    /// `count` events for this channel were committed, beginning at `first`.
    pub(crate) fn accepted(&mut self, count: u64, first: u64, first_at: Timestamp) {
        if self.unread == 0 {
            self.cursor = first;
            self.cursor_at = Some(first_at);
        }
        self.unread += count;
        self.pending += count;
    }

    /// `count` deliveries of this channel were begun again.
    pub(crate) fn redriven(&mut self, count: u64) {
        self.pending += count;
    }

    /// Whether a delivery is in flight or has not been handed out yet. Waiting deliveries are found by their row in
    /// `retries` instead.
    pub(crate) fn is_under_way(&self, offset: u64, targeted: bool) -> bool {
        let ahead = match self.ready.front() {
            Some(kept) => offset >= kept.offset,
            None => self.unread > 0 && offset >= self.cursor,
        };
        targeted && ahead && !self.early.contains(&offset)
            || self.fresh.contains_key(&offset)
            || self.again.contains_key(&offset)
    }

    /// Takes a waiting delivery out of turn. It is in flight from now on.
    pub(crate) fn take_waiting(&mut self, due: Due, waiting: Waiting) {
        let offset = due.1;
        // Memory holds only the ones that are due first.
        let _in_memory = self.retries.take(i64::MAX, |have, _| have == offset);
        self.loaded.remove(&offset);
        self.no_longer_waits(waiting.wait);
        self.again.insert(offset, Flight { round: waiting.round, retry: Some(due), held_back: false });
    }

    fn no_longer_waits(&mut self, wait: Option<Wait>) {
        self.waiting = self.waiting.saturating_sub(1);
        if let Some(wait) = wait {
            self.deferred.remove(wait);
        }
    }

    /// Deliveries deferred for these reasons are due now.
    pub(crate) fn reconsidered(&mut self, waits: &[Wait], retry_front: usize) {
        waits.iter().for_each(|wait| self.deferred.clear(*wait));
        self.rows_rewritten(retry_front);
    }

    /// These deliveries were deferred for quiet hours and are due now.
    pub(crate) fn no_longer_quiet(&mut self, offsets: &[u64], retry_front: usize) {
        // A delivery in flight no longer counts as waiting.
        let waiting = offsets.iter().filter(|offset| !self.again.contains_key(offset)).count();
        (0..waiting).for_each(|_| self.deferred.remove(Wait::Quiet));
        self.rows_rewritten(retry_front);
    }

    /// Takes a delivery that was not handed out yet out of turn; its event was accepted at `since`. It is in flight
    /// from now on. Returns whether there is such a delivery.
    pub(crate) fn take_ahead(&mut self, offset: u64, since: Timestamp) -> bool {
        let ahead = self.is_under_way(offset, true) && self.flight(offset).is_none();
        if ahead {
            self.early.insert(offset);
            self.fresh.insert(offset, Flight::fresh(Round::live(since, None)));
        }
        ahead
    }

    /// Stops handing out deliveries until `reordered` or `not_reordered`, because a claim would get a key of the old
    /// order. Returns the offsets that are handed out and those that are held back.
    pub(crate) fn begin_reordering(&mut self) -> (Vec<u64>, Vec<u64>) {
        self.reordering = true;
        let flights = self.fresh.iter().chain(&self.again);
        let (held_back, handed_out): (Vec<_>, Vec<_>) = flights.partition(|(_, flight)| flight.held_back);
        let offsets = |flights: Vec<(&u64, &Flight)>| flights.into_iter().map(|(&offset, _)| offset).collect();
        (offsets(handed_out), offsets(held_back))
    }

    pub(crate) fn not_reordered(&mut self) {
        self.reordering = false;
    }

    /// The order has changed: the keys of those in flight are known, and the rows of the others were rewritten.
    pub(crate) fn reordered(&mut self, keys: &BTreeMap<u64, Key>, retry_front: usize) {
        self.reordering = false;
        for (offset, flight) in self.fresh.iter_mut() {
            flight.round.key = keys.get(offset).copied();
        }
        for (offset, flight) in &mut self.again {
            flight.round.key = keys.get(offset).copied();
        }
        self.rows_rewritten(retry_front);
    }

    /// Any of the channel's rows in `retries` may have changed.
    pub(crate) fn rows_rewritten(&mut self, retry_front: usize) {
        self.retries = self.retries.renewed(retry_front, self.waiting > 0);
    }

    /// The delivery at `offset`, if it is in flight. It stays in flight until its settlement has been committed.
    pub(crate) fn flight(&self, offset: u64) -> Option<Flight> {
        self.fresh.get(&offset).or_else(|| self.again.get(&offset)).copied()
    }

    /// The offset up to which no targeted event is in flight or ahead of the cursor. `last` is the last committed
    /// event; `leaving`, in ascending order, leave the flight with the current commit.
    pub(crate) fn floor(&self, last: u64, leaving: &[u64]) -> u64 {
        let ahead = match self.ready.front() {
            Some(kept) => kept.offset,
            None if self.unread > 0 => self.cursor,
            None => last + 1,
        };
        let mut leaving = leaving.iter().copied().peekable();
        let stays = |offset: &&u64| {
            while leaving.next_if(|left| left < *offset).is_some() {}
            leaving.peek() != Some(*offset)
        };
        let flying = self.fresh.keys().find(stays).copied().unwrap_or(u64::MAX);
        ahead.min(flying).saturating_sub(1)
    }

    /// Applies what a commit changed for deliveries that had begun.
    pub(crate) fn committed(&mut self, touch: &Touch) {
        for offset in &touch.leaving {
            if self.fresh.remove(offset).is_none() {
                self.again.remove(offset);
            }
        }
        self.early.extend(&touch.early);
        self.pending = self.pending.saturating_sub(touch.ended.len() as u64);
        self.waiting += touch.waiting.len() as u64;
        for wait in touch.waiting.iter().filter_map(|(_, waiting)| waiting.wait) {
            self.deferred.add(wait, 1);
        }
        for &offset in &touch.ended {
            self.retries.ended(offset);
        }
        for &(due, waiting) in touch.waiting.iter().filter(|(due, _)| due.0 != NEVER) {
            self.retries.insert(due, waiting);
        }
        for &(due, waiting) in &touch.released {
            self.retries.insert(due, waiting);
        }
        if let Some(oldest) = touch.oldest_waiting {
            self.oldest_waiting = oldest;
        }
        if let Some(hold) = &touch.hold {
            self.hold.clone_from(hold);
        }
        touch.follow_keys(&mut self.keys);
    }

    pub(crate) fn backlog(&self, window: &Window) -> Backlog {
        let at_cursor = || {
            let in_window = window.next_for(self.channel, self.cursor).map(|kept| kept.accepted_at);
            if self.cursor >= window.start() { in_window } else { self.cursor_at }
        };
        let ahead = match self.ready.front() {
            Some(kept) => Some(kept.accepted_at),
            None if self.unread > 0 => at_cursor(),
            None => None,
        };
        let flying = self.fresh.values().next().map(|flight| flight.round.since);
        Backlog {
            pending: self.pending,
            in_flight: (self.fresh.len() + self.again.len()) as u64,
            waiting: self.waiting,
            deferred: self.deferred,
            oldest: [ahead, flying, self.oldest_waiting].into_iter().flatten().min(),
            due: [ahead, self.retries.first_due().map(record::timestamp)].into_iter().flatten().min(),
        }
    }

    /// How many events or due times this channel keeps in memory: read ahead, waiting, in flight.
    pub(crate) fn usage(&self) -> (usize, usize, usize) {
        (self.ready.len() + self.loaded.len(), self.retries.in_memory(), self.fresh.len() + self.again.len())
    }
}

/// When the delivery of an event began: at its acceptance, or at the later time that it names.
pub(crate) fn since(kept: &Kept) -> Timestamp {
    kept.event.deliver_at().map_or(kept.accepted_at, |at| record::rounded(at.max(kept.accepted_at)))
}

/// What is being read for a channel.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reading {
    Page,
    Load,
    Fill(FillFrom),
}
