//! One channel's position in the event log, in memory.
//!
//! Everything here is quick and synchronous: it runs under the channel's lock, both on lanes and on the writer's
//! thread.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fanfare_core::{
    ChannelId, ChannelName, Offset,
    delivery::{Deferred, Wait},
};
use fanfare_dispatch::{Backlog, Claim, Hold, Token};
use jiff::Timestamp;
use tokio::sync::Notify;

use crate::{
    ahead::Ahead,
    flights::{Flight, Flights},
    keys::{Keys, Rekeyed},
    record,
    retries::{Due, FillFrom, Round, Waiting},
    touch::Touch,
    waits::{Waits, Wanted},
    window::{Kept, Window},
};

/// The maximum number of deliveries that one claim holds back.
const HOLD_BACK: usize = 256;

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

/// The position of a channel: what it has still to hand out, what waits, and what is in flight. Every pending delivery
/// is in exactly one of the three.
#[derive(Debug)]
pub(crate) struct Position {
    channel: ChannelId,
    ahead: Ahead,
    waits: Waits,
    pub(crate) flights: Flights,
    pending: u64,
    /// Which of the begun deliveries wait for others of their key.
    pub(crate) keys: Keys,
    /// A change of the order is being recorded, and nothing is handed out.
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
    /// The token before that of its first claim.
    pub(crate) token: Token,
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
        let Start { cursor, cursor_at, pending, waiting, deferred, oldest_waiting, retry_front, hold, token } = start;
        Self {
            channel,
            ahead: Ahead::new(channel, cursor, cursor_at, pending.saturating_sub(waiting)),
            waits: Waits::new(retry_front, waiting, deferred, oldest_waiting),
            flights: Flights::new(token),
            pending,
            keys: Keys::default(),
            reordering: false,
            hold,
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
        self.flights.hand_out_again(max, None, &mut self.keys, &mut taken.claims);
        let again = taken.claims.len();
        let fresh_waits = !self.ahead.is_empty();
        let quota = match (fresh_waits, max - again) {
            (false, room) => room,
            (true, 1) => usize::from(self.retry_turn),
            (true, room) => room / 2,
        };
        let wanted = Wanted { due: now, before: None };
        self.take_retries(again + quota, wanted, window, &mut taken);
        let retries = taken.claims.len();
        self.take_fresh(max, None, window, &mut taken);
        if fresh_waits && taken.claims.len() == retries && retries < max {
            // New events exist, but none is in memory. Retries do not wait for that read.
            self.take_retries(max, wanted, window, &mut taken);
        }
        if max == 1 && taken.claims.len() > again {
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
        self.flights.hand_out_again(max, Some(before), &mut self.keys, &mut taken.claims);
        self.take_retries(max, Wanted { due: now, before: Some(before) }, window, &mut taken);
        self.take_fresh(max, Some(before), window, &mut taken);
        self.what_to_read(now, window, &mut taken);
        taken
    }

    /// Takes back claims that no attempt was made for.
    pub(crate) fn give_back(&mut self, claims: Vec<Claim>) {
        self.flights.give_back(claims, &mut self.keys);
    }

    /// Whether a read is in progress.
    pub(crate) fn is_reading(&self) -> bool {
        self.ahead.is_reading() || self.waits.is_reading()
    }

    fn take_retries(&mut self, quota: usize, wanted: Wanted, window: &Window, taken: &mut Taken) {
        while taken.claims.len() < quota
            && let Some((due, waiting, kept)) = self.waits.next(wanted, window)
        {
            let token = self.flights.hand_out(due.1, Flight::again(waiting.round, due));
            taken.claims.push(self.claim(kept, &waiting, record::timestamp(due.0), token));
        }
    }

    fn take_fresh(&mut self, max: usize, before: Option<Timestamp>, window: &Window, taken: &mut Taken) {
        let wanted = |kept: &Kept| before.is_none_or(|before| kept.accepted_at <= before);
        while taken.claims.len() < max
            && taken.hold_back.len() < HOLD_BACK
            && let Some(kept) = self.ahead.next(window, wanted)
        {
            self.hand_out(kept, before.is_some(), taken);
        }
        self.ahead.seek(window);
        self.pending = self.pending.saturating_sub(self.ahead.take_lost());
    }

    /// `expired` deliveries are not attempted, so they do not wait for others of their key.
    fn hand_out(&mut self, kept: Kept, expired: bool, taken: &mut Taken) {
        let key = self.keys.of(&kept.event);
        let busy = key.is_some_and(|key| self.keys.is_busy(key));
        let round = Round::live(since(&kept), key.filter(|_| !(expired && busy)));
        match round.key {
            Some(key) if busy => {
                self.keys.begin_hold_back(key);
                self.flights.begin(kept.offset, Flight::held_back(round));
                taken.hold_back.push(kept.offset);
                return;
            }
            Some(key) => self.keys.activate(key),
            None => {}
        }
        let token = self.flights.hand_out(kept.offset, Flight::fresh(round));
        let due = kept.accepted_at;
        taken.claims.push(self.claim(kept, &Waiting { attempts: 0, round, wait: None }, due, token));
    }

    fn claim(&self, kept: Kept, waiting: &Waiting, due: Timestamp, token: Token) -> Claim {
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
            token,
            deadline: None,
        }
    }

