//! System events on their way to the journal.

use fanfare_core::SystemEvent;
use tokio::sync::mpsc;

/// The maximum number of announcements that wait for the journal. There are few, but breakers open and close while it
/// cannot write.
const QUEUED: usize = 1_024;

/// The queue of announcements that wait for the journal.
pub(crate) struct Announcements {
    sender: mpsc::Sender<SystemEvent>,
}

/// The receiving end, for the task that records them.
pub(crate) type Announced = mpsc::Receiver<SystemEvent>;

impl Announcements {
    pub(crate) fn new() -> (Self, Announced) {
        let (sender, announced) = mpsc::channel(QUEUED);
        (Self { sender }, announced)
    }

    /// Queues a system event, or drops it if too many wait.
    pub(crate) fn push(&self, event: SystemEvent) {
        if let Err(mpsc::error::TrySendError::Full(event) | mpsc::error::TrySendError::Closed(event)) =
            self.sender.try_send(event)
        {
            tracing::warn!(event = event.ty(), "too many system events wait for the journal; dropping this one");
        }
    }
}
