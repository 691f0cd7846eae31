//! The writer's queue: bounded, with separate space for settlements.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use fanfare_dispatch::{AcceptError, Accepted, Haste};
use tokio::sync::{Notify, oneshot};

use crate::{
    Options,
    chore::Chore,
    pace::Pace,
    prepared::{HoldBack, Row, Settle},
};

/// A full queue drains within about one commit.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Work for the writer.
pub(crate) enum Command {
    Accept {
        rows: Vec<Row>,
        answer: oneshot::Sender<Result<Vec<Accepted>, AcceptError>>,
    },
    Settle {
        #[allow(clippy::vec_box, reason = "settlements move on as the queue has them")]
        settles: Vec<Box<Settle>>,
        /// The greatest one of them.
        haste: Haste,
    },
    HoldBack(HoldBack),
    /// Infrequent work.
    Chore(Box<dyn Chore>),
}

impl Command {
    #[allow(clippy::vec_box, reason = "settlements move on as the queue has them")]
    fn settle(settles: Vec<Box<Settle>>) -> Self {
        let haste = settles.iter().map(|settle| settle.settlement.haste).max().unwrap_or_default();
        Self::Settle { settles, haste }
    }

    /// The number and bytes of accepted events in it.
    fn accept_size(&self) -> (usize, usize) {
        match self {
            Self::Accept { rows, .. } => (rows.len(), rows.iter().map(|row| row.text.len()).sum()),
            Self::Settle { .. } | Self::HoldBack(_) | Self::Chore(_) => (0, 0),
        }
    }

    /// How much of a group it takes.
    fn weight(&self) -> usize {
        match self {
            Self::Accept { rows, .. } => rows.len().max(1),
            Self::HoldBack(hold_back) => hold_back.offsets.len().max(1),
            Self::Settle { settles, .. } => settles.len().max(1),
            Self::Chore(_) => 1,
        }
    }

    fn settlements(&self) -> usize {
        if let Self::Settle { settles, .. } = self { settles.len() } else { 0 }
    }

    fn is_settlements(&self) -> bool {
        matches!(self, Self::Settle { .. })
    }

    fn is_accept(&self) -> bool {
        matches!(self, Self::Accept { .. })
    }

    /// Whether it is settlements that need no commit of their own.
    fn can_wait(&self) -> bool {
        matches!(self, Self::Settle { haste: Haste::CanWait, .. })
    }

    /// Whether it is settlements that wait for nothing.
    fn is_at_once(&self) -> bool {
        matches!(self, Self::Settle { haste: Haste::AtOnce, .. })
    }

    /// Whether it needs a commit of its own.
    fn is_alone(&self) -> bool {
        matches!(self, Self::Chore(chore) if chore.is_alone())
    }
}

/// Settlements that can wait are committed after this long at the latest. Those of an event then meet in one row, and
/// those of many events in one page.
const PATIENCE: Duration = Duration::from_millis(10);

/// From this age on they join a commit that is made for others.
const JOINS: Duration = Duration::from_millis(5);

/// Prompt settlements alone wait for more at most this long, because each saved commit saves an fsync.
const LINGER: Duration = Duration::from_millis(2);

/// They wait for this long, and again and again as long as they have waited, until none has arrived meanwhile. Those of
/// one event arrive closer together; so at a low rate an event settles without delay, and at a high rate the writer
/// wakes a few times per commit.
const GAP: Duration = Duration::from_micros(60);

/// This many settlements are committed without waiting for more.
const ENOUGH_SETTLEMENTS: usize = 512;

/// While many events come in small commits, few of them wait for more at most this long. Most commits had only one
/// otherwise, and each writes the same five pages again.
const FILLS: Duration = Duration::from_millis(1);

/// This many events are committed without waiting for more.
const ENOUGH_EVENTS: usize = 16;

pub(crate) struct Queue {
    inner: Mutex<Inner>,
    /// Wakes the writer.
    work: Condvar,
    /// Wakes the first of the callers that wait for space for settlements.
    room: Notify,
    /// The callers that wait for space, in order. Without it, a few of a thousand busy channels would get all of it.
    line: tokio::sync::Mutex<()>,
    entries: usize,
    bytes: usize,
    settlements: usize,
}

