//! Rare work for the writer: each in a transaction of its own, between two groups.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use fanfare_core::{ChannelId, ChannelName};
use fanfare_dispatch::{Hold, JournalError, Registered, Registration};
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::{
    consumer::{Consumer, Flight, Position, Start},
    group::Group,
    hold,
    order::{self, Key},
    record,
    retries::{Round, Waiting},
    shared::Shared,
};

/// The wait before work that failed is tried again.
const RETRY: Duration = Duration::from_millis(50);

/// Work that changes the database beside the stream of events and settlements.
pub(crate) trait Chore: Send {
    /// Writes. What fails is undone as a whole.
    fn write(&mut self, group: &mut Group<'_>, shared: &Shared) -> rusqlite::Result<()>;

    /// Told when that is committed, or why it is not.
    fn finish(self: Box<Self>, shared: &Shared, result: Result<(), String>);
}

/// Queues a chore made with `chore` from the sender of its answer, and waits for the answer.
pub(crate) async fn run<T, C: Chore + 'static>(
    shared: &Shared,
    chore: impl FnOnce(oneshot::Sender<Result<T, JournalError>>) -> C,
) -> Result<T, JournalError> {
    let (answer, answered) = oneshot::channel();
    if !shared.queue.push_chore(Box::new(chore(answer))) {
        return Err(JournalError::Closed);
    }
    answered.await.map_err(|_gone| JournalError::Closed)?
}

/// Sends an answer. Whoever asked may have gone; what is recorded stays recorded.
pub(crate) fn answer<T>(to: oneshot::Sender<Result<T, JournalError>>, result: Result<T, String>) {
    to.send(result.map_err(JournalError::Store)).unwrap_or(());
}

/// A channel whose order is another one now.
struct Reordered {
    channel: ChannelId,
    attribute: Option<String>,
    active: HashMap<Key, u32>,
    /// Of those in flight.
    keys: BTreeMap<u64, Key>,
}

/// Makes channels known.
pub(crate) struct Register {
    channels: Vec<Registration>,
    known: Vec<Registered>,
    reordered: Vec<Reordered>,
    answer: oneshot::Sender<Result<Vec<Registered>, JournalError>>,
}

impl Register {
    pub(crate) fn new(
        channels: Vec<Registration>,
        answer: oneshot::Sender<Result<Vec<Registered>, JournalError>>,
    ) -> Self {
        Self { channels, known: vec![], reordered: vec![], answer }
    }
}

impl Chore for Register {
    fn write(&mut self, group: &mut Group<'_>, shared: &Shared) -> rusqlite::Result<()> {
        self.known =
            self.channels.iter().map(|channel| register(group.connection, &channel.name)).collect::<Result<_, _>>()?;
        for (channel, known) in self.channels.iter().zip(&self.known) {
            self.reordered.extend(reorder(group.connection, shared, known.id, channel.order.as_ref())?);
        }
        Ok(())
    }

    fn finish(self: Box<Self>, shared: &Shared, result: Result<(), String>) {
        if result.is_ok() {
            for (channel, known) in self.channels.iter().zip(&self.known) {
                add_consumer(shared, known.id, &channel.name);
            }
            for Reordered { channel, attribute, active, keys } in self.reordered {
                let Some(consumer) = shared.consumer(channel) else { continue };
                let mut position = consumer.position();
                position.keys.replace(attribute, active);
                position.reordered(&keys, shared.options.retry_front);
                drop(position);
                consumer.wake.notify_waiters();
            }
        }
        let Self { known, answer: to, .. } = *self;
        answer(to, result.map(|()| known));
    }
}

/// Brings a channel's rows into another order, if it is another one. After a start they always are: what was in flight at the
/// last stop has rows without keys.
fn reorder(
    connection: &Connection,
    shared: &Shared,
    channel: ChannelId,
    order: Option<&String>,
) -> rusqlite::Result<Option<Reordered>> {
    let recorded: Option<String> = connection
        .prepare_cached("SELECT order_by FROM channels WHERE id = ?")?
        .query_row([channel.0], |row| row.get(0))?;
    let consumer = shared.consumer(channel);
    let current = consumer.as_ref().and_then(|consumer| consumer.position().keys.attribute.clone());
    let unordered = recorded.is_none() && order.is_none();
    if unordered || current.is_some() && current.as_ref() == order {
        return Ok(None);
    }
    let flying = consumer.map(|consumer| consumer.position().flying()).unwrap_or_default();
    let attribute = order.cloned();
    let (active, keys) = order::rekey(connection, channel, attribute.as_deref(), &flying, shared.now())?;
    connection
        .prepare_cached("UPDATE channels SET order_by = ? WHERE id = ?")?
        .execute(params![attribute, channel.0])?;
    Ok(Some(Reordered { channel, attribute, active, keys }))
}

