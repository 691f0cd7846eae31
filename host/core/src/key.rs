//! The key of an event, as policies configure it (`per`): an attribute, or a CEL expression.

use std::borrow::Cow;

use crate::{
    Event,
    filter::{Condition, InvalidCondition},
    is_attribute_name,
};

/// What groups events.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyOf {
    /// The value of an attribute: `subject`.
    Attribute(String),
    /// The result of an expression: `data.alert.id`.
    Expression(Condition),
}

impl KeyOf {
    /// Reads the name of an attribute, or an expression.
    ///
    /// # Errors
    /// [`InvalidCondition`] if it is neither.
    pub fn parse(text: &str) -> Result<Self, InvalidCondition> {
        match is_attribute_name(text) {
            true => Ok(Self::Attribute(text.to_owned())),
            false => Condition::compile_value(text).map(Self::Expression),
        }
    }

    /// The source text.
    #[must_use]
    pub fn source(&self) -> &str {
        match self {
            Self::Attribute(name) => name,
            Self::Expression(expression) => expression.source(),
        }
    }

    /// The event's key. `None` if the event has no such attribute or value, or the value is not a text, a number or a
    /// boolean.
    #[must_use]
    pub fn of<'e>(&self, event: &'e Event) -> Option<Cow<'e, str>> {
        match self {
            Self::Attribute(name) => event.attribute(name),
            Self::Expression(expression) => expression.text_of(event).map(Cow::Owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Defaults;

    fn event(json: &str) -> Event {
        let defaults = Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: uuid::Uuid::nil() };
        Event::from_simple(json.as_bytes(), defaults).unwrap()
    }

    #[track_caller]
    fn check(key: &str, json: &str, want: Option<&str>) {
        assert_eq!(KeyOf::parse(key).unwrap().of(&event(json)).as_deref(), want, "{key} of {json}");
    }

    #[test]
    fn a_key_is_an_attribute_or_the_result_of_an_expression() {
        check("subject", r#"{"type":"a","subject":"u1"}"#, Some("u1"));
        check("subject", r#"{"type":"a"}"#, None);
        check("data.alert.id", r#"{"type":"a","data":{"alert":{"id":"x"}}}"#, Some("x"));
        check("data.n", r#"{"type":"a","data":{"n":7}}"#, Some("7"));
        check("data.n", r#"{"type":"a","data":{"n":1.5}}"#, Some("1.5"));
        check("event.subject + '/' + data.n", r#"{"type":"a","subject":"s","data":{"n":"b"}}"#, Some("s/b"));
        check("data.n", r#"{"type":"a","data":{"n":[1]}}"#, None);
        check("data.n", r#"{"type":"a","data":{"n":null}}"#, None);
        check("data.n", r#"{"type":"a"}"#, None);
    }

    #[test]
    fn an_expression_has_the_bounds_of_a_condition() {
        assert!(KeyOf::parse("dta.id").unwrap_err().reason.contains("dta"));
        assert!(KeyOf::parse("data.list.map(x, x)").is_err());
        assert!(KeyOf::parse("data.").is_err());
    }
}
