//! Rare work for the writer: each in a transaction of its own, between two groups.

use fanfare_core::{ChannelId, ChannelName};
use fanfare_dispatch::{Hold, JournalError, Registered, Registration};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{
    consumer::{Consumer, Position, Start},
    group::Group,
    hold,
    shared::Shared,
};

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

/// Makes channels known.
pub(crate) struct Register {
    channels: Vec<Registration>,
    known: Vec<Registered>,
    answer: oneshot::Sender<Result<Vec<Registered>, JournalError>>,
}

impl Register {
    pub(crate) fn new(
        channels: Vec<Registration>,
        answer: oneshot::Sender<Result<Vec<Registered>, JournalError>>,
    ) -> Self {
        Self { channels, known: vec![], answer }
    }
}

impl Chore for Register {
    fn write(&mut self, group: &mut Group<'_>, _: &Shared) -> rusqlite::Result<()> {
        self.known =
            self.channels.iter().map(|channel| register(group.connection, &channel.name)).collect::<Result<_, _>>()?;
        Ok(())
    }

    fn finish(self: Box<Self>, shared: &Shared, result: Result<(), String>) {
        if result.is_ok() {
            for (channel, known) in self.channels.iter().zip(&self.known) {
                add_consumer(shared, known.id, &channel.name);
            }
        }
        let Self { known, answer: to, .. } = *self;
        answer(to, result.map(|()| known));
    }
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
