//! Another policy: what was deferred by the one before comes to its turn again.

use fanfare_core::{ChannelId, delivery::Wait};
use fanfare_dispatch::JournalError;
use rusqlite::params;
use tokio::sync::oneshot;

use crate::{chore::Chore, group::Group, order, record, shared::Shared};

/// Makes every deferred delivery of a channel due, but for those whose events name a time. What they waited for is
/// forgotten, so the policy that is in force decides as if for the first time.
pub(crate) struct Reconsider {
    channel: ChannelId,
    answer: oneshot::Sender<Result<(), JournalError>>,
}

impl Reconsider {
    pub(crate) fn new(channel: ChannelId, answer: oneshot::Sender<Result<(), JournalError>>) -> Self {
        Self { channel, answer }
    }
}

impl Chore for Reconsider {
    fn write(&mut self, group: &mut Group<'_>, shared: &Shared) -> rusqlite::Result<()> {
        group
            .connection
            .prepare_cached(
                "UPDATE retries SET due_at = ?, wait_for = NULL
                 WHERE channel = ? AND wait_for IS NOT NULL AND wait_for <> ? AND due_at <> ?",
            )?
            .execute(params![shared.now(), self.channel.0, record::wait_column(Some(Wait::At)), order::NEVER])?;
        Ok(())
    }

    fn finish(self: Box<Self>, shared: &Shared, result: Result<(), String>) {
        if let (Ok(()), Some(consumer)) = (&result, shared.consumer(self.channel)) {
            consumer.position().reconsidered(shared.options.retry_front);
            consumer.wake.notify_waiters();
        }
        crate::chore::answer(self.answer, result);
    }

    /// It rewrites rows that others beside it may be reading.
    fn is_alone(&self) -> bool {
        true
    }
}