#[derive(Default)]
struct Inner {
    commands: VecDeque<Command>,
    /// What can wait. Events accepted meanwhile are committed before it, as if the attempts had taken longer; nothing
    /// else is.
    patient: VecDeque<Command>,
    /// Since when the first of them has waited.
    since: Option<Instant>,
    /// How many of the commands are not settlements.
    others: usize,
    /// How many of the commands are events.
    accepts: usize,
    /// How many of the commands are settlements that wait for nothing.
    at_once: usize,
    entries: usize,
    bytes: usize,
    /// The settlements of the commands.
    settlements: usize,
    /// The settlements that can wait.
    waiting: usize,
    pace: Pace,
    closed: bool,
}

/// Whether the writer may take what is queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readiness {
    Empty,
    /// Only what can wait, and little of it.
    Patient,
    /// Only settlements, and few: it lingers for more.
    MayGrow,
    /// Few events, and perhaps settlements, while commits wait for more events.
    Filling,
    Ready,
}

impl Inner {
    fn readiness(&self) -> Readiness {
        match self.commands.is_empty() {
            _ if self.closed => Readiness::Ready,
            true if self.waiting >= ENOUGH_SETTLEMENTS => Readiness::Ready,
            true if self.waiting > 0 => Readiness::Patient,
            true => Readiness::Empty,
            false if self.others > self.accepts || self.settlements >= ENOUGH_SETTLEMENTS => Readiness::Ready,
            false if self.others + self.at_once == 0 => Readiness::MayGrow,
            false if self.pace.waits() && self.entries < ENOUGH_EVENTS => Readiness::Filling,
            false => Readiness::Ready,
        }
    }

    /// Adds a command. Returns whether the writer has to be woken: it waits for the readiness to change, and waking a
    /// thread costs more than recording a settlement.
    #[must_use]
    fn add(&mut self, command: Command) -> bool {
        let before = self.readiness();
        // The order of everything but events stays.
        if command.can_wait() && self.accepts == self.commands.len() {
            if self.patient.is_empty() {
                self.since = Some(now());
            }
            self.waiting += command.settlements();
            self.patient.push_back(command);
            return self.readiness() != before;
        }
        if !command.is_accept() {
            self.end_patience();
        }
        let (entries, bytes) = command.accept_size();
        self.entries += entries;
        self.bytes += bytes;
        self.settlements += command.settlements();
        self.others += usize::from(!command.is_settlements());
        self.accepts += usize::from(command.is_accept());
        self.at_once += usize::from(command.is_at_once());
        self.commands.push_back(command);
        self.readiness() != before
    }

    /// What can wait has waited.
    fn end_patience(&mut self) {
        self.settlements += std::mem::take(&mut self.waiting);
        self.commands.append(&mut self.patient);
        self.since = None;
    }

    /// How long what can wait has waited.
    fn waited(&self) -> Duration {
        self.since.map_or(Duration::ZERO, |since| now().duration_since(since))
    }

    /// Takes the first command.
    fn take(&mut self) -> Option<Command> {
        let command = self.commands.pop_front()?;
        let (entries, bytes) = command.accept_size();
        self.entries -= entries;
        self.bytes -= bytes;
        self.settlements -= command.settlements();
        self.others -= usize::from(!command.is_settlements());
        self.accepts -= usize::from(command.is_accept());
        self.at_once -= usize::from(command.is_at_once());
        Some(command)
    }
}

/// What the writer found in the queue.
pub(crate) enum Drained {
    Commands(Vec<Command>),
    /// Nothing arrived in time.
    Nothing,
    /// Closed and empty.
    Closed,
}

impl Queue {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            inner: Mutex::default(),
            work: Condvar::new(),
            room: Notify::new(),
            line: tokio::sync::Mutex::default(),
            entries: options.queue_entries,
            bytes: options.queue_bytes,
            settlements: options.queue_settlements,
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues work that has an answer, or rejects it. A batch larger than the whole queue is accepted when the queue is
    /// empty; otherwise it never would be.
    pub(crate) fn push(&self, command: Command) -> Result<(), AcceptError> {
        let (entries, bytes) = command.accept_size();
        let mut inner = self.inner();
        if inner.closed {
            return Err(AcceptError::Closed);
        }
        let full = inner.entries + entries > self.entries || inner.bytes + bytes > self.bytes;
        if full && inner.entries > 0 {
            return Err(AcceptError::Busy { retry_after: RETRY_AFTER });
        }
        let wakes = inner.add(command);
        drop(inner);
        if wakes {
            self.work.notify_one();
        }
        Ok(())
    }

