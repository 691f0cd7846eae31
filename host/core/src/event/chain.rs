//! Events that come from events: what says so, and how long such a chain has become.

use super::{Attribute, Event};

/// The event that this one comes from.
pub const CAUSATION: &str = "causationid";
/// The first event of its chain.
pub const CORRELATION: &str = "correlationid";
/// How far it is from that.
pub const HOPS: &str = "hopcount";

impl Event {
    /// How far it is from the event that began its chain.
    #[must_use]
    pub fn hops(&self) -> i32 {
        match self.extension(HOPS) {
            Some(Attribute::Integer(hops)) => (*hops).max(0),
            Some(Attribute::String(hops)) => hops.parse().unwrap_or(0).max(0),
            _ => 0,
        }
    }

    /// The first event of its chain, which may be itself.
    #[must_use]
    pub fn correlation(&self) -> std::borrow::Cow<'_, str> {
        self.attribute(CORRELATION).unwrap_or_else(|| self.id.as_str().into())
    }
}