    fn what_to_read(&mut self, now: i64, window: &Window, taken: &mut Taken) {
        taken.read = self.ahead.begin_read(window);
        taken.load = self.waits.begin_load(now, window);
        taken.fill = self.waits.begin_fill();
        // A retry that is due but not in memory is being read from disk.
        taken.due = self.waits.first_due().filter(|&due| due > now);
    }

    /// A page of events was read, up to but excluding `to`, which was accepted no earlier than `to_at`. Those in
    /// `unreadable` count as handed out.
    pub(crate) fn page_read(&mut self, page: Vec<Kept>, unreadable: &[(u64, Timestamp)], to: (u64, Option<Timestamp>)) {
        self.ahead.page_read(page, unreadable.len(), to);
        for &(offset, accepted_at) in unreadable {
            self.flights.begin(offset, Flight::fresh(Round::live(accepted_at, None)));
        }
    }

    /// The events of due retries were read. Those in `unreadable` count as handed out.
    pub(crate) fn events_loaded(&mut self, events: Vec<Kept>, unreadable: &[u64]) {
        self.waits.loaded(events);
        for &offset in unreadable {
            if let Some((due, waiting)) = self.waits.take_unreadable(offset) {
                self.flights.begin(offset, Flight::again(waiting.round, due));
            }
        }
    }

    /// The next waiting deliveries were read.
    pub(crate) fn retries_filled(&mut self, from: FillFrom, page: Vec<(Due, Waiting)>, complete: bool) {
        self.waits.filled(from, page, complete, |offset| self.flights.has_again(offset));
    }

    /// A read failed. The next claim reports it, and the one after that retries.
    pub(crate) fn read_failed(&mut self, what: Reading, reason: String) {
        match what {
            Reading::Page => self.ahead.not_read(),
            Reading::Load => self.waits.not_loaded(),
            Reading::Fill(from) => self.waits.not_filled(from),
        }
        self.failed = Some(reason);
    }

    /// `count` events for this channel were committed, beginning at `first`.
    pub(crate) fn accepted(&mut self, count: u64, first: u64, first_at: Timestamp) {
        self.ahead.accepted(count, first, first_at);
        self.pending += count;
    }

    /// `count` deliveries of this channel were begun again.
    pub(crate) fn redriven(&mut self, count: u64) {
        self.pending += count;
    }

    /// Whether a delivery is in flight or has not been handed out yet. Waiting deliveries are found by their row in
    /// `retries` instead.
    pub(crate) fn is_under_way(&self, offset: u64, targeted: bool) -> bool {
        targeted && self.ahead.has(offset) || self.flights.has(offset)
    }

    /// Takes a waiting delivery out of turn. It is in flight from now on.
    pub(crate) fn take_waiting(&mut self, due: Due, waiting: Waiting) {
        let offset = due.1;
        if !self.flights.take_out_of_turn(offset, &mut self.keys) {
            self.waits.take(offset, waiting.wait);
            self.flights.begin(offset, Flight::again(waiting.round, due));
        }
    }