    /// Queues settlements unconditionally: their number is bounded by the deliveries in flight. Returns false if the
    /// queue is closed.
    #[allow(clippy::vec_box, reason = "settlements move on as the queue has them")]
    pub(crate) fn push_settles(&self, settles: Vec<Box<Settle>>) -> bool {
        self.push_always(Command::settle(settles))
    }

    /// Queues infrequent work. Returns false if the queue is closed. There is always space: each caller waits for its
    /// result.
    pub(crate) fn push_chore(&self, chore: Box<dyn Chore>) -> bool {
        self.push_always(Command::Chore(chore))
    }

    /// Queues deliveries to be held back. Returns false if the queue is closed. Their number is bounded by the
    /// deliveries in flight.
    pub(crate) fn push_hold_back(&self, hold_back: HoldBack) -> bool {
        self.push_always(Command::HoldBack(hold_back))
    }

    fn push_always(&self, command: Command) -> bool {
        let mut inner = self.inner();
        if inner.closed {
            return false;
        }
        let wakes = inner.add(command);
        drop(inner);
        if wakes {
            self.work.notify_one();
        }
        true
    }

    /// Waits until the queued settlements are within their limit.
    pub(crate) async fn settlement_room(&self) {
        let _first = self.line.lock().await;
        loop {
            let room = self.room.notified();
            tokio::pin!(room);
            room.as_mut().enable();
            {
                let inner = self.inner();
                if inner.settlements + inner.waiting <= self.settlements || inner.closed {
                    return;
                }
            }
            room.await;
        }
    }

    /// Waits up to `patience` for work, and takes all that is queued, in order, up to `limit` events and settlements.
    /// What is taken at once becomes one commit; work that needs its own commit is taken alone.
    pub(crate) fn drain(&self, limit: usize, patience: Option<Duration>) -> Drained {
        let mut inner = self.inner();
        let idle = |inner: &mut Inner| inner.readiness() == Readiness::Empty;
        inner = match patience {
            None => self.work.wait_while(inner, idle).unwrap_or_else(PoisonError::into_inner),
            Some(patience) => {
                self.work.wait_timeout_while(inner, patience, idle).unwrap_or_else(PoisonError::into_inner).0
            }
        };
        let is_patient = |inner: &mut Inner| inner.readiness() == Readiness::Patient;
        while is_patient(&mut inner) {
            let left = PATIENCE.saturating_sub(inner.waited());
            if left.is_zero() {
                break;
            }
            inner = self.work.wait_timeout_while(inner, left, is_patient).unwrap_or_else(PoisonError::into_inner).0;
        }
        if inner.readiness() == Readiness::MayGrow {
            inner = self.linger(inner);
        }
        if inner.readiness() == Readiness::Filling {
            inner = self.fill(inner);
        }
        if inner.commands.is_empty() || inner.waited() >= JOINS || inner.closed {
            inner.end_patience();
        }
        if inner.commands.is_empty() {
            return if inner.closed { Drained::Closed } else { Drained::Nothing };
        }
        let mut group = Vec::with_capacity(inner.commands.len().min(limit));
        let (mut weight, mut taken) = (0, 0);
        while let Some(command) = inner.commands.front()
            && (group.is_empty() || weight + command.weight() <= limit && !command.is_alone())
        {
            weight += command.weight();
            taken += command.accept_size().0;
            let alone = command.is_alone();
            group.extend(inner.take());
            if alone {
                break;
            }
        }
        inner.pace.took(taken, now());
        drop(inner);
        self.room.notify_waiters();
        Drained::Commands(group)
    }

