//! Which events a channel gets: type patterns, the dialects of CloudEvents Subscriptions, and a condition in CEL. An
//! event passes if every part of the filter matches.
//!
//! Filters run on the hot path, for every event and channel, so expensive work is done once. Patterns are checked and
//! conditions compiled when the configuration is read. An event is converted to CEL values when the first condition
//! needs them.

mod condition;
mod dialect;

use std::{borrow::Cow, fmt};

pub use self::{
    condition::{Condition, InvalidCondition, missing_member},
    dialect::{Attributes, Dialect},
};
use crate::{Event, SYSTEM_TYPES, any_type_matches};

/// The filter of one channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Patterns such as `user.*`, one of which must match the event's type. Empty: any type.
    pub types: Vec<String>,
    /// All of them must match.
    pub dialects: Vec<Dialect>,
    pub when: Option<Condition>,
}

/// The result of a filter for one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// The part of the filter that did not match: `types`, `exact`, `when`, …
    Mismatch(&'static str),
    /// The condition could not be evaluated for this event, which counts as no match.
    Failed(String),
    /// The channel has no filter and is a fallback of other channels: it gets only what they cannot deliver.
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

/// An event to filter, with its CEL values once they are needed.
pub struct Candidate<'e> {
    pub event: &'e Event,
    values: condition::Values,
}

impl<'e> Candidate<'e> {
    #[must_use]
    pub fn new(event: &'e Event) -> Self {
        Self { event, values: condition::Values::default() }
    }

    /// Whether a condition holds. If its evaluation fails, it does not.
    #[must_use]
    pub fn holds(&self, condition: &Condition) -> bool {
        condition.holds(self.event, &self.values).unwrap_or_default()
    }
}

impl Filter {
    /// Whether every event passes, system events aside.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.types.is_empty() && self.dialects.is_empty() && self.when.is_none()
    }

    /// Whether some system events may pass.
    #[must_use]
    pub fn names_system_types(&self) -> bool {
        self.types.iter().any(|pattern| pattern.starts_with(SYSTEM_TYPES))
    }

    /// Whether only system events may pass.
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

/// An attribute's value as text; `None` if the event does not have it.
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