fn register(connection: &Connection, name: &ChannelName) -> rusqlite::Result<Registered> {
    connection
        .prepare_cached("INSERT INTO channels (name) VALUES (?) ON CONFLICT (name) DO NOTHING")?
        .execute([name.as_str()])?;
    connection
        .prepare_cached("SELECT id, hold, hold_reason, hold_at FROM channels WHERE name = ?")?
        .query_row([name.as_str()], |row| Ok(Registered { id: ChannelId(row.get(0)?), hold: hold::read(row, 1)? }))
}

/// A channel that was never seen begins after the newest event.
fn add_consumer(shared: &Shared, id: ChannelId, name: &ChannelName) {
    if shared.consumer(id).is_some() {
        return;
    }
    let start = Start {
        cursor: shared.window().next(),
        cursor_at: None,
        pending: 0,
        waiting: 0,
        oldest_waiting: None,
        retry_front: shared.options.retry_front,
    };
    shared.add_consumer(Consumer::new(id, name.clone(), Position::new(id, start)));
}

/// Deliveries that have to wait for others of their keys.
pub(crate) struct HoldBack {
    pub(crate) channel: ChannelId,
    pub(crate) items: Vec<(u64, Round)>,
}

impl Chore for HoldBack {
    fn write(&mut self, group: &mut Group<'_>, shared: &Shared) -> rusqlite::Result<()> {
        let Some(consumer) = shared.consumer(self.channel) else { return Ok(()) };
        let mut position = consumer.position();
        let touch = group.touches.entry(self.channel).or_default();
        touch.retries_changed = true;
        let mut insert = group.connection.prepare_cached(
            "INSERT OR REPLACE INTO retries (channel, offset, due_at, attempts, since, origin, order_key)
             VALUES (?, ?, ?, 0, ?, 0, ?)",
        )?;
        for &(offset, mut round) in &self.items {
            // Another order may be in force by now; then its key is another one as well.
            round.key = position.land(offset).and_then(|flight| flight.round.key);
            // The one it waited for may have ended meanwhile.
            let due_at = match round.key {
                Some(key) if position.keys.is_active(key) || touch.activated.contains(&key) => order::NEVER,
                Some(key) => {
                    touch.activated.push(key);
                    shared.now()
                }
                None => shared.now(),
            };
            let since = round.since.as_microsecond();
            insert.execute(params![self.channel.0, record::column(offset), due_at, since, round.key])?;
            touch.ceiling = touch.ceiling.max(offset);
            touch.waiting.push(((due_at, offset), Waiting { attempts: 0, round }));
        }
        Ok(())
    }

    fn finish(self: Box<Self>, shared: &Shared, result: Result<(), String>) {
        let Some(consumer) = shared.consumer(self.channel) else { return };
        let mut position = consumer.position();
        if let Err(error) = result {
            tracing::error!(channel = %consumer.name, "deliveries that wait for others could not be recorded: {error}");
            // In flight as before; they are recorded with the next try.
            for &(offset, round) in &self.items {
                position.relaunch(offset, Flight { round, retry: None });
            }
            drop(position);
            std::thread::sleep(RETRY);
            let _queued = shared.queue.push_chore(self);
            return;
        }
        for (_, round) in &self.items {
            if let Some(key) = round.key {
                position.keys.held(key);
            }
        }
    }
}

/// Puts a channel on hold, or ends that.
pub(crate) struct SetHold {
    pub(crate) channel: ChannelId,
    pub(crate) hold: Option<Hold>,
    pub(crate) answer: oneshot::Sender<Result<(), JournalError>>,
}

impl Chore for SetHold {
    fn write(&mut self, group: &mut Group<'_>, _: &Shared) -> rusqlite::Result<()> {
        hold::set(group.connection, self.channel, self.hold.as_ref())
    }

    fn finish(self: Box<Self>, _: &Shared, result: Result<(), String>) {
        answer(self.answer, result);
    }
}
