//! A check that the writer is running.

use fanfare_dispatch::JournalError;
use tokio::sync::oneshot;

use crate::{
    chore::{Chore, answer},
    group::Group,
    memory::Memory,
};

/// Passes through the writer's queue and one commit, and changes nothing.
pub(crate) struct Pulse(pub(crate) oneshot::Sender<Result<(), JournalError>>);

impl Chore for Pulse {
    fn write(&mut self, _: &mut Group<'_>, _: &Memory) -> rusqlite::Result<()> {
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        answer(self.0, result);
    }
}
