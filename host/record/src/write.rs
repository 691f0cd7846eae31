//! Everything that is written to a journal, as one type: what the entries of a log would be.

use fanfare_core::{ChannelId, ChannelName, DeliveryId, Offset};
use fanfare_dispatch::{Entry, HoldChange, Reconsidered, Registration, Settlement};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Act, ActEnd, DeadLetterFilter, JobId, RecipientRow, ReplayRequest};

/// A call that changes a journal. There is one for each such method of `Journal`, [`Jobs`](crate::Jobs),
/// [`Recipients`](crate::Recipients) and [`Audit`](crate::Audit), except [`Audit::record`](crate::Audit::record), which
/// is [`Begin`](Self::Begin) and [`End`](Self::End).
///
/// What goes through `Journal` contains its time. The rest takes it from the journal's clock, which whoever applies a
/// log sets to the time that the log gives the entry.
///
/// Claiming and giving back are not among them, because claims are not recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Write {
    Register(Vec<Registration>),
    Accept(Vec<Entry>),
    Settle(Vec<Settlement>),
    ChangeHold { channel: ChannelId, change: HoldChange },
    Reconsider { channel: ChannelId, which: Reconsidered, at: Timestamp },
    FallBack { channel: ChannelId, before: Timestamp, fallback: Vec<ChannelId>, at: Timestamp },
    Replay(ReplayRequest),
    Redrive(DeadLetterFilter),
    Purge(DeadLetterFilter),
    PauseJob(JobId),
    ResumeJob(JobId),
    CancelJob(JobId),
    CancelEvent(Offset),
    DropDelivery { id: DeliveryId, reason: String },
    Forget(ChannelName),
    SetRecipient(RecipientRow),
    RemoveRecipient { subject: String },
    Begin(Act),
    End { id: i64, end: ActEnd },
}

impl Write {
    /// The entry's bytes: JSON, in which events and receipts are included as they are.
    ///
    /// # Errors
    /// A text in it that should be JSON is not.
    pub fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    /// Reads what [`to_bytes`](Self::to_bytes) has written.
    ///
    /// # Errors
    /// The bytes are something else.
    pub fn from_bytes(bytes: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(bytes)
    }
}
