//! Work that is prepared on the caller's thread, so that the writer only writes.

use std::sync::Arc;

use fanfare_core::{ChannelId, Event};
use fanfare_dispatch::{Entry, Settlement};
use jiff::Timestamp;
use serde::de::IgnoredAny;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::{
    identity::{Candidate, Digest, Seal},
    record,
};

/// An event, ready to be written.
pub(crate) struct Row {
    pub(crate) key: Uuid,
    pub(crate) event: Arc<Event>,
    pub(crate) accepted_at: Timestamp,
    pub(crate) targets: Arc<[ChannelId]>,
    /// Channels that get it ahead of their backlogs.
    pub(crate) first: Vec<ChannelId>,
    /// The event as CloudEvents JSON.
    pub(crate) text: String,
    /// What the stages did, as JSON; `None` if none ran.
    pub(crate) stages: Option<String>,
    /// The digest of the published event, if a stage changed it.
    pub(crate) published: Option<Digest>,
}

/// A settlement, ready to be written.
pub(crate) struct Settle {
    pub(crate) settlement: Settlement,
    /// The emitted events.
    pub(crate) emits: Vec<Row>,
    /// Notified when it is committed, or turns out to have been before.
    pub(crate) done: Option<oneshot::Sender<()>>,
}

/// Deliveries that wait for others with their key: offsets of one channel.
pub(crate) struct HoldBack {
    pub(crate) channel: ChannelId,
    pub(crate) offsets: Vec<u64>,
}

impl Row {
    pub(crate) fn new(seal: &Seal, entry: Entry) -> Self {
        let trail = entry.trail.map(|trail| *trail);
        let published = trail.as_ref().and_then(|trail| trail.published.as_ref());
        Self {
            published: published.map(|event| seal.of(event)),
            stages: trail.and_then(|trail| record::encode_stages(&trail.records)),
            key: entry.key,
            text: entry.event.to_structured(),
            event: entry.event,
            accepted_at: record::rounded(entry.accepted_at),
            targets: entry.targets,
            first: entry.first,
        }
    }

    pub(crate) fn candidate(&self) -> Candidate<'_> {
        Candidate { event: &self.event, published: self.published }
    }
}

impl Settle {
    /// Prepares a settlement. A receipt that is not a JSON object is logged and dropped: it would make its whole row
    /// unreadable.
    pub(crate) fn new(seal: &Seal, mut settlement: Settlement, done: Option<oneshot::Sender<()>>) -> Box<Self> {
        let emits = std::mem::take(&mut settlement.emits);
        let emits = emits.into_iter().map(|entry| Row::new(seal, entry)).collect();
        if settlement.receipt.as_deref().is_some_and(|receipt| !is_object(receipt)) {
            let (offset, delivery) = (settlement.offset, settlement.delivery_id());
            tracing::error!(%offset, %delivery, "dropping a receipt that is not a JSON object; the delivery stands");
            settlement.receipt = None;
        }
        Box::new(Self { settlement, emits, done })
    }
}

fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use fanfare_core::{Offset, delivery::Next};
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn a_receipt_that_is_not_an_object_is_dropped_before_it_spoils_its_row() {
        let file = Connection::open_in_memory().unwrap();
        file.execute_batch("CREATE TABLE journal (secret BLOB); INSERT INTO journal VALUES (randomblob(64))").unwrap();
        let seal = Seal::read(&file).unwrap();
        for (receipt, kept) in [("{oops", false), ("{}{}", false), ("0", false), (r#"{"ok":true}"#, true)] {
            let which = (ChannelId(1), Offset(1), Uuid::nil());
            let settlement = Settlement::new(which, Next::Delivered, Timestamp::UNIX_EPOCH);
            let settlement = Settlement { receipt: Some(receipt.to_owned()), ..settlement };
            assert_eq!(Settle::new(&seal, settlement, None).settlement.receipt.is_some(), kept, "{receipt}");
        }
    }
}
