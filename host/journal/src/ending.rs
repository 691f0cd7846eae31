//! Settlements that the journal makes itself, without an attempt.

use fanfare_core::{ChannelId, Fault, Offset, delivery::Next};
use fanfare_dispatch::Settlement;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::{open_journal::OpenJournal, prepared::Settle};

/// The settlement of a delivery that ends dead without an attempt. The caller adds what it knows about the event.
pub(crate) fn dead(
    journal: &OpenJournal,
    channel: ChannelId,
    offset: Offset,
    attempts: u32,
    fault: Fault,
) -> Settlement {
    Settlement { fault: Some(fault), ..end(journal, channel, offset, Next::Dead { attempts }) }
}

/// A settlement without an attempt.
pub(crate) fn end(journal: &OpenJournal, channel: ChannelId, offset: Offset, next: Next) -> Settlement {
    Settlement::new((channel, offset, Uuid::nil()), next, journal.memory.clock.now())
}

/// Queues a settlement made by the journal itself. If the queue is closed, the delivery stays pending and the next
/// start finds it.
pub(crate) fn settle(journal: &OpenJournal, settlement: Settlement, done: Option<oneshot::Sender<()>>) {
    let _queued = journal.queue.push_settles(vec![Settle::new(&journal.memory.seal, settlement, done)]);
}
