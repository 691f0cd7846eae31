//! Which events a channel gets: types, the dialects of CloudEvents Subscriptions, and a condition in CEL. All that a
//! filter names has to let an event through.
//!
//! A filter is judged for every event and channel on the hot path, so what is dear is done once: patterns are checked and
//! conditions compiled when the configuration is read, and an event becomes CEL values at the first condition that asks.

mod condition;
mod dialect;

use std::{borrow::Cow, fmt};

pub use self::{
    condition::{Condition, InvalidCondition},
    dialect::{Attributes, Dialect},
};
use crate::{Event, SYSTEM_TYPES, any_type_matches};

/// Of one channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Patterns as in `user.*`; the event's type has to match one. Empty: any type.
    pub types: Vec<String>,
    /// All of them have to match.
    pub dialects: Vec<Dialect>,
    pub when: Option<Condition>,
}

/// What a filter says of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// The part of the filter that did not match: `types`, `exact`, `when`, …
    Mismatch(&'static str),
    /// The condition could not be told for this event, which counts as no match.
    Failed(String),
    /// It has no filter and is a fallback of other channels: it gets what they cannot deliver, and nothing else.
    Fallback,
}

impl Verdict {
    #[must_use]
    pub fn passes(&self) -> bool {
        *self == Self::Pass
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => f.write_str("it passes the filter"),
            Self::Mismatch(part) => write!(f, "`filter.{part}` does not match"),
            Self::Fallback => f.write_str(
                "it has no filter and is named in a `fallback`: it gets only what another channel cannot deliver",
            ),
            Self::Failed(reason) => write!(f, "`filter.when` failed, which counts as no match: {reason}"),
        }
    }
}

/// An event that filters look at, and what has been made of it for them so far.
pub struct Candidate<'e> {
    pub event: &'e Event,
    values: condition::Values,
}

impl<'e> Candidate<'e> {
    #[must_use]
    pub fn new(event: &'e Event) -> Self {
        Self { event, values: condition::Values::default() }
    }

    /// Whether a condition holds. One that cannot be told does not.
    #[must_use]
    pub fn holds(&self, condition: &Condition) -> bool {
        condition.holds(self.event, &self.values).unwrap_or_default()
    }
}

impl Filter {
    /// Whether every event passes but the daemon's own.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.types.is_empty() && self.dialects.is_empty() && self.when.is_none()
    }

    /// Whether some of the daemon's own events may pass.
    #[must_use]
    pub fn names_system_types(&self) -> bool {
        self.types.iter().any(|pattern| pattern.starts_with(SYSTEM_TYPES))
    }

    /// Whether nothing but the daemon's own events may pass.
    #[must_use]
    pub fn is_for_system_types(&self) -> bool {
        !self.types.is_empty() && self.types.iter().all(|pattern| pattern.starts_with(SYSTEM_TYPES))
    }

    /// The cheapest part decides first.
    #[must_use]
    pub fn judge(&self, candidate: &Candidate<'_>) -> Verdict {
        let event = candidate.event;
        if !any_type_matches(&self.types, &event.ty) {
            return Verdict::Mismatch("types");
        }
        if let Some(dialect) = self.dialects.iter().find(|dialect| !dialect.matches(event)) {
            return Verdict::Mismatch(dialect.name());
        }
        match self.when.as_ref().map(|when| when.holds(event, &candidate.values)) {
            None | Some(Ok(true)) => Verdict::Pass,
            Some(Ok(false)) => Verdict::Mismatch("when"),
            Some(Err(reason)) => Verdict::Failed(reason),
        }
    }
}

/// An attribute's value as text; none where the event has no such attribute.
pub(crate) fn attribute<'e>(event: &'e Event, name: &str) -> Option<Cow<'e, str>> {
    match name {
        "specversion" => Some(Cow::Borrowed("1.0")),
        "id" => Some(Cow::Borrowed(&event.id)),
        "source" => Some(Cow::Borrowed(&event.source)),
        "type" => Some(Cow::Borrowed(&event.ty)),
        "time" => Some(Cow::Borrowed(&event.time)),
        "subject" => event.subject.as_deref().map(Cow::Borrowed),
        "datacontenttype" => event.data_content_type.as_deref().map(Cow::Borrowed),
        "dataschema" => event.data_schema.as_deref().map(Cow::Borrowed),
        _ => event.extensions.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_text()),
    }
}

#[cfg(test)]
mod tests;