    /// Takes a delivery that was not handed out yet out of turn; its event was accepted at `since`. It is in flight
    /// from now on. Returns whether there is such a delivery.
    pub(crate) fn take_ahead(&mut self, offset: u64, since: Timestamp) -> bool {
        if self.flights.take_out_of_turn(offset, &mut self.keys) {
            return true;
        }
        let ahead = self.ahead.has(offset) && !self.flights.has(offset);
        if ahead {
            self.ahead.skip([offset]);
            self.flights.begin(offset, Flight::fresh(Round::live(since, None)));
        }
        ahead
    }

    /// Deliveries deferred for these reasons are due now.
    pub(crate) fn reconsidered(&mut self, waits: &[Wait], retry_front: usize) {
        waits.iter().for_each(|wait| self.waits.reconsidered(*wait, None));
        self.flights.reconsidered(|_, wait| waits.contains(&wait));
        self.rows_rewritten(retry_front);
    }

    /// These deliveries were deferred for quiet hours and are due now.
    pub(crate) fn no_longer_quiet(&mut self, offsets: &[u64], retry_front: usize) {
        // A delivery in flight no longer counts as waiting.
        let waiting = offsets.iter().filter(|offset| !self.flights.has_again(**offset)).count();
        self.waits.reconsidered(Wait::Quiet, Some(waiting));
        self.flights.reconsidered(|offset, wait| wait == Wait::Quiet && offsets.contains(&offset));
        self.rows_rewritten(retry_front);
    }

    /// Stops handing out deliveries until `reordered` or `not_reordered`, because a claim would get a key of the old
    /// order. Returns the offsets that are handed out and those that are held back.
    pub(crate) fn begin_reordering(&mut self) -> (Vec<u64>, Vec<u64>) {
        self.reordering = true;
        self.flights.by_stage()
    }

    pub(crate) fn not_reordered(&mut self) {
        self.reordering = false;
    }

    /// The order has changed: the keys of those in flight are known, and the rows of the others were rewritten.
    pub(crate) fn reordered(&mut self, attribute: Option<String>, rekeyed: &Rekeyed, retry_front: usize) {
        self.reordering = false;
        let given_back = self.flights.rekey(&rekeyed.keys);
        self.keys.replace(attribute, rekeyed, given_back.into_iter());
        self.rows_rewritten(retry_front);
    }

    /// Any of the channel's rows in `retries` may have changed.
    pub(crate) fn rows_rewritten(&mut self, retry_front: usize) {
        self.waits.rewritten(retry_front);
    }

    /// The offset up to which no targeted event is in flight or ahead of the cursor. `last` is the last committed
    /// event; `leaving`, in ascending order, leave the flight with the current commit.
    pub(crate) fn floor(&self, last: u64, leaving: &[u64]) -> u64 {
        let ahead = self.ahead.first().unwrap_or(last + 1);
        self.flights.lowest(leaving).map_or(ahead, |flying| ahead.min(flying)).saturating_sub(1)
    }

    /// Applies what a commit changed for deliveries that had begun.
    pub(crate) fn committed(&mut self, touch: &Touch) {
        touch.leaving.iter().for_each(|&offset| self.flights.land(offset));
        self.ahead.skip(touch.early.iter().copied());
        self.pending = self.pending.saturating_sub(touch.ended.len() as u64);
        self.waits.committed(touch);
        if let Some(hold) = &touch.hold {
            self.hold.clone_from(hold);
        }
        touch.follow_keys(&mut self.keys);
    }

    pub(crate) fn backlog(&self, window: &Window) -> Backlog {
        let ahead = self.ahead.oldest(window);
        let due = self.waits.first_due().map(record::timestamp);
        Backlog {
            pending: self.pending,
            in_flight: self.flights.len() as u64,
            waiting: self.waits.count(),
            deferred: self.waits.deferred(),
            oldest: [ahead, self.flights.oldest(), self.waits.oldest()].into_iter().flatten().min(),
            due: [ahead, due, self.flights.due()].into_iter().flatten().min(),
        }
    }

    /// How many events or due times this channel keeps in memory: read ahead, waiting, in flight.
    pub(crate) fn usage(&self) -> (usize, usize, usize) {
        let (loaded, waiting) = self.waits.in_memory();
        (self.ahead.in_memory() + loaded, waiting, self.flights.len())
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
