//! The filter dialects of CloudEvents Subscriptions 1.0, except its SQL.

use super::attribute;
use crate::Event;

/// Attributes by name, each with the value to compare.
pub type Attributes = Vec<(String, String)>;

/// One filter expression. No comparison is true for an attribute that the event does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Each attribute has this value.
    Exact(Attributes),
    /// Each attribute's value begins with this.
    Prefix(Attributes),
    /// Each attribute's value ends with this.
    Suffix(Attributes),
    All(Vec<Dialect>),
    Any(Vec<Dialect>),
    Not(Box<Dialect>),
}

impl Dialect {
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        let each = |attributes: &Attributes, test: fn(&str, &str) -> bool| {
            attributes.iter().all(|(name, wanted)| attribute(event, name).is_some_and(|value| test(&value, wanted)))
        };
        match self {
            Self::Exact(attributes) => each(attributes, |value, wanted| value == wanted),
            Self::Prefix(attributes) => each(attributes, |value, wanted| value.starts_with(wanted)),
            Self::Suffix(attributes) => each(attributes, |value, wanted| value.ends_with(wanted)),
            Self::All(parts) => parts.iter().all(|part| part.matches(event)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(event)),
            Self::Not(part) => !part.matches(event),
        }
    }

    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Exact(_) => "exact",
            Self::Prefix(_) => "prefix",
            Self::Suffix(_) => "suffix",
            Self::All(_) => "all",
            Self::Any(_) => "any",
            Self::Not(_) => "not",
        }
    }
}
