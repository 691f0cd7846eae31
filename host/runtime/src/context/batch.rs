//! The part of an attempt's context that belongs to a batch.

use std::sync::Arc;

use fanfare_core::Event;
use fanfare_dispatch::Attempt;
use sha2::{Digest as _, Sha256};

pub(crate) struct Batch {
    /// Derived from the deliveries' own ids, so that a repeat of the same batch has the same id. It is the receiver's
    /// idempotency key, and the prefix of the ids of emitted events.
    pub(crate) id: String,
    pub(crate) events: Vec<Arc<Event>>,
}

impl Batch {
    pub(crate) fn of(attempts: &[Attempt]) -> Self {
        let mut hash = Sha256::new();
        for attempt in attempts {
            hash.update(attempt.delivery.to_string());
            hash.update([0]);
        }
        let digest = hash.finalize();
        let hex: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        let events = attempts.iter().map(|attempt| Arc::clone(&attempt.event)).collect();
        Self { id: format!("bat_{hex}"), events }
    }

    /// The parent of emitted events: the event with the most hops, so that a batch cannot get around the hop limit.
    pub(crate) fn parent(&self) -> Option<Arc<Event>> {
        // Of several, the first.
        self.events.iter().rev().max_by_key(|event| event.hops()).cloned()
    }
}
