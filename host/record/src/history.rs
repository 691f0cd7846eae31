//! Reads for people: which events were accepted, what happened to them, and the dead letters.

use fanfare_core::{ChannelName, DeliveryId, Event, Offset};
use fanfare_dispatch::BoxFuture;
use uuid::Uuid;

use crate::{Answer, Damage, DeadLetter, DeadLetterQuery, EventQuery, Page, Restored, StoredEvent, Totals, TypesRead};

/// Reads a journal. Every call reads one snapshot; the writer never waits for it.
///
/// # Errors
/// All calls return [`JournalError`](fanfare_dispatch::JournalError) if the store cannot be read.
pub trait History: Send + Sync + 'static {
    /// The event with this id; the newest one if several sources used the id and no source is given.
    fn event(&self, id: String, source: Option<String>) -> Answer<'_, Option<StoredEvent>>;

    /// The offset of a recorded event that this one repeats: the same identity, published with the same content,
    /// whatever the stages made of it. `None` if there is none or its content differs.
    fn repeat_of(&self, published: Event) -> Answer<'_, Option<Offset>>;

    /// The event at this offset.
    fn at(&self, offset: Offset) -> Answer<'_, Option<StoredEvent>>;

    /// Events in the order of their offsets.
    fn events(&self, query: EventQuery) -> Answer<'_, Page<StoredEvent>>;

    /// Counts the next `most` events after this offset by type.
    fn types(&self, after: Offset, most: usize) -> Answer<'_, TypesRead>;

    /// Dead letters in the order in which they became dead.
    fn dead_letters(&self, query: DeadLetterQuery) -> Answer<'_, Page<DeadLetter>>;

    /// One dead letter, and its event with all deliveries.
    fn dead_letter(&self, id: DeliveryId) -> Answer<'_, Option<(DeadLetter, Option<StoredEvent>)>>;

    /// The channel of a delivery. `None` if no delivery has this number.
    fn channel_of(&self, delivery: DeliveryId) -> Option<ChannelName>;

    /// The offset of the newest event; 0 before the first.
    fn newest(&self) -> Offset;

    /// When the journal was last restored from a copy; `None` if never.
    fn restored(&self) -> Option<Restored>;

    /// The damage that reads have met since the start.
    fn damage(&self) -> Option<Damage>;

    /// The journal's own id. It changes when the journal is restored from a copy.
    fn journal_id(&self) -> Answer<'_, Uuid>;

    /// Events up to this offset have been pruned, except those that dead letters or waiting deliveries need.
    fn pruned_to(&self) -> Answer<'_, Offset>;

    /// Waits for an event beyond this offset. Returns false when the journal is closed.
    fn wait_beyond(&self, offset: Offset) -> BoxFuture<'_, bool>;

    /// The counters.
    fn totals(&self) -> Answer<'_, Totals>;
}