    /// Waits for more settlements while they keep arriving.
    fn linger<'a>(&self, mut inner: MutexGuard<'a, Inner>) -> MutexGuard<'a, Inner> {
        let may_grow = |inner: &mut Inner| inner.readiness() == Readiness::MayGrow;
        let mut waited = Duration::ZERO;
        while may_grow(&mut inner) && waited < LINGER {
            let (before, wait) = (inner.settlements, waited.max(GAP).min(LINGER - waited));
            inner = self.work.wait_timeout_while(inner, wait, may_grow).unwrap_or_else(PoisonError::into_inner).0;
            if inner.settlements == before {
                break;
            }
            waited += wait;
        }
        inner
    }

    /// Waits for more events.
    fn fill<'a>(&self, inner: MutexGuard<'a, Inner>) -> MutexGuard<'a, Inner> {
        let before = inner.entries;
        let is_filling = |inner: &mut Inner| inner.readiness() == Readiness::Filling;
        let mut inner =
            self.work.wait_timeout_while(inner, FILLS, is_filling).unwrap_or_else(PoisonError::into_inner).0;
        if inner.entries == before {
            inner.pace.waited_in_vain();
        }
        inner
    }

    /// Rejects new work from now on. What is queued is still drained.
    pub(crate) fn close(&self) {
        self.inner().closed = true;
        self.work.notify_all();
        self.room.notify_waiters();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.inner().closed
    }
}

