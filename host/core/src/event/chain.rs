//! Events emitted in response to other events: the attributes that link them, and the length of the chain.

use super::{Attribute, Event};

/// Names the event that caused this one.
pub const CAUSATION: &str = "causationid";
/// Names the first event of the chain.
pub const CORRELATION: &str = "correlationid";
/// The number of hops from the first event.
pub const HOPS: &str = "hopcount";
/// The most hops of a chain unless the operator says otherwise: an event with so many causes no other.
pub const MAX_HOPS: u32 = 16;

impl Event {
    /// The number of hops from the first event of its chain.
    #[must_use]
    pub fn hops(&self) -> i32 {
        match self.extension(HOPS) {
            Some(Attribute::Integer(hops)) => (*hops).max(0),
            Some(Attribute::String(hops)) => hops.parse().unwrap_or(0).max(0),
            _ => 0,
        }
    }

    /// The id of the first event of its chain, which may be its own.
    #[must_use]
    pub fn correlation(&self) -> std::borrow::Cow<'_, str> {
        self.attribute(CORRELATION).unwrap_or_else(|| self.id.as_str().into())
    }
}
