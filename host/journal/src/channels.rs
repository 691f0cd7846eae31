//! Registers channels and their orders, and changes their holds.

use std::sync::Arc;

use fanfare_core::{ChannelId, ChannelName, delivery::Deferred};
use fanfare_dispatch::{Hold, HoldChange, JournalError, Registered, Registration};
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::{
    chore::{Chore, answer},
    consumer::{Consumer, Position, Start},
    group::Group,
    hold,
    keys::Rekeyed,
    memory::Memory,
    order,
};

/// A channel whose `order` has changed.
struct Reordered {
    consumer: Arc<Consumer>,
    attribute: Option<String>,
    /// Absent until its rows have been rewritten.
    rekeyed: Option<Rekeyed>,
}

/// Registers channels.
pub(crate) struct Register {
    channels: Vec<Registration>,
    known: Vec<Registered>,
    /// Channels that were never seen before.
    new: Vec<Arc<Consumer>>,
    reordered: Vec<Reordered>,
    answer: oneshot::Sender<Result<Vec<Registered>, JournalError>>,
}

impl Register {
    pub(crate) fn new(
        channels: Vec<Registration>,
        answer: oneshot::Sender<Result<Vec<Registered>, JournalError>>,
    ) -> Self {
        Self { channels, known: vec![], new: vec![], reordered: vec![], answer }
    }
}

impl Chore for Register {
    fn write(&mut self, group: &mut Group<'_>, memory: &Memory) -> rusqlite::Result<()> {
        self.known =
            self.channels.iter().map(|channel| register(group.connection, &channel.name)).collect::<Result<_, _>>()?;
        for (channel, known) in self.channels.iter().zip(&self.known) {
            let consumer = memory.consumer(known.id).unwrap_or_else(|| {
                let position = Position::new(known.id, first_start(memory, known));
                let new = Consumer::new(known.id, channel.name.clone(), position);
                self.new.push(new.clone());
                new
            });
            if let Some(attribute) = other_order(group.connection, &consumer, channel.order.as_ref())? {
                self.reordered.push(Reordered { consumer, attribute, rekeyed: None });
            }
        }
        for Reordered { consumer, attribute, rekeyed } in &mut self.reordered {
            let (handed_out, held_back) = consumer.position().begin_reordering();
            let flying = (&handed_out[..], &held_back[..]);
            *rekeyed = Some(order::rekey(group.connection, consumer.id, attribute.as_deref(), flying)?);
            group
                .connection
                .prepare_cached("UPDATE channels SET order_by = ? WHERE id = ?")?
                .execute(params![attribute.as_ref(), consumer.id.0])?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, memory: &Memory, result: Result<(), String>) {
        if result.is_ok() {
            self.new.into_iter().for_each(|new| memory.add_consumer(new));
        }
        for Reordered { consumer, attribute, rekeyed } in self.reordered {
            let mut position = consumer.position();
            match rekeyed.filter(|_| result.is_ok()) {
                Some(rekeyed) => {
                    position.reordered(attribute, &rekeyed, memory.options.retry_front);
                }
                None => position.not_reordered(),
            }
            drop(position);
            consumer.wake.notify_waiters();
        }
        let Self { known, answer: to, .. } = *self;
        answer(to, result.map(|()| known));
    }

    /// Settlements queued before it carry keys of the old order.
    fn is_alone(&self) -> bool {
        true
    }
}

/// The channel's new order, if it has changed. After a start it always counts as changed: what was in flight at the
/// last stop has rows without keys.
fn other_order(
    connection: &Connection,
    consumer: &Consumer,
    order: Option<&String>,
) -> rusqlite::Result<Option<Option<String>>> {
    let recorded: Option<String> = connection
        .prepare_cached("SELECT order_by FROM channels WHERE id = ?")?
        .query_row([consumer.id.0], |row| row.get(0))?;
    let unordered = recorded.is_none() && order.is_none();
    let current = consumer.position().keys.attribute.clone();
    let same = unordered || current.is_some() && current.as_ref() == order;
    Ok((!same).then(|| order.cloned()))
}

fn register(connection: &Connection, name: &ChannelName) -> rusqlite::Result<Registered> {
    connection
        .prepare_cached("INSERT INTO channels (name) VALUES (?) ON CONFLICT (name) DO NOTHING")?
        .execute([name.as_str()])?;
    connection
        .prepare_cached("SELECT id, hold, hold_reason, hold_at FROM channels WHERE name = ?")?
        .query_row([name.as_str()], |row| Ok(Registered { id: ChannelId(row.get(0)?), hold: hold::read(row, 1)? }))
}

/// A channel that was never seen before begins after the newest event.
fn first_start(memory: &Memory, known: &Registered) -> Start {
    Start {
        cursor: memory.window().next(),
        cursor_at: None,
        pending: 0,
        waiting: 0,
        deferred: Deferred::default(),
        oldest_waiting: None,
        retry_front: memory.options.retry_front,
        hold: known.hold.clone(),
        token: memory.token,
    }
}

/// Puts a channel on hold, or ends a hold.
pub(crate) struct SetHold {
    channel: ChannelId,
    change: HoldChange,
    result: Option<Hold>,
    answer: oneshot::Sender<Result<Option<Hold>, JournalError>>,
}

impl SetHold {
    pub(crate) fn new(
        channel: ChannelId,
        change: HoldChange,
        answer: oneshot::Sender<Result<Option<Hold>, JournalError>>,
    ) -> Self {
        Self { channel, change, result: None, answer }
    }
}

impl Chore for SetHold {
    fn write(&mut self, group: &mut Group<'_>, memory: &Memory) -> rusqlite::Result<()> {
        let current = memory.consumer(self.channel).and_then(|consumer| consumer.position().hold.clone());
        self.result = hold::change(current.as_ref(), &self.change);
        group.touches.entry(self.channel).or_default().hold = Some(self.result.clone());
        hold::set(group.connection, self.channel, self.result.as_ref())
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        let Self { result: hold, answer: to, .. } = *self;
        answer(to, result.map(|()| hold));
    }

    /// A 410 from the receiver may arrive before or after this change: the later one wins.
    fn is_alone(&self) -> bool {
        true
    }
}
