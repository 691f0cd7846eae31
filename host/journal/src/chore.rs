//! Infrequent work for the writer, committed together with the queued events and settlements.

use fanfare_dispatch::JournalError;
use tokio::sync::oneshot;

use crate::{group::Group, memory::Memory};

/// Work that changes the database outside of the stream of events and settlements.
pub(crate) trait Chore: Send {
    /// Writes to the database. On failure, only this chore is rolled back. Memory is still as before the commit:
    /// changes to a channel's memory go into its [`Touch`](crate::touch::Touch) and take effect with the commit.
    fn write(&mut self, group: &mut Group<'_>, memory: &Memory) -> rusqlite::Result<()>;

    /// Called after the commit, or with the reason of its failure.
    fn finish(self: Box<Self>, memory: &Memory, result: Result<(), String>);

    /// Whether it needs a commit of its own, after everything that was queued before it: because it must see the
    /// effects of earlier settlements, or because it takes long.
    fn is_alone(&self) -> bool {
        false
    }
}

/// Sends an answer. The receiver may be gone; what is recorded stays recorded.
pub(crate) fn answer<T>(to: oneshot::Sender<Result<T, JournalError>>, result: Result<T, String>) {
    to.send(result.map_err(JournalError::Store)).unwrap_or(());
}
