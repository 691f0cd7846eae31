//! Work that is prepared on the caller's thread, so that the writer only writes.

use std::sync::Arc;

use fanfare_core::{ChannelId, Event};
use fanfare_dispatch::{Entry, Settlement};
use jiff::Timestamp;
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
    /// The entry for `progress`, as JSON.
    pub(crate) entry: String,
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
    /// Prepares a settlement. One that cannot be serialized is logged and dropped.
    pub(crate) fn new(seal: &Seal, mut settlement: Settlement, done: Option<oneshot::Sender<()>>) -> Option<Box<Self>> {
        match record::encode(&settlement) {
            Ok(entry) => {
                let emits = std::mem::take(&mut settlement.emits);
                let emits = emits.into_iter().map(|entry| Row::new(seal, entry)).collect();
                Some(Box::new(Self { settlement, entry, emits, done }))
            }
            Err(e) => {
                let (offset, channel) = (settlement.offset, settlement.channel.0);
                tracing::error!(%offset, channel, "a settlement cannot be serialized and is dropped: {e}");
                None
            }
        }
    }
}
