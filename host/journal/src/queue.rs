//! The writer's queue: bounded, with separate space for settlements.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fanfare_dispatch::{AcceptError, Accepted};
use tokio::sync::{Notify, oneshot};

use crate::{
    Options,
    chore::Chore,
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
    #[allow(clippy::vec_box, reason = "settlements move on as the queue has them")]
    Settle(Vec<Box<Settle>>),
    HoldBack(HoldBack),
    /// Infrequent work.
    Chore(Box<dyn Chore>),
}

impl Command {
    /// The number and bytes of accepted events in it.
    fn accept_size(&self) -> (usize, usize) {
        match self {
            Self::Accept { rows, .. } => (rows.len(), rows.iter().map(|row| row.text.len()).sum()),
            Self::Settle(_) | Self::HoldBack(_) | Self::Chore(_) => (0, 0),
        }
    }

    /// How much of a group it takes.
    fn weight(&self) -> usize {
        match self {
            Self::Accept { rows, .. } => rows.len().max(1),
            Self::HoldBack(hold_back) => hold_back.offsets.len().max(1),
            Self::Settle(settles) => settles.len().max(1),
            Self::Chore(_) => 1,
        }
    }

    fn settlements(&self) -> usize {
        if let Self::Settle(settles) = self { settles.len() } else { 0 }
    }

    /// Whether it needs a commit of its own.
    fn is_alone(&self) -> bool {
        matches!(self, Self::Chore(chore) if chore.is_alone())
    }
}

/// Settlements alone wait this long for more: those of one event arrive close together, and each saved commit saves an
/// fsync that no publisher waits for.
const LINGER: Duration = Duration::from_millis(1);

/// This many settlements are committed without waiting for more.
const ENOUGH_SETTLEMENTS: usize = 512;

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
    /// How many of the commands are not settlements.
    others: usize,
    entries: usize,
    bytes: usize,
    settlements: usize,
    closed: bool,
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
        // If another one is queued already, the writer has been woken and takes both.
        let news = inner.others == 0;
        inner.entries += entries;
        inner.bytes += bytes;
        inner.others += 1;
        inner.commands.push_back(command);
        drop(inner);
        if news {
            self.work.notify_one();
        }
        Ok(())
    }

    /// Queues settlements unconditionally: their number is bounded by the deliveries in flight. Returns false if the
    /// queue is closed.
    #[allow(clippy::vec_box, reason = "settlements move on as the queue has them")]
    pub(crate) fn push_settles(&self, settles: Vec<Box<Settle>>) -> bool {
        let mut inner = self.inner();
        if inner.closed {
            return false;
        }
        let before = inner.settlements;
        inner.settlements += settles.len();
        inner.commands.push_back(Command::Settle(settles));
        // Waking a thread costs more than recording a settlement, so only the first ones and those that complete a
        // group wake it.
        let enough = before < ENOUGH_SETTLEMENTS && inner.settlements >= ENOUGH_SETTLEMENTS;
        let news = inner.commands.len() == 1 || enough;
        drop(inner);
        if news {
            self.work.notify_one();
        }
        true
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
        inner.others += 1;
        inner.commands.push_back(command);
        drop(inner);
        self.work.notify_one();
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
                if inner.settlements <= self.settlements || inner.closed {
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
        let idle = |inner: &mut Inner| inner.commands.is_empty() && !inner.closed;
        inner = match patience {
            None => self.work.wait_while(inner, idle).unwrap_or_else(PoisonError::into_inner),
            Some(patience) => {
                self.work.wait_timeout_while(inner, patience, idle).unwrap_or_else(PoisonError::into_inner).0
            }
        };
        if inner.commands.is_empty() {
            return if inner.closed { Drained::Closed } else { Drained::Nothing };
        }
        let could_grow =
            |inner: &mut Inner| inner.others == 0 && inner.settlements < ENOUGH_SETTLEMENTS && !inner.closed;
        inner = self.work.wait_timeout_while(inner, LINGER, could_grow).unwrap_or_else(PoisonError::into_inner).0;
        let mut group = Vec::with_capacity(inner.commands.len().min(limit));
        let mut weight = 0;
        while let Some(command) = inner.commands.front()
            && (group.is_empty() || weight + command.weight() <= limit && !command.is_alone())
        {
            weight += command.weight();
            let alone = command.is_alone();
            let (entries, bytes) = command.accept_size();
            let settlements = command.settlements();
            let others = usize::from(!matches!(command, Command::Settle(_)));
            inner.entries -= entries;
            inner.bytes -= bytes;
            inner.settlements -= settlements;
            inner.others -= others;
            group.extend(inner.commands.pop_front());
            if alone {
                break;
            }
        }
        drop(inner);
        self.room.notify_waiters();
        Drained::Commands(group)
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