#[allow(clippy::disallowed_methods, reason = "bounds a wait of a thread without tokio's clock")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settlements(count: usize, haste: Haste) -> Command {
        use fanfare_core::{ChannelId, Offset, delivery::Next};
        use fanfare_dispatch::Settlement;
        use jiff::Timestamp;
        let which = (ChannelId(1), Offset(1), uuid::Uuid::nil());
        let settlement = || Settlement { haste, ..Settlement::new(which, Next::Delivered, Timestamp::UNIX_EPOCH) };
        let settle = || Box::new(Settle { settlement: settlement(), emits: vec![], done: None });
        Command::settle((0..count).map(|_| settle()).collect())
    }

    fn prompt(count: usize) -> Command {
        settlements(count, Haste::Prompt)
    }

    fn patient(count: usize) -> Command {
        settlements(count, Haste::CanWait)
    }

    fn row() -> Row {
        let defaults = fanfare_core::Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: uuid::Uuid::nil() };
        Row {
            key: uuid::Uuid::nil(),
            event: std::sync::Arc::new(fanfare_core::Event::from_simple(br#"{"type":"a"}"#, defaults).unwrap()),
            accepted_at: jiff::Timestamp::UNIX_EPOCH,
            targets: [].into(),
            first: vec![],
            text: String::new(),
            stages: None,
            published: None,
        }
    }

    fn accept() -> Command {
        Command::Accept { rows: vec![], answer: oneshot::channel().0 }
    }

    #[test]
    fn the_writer_is_woken_when_it_has_something_new_to_decide_and_only_then() {
        let mut inner = Inner::default();
        assert_eq!(inner.readiness(), Readiness::Empty);
        assert!(inner.add(prompt(1)), "it lingers for more");
        assert!(!inner.add(prompt(ENOUGH_SETTLEMENTS - 2)));
        assert_eq!(inner.readiness(), Readiness::MayGrow);
        assert!(inner.add(prompt(1)), "enough");
        assert!(!inner.add(accept()) && !inner.add(prompt(1)), "it takes all of them");
        assert_eq!((inner.others, inner.settlements), (1, ENOUGH_SETTLEMENTS + 1));
        while inner.take().is_some() {}
        assert_eq!((inner.others, inner.settlements, inner.readiness()), (0, 0, Readiness::Empty));
        assert!(inner.add(prompt(1)) && inner.add(accept()), "a publisher waits");
        while inner.take().is_some() {}
        assert!(inner.add(prompt(1)) && inner.add(settlements(1, Haste::AtOnce)), "nothing is still to come");
        while inner.take().is_some() {}
        assert_eq!((inner.at_once, inner.readiness()), (0, Readiness::Empty));
        assert!(inner.add(prompt(1)));
        inner.closed = true;
        assert!(!inner.add(prompt(1)));
    }

    #[test]
    fn many_events_are_committed_when_there_are_enough() {
        let mut inner = Inner::default();
        let event = || Command::Accept { rows: vec![row()], answer: oneshot::channel().0 };
        let fast = |inner: &mut Inner| {
            while inner.take().is_some() {}
            let begin = now();
            for millis in 0..40 {
                inner.pace.took(3, begin + Duration::from_millis(millis));
            }
        };
        fast(&mut inner);
        assert!(inner.add(event()), "it has to know when the wait ends");
        assert_eq!(inner.readiness(), Readiness::Filling);
        assert!((2..ENOUGH_EVENTS).all(|_| !inner.add(event())) && !inner.add(settlements(1, Haste::AtOnce)));
        assert!(inner.add(event()), "enough");
        assert_eq!(inner.readiness(), Readiness::Ready);
        fast(&mut inner);
        assert!(inner.add(prompt(1)) && inner.add(event()) && inner.add(prompt(ENOUGH_SETTLEMENTS)), "enough of these");
        assert_eq!(inner.readiness(), Readiness::Ready);
        fast(&mut inner);
        let held = Command::HoldBack(HoldBack { channel: fanfare_core::ChannelId(1), offsets: vec![1] });
        assert!(inner.add(event()) && inner.add(held), "other work waits for nothing");
        assert_eq!(inner.readiness(), Readiness::Ready);
        fast(&mut inner);
        inner.pace.waited_in_vain();
        assert!(inner.add(event()));
        assert_eq!(inner.readiness(), Readiness::Ready, "it brought nothing in");
    }

    #[test]
    fn what_can_wait_wakes_the_writer_once_and_again_when_there_is_enough_of_it() {
        let mut inner = Inner::default();
        assert!(inner.add(patient(1)), "it has to know when the wait ends");
        assert_eq!(inner.readiness(), Readiness::Patient);
        assert!(!inner.add(patient(ENOUGH_SETTLEMENTS - 2)));
        assert!(inner.add(patient(1)), "enough");
        assert_eq!((inner.readiness(), inner.settlements, inner.waiting), (Readiness::Ready, 0, ENOUGH_SETTLEMENTS));
        inner.end_patience();
        assert_eq!((inner.settlements, inner.waiting, inner.since), (ENOUGH_SETTLEMENTS, 0, None));
    }

    #[test]
    fn only_events_overtake_what_can_wait() {
        let mut inner = Inner::default();
        let kinds = |inner: &mut Inner| {
            let kind = |command: Command| match command {
                Command::Settle { settles, .. } => settles.len(),
                _ => 0,
            };
            std::iter::from_fn(|| inner.take()).map(kind).collect::<Vec<_>>()
        };
        assert!(inner.add(patient(1)) && inner.add(accept()), "a publisher waits");
        assert!(!inner.add(patient(2)));
        assert_eq!((kinds(&mut inner), inner.waiting), (vec![0], 3));
        assert!(inner.add(prompt(3)));
        assert!(!inner.add(patient(4)) && inner.patient.is_empty(), "what is settled later is recorded later");
        assert_eq!(kinds(&mut inner), [1, 2, 3, 4]);
        assert_eq!((inner.settlements, inner.waiting, inner.readiness()), (0, 0, Readiness::Empty));
    }

    #[test]
    fn what_can_wait_is_left_until_it_has_waited_and_then_joins() {
        let queue = Queue::new(&Options::new("unused"));
        let sizes = |queue: &Queue| match queue.drain(4_096, Some(Duration::ZERO)) {
            Drained::Commands(commands) => commands.iter().map(Command::settlements).collect(),
            Drained::Nothing | Drained::Closed => vec![],
        };
        let ages = |queue: &Queue, age| queue.inner().since = age;
        assert!(queue.push_always(patient(1)) && queue.push(accept()).is_ok());
        ages(&queue, now().checked_add(Duration::from_secs(3600)));
        assert_eq!(sizes(&queue), [0]);
        queue.push(accept()).unwrap();
        ages(&queue, now().checked_sub(JOINS));
        assert_eq!(sizes(&queue), [0, 1]);
        assert!(queue.push_always(patient(2)));
        ages(&queue, now().checked_sub(PATIENCE));
        assert_eq!(sizes(&queue), [2]);
        assert!(queue.push_always(patient(3)));
        ages(&queue, now().checked_add(Duration::from_secs(3600)));
        queue.close();
        assert_eq!(sizes(&queue), [3], "closing ends the wait");
        assert!(sizes(&queue).is_empty());
    }
}
